//! The checkout's first page: who comes. What is typed goes to the guests service, and only the reference is kept.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::PrivateCookieJar;
use contracts::guests::{CreateGuest, UpdateGuest};
use http::StatusCode;
use kit::{Frame, Front, Part, Said, Visit, page};
use peer::At;
use serde::{Deserialize, Serialize};

use crate::cart::{self, Cart, Kept};
use crate::site::{self, Wrong};
use crate::summary::Summary;

/// What a guest types. It is never kept here, and not shown by a debug print.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Typed {
    /// Full name.
    #[serde(default)]
    pub name: String,
    /// E-mail address.
    #[serde(default)]
    pub email: String,
    /// Telephone number.
    #[serde(default)]
    pub phone: String,
    /// The form's key.
    #[serde(default, skip_serializing)]
    pub key: String,
}

/// The guest as the vault knows them.
#[derive(Clone, Deserialize)]
pub struct Known {
    /// Full name.
    pub name: String,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default)]
    pub phone: Option<String>,
}

#[derive(Template, Serialize)]
#[template(path = "book.html")]
struct Book {
    #[serde(skip)]
    f: Frame,
    #[serde(flatten)]
    s: Summary,
    typed: Typed,
    problems: Vec<Wrong>,
    /// Why it could not be kept, in words.
    trouble: Option<String>,
    key: String,
}

/// `GET /book/{checkout}`.
pub async fn page(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Path(checkout): Path<String>) -> Response {
    let Some(mut cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    if let Some(on) = elsewhere(&cart) {
        return on;
    }
    let typed = match &cart.guest {
        Some(guest) => known(&front, guest).await.into_here().map(Known::typed).unwrap_or_default(),
        None => Typed::default(),
    };
    let trouble = cart.problem.take();
    show(&front, &visit, jar, &cart, StatusCode::OK, (typed, &[], trouble))
}

impl Known {
    fn typed(self) -> Typed {
        Typed { name: self.name, email: self.email.unwrap_or_default(), phone: self.phone.unwrap_or_default(), key: String::new() }
    }
}

/// Where a checkout goes on that has been paid, or is being decided.
pub fn elsewhere(cart: &Cart) -> Option<Response> {
    let is_asked = cart.reservation.is_some() || cart.choice.is_some();
    is_asked.then(|| Redirect::to(&format!("{}/progress", cart.path())).into_response())
}

/// The guest in the vault.
pub async fn known(front: &Front, guest: &str) -> Part<Known> {
    front.ask().get("guests", &format!("/guests/{guest}")).await
}

type Shown<'a> = (Typed, &'a [(&'static str, &'static str)], Option<String>);

fn show(front: &Front, visit: &Visit, jar: PrivateCookieJar, cart: &Cart, status: StatusCode, shown: Shown<'_>) -> Response {
    let (typed, problems, code) = shown;
    let (f, problems) = site::wrong(Frame::new(front, visit, "book-title"), problems);
    let trouble = code.map(|code| f.code(&code));
    let key = if cart::is_token(&typed.key) { typed.key.clone() } else { front.token() };
    let s = Summary::of(front, &f, cart);
    (cart.keep(jar), page::show_as(visit, status, &Book { s, f, typed, problems, trouble, key })).into_response()
}

/// What is wrong with what was typed; the service has the last word.
fn check(typed: &Typed) -> Vec<(&'static str, &'static str)> {
    let (name, email, phone) = (typed.name.trim(), typed.email.trim(), typed.phone.trim());
    let control = |text: &str| text.chars().any(char::is_control);
    let mut problems = Vec::new();
    match () {
        () if name.is_empty() => problems.push(("name", "you-name-empty")),
        () if name.chars().count() > 200 || control(name) => problems.push(("name", "you-name-wrong")),
        () => {}
    }
    let is_address = email.split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty() && !at.contains('@'));
    match () {
        () if email.is_empty() => problems.push(("email", "you-email-empty")),
        () if !is_address || email.len() > 254 || control(email) || email.contains(char::is_whitespace) => {
            problems.push(("email", "you-email-wrong"));
        }
        () => {}
    }
    let digits = phone.chars().all(|c| c.is_ascii_digit() || "+-/(). ".contains(c)) && phone.chars().any(|c| c.is_ascii_digit());
    if !phone.is_empty() && (!digits || phone.len() > 40) {
        problems.push(("phone", "you-phone-wrong"));
    }
    problems
}

/// `POST /book/{checkout}`: who comes is kept, and the room is still held, or held again.
pub async fn details(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(checkout): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let Some(mut cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    if let Some(on) = elsewhere(&cart) {
        return on;
    }
    let problems = check(&typed);
    if !problems.is_empty() {
        return show(&front, &visit, jar, &cart, StatusCode::UNPROCESSABLE_ENTITY, (typed, &problems, None));
    }
    if let Err(code) = keep_guest(&front, &visit, &mut cart, &typed).await {
        return show(&front, &visit, jar, &cart, StatusCode::SERVICE_UNAVAILABLE, (typed, &[], Some(code)));
    }
    let jar = cart::remember_guest(jar, cart.guest.as_deref());
    if cart.held_s(&front) == 0 {
        match cart.take_again(&front).await {
            Kept::Held => {}
            Kept::Lost(no) if no.code == "night-sold-out" => return lost(&visit, jar, &cart),
            Kept::Lost(no) => return show(&front, &visit, jar, &cart, StatusCode::CONFLICT, (typed, &[], Some(no.code))),
            Kept::Silent => {
                return show(&front, &visit, jar, &cart, StatusCode::SERVICE_UNAVAILABLE, (typed, &[], Some("peer-unavailable".into())));
            }
        }
    }
    let on = page::onward(&visit, &format!("{}/pay", cart.path()), &At::default());
    (cart.keep(jar), on).into_response()
}

/// The page of what is still free, for whom the room was lost.
pub fn lost(visit: &Visit, jar: PrivateCookieJar, cart: &Cart) -> Response {
    let to = format!("/hotels/{}/stay?{}&lost={}", cart.hotel, cart.wish.query(), cart.room_type);
    (cart.keep(jar), page::onward(visit, &to, &At::default())).into_response()
}

/// Puts what was typed into the vault. A guest of this checkout is corrected; nobody else's is.
async fn keep_guest(front: &Front, visit: &Visit, cart: &mut Cart, typed: &Typed) -> Result<(), String> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (name, email, phone, language) =
        (typed.name.trim().to_owned(), some(&typed.email), some(&typed.phone), Some(visit.lang.tag().to_owned()));
    // A key from a form that was not ours is no key.
    let form = if cart::is_token(&typed.key) { typed.key.clone() } else { front.token() };
    let key = format!("{}/guest/{form}", cart.checkout);
    let said = match cart.guest.clone().filter(|_| cart.is_own_guest) {
        Some(guest) => front.ask().send(&UpdateGuest { guest, name, email, phone, language }, &key).await,
        None => front.ask().send(&CreateGuest { name, email, phone, language }, &key).await,
    };
    match said {
        Said::Done(made, _) => {
            (cart.guest, cart.is_own_guest) = (Some(made.guest), true);
            Ok(())
        }
        Said::No(no) => Err(no.code),
        Said::Later(code) => Err(code),
        Said::Unknown | Said::Pending(_) => Err("peer-unavailable".into()),
    }
}

/// What a form says when the room is to be kept for longer: what was typed so far comes along.
#[derive(Clone, Deserialize)]
pub struct Keep {
    #[serde(flatten)]
    typed: Typed,
    /// The page it is on: `you` or `pay`.
    #[serde(default)]
    step: String,
}

/// `POST /book/{checkout}/keep`: five more minutes, or the room again.
pub async fn keep(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(checkout): Path<String>,
    Form(Keep { typed, step }): Form<Keep>,
) -> Response {
    let Some(mut cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    if let Some(on) = elsewhere(&cart) {
        return on;
    }
    let code = match cart.longer(&front).await {
        Kept::Held => None,
        Kept::Lost(no) if no.code == "night-sold-out" => return lost(&visit, jar, &cart),
        Kept::Lost(no) => Some(no.code),
        Kept::Silent => Some("peer-unavailable".to_owned()),
    };
    if step == "pay" || visit.wants_json {
        cart.problem = code;
        let at = if step == "pay" { format!("{}/pay", cart.path()) } else { cart.path() };
        return match visit.wants_json {
            // The script asks: it gets how long, and what was typed stays where it is.
            true => {
                let left = serde_json::json!({"left_s": cart.held_s(&front), "extends_left": cart.extends_left, "code": cart.problem});
                cart.problem = None;
                (cart.keep(jar), axum::Json(left)).into_response()
            }
            false => (cart.keep(jar), page::onward(&visit, &at, &At::default())).into_response(),
        };
    }
    show(&front, &visit, jar, &cart, StatusCode::OK, (typed, &[], code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_checked_as_the_vault_checks_it() {
        let of = |name: &str, email: &str, phone: &str| {
            check(&Typed { name: name.into(), email: email.into(), phone: phone.into(), key: String::new() })
        };
        assert_eq!(of("Ana Silva", "ana@example.org", ""), []);
        assert_eq!(of(" ", "", "x"), [("name", "you-name-empty"), ("email", "you-email-empty"), ("phone", "you-phone-wrong")]);
        assert_eq!(of("A\u{7}", "ana@@x", "+-"), [("name", "you-name-wrong"), ("email", "you-email-wrong"), ("phone", "you-phone-wrong")]);
        assert_eq!(of("A", "a@b", "+49 (30) 1"), []);
    }
}
