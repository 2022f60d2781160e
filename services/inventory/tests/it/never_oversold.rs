//! Random commands against the ledger and against a naive model that counts nights in a list: they accept the same and
//! never pass a limit (moves excepted).

use contracts::HOUSE;
use contracts::inventory as contract;
use inventory::domain::confirm::Confirm;
use inventory::domain::hold::Hold;
use inventory::domain::ledger::{LedgerEvent, NightLedger};
use inventory::domain::release::Release;
use inventory::domain::unhold::Unhold;
use jiff::civil::{Date, date};
use kernel::decide::Past;
use kernel::id::Ids;
use kernel::{Ctx, Decide, Emit, Event, Missing, Staged, Stop, Timestamp};
use proptest::prelude::*;

const LIMITS: [(&str, u32); 3] = [(HOUSE, 4), ("A", 3), ("B", 2)];
const DAYS: i8 = 6;
const TTL_S: u32 = 60;

fn day(n: i8) -> Date {
    date(2031, 6, 1 + n)
}

#[derive(Clone, Debug)]
enum Op {
    Hold { reservation: u8, b: bool, arrival: i8, nights: i8 },
    Confirm(u8),
    Release { reservation: u8, from: i8 },
    Unhold(u8),
    Wait(u8),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => (0..12u8, any::<bool>(), 0..DAYS, 0..4i8).prop_map(|(reservation, b, arrival, nights)| Op::Hold { reservation, b, arrival, nights }),
        4 => (0..12u8).prop_map(Op::Confirm),
        2 => (0..12u8, 0..DAYS).prop_map(|(reservation, from)| Op::Release { reservation, from }),
        1 => (0..12u8).prop_map(Op::Unhold),
        1 => (1..70u8).prop_map(Op::Wait),
    ]
}

/// One allocation as the model sees it.
#[derive(Clone, Debug)]
struct Taken {
    reservation: u8,
    b: bool,
    nights: Vec<i8>,
    until: Option<i64>,
    revision: u32,
}

fn count(model: &[Taken], night: i8, b: Option<bool>) -> usize {
    model.iter().filter(|t| b.is_none_or(|b| t.b == b) && t.nights.contains(&night)).count()
}

/// What the model says of a hold: every night has room for one more.
fn fits(model: &[Taken], b: bool, nights: &[i8]) -> bool {
    let limit = if b { 2 } else { 3 };
    nights.iter().all(|n| count(model, *n, Some(b)) < limit && count(model, *n, None) < 4)
}

struct World {
    see: Staged,
    now: i64,
}

impl World {
    fn run<D: Decide>(&mut self, decision: &D) -> bool {
        let ctx = Ctx { now: Timestamp(self.now), actor: "x".into(), key: "k".into(), ids: Ids::of("x", "k") };
        let mut out = Emit::default();
        match decision.decide(&self.see, &ctx, &mut out) {
            Ok(_) => {
                out.take().iter().for_each(|raw| assert!(self.see.stage(raw).is_some()));
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
    World { see, now: 0 }
}

fn apply(world: &mut World, model: &mut Vec<Taken>, op: &Op) {
    let name = |r: u8| format!("r{r}");
    let hotel = || "H".to_owned();
    let now = world.now;
    match op.clone() {
        Op::Hold { reservation, b, arrival, nights } => {
            // A refused hold changes nothing, so what is over stays in the books until something is accepted.
            let live: Vec<Taken> = model.iter().filter(|t| t.until.is_none_or(|until| until > now)).cloned().collect();
            let wanted: Vec<i8> = (arrival..arrival + nights).collect();
            let room_type = if b { "B" } else { "A" };
            let hold = contract::Hold {
                hotel: hotel(),
                reservation: name(reservation),
                room_type: room_type.into(),
                arrival: day(arrival),
                departure: day(arrival + nights),
                ttl_s: TTL_S,
                takes: None,
            };
            let expected = !live.iter().any(|t| t.reservation == reservation) && fits(&live, b, &wanted);
            assert_eq!(world.run(&Hold::try_from(hold).expect("sound")), expected, "{op:?}");
            if expected {
                *model = live;
                let until = Some(now + i64::from(TTL_S) * 1_000_000);
                model.push(Taken { reservation, b, nights: wanted, until, revision: 0 });
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
                own.nights.retain(|n| *n < from);
                own.revision = revision;
            }
        }
        Op::Unhold(reservation) => {
            let unhold = contract::Unhold { hotel: hotel(), reservation: name(reservation) };
            assert!(world.run(&Unhold::try_from(unhold).expect("sound")));
            model.retain(|t| t.reservation != reservation || t.until.is_none());
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
            for n in 0..DAYS + 4 {
                for (room_type, limit) in LIMITS {
                    let is = ledger.at(day(n), room_type);
                    prop_assert!(is.sold + is.held <= limit, "{room_type} on night {n}: {is:?} after {op:?}");
                }
                let all = ledger.at(day(n), HOUSE);
                prop_assert_eq!((all.sold + all.held) as usize, count(&model, n, None), "night {} after {:?}", n, op);
            }
        }
    }
}
