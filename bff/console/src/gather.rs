//! Everything that all services have stored of one booking. Each round asks for the streams that the last one has named
//! (its sagas, its payment), in parallel; a service that does not answer is a gap with a name, the others go on.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use kit::{Ask, Part};
use serde_json::Value;

use crate::services::{History, Stored};

/// Rounds of asking: reservation ▸ its sagas ▸ its payment ▸ that one's sagas.
const ROUNDS: usize = 4;
/// Streams of one question.
const STREAMS_MAX: usize = 40;

/// The steps of sagas whose command's record another service keeps under the step's own key.
const STEPS: &[(&str, &str, &str)] = &[
    ("book", "hold", "inventory"),
    ("book", "hold/again1", "inventory"),
    ("book", "hold/undo", "inventory"),
    ("book", "authorise", "payments"),
    ("book", "authorise/undo", "payments"),
    ("book", "confirm", "inventory"),
    ("book", "confirm/again1", "inventory"),
    ("book", "capture", "payments"),
    ("amend", "amend", "inventory"),
    ("retype", "move", "inventory"),
    ("giveback", "release", "inventory"),
    ("giveback", "void", "payments"),
    ("giveback", "refund", "payments"),
    ("checkin", "arrive", "reservations"),
    ("checkin", "arrive/undo", "reservations"),
    ("checkout", "release", "inventory"),
    ("checkout", "void", "payments"),
];

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Events by service, as each has told them.
    pub events: Vec<(&'static str, Stored)>,
    /// Records of commands that sagas have sent, by the service that keeps them.
    pub records: Vec<(&'static str, Stored)>,
    /// Who did not answer.
    pub silent: BTreeSet<&'static str>,
    /// Whether the booking names a guest; who it is, is not asked.
    pub has_guest: bool,
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

    /// What an event or a record names.
    fn read(&mut self, service: &'static str, stored: &Stored) {
        let mut sagas = Vec::new();
        for value in [&stored.data, &stored.detail] {
            walk(value, &mut |name, text| match name {
                "saga" => sagas.push(text.to_owned()),
                "payment" if text.starts_with("pay_") => self.stream("payments", format!("payment/{text}")),
                _ => {}
            });
        }
        if stored.verdict == "saga" {
            sagas.extend(stored.detail.as_str().map(str::to_owned));
        }
        for saga in sagas {
            let kind = saga.split('_').next().unwrap_or_default();
            for (_, step, at) in STEPS.iter().filter(|(of, _, _)| *of == kind) {
                self.records.entry(at).or_default().insert(format!("service:{service}~{saga}/{step}"));
            }
            self.stream(service, format!("saga/{saga}"));
        }
    }
}

/// Every text in a value, with the name of its field.
pub fn walk<'a>(value: &'a Value, see: &mut impl FnMut(&'a str, &'a str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) => see(name, text),
                    other => walk(other, see),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, see)),
        _ => {}
    }
}

/// Asks all services for what they have of a reservation.
pub async fn gather(ask: &Ask<'_>, hotel: &str, reservation: &str) -> Found {
    let mut wanted = Wanted::default();
    wanted.stream("reservations", format!("reservation/{reservation}"));
    wanted.stream("stays", format!("stay/{reservation}"));
    wanted.stream("stays", format!("folio/{reservation}"));
    let (mut found, mut asked) = (Found::default(), BTreeSet::new());
    for _ in 0..ROUNDS {
        let services: BTreeSet<&'static str> = wanted.streams.keys().chain(wanted.records.keys()).copied().collect();
        let questions = services.into_iter().filter(|service| !found.silent.contains(service)).filter_map(|service| {
            let mut new = |of: &BTreeMap<&'static str, BTreeSet<String>>| -> Vec<String> {
                let all = of.get(service).into_iter().flatten();
                all.filter(|text| asked.insert((service, (*text).clone()))).take(STREAMS_MAX).cloned().collect()
            };
            let (streams, records) = (new(&wanted.streams), new(&wanted.records));
            let path = format!("/history?partition={hotel}&streams={}&records={}", streams.join(","), records.join(","));
            (!streams.is_empty() || !records.is_empty()).then_some((service, path))
        });
        let questions: Vec<_> = questions.collect();
        if questions.is_empty() {
            break;
        }
        let answers = join_all(questions.into_iter().map(|(service, path)| {
            let ask = ask.clone();
            async move { (service, ask.wait::<History>(service, &path, kit::ask::PANEL).await) }
        }));
        for (service, part) in answers.await {
            let Part::Here(history) = part else {
                found.silent.insert(service);
                continue;
            };
            for stored in history.items.iter().chain(&history.records) {
                wanted.read(service, stored);
                walk(&stored.data, &mut |name, text| found.has_guest |= name == "guest" && !text.is_empty());
            }
            found.events.extend(history.items.into_iter().map(|stored| (service, stored)));
            found.records.extend(history.records.into_iter().map(|stored| (service, stored)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_names_its_sagas_and_its_payment() {
        let mut wanted = Wanted::default();
        let data = json!({"saga": "book_1-02", "state": {"booking": {"payment": "pay_1", "guarantee": {"token": "…"}}}});
        wanted.read("reservations", &Stored { data, ..Stored::default() });
        let authorise = Stored { verdict: "saga".into(), detail: json!("authorise_9-02"), ..Stored::default() };
        wanted.read("payments", &authorise);
        let of = |service| wanted.streams.get(service).cloned().unwrap_or_default().into_iter().collect::<Vec<_>>();
        assert_eq!(of("reservations"), ["saga/book_1-02"]);
        assert_eq!(of("payments"), ["payment/pay_1", "saga/authorise_9-02"]);
        assert!(wanted.records["inventory"].contains("service:reservations~book_1-02/confirm"));
    }
}
