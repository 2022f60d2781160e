//! `POST /desk/audit/run`: closes the business date. Whoever presses is led to the audit that runs, also when somebody else has
//! begun it a moment ago.

use std::time::Duration;

use axum::Form as Body;
use axum::extract::State;
use axum::response::Response;
use contracts::stays::{CloseDay, DayClosed};
use jiff::civil::Date;
use kit::told::Form;
use kit::{Front, Said, Visit, page};
use peer::At;
use pipeline::Role;

use super::HOME;
use super::past::Audits;
use crate::desk;

/// How long somebody who has pressed the button looks at the old page; then the steps are more honest.
const PATIENCE: Duration = Duration::from_millis(700);

/// `POST /desk/audit/run`.
pub async fn run(State(front): State<Front>, visit: Visit, Body(sent): Body<Vec<(String, String)>>) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    let form = Form { front: &front, visit: &visit, sent: &sent, to: HOME };
    let (key, hotel) = (form.field("key").unwrap_or_default(), form.field("hotel").unwrap_or_default().to_owned());
    let date: Option<Date> = form.field("date").and_then(|date| date.parse().ok());
    let (true, Some(date)) = (desk::is_key(key) && kernel::id::is_code(&hotel), date) else { return form.lacks() };
    let ask = front.ask_for(&visit);
    match ask.send_within(&CloseDay { hotel: hotel.clone(), date }, key, None, PATIENCE).await {
        Said::Done(day, at) => page::onward(&visit, &format!("{HOME}?closed={}", day.closed), &at),
        Said::Pending(location) => match location.rsplit_once('/').map(|(_, saga)| saga).filter(|saga| desk::is_plain(saga)) {
            Some(saga) => page::onward(&visit, &format!("{HOME}?saga={saga}"), &At::default()),
            None => page::onward(&visit, HOME, &At::default()),
        },
        // Another desk was first, or this press has been heard before: its audit is the one that is meant.
        said => match elsewhere(&front, &visit, &hotel, date).await {
            Some(to) => page::onward(&visit, &to, &At::default()),
            None => form.came::<DayClosed>("audit.closed", said),
        },
    }
}

/// The audit of this date that another desk has begun, or has ended already.
async fn elsewhere(front: &Front, visit: &Visit, hotel: &str, date: Date) -> Option<String> {
    let log = Audits::of(&front.ask_for(visit), hotel).await.into_here()?;
    match log.running().filter(|begun| begun.date == date) {
        Some(begun) => Some(format!("{HOME}?saga={}", begun.saga)),
        None => log.closed(date).map(|closed| format!("{HOME}?closed={}", closed.closed)),
    }
}
