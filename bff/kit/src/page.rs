//! Pages: one view, as HTML for people and as JSON for other programs.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::response::{Html, IntoResponse, Redirect, Response};
use fluent_bundle::FluentValue;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use jiff::civil::Date;
use kernel::Money;
use peer::At;
use serde::Serialize;
use serde_json::json;

use crate::ask::No;
use crate::assets::Assets;
use crate::front::Front;
use crate::texts::Texts;
use crate::told::Notice;
use crate::visit::{AT, Lang, Person, Visit};
use crate::words::Words;

/// What every page has around its own part.
#[derive(Clone)]
pub struct Frame {
    /// The page's title, without the house's name.
    pub title: String,
    /// Which entry of the navigation it belongs to.
    pub active: &'static str,
    /// Who is logged in.
    pub person: Option<Person>,
    /// The language.
    pub lang: Lang,
    /// `light`, `dark`, or nothing.
    pub theme: Option<&'static str>,
    /// The path the front end stands under.
    pub root: &'static str,
    /// The path that was asked for.
    pub path: String,
    /// The hotel a desk works for: its code and name.
    pub hotel: Option<(String, String)>,
    /// The hotels a desk can choose from.
    pub hotels: Vec<(String, String)>,
    /// The hotel's open date.
    pub business_date: Option<Date>,
    /// Whether this is the demonstration.
    pub is_demo: bool,
    /// What came of the form that led here.
    pub notice: Option<Notice>,
    texts: Arc<Texts>,
    assets: Arc<Assets>,
}

impl Frame {
    /// The frame of a page whose title has this key.
    pub fn new(front: &Front, visit: &Visit, title: &str) -> Self {
        let mut frame = Self {
            title: front.texts.say(visit.lang, title, &[]),
            active: "",
            person: visit.person.clone(),
            lang: visit.lang,
            theme: visit.theme,
            root: front.root,
            path: visit.path.clone(),
            hotel: None,
            hotels: Vec::new(),
            business_date: None,
            is_demo: front.setup.is_demo,
            notice: None,
            texts: front.texts.clone(),
            assets: front.assets.clone(),
        };
        frame.notice = frame.told(&visit.path);
        frame
    }

    /// What an address tells.
    pub(crate) fn told(&self, path: &str) -> Option<Notice> {
        Notice::of(path, |key, what| self.texts.find(self.lang, key, &[("what", FluentValue::from(what))]))
    }

    /// With another title, already in words.
    pub fn titled(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    /// In this part of the navigation.
    pub fn in_part(mut self, active: &'static str) -> Self {
        self.active = active;
        self
    }

    /// A text.
    pub fn t(&self, key: impl AsRef<str>) -> String {
        self.texts.say(self.lang, key.as_ref(), &[])
    }

    /// A text with a number `n`, which chooses its plural.
    pub fn tn(&self, key: impl AsRef<str>, n: impl TryInto<i64>) -> String {
        self.texts.say(self.lang, key.as_ref(), &[("n", FluentValue::from(n.try_into().unwrap_or(i64::MAX)))])
    }

    /// A text with one named value.
    pub fn ta(&self, key: impl AsRef<str>, name: &str, value: impl AsRef<str>) -> String {
        self.texts.say(self.lang, key.as_ref(), &[(name, FluentValue::from(value.as_ref()))])
    }

    /// A text with two named values.
    pub fn tab(&self, key: impl AsRef<str>, a: (&str, impl AsRef<str>), b: (&str, impl AsRef<str>)) -> String {
        self.texts.say(self.lang, key.as_ref(), &[(a.0, FluentValue::from(a.1.as_ref())), (b.0, FluentValue::from(b.1.as_ref()))])
    }

    /// The same, as templates can say it.
    pub fn t2(&self, key: impl AsRef<str>, a: &str, a_value: impl AsRef<str>, b: &str, b_value: impl AsRef<str>) -> String {
        self.tab(key, (a, a_value), (b, b_value))
    }

    /// A text with a number `n` of any type that looks like one, as templates have it.
    pub fn count(&self, key: impl AsRef<str>, n: impl ToString) -> String {
        self.tn(key, n.to_string().parse::<i64>().unwrap_or(i64::MAX))
    }

    /// A text with any values.
    pub fn tx(&self, key: impl AsRef<str>, args: &[(&str, FluentValue<'_>)]) -> String {
        self.texts.say(self.lang, key.as_ref(), args)
    }

    /// What a stable code means, in words; the code itself when there are none.
    pub fn code(&self, code: &str) -> String {
        self.texts.find(self.lang, &format!("code-{code}"), &[]).unwrap_or_else(|| code.to_owned())
    }

    /// The name of a service as people know it.
    pub fn service(&self, service: &str) -> String {
        self.texts.find(self.lang, &format!("service-{service}"), &[]).unwrap_or_else(|| service.to_owned())
    }

    /// Dates and money in this language.
    pub fn words(&self) -> Words<'_> {
        Words { texts: &self.texts, lang: self.lang }
    }

    /// An amount.
    pub fn money(&self, money: &Money) -> String {
        self.words().money(*money)
    }

    /// `Thu 4 Mar`.
    pub fn day(&self, date: &Date) -> String {
        self.words().day(*date)
    }

    /// `Thursday 4 March 2027`.
    pub fn day_long(&self, date: &Date) -> String {
        self.words().day_long(*date)
    }

    /// `2–4 Mar`.
    pub fn span(&self, from: &Date, to: &Date) -> String {
        self.words().span(*from, *to)
    }

    /// The address of a file.
    pub fn asset(&self, name: &str) -> String {
        format!("{}{}", self.root, self.assets.path(name))
    }

    /// The languages, to choose from.
    pub fn langs(&self) -> [Lang; 2] {
        Lang::ALL
    }

    /// The role of whoever is logged in, as a key.
    pub fn role(&self) -> &'static str {
        self.person.as_ref().map_or("guest", |person| crate::ask::word(person.role))
    }
}

/// A page: a template that is also a value for other programs.
pub trait Page: Template + Serialize {}

impl<P: Template + Serialize> Page for P {}

/// Shows a page as it is wanted.
pub fn show(visit: &Visit, page: &impl Page) -> Response {
    show_as(visit, StatusCode::OK, page)
}

/// The same with a status.
pub fn show_as(visit: &Visit, status: StatusCode, page: &impl Page) -> Response {
    if visit.wants_json {
        return (status, Json(page)).into_response();
    }
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that says one thing.
#[derive(Template, Serialize)]
#[template(path = "message.html")]
struct Message {
    #[serde(skip)]
    f: Frame,
    text: String,
    code: Option<String>,
}

/// A page that says one thing, by the keys of its title and text.
pub fn message(front: &Front, visit: &Visit, status: StatusCode, title: &str, text: &str) -> Response {
    let f = Frame::new(front, visit, title);
    let text = f.t(text);
    show_as(visit, status, &Message { f, text, code: None })
}

/// A page that cannot be shown without a service that is silent; nothing has happened.
pub fn silent(front: &Front, visit: &Visit, service: &str) -> Response {
    let f = Frame::new(front, visit, "silent-title");
    let text = format!("{} {}", f.ta("missing", "service", f.service(service)), f.t("silent-text"));
    show_as(visit, StatusCode::SERVICE_UNAVAILABLE, &Message { f, text, code: None })
}

/// A page that says why not.
pub fn refused(front: &Front, visit: &Visit, no: &No) -> Response {
    let f = Frame::new(front, visit, "refused-title");
    let text = f.code(&no.code);
    let status = StatusCode::from_u16(no.status).unwrap_or(StatusCode::CONFLICT);
    show_as(visit, status, &Message { f, text, code: Some(no.code.clone()) })
}

/// Goes on to another page, which rests on what has just been done. Other programs get it as JSON.
pub fn onward(visit: &Visit, to: &str, at: &At) -> Response {
    if visit.wants_json {
        return (StatusCode::OK, Json(json!({"href": to, "at": at.to_string()}))).into_response();
    }
    let mut answer = Redirect::to(to).into_response();
    // A minute is longer than any follower is behind; commas and blanks are not for cookies.
    let resting = format!("{AT}={}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax", at.to_string().replace(", ", "&"));
    if let Ok(value) = HeaderValue::from_str(&resting) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
    answer
}
