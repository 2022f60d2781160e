//! Cancelling: what it costs is said before the button, and what became of it after.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::PrivateCookieJar;
use contracts::reservations::Cancel as Command;
use http::StatusCode;
use kernel::Money;
use kit::{Frame, Front, Said, Visit, page};
use serde::{Deserialize, Serialize};

use crate::booking::{Reservation, open};
use crate::house;

#[derive(Template, Serialize)]
#[template(path = "cancel.html")]
struct Cancel {
    #[serde(skip)]
    f: Frame,
    r: Reservation,
    hotel_name: Option<String>,
    total: Money,
    /// What is kept and what is given back; nothing when nobody says which day it is there.
    cost: Option<(Money, Money)>,
    key: String,
    trouble: Option<String>,
}

/// `GET /booking/{reservation}/cancel`.
pub async fn page(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Path(id): Path<String>) -> Response {
    show(&front, &visit, &jar, &id, StatusCode::OK, None).await
}

async fn show(front: &Front, visit: &Visit, jar: &PrivateCookieJar, id: &str, status: StatusCode, code: Option<&str>) -> Response {
    let ask = front.ask().after(&visit.at);
    let (r, hotel, pass) = match open(&ask, jar, id).await {
        Ok(found) => found,
        Err(shut) => return shut.page(front, visit),
    };
    if r.state != "confirmed" {
        return Redirect::to(&pass.path()).into_response();
    }
    let today = house::business_date(&ask, &pass.hotel).await.into_here();
    let f = Frame::new(front, visit, "cancel-title");
    let trouble = code.map(|code| f.code(code));
    let hotel_name = hotel.into_here().map(|h| h.name);
    let cost = today.map(|today| r.cancelled_on(today));
    page::show_as(visit, status, &Cancel { f, hotel_name, total: r.total(), cost, key: front.token(), trouble, r })
}

/// A form that is only a button.
#[derive(Deserialize)]
pub struct Sure {
    key: String,
}

/// `POST /booking/{reservation}/cancel`.
pub async fn cancel(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(id): Path<String>,
    Form(Sure { key }): Form<Sure>,
) -> Response {
    let Some(pass) = crate::cart::Pass::of(&jar, &id) else { return crate::site::stranger(&front, &visit) };
    let command = Command { hotel: pass.hotel.clone(), reservation: id.clone(), reason: Some("by the guest".into()) };
    match front.ask().send(&command, &format!("{id}/cancel/{key}")).await {
        Said::Done(_, at) => page::onward(&visit, &pass.path(), &at),
        Said::No(no) => show(&front, &visit, &jar, &id, StatusCode::CONFLICT, Some(&no.code)).await,
        Said::Later(code) => show(&front, &visit, &jar, &id, StatusCode::SERVICE_UNAVAILABLE, Some(&code)).await,
        Said::Pending(_) | Said::Unknown => page::message(&front, &visit, StatusCode::ACCEPTED, "asked-title", "asked-text"),
    }
}
