//! What every page of the console rests on: an operator who looks, and how everything is.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawQuery};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kit::{Frame, Front, Process, Said, Visit, page};
use pipeline::Role;
use serde_json::Value;

use crate::health::{self, Summary};
use crate::watch::{PAGE, Snapshot, Watch};

/// An operator's look.
pub struct Look {
    pub front: Front,
    pub visit: Visit,
    pub snapshot: Arc<Snapshot>,
    pub watch: Watch,
    pub process: Option<Process>,
    query: String,
}

impl FromRequestParts<Front> for Look {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, front: &Front) -> Result<Self, Response> {
        let Ok(visit) = Visit::from_request_parts(parts, front).await;
        if let Some(answer) = front.needs(&visit, Role::Operator) {
            return Err(answer);
        }
        let Ok(RawQuery(query)) = RawQuery::from_request_parts(parts, front).await;
        let process = parts.extensions.get::<Process>().cloned();
        let watch = parts.extensions.get::<Watch>().cloned().unwrap_or_default();
        let snapshot = watch.look(front, process.as_ref(), PAGE).await;
        Ok(Self { front: front.clone(), visit, snapshot, watch, process, query: query.unwrap_or_default() })
    }
}

impl Look {
    /// The frame of a page, and the line at its top.
    pub fn frame(&self, title: &str, part: &'static str) -> (Frame, Summary) {
        (Frame::new(&self.front, &self.visit, title).in_part(part), health::summary(&self.snapshot))
    }

    /// A parameter of the address.
    pub fn asked(&self, name: &str) -> Option<String> {
        pipeline::call::asked(&self.query, name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The minutes that charts look back: 1, 5 or 10.
    pub fn minutes(&self) -> i64 {
        match self.asked("w").as_deref() {
            Some("1") => 1,
            Some("10") => 10,
            _ => 5,
        }
    }

    /// Goes on after a command, or says why it was not done.
    pub fn after(&self, said: &Said<Value>, to: &str) -> Response {
        let not_done = |code: &str| {
            let no = kit::No { code: code.to_owned(), detail: Value::Null, status: StatusCode::SERVICE_UNAVAILABLE.as_u16() };
            page::refused(&self.front, &self.visit, &no)
        };
        match said {
            Said::Done(_, at) => page::onward(&self.visit, to, at),
            Said::Pending(_) => page::onward(&self.visit, to, &peer::At::default()),
            Said::No(no) => page::refused(&self.front, &self.visit, no),
            Said::Later(code) => not_done(code),
            Said::Unknown => not_done("outcome-unknown"),
        }
    }
}

/// `14:02:11` of a stored moment, in UTC.
pub fn clock(at: &str) -> String {
    at.parse::<Timestamp>().map_or_else(|_| "—".into(), |at| at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string())
}

/// `14:02:11` of milliseconds since the epoch, in UTC; `—` when there are none.
pub fn clock_ms(at: &Option<i64>) -> String {
    let at = at.and_then(|at| Timestamp::from_millisecond(at).ok());
    at.map_or_else(|| "—".into(), |at| at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string())
}

/// `8 s`, `16 min`, `3 h`, `2 d`: short words that are the same in all languages.
pub fn span(seconds: impl std::borrow::Borrow<u64>) -> String {
    let seconds = *seconds.borrow();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A number with thin groups, `—` when it is not known.
pub fn number(value: impl std::borrow::Borrow<Option<u64>>) -> String {
    let Some(value) = value.borrow() else { return "—".into() };
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_unknown_ones_say_so() {
        assert_eq!([8, 119, 960, 7_200, 180_000].map(span), ["8 s", "119 s", "16 min", "2 h", "2 d"]);
        assert_eq!([None, Some(0), Some(999), Some(1_234_567)].map(number), ["—", "0", "999", "1\u{202f}234\u{202f}567"]);
        assert_eq!((clock("2027-03-02T14:02:11.5Z"), clock("?")), ("14:02:11".into(), "—".into()));
    }
}
