//! Why is this booking in this state: one page from every service's log.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use futures::future::join_all;
use http::StatusCode;
use kit::{Frame, Part, page};
use serde::{Deserialize, Serialize};

use crate::gather::{self, Found};
use crate::health::Summary;
use crate::look::{Look, clock_ms};
use crate::services::{Hotels, SERVICES, Saga};
use crate::telling::{self, COLUMNS, Line};

/// The reservation, as its service shows it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Booking {
    pub reservation: String,
    pub confirmation: String,
    pub state: String,
    pub room_type: String,
    pub arrival: String,
    pub departure: String,
    pub changing: bool,
}

#[derive(Template, Serialize)]
#[template(path = "trace.html")]
struct Trace {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    reservation: String,
    hotel: String,
    /// `None`: not confirmed (yet), or reservations is silent.
    booking: Option<Booking>,
    /// The state in one word; empty when nobody can say.
    state: String,
    columns: Vec<&'static str>,
    lines: Vec<Line>,
    /// Services that did not answer, each in a sentence.
    gaps: Vec<String>,
    has_guest: bool,
    /// Its open saga.
    open: Option<Saga>,
    plain: String,
}

/// `GET /ops/trace/{reservation}`; `?hotel=` says whose it is, else all hotels are tried.
pub async fn page(look: Look, Path(id): Path<String>) -> Response {
    let reservation: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
    // A number that a guest was told leads there by the search.
    if !reservation.starts_with("res_") {
        return page::onward(&look.visit, &format!("/ops/trace?q={reservation}"), &look.visit.at);
    }
    let ask = look.front.ask_for(&look.visit);
    let hotels = match look.asked("hotel").filter(|hotel| kernel::id::is_code(hotel)) {
        Some(hotel) => vec![hotel],
        None => match ask.wait::<Hotels>("hotels", "/hotels", kit::ask::PANEL).await {
            Part::Here(hotels) => hotels.items.into_iter().map(|hotel| hotel.hotel).collect(),
            _ => return page::message(&look.front, &look.visit, StatusCode::SERVICE_UNAVAILABLE, "trace-title", "trace-no-hotels"),
        },
    };
    let tried = join_all(hotels.into_iter().map(|hotel| {
        let (ask, reservation) = (ask.clone(), reservation.clone());
        async move {
            let path = format!("/hotels/{hotel}/reservations/{reservation}");
            let (booking, found) =
                futures::join!(ask.wait::<Booking>("reservations", &path, kit::ask::PANEL), gather::gather(&ask, &hotel, &reservation));
            (hotel, booking.into_here(), found)
        }
    }));
    let all = tried.await;
    let is_silent = all.iter().any(|(_, _, found)| found.silent.contains("reservations"));
    let Some((hotel, booking, found)) = all
        .into_iter()
        .max_by_key(|(_, booking, found)| (booking.is_some(), found.events.len()))
        .filter(|(_, _, found)| is_silent || !found.events.is_empty())
    else {
        return page::message(&look.front, &look.visit, StatusCode::NOT_FOUND, "trace-title", "trace-none");
    };
    let (f, summary) = look.frame("trace-title", "trace");
    let number = booking.as_ref().map_or(reservation.clone(), |booking| booking.confirmation.clone());
    let f = f.titled(look.front.texts.say(look.visit.lang, "trace-of", &[("number", number.as_str().into())]));
    let lines = telling::lines(&f, &found);
    let gaps = gaps(&look, &f, &found);
    let state = booking.as_ref().map_or_else(|| pending(&found), |booking| booking.state.clone());
    let open = open(&look, &found).await;
    let plain = telling::plain(&f, &f.title, &lines, &gaps);
    let columns = COLUMNS.to_vec();
    let has_guest = found.has_guest;
    page::show(&look.visit, &Trace { f, summary, reservation, hotel, booking, state, columns, lines, gaps, has_guest, open, plain })
}

/// What its own log says of a reservation that is not to be seen (yet).
fn pending(found: &Found) -> String {
    let last = found.events.iter().rfind(|(_, stored)| stored.stream.starts_with("reservation/")).map(|(_, stored)| stored.name.as_str());
    match last {
        Some("Requested") => "pending",
        Some("Declined") => "declined",
        _ => "",
    }
    .to_owned()
}

/// What is not known, and since when.
fn gaps(look: &Look, f: &Frame, found: &Found) -> Vec<String> {
    let heard = |service: &str| look.snapshot.seen.get(service).and_then(|seen| seen.heard_ms);
    let gap = |service: &&str| f.tab("trace-gap", ("service", f.t(format!("short-{service}"))), ("time", clock_ms(&heard(service))));
    found.silent.iter().map(gap).collect()
}

/// The saga that has begun last and not ended, as its service shows it now.
async fn open(look: &Look, found: &Found) -> Option<Saga> {
    let ended =
        |id: &str| found.events.iter().any(|(_, s)| s.stream.strip_prefix("saga/") == Some(id) && (s.name == "Done" || s.name == "Undone"));
    let begun = found.events.iter().filter(|(_, stored)| stored.name == "Started" && stored.stream.starts_with("saga/"));
    let (service, id) =
        begun.filter_map(|(service, stored)| Some((*service, stored.stream.strip_prefix("saga/")?))).find(|(_, id)| !ended(id))?;
    let service = SERVICES.into_iter().find(|known| *known == service)?;
    look.front.ask_for(&look.visit).wait(service, &format!("/sagas/{id}"), kit::ask::PANEL).await.into_here()
}
