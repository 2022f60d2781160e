//! A hotel on some dates: the calendar, the offers, and what else there is when these dates are full.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front, Part, Visit, page};
use serde::Serialize;

use crate::calendar::{self, Month};
use crate::house::{self, Free, Hotel, plus};
use crate::offers::{self, AROUND, Offer};
use crate::site::{self, Wrong};
use crate::wish::{Asked, NIGHTS_MAX, Wish};

#[derive(Template, Serialize)]
#[template(path = "stay.html")]
struct Stay {
    #[serde(skip)]
    f: Frame,
    hotel: Hotel,
    wish: Wish,
    today: Date,
    month: Month,
    offers: Vec<Offer>,
    /// Until when it is cancelled free of charge.
    free_until: Option<Date>,
    /// What was just lost to somebody else, in words.
    lost: Option<String>,
    problems: Vec<Wrong>,
    missing: Vec<&'static str>,
}

impl Stay {
    fn can_any(&self) -> bool {
        self.offers.iter().any(|offer| offer.state == "free")
    }

    fn free_text(&self) -> String {
        site::free_text(&self.f, self.free_until.as_ref())
    }

    fn is_unknown(&self) -> bool {
        self.offers.iter().any(|offer| offer.state == "unknown")
    }

    fn day_href(&self, date: &Date) -> String {
        format!("/hotels/{}/stay?{}#offers", self.hotel.hotel, self.wish.moved(*date).query())
    }

    fn month_href(&self, first: &Date) -> String {
        format!("/hotels/{}/stay?{}&month={}#calendar", self.hotel.hotel, self.wish.query(), first.strftime("%Y-%m"))
    }

    fn other_href(&self, wish: &Wish) -> String {
        format!("/hotels/{}/stay?{}#offers", self.hotel.hotel, wish.query())
    }

    /// What a day says to those who do not see the table.
    fn day_name(&self, cell: &calendar::Cell) -> String {
        let day = self.f.day_long(&cell.date);
        match &cell.price {
            Some(price) => self.f.tab("day-free", ("day", day), ("price", self.f.money(price))),
            None => format!("{day}: {}", self.f.t(format!("day-{}", cell.state))),
        }
    }

    /// `€129`: whole units where nothing is lost by it, because a cell is small.
    fn short(&self, money: &Money) -> String {
        let text = self.f.money(money);
        text.replace(".00", "").replace(",00", "")
    }
}

/// `GET /hotels/{hotel}/stay`.
pub async fn page(State(front): State<Front>, visit: Visit, Path(code): Path<String>, Query(asked): Query<Asked>) -> Response {
    if !kernel::id::is_code(&code) {
        return site::stranger(&front, &visit);
    }
    let ask = front.ask().after(&visit.at);
    let (hotel, business) = futures::join!(house::hotel(&ask, &code), house::business_date(&ask, &code));
    let hotel = match hotel {
        Part::Here(hotel) => hotel,
        Part::No(no) => return site::refused(&front, &visit, &no),
        Part::Silent(service) => return page::silent(&front, &visit, service),
    };
    let today = house::today(&front, &hotel, business.into_here());
    let (wish, problems) = Wish::read(&asked, today);
    let first = calendar::first(asked.month.as_deref(), &wish, today);
    let shown_to = plus(first.last_of_month(), i64::from(NIGHTS_MAX) + 1);
    let around = (plus(wish.from, -AROUND).max(today), plus(wish.to, AROUND));
    let (shown, near) = futures::join!(house::free(&ask, &code, first.max(today), shown_to), house::free(&ask, &code, around.0, around.1));
    let missing = near.silent().or(shown.silent());
    let (shown, near) = (shown.into_here(), near.into_here());
    let month = calendar::month(first, &hotel, &wish, shown.as_ref(), today);
    let offers = offers(&front, &hotel, &wish, near.as_ref(), today, &asked);
    let f = Frame::new(&front, &visit, "stay-title").titled(hotel.name.clone());
    let lost = asked.lost.as_deref().filter(|code| hotel.sells(code).is_some());
    let lost = lost.map(|code| f.tab("lost", ("type", hotel.type_name(code)), ("dates", f.span(&wish.from, &wish.to))));
    let (f, problems) = site::wrong(f, &problems);
    let free_until = site::free_until(wish.from, today);
    let missing = missing.into_iter().collect();
    page::show(&visit, &Stay { f, hotel, wish, today, month, offers, free_until, lost, problems, missing })
}

/// Offers with a checkout of their own each, and with the price somebody saw before, when it has changed.
fn offers(front: &Front, hotel: &Hotel, wish: &Wish, free: Option<&Free>, today: Date, asked: &Asked) -> Vec<Offer> {
    let mut offers = offers::offers(hotel, wish, free, today);
    for offer in offers.iter_mut().filter(|offer| offer.state == "free") {
        offer.checkout = front.token();
        let seen = asked.was.as_deref().and_then(|was| was.parse().ok()).filter(|_| asked.changed.as_ref() == Some(&offer.room_type));
        offer.was = seen.map(|amount| Money { amount, ..offer.price }).filter(|was| *was != offer.price);
    }
    offers
}
