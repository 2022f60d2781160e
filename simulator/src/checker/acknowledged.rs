//! Nothing acknowledged is lost, nothing happens that nobody asked for, and nothing happens twice.

use std::collections::BTreeMap;

use kernel::Verdict;
use kernel::id::Ids;
use serde_json::Value;

use super::Case;
use super::books::{Books, Fact};
use super::lives;
use crate::workload::{Op, Said, Want};

const LOST: &str = "nothing acknowledged is lost";
const UNASKED: &str = "nothing happens that nobody asked for";
const TWICE: &str = "nothing happens twice";

/// Checks every wish against the books, and the books against the wishes.
pub fn check(case: &mut Case) {
    let mut found: Vec<(&str, String, String)> = Vec::new();
    for op in &case.ops {
        let about = op.want.reservation().map_or_else(|| reservation_of(op), str::to_owned);
        found.extend(record_of(&case.books, op).err().map(|what| (LOST, format!("{op}: {what}"), about.clone())));
        if let Said::Ok(reply) = &op.said
            && !happened(&case.books, op, reply)
        {
            found.push((LOST, format!("{op}: it has not happened"), about));
        }
    }
    let asked: BTreeMap<(&str, &str, &str), &Op> =
        case.ops.iter().map(|op| ((op.want.service(), op.caller.as_str(), op.key.as_str()), op)).collect();
    for ((service, caller, key), verdicts) in &case.books.records {
        if verdicts.len() > 1 {
            found.push((TWICE, format!("{service} has {} records of {key} of {caller}", verdicts.len()), String::new()));
        }
        if caller.starts_with("dev:") && !asked.contains_key(&(*service, caller.as_str(), key.as_str())) {
            found.push((UNASKED, format!("{service} has handled {key} of {caller}"), String::new()));
        }
    }
    let wanted: BTreeMap<String, &Op> =
        case.ops.iter().filter(|op| matches!(op.want, Want::Book { .. })).map(|op| (reservation_of(op), op)).collect();
    for (id, life) in lives::fold(&case.books) {
        match wanted.get(&id) {
            None => found.push((UNASKED, format!("nobody has asked for {id}"), id)),
            Some(op) if life.booked > 0 && matches!(op.said, Said::Refused(..)) => {
                found.push((UNASKED, format!("{op}, and it is booked"), id));
            }
            Some(_) if life.booked > 1 => found.push((TWICE, format!("{id} was booked {} times", life.booked), id)),
            Some(_) => {}
        }
    }
    for (invariant, what, about) in found {
        case.found(invariant, &what, &about);
    }
}

/// The reservation that a booking makes, by the rule of ids: derived from caller and key.
fn reservation_of(op: &Op) -> String {
    Ids::of(&op.caller, &op.key).derive("res")
}

/// The record of a wish must say what the client was told.
fn record_of(books: &Books, op: &Op) -> Result<(), String> {
    let service = op.want.service();
    let verdict = books.records.get(&(service, op.caller.clone(), op.key.clone())).and_then(|all| all.first());
    let says = match (&op.said, verdict) {
        (Said::Info, _) => return Ok(()),
        (_, None) => return Err("there is no record of it".into()),
        (_, Some(Verdict::Applied(reply))) => Ok(serde_json::from_str(reply).unwrap_or_default()),
        (_, Some(Verdict::Refused(refused))) => Err(refused.code.clone()),
        (_, Some(Verdict::Tombstone)) => Err("overtaken".into()),
        (_, Some(Verdict::Saga(saga))) => books.end_of(service, saga).ok_or_else(|| format!("{saga} has not ended"))?.0,
    };
    let told: Result<Value, String> = match &op.said {
        Said::Ok(reply) => Ok(reply.clone()),
        Said::Refused(code, _) => Err(code.clone()),
        Said::Info => return Ok(()),
    };
    if says == told { Ok(()) } else { Err(format!("its record says {says:?}")) }
}

/// What was confirmed has happened, exactly as asked.
fn happened(books: &Books, op: &Op, reply: &Value) -> bool {
    let once = |service: &str, kind: &str, name: &str, is_it: &dyn Fn(&Fact) -> bool| {
        books.of(service, kind).filter(|f| f.name == name && is_it(f)).count() == 1
    };
    match &op.want {
        Want::Book { hotel, room_type, arrival, departure, .. } => {
            let id = reservation_of(op);
            reply["reservation"] == id.as_str()
                && once("reservations", "reservation", "Booked", &|f| {
                    f.id == id
                        && f.text("hotel") == *hotel
                        && f.text("room_type") == *room_type
                        && (f.date("arrival"), f.date("departure")) == (*arrival, *departure)
                })
        }
        Want::ChangeType { reservation, room_type, .. } => once("reservations", "reservation", "TypeChanged", &|f| {
            f.id == *reservation && f.text("room_type") == *room_type && f.data["revision"] == reply["revision"]
        }),
        Want::Amend { reservation, arrival, departure, .. } => once("reservations", "reservation", "Amended", &|f| {
            f.id == *reservation
                && (f.date("arrival"), f.date("departure")) == (*arrival, *departure)
                && f.data["revision"] == reply["revision"]
        }),
        Want::Cancel { reservation, .. } => once("reservations", "reservation", "Cancelled", &|f| f.id == *reservation),
        Want::NoShow { reservation, .. } => once("reservations", "reservation", "NoShowed", &|f| f.id == *reservation),
        Want::CheckIn { reservation, .. } => once("stays", "stay", "CheckedIn", &|f| {
            f.id == *reservation && format!("{}-{}", f.text("room_type"), f.data["number"]) == reply["room"]
        }),
        Want::CheckOut { reservation, .. } => once("stays", "stay", "CheckedOut", &|f| f.id == *reservation),
        Want::CloseDay { hotel, date } => {
            once("stays", "day", "DayOpened", &|f| f.id == *hotel && f.date("closed") == *date)
                && once("inventory", "ledger", "NightClosed", &|f| f.id == *hotel && f.date("date") == *date)
        }
        Want::Register { .. } => once("guests", "guest", "GuestCreated", &|f| reply["guest"] == f.id.as_str()),
        Want::Limit { .. } | Want::Define { .. } => true,
    }
}
