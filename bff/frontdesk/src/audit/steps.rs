//! An audit that runs, or has ended: its steps in the hotel's words.

use contracts::stays::DayClosed;
use kit::Frame;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Steps of an audit, when stays does not say them.
const USUAL: [&str; 4] = ["close-sales", "close-night", "open-day", "post"];

/// The saga as stays shows it; older services say less.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Saga {
    /// `audit`.
    #[serde(default)]
    pub kind: String,
    /// The hotel.
    #[serde(default)]
    pub partition: String,
    /// `running`, `stuck`, `done`, `undone`.
    #[serde(default)]
    pub state: String,
    /// How long it has run, seconds.
    #[serde(default)]
    pub age_s: i64,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    stuck: Option<Stuck>,
    #[serde(default)]
    heard: Option<String>,
    #[serde(default)]
    answer: Option<Answer>,
}

#[derive(Clone, Debug, Deserialize)]
struct Step {
    name: String,
    state: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Stuck {
    step: String,
    reason: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Answer {
    status: u16,
    #[serde(default)]
    body: Value,
}

/// A step as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// `waiting`, `running`, `done`, `undone`, `failed`.
    pub state: String,
    /// Its mark.
    pub mark: &'static str,
    /// In words.
    pub text: String,
}

/// Why an audit has turned back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failed {
    /// The stable code.
    pub code: String,
    /// Stays or reservations it names.
    pub named: Vec<String>,
    /// Rooms sold and rooms taken, when they do not agree.
    pub sold: Option<[u64; 2]>,
}

impl Saga {
    /// Whether it is an audit of this hotel.
    pub fn is_of(&self, hotel: &str) -> bool {
        self.kind == "audit" && self.partition == hotel
    }

    /// Whether it is under way.
    pub fn is_open(&self) -> bool {
        !matches!(self.state.as_str(), "done" | "undone")
    }

    /// What it came to.
    pub fn closed(&self) -> Option<DayClosed> {
        let answer = self.answer.as_ref().filter(|answer| (200..300).contains(&answer.status))?;
        serde_json::from_value(answer.body.clone()).ok()
    }

    /// Why it has turned back.
    pub fn failed(&self) -> Option<Failed> {
        let answer = self.answer.as_ref().filter(|answer| answer.status >= 400)?;
        Some(Failed::of(answer.body["code"].as_str().unwrap_or("bug"), &answer.body["detail"]))
    }

    /// Where it hangs and why, as codes.
    pub fn hangs(&self) -> Option<(&str, &str)> {
        self.stuck.as_ref().map(|stuck| (stuck.step.as_str(), stuck.reason.as_str()))
    }

    /// What it has heard last, when that was no success.
    pub fn heard(&self) -> Option<&str> {
        self.heard.as_deref().filter(|heard| *heard != "unknown")
    }

    /// Its steps.
    pub fn shown(&self, f: &Frame, date: &jiff::civil::Date, next: &jiff::civil::Date) -> Vec<Shown> {
        let usual =
            || USUAL.into_iter().enumerate().map(|(n, name)| (name.to_owned(), if n == 0 { "running" } else { "waiting" }.to_owned()));
        let steps: Vec<(String, String)> =
            if self.steps.is_empty() { usual().collect() } else { self.steps.iter().map(|s| (s.name.clone(), s.state.clone())).collect() };
        let hangs_at = self.hangs().map(|(step, _)| step);
        let shown = |(name, state): (String, String)| {
            let state = if hangs_at == Some(name.as_str()) { "failed".to_owned() } else { state };
            let text = match name.as_str() {
                "open-day" => f.ta("audit-step-open-day", "date", f.day(next)),
                "close-sales" | "close-night" | "post" => f.ta(format!("audit-step-{name}"), "date", f.day(date)),
                _ => name.clone(),
            };
            Shown { mark: mark(&state), text, name, state }
        };
        steps.into_iter().map(shown).collect()
    }
}

impl Failed {
    /// What a refusal says.
    pub fn of(code: &str, detail: &Value) -> Self {
        let ids = detail["stays"].as_array().or(detail["reservations"].as_array());
        let named = ids.into_iter().flatten().filter_map(|id| id.as_str().filter(|id| crate::desk::is_plain(id)).map(str::to_owned));
        let sold = detail["sold"].as_u64().zip(detail["in_house"].as_u64()).map(|(sold, in_house)| [sold, in_house]);
        Self { code: code.to_owned(), named: named.collect(), sold }
    }
}

fn mark(state: &str) -> &'static str {
    match state {
        "done" => "✓",
        "running" => "◐",
        "undone" => "↺",
        "failed" => "✕",
        _ => "○",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_saga_says_what_it_came_to() {
        let saga = |value: Value| serde_json::from_value::<Saga>(value).expect("a saga");
        let open = saga(json!({"kind": "audit", "partition": "H", "state": "running", "answer": null}));
        assert!(open.is_of("H") && !open.is_of("G") && open.is_open());
        assert_eq!((open.closed(), open.failed()), (None, None));
        let body = json!({"closed": "2027-03-04", "in_house": 3, "posted_amount": 29_400, "business_date": "2027-03-05"});
        let done = saga(json!({"state": "done", "answer": {"status": 200, "body": body}}));
        assert_eq!(done.closed().map(|day| (day.in_house, day.posted_amount)), Some((3, 29_400)));
        let left = json!({"code": "arrivals-left", "detail": {"left": 2, "reservations": ["res_1", "../x"]}});
        let undone = saga(json!({"state": "undone", "answer": {"status": 409, "body": left}}));
        assert_eq!(undone.failed(), Some(Failed { code: "arrivals-left".into(), named: vec!["res_1".into()], sold: None }));
        let uneven = Failed::of("night-unbalanced", &json!({"sold": 4, "in_house": 3}));
        assert_eq!(uneven.sold, Some([4, 3]));
    }
}
