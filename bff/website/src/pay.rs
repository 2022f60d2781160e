//! The checkout's second page: how the stay is guaranteed. The last button books; its key is the checkout's, so it books once.

use std::time::Duration;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::PrivateCookieJar;
use http::StatusCode;
use jiff::civil::Date;
use kit::{Frame, Front, Visit, page};
use peer::At;
use serde::{Deserialize, Serialize};

use crate::book::{self, elsewhere, lost};
use crate::cart::{Cart, Choice, Kept};
use crate::site::{self, Wrong};
use crate::standing::{Standing, ask};
use crate::summary::Summary;

/// How long somebody who has pressed the button looks at the old page; then the progress is more honest.
const PATIENCE: Duration = Duration::from_millis(1_000);
/// The simulated provider's cards: what stands in the form, and the token. There is no field for a number, because somebody
/// would type a real one.
const CARDS: [&str; 4] = ["ok", "declined", "slow", "lost"];
/// How a stay is guaranteed.
const HOWS: [&str; 2] = ["card", "prepaid"];

#[derive(Template, Serialize)]
#[template(path = "pay.html")]
struct Pay {
    #[serde(skip)]
    f: Frame,
    #[serde(flatten)]
    s: Summary,
    /// The guest, as the vault says; nothing when it does not answer.
    name: Option<String>,
    email: Option<String>,
    how: String,
    card: String,
    cards: [&'static str; 4],
    today: Date,
    problems: Vec<Wrong>,
    trouble: Option<String>,
    code: Option<String>,
}

impl Pay {
    fn terms(&self, is_prepaid: bool) -> String {
        site::terms(&self.f, self.s.wish.from, self.today, is_prepaid.then_some(self.s.total), self.s.price)
    }
}

/// `GET /book/{checkout}/pay`.
pub async fn page(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Path(checkout): Path<String>) -> Response {
    let Some(mut cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    if let Some(on) = elsewhere(&cart) {
        return on;
    }
    if cart.guest.is_none() {
        return Redirect::to(&cart.path()).into_response();
    }
    let code = cart.problem.take();
    show(&front, &visit, jar, &cart, StatusCode::OK, (&Paid::default(), &[], code)).await
}

/// The form.
#[derive(Clone, Default, Deserialize)]
pub struct Paid {
    #[serde(default)]
    how: String,
    #[serde(default)]
    card: String,
}

type Shown<'a> = (&'a Paid, &'a [(&'static str, &'static str)], Option<String>);

async fn show(front: &Front, visit: &Visit, jar: PrivateCookieJar, cart: &Cart, status: StatusCode, shown: Shown<'_>) -> Response {
    let (paid, problems, code) = shown;
    let known = match &cart.guest {
        Some(guest) => book::known(front, guest).await.into_here(),
        None => None,
    };
    let (f, problems) = site::wrong(Frame::new(front, visit, "pay-title"), problems);
    let usual = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
    let trouble = code.as_ref().map(|code| f.code(code));
    let s = Summary::of(front, &f, cart);
    let (name, email) = (known.as_ref().map(|k| k.name.clone()), known.and_then(|k| k.email));
    let (how, card) = (usual(&paid.how, HOWS[0]), usual(&paid.card, CARDS[0]));
    let today = cart.today(front);
    let view = Pay { today, s, name, email, how, card, cards: CARDS, problems, trouble, code, f };
    (cart.keep(jar), page::show_as(visit, status, &view)).into_response()
}

/// `POST /book/{checkout}/pay`: books.
pub async fn pay(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(checkout): Path<String>,
    Form(paid): Form<Paid>,
) -> Response {
    let Some(mut cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    if let Some(on) = elsewhere(&cart) {
        return on;
    }
    if cart.guest.is_none() {
        return Redirect::to(&cart.path()).into_response();
    }
    let mut problems = Vec::new();
    if !HOWS.contains(&paid.how.as_str()) {
        problems.push(("how", "pay-how-missing"));
    }
    if !CARDS.contains(&paid.card.as_str()) {
        problems.push(("card", "pay-card-missing"));
    }
    if !problems.is_empty() {
        return show(&front, &visit, jar, &cart, StatusCode::UNPROCESSABLE_ENTITY, (&paid, &problems, None)).await;
    }
    if cart.held_s(&front) == 0 {
        match cart.take_again(&front).await {
            Kept::Held => {}
            Kept::Lost(no) if no.code == "night-sold-out" => return lost(&visit, jar, &cart),
            Kept::Lost(no) => return show(&front, &visit, jar, &cart, StatusCode::CONFLICT, (&paid, &[], Some(no.code))).await,
            // The booking asks for the nights itself.
            Kept::Silent => {}
        }
    }
    cart.choice = Some(Choice { is_prepaid: paid.how == "prepaid", token: format!("tok_{}", paid.card) });
    cart.asked_at = Some(front.setup.clock.now());
    let standing = ask(&front, &mut cart, PATIENCE).await;
    settle(&front, &visit, jar, cart, standing).await
}

/// What a browser is told when its booking stands like this.
pub async fn settle(front: &Front, visit: &Visit, jar: PrivateCookieJar, mut cart: Cart, standing: Standing) -> Response {
    let (path, none) = (cart.path(), At::default());
    match standing {
        Standing::Booked(booked) => {
            let pass = crate::cart::Pass { hotel: cart.hotel.clone(), reservation: booked.reservation.clone() };
            cart.reservation = Some(booked.reservation);
            let jar = crate::cart::remember_guest(pass.keep(cart.keep(jar)), None);
            (jar, page::onward(visit, &pass.path(), &none)).into_response()
        }
        Standing::Open => (cart.keep(jar), page::onward(visit, &format!("{path}/progress"), &none)).into_response(),
        Standing::Refused(code) => {
            (cart.choice, cart.saga, cart.asked_at, cart.problem) = (None, None, None, Some(code.clone()));
            cart.attempt += 1;
            // The booking has given the room back: it is held again, if nobody was quicker.
            match cart.take_again(front).await {
                Kept::Held => {}
                Kept::Lost(no) if no.code == "night-sold-out" => return lost(visit, jar, &cart),
                Kept::Lost(_) | Kept::Silent => cart.problem = Some(if code == "card-declined" { "card-declined".into() } else { code }),
            }
            (cart.keep(jar), page::onward(visit, &format!("{path}/pay"), &none)).into_response()
        }
        Standing::Later(code) => {
            // Nothing has happened; the same key may be used again, for the same booking.
            (cart.choice, cart.saga, cart.asked_at, cart.problem) = (None, None, None, Some(code));
            (cart.keep(jar), page::onward(visit, &format!("{path}/pay"), &none)).into_response()
        }
    }
}
