//! What came of a form, told on the next page: it is done (`?did=<verb>.<what>`), refused (`?no=<code>`), or not possible just
//! now (`?later=<code>`). While nobody knows, a page keeps the form with its key: sending it again asks for the same thing.

use askama::Template;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use peer::At;
use serde::Serialize;
use serde_json::json;

use crate::ask::{No, Said};
use crate::front::Front;
use crate::page::{self, Frame};
use crate::visit::Visit;

/// Longest thing a notice names, in bytes.
const WHAT_MAX: usize = 64;

/// A notice at the top of a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// `ok`, `warn` or `urgent`.
    pub level: &'static str,
    /// In words.
    pub text: String,
    /// The stable code of a refusal.
    pub code: Option<String>,
}

fn is_plain(text: &str) -> bool {
    (1..=WHAT_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl Notice {
    /// What an address tells; `find` says a text, or nothing when there is none.
    pub(crate) fn of(path: &str, find: impl Fn(&str, &str) -> Option<String>) -> Option<Self> {
        let (_, query) = path.split_once('?')?;
        let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if let Some((verb, what)) = asked("did").and_then(|did| did.split_once('.')).filter(|(v, w)| is_plain(v) && is_plain(w)) {
            return find(&format!("did-{verb}"), what).map(|text| Self { level: "ok", text, code: None });
        }
        let told = |level, code: &str| {
            let text = find(&format!("code-{code}"), "")?;
            Some(Self { level, text, code: Some(code.to_owned()) })
        };
        // A code this front end has no words for.
        let plainly = |level, code: &str| find("told-no", "").map(|text| Self { level, text, code: Some(code.to_owned()) });
        match (asked("no"), asked("later")) {
            (Some(code), _) if is_plain(code) => told("urgent", code).or_else(|| plainly("urgent", code)),
            (_, Some(code)) if is_plain(code) => told("warn", code).or_else(|| plainly("warn", code)),
            _ => None,
        }
    }
}

/// An address without what it told, and with something told.
fn telling(to: &str, name: &str, what: &str) -> String {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let is_told = |pair: &&str| ["did=", "no=", "later="].iter().any(|told| pair.starts_with(told));
    let told = format!("{name}={what}");
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_told(pair)).chain([told.as_str()]).collect();
    format!("{path}?{}", kept.join("&"))
}

#[derive(Template, Serialize)]
#[template(path = "again.html")]
struct Again {
    #[serde(skip)]
    f: Frame,
    /// What was sent, the key among it.
    #[serde(skip)]
    sent: Vec<(String, String)>,
    #[serde(skip)]
    back: String,
    came: &'static str,
}

/// A form that was sent: where it came from, and all it said.
pub struct Form<'a> {
    /// The front end.
    pub front: &'a Front,
    /// Who sent it.
    pub visit: &'a Visit,
    /// Its fields.
    pub sent: &'a [(String, String)],
    /// The page to go on to, or back to.
    pub to: &'a str,
}

impl Form<'_> {
    /// A field; empty ones are none.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.sent.iter().find(|(n, value)| n == name && !value.trim().is_empty()).map(|(_, value)| value.trim())
    }

    /// Goes where the form leads, with what came of it; `did` is `<verb>.<what>` with a text `did-<verb>`.
    pub fn came<R: Serialize>(&self, did: &str, said: Said<R>) -> Response {
        match said {
            Said::Done(reply, at) => self.done(did, &reply, &at),
            Said::No(no) => self.no(&no),
            Said::Later(code) if self.visit.wants_json => {
                (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"came": "later", "code": code, "text": self.words(&code)}))).into_response()
            }
            Said::Later(code) => page::onward(self.visit, &telling(self.to, "later", &code), &At::default()),
            Said::Pending(_) | Said::Unknown => self.unknown(),
        }
    }

    /// It is done.
    pub fn done(&self, did: &str, reply: &impl Serialize, at: &At) -> Response {
        let href = telling(self.to, "did", did);
        if self.visit.wants_json {
            let text = Frame::new(self.front, self.visit, "refused-title").told(&href).map(|notice| notice.text);
            return Json(json!({"came": "done", "href": href, "text": text, "reply": reply, "at": at.to_string()})).into_response();
        }
        page::onward(self.visit, &href, at)
    }

    /// It is refused; nothing has happened.
    pub fn no(&self, no: &No) -> Response {
        if self.visit.wants_json {
            let said = json!({"came": "no", "code": no.code, "text": self.words(&no.code), "detail": no.detail});
            return (StatusCode::CONFLICT, Json(said)).into_response();
        }
        page::onward(self.visit, &telling(self.to, "no", &no.code), &At::default())
    }

    /// Something the form lacks.
    pub fn lacks(&self) -> Response {
        self.no(&No { code: "invalid-request".into(), detail: json!({}), status: 400 })
    }

    fn unknown(&self) -> Response {
        let f = Frame::new(self.front, self.visit, "again-title");
        page::show_as(self.visit, StatusCode::ACCEPTED, &Again { f, sent: self.sent.to_vec(), back: self.to.to_owned(), came: "unknown" })
    }

    fn words(&self, code: &str) -> String {
        self.front.texts.say(self.visit.lang, &format!("code-{code}"), &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(key: &str, what: &str) -> Option<String> {
        ["did-moved", "code-night-sold-out", "told-no"].contains(&key).then(|| format!("{key} {what}"))
    }

    #[test]
    fn an_address_tells_one_thing_that_there_is_a_text_for() {
        let told = |path: &str| Notice::of(path, find).map(|n| (n.level, n.text));
        assert_eq!(told("/desk?type=A&did=moved.A-014"), Some(("ok", "did-moved A-014".into())));
        assert_eq!(told("/desk?no=night-sold-out"), Some(("urgent", "code-night-sold-out ".into())));
        assert_eq!(told("/desk?no=never-heard"), Some(("urgent", "told-no ".into())));
        assert_eq!(told("/desk?later=night-sold-out"), Some(("warn", "code-night-sold-out ".into())));
        for nothing in ["/desk", "/desk?did=danced.A", "/desk?did=moved", "/desk?did=moved.%3Cb", "/desk?no="] {
            assert_eq!(told(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        assert_eq!(telling("/desk", "did", "moved.A"), "/desk?did=moved.A");
        assert_eq!(telling("/desk?type=A&did=in.B&x=1", "no", "gone"), "/desk?type=A&x=1&no=gone");
    }
}
