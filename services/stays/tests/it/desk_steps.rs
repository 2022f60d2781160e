//! AssignRoom, MoveRoom and ExtendStay with their one step hit in every way: fail it, repeat it, lose its reply, let it be late.
//! In the end it is done once everywhere, or it is not done anywhere and the stay may be changed again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use contracts::Nothing;
use contracts::stays as contract;
use eventstore::simulated::{Disk, Simulated};
use eventstore::{Committer, Deciding, EventStore, Stored, Work};
use http::{Request, Response, StatusCode};
use kernel::chance::Seeded;
use kernel::{Aggregate, Ctx, Decide, Emit, Event, Outcome, Protocol, Staged, Stop, lane_of};
use peer::wire::BoxFuture;
use peer::{Lost, Peers, Wire};
use saga::drive::Desk;
use saga::{Registry, SagaRunner, Starting};
use stays::domain::assignment::HearReservation;
use stays::domain::day::{BusinessDay, DayEvent};
use stays::domain::rack::{Rack, RackEvent};
use stays::domain::stay::{Stay, StayEvent};
use stays::sagas::assign_room::{AssignRoom, AssignRoomSaga};
use stays::sagas::extend_stay::{ExtendStay, ExtendStaySaga};
use stays::sagas::move_room::{MoveRoom, MoveRoomSaga};
use testkit::participant::Mood;
use testkit::{Act, Participant, Scripted, Tasks, TokioClock, asked};

use crate::rules::{arrival, checked_in, june, occupied};
use crate::sagas::from;

/// Inventory and reservations as a peer that does one thing; a reservation that is earmarked is told as it is.
struct Others(Participant);

impl Wire for Others {
    fn send<'a>(&'a self, service: &'a str, mut request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        let path = request.uri().path().to_owned();
        assert!(
            [
                "/api/reservations/v1/hotels/H/reservations/res_1/earmark",
                "/api/inventory/v1/hotels/H/allocations/res_1/move",
                "/api/inventory/v1/hotels/H/allocations/res_1/amendment"
            ]
            .contains(&path.as_str()),
            "{path}"
        );
        *request.uri_mut() = http::Uri::from_static("/api/inventory/v1/do/step");
        Box::pin(async move {
            let mut answer = self.0.send(service, request).await?;
            if path.ends_with("earmark") && answer.status() == StatusCode::OK {
                *answer.body_mut() = serde_json::to_vec(&arrival(None)).expect("JSON").into();
            }
            Ok(answer)
        })
    }
}

/// A hotel open on 1 June with rooms and B-1, and perhaps a guest in A-1.
struct Before {
    in_house: bool,
}

impl Decide for Before {
    type Reply = Nothing;

    fn partition(&self) -> &str {
        "H"
    }

    fn decide(&self, _: &Staged, _: &Ctx, out: &mut Emit) -> Result<Nothing, Stop> {
        out.event::<BusinessDay>("H", DayEvent::HotelOpened { on: june(1), clean_on_checkout: false, house_rooms: None });
        for (room_type, last) in [("A", 3), ("B", 1)] {
            out.event::<Rack>("H", RackEvent::RoomsAdded { room_type: room_type.into(), first: 1, last, floor: None });
        }
        if self.in_house {
            out.claim("room/H/A-1".into());
            out.event::<Rack>("H", occupied(1, "res_1"));
            out.event::<Stay>("res_1", checked_in(None));
        }
        Ok(Nothing {})
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Assign,
    Move,
    Extend,
}

const ALL: [What; 3] = [What::Assign, What::Move, What::Extend];

impl What {
    fn start(self) -> Box<dyn Work> {
        let (hotel, reservation) = ("H".to_owned(), "res_1".to_owned());
        match self {
            Self::Assign => Box::new(Starting(from::<_, AssignRoom>(contract::AssignRoom { hotel, reservation, room: "A-2".into() }))),
            Self::Move => {
                Box::new(Starting(from::<_, MoveRoom>(contract::MoveRoom { hotel, reservation, room: "B-1".into(), reason: None })))
            }
            Self::Extend => Box::new(Starting(from::<_, ExtendStay>(contract::ExtendStay { hotel, reservation, departure: june(5) }))),
        }
    }
}

/// What is the case in the end.
struct After {
    outcome: Outcome,
    rack: Rack,
    stay: Stay,
    claims: Vec<String>,
    done: u32,
}

type Meanwhile = Option<HearReservation>;

/// Plays one of the sagas while the wire follows the script. What is heard meanwhile is heard after the step was sent first.
async fn played(what: What, mood: Option<Mood>, meanwhile: Meanwhile, mut script: impl FnMut(u32) -> Act + Send + 'static) -> After {
    let tasks = Tasks::default();
    let (peer, run) = Participant::new(Protocol::SOUND);
    tasks.spawn(run);
    peer.mood("step", mood);
    let wire = Scripted::new(Arc::new(Others(peer.clone())), tasks.spawner());
    let (sent, mut was_sent) = tokio::sync::mpsc::unbounded_channel();
    wire.play(move |_, _, before| {
        let _nobody_listens = sent.send(());
        script(before)
    });
    let (chance, clock) = (Arc::new(Seeded::new(1)), Arc::new(TokioClock::start()));
    let store: Arc<dyn EventStore> = Arc::new(Simulated::new(Disk::default(), chance.clone(), 0));
    let (committer, committing) = Committer::new(store.clone(), clock.clone(), Protocol::SOUND);
    let peers = Peers::new("stays", Arc::new(wire.clone()));
    let desk = Desk {
        service: "stays".into(),
        store: store.clone(),
        committer: committer.clone(),
        peers,
        clock,
        chance,
        protocol: Protocol::SOUND,
        board: Default::default(),
    };
    let registry = Registry::default().with::<AssignRoomSaga>().with::<MoveRoomSaga>().with::<ExtendStaySaga>();
    let (sagas, running) = SagaRunner::new(desk, registry);
    let meanwhile = Mutex::new(meanwhile);
    let body = async {
        let before = Before { in_house: what != What::Assign };
        committer.submit(asked("test", "before", "f"), lane_of("H"), Box::new(Deciding(before))).await;
        let Outcome::Pending { saga, .. } = committer.submit(asked("desk", "k", "f"), lane_of("H"), what.start()).await.outcome else {
            panic!("a saga begins");
        };
        sagas.begun(&saga);
        let heard = meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(heard) = heard {
            was_sent.recv().await;
            let answer = committer.submit(asked("feed", "fact", "f"), lane_of("H"), Box::new(Deciding(heard))).await;
            assert!(matches!(answer.outcome, Outcome::Applied { .. }), "{:?}", answer.outcome);
        }
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
    let claims = store.claims("room/".into()).await.expect("a store").into_iter().map(|(thing, _)| thing).collect();
    let rack = folded(store.as_ref(), "H", RackEvent::decode).await;
    let stay = folded(store.as_ref(), "res_1", StayEvent::decode).await;
    let done = peer.left().await.done.get("step").copied().unwrap_or(0);
    After { outcome, rack, stay, claims, done }
}

async fn folded<A: Aggregate>(store: &dyn EventStore, id: &str, read: fn(u16, &str) -> Result<A::Event, kernel::aggregate::Corrupt>) -> A {
    let mut aggregate = A::default();
    for e in store.stream(lane_of("H"), A::stream(id), 0).await.expect("a store").iter().filter_map(Stored::event) {
        aggregate.evolve(&read(e.schema, &e.json).expect("readable"));
    }
    aggregate
}

fn is_done(what: What, after: &After, why: &str) {
    let why = format!("{what:?} {why}");
    assert!(matches!(after.outcome, Outcome::Applied { .. }), "{why}: {:?}", after.outcome);
    assert_eq!((after.done, &after.stay.busy), (1, &None), "{why}");
    let held = after.stay.reservation.as_ref().map(|r| (r.departure, r.revision, r.room_type.as_str()));
    let in_house = after.rack.in_house().get("res_1").map(|o| o.departure);
    match what {
        What::Assign => assert_eq!(after.rack.assigned["res_1"].room.name(), "A-2", "{why}"),
        What::Move => {
            assert_eq!(
                (held, in_house, &after.claims[..]),
                (Some((june(3), 2, "B")), Some(june(3)), &["room/H/B-1".to_owned()][..]),
                "{why}"
            );
            assert!(after.rack.types["A"].dirty.contains(&1) && after.rack.types["B"].kept.is_empty(), "{why}");
        }
        What::Extend => assert_eq!((held, in_house), (Some((june(5), 2, "A")), Some(june(5))), "{why}"),
    }
}

/// Nothing of it is left.
fn is_not_done(what: What, after: &After, code: &str, why: &str) {
    let Outcome::Rejected(refused) = &after.outcome else { panic!("{what:?} {why}: {:?}", after.outcome) };
    assert_eq!((refused.code.as_str(), &after.stay.busy), (code, &None), "{what:?} {why}");
    assert!(after.rack.assigned.is_empty() && after.rack.types["B"].free.contains(&1), "{what:?} {why}");
    if what != What::Assign {
        let held = after.stay.reservation.as_ref().map(|r| (r.departure, r.revision, r.room_type.as_str()));
        let in_house = after.rack.in_house().get("res_1").map(|o| o.departure);
        assert_eq!((held, in_house, &after.claims[..]), (Some((june(3), 1, "A")), Some(june(3)), &["room/H/A-1".to_owned()][..]), "{why}");
    }
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
        Act::Gateway(StatusCode::OK),
        Act::Delay(ms(1_900)),
        // Overtaken by its own repetition.
        Act::Late(ms(30_000)),
    ];
    for what in ALL {
        for act in acts.clone() {
            let fault = act.clone();
            let after = played(what, None, None, move |before| if before == 0 { fault.clone() } else { Act::Pass }).await;
            is_done(what, &after, &format!("{act:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_leaves_nothing_behind() {
    for what in ALL {
        for act in [Act::Pass, Act::LoseReply, Act::Twice, Act::Late(Duration::from_secs(30))] {
            let fault = act.clone();
            let script = move |before| if before == 0 { fault.clone() } else { Act::Pass };
            let after = played(what, Some(Mood::Refuse("night-sold-out")), None, script).await;
            is_not_done(what, &after, "night-sold-out", &format!("{act:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pivot_is_waited_for_and_a_question_is_not() {
    for what in ALL {
        let hour = tokio::time::Instant::now() + Duration::from_secs(3_600);
        let after = played(what, None, None, move |_| if tokio::time::Instant::now() < hour { Act::LoseReply } else { Act::Pass }).await;
        match what {
            What::Assign => is_not_done(what, &after, "no-answer-in-time", "an hour"),
            What::Move | What::Extend => is_done(what, &after, "an hour"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_heard_of_before_the_room_is_given_is_not_overlooked() {
    let heard = |gone, revision| Some(HearReservation { reservation: "res_1".into(), revision, gone, room_type: None, nights: None });
    // The answer to the earmark is on its way while the reservation changes, and the change is heard of first.
    let late = |_| Act::Delay(Duration::from_millis(500));
    let after = played(What::Assign, None, heard(true, 2), late).await;
    is_not_done(What::Assign, &after, "reservation-gone", "cancelled");
    let after = played(What::Assign, None, heard(false, 2), late).await;
    is_not_done(What::Assign, &after, "stale-version", "changed");
    let after = played(What::Assign, None, heard(false, 1), late).await;
    is_done(What::Assign, &after, "heard of what the earmark knew");
}
