//! What happened to one stay, from the logs of four services. Each round asks for the streams that the last one has named: its
//! payment, the sagas that gave it a room, the records of nights in inventory. A service that does not answer is a gap with
//! a name; the others go on.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use kit::{Ask, Part};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rounds of asking: its own streams ▸ its payment and sagas.
const ROUNDS: usize = 3;
/// Streams, and records, of one question.
const ASKED_MAX: usize = 40;

/// Steps of sagas that move nights in inventory, whose log is of the whole house: it keeps a record of each by the step's key.
const NIGHTS: [(&str, &str); 9] = [
    ("book", "hold"),
    ("book", "hold/undo"),
    ("book", "confirm"),
    ("amend", "amend"),
    ("retype", "move"),
    ("giveback", "release"),
    ("checkout", "release"),
    ("moveroom", "move"),
    ("extend", "amend"),
];

/// A stored event, or the record of a command.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Stored {
    /// Of which thing; empty: a record.
    pub stream: String,
    /// Its place among the thing's events.
    pub version: u64,
    /// The event's name.
    pub name: String,
    /// The lane it lies in.
    pub lane: u64,
    /// Its place in the lane.
    pub pos: u64,
    /// What the event says.
    pub data: Value,
    /// When, UTC.
    pub at: String,
    /// The hotel's date then.
    pub business_date: Option<String>,
    /// Who sent the command.
    pub caller: String,
    /// Its key.
    pub key: String,
    /// Who is behind it.
    pub actor: String,
    /// What made it happen.
    pub causation: String,
    /// `applied`, `refused`, … of a record.
    pub verdict: String,
    /// The answer of a record.
    pub detail: Value,
}

impl Stored {
    /// What is there, as it is stored.
    pub fn raw(&self) -> String {
        let mut raw = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut raw {
            fields.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        }
        serde_json::to_string_pretty(&raw).unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct History {
    items: Vec<Stored>,
    records: Vec<Stored>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Events and records by service.
    pub all: Vec<(&'static str, Stored)>,
    /// Who did not answer.
    pub silent: BTreeSet<&'static str>,
}

#[derive(Default)]
struct Wanted {
    streams: BTreeMap<&'static str, BTreeSet<String>>,
    records: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Wanted {
    fn stream(&mut self, service: &'static str, stream: String) {
        self.streams.entry(service).or_default().insert(stream);
    }

    /// What an event names.
    fn read(&mut self, service: &'static str, stored: &Stored) {
        let mut sagas: Vec<&str> = Vec::new();
        walk(&stored.data, &mut |name, text| match name {
            "saga" => sagas.push(text),
            "payment" if text.starts_with("pay_") => self.stream("payments", format!("payment/{text}")),
            _ => {}
        });
        sagas.extend([&stored.causation, &stored.key].map(|text| text.split_once('/').map_or(text.as_str(), |(saga, _)| saga)));
        sagas.retain(|saga| !saga.is_empty() && crate::desk::is_plain(saga));
        for saga in sagas {
            let kind = saga.split('_').next().unwrap_or_default();
            // The caller of a saga's step is the service that the saga belongs to.
            let owner = stored.caller.strip_prefix("service:").filter(|_| stored.key.starts_with(saga)).unwrap_or(service);
            for (_, step) in NIGHTS.iter().filter(|(of, _)| *of == kind) {
                self.records.entry("inventory").or_default().insert(format!("service:{owner}~{saga}/{step}"));
            }
            // Who gave the room, and which; who moved the guest within a type.
            if kind == "assign" || kind == "moveroom" {
                self.stream("stays", format!("saga/{saga}"));
            }
        }
    }
}

fn walk<'a>(value: &'a Value, see: &mut impl FnMut(&'a str, &'a str)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
            Value::String(text) => see(name, text),
            other => walk(other, see),
        }),
        Value::Array(values) => values.iter().for_each(|value| walk(value, see)),
        _ => {}
    }
}

/// Asks the services for what they have of a reservation.
pub async fn gather(ask: &Ask<'_>, hotel: &str, reservation: &str) -> Found {
    let mut wanted = Wanted::default();
    wanted.stream("reservations", format!("reservation/{reservation}"));
    for stream in ["stay", "folio"] {
        wanted.stream("stays", format!("{stream}/{reservation}"));
    }
    let (mut found, mut asked) = (Found::default(), BTreeSet::new());
    for _ in 0..ROUNDS {
        let services: BTreeSet<&'static str> = wanted.streams.keys().chain(wanted.records.keys()).copied().collect();
        let mut questions = Vec::new();
        for service in services.into_iter().filter(|service| !found.silent.contains(service)) {
            let mut new = |of: &BTreeMap<&'static str, BTreeSet<String>>| -> Vec<String> {
                let all = of.get(service).into_iter().flatten();
                all.filter(|text| asked.insert((service, (*text).clone()))).take(ASKED_MAX).cloned().collect()
            };
            let (streams, records) = (new(&wanted.streams), new(&wanted.records));
            if !streams.is_empty() || !records.is_empty() {
                questions
                    .push((service, format!("/history?partition={hotel}&streams={}&records={}", streams.join(","), records.join(","))));
            }
        }
        if questions.is_empty() {
            break;
        }
        let answers = questions.into_iter().map(|(service, path)| async move { (service, ask.get::<History>(service, &path).await) });
        for (service, part) in join_all(answers).await {
            match part {
                Part::Here(history) => {
                    for stored in history.items.into_iter().chain(history.records) {
                        wanted.read(service, &stored);
                        found.all.push((service, stored));
                    }
                }
                Part::No(_) | Part::Silent(_) => {
                    found.silent.insert(service);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_names_its_payment_its_nights_and_who_gave_it_a_room() {
        let mut wanted = Wanted::default();
        let booked = Stored { data: json!({"payment": "pay_1"}), causation: "book_1-02/book".into(), ..Stored::default() };
        wanted.read("reservations", &booked);
        let marked = Stored { caller: "service:stays".into(), key: "assign_7-01/earmark".into(), ..Stored::default() };
        wanted.read("reservations", &marked);
        wanted.read("stays", &Stored { data: json!({"saga": "extend_9-01"}), ..Stored::default() });
        assert_eq!(wanted.streams["payments"], BTreeSet::from(["payment/pay_1".to_owned()]));
        assert_eq!(wanted.streams["stays"], BTreeSet::from(["saga/assign_7-01".to_owned()]));
        assert!(wanted.records["inventory"].contains("service:reservations~book_1-02/confirm"));
        assert!(wanted.records["inventory"].contains("service:stays~extend_9-01/amend"));
    }
}
