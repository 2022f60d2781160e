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

/// Until when a stay is cancelled free of charge: the end of this day at the hotel. Nothing from the day of arrival on.
pub fn free_until(arrival: Date, today: Date) -> Option<Date> {
    Some(plus(arrival, -1)).filter(|last| *last >= today)
}

/// The same in a sentence.
pub fn free_text(f: &Frame, free_until: Option<&Date>) -> String {
    free_until.map_or_else(|| f.t("free-none"), |date| f.ta("free-until", "date", f.day(date)))
}

/// The terms of cancelling, with date and amount. `paid` is what is paid when it is booked; else the first night is
/// reserved on a card, and nothing is taken.
pub fn terms(f: &Frame, arrival: Date, today: Date, paid: Option<Money>, first_night: Money) -> String {
    match (paid, free_until(arrival, today)) {
        (Some(total), Some(until)) => {
            f.tx("terms-prepaid", &[("until", f.day(&until).into()), ("from", f.day(&arrival).into()), ("amount", f.money(&total).into())])
        }
        (Some(total), None) => f.ta("terms-prepaid-late", "amount", f.money(&total)),
        (None, Some(until)) => f.tab("terms-card", ("until", f.day(&until)), ("amount", f.money(&first_night))),
        (None, None) => f.ta("terms-card-late", "amount", f.money(&first_night)),
    }
}

/// The page for everything that is not open to whoever asks: it says the same whether there is such a thing or not.
pub fn stranger(front: &Front, visit: &Visit) -> Response {
    page::message(front, visit, StatusCode::NOT_FOUND, "stranger-title", "stranger-text")
}

/// The page for a refusal without a better place.
pub fn refused(front: &Front, visit: &Visit, no: &No) -> Response {
    page::refused(front, visit, no)
}
