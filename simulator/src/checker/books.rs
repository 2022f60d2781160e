//! The books: everything durable, as plain JSON.

use std::collections::BTreeMap;

use eventstore::{Body, Stored};
use jiff::civil::Date;
use kernel::{Timestamp, Verdict};
use payments::provider::{Item, PaymentProvider};
use serde_json::Value;

use crate::world::{SERVICES, World};

/// Lines of the provider's ledger read at once.
const PAGE: usize = 100_000;

/// An event.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The service whose it is.
    pub service: &'static str,
    /// When it was decided.
    pub at: Timestamp,
    /// Its stream's kind.
    pub kind: String,
    /// Its stream's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it says.
    pub data: Value,
}

impl Fact {
    /// Whether it is this event of this kind of stream.
    pub fn is(&self, kind: &str, name: &str) -> bool {
        self.kind == kind && self.name == name
    }

    /// A text it says, empty when it does not.
    pub fn text(&self, name: &str) -> &str {
        self.data[name].as_str().unwrap_or_default()
    }

    /// A date it says.
    pub fn date(&self, name: &str) -> Date {
        self.text(name).parse().unwrap_or_default()
    }
}

/// Everything durable.
#[derive(Debug, Default)]
pub struct Books {
    /// What is stored, by service.
    pub stored: BTreeMap<&'static str, Vec<Stored>>,
    /// All events: by service, and inside a lane in order.
    pub facts: Vec<Fact>,
    /// What became of every command, by service, caller and key.
    pub records: BTreeMap<(&'static str, String, String), Vec<Verdict>>,
    /// The provider's open authorisations by key.
    pub open_at_provider: Vec<String>,
    /// What the provider has taken and given back, by the key of the authorisation, minor units.
    pub moved_at_provider: BTreeMap<String, (i64, i64)>,
}

impl Books {
    /// Reads the disks and the provider's ledger.
    pub async fn read(world: &World) -> Self {
        let mut books = Self::default();
        for service in SERVICES {
            let stored = world.disk(service).all();
            stored.iter().for_each(|s| books.take(service, s));
            books.stored.insert(service, stored);
        }
        let ledger = world.provider.list(String::new(), PAGE).await;
        let items = ledger.map(|l| l.items).unwrap_or_default();
        books.moved_at_provider = items.iter().map(|i| (i.key.clone(), (i.captured, i.refunded))).collect();
        let is_open = |item: &Item| item.state == payments::provider::State::Authorised;
        books.open_at_provider = items.into_iter().filter(is_open).map(|i| i.key).collect();
        books
    }

    fn take(&mut self, service: &'static str, stored: &Stored) {
        match &stored.body {
            Body::Command(r) => {
                self.records.entry((service, r.caller.clone(), r.key.clone())).or_default().push(r.verdict.clone());
            }
            Body::Event(e) => {
                let mut json: Value = serde_json::from_str(&e.json).unwrap_or_default();
                let data = json.get_mut(&e.name).map(Value::take).unwrap_or_default();
                let (kind, id) = (e.stream.kind.to_string(), e.stream.id.clone());
                self.facts.push(Fact { service, at: e.by.at, kind, id, name: e.name.clone(), data });
            }
        }
    }

    /// The events of one kind of stream of a service.
    pub fn of<'a>(&'a self, service: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |f| f.service == service && f.kind == kind)
    }

    /// How a saga ended: its answer or its refusal's code, and when.
    pub fn end_of(&self, service: &str, saga: &str) -> Option<(Result<Value, String>, Timestamp)> {
        self.of(service, "saga").filter(|f| f.id == saga).find_map(|f| match f.name.as_str() {
            "Done" => Some((Ok(f.data["reply"].clone()), f.at)),
            "Undone" => Some((Err(f.data["refused"]["code"].as_str().unwrap_or_default().to_owned()), f.at)),
            _ => None,
        })
    }
}
