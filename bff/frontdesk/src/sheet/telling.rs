//! The history in words: one line an event, newest first, with what was before and what is after.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Money;
use kit::Frame;
use serde::Serialize;
use serde_json::Value;

use super::history::{Found, Stored};
use crate::known::Hotel;

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Names it among the others.
    pub id: String,
    /// `4 Mar 14:02` in the hotel's zone.
    pub time: String,
    /// The hotel's date then, where it is known.
    pub business_date: Option<Date>,
    /// Who; empty: the house by itself.
    pub actor: String,
    /// The service that says it.
    pub service: &'static str,
    /// In words.
    pub words: String,
    /// What was, and what is.
    pub change: Option<(String, String)>,
    /// Why, as somebody has typed it.
    pub reason: Option<String>,
    /// `ok`, `warn`, `urgent` or nothing.
    pub tone: &'static str,
    /// Whether it is a step on the way, which nobody looks for.
    pub is_step: bool,
    /// The raw event.
    pub raw: String,
}

/// What is true of a stay while its events pass, to say what was before.
#[derive(Default)]
struct Seen {
    room_type: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    price: Option<Money>,
    given: Option<String>,
}

/// The name of an event's text: its service and its own name, for a record the step it answered.
pub fn key(service: &str, stored: &Stored) -> String {
    let name = if stored.stream.is_empty() {
        stored.key.split_once('/').map_or("", |(_, step)| step).replace('/', "-")
    } else if stored.stream.starts_with("saga/") {
        format!("Giving{}", stored.name)
    } else {
        stored.name.clone()
    };
    format!("event-{service}-{name}")
}

/// What a saga of stays says of itself the stay says better, but for a room that is given before there is a stay.
fn is_told_by_the_stay(stored: &Stored) -> bool {
    stored.stream.strip_prefix("saga/").is_some_and(|saga| !saga.starts_with("assign_"))
}

/// All lines, newest first.
pub fn lines(f: &Frame, found: &Found, hotel: &Hotel) -> Vec<Line> {
    let mut all: Vec<(Timestamp, &'static str, &Stored)> = found
        .all
        .iter()
        .filter(|(_, stored)| !is_told_by_the_stay(stored))
        .filter_map(|(service, stored)| Some((stored.at.parse().ok()?, *service, stored)))
        .collect();
    // Within one moment the order of a lane counts: cause before effect.
    all.sort_by_key(|(at, service, stored)| (*at, *service, stored.lane, stored.pos));
    let (zone, mut seen) = (hotel.zone(), Seen::default());
    let begun = beginners(&all);
    let told = |(at, service, stored): (Timestamp, &'static str, &Stored)| {
        let actor = person(stored).or_else(|| begun.get(saga_behind(stored)?).cloned()).unwrap_or_default();
        Line { actor, ..line(f, hotel, &zone, &mut seen, (at, service, stored)) }
    };
    let mut lines: Vec<Line> = all.into_iter().map(told).collect();
    lines.reverse();
    lines
}

fn line(f: &Frame, hotel: &Hotel, zone: &TimeZone, seen: &mut Seen, (at, service, stored): (Timestamp, &'static str, &Stored)) -> Line {
    let is_record = stored.stream.is_empty();
    let of = if is_record { &stored.key } else { &stored.stream };
    let change = change(f, hotel, seen, stored);
    Line {
        id: format!("{service}-{}-{}", of.replace('/', "-"), stored.version),
        time: f.words().moment(at, zone),
        business_date: stored.business_date.as_deref().and_then(|date| date.parse().ok()),
        actor: String::new(),
        service,
        words: words(f, hotel, seen, service, stored),
        change,
        reason: text(&stored.data["reason"]).filter(|_| !stored.stream.starts_with("payment/")),
        tone: tone(stored),
        is_step: is_step(stored),
        raw: stored.raw(),
    }
}

/// A person's name; the house acts by itself where there is none.
fn person(stored: &Stored) -> Option<String> {
    let who = if stored.actor.is_empty() { &stored.caller } else { &stored.actor };
    who.split_once(':').filter(|(kind, _)| *kind != "service").map(|(_, name)| name.to_owned())
}

fn saga_of(text: &str) -> &str {
    text.split_once('/').map_or(text, |(saga, _)| saga)
}

/// The saga that has done something: its own event, an event that names it, or a step whose key begins with it.
fn saga_behind(stored: &Stored) -> Option<&str> {
    let step = [&stored.causation, &stored.key].into_iter().map(|text| saga_of(text)).find(|saga| !saga.is_empty());
    stored.stream.strip_prefix("saga/").or_else(|| stored.data["saga"].as_str()).or(step)
}

/// Who has begun each saga: what it does later is theirs.
fn beginners(all: &[(Timestamp, &'static str, &Stored)]) -> BTreeMap<String, String> {
    let mut begun: BTreeMap<String, String> = BTreeMap::new();
    for (_, _, stored) in all {
        let saga = stored.stream.strip_prefix("saga/").or_else(|| stored.data["saga"].as_str());
        let who = person(stored).or_else(|| begun.get(saga_of(&stored.causation)).cloned());
        if let (Some(saga), Some(who)) = (saga, who) {
            begun.entry(saga.to_owned()).or_insert(who);
        }
    }
    begun
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).filter(|text| !text.is_empty())
}

fn date(value: &Value) -> Option<Date> {
    value.as_str()?.parse().ok()
}

fn money(value: &Value) -> Option<Money> {
    serde_json::from_value(value.clone()).ok()
}

/// The room an event names, as `B-12`.
fn room(data: &Value) -> Option<String> {
    let number = data["number"].as_u64().map(|number| format!("{}-{number}", data["room_type"].as_str().unwrap_or_default()));
    number.or_else(|| text(&data["room"]))
}

/// What was and what is, where that is known; afterwards `seen` is what is.
fn change(f: &Frame, hotel: &Hotel, seen: &mut Seen, stored: &Stored) -> Option<(String, String)> {
    let data = &stored.data;
    let span = |from: Option<Date>, to: Option<Date>| Some(f.span(&from?, &to?));
    match stored.name.as_str() {
        "Booked" => {
            (seen.room_type, seen.from, seen.to) = (text(&data["room_type"]), date(&data["arrival"]), date(&data["departure"]));
            seen.price = money(&data["price"]);
            None
        }
        "CheckedIn" => {
            let after = text(&data["room_type"]);
            let before = std::mem::replace(&mut seen.room_type, after.clone());
            before.zip(after).filter(|(before, after)| before != after).map(|(b, a)| (hotel.name_of(&b), hotel.name_of(&a)))
        }
        "TypeChanged" => {
            let after = text(&data["room_type"]);
            let before = std::mem::replace(&mut seen.room_type, after.clone());
            before.zip(after).map(|(before, after)| (hotel.name_of(&before), hotel.name_of(&after)))
        }
        "Amended" => {
            let (from, to, price) = (date(&data["arrival"]), date(&data["departure"]), money(&data["price"]));
            let (before, after) = (span(seen.from, seen.to), span(from, to));
            let prices = seen.price.zip(price).filter(|(before, after)| before != after);
            (seen.from, seen.to, seen.price) = (from, to, price.or(seen.price));
            let both = |span: String, price: Option<&Money>| price.map_or(span.clone(), |price| format!("{span}, {}", f.money(price)));
            before.zip(after).map(|(b, a)| (both(b, prices.as_ref().map(|p| &p.0)), both(a, prices.as_ref().map(|p| &p.1))))
        }
        "StayExtended" | "Extended" => {
            let after = date(&data["departure"]);
            let before = seen.to;
            seen.to = after.or(before);
            before.zip(after).filter(|(before, after)| before != after).map(|(before, after)| (f.day(&before), f.day(&after)))
        }
        "RoomMoved" => text(&data["from"]).zip(room(data)),
        "Started" => {
            seen.given = text(&data["state"]["room"]);
            None
        }
        _ => None,
    }
}

fn words(f: &Frame, hotel: &Hotel, seen: &Seen, service: &str, stored: &Stored) -> String {
    let (key, data) = (key(service, stored), &stored.data);
    let day = |name: &str| date(&data[name]).map(|date| f.day(&date));
    let span = date(&data["arrival"]).zip(date(&data["departure"])).map(|(from, to)| f.span(&from, &to));
    let why = [&data["refused"]["code"], &stored.detail["code"]].into_iter().find_map(text).map(|code| f.code(&code));
    let why = why.or_else(|| text(&data["reason"]).filter(|_| stored.stream.starts_with("payment/")).map(|code| f.code(&code)));
    let amount = ["amount", "refund", "price"].into_iter().find_map(|name| money(&data[name])).map(|money| f.money(&money));
    let args = [
        ("number", text(&data["confirmation"])),
        ("type", text(&data["room_type"]).map(|code| hotel.name_of(&code))),
        ("date", day("date").or_else(|| day("departure"))),
        ("span", span),
        ("room", room(data).or_else(|| seen.given.clone())),
        ("amount", amount),
        ("why", why.clone()),
        ("what", text(&data["what"]).map(|what| f.t(format!("posting-{what}")))),
    ];
    let args: Vec<_> = args.into_iter().map(|(name, value)| (name, value.unwrap_or_else(|| "—".into()).into())).collect();
    let said = f.tx(&key, &args);
    // An event this page has no words for yet is named as it is stored.
    let said = if said == key { stored.name.clone() } else { said };
    if stored.verdict == "refused" { format!("{said}: {}", why.unwrap_or_default()) } else { said }
}

fn tone(stored: &Stored) -> &'static str {
    match (stored.name.as_str(), stored.verdict.as_str()) {
        (_, "refused") | ("Cancelled" | "NoShowed" | "Declined" | "Stuck", _) => "urgent",
        ("CheckInFailed" | "ChangeFailed" | "CaptureFailed" | "RefundFailed" | "Undone" | "HoldExpired", _) => "warn",
        ("Booked" | "CheckedIn" | "CheckedOut", _) => "ok",
        _ => "",
    }
}

/// What only says that something has begun, or that another service has heard of it.
fn is_step(stored: &Stored) -> bool {
    let begun =
        ["Requested", "ChangeStarted", "CheckInStarted", "CheckOutStarted", "CaptureStarted", "RefundStarted", "Asked", "RoomAsked"];
    let heard = ["ReservationHeard", "RoomEarmarked", "Arrived", "StayExtended", "Departed", "Opened", "PivotIntended", "Started", "Kept"];
    stored.verdict == "applied" || begun.contains(&stored.name.as_str()) || heard.contains(&stored.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variants of an enum of events, with the text of each, as its source says them.
    fn variants(path: &str, name: &str) -> Vec<(String, String)> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../services/");
        let source = std::fs::read_to_string(format!("{root}{path}")).expect("the source of a service");
        let body = source.split(&format!("pub enum {name} {{\n")).nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("the enum");
        let mut all: Vec<(String, String)> = Vec::new();
        for line in body.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let is_variant = line.starts_with("    ") && line[4..].starts_with(|c: char| c.is_ascii_uppercase());
            match all.last_mut() {
                _ if is_variant => {
                    all.push((line.trim().chars().take_while(char::is_ascii_alphanumeric).collect(), line[4..].to_owned()));
                }
                Some((_, text)) => text.push_str(line),
                None => {}
            }
        }
        assert!(all.len() >= 4, "{name}: {all:?}");
        all
    }

    #[test]
    fn every_event_about_a_stay_is_told_in_words() {
        let all = |_: &str| true;
        let of_a_stay = |text: &str| text.contains("stay: String") || text.contains("reservation: String");
        let of_nights = |text: &str| text.contains("nights: Nights");
        type Source<'a> = (&'a str, &'a str, &'a str, &'a dyn Fn(&str) -> bool);
        let sources: [Source<'_>; 6] = [
            ("reservations", "reservations/src/domain/reservation.rs", "ReservationEvent", &all),
            ("stays", "stays/src/domain/stay.rs", "StayEvent", &all),
            ("stays", "stays/src/domain/folio.rs", "FolioEvent", &all),
            ("stays", "stays/src/domain/rack.rs", "RackEvent", &of_a_stay),
            ("inventory", "inventory/src/domain/ledger.rs", "LedgerEvent", &of_nights),
            ("payments", "payments/src/domain/payment.rs", "PaymentEvent", &all),
        ];
        let texts = crate::MESSAGES.map(|(_, file)| file);
        let mut missing = Vec::new();
        for (service, path, name, is_told) in sources {
            for (event, text) in variants(path, name).into_iter().filter(|(_, text)| is_told(text)) {
                let key = format!("event-{service}-{event} =");
                let has = texts.iter().all(|file| file.lines().any(|line| line.starts_with(&key)));
                if !has {
                    missing.push(format!("{key} ({})", text.len()));
                }
            }
        }
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn a_record_is_named_by_its_step() {
        let record = Stored { key: "book_1-02/hold/undo".into(), ..Stored::default() };
        assert_eq!(key("inventory", &record), "event-inventory-hold-undo");
        let event = Stored { stream: "stay/r".into(), name: "CheckedIn".into(), ..Stored::default() };
        assert_eq!(key("stays", &event), "event-stays-CheckedIn");
    }

    #[test]
    fn a_move_is_told_once() {
        let told = |stream: &str| is_told_by_the_stay(&Stored { stream: stream.into(), name: "Done".into(), ..Stored::default() });
        assert!(told("saga/moveroom_1-02") && !told("saga/assign_1-02") && !told("stay/res_1"));
    }

    #[test]
    fn what_a_saga_does_is_done_by_whoever_has_begun_it() {
        let started = Stored { stream: "saga/assign_1-02".into(), caller: "dev:ana".into(), ..Stored::default() };
        let changing = Stored { data: serde_json::json!({"saga": "amend_1-02"}), actor: "desk:rui".into(), ..Stored::default() };
        let alone = Stored { caller: "service:stays".into(), data: serde_json::json!({"saga": "giveback_1-02"}), ..Stored::default() };
        let all = [&started, &changing, &alone].map(|stored| (Timestamp::UNIX_EPOCH, "stays", stored));
        let begun = beginners(&all);
        assert_eq!(begun.get("assign_1-02").map(String::as_str), Some("ana"));
        assert_eq!(begun.get("amend_1-02").map(String::as_str), Some("rui"));
        assert_eq!(begun.get("giveback_1-02"), None, "nobody's: the house by itself");
    }
}
