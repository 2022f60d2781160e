//! A booking as its guest sees it: the number, when to come, where, what was charged and what cancelling costs.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::PrivateCookieJar;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use kernel::Money;
use kit::{Ask, Frame, Front, No, Part, Visit, page};
use serde::{Deserialize, Serialize};

use crate::book::Known;
use crate::cart::{Pass, is_id};
use crate::house::{self, Hotel};
use crate::{ics, site};

/// When rooms are ready, where the hotel does not say.
const READY: Time = Time::constant(15, 0, 0, 0);
/// Until when guests leave, where the hotel does not say.
const LEAVE: Time = Time::constant(11, 0, 0, 0);

/// A reservation's sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its id.
    pub reservation: String,
    /// The number its guest is told.
    pub confirmation: String,
    /// `confirmed`, `cancelled`, …
    pub state: String,
    /// The type it has now.
    pub room_type: String,
    /// First night.
    pub arrival: Date,
    /// Day of departure.
    pub departure: Date,
    /// Adults.
    pub adults: u32,
    /// Children.
    pub children: u32,
    /// The guest by reference.
    #[serde(default)]
    pub guest: Option<String>,
    /// A night.
    pub price: Money,
    /// The payment behind it.
    #[serde(default)]
    pub payment: Option<String>,
    /// What was paid when it was booked.
    #[serde(default)]
    pub prepaid: Option<Money>,
    /// What of it was given back.
    #[serde(default)]
    pub refund: Option<Money>,
    /// Its version.
    pub version: u64,
    /// Whether it is being changed.
    #[serde(default)]
    pub changing: bool,
}

impl Reservation {
    /// How many nights.
    pub fn nights(&self) -> i32 {
        (self.departure - self.arrival).get_days()
    }

    /// What all nights cost.
    pub fn total(&self) -> Money {
        self.price.times(i64::from(self.nights().max(1))).unwrap_or(self.price)
    }

    /// What is kept and what is given back when it is cancelled on a business date: what is prepaid is forfeited from the
    /// day of arrival on, and what is only reserved on a card is never taken.
    pub fn cancelled_on(&self, today: Date) -> (Money, Money) {
        let none = Money { amount: 0, ..self.price };
        match self.prepaid {
            Some(paid) if today < self.arrival => (none, paid),
            Some(paid) => (paid, none),
            None => (none, none),
        }
    }
}

/// A payment's sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// What was asked of the card.
    pub amount: Money,
    /// `authorised`, `captured`, …
    pub state: String,
    /// What was taken.
    #[serde(default)]
    pub captured: Option<Money>,
    /// What was given back.
    #[serde(default)]
    pub refunded: Option<Money>,
}

/// Why a booking cannot be shown.
pub enum Shut {
    /// Not open to whoever asks.
    Stranger,
    /// The service says no.
    No(No),
    /// The service is away.
    Away(&'static str),
}

impl Shut {
    /// The page that says so.
    pub fn page(self, front: &Front, visit: &Visit) -> Response {
        match self {
            Self::Stranger => site::stranger(front, visit),
            Self::No(no) => site::refused(front, visit, &no),
            Self::Away(service) => page::silent(front, visit, service),
        }
    }
}

/// The booking a pass opens, and its hotel where that answers.
pub async fn open(ask: &Ask<'_>, jar: &PrivateCookieJar, id: &str) -> Result<(Reservation, Part<Hotel>, Pass), Shut> {
    let pass = Pass::of(jar, id).ok_or(Shut::Stranger)?;
    let path = format!("/hotels/{}/reservations/{id}", pass.hotel);
    let (found, hotel) = futures::join!(ask.get::<Reservation>("reservations", &path), house::hotel(ask, &pass.hotel));
    match found {
        Part::Here(found) => Ok((found, hotel, pass)),
        Part::No(no) => Err(Shut::No(no)),
        Part::Silent(service) => Err(Shut::Away(service)),
    }
}

#[derive(Template, Serialize)]
#[template(path = "booking.html")]
struct Booking {
    #[serde(skip)]
    f: Frame,
    r: Reservation,
    hotel: Option<Hotel>,
    type_name: String,
    /// Who comes; nothing when the vault does not answer.
    name: Option<String>,
    payment: Option<Payment>,
    /// When the room is ready, when it is left.
    arrive: String,
    leave: String,
    zone: String,
    total: Money,
    /// The business date, or the date on the hotel's wall.
    today: Date,
    missing: Vec<&'static str>,
}

impl Booking {
    fn is_confirmed(&self) -> bool {
        self.r.state == "confirmed"
    }

    fn terms(&self) -> String {
        site::terms(&self.f, self.r.arrival, self.today, self.r.prepaid, self.r.price)
    }

    fn paid(&self) -> String {
        let f = &self.f;
        match (&self.payment, self.r.payment.is_some()) {
            (None, false) => f.t("paid-invoice"),
            (None, true) => f.t("unknown"),
            (Some(payment), _) => {
                let of = |money: &Option<Money>| money.filter(|m| m.amount != 0);
                match (of(&payment.captured), of(&payment.refunded)) {
                    (Some(taken), Some(back)) => f.tab("paid-refunded", ("taken", f.money(&taken)), ("back", f.money(&back))),
                    (Some(taken), None) => f.ta("paid-taken", "amount", f.money(&taken)),
                    (None, _) if payment.state == "authorised" => f.ta("paid-reserved", "amount", f.money(&payment.amount)),
                    (None, _) => f.t("paid-nothing"),
                }
            }
        }
    }
}

/// `GET /booking/{reservation}`.
pub async fn page(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Path(id): Path<String>) -> Response {
    let ask = front.ask().after(&visit.at);
    let (r, hotel, pass) = match open(&ask, &jar, &id).await {
        Ok(found) => found,
        Err(shut) => return shut.page(&front, &visit),
    };
    let guest = async {
        match r.guest.as_deref().filter(|guest| is_id(guest)) {
            Some(guest) => Some(ask.get::<Known>("guests", &format!("/guests/{guest}")).await),
            None => None,
        }
    };
    let payment = async {
        match r.payment.as_deref().filter(|payment| is_id(payment)) {
            Some(payment) => Some(ask.get::<Payment>("payments", &format!("/hotels/{}/payments/{payment}", pass.hotel)).await),
            None => None,
        }
    };
    let business = house::business_date(&ask, &pass.hotel);
    let (guest, payment, business) = futures::join!(guest, payment, business);
    let silent = [hotel.silent(), guest.as_ref().and_then(Part::silent), payment.as_ref().and_then(Part::silent)];
    let missing = silent.into_iter().flatten().collect();
    let hotel = hotel.into_here();
    let f = Frame::new(&front, &visit, if r.state == "confirmed" { "booking-title" } else { "booking-title-past" });
    let title = format!("{} {}", f.title, r.confirmation);
    let f = f.titled(title);
    let times = Times::of(hotel.as_ref());
    let today = business.into_here().unwrap_or_else(|| front.now().to_zoned(times.zone.clone()).date());
    let view = Booking {
        type_name: hotel.as_ref().map_or_else(|| r.room_type.clone(), |h| h.type_name(&r.room_type)),
        name: guest.and_then(Part::into_here).map(|known| known.name),
        payment: payment.and_then(Part::into_here),
        arrive: times.from.strftime("%H:%M").to_string(),
        leave: times.until.strftime("%H:%M").to_string(),
        zone: hotel.as_ref().map_or_else(String::new, |h| h.time_zone.clone()),
        total: r.total(),
        today,
        hotel,
        r,
        f,
        missing,
    };
    page::show(&visit, &view)
}

/// The hotel's hours on a stay's first and last day.
struct Times {
    from: Time,
    until: Time,
    zone: TimeZone,
}

impl Times {
    fn of(hotel: Option<&Hotel>) -> Self {
        Self {
            from: hotel.and_then(|h| h.check_in_from).unwrap_or(READY),
            until: hotel.and_then(|h| h.check_out_until).unwrap_or(LEAVE),
            zone: hotel.map_or(TimeZone::UTC, Hotel::zone),
        }
    }
}

/// `GET /booking/{reservation}/stay.ics`.
pub async fn calendar(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Path(id): Path<String>) -> Response {
    let ask = front.ask().after(&visit.at);
    let (r, hotel) = match open(&ask, &jar, &id).await {
        Ok((r, Part::Here(hotel), _)) => (r, hotel),
        Ok((_, Part::No(no), _)) => return site::refused(&front, &visit, &no),
        // Without the hotel's zone the hours would be wrong.
        Ok((_, Part::Silent(service), _)) => return page::silent(&front, &visit, service),
        Err(shut) => return shut.page(&front, &visit),
    };
    let times = Times::of(Some(&hotel));
    let f = Frame::new(&front, &visit, "booking-title");
    let at = |date, time| house::moment(&times.zone, date, time).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let stay = ics::Entry {
        uid: format!("{}@{}", r.reservation, hotel.hotel.to_ascii_lowercase()),
        version: r.version,
        stamp: front.now(),
        starts: at(r.arrival, times.from),
        ends: at(r.departure, times.until),
        summary: f.tab("ics-summary", ("hotel", &hotel.name), ("type", &hotel.type_name(&r.room_type))),
        location: hotel.address.clone().unwrap_or_else(|| hotel.name.clone()),
        text: f.tab("ics-text", ("number", &r.confirmation), ("total", &f.money(&r.total()))),
        is_cancelled: r.state == "cancelled",
    };
    let name = format!("attachment; filename=\"stay-{}.ics\"", r.confirmation);
    ([("content-type", "text/calendar; charset=utf-8".to_owned()), ("content-disposition", name)], stay.write()).into_response()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::date;
    use kernel::money::Currency;

    /// Two nights from 2 March 2027 at 100.00.
    pub fn reservation(is_prepaid: bool) -> Reservation {
        let money = |amount| Money { amount, currency: Currency::parse("EUR").expect("a code") };
        Reservation {
            reservation: "res_1".into(),
            confirmation: "ABCD-EFGH".into(),
            state: "confirmed".into(),
            room_type: "STD".into(),
            arrival: date(2027, 3, 2),
            departure: date(2027, 3, 4),
            adults: 2,
            children: 0,
            guest: None,
            price: money(10_000),
            payment: None,
            prepaid: is_prepaid.then(|| money(20_000)),
            refund: None,
            version: 1,
            changing: false,
        }
    }

    #[test]
    fn cancelling_is_free_until_the_day_of_arrival_and_what_is_only_reserved_is_never_taken() {
        let of = |r: Reservation, day| {
            let (fee, back) = r.cancelled_on(date(2027, 3, day));
            (fee.amount, back.amount)
        };
        assert_eq!((of(reservation(true), 1), of(reservation(true), 2)), ((0, 20_000), (20_000, 0)));
        assert_eq!((of(reservation(false), 1), of(reservation(false), 2)), ((0, 0), (0, 0)));
    }
}
