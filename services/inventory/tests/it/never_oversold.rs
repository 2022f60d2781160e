//! Random commands against the ledger and against a naive model that counts nights in a list: they accept the same and
//! never pass a limit (moves excepted).

use contracts::HOUSE;
use contracts::inventory as contract;
use inventory::domain::amend::Amend;
use inventory::domain::close_night::CloseNight;
use inventory::domain::confirm::Confirm;
use inventory::domain::extend::Extend;
use inventory::domain::hold::Hold;
use inventory::domain::ledger::{LedgerEvent, NightLedger};
use inventory::domain::release::Release;
use inventory::domain::unhold::Unhold;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kernel::decide::Past;
use kernel::id::Ids;
use kernel::{Ctx, Decide, Emit, Event, Missing, Staged, Stop, Timestamp};
use proptest::prelude::*;

const LIMITS: [(&str, u32); 3] = [(HOUSE, 4), ("A", 3), ("B", 2)];
const DAYS: i8 = 6;
const TTL_S: u32 = 60;

fn day(n: i8) -> Date {
    date(2031, 6, 1).saturating_add(i64::from(n).days())
}

#[derive(Clone, Debug)]
enum Op {
    Hold { reservation: u8, b: bool, arrival: i8, nights: i8, takes: Option<u8> },
    Extend { reservation: u8, ttl_s: u32 },
    Confirm(u8),
    Amend { reservation: u8, arrival: i8, nights: i8 },
    Release { reservation: u8, from: i8 },
    Unhold(u8),
    Wait(u8),
    Close,
}

fn op() -> impl Strategy<Value = Op> {
    let hold = (0..12u8, any::<bool>(), 0..DAYS, 0..4i8, prop::option::of(0..12u8));
    prop_oneof![
        6 => hold.prop_map(|(reservation, b, arrival, nights, takes)| Op::Hold { reservation, b, arrival, nights, takes }),
        2 => (0..12u8, 1..90u32).prop_map(|(reservation, ttl_s)| Op::Extend { reservation, ttl_s }),
        4 => (0..12u8).prop_map(Op::Confirm),
        4 => (0..12u8, 0..DAYS, 0..4i8).prop_map(|(reservation, arrival, nights)| Op::Amend { reservation, arrival, nights }),
        2 => (0..12u8, 0..DAYS).prop_map(|(reservation, from)| Op::Release { reservation, from }),
        1 => (0..12u8).prop_map(Op::Unhold),
        1 => (1..70u8).prop_map(Op::Wait),
        1 => Just(Op::Close),
    ]
}

/// One allocation as the model sees it.
#[derive(Clone, Debug)]
struct Taken {
    reservation: u8,
    b: bool,
    nights: std::ops::Range<i8>,
    until: Option<i64>,
    extends: u32,
    revision: u32,
    given_back: bool,
}

fn count(model: &[Taken], night: i8, b: Option<bool>) -> usize {
    model.iter().filter(|t| b.is_none_or(|b| t.b == b) && t.nights.contains(&night)).count()
}

/// What the model says of more nights: every one has room for one more.
fn fits(model: &[Taken], b: bool, mut nights: impl Iterator<Item = i8>) -> bool {
    let limit = if b { 2 } else { 3 };
    nights.all(|n| count(model, n, Some(b)) < limit && count(model, n, None) < 4)
}

/// The nights after an amendment: what has begun keeps its beginning and ends today at the earliest, nothing begins in the past.
fn amended(had: &std::ops::Range<i8>, arrival: i8, departure: i8, today: i8) -> Option<std::ops::Range<i8>> {
    if had.start < today {
        return (arrival <= today).then(|| had.start..departure.max(today));
    }
    (arrival >= today).then_some(arrival..departure)
}

struct World {
    see: Staged,
    now: i64,
    today: i8,
}

impl World {
    fn run<D: Decide>(&mut self, decision: &D) -> bool {
        let ctx = Ctx { now: Timestamp(self.now), actor: "x".into(), key: "k".into(), ids: Ids::of("x", "k") };
        let mut out = Emit::default();
        match decision.decide(&self.see, &ctx, &mut out) {
            Ok(_) => {
                out.take().iter().for_each(|raw| assert!(self.see.stage(raw, 1).is_some()));
                true
            }
            Err(Stop::Refused(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    }
}

fn world() -> World {
    let missing = Missing::of::<NightLedger>("H");
    let mut slot = missing.start(None);
    let limits = LIMITS.map(|(room_type, limit)| contract::Limit { room_type: room_type.into(), limit, from: None, to: None });
    let events = [
        LedgerEvent::Opened { on: day(0) },
        LedgerEvent::TypeAdded { room_type: "A".into() },
        LedgerEvent::TypeAdded { room_type: "B".into() },
        LedgerEvent::LimitsSet { limits: limits.into(), reason: "x".into(), actor: "x".into() },
    ];
    for (i, event) in events.iter().enumerate() {
        slot.fold(&Past { version: i as u64 + 1, schema: 1, json: &event.encode() }).expect("readable");
    }
    let mut see = Staged::default();
    see.insert(missing.stream, slot);
    World { see, now: 0, today: 0 }
}

fn apply(world: &mut World, model: &mut Vec<Taken>, op: &Op) {
    let name = |r: u8| format!("r{r}");
    let hotel = || "H".to_owned();
    let now = world.now;
    match op.clone() {
        Op::Hold { reservation, b, arrival, nights, takes } => {
            // A refused hold changes nothing, so what is over stays in the books until something is accepted.
            let live: Vec<Taken> = model.iter().filter(|t| t.until.is_none_or(|until| until > now)).cloned().collect();
            let is_taken = |t: &Taken| t.until.is_some() && Some(t.reservation) == takes;
            let others: Vec<Taken> = live.iter().filter(|t| !is_taken(t)).cloned().collect();
            let room_type = if b { "B" } else { "A" };
            let hold = contract::Hold {
                hotel: hotel(),
                reservation: name(reservation),
                room_type: room_type.into(),
                arrival: day(arrival),
                departure: day(arrival + nights),
                ttl_s: TTL_S,
                takes: takes.map(name),
            };
            let has_none = !live.iter().any(|t| t.reservation == reservation);
            let expected = arrival >= world.today && has_none && fits(&others, b, arrival..arrival + nights);
            assert_eq!(world.run(&Hold::try_from(hold).expect("sound")), expected, "{op:?}");
            if expected {
                *model = others;
                let until = Some(now + i64::from(TTL_S) * 1_000_000);
                let nights = arrival..arrival + nights;
                model.push(Taken { reservation, b, nights, until, extends: 0, revision: 0, given_back: false });
            }
        }
        Op::Extend { reservation, ttl_s } => {
            let extend = contract::Extend { hotel: hotel(), reservation: name(reservation), ttl_s };
            let own = model.iter_mut().find(|t| t.reservation == reservation && t.until.is_some_and(|until| until > now) && t.extends < 3);
            assert_eq!(world.run(&Extend::try_from(extend).expect("sound")), own.is_some(), "{op:?}");
            if let Some(own) = own {
                own.until = own.until.max(Some(now + i64::from(ttl_s) * 1_000_000));
                own.extends += 1;
            }
        }
        Op::Amend { reservation, arrival, nights } => {
            let own = model.iter().find(|t| t.reservation == reservation && t.until.is_none() && !t.given_back).cloned();
            let revision = own.as_ref().map_or(1_000, |t| t.revision + 1);
            let (from, to) = (day(arrival), day(arrival + nights));
            let amend = contract::Amend { hotel: hotel(), reservation: name(reservation), arrival: from, departure: to, revision };
            let live: Vec<Taken> = model.iter().filter(|t| t.until.is_none_or(|until| until > now)).cloned().collect();
            let wanted = own.as_ref().and_then(|t| amended(&t.nights, arrival, arrival + nights, world.today));
            let more = |own: &Taken, wanted: &std::ops::Range<i8>| wanted.clone().filter(|n| !own.nights.contains(n)).collect::<Vec<_>>();
            let expected = own.as_ref().zip(wanted.as_ref()).is_some_and(|(own, wanted)| fits(&live, own.b, more(own, wanted).into_iter()));
            assert_eq!(world.run(&Amend::try_from(amend).expect("sound")), expected, "{op:?}");
            if let (true, Some(own), Some(wanted)) = (expected, own, wanted) {
                if !more(&own, &wanted).is_empty() {
                    *model = live;
                }
                model.iter_mut().filter(|t| t.reservation == reservation).for_each(|t| (t.nights, t.revision) = (wanted.clone(), revision));
            }
        }
        Op::Confirm(reservation) => {
            let confirm = contract::Confirm { hotel: hotel(), reservation: name(reservation), revision: 1 };
            let own = model.iter_mut().find(|t| t.reservation == reservation);
            let expected = own.as_ref().is_some_and(|t| t.until.is_none_or(|until| until > now));
            assert_eq!(world.run(&Confirm::try_from(confirm).expect("sound")), expected, "{op:?}");
            if let (true, Some(own)) = (expected, own) {
                own.until = None;
                own.revision = own.revision.max(1);
            }
        }
        Op::Release { reservation, from } => {
            let own = model.iter_mut().find(|t| t.reservation == reservation && t.until.is_none());
            let revision = own.as_ref().map_or(2, |t| t.revision + 1);
            let release = contract::Release { hotel: hotel(), reservation: name(reservation), from: day(from), revision };
            assert!(world.run(&Release::try_from(release).expect("sound")));
            if let Some(own) = own {
                own.nights.end = from.max(world.today).clamp(own.nights.start, own.nights.end);
                own.given_back = own.nights.is_empty();
                own.revision = revision;
            }
        }
        Op::Unhold(reservation) => {
            let unhold = contract::Unhold { hotel: hotel(), reservation: name(reservation) };
            assert!(world.run(&Unhold::try_from(unhold).expect("sound")));
            model.retain(|t| t.reservation != reservation || t.until.is_none());
        }
        Op::Close => {
            let today = world.today;
            let in_house = model.iter().filter(|t| t.until.is_none() && t.nights.contains(&today)).count() as u32;
            let close = contract::CloseNight { hotel: hotel(), date: day(today), in_house };
            assert!(world.run(&CloseNight::try_from(close).expect("sound")), "{op:?}");
            model.retain(|t| if t.until.is_some() { t.nights.start > today } else { t.nights.end > today });
            world.today += 1;
        }
        Op::Wait(seconds) => world.now += i64::from(seconds) * 1_000_000,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_accepts_what_the_model_accepts_and_never_passes_a_limit(ops in prop::collection::vec(op(), 1..80)) {
        let (mut world, mut model) = (world(), Vec::new());
        for op in &ops {
            apply(&mut world, &mut model, op);
            let ledger = world.see.get::<NightLedger>("H").expect("cached");
            prop_assert_eq!(ledger.nights.keys().find(|night| **night < day(world.today)), None, "a closed night is back after {:?}", op);
            for n in world.today..DAYS + 4 {
                for (room_type, limit) in LIMITS {
                    let is = ledger.at(day(n), room_type);
                    prop_assert!(is.sold + is.held <= limit, "{room_type} on night {n}: {is:?} after {op:?}");
                    let b = (room_type != HOUSE).then_some(room_type == "B");
                    prop_assert_eq!((is.sold + is.held) as usize, count(&model, n, b), "{} on night {} after {:?}", room_type, n, op);
                }
            }
        }
    }
}
