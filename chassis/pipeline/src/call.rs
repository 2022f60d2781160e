//! A request on its way through the layers, and what they have found out about it so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::route::{Role, Route};

/// Who asks, as far as the `authenticate` layer knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The name keys are scoped by.
    pub name: String,
    /// The highest role.
    pub role: Role,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The route it matched.
    pub route: Arc<Route>,
    /// The path as it was asked.
    pub path: String,
    /// Path parameters.
    pub params: BTreeMap<String, String>,
    /// The query string, undecoded.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Trace context; made by the `trace` layer when the caller sent none.
    pub traceparent: String,
    /// When it reached this process.
    pub arrived: Instant,
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// Who asks.
    pub principal: Principal,
}

impl Call {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A path parameter; empty only when the route has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A query parameter, percent-decoded.
    pub fn asked(&self, name: &str) -> Option<String> {
        asked(&self.query, name)
    }

    /// A query parameter of a type.
    pub fn asked_as<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.asked(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::invalid(&format!("'{text}' is not a valid value of '{name}'")))
    }
}

/// A parameter of a query string, percent-decoded.
pub fn asked(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key) == name).then(|| decode(value))
    })
}

/// Percent-decoding of a query component (`+` is a space).
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 2;
            }
            (b'+', _, _) => out.push(b' '),
            (other, _, _) => out.push(other),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_components_are_decoded() {
        assert_eq!(decode("a%20b+c%3A1%"), "a b c:1%");
        assert_eq!(decode("%zz%e4"), "%zz\u{fffd}");
    }
}
