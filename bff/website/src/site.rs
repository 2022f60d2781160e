//! What the pages of the website share: mistakes in forms, terms, pages that say one thing.

use axum::response::Response;
use http::StatusCode;
use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front, No, Visit, page};
use serde::Serialize;

use crate::house::plus;

/// A mistake in a form, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub text: String,
}

/// Mistakes in words; the title says first that there are some.
pub fn wrong(f: Frame, problems: &[(&'static str, &'static str)]) -> (Frame, Vec<Wrong>) {
    let found: Vec<Wrong> = problems.iter().map(|(field, key)| Wrong { field, text: f.t(*key) }).collect();
    let title = format!("{} {}", f.t("error-word"), f.title);
    (if found.is_empty() { f } else { f.titled(title) }, found)
}

/// The mistake of one field.
pub fn of<'a>(problems: &'a [Wrong], field: &str) -> Option<&'a str> {
    problems.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.text.as_str())
}

/// Until when a stay is cancelled free of charge: the end of this day at the hotel.
pub fn free_until(arrival: Date) -> Date {
    plus(arrival, -1)
}

/// The terms of cancelling, with date and amount. `paid` is what is paid when it is booked; else the first night is
/// reserved on a card, and nothing is taken.
pub fn terms(f: &Frame, arrival: Date, paid: Option<Money>, first_night: Money) -> String {
    match paid {
        Some(total) => f.tx(
            "terms-prepaid",
            &[("until", f.day(&free_until(arrival)).into()), ("from", f.day(&arrival).into()), ("amount", f.money(&total).into())],
        ),
        None => f.tab("terms-card", ("until", f.day(&free_until(arrival))), ("amount", f.money(&first_night))),
    }
}

/// The page for everything that is not open to whoever asks: it says the same whether there is such a thing or not.
pub fn stranger(front: &Front, visit: &Visit) -> Response {
    page::message(front, visit, StatusCode::NOT_FOUND, "stranger-title", "stranger-text")
}

/// The page that says that a service is away and nothing has happened.
pub fn away(front: &Front, visit: &Visit) -> Response {
    page::message(front, visit, StatusCode::SERVICE_UNAVAILABLE, "away-title", "away-text")
}

/// The page for a refusal without a better place.
pub fn refused(front: &Front, visit: &Visit, no: &No) -> Response {
    page::refused(front, visit, no)
}
