//! Views that are rebuilt from the lanes show what the living ones showed, and both show what the events say.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use jiff::ToSpan;
use peer::At;
use serde_json::Value;
use tokio::time::sleep;

use super::Case;
use super::lives;
use crate::workload::HOTELS;
use crate::workload::town::OPENS_ON;
use crate::world::World;

const REBUILT: &str = "rebuilt views are the living ones";
const TRUE: &str = "views show what the events say";
/// How often a view that has not come far enough is asked.
const TRIES: u32 = 100;

/// What the views show: answers by path.
pub type Shown = BTreeMap<String, Value>;

fn paths() -> Vec<(&'static str, String)> {
    let mut paths = vec![("hotels", "/hotels".to_owned())];
    let until = OPENS_ON.saturating_add(40.days());
    for hotel in HOTELS.iter().map(|hotel| hotel.code) {
        let below = |service, path: &str| (service, format!("/hotels/{hotel}/{path}"));
        paths.extend([
            below("reservations", "reservations?limit=1000"),
            below("reservations", "days"),
            below("inventory", &format!("availability?from={OPENS_ON}&to={until}")),
            below("inventory", "on-the-books"),
            below("stays", "stays?limit=1000"),
            below("stays", "rooms"),
            below("stays", "floors"),
            below("stays", "days"),
            below("stays", "business-day"),
        ]);
        let dates = (0..6).map(|n| OPENS_ON.saturating_add(n.days()));
        paths.extend(dates.map(|date| below("inventory", &format!("on-the-books?as_of=date:{date}"))));
    }
    paths
}

/// Asks every view for everything, as of everything that is durable.
pub async fn ask(world: &World) -> Shown {
    let mut at = At::default();
    for ((service, lane), pos) in world.heads().await {
        at.merge(&At::of(service, lane, pos));
    }
    let mut shown = Shown::new();
    for (service, path) in paths() {
        let mut answer = Value::Null;
        for _ in 0..TRIES {
            let request = Request::get(format!("/api/{service}/v1{path}")).header(peer::AT, at.to_string()).body(Bytes::new());
            let Ok(request) = request else { break };
            if let Ok(response) = world.ask(service, request).await
                && response.status().is_success()
            {
                answer = serde_json::from_slice(response.body()).unwrap_or_default();
                break;
            }
            sleep(Duration::from_millis(500)).await;
        }
        shown.insert(format!("{service} {path}"), answer);
    }
    shown
}

/// Compares the living views with the rebuilt ones, and both with the events.
pub fn check(case: &mut Case, living: &Shown, rebuilt: &Shown) {
    for (path, shows) in living {
        let again = rebuilt.get(path).unwrap_or(&Value::Null);
        if shows.is_null() || shows != again {
            case.found(REBUILT, &format!("{path} showed {shows} and shows {again}"), "");
        }
    }
    let lives = lives::fold(&case.books);
    for hotel in HOTELS.iter().map(|hotel| hotel.code) {
        let listed = &living.get(&format!("reservations /hotels/{hotel}/reservations?limit=1000")).unwrap_or(&Value::Null)["items"];
        let listed: BTreeMap<&str, &str> =
            listed.as_array().into_iter().flatten().filter_map(|r| Some((r["reservation"].as_str()?, r["state"].as_str()?))).collect();
        let due: BTreeMap<&str, &str> =
            lives.iter().filter(|(_, life)| life.hotel == hotel).map(|(id, life)| (id.as_str(), life.state.as_str())).collect();
        if listed != due {
            case.found(TRUE, &format!("the list of {hotel} shows {listed:?}, due is {due:?}"), "");
        }
    }
}
