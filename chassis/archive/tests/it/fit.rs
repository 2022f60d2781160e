//! Two services of which one follows the other, sealed at moments of their own, and damage anywhere: it is found and named, or the
//! histories come back as they were; and what is restored in spite of it is one instant of both, before the damage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use archive::fit::{Ends, Line, Survey};
use archive::manifest::{Of, Sealed};
use archive::restore::{RestoreFault, Until, restore};
use archive::seal::{Cut, Sealer};
use archive::segment::Envelope;
use archive::verify::{Shelf, verify};
use archive::{BlobStore, Manifest, Signer, Trust};
use eventstore::simulated::Simulated;
use eventstore::work::Deciding;
use eventstore::{EventStore, Row};
use kernel::chance::Seeded;
use kernel::{Chance, Clock, Lane, Timestamp};
use testkit::bank::{Doing, Order};
use testkit::{asked, beside};

use crate::bank::{BRANCHES, empty, of, rows, sealer, signer, trust};
use crate::drawer::Drawer;

const SERVICES: [&str; 2] = ["bank", "shop"];
/// Runs with random damage.
const RUNS: u64 = 36;

/// A clock that a test moves.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn go_on(&self, by: u64) {
        self.0.fetch_add(by as i64, Ordering::Relaxed);
    }

    fn late(&self, by: i64) -> Self {
        Self(Arc::new(AtomicI64::new(self.0.load(Ordering::Relaxed) - by)))
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_225_600_000_000 + self.0.load(Ordering::Relaxed))
    }
}

/// A bank, a shop that takes facts of the bank in, and where both are archived.
struct World {
    target: Arc<Drawer>,
    stores: [Arc<Simulated>; 2],
    clock: Hands,
    /// How much the shop's clock is behind, microseconds.
    late: i64,
    followed: BTreeMap<Lane, u64>,
    dice: Seeded,
}

impl World {
    fn new(seed: u64, late: i64) -> Self {
        let clock = Hands::default();
        clock.go_on(1_000_000);
        Self { target: Arc::default(), stores: [empty(), empty()], clock, late, followed: BTreeMap::new(), dice: Seeded::new(seed) }
    }

    fn below(&self, n: u64) -> u64 {
        self.dice.below(n)
    }

    async fn submit(&self, service: usize, caller: &str, key: &str) {
        let branch = BRANCHES[self.below(3) as usize];
        let doing = match self.below(3) {
            0 => Doing::Open(format!("a{}", self.below(4))),
            1 => Doing::Often(format!("a{}", self.below(4)), 1 + self.below(5) as u32),
            _ => Doing::Pay(format!("a{}", self.below(4)), 7),
        };
        let clock = Arc::new(self.clock.late([0, self.late][service]));
        beside(self.stores[service].clone(), clock, async |committer| {
            let order = Order::at(branch, doing);
            committer.submit(asked(caller, key, key), order.lane(), Box::new(Deciding(order))).await;
        })
        .await;
    }

    /// The shop takes in the next fact of the bank that it cares for.
    async fn follow(&mut self) {
        for (lane, head) in self.stores[0].heads().await.expect("heads") {
            let known = self.followed.get(&lane).copied().unwrap_or(0);
            if known < head.pos {
                let pos = known + 1 + self.below(head.pos - known);
                self.submit(1, "feed", &format!("bank/{lane}/{pos}")).await;
                self.followed.insert(lane, pos);
                return;
            }
        }
    }

    async fn seal(&self, service: usize, cut: Cut) {
        let of = Of { service: SERVICES[service].into(), ..of() };
        let clock = Arc::new(self.clock.late([0, self.late][service]));
        let sealer = Sealer { of, clock, ..sealer(self.target.clone()) };
        sealer.pass(self.stores[service].as_ref(), cut, &mut |_, _| {}).await.expect("sealed");
    }

    /// A life of so many steps.
    async fn lives(&mut self, steps: u64) {
        for step in 0..steps {
            self.clock.go_on(self.below(4) * 1_000);
            match self.below(8) {
                0..3 => self.submit(0, "desk", &format!("d{step}")).await,
                3..5 => self.follow().await,
                5 => self.submit(1, "desk", &format!("d{step}")).await,
                n => self.seal(n as usize - 6, if self.below(3) == 0 { Cut::Full } else { Cut::All }).await,
            }
        }
    }

    async fn rows(&self) -> [BTreeMap<Lane, Vec<Row>>; 2] {
        [rows(self.stores[0].as_ref()).await, rows(self.stores[1].as_ref()).await]
    }
}

async fn shelves(target: &Arc<Drawer>, trust: &Trust) -> Vec<Shelf> {
    let mut shelves = Vec::new();
    for of in Shelf::all(target.as_ref()).await.expect("names") {
        shelves.push(Shelf::read(target.clone(), &of, trust).await.expect("a shelf"));
    }
    shelves
}

fn made(by: &Envelope) -> Option<(String, Lane, u64)> {
    let [source, lane, pos] = by.key.split('/').collect::<Vec<_>>()[..] else { return None };
    Some((source.to_owned(), lane.parse().ok()?, pos.parse().ok()?))
}

async fn survey(target: &Arc<Drawer>) -> Survey {
    Survey::read(shelves(target, &trust()).await, &mut made, &mut |_, _| {}).await.expect("read through")
}

/// As far as all have come, and before what is damaged.
async fn line(survey: &Survey) -> Line {
    survey.line(survey.common().unwrap_or(i64::MIN).min(survey.sound_to())).await.expect("a line")
}

/// What is restored up to a line is what was there up to it: of each service the rows whose command was decided up to the
/// instant, and for every fact the position it was made of.
async fn comes_back(survey: &Survey, line: &Line, all: &[BTreeMap<Lane, Vec<Row>>; 2]) {
    let mut back = Vec::new();
    for (service, all) in SERVICES.iter().zip(all) {
        let Some(history) = survey.histories.get(*service) else { continue };
        let (store, ends) = (empty(), line.ends[*service].clone());
        restore(&history.shelf, store.as_ref(), &Until::Positions(ends.clone()), &mut |_| {}).await.expect("restored");
        let there = rows(store.as_ref()).await;
        for (lane, all) in all {
            let end = ends.get(lane).copied().unwrap_or(0) as usize;
            assert_eq!(there.get(lane).map_or(&[][..], |rows| rows), &all[..end], "{service}/{lane}");
            let at = |row: &Row| archive::manifest::decided_at(&row.json).expect("an instant");
            assert!(all[..end].iter().filter(|row| row.event.is_none()).all(|row| at(row) <= line.instant));
            let next = all.get(end);
            assert!(next.is_none_or(|row| row.event.is_none() && at(row) > line.instant), "{service}/{lane}: {next:?} is left out");
        }
        back.push(there);
    }
    for row in back.iter().skip(1).flat_map(|shop| shop.values().flatten()).filter(|row| row.event.is_none()) {
        if let Some((_, lane, pos)) = made(&serde_json::from_str(&row.json).expect("a record")) {
            assert!(back[0].get(&lane).is_some_and(|rows| rows.len() as u64 >= pos), "the shop knows {lane}/{pos}, and the bank does not");
        }
    }
}

/// Does something bad to a thing, and says whether it can be seen afterwards at all.
fn damages(target: &Drawer, dice: &Seeded) -> (String, bool) {
    let names = target.names("");
    let kind = dice.below(9);
    let of_kind: Vec<String> = names.iter().filter(|name| kind < 5 || name.contains("manifests/") == (kind < 7)).cloned().collect();
    let name = of_kind[dice.below(of_kind.len() as u64) as usize].clone();
    let other = names[dice.below(names.len() as u64) as usize].clone();
    let is_last = |name: &str| {
        !names.iter().any(|n| n.starts_with(name.split("manifests/").next().unwrap_or("")) && n.contains("manifests/") && n.as_str() > name)
    };
    match kind {
        0 | 1 => target.change(&name, |bytes| {
            let at = dice.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << dice.below(8);
        }),
        2 => target.change(&name, |bytes| bytes.truncate(dice.below(bytes.len() as u64) as usize)),
        3 => {
            target.things().remove(&name);
            // A pass that was cut short looks the same.
            return (name.clone(), !(name.contains("manifests/") && is_last(&name)));
        }
        4 | 5 => {
            let bytes = target.things()[&other].clone();
            target.things().insert(name.clone(), bytes);
        }
        6 => {
            let stranger = Signer::of(&[9; 32]).expect("a key");
            let mut manifest = Manifest::read(&target.things()[&name], &Trust::AsSaid).expect("a manifest");
            manifest.key = stranger.public();
            let bytes = manifest.sign(&stranger).expect("bytes");
            target.things().insert(name.clone(), bytes);
        }
        _ => {
            let bytes = target.things()[&name].clone();
            let (folder, _) = name.rsplit_once('/').expect("a folder");
            let (first, last) = (dice.below(9), dice.below(30));
            let twice = format!("{folder}/{first:012}-{last:012}.parquet");
            target.things().entry(twice.clone()).or_insert(bytes);
            return (twice, true);
        }
    }
    (name, true)
}

/// What was listed by a thing: a segment itself, or all that a manifest and those after it list.
fn held(shelves: &[Shelf], name: &str) -> Vec<Sealed> {
    let of_shelf = |shelf: &Shelf| -> Vec<Sealed> {
        let number = shelf.of.number_of(name).unwrap_or(u64::MAX);
        let behind = shelf.manifests.iter().filter(|manifest| manifest.number >= number).flat_map(|manifest| &manifest.segments);
        let itself = shelf.lanes.values().flatten().filter(|s| shelf.of.segment(s.lane, s.first, s.last) == name);
        behind.chain(itself).cloned().collect()
    };
    shelves.iter().flat_map(of_shelf).collect()
}

#[tokio::test]
async fn whatever_is_damaged_is_named_and_what_comes_back_is_one_instant_before_it() {
    let (mut seen, mut cut_by_facts, mut stopped) = (BTreeSet::new(), 0, 0);
    for seed in 0..RUNS {
        let late = if seed % 3 == 0 { 20_000 } else { 0 };
        let mut world = World::new(seed, late);
        world.lives(44).await;
        let (all, whole) = (world.rows().await, survey(&world.target).await);
        assert_eq!(whole.findings, [], "run {seed}");
        if whole.histories.len() < 2 {
            continue;
        }
        let before = line(&whole).await;
        comes_back(&whole, &before, &all).await;
        cut_by_facts += u32::from(before.instant < whole.common().unwrap_or(i64::MIN));
        assert!(late > 0 || Some(before.instant) == whole.common(), "run {seed}: clocks agree, and everything fits");

        let sealed = shelves(&world.target, &trust()).await;
        let target = Arc::new(world.target.copy());
        let (name, is_visible) = damages(&target, &world.dice);
        let report = verify(&[target.clone() as Arc<dyn BlobStore>], &trust(), &mut |_, _| {}).await.expect("a report");
        let damaged = survey(&target).await;
        assert_eq!(report.findings, damaged.findings, "run {seed}");
        seen.extend(report.findings.iter().map(|finding| finding.what));
        if damaged.histories.len() < 2 {
            // The only thing of a service has gone: it is missing as a whole.
            continue;
        }
        let after = line(&damaged).await;
        comes_back(&damaged, &after, &all).await;
        if report.findings.is_empty() {
            assert!(!is_visible || after == before, "run {seed}: {name}");
            continue;
        }
        let number = |shelf: &Shelf| shelf.of.number_of(&name);
        let is_near = |finding: &str| sealed.iter().any(|shelf| number(shelf).is_some_and(|n| finding == shelf.of.manifest(n + 1)));
        assert!(
            report.findings.iter().any(|f| f.name == name || is_near(&f.name)),
            "run {seed}: {name} is not named: {:?}",
            report.findings
        );
        for shelf in shelves(&target, &trust()).await {
            let refused = restore(&shelf, empty().as_ref(), &Until::End, &mut |_| {}).await;
            let is_its_own = |f: &&archive::verify::Finding| f.name.starts_with(&shelf.of.folder()) && f.what != "segment-duplicated";
            let is_hurt = report.findings.iter().any(|finding| is_its_own(&finding));
            assert_eq!(is_hurt, matches!(refused, Err(RestoreFault::Damaged(_))), "run {seed}: {refused:?}");
        }
        let left = damaged.histories.values().flat_map(|history| history.shelf.lanes.values().flatten().map(|s| (&history.shelf.of, s)));
        assert!(left.into_iter().all(|(of, s)| of.segment(s.lane, s.first, s.last) != name), "run {seed}: {name} is restored from");
        let lost: Vec<i64> = held(&sealed, &name).iter().map(|sealed| sealed.since).collect();
        assert!(lost.iter().all(|since| after.instant < *since), "run {seed}: {name}");
        stopped += u32::from(after.instant < before.instant);
        // Not a moment earlier than it has to be.
        if let (true, false, [since]) = (late == 0, name.contains("manifests/"), &lost[..]) {
            assert_eq!(after.instant, before.instant.min(since - 1), "run {seed}: {name}");
        }
    }
    let kinds = ["manifest-misplaced", "manifest-missing", "manifest-unreadable", "manifest-untrusted", "segment-altered"];
    let more = ["segment-duplicated", "segment-missing", "segment-truncated", "manifest-unchained"];
    assert!(kinds.iter().chain(&more).all(|kind| seen.contains(kind)), "{seen:?}");
    assert!(cut_by_facts > 3 && stopped > 10, "{cut_by_facts} lines were moved by facts, {stopped} by damage");
}

#[tokio::test]
async fn a_quiet_service_does_not_hold_the_others_back() {
    let mut world = World::new(1, 0);
    world.submit(0, "desk", "once").await;
    for n in 0..3 {
        world.clock.go_on(1_000_000);
        world.submit(1, "desk", &format!("d{n}")).await;
        world.clock.go_on(1_000);
        world.seal(0, Cut::All).await;
        world.seal(1, Cut::All).await;
        let survey = survey(&world.target).await;
        let line = line(&survey).await;
        assert_eq!(line.ends, ends(&world).await, "all of both, the bank's last pass had nothing new");
        assert!(survey.histories.iter().all(|(service, history)| history.is_all(&line.ends[service])));
    }
    let Some(bank) = shelves(&world.target, &trust()).await.into_iter().next() else { panic!("a bank") };
    let listed: Vec<usize> = bank.manifests.iter().map(|manifest| manifest.segments.len()).collect();
    assert_eq!(listed, [1, 0, 0], "that there is nothing new is said in a manifest");
    world.lives(5).await;
}

async fn ends(world: &World) -> Ends {
    let mut ends = Ends::new();
    for (service, store) in SERVICES.iter().zip(&world.stores) {
        let heads = store.heads().await.expect("heads");
        ends.insert((*service).to_owned(), heads.iter().map(|(lane, head)| (*lane, head.pos)).collect());
    }
    ends
}

#[tokio::test]
async fn a_service_that_was_archived_earlier_is_not_left_behind_by_the_others() {
    let mut world = World::new(2, 0);
    for n in 0..4 {
        world.clock.go_on(1_000);
        world.submit(0, "desk", &format!("a{n}")).await;
    }
    world.clock.go_on(1_000);
    world.seal(0, Cut::All).await;
    for n in 0..4 {
        world.clock.go_on(1_000);
        world.submit(0, "desk", &format!("b{n}")).await;
        world.follow().await;
    }
    world.clock.go_on(1_000);
    world.seal(1, Cut::All).await;
    let survey = survey(&world.target).await;
    let (line, all) = (line(&survey).await, world.rows().await);
    comes_back(&survey, &line, &all).await;
    assert_eq!(Some(line.instant), survey.histories["bank"].whole_to);
    assert!(survey.histories["bank"].is_all(&line.ends["bank"]) && !survey.histories["shop"].is_all(&line.ends["shop"]), "{line:?}");
    // Positions that somebody chose are told of when they do not fit.
    let far: Ends = survey.histories.iter().map(|(service, history)| (service.clone(), history.known.clone())).collect();
    assert!(!survey.misfitting(&far).is_empty() && survey.misfitting(&line.ends).is_empty());
    assert_eq!(signer().public(), survey.histories["bank"].shelf.last().expect("a manifest").key);
}

#[tokio::test]
async fn nothing_is_restored_from_a_manifest_that_the_next_one_does_not_name() {
    let world = World::new(3, 0);
    for n in 0..3 {
        world.clock.go_on(1_000);
        world.submit(0, "desk", &format!("d{n}")).await;
        world.submit(1, "desk", &format!("d{n}")).await;
        world.clock.go_on(1_000);
        world.seal(0, Cut::All).await;
        world.seal(1, Cut::All).await;
    }
    let name = Of { service: "bank".into(), ..of() }.manifest(2);
    let mut forged = Manifest::read(&world.target.things()[&name], &trust()).expect("a manifest");
    let since = forged.segments[0].since;
    forged.sealed_at = "2001-01-01T00:00:00Z".into();
    world.target.things().insert(name, forged.sign(&signer()).expect("bytes"));
    let survey = survey(&world.target).await;
    assert_eq!(survey.findings.iter().map(|finding| finding.what).collect::<Vec<_>>(), ["manifest-unchained"]);
    let (line, all) = (line(&survey).await, world.rows().await);
    assert_eq!(line.instant, survey.sound_to(), "whatever else is asked for, it is not more");
    assert!(line.instant < since && line.ends["bank"].values().sum::<u64>() > 0, "{line:?}");
    comes_back(&survey, &line, &all).await;
}
