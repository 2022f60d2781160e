//! Lists longer than an answer: page after page, by cursor.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::Client;

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

/// The pages of a list, one after the other.
pub struct Pages {
    path: String,
    next: Option<Option<String>>,
}

impl Pages {
    /// A list; `path` already carries its limit.
    pub fn new(path: String) -> Self {
        Self { path, next: Some(None) }
    }

    /// The next page's items; none after the last. A cursor that does not move is an error, not a loop.
    pub async fn next<T: DeserializeOwned>(&mut self, client: &Client) -> Result<Option<Vec<T>>, String> {
        let Some(cursor) = self.next.take() else { return Ok(None) };
        let path = match &cursor {
            Some(cursor) => format!("{}&cursor={}", self.path, escaped(cursor)),
            None => self.path.clone(),
        };
        let page: Page<T> = client.read(&path).await?;
        if let Some(next) = page.next {
            if cursor.as_ref() == Some(&next) || page.items.is_empty() {
                return Err(format!("GET {path}: the next page is this page"));
            }
            self.next = Some(Some(next));
        }
        Ok(Some(page.items))
    }
}

/// A text as a query value.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_escaped_whatever_it_is_made_of() {
        assert_eq!(escaped("res_01~a/b=="), "res_01~a%2Fb%3D%3D");
    }
}
