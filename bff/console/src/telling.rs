//! What is stored, in words: one line an event, in the order of time, each in the column of its service.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::Money;
use kit::Frame;
use serde::Serialize;
use serde_json::Value;

use crate::gather::Found;
use crate::services::Stored;

/// The columns, in the order a booking meets them.
pub const COLUMNS: [&str; 4] = ["reservations", "inventory", "payments", "stays"];
/// A pause is named when it is longer than this, in milliseconds.
const PAUSE_MS: i64 = 1_000;

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Names it among the others.
    pub id: String,
    pub service: &'static str,
    /// `14:02:02.110` in UTC.
    pub time: String,
    /// The UTC day, when it is another than that of the line before.
    pub day: Option<String>,
    /// How long nothing was stored before it, when that is worth saying.
    pub pause: Option<String>,
    pub words: String,
    /// `ok`, `urgent`, `warn` or nothing.
    pub tone: &'static str,
    /// What made it happen: the kind of the saga, or the event that was followed.
    pub cause: Option<String>,
    /// How deep it lies below what began it.
    pub depth: usize,
    pub actor: String,
    /// The raw event.
    pub raw: String,
    pub stream: String,
}

/// Lines of everything that was found.
pub fn lines(f: &Frame, found: &Found) -> Vec<Line> {
    let mut all: Vec<(Timestamp, &'static str, &Stored)> = Vec::new();
    // The events of a service that tells its log say more than the record of the command that made them.
    let records = found
        .records
        .iter()
        .filter(|(service, record)| *service == "inventory" || record.verdict == "refused" || record.verdict == "tombstone");
    for (service, stored) in found.events.iter().chain(records) {
        if let Ok(at) = stored.at.parse() {
            all.push((at, service, stored));
        }
    }
    all.sort_by(|a, b| (a.0, &a.2.stream, a.2.version).cmp(&(b.0, &b.2.stream, b.2.version)));
    // Within one moment the order of a lane counts: cause before effect.
    all.sort_by_key(|(at, service, stored)| (*at, *service, stored.lane, stored.pos));
    let mut lines: Vec<Line> = Vec::new();
    let mut depths: BTreeMap<String, usize> = BTreeMap::new();
    let mut before: Option<Timestamp> = None;
    for (at, service, stored) in all {
        let zoned = at.to_zoned(jiff::tz::TimeZone::UTC);
        let cause = cause(stored);
        let depth = cause.as_ref().map_or(0, |cause| depths.get(cause).map_or(1, |depth| depth + 1)).min(3);
        if let Some(saga) = stored.stream.strip_prefix("saga/") {
            depths.entry(saga.to_owned()).or_insert(depth);
        }
        let is_new_day = before.is_none_or(|before| before.to_zoned(jiff::tz::TimeZone::UTC).date() != zoned.date());
        let pause_ms = before.map_or(0, |before| at.as_millisecond() - before.as_millisecond());
        let (words, tone) = words(f, stored);
        lines.push(Line {
            id: if stored.stream.is_empty() {
                format!("{service}-{}", stored.key)
            } else {
                format!("{service}-{}-{}", stored.stream, stored.version)
            },
            service,
            time: zoned.strftime("%H:%M:%S%.3f").to_string(),
            day: is_new_day.then(|| f.words().day(zoned.date())),
            pause: (pause_ms >= PAUSE_MS).then(|| pause(pause_ms)),
            words,
            tone,
            cause: cause.map(|cause| named(f, &cause)),
            depth,
            actor: stored.actor.clone(),
            raw: stored.raw(),
            stream: if stored.stream.is_empty() { stored.key.clone() } else { stored.stream.clone() },
        });
        before = Some(at);
    }
    lines
}

/// The saga or followed event that made it happen.
fn cause(stored: &Stored) -> Option<String> {
    let saga = |text: &str| text.split_once('/').map_or(text, |(saga, _)| saga).to_owned();
    if stored.stream.is_empty() {
        return Some(saga(&stored.key));
    }
    let own = stored.stream.strip_prefix("saga/");
    Some(saga(&stored.causation)).filter(|cause| !cause.is_empty() && Some(cause.as_str()) != own)
}

fn named(f: &Frame, cause: &str) -> String {
    match cause.split_once('_') {
        Some((kind, _)) => f.t(format!("saga-{kind}")),
        None => f.service(cause),
    }
}

/// `1.2 s`, `16 min`, `3 h`, `2 d`.
fn pause(ms: i64) -> String {
    if ms < 10_000 { format!("{:.1} s", ms as f64 / 1_000.0) } else { crate::look::span(u64::try_from(ms / 1_000).unwrap_or(0)) }
}

/// What happened, and how loud.
fn words(f: &Frame, stored: &Stored) -> (String, &'static str) {
    let is_record = stored.stream.is_empty();
    let (kind, name) = if is_record {
        let step = stored.key.split_once('/').map_or("", |(_, step)| step);
        ("step", step.replace("/again1", ""))
    } else {
        (stored.stream.split('/').next().unwrap_or_default(), stored.name.clone())
    };
    let tone = match (kind, name.as_str(), stored.verdict.as_str()) {
        ("saga", "Stuck", _) | (_, _, "refused") => "urgent",
        ("saga", "TurnedBack" | "Undone" | "Nudged", _)
        | (_, "Declined" | "CaptureFailed" | "RefundFailed" | "ChangeFailed" | "CheckInFailed", _) => "warn",
        ("reservation", "Booked", _) | ("saga", "Done", _) | ("stay", "CheckedIn", _) => "ok",
        _ => "",
    };
    let key = format!("ev-{kind}-{}", name.replace('/', "-").to_lowercase());
    let saga = stored.data["def"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| stored.stream.strip_prefix("saga/").map(|id| id.split('_').next().unwrap_or_default().to_owned()));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = [&stored.data["refused"]["code"], &stored.detail["code"], &stored.data["reason"]]
        .into_iter()
        .map(text)
        .find(|code| !code.is_empty());
    let room = [&stored.data["room"], &stored.data["number"]].into_iter().find(|value| !value.is_null());
    let args = [
        ("saga", saga.map(|kind| f.t(format!("saga-{kind}"))).unwrap_or_default()),
        ("why", code.map(|code| f.code(&code)).unwrap_or_default()),
        ("step", f.t(format!("step-{}", stored.data["step"].as_str().unwrap_or("none")))),
        ("verb", f.t(format!("verb-{}", stored.data["verb"].as_str().unwrap_or("retry")))),
        ("actor", text(&stored.data["actor"])),
        ("number", text(&stored.data["confirmation"])),
        ("type", text(&stored.data["room_type"])),
        ("date", text(&stored.data["date"])),
        ("from", text(&stored.data["arrival"])),
        ("to", text(&stored.data["departure"])),
        ("room", room.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()),
        ("amount", amount(f, &stored.data).unwrap_or_default()),
    ];
    let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    let mut words = f.tx(&key, &args);
    if words == key {
        words = format!("{kind} {name}");
    }
    if stored.verdict == "refused" {
        words = format!("{words}: {}", f.code(stored.detail["code"].as_str().unwrap_or_default()));
    } else if stored.verdict == "tombstone" {
        words = format!("{words}: {}", f.t("ev-tombstone"));
    }
    (words, tone)
}

fn amount(f: &Frame, data: &Value) -> Option<String> {
    let money = [&data["amount"], &data["price"]].into_iter().find(|value| value.is_object())?;
    serde_json::from_value::<Money>(money.clone()).ok().map(|money| f.money(&money))
}

/// The timeline as plain text, for a mail or a ticket.
pub fn plain(f: &Frame, title: &str, lines: &[Line], silent: &[String]) -> String {
    let mut text = format!("{title}\n");
    for line in lines {
        if let Some(day) = &line.day {
            text.push_str(&format!("{day} (UTC)\n"));
        }
        let cause = line.cause.as_ref().map(|cause| format!(" ← {cause}")).unwrap_or_default();
        text.push_str(&format!(
            "{}  {:<14}{}{}{cause}\n",
            line.time,
            f.t(format!("short-{}", line.service)),
            "  ".repeat(line.depth),
            line.words
        ));
    }
    silent.iter().for_each(|gap| text.push_str(&format!("{gap}\n")));
    text
}
