//! `GET /desk/walk-in[?arrival|from][&to][&type|room]`: the form. With another first night than today it books ahead.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front, No, Visit, page};
use serde::{Deserialize, Serialize};

use super::offer::{Offer, Offers};
use super::typed::{self, GUARANTEES, Typed, Wrong};
use crate::desk::{self, Desk};

/// What a link brings: never who it is for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    arrival: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    room: Option<String>,
    #[serde(default, rename = "type")]
    room_type: Option<String>,
}

#[derive(Template, Serialize)]
#[template(path = "walkin.html")]
struct View {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    today: Date,
    is_today: bool,
    typed: Typed,
    offers: Vec<Offer>,
    #[serde(skip)]
    seen: String,
    problems: Vec<Wrong>,
    /// A step that was refused: what it says, and its code.
    trouble: Option<(String, String)>,
    silent: Vec<&'static str>,
    guarantees: [&'static str; 3],
    #[serde(skip)]
    key: String,
}

impl View {
    fn wrong(&self, field: &str) -> Option<&str> {
        typed::of(&self.problems, field)
    }

    fn date(&self, date: &Option<Date>) -> String {
        date.map(|date| date.to_string()).unwrap_or_default()
    }

    fn number(&self, n: &Option<u32>) -> String {
        n.map(|n| n.to_string()).unwrap_or_default()
    }

    fn total(&self) -> Option<Money> {
        self.offers.iter().find(|offer| offer.room_type == self.typed.room_type)?.total
    }
}

/// `GET /desk/walk-in`.
pub async fn page(State(front): State<Front>, visit: Visit, Query(asked): Query<Asked>) -> Response {
    let desk = match Desk::open(&front, &visit, "walkin-title", "walk-in").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let today = desk.today();
    let date = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Date>().ok());
    let arrival = date(&asked.arrival).or(date(&asked.from)).unwrap_or(today).max(today);
    let departure = date(&asked.to).filter(|to| *to > arrival).unwrap_or(arrival.tomorrow().unwrap_or(arrival));
    let room = asked.room.filter(|room| desk::is_plain(room)).unwrap_or_default();
    let of_room = room.rsplit_once('-').map(|(room_type, _)| room_type.to_owned());
    let typed = Typed {
        arrival: Some(arrival),
        departure: Some(departure),
        room_type: asked.room_type.or(of_room).unwrap_or_default(),
        room,
        adults: Some(1),
        children: Some(0),
        guarantee: GUARANTEES[0].into(),
        ..Typed::default()
    };
    let offers = Offers::of(&desk, arrival, departure).await;
    show(desk, typed, offers, &[], None)
}

/// The form as it was typed, with what is wrong with it and what was refused.
pub fn show(desk: Desk<'_>, mut typed: Typed, offers: Offers, problems: &[(&'static str, &'static str)], trouble: Option<&No>) -> Response {
    let (visit, today) = (desk.visit, desk.today());
    let is_today = typed.arrival.is_none_or(|arrival| arrival <= today);
    let Desk { front, hotel, frame: mut f, .. } = desk;
    if !is_today {
        f.title = f.t("walkin-title-ahead");
    }
    if typed.room_type.is_empty()
        && let Some(first) = offers.all.iter().find(|offer| offer.price.is_some() && !offer.is_sold_out())
    {
        typed.room_type = first.room_type.clone();
    }
    let problems = typed::worded(&mut f, problems);
    let trouble = trouble.map(|no| (f.code(&no.code), no.code.clone()));
    let status = match (&trouble, problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let seen = offers.seen();
    let view = View {
        hotel,
        today,
        is_today,
        typed,
        seen,
        offers: offers.all,
        problems,
        trouble,
        silent: offers.silent,
        guarantees: GUARANTEES,
        key: front.token(),
        f,
    };
    page::show_as(visit, status, &view)
}
