//! The start page: where, when, for whom. A wish without mistakes goes on to the hotel's page.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use futures::future::join_all;
use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front, Part, Visit, page};
use serde::Serialize;

use crate::house::{self, HotelLine};
use crate::site::{self, Wrong};
use crate::wish::{Asked, Wish};

/// Hotels whose sheet is shown on the start page.
const CARDS_MAX: usize = 12;

/// A hotel on the start page.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// Its code.
    pub hotel: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
    /// The lowest price of a night.
    pub cheapest: Option<Money>,
    /// How many kinds of rooms it sells.
    pub types: u32,
    /// Whether its sheet did not come.
    pub is_silent: bool,
    /// Its page.
    pub href: String,
}

#[derive(Template, Serialize)]
#[template(path = "search.html")]
struct Search {
    #[serde(skip)]
    f: Frame,
    hotels: Vec<Card>,
    chosen: Option<String>,
    wish: Wish,
    today: Date,
    problems: Vec<Wrong>,
    missing: Option<&'static str>,
}

/// `GET /`.
pub async fn page(State(front): State<Front>, visit: Visit, Query(asked): Query<Asked>) -> Response {
    let ask = front.ask().after(&visit.at);
    let (found, missing) = match house::hotels(&ask).await {
        Part::Here(found) => (found, None),
        Part::No(_) => (Vec::new(), None),
        Part::Silent(service) => (Vec::new(), Some(service)),
    };
    let chosen = asked.hotel.clone().filter(|code| found.iter().any(|h| h.hotel == *code));
    let first = chosen.clone().or_else(|| found.first().map(|h| h.hotel.clone()));
    let sheets = join_all(found.iter().take(CARDS_MAX).map(|line| sheet(&ask, line)));
    let business = async {
        match &first {
            Some(code) => house::business_date(&ask, code).await.into_here(),
            None => None,
        }
    };
    let (sheets, business) = futures::join!(sheets, business);
    let zone_today = || {
        let of = sheets.iter().flatten().find(|h| Some(&h.hotel) == first.as_ref());
        of.map_or_else(|| front.now().to_zoned(jiff::tz::TimeZone::UTC).date(), |hotel| house::today(&front, hotel, None))
    };
    let today = business.unwrap_or_else(zone_today);
    let (wish, mut problems) = Wish::read(&asked, today);
    let is_sent = asked.hotel.is_some();
    if is_sent && chosen.is_none() && missing.is_none() {
        problems.insert(0, ("hotel", "wish-hotel"));
    }
    if let Some(code) = chosen.as_ref().filter(|_| is_sent && problems.is_empty()) {
        return Redirect::to(&format!("/hotels/{code}/stay?{}", wish.query())).into_response();
    }
    let cards = found.iter().zip(sheets.iter().map(Some).chain(std::iter::repeat(None))).map(|(line, sheet)| card(line, sheet, &wish));
    let f = Frame::new(&front, &visit, "search-title");
    let (f, problems) = site::wrong(f, &problems);
    page::show(&visit, &Search { hotels: cards.collect(), f, chosen, wish, today, problems, missing })
}

async fn sheet(ask: &kit::Ask<'_>, line: &HotelLine) -> Option<house::Hotel> {
    house::hotel(ask, &line.hotel).await.into_here()
}

/// `sheet` is nothing when it was not asked for, and holds nothing when it did not come.
fn card(line: &HotelLine, sheet: Option<&Option<house::Hotel>>, wish: &Wish) -> Card {
    let hotel = sheet.and_then(Option::as_ref);
    Card {
        hotel: line.hotel.clone(),
        name: line.name.clone(),
        address: hotel.and_then(|h| h.address.clone()),
        cheapest: hotel.and_then(house::Hotel::cheapest),
        types: hotel.map_or(0, |h| h.room_types.iter().filter_map(|t| t.price).map(|_| 1).sum()),
        is_silent: matches!(sheet, Some(None)),
        href: format!("/hotels/{}/stay?{}", line.hotel, wish.query()),
    }
}
