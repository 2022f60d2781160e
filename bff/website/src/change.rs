//! Other dates: whether they are free, the old and the new total, and then the button. A night costs what was agreed.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::PrivateCookieJar;
use contracts::reservations::Amend;
use http::StatusCode;
use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front, Part, Said, Visit, page};
use serde::{Deserialize, Serialize};

use crate::booking::{Reservation, open};
use crate::house::{self, Free, nights, plus};
use crate::site::{self, Wrong};
use crate::wish::{AHEAD_MAX, NIGHTS_MAX};

/// What a change of dates would be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
    /// What all nights cost then.
    pub total: Money,
    /// Nights that are full.
    pub full: Vec<Date>,
    /// Whether nobody says what is free: it may be tried, and is refused if it cannot be.
    pub is_unknown: bool,
}

#[derive(Template, Serialize)]
#[template(path = "change.html")]
struct Change {
    #[serde(skip)]
    f: Frame,
    r: Reservation,
    hotel_name: Option<String>,
    today: Date,
    from: String,
    to: String,
    total: Money,
    plan: Option<Plan>,
    problems: Vec<Wrong>,
    trouble: Option<String>,
    key: String,
}

/// Dates as they are asked for.
#[derive(Clone, Default, Deserialize)]
pub struct Dates {
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    key: String,
}

/// The plan, or what is wrong with it.
fn plan(r: &Reservation, dates: &Dates, today: Date, free: Option<&Free>) -> Result<Plan, (&'static str, &'static str)> {
    let date = |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse::<Date>().ok());
    let from = date(&dates.from).ok_or(("from", "wish-date"))?;
    let to = date(&dates.to).ok_or(("to", "wish-date"))?;
    let count = (to - from).get_days();
    match () {
        () if from < today => return Err(("from", "wish-past")),
        () if from > plus(today, AHEAD_MAX) => return Err(("from", "wish-far")),
        () if to <= from => return Err(("to", "wish-order")),
        () if count > NIGHTS_MAX => return Err(("to", "wish-long")),
        () if (from, to) == (r.arrival, r.departure) => return Err(("from", "change-same")),
        () if r.prepaid.is_some() && count != r.nights() => return Err(("to", "change-prepaid")),
        () => {}
    }
    let total = r.price.times(i64::from(count)).ok_or(("to", "wish-long"))?;
    // The nights it has already are its own.
    let new = || nights(from, to).filter(|night| *night < r.arrival || *night >= r.departure);
    let left = |night: Date| free.and_then(|free| free.left(&r.room_type, night, plus(night, 1)));
    let full = new().filter(|night| left(*night).is_some_and(|left| left <= 0)).collect();
    let is_unknown = new().any(|night| left(night).is_none());
    Ok(Plan { from, to, total, full, is_unknown })
}

/// `GET /booking/{reservation}/change?from&to`.
pub async fn page(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(id): Path<String>,
    Query(dates): Query<Dates>,
) -> Response {
    show(&front, &visit, &jar, &id, dates, (StatusCode::OK, None)).await
}

async fn show(
    front: &Front,
    visit: &Visit,
    jar: &PrivateCookieJar,
    id: &str,
    dates: Dates,
    (status, code): (StatusCode, Option<String>),
) -> Response {
    let ask = front.ask().after(&visit.at);
    let (r, hotel, pass) = match open(&ask, jar, id).await {
        Ok(found) => found,
        Err(shut) => return shut.page(front, visit),
    };
    if r.state != "confirmed" {
        return Redirect::to(&pass.path()).into_response();
    }
    let is_asked = dates.from.is_some() || dates.to.is_some();
    let wanted = dates.from.as_deref().and_then(|from| from.parse::<Date>().ok()).unwrap_or(r.arrival);
    let free = async {
        match is_asked {
            true => house::free(&ask, &pass.hotel, wanted, plus(wanted, i64::from(NIGHTS_MAX) + 1)).await,
            false => Part::Silent("inventory"),
        }
    };
    let (business, free) = futures::join!(house::business_date(&ask, &pass.hotel), free);
    let hotel = hotel.into_here();
    let zone_today = || front.now().to_zoned(hotel.as_ref().map_or(jiff::tz::TimeZone::UTC, house::Hotel::zone)).date();
    let today = business.into_here().unwrap_or_else(zone_today);
    let (plan, problems) = match is_asked.then(|| plan(&r, &dates, today, free.here())) {
        None => (None, Vec::new()),
        Some(Ok(plan)) => (Some(plan), Vec::new()),
        Some(Err(problem)) => (None, vec![problem]),
    };
    let (f, problems) = site::wrong(Frame::new(front, visit, "change-title"), &problems);
    let trouble = code.map(|code| f.code(&code));
    let view = Change {
        f,
        hotel_name: hotel.map(|h| h.name),
        today,
        from: dates.from.unwrap_or_else(|| r.arrival.to_string()),
        to: dates.to.unwrap_or_else(|| r.departure.to_string()),
        total: r.total(),
        plan,
        problems,
        trouble,
        key: front.token(),
        r,
    };
    page::show_as(visit, status, &view)
}

/// `POST /booking/{reservation}/change`.
pub async fn change(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(id): Path<String>,
    Form(dates): Form<Dates>,
) -> Response {
    let Some(pass) = crate::cart::Pass::of(&jar, &id) else { return site::stranger(&front, &visit) };
    let date = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
    let (Some(arrival), Some(departure)) = (date(&dates.from), date(&dates.to)) else {
        return show(&front, &visit, &jar, &id, dates, (StatusCode::UNPROCESSABLE_ENTITY, None)).await;
    };
    let command =
        Amend { hotel: pass.hotel.clone(), reservation: id.clone(), arrival, departure, price: None, reason: Some("by the guest".into()) };
    match front.ask().send(&command, &format!("{id}/change/{}", dates.key)).await {
        Said::Done(_, at) => page::onward(&visit, &pass.path(), &at),
        Said::No(no) => show(&front, &visit, &jar, &id, dates, (StatusCode::CONFLICT, Some(no.code))).await,
        Said::Later(code) => show(&front, &visit, &jar, &id, dates, (StatusCode::SERVICE_UNAVAILABLE, Some(code))).await,
        Said::Pending(_) | Said::Unknown => page::message(&front, &visit, StatusCode::ACCEPTED, "asked-title", "asked-text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::tests::reservation;
    use crate::calendar::tests::left;
    use jiff::civil::date;

    fn of(is_prepaid: bool, from: &str, to: &str) -> Result<Plan, (&'static str, &'static str)> {
        let free = left(date(2027, 3, 1), &[(1, 0), (0, 0), (0, 0), (2, 0), (0, 0)]);
        let dates = Dates { from: Some(from.into()), to: Some(to.into()), key: String::new() };
        plan(&reservation(is_prepaid), &dates, date(2027, 3, 1), Some(&free))
    }

    #[test]
    fn only_nights_it_has_not_are_looked_for() {
        let plan = of(false, "2027-03-01", "2027-03-05").expect("a plan");
        assert_eq!((plan.full.len(), plan.is_unknown, plan.total.amount), (0, false, 40_000), "its own two nights are full, and its own");
        assert_eq!(of(false, "2027-03-04", "2027-03-06").expect("a plan").full, [date(2027, 3, 5)]);
        assert!(of(false, "2027-03-06", "2027-03-08").expect("a plan").is_unknown);
    }

    #[test]
    fn what_cannot_be_is_said_before_it_is_asked() {
        assert_eq!(of(true, "2027-03-01", "2027-03-04"), Err(("to", "change-prepaid")));
        assert!(of(true, "2027-03-03", "2027-03-05").is_ok());
        assert_eq!(of(false, "2027-03-02", "2027-03-04"), Err(("from", "change-same")));
        assert_eq!(of(false, "2027-02-27", "2027-03-04"), Err(("from", "wish-past")));
        assert_eq!(of(false, "x", "2027-03-04"), Err(("from", "wish-date")));
    }
}
