//! What the log of a hotel's business day says of its audits: who began one, whether it runs, and what it came to. The log is
//! asked because it answers for every audit, also one that another desk has started or an earlier process has ended.

use jiff::Timestamp;
use jiff::civil::Date;
use kit::{Ask, Part};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The log, the newest last.
#[derive(Debug, Default, Deserialize)]
pub struct Audits {
    items: Vec<Stored>,
}

#[derive(Debug, Deserialize)]
struct Stored {
    name: String,
    #[serde(default)]
    data: Value,
    /// Nothing when it is the caller.
    #[serde(default)]
    actor: String,
    #[serde(default)]
    caller: String,
    at: Timestamp,
}

/// An audit that was begun.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Begun {
    /// Its saga.
    pub saga: String,
    /// The date it closes.
    pub date: Date,
    /// Who pressed the button.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A date that is closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Closed {
    /// The date.
    pub closed: Date,
    /// The date that is open since.
    pub opened: Date,
    /// Rooms with somebody in them over the night.
    pub in_house: u32,
    /// What was posted, minor units.
    pub posted: i64,
    /// Who closed it, where that is known.
    pub by: Option<String>,
    /// How long it took, milliseconds, where that is known.
    pub took_ms: Option<i64>,
}

impl Stored {
    fn date(&self, field: &str) -> Option<Date> {
        self.data[field].as_str()?.parse().ok()
    }

    /// Who it was, as people are called at work.
    fn who(&self) -> String {
        let who = if self.actor.is_empty() { &self.caller } else { &self.actor };
        who.strip_prefix("dev:").unwrap_or(who).to_owned()
    }

    fn begun(&self) -> Option<Begun> {
        let saga = self.data["saga"].as_str().filter(|_| self.name == "AuditStarted")?;
        Some(Begun { saga: saga.to_owned(), date: self.date("date")?, by: self.who(), at: self.at })
    }
}

impl Audits {
    /// The log of one hotel.
    pub async fn of(ask: &Ask<'_>, hotel: &str) -> Part<Self> {
        ask.get("stays", &format!("/history?streams=day/{hotel}&partition={hotel}")).await
    }

    /// The audit that runs.
    pub fn running(&self) -> Option<Begun> {
        let last = self.items.iter().rfind(|e| ["AuditStarted", "AuditReopened", "DayOpened"].contains(&e.name.as_str()))?;
        last.begun()
    }

    /// An audit by its saga.
    pub fn begun(&self, saga: &str) -> Option<Begun> {
        self.items.iter().rev().filter_map(Stored::begun).find(|begun| begun.saga == saga)
    }

    /// What closing a date came to.
    pub fn closed(&self, date: Date) -> Option<Closed> {
        let opened = |e: &&Stored| e.name == "DayOpened" && e.date("closed") == Some(date);
        let at = self.items.iter().rposition(|e| opened(&e))?;
        let end = self.items.get(at)?;
        let begun = self.items[..at].iter().rev().find_map(Stored::begun).filter(|begun| begun.date == date);
        Some(Closed {
            closed: date,
            opened: end.date("date")?,
            in_house: end.data["in_house"].as_u64()? as u32,
            posted: end.data["posted"].as_i64()?,
            took_ms: begun.as_ref().map(|begun| end.at.as_millisecond() - begun.at.as_millisecond()),
            by: begun.map(|begun| begun.by).filter(|by| !by.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn log(items: Value) -> Audits {
        serde_json::from_value(json!({"items": items})).expect("a log")
    }

    #[test]
    fn the_log_says_which_audit_runs_and_what_came_of_those_before() {
        let started = |day: &str, saga: &str, at: &str| json!({"name": "AuditStarted", "actor": "", "caller": "dev:ana", "at": format!("2027-03-04T23:00:{at}Z"), "data": {"date": day, "in_house": 3, "saga": saga}});
        let first = started("2027-03-04", "audit_a-01", "00.000");
        let reopened = json!({"name": "AuditReopened", "actor": "", "at": "2027-03-04T23:00:01Z", "data": {"date": "2027-03-04"}});
        let second = started("2027-03-04", "audit_b-01", "02.000");
        let opened = json!({"name": "DayOpened", "actor": "", "at": "2027-03-04T23:00:03.5Z",
            "data": {"closed": "2027-03-04", "date": "2027-03-05", "in_house": 3, "posted": 29_400}});
        let (fourth, fifth) = (date(2027, 3, 4), date(2027, 3, 5));

        assert_eq!(log(json!([])).running(), None);
        assert_eq!(log(json!([first])).running().map(|b| (b.saga, b.by)), Some(("audit_a-01".into(), "ana".into())));
        assert_eq!(log(json!([first, reopened])).running(), None);
        let all = log(json!([first, reopened, second, opened]));
        assert_eq!((all.running(), all.closed(fifth)), (None, None));
        assert_eq!(all.begun("audit_a-01").map(|b| b.date), Some(fourth));
        let expected = Closed { closed: fourth, opened: fifth, in_house: 3, posted: 29_400, by: Some("ana".into()), took_ms: Some(1_500) };
        assert_eq!(all.closed(fourth), Some(expected));
    }
}
