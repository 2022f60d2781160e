//! `GET /desk/availability/{date}[?type]`: who sleeps in one night, the list behind a number of the grid.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use kit::{Frame, Front, Part, Visit, page};
use serde::{Deserialize, Serialize};

use super::page::HOUSE;
use crate::desk::{Desk, silent};
use crate::known::{Availability, Count, Hotel, Item};
use crate::live::hub::Hubs;

/// Patience with names.
const NAMES: Duration = Duration::from_millis(300);

/// Of which type.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default, rename = "type")]
    room_type: Option<String>,
}

/// One night of the tape.
#[derive(Debug, Deserialize)]
struct Tape {
    bars: Vec<Item>,
}

/// Somebody who sleeps here.
#[derive(Debug, Serialize)]
struct Sleeper {
    id: String,
    who: String,
    confirmation: String,
    room: Option<String>,
    room_type: String,
    /// The type sold, where it is another.
    sold_as: Option<String>,
    from: Date,
    to: Date,
    nights: i32,
    /// Key of the state's text and its look.
    state: &'static str,
    look: &'static str,
}

#[derive(Template, Serialize)]
#[template(path = "night.html")]
struct Shown {
    #[serde(skip)]
    f: Frame,
    date: Date,
    room_type: Option<String>,
    /// The types, with how many sleep in each, as links.
    types: Vec<(String, usize)>,
    all: usize,
    count: Option<Count>,
    sleepers: Option<Vec<Sleeper>>,
    missing: Vec<&'static str>,
    before: Date,
    after: Date,
}

fn state(st: &str) -> (&'static str, &'static str) {
    match st {
        "in_house" => ("tape-inhouse", "inhouse"),
        "checked_out" => ("tape-past", "past"),
        _ => ("tape-future", "future"),
    }
}

/// `GET /desk/availability/{date}?type`.
pub async fn show(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Path(date): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let Ok(date) = date.parse::<Date>() else {
        return page::message(&front, &visit, StatusCode::NOT_FOUND, "not-found-title", "not-found-text");
    };
    let desk = match Desk::open(&front, &visit, "night-title", "availability").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let room_type = wanted.room_type.filter(|code| code != HOUSE && kernel::id::is_code(code));
    let after = date.saturating_add(1.day());
    let paths =
        [desk.path(&format!("/tape?from={date}&nights=1")), desk.path(&format!("/availability?from={date}&to={after}")), desk.path("")];
    let ask = desk.ask();
    let (tape, said, hotel): (Part<Tape>, Part<Availability>, Part<Hotel>) =
        futures::join!(ask.get("stays", &paths[0]), ask.get("inventory", &paths[1]), ask.get("hotels", &paths[2]));
    let missing = silent([tape.silent(), said.silent(), hotel.silent()]);
    let hotel = hotel.into_here().unwrap_or_default();
    // A bar that ends on the day of departure touches the night and does not sleep in it.
    let bars: Option<Vec<Item>> =
        tape.into_here().map(|tape| tape.bars.into_iter().filter(|bar| bar.from <= date && bar.to > date).collect());
    let all: &[Item] = bars.as_deref().unwrap_or_default();
    let joined = hubs.names.of(&front, all.iter().filter_map(|bar| bar.guest.as_deref()).collect(), NAMES).await;
    let codes: BTreeSet<&str> =
        hotel.room_types.iter().map(|t| t.room_type.as_str()).chain(all.iter().map(|b| b.room_type.as_str())).collect();
    let types = codes.into_iter().map(|code| (code.to_owned(), all.iter().filter(|bar| bar.room_type == code).count())).collect();
    let sleeper = |bar: &Item| {
        let (state, look) = state(&bar.st);
        let confirmation = bar.confirmation.clone().unwrap_or_else(|| bar.id.clone());
        let name = bar.guest.as_ref().and_then(|guest| joined.names.get(guest)).filter(|name| !name.is_empty());
        Sleeper {
            who: name.cloned().unwrap_or_else(|| confirmation.clone()),
            id: bar.id.clone(),
            confirmation,
            room: bar.room().map(str::to_owned),
            room_type: bar.room_type.clone(),
            sold_as: Some(bar.sold_as.clone()).filter(|sold| !sold.is_empty() && *sold != bar.room_type),
            from: bar.from,
            to: bar.to,
            nights: bar.from.until(bar.to).map_or(0, |span| span.get_days()),
            state,
            look,
        }
    };
    let sleepers = bars.as_ref().map(|bars| {
        let mut all: Vec<Sleeper> = bars.iter().filter(|bar| room_type.as_ref().is_none_or(|t| *t == bar.room_type)).map(sleeper).collect();
        all.sort_by(|a, b| (&a.who, &a.id).cmp(&(&b.who, &b.id)));
        all
    });
    let count = said.here().and_then(|said| said.nights.first()).and_then(|night| match &room_type {
        None => Some(night.house.clone()),
        Some(code) => night.types.iter().find(|count| count.room_type == *code).cloned(),
    });
    let title = match &room_type {
        None => desk.frame.ta("night-heading", "day", desk.frame.day(&date)),
        Some(code) => desk.frame.tab("night-heading-type", ("day", desk.frame.day(&date)), ("type", hotel.name_of(code))),
    };
    let shown = Shown {
        f: desk.frame.titled(title),
        date,
        room_type,
        types,
        all: all.len(),
        count,
        sleepers,
        missing,
        before: date.saturating_sub(1.day()),
        after,
    };
    page::show(&visit, &shown)
}
