//! Amend with its one step hit in every way: fail it, repeat it, lose its reply, let it be late or away. The reservation has
//! the new dates and inventory was asked once with effect, or it has the old ones and may be changed again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use contracts::Nothing;
use contracts::reservations as contract;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{Committer, Deciding, EventStore, Stored};
use http::{Request, Response, StatusCode};
use jiff::civil::Date;
use kernel::chance::Seeded;
use kernel::{Aggregate, Ctx, Decide, Emit, Event, Outcome, Protocol, Staged, Stop, lane_of};
use peer::wire::BoxFuture;
use peer::{Lost, Peers, Wire};
use reservations::domain::arrivals::{Arrivals, ArrivalsEvent};
use reservations::domain::day::{Day, DayEvent};
use reservations::domain::reservation::{Reservation, ReservationEvent, State};
use reservations::sagas::amend::{Amend, AmendSaga};
use saga::drive::Desk;
use saga::{Registry, SagaRunner, Starting};
use testkit::participant::Mood;
use testkit::{Act, Participant, Scripted, Tasks, TokioClock, asked};

use crate::rules::{booked, eur, june};
use crate::sagas::from;

const PATH: &str = "/api/inventory/v1/hotels/H/allocations/res_1/amendment";

/// Inventory as a peer that does one thing.
struct Inventory(Participant);

impl Wire for Inventory {
    fn send<'a>(&'a self, service: &'a str, mut request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        assert_eq!((service, request.uri().path()), ("inventory", PATH));
        *request.uri_mut() = http::Uri::from_static("/api/inventory/v1/do/amend");
        self.0.send(service, request)
    }
}

/// A hotel open on 1 June with a reservation for 1 to 3 June.
struct Before;

impl Decide for Before {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        "H"
    }

    fn decide(&self, _: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        out.event::<Day>("H", DayEvent::HotelOpened { on: june(1), currency: eur(0).currency });
        out.event::<Reservation>("res_1", booked(1, 3));
        Arrivals::expect(out, "H", june(1), "res_1");
        Ok(Nothing {})
    }
}

/// What is the case in the end.
struct After {
    outcome: Outcome,
    reservation: Reservation,
    /// The days on which it is expected.
    expected: Vec<Date>,
    /// How often inventory has done it.
    done: u32,
    /// How often it was sent.
    sent: usize,
}

/// Amends 1 to 3 June into 2 to 5 June while the wire follows the script, and a minute longer.
async fn amended(mood: Option<Mood>, script: impl FnMut(&str, &str, u32) -> Act + Send + 'static) -> After {
    let tasks = Tasks::default();
    let (peer, run) = Participant::new(Protocol::SOUND);
    tasks.spawn(run);
    peer.mood("amend", mood);
    let wire = Scripted::new(Arc::new(Inventory(peer.clone())), tasks.spawner());
    wire.play(script);
    let (chance, clock) = (Arc::new(Seeded::new(1)), Arc::new(TokioClock::start()));
    let store: Arc<dyn EventStore> = Arc::new(Simulated::new(Disk::default(), chance.clone(), 0));
    let (committer, committing) = Committer::new(store.clone(), clock.clone(), Protocol::SOUND);
    let peers = Peers::new("reservations", Arc::new(wire.clone()));
    let (service, protocol) = ("reservations".into(), Protocol::SOUND);
    let desk =
        Desk { service, store: store.clone(), committer: committer.clone(), peers, clock, chance, protocol, board: Default::default() };
    let (sagas, running) = SagaRunner::new(desk, Registry::default().with::<AmendSaga>());
    let body = async {
        committer.submit(asked("test", "before", "f"), lane_of("H"), Box::new(Deciding(Before))).await;
        let (hotel, reservation) = ("H".into(), "res_1".into());
        let wanted = contract::Amend { hotel, reservation, arrival: june(2), departure: june(5), price: None, reason: None };
        let start = Box::new(Starting(from::<_, Amend>(wanted)));
        let Outcome::Pending { saga, .. } = committer.submit(asked("guest", "k", "f"), lane_of("H"), start).await.outcome else {
            panic!("a saga begins");
        };
        sagas.begun(&saga);
        let week = tokio::time::Instant::now() + Duration::from_secs(7 * 86_400);
        let ended = sagas.wait(&saga, week).await.expect("a saga that ends");
        tokio::time::sleep(Duration::from_secs(60)).await;
        ended.outcome
    };
    let outcome = tokio::select! {
        biased;
        () = committing => panic!("the committer has ended"),
        () = running.run() => panic!("the runner has ended"),
        outcome = body => outcome,
    };
    let mut expected = Vec::new();
    for day in [june(1), june(2)] {
        let of_day: Arrivals = folded(store.as_ref(), &format!("H/{day}"), ArrivalsEvent::decode).await;
        expected.extend(of_day.expected.contains("res_1").then_some(day));
    }
    let reservation = folded(store.as_ref(), "res_1", ReservationEvent::decode).await;
    let done = peer.left().await.done.get("amend").copied().unwrap_or(0);
    After { outcome, reservation, expected, done, sent: wire.log().len() }
}

async fn folded<A: Aggregate>(store: &dyn EventStore, id: &str, read: fn(u16, &str) -> Result<A::Event, kernel::aggregate::Corrupt>) -> A {
    let mut aggregate = A::default();
    for e in store.stream(lane_of("H"), A::stream(id), 0).await.expect("a store").iter().filter_map(Stored::event) {
        aggregate.evolve(&read(e.schema, &e.json).expect("readable"));
    }
    aggregate
}

#[track_caller]
fn is_amended(after: &After, what: &str) {
    assert!(matches!(after.outcome, Outcome::Applied { .. }), "{what}: {:?}", after.outcome);
    let booking = after.reservation.booking.as_ref().expect("booked");
    assert_eq!((booking.arrival, booking.departure, after.reservation.revision), (june(2), june(5), 2), "{what}");
    assert_eq!((after.reservation.state, &after.reservation.busy), (State::Confirmed, &None), "{what}");
    assert_eq!((&after.expected[..], after.done), (&[june(2)][..], 1), "{what}");
}

#[tokio::test(start_paused = true)]
async fn one_lost_repeated_late_or_garbled_message_changes_nothing() {
    let ms = Duration::from_millis;
    let acts = [
        Act::Pass,
        Act::Reset,
        Act::Silence,
        Act::LoseReply,
        Act::Twice,
        Act::Busy,
        Act::Gateway(StatusCode::BAD_GATEWAY),
        Act::Gateway(StatusCode::FORBIDDEN),
        Act::Gateway(StatusCode::OK),
        Act::Delay(ms(1_900)),
        // Overtaken by its own repetition.
        Act::Late(ms(30_000)),
    ];
    for act in acts {
        let fault = act.clone();
        let after = amended(None, move |_, _, before| if before == 0 { fault.clone() } else { Act::Pass }).await;
        is_amended(&after, &format!("{act:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn there_is_no_patience_while_nobody_knows() {
    for act in [Act::Reset, Act::LoseReply, Act::Busy, Act::Gateway(StatusCode::SERVICE_UNAVAILABLE)] {
        let (fault, hour) = (act.clone(), tokio::time::Instant::now() + Duration::from_secs(3_600));
        let after = amended(None, move |_, _, _| if tokio::time::Instant::now() < hour { fault.clone() } else { Act::Pass }).await;
        is_amended(&after, &format!("{act:?}"));
        assert!(after.sent > 10, "{act:?}: it was asked for again and again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_leaves_the_old_dates_and_a_reservation_that_may_be_changed() {
    for act in [Act::Pass, Act::LoseReply, Act::Twice, Act::Late(Duration::from_secs(30))] {
        let fault = act.clone();
        let script = move |_: &str, _: &str, before| if before == 0 { fault.clone() } else { Act::Pass };
        let after = amended(Some(Mood::Refuse("night-sold-out")), script).await;
        let Outcome::Rejected(refused) = &after.outcome else { panic!("{act:?}: {:?}", after.outcome) };
        assert_eq!(refused.code, "night-sold-out");
        let booking = after.reservation.booking.as_ref().expect("booked");
        assert_eq!((booking.arrival, booking.departure, after.reservation.revision), (june(1), june(3), 1), "{act:?}");
        assert_eq!((&after.reservation.busy, &after.expected[..], after.done), (&None, &[june(1)][..], 0), "{act:?}");
    }
}
