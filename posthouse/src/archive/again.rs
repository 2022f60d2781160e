//! The stores of a house made again from one place of its archive: all services up to one instant, which is written down first,
//! so that a restore that was cut short goes on to the same one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::archive::fit::{Ends, Line, Survey, Unread};
use ::archive::restore::{RestoreFault, Until};
use ::archive::segment::Envelope;
use ::archive::verify::{Finding, Shelf};
use ::archive::{BlobStore, Trust};
use host::ports::OsChance;
use jiff::civil::Date;
use kernel::{Chance, Lane};
use serde::{Deserialize, Serialize};

use super::work::{self, Places};
use crate::{house, roster};

/// In a data directory: what is being restored there. No house starts on it.
const BEGUN: &str = "restoring.json";

/// What is to be restored.
pub struct Order {
    /// From where.
    pub place: Arc<dyn BlobStore>,
    /// Whose manifests are believed.
    pub trust: Trust,
    /// How far, as it was typed; as far as all services go without it.
    pub until: Option<String>,
    /// Whether what is before the first damage is enough.
    pub stop_before_damage: bool,
}

/// What was restored.
#[derive(Debug, Serialize)]
pub struct Restored {
    /// Positions in each service's store.
    pub positions: BTreeMap<String, u64>,
    /// The instant all services end at; none when positions were asked for.
    pub up_to: Option<String>,
    /// Why there: `asked`, `common` (not every archive goes further), `damage`, or `facts` (further, somebody would know
    /// of what its source does not).
    pub because: &'static str,
    /// Where each lane of each service ends.
    pub ends: Ends,
    /// What is known to have been, and is not restored: the first and the last position.
    pub not_restored: BTreeMap<String, BTreeMap<Lane, (u64, u64)>>,
    /// Services without an archive here.
    pub missing: Vec<&'static str>,
    /// What is wrong with the archive.
    pub findings: Vec<Finding>,
    /// With positions that were asked for: where services do not fit each other.
    pub misfits: Vec<String>,
}

impl Restored {
    /// For people.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.findings.iter().map(|finding| format!("BROKEN: {finding}")).collect();
        words.extend(self.positions.iter().map(|(service, positions)| format!("{positions:>12} positions  {service}")));
        if let Some(at) = &self.up_to {
            let why = match self.because {
                "damage" => "what comes after it may be damaged somewhere",
                "common" => "not every service is archived further",
                "facts" => "further, a service would know what its source does not",
                _ => "as was asked",
            };
            words.push(format!("all services are as they were at {at}: {why}"));
        }
        for (service, lanes) in &self.not_restored {
            words.extend(lanes.iter().map(|(lane, (first, last))| format!("NOT RESTORED: {service}/{lane} positions {first} to {last}")));
        }
        words.extend(self.missing.iter().map(|service| format!("NOT RESTORED: {service}, it has no archive here")));
        words.extend(self.misfits.iter().map(|misfit| format!("DOES NOT FIT: {misfit}")));
        words.push(
            "views are made when the house starts; guests' names are not archived: take guests-vault.db and vault.key from a backup".into(),
        );
        if !self.not_restored.is_empty() {
            words.push("what is cut off goes on otherwise than it did: archive it into a place of its own".into());
        }
        words
    }
}

/// How far somebody wants to go.
enum Asked {
    Whole,
    Instant(i64),
    /// The end of a business date.
    Date(Date),
    Positions(Ends),
}

impl Asked {
    fn parse(text: Option<&str>) -> Result<Self, String> {
        let Some(text) = text else { return Ok(Self::Whole) };
        if let Some(positions) = text.strip_prefix("pos:") {
            let mut ends = Ends::new();
            for part in positions.split(',') {
                let parsed = part.split_once('=').and_then(|(at, pos)| {
                    let (service, lane) = at.split_once('/')?;
                    Some((service, lane.parse().ok().filter(|lane| *lane < 16)?, pos.parse().ok()?))
                });
                let (service, lane, pos) = parsed.ok_or_else(|| format!("'{part}' is no <service>/<lane>=<position>"))?;
                ends.entry(roster::known(service)?.to_owned()).or_default().insert(lane, pos);
            }
            return Ok(Self::Positions(ends));
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::Instant(instant.as_microsecond()));
        }
        let date = text.strip_prefix("date:").unwrap_or(text).parse();
        date.map(Self::Date).map_err(|_| format!("'{text}' is no instant, no date and no positions"))
    }
}

/// What was begun in a data directory.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    place: String,
    until: Option<String>,
    stop_before_damage: bool,
    instant: Option<i64>,
    because: String,
    ends: Ends,
    /// The name of each service's history.
    incarnations: BTreeMap<String, String>,
}

impl Begun {
    fn path(data: &Path) -> PathBuf {
        data.join(BEGUN)
    }

    fn read(data: &Path) -> Result<Option<Self>, String> {
        let path = Self::path(data);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        serde_json::from_str(&text).map(Some).map_err(|e| format!("{} cannot be understood: {e}", path.display()))
    }

    fn write(&self, data: &Path) -> Result<(), String> {
        let (path, new) = (Self::path(data), data.join("restoring.new"));
        let text = serde_json::to_string_pretty(self).map_err(|e| e.to_string())?;
        let written = fs::write(&new, text).and_then(|()| fs::File::open(&new)?.sync_all()).and_then(|()| fs::rename(&new, &path));
        written.map_err(|e| format!("{} cannot be written: {e}", path.display()))
    }

    fn is(&self, order: &Order) -> bool {
        (self.place.as_str(), &self.until, self.stop_before_damage) == (order.place.place(), &order.until, order.stop_before_damage)
    }
}

/// Says that a directory has been begun to be restored into, and no more.
pub fn is_whole(data: &Path) -> Result<(), String> {
    match Begun::read(data)? {
        None => Ok(()),
        Some(begun) => Err(format!("a restore from {} into {} has not ended: give the same command again", begun.place, data.display())),
    }
}

/// Makes the stores of all services, or goes on with making them. `reading` is told bytes, `writing` positions.
pub async fn restore(
    order: &Order,
    data: &Path,
    url: Option<&str>,
    reading: &mut (dyn FnMut(u64, u64) + Send),
    writing: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Restored, String> {
    let asked = Asked::parse(order.until.as_deref())?;
    let shelves = work::shelves(&Places(vec![order.place.clone()]), &order.trust).await?;
    cells(&shelves)?;
    let missing: Vec<_> = roster::SERVICES.iter().map(|(service, _)| *service).collect();
    let missing: Vec<_> = missing.into_iter().filter(|service| !shelves.iter().any(|shelf| shelf.of.service == *service)).collect();
    let mut later: Option<i64> = None;
    let mut see = |by: &Envelope| {
        let is_later = matches!(&asked, Asked::Date(date) if by.business_date.is_some_and(|day| day > *date));
        later = later.into_iter().chain(is_later.then_some(by.at)).min();
        feed::follow::made_of(&by.caller, &by.key).map(|(source, lane, pos)| (source.to_owned(), lane, pos))
    };
    let survey = Survey::read(shelves, &mut see, reading).await.map_err(|e| e.to_string())?;
    if !survey.findings.is_empty() && !order.stop_before_damage {
        let why = RestoreFault::Damaged(survey.findings);
        return Err(format!("{why}\nrestore from another place, or what is before the damage: --stop-before-damage"));
    }
    if let (Asked::Whole, false) = (&asked, missing.is_empty()) {
        return Err(format!(
            "there is no archive of {} here, so nothing is common to all services; --until says how far the others go",
            missing.join(", ")
        ));
    }
    let (line, because) = line(&survey, &asked, later).await?;
    fs::create_dir_all(data).map_err(|e| format!("{} cannot be made: {e}", data.display()))?;
    let _lock = house::lock(data)?;
    let begun = begin(order, &survey, data, (&line, because))?;
    let mut restored = Restored {
        positions: BTreeMap::new(),
        up_to: begun.instant.and_then(|at| jiff::Timestamp::from_microsecond(at).ok()).map(|at| at.to_string()),
        because,
        ends: Ends::new(),
        not_restored: BTreeMap::new(),
        missing,
        misfits: survey.misfitting(&begun.ends),
        findings: survey.findings,
    };
    let all = begun.ends.values().flat_map(BTreeMap::values).sum();
    let mut before = 0;
    for (service, history) in &survey.histories {
        let known = roster::known(service)?;
        let store = work::open(known, data, url, begun.incarnations.get(service).map_or("", String::as_str))?;
        let until = Until::Positions(begun.ends.get(service).cloned().unwrap_or_default());
        let done = ::archive::restore::restore(&history.shelf, store.as_ref(), &until, &mut |n| writing(before + n, all)).await;
        let heads = done.map_err(|fault| format!("{service}: {fault}"))?;
        let ends: BTreeMap<Lane, u64> = heads.iter().map(|(lane, head)| (*lane, head.pos)).collect();
        let end = |lane: &Lane| ends.get(lane).copied().unwrap_or(0);
        let lost: BTreeMap<_, _> = history
            .known
            .iter()
            .filter(|(lane, known)| end(lane) < **known)
            .map(|(lane, known)| (*lane, (end(lane) + 1, *known)))
            .collect();
        if !lost.is_empty() {
            restored.not_restored.insert(service.clone(), lost);
        }
        let positions = ends.values().sum();
        before += positions;
        restored.positions.insert(service.clone(), positions);
        restored.ends.insert(service.clone(), ends);
    }
    fs::remove_file(Begun::path(data)).map_err(|e| format!("{}: {e}", Begun::path(data).display()))?;
    Ok(restored)
}

fn cells(shelves: &[Shelf]) -> Result<(), String> {
    let mut seen = BTreeMap::new();
    for shelf in shelves {
        if let Some(other) = seen.insert(roster::known(&shelf.of.service)?, &shelf.of.cell) {
            return Err(format!("there are several cells here with a service {}: {other} and {}", shelf.of.service, shelf.of.cell));
        }
    }
    if seen.is_empty() { Err("there is no archive here".into()) } else { Ok(()) }
}

/// Where all services end, and why there.
async fn line(survey: &Survey, asked: &Asked, later: Option<i64>) -> Result<(Line, &'static str), String> {
    let unread = |why| match why {
        Unread::Target(fault) => fault.to_string(),
        Unread::Damaged(finding) => finding.to_string(),
    };
    let (common, sound) = (survey.common(), survey.sound_to());
    let silent = survey.histories.iter().filter(|(_, history)| history.whole_to.is_none() && history.sound_to == i64::MAX);
    let silent: Vec<&str> = silent.map(|(service, _)| service.as_str()).collect();
    let asked = match asked {
        Asked::Positions(asked) => {
            let sound = survey.line(sound).await.map_err(unread)?;
            let least = |service: &String, lanes: &BTreeMap<Lane, u64>| {
                let ends = sound.ends.get(service).cloned().unwrap_or_default();
                lanes.iter().map(|(lane, pos)| (*lane, *pos.min(ends.get(lane).unwrap_or(&0)))).collect::<BTreeMap<_, _>>()
            };
            let ends: Ends = asked.iter().map(|(service, lanes)| (service.clone(), least(service, lanes))).collect();
            let because = if ends == *asked { "asked" } else { "damage" };
            return Ok((Line { instant: i64::MAX, ends }, because));
        }
        Asked::Whole if !silent.is_empty() => {
            return Err(format!("the archive of {} does not say up to when it is whole; --until says how far to go", silent.join(", ")));
        }
        Asked::Whole => i64::MAX,
        Asked::Instant(at) => *at,
        Asked::Date(_) => later.map_or(i64::MAX, |at| at.saturating_sub(1)),
    };
    let instant = asked.min(common.unwrap_or(i64::MAX)).min(sound);
    let line = survey.line(instant).await.map_err(unread)?;
    let because = match line.instant {
        at if at < instant => "facts",
        at if at == asked => "asked",
        at if at == sound => "damage",
        _ => "common",
    };
    if line.ends.values().flat_map(BTreeMap::values).all(|end| *end == 0) {
        return Err(match survey.findings.is_empty() {
            true => "nothing was decided before that".into(),
            false => format!("nothing is left before the damage:\n{}", RestoreFault::Damaged(survey.findings.clone())),
        });
    }
    Ok((line, because))
}

/// Writes down what is going to be restored, or finds it written down.
fn begin(order: &Order, survey: &Survey, data: &Path, (line, because): (&Line, &'static str)) -> Result<Begun, String> {
    if let Some(begun) = Begun::read(data)? {
        let last = |service: &String, lane: &Lane| survey.histories.get(service)?.shelf.lanes.get(lane)?.last().map(|sealed| sealed.last);
        let is_there =
            |service: &String, lanes: &BTreeMap<Lane, u64>| lanes.iter().all(|(lane, end)| *end <= last(service, lane).unwrap_or(0));
        return match begun.is(order) && begun.ends.iter().all(|(service, lanes)| is_there(service, lanes)) {
            true => Ok(begun),
            false => Err(format!("another restore was begun in {}; go on with that one, or empty the directory", data.display())),
        };
    }
    let stores = roster::SERVICES.iter().flat_map(|(service, _)| [format!("{service}.db"), format!("{service}-views.db")]);
    if let Some(there) = stores.map(|name| data.join(name)).find(|path| path.exists()) {
        return Err(format!("{} is there already; a restore goes into a directory without stores", there.display()));
    }
    let incarnation = |(service, history): (&String, &::archive::fit::History)| {
        // A history that is cut off here will go on otherwise than it did: it has a name of its own.
        let own = history.shelf.last().filter(|_| line.ends.get(service).is_some_and(|ends| history.is_all(ends)));
        (service.clone(), own.map_or_else(|| format!("{:016x}", OsChance.next()), |last| last.incarnation.clone()))
    };
    let begun = Begun {
        place: order.place.place().to_owned(),
        until: order.until.clone(),
        stop_before_damage: order.stop_before_damage,
        instant: (line.instant < i64::MAX).then_some(line.instant),
        because: because.into(),
        ends: line.ends.clone(),
        incarnations: survey.histories.iter().map(incarnation).collect(),
    };
    begun.write(data)?;
    Ok(begun)
}
