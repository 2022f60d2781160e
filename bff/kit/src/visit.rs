//! Who looks at a page: the person, their language and colours, and whether they want a page or JSON.

use axum::extract::FromRequestParts;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE};
use http::request::Parts;
use peer::At;
use pipeline::Role;
use serde::Serialize;

use crate::front::Front;

/// The sealed cookie that says who somebody is.
pub const SESSION: &str = "posthouse-session";
/// The cookie with the language.
pub const LANG: &str = "lang";
/// The cookie with the colours.
pub const THEME: &str = "theme";
/// The cookie with the hotel a desk works for.
pub const HOTEL: &str = "hotel";
/// The cookie with what the next page has to rest on.
pub const AT: &str = "at";

/// A language there are texts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// Its own name.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// Which way it is written; the pages use logical properties only, so a language from right to left is one more line.
    pub fn dir(self) -> &'static str {
        match self {
            Self::En | Self::De => "ltr",
        }
    }

    /// Reads a tag such as `de` or `de-AT`.
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| tag.split('-').next() == Some(lang.tag()))
    }

    /// The best of a list of preferences (`Accept-Language`).
    fn preferred(list: &str) -> Option<Self> {
        let weight = |part: &str| part.split_once(";q=").map_or(1.0, |(_, q)| q.trim().parse::<f32>().unwrap_or(0.0));
        let mut parts: Vec<&str> = list.split(',').collect();
        parts.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        parts.into_iter().find_map(|part| Self::parse(part.split(';').next().unwrap_or_default()))
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// What they may do.
    pub role: Role,
    /// What they are called at work, e.g. `ana`: it stands in events, so it is no personal name of a guest.
    pub name: String,
}

impl Person {
    /// Reads `desk:ana`.
    pub fn parse(text: &str) -> Option<Self> {
        let (role, name) = text.split_once(':')?;
        let role = [Role::Guest, Role::Desk, Role::Revenue, Role::Operator].into_iter().find(|r| crate::ask::word(*r) == role)?;
        let plain = (1..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        plain.then(|| Self { role, name: name.to_owned() })
    }

    /// The same as text.
    pub fn text(&self) -> String {
        format!("{}:{}", crate::ask::word(self.role), self.name)
    }
}

/// One look at a front end.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who is logged in.
    pub person: Option<Person>,
    /// The language.
    pub lang: Lang,
    /// `light`, `dark`, or nothing: as the system is.
    pub theme: Option<&'static str>,
    /// The hotel a desk was last at.
    pub hotel: Option<String>,
    /// What the answer has to rest on: positions of the last command's answer.
    pub at: At,
    /// Whether another program asks: it gets JSON.
    pub wants_json: bool,
    /// The path and query that was asked for.
    pub path: String,
}

impl Visit {
    /// Whether this person may do what a role may.
    pub fn may(&self, role: Role) -> bool {
        self.person.as_ref().is_some_and(|person| person.role >= role)
    }
}

impl FromRequestParts<Front> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, front: &Front) -> Result<Self, Self::Rejection> {
        let plain = |name: &str| {
            let all = parts.headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
            all.filter_map(|c| c.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| value.to_owned())
        };
        let header = |name: http::HeaderName| parts.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let jar = PrivateCookieJar::from_headers(&parts.headers, front.setup.key.clone());
        let accept = header(ACCEPT);
        Ok(Self {
            person: jar.get(SESSION).and_then(|cookie| Person::parse(cookie.value())),
            lang: plain(LANG).and_then(|l| Lang::parse(&l)).or_else(|| Lang::preferred(header(ACCEPT_LANGUAGE))).unwrap_or_default(),
            theme: plain(THEME).and_then(|t| ["light", "dark"].into_iter().find(|known| *known == t)),
            hotel: plain(HOTEL).filter(|hotel| kernel::id::is_code(hotel)),
            at: plain(AT).and_then(|at| At::parse(&at.replace('&', ", "))).unwrap_or_default(),
            wants_json: accept.contains("application/json") && !accept.contains("text/html"),
            path: parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        })
    }
}

/// A cookie of this house: of this site only, and not for scripts.
pub fn cookie(name: &'static str, value: String, path: &str) -> Cookie<'static> {
    let mut cookie = Cookie::new(name, value);
    cookie.set_path(path.to_owned());
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_language_is_taken() {
        assert_eq!(Lang::preferred("fr;q=0.9, de-AT;q=0.8, en;q=0.5"), Some(Lang::De));
        assert_eq!(Lang::preferred("en-GB,en;q=0.9,de;q=0.8"), Some(Lang::En));
        assert_eq!(Lang::preferred("fr, it"), None);
        assert_eq!(Lang::preferred("de;q=0.1,en;q=x"), Some(Lang::De));
    }

    #[test]
    fn a_person_is_a_role_and_a_plain_name() {
        let ana = Person { role: Role::Desk, name: "ana".into() };
        assert_eq!(Person::parse(&ana.text()), Some(ana));
        for bad in ["desk", "desk:", "king:ana", "desk:a b", "desk:a\r\nx"] {
            assert_eq!(Person::parse(bad), None, "{bad}");
        }
    }
}
