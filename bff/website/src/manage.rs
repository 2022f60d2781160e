//! The way back to a booking: its number and the e-mail address it was made with. A wrong number and a wrong address get the
//! same answer, and the same work is done for both.

use askama::Template;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::PrivateCookieJar;
use http::StatusCode;
use kit::{Frame, Front, Part, Visit, page};
use peer::At;
use serde::{Deserialize, Serialize};

use crate::book::Known;
use crate::cart::{Pass, is_id};
use crate::house::{self, HotelLine};
use crate::site::{self, Wrong};

/// A guest nobody is: asked for when there is no booking, so that both answers take a look into the vault.
const NOBODY: &str = "gst_0000000000000000";

#[derive(Template, Serialize)]
#[template(path = "manage.html")]
struct Manage {
    #[serde(skip)]
    f: Frame,
    hotels: Vec<HotelLine>,
    hotel: String,
    number: String,
    problems: Vec<Wrong>,
    /// Why it could not be opened, in words.
    trouble: Option<String>,
    missing: Option<&'static str>,
}

/// The form.
#[derive(Clone, Default, Deserialize)]
pub struct Sought {
    #[serde(default)]
    hotel: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    email: String,
}

/// `GET /manage`.
pub async fn page(State(front): State<Front>, visit: Visit) -> Response {
    show(&front, &visit, StatusCode::OK, &Sought::default(), &[], None).await
}

async fn show(
    front: &Front,
    visit: &Visit,
    status: StatusCode,
    sought: &Sought,
    problems: &[(&'static str, &'static str)],
    trouble: Option<&str>,
) -> Response {
    let hotels = house::hotels(&front.ask()).await;
    let missing = hotels.silent();
    let hotels = hotels.into_here().unwrap_or_default();
    let (f, problems) = site::wrong(Frame::new(front, visit, "manage-title"), problems);
    let hotel = if sought.hotel.is_empty() { hotels.first().map(|h| h.hotel.clone()).unwrap_or_default() } else { sought.hotel.clone() };
    let trouble = trouble.map(|key| f.t(key));
    page::show_as(visit, status, &Manage { f, hotels, hotel, number: sought.number.clone(), problems, trouble, missing })
}

/// A number as it was read out or copied: capitals, no blanks, the hyphen where it belongs.
fn tidied(number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    let plain = (4..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let number = if number.len() == 8 && !number.contains('-') { format!("{}-{}", number.get(..4)?, number.get(4..)?) } else { number };
    plain.then_some(number)
}

/// `POST /manage`.
pub async fn find(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Form(sought): Form<Sought>) -> Response {
    let mut problems = Vec::new();
    let number = tidied(&sought.number);
    if number.is_none() {
        problems.push(("number", "manage-number-wrong"));
    }
    if !sought.email.contains('@') {
        problems.push(("email", "you-email-wrong"));
    }
    let (Some(number), true, true) = (number, problems.is_empty(), kernel::id::is_code(&sought.hotel)) else {
        return show(&front, &visit, StatusCode::UNPROCESSABLE_ENTITY, &sought, &problems, None).await;
    };
    match pass(&front, &sought, &number).await {
        Part::Here(Some(pass)) => (pass.keep(jar), page::onward(&visit, &pass.path(), &At::default())).into_response(),
        Part::Here(None) | Part::No(_) => show(&front, &visit, StatusCode::NOT_FOUND, &sought, &[], Some("manage-unknown")).await,
        Part::Silent(_) => show(&front, &visit, StatusCode::SERVICE_UNAVAILABLE, &sought, &[], Some("away-text")).await,
    }
}

/// The pass, if number and address belong together.
async fn pass(front: &Front, sought: &Sought, number: &str) -> Part<Option<Pass>> {
    #[derive(Deserialize)]
    struct Found {
        items: Vec<Line>,
    }
    #[derive(Deserialize)]
    struct Line {
        reservation: String,
    }
    #[derive(Deserialize)]
    struct Whose {
        guest: Option<String>,
    }
    let (ask, hotel) = (front.ask(), &sought.hotel);
    let list = |by: &str| format!("/hotels/{hotel}/reservations?{by}={number}&limit=1");
    let (by_number, by_reference) = (list("confirmation"), list("reference"));
    let (first, second) = futures::join!(ask.get::<Found>("reservations", &by_number), ask.get::<Found>("reservations", &by_reference));
    if let Some(silent) = first.silent().or(second.silent()) {
        return Part::Silent(silent);
    }
    let lines = [first, second].into_iter().filter_map(Part::into_here).flat_map(|found| found.items);
    let found = lines.map(|line| line.reservation).find(|id| is_id(id));
    let sheet = format!("/hotels/{hotel}/reservations/{}", found.as_deref().unwrap_or(NOBODY));
    let whose = match ask.get::<Whose>("reservations", &sheet).await {
        Part::Silent(service) => return Part::Silent(service),
        whose => whose.into_here().and_then(|whose| whose.guest).filter(|guest| is_id(guest)),
    };
    let known = match ask.get::<Known>("guests", &format!("/guests/{}", whose.as_deref().unwrap_or(NOBODY))).await {
        Part::Silent(service) => return Part::Silent(service),
        known => known.into_here(),
    };
    let is_theirs = known.and_then(|known| known.email).is_some_and(|email| is_same(&email, &sought.email));
    let pass = |reservation| Pass { hotel: hotel.clone(), reservation };
    Part::Here(found.filter(|_| is_theirs && whose.is_some()).map(pass))
}

/// Whether two addresses are one as far as people write them.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_copy_it() {
        assert_eq!(tidied(" abcd efgh ").as_deref(), Some("ABCD-EFGH"));
        assert_eq!(tidied("ABCD-EFGH").as_deref(), Some("ABCD-EFGH"));
        assert_eq!(tidied("WEB-0123456789").as_deref(), Some("WEB-0123456789"));
        assert_eq!((tidied("abc"), tidied("ab&c=1"), tidied("äbcdefg")), (None, None, None));
        assert!(is_same(" Ana@Example.org", "ana@example.ORG ") && !is_same("a@b", "b@a"));
    }
}
