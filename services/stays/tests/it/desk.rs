//! Rooms given before arrival, moves in house, other days of departure, and what housekeeping says: one sentence a rule.

use contracts::stays as contract;
use kernel::{RefusalKind, Refused};
use saga::Ending;
use serde_json::json;
use stays::domain::assignment::{HearReservation, LockRoom, UnassignRoom};
use stays::domain::rack::{Condition, Rack, RackEvent, RoomNo};
use stays::domain::set_condition::SetCondition;
use stays::domain::stay::{Stay, StayEvent};
use stays::sagas::assign_room::{AssignRoom, AssignRoomSaga, AssignState};
use stays::sagas::check_in::CheckInSaga;
use stays::sagas::close_day::CloseDay;
use stays::sagas::extend_stay::{ExtendState, ExtendStay, ExtendStaySaga};
use stays::sagas::move_room::{MoveRoom, MoveRoomSaga, MoveState};
use testkit::said;

use crate::rules::{arrival, arriving, checked_in, given, june, moves_in, occupied, retire, room};
use crate::sagas::{Begun, Ended, from, now};

pub fn assigned(number: u32, reservation: &str) -> RackEvent {
    RackEvent::Assigned { room: room(number), reservation: reservation.into(), arrival: june(1), departure: june(3) }
}

fn b(first: u32, last: u32) -> RackEvent {
    RackEvent::RoomsAdded { room_type: "B".into(), first, last, floor: None }
}

fn lock(reservation: &str, locked: bool) -> LockRoom {
    from(contract::LockRoom { hotel: "H".into(), reservation: reservation.into(), locked })
}

fn locked(reservation: &str) -> RackEvent {
    RackEvent::Locked { reservation: reservation.into(), locked: true }
}

#[test]
fn housekeeping_speaks_of_vacant_rooms_only() {
    let report = |rooms: &[&str], condition: &str| {
        from::<_, SetCondition>(contract::SetCondition {
            hotel: "H".into(),
            rooms: rooms.iter().map(|r| (*r).to_owned()).collect(),
            condition: condition.into(),
        })
    };
    let found = |numbers: &[u32], condition| RackEvent::Conditioned { rooms: numbers.iter().map(|n| room(*n)).collect(), condition };
    given([]).when(&report(&["A-1", "A-3", "A-1"], "dirty"), &now()).then_events([found(&[1, 3], Condition::Dirty)]);
    given([]).when(&report(&["A-1"], "clean"), &now()).then_events([]);
    given([found(&[1], Condition::Dirty)]).when(&report(&["A-1", "A-2"], "clean"), &now()).then_events([found(&[1], Condition::Clean)]);
    given([occupied(1, "res_9")]).when(&report(&["A-2", "A-1"], "dirty"), &now()).then_refused("room-occupied");
    given([]).when(&report(&["A-9"], "dirty"), &now()).then_refused("room-unknown");
    let dirty = given([found(&[1], Condition::Dirty)]);
    dirty.when(&Ended::<CheckInSaga>(arriving(Some("A-1"), None), Ending::Done), &now()).then_refused("room-not-ready");
}

#[test]
fn a_room_given_before_is_the_one_that_is_moved_into_and_nobody_elses() {
    let check_in = |room| Ended::<CheckInSaga>(arriving(room, None), Ending::Done);
    given([assigned(2, "res_1")]).when(&check_in(None), &now()).then_emits(moves_in(2, None));
    given([assigned(1, "res_9")]).when(&check_in(None), &now()).then_emits(moves_in(2, None));
    given([assigned(1, "res_9")]).when(&check_in(Some("A-1")), &now()).then_refused("room-assigned");
    given([assigned(2, "res_1")]).when(&check_in(Some("A-3")), &now()).then_emits(moves_in(3, None));
    let tomorrow = RackEvent::Assigned { room: room(1), reservation: "res_9".into(), arrival: june(3), departure: june(5) };
    given([tomorrow]).when(&check_in(None), &now()).then_emits(moves_in(1, None));
    given([assigned(2, "res_1"), occupied(2, "res_8")]).when(&check_in(None), &now()).then_refused("room-occupied");
    given([assigned(2, "res_9")]).when(&retire(1, 2), &now()).then_refused("room-in-use");
}

#[test]
fn a_room_given_before_arrival_is_free_for_the_nights_and_of_the_type() {
    let assign = |room: &str| {
        let state = AssignState { hotel: "H".into(), reservation: "res_1".into(), room: room.into(), arrival: Some(arrival(None)) };
        Ended::<AssignRoomSaga>(state, Ending::Done)
    };
    given([]).when(&assign("A-2"), &now()).then_events([assigned(2, "res_1")]).then_reply(json!({"reservation": "res_1", "room": "A-2"}));
    given([assigned(1, "res_1")]).when(&assign("A-2"), &now()).then_events([assigned(2, "res_1")]);
    given([assigned(2, "res_9")]).when(&assign("A-2"), &now()).then_refused("room-assigned");
    given([occupied(2, "res_9")]).when(&assign("A-2"), &now()).then_refused("room-occupied");
    let leaves = RackEvent::Occupied { room: room(2), stay: "res_9".into(), departure: june(1) };
    given([leaves]).when(&assign("A-2"), &now()).then_events([assigned(2, "res_1")]);
    given([b(1, 1)]).when(&assign("B-1"), &now()).then_refused("wrong-room-type");
    given([]).when(&assign("A-9"), &now()).then_refused("room-unknown");
    given([assigned(1, "res_1"), locked("res_1")]).when(&assign("A-2"), &now()).then_refused("room-locked");
    let heard = |revision, gone| StayEvent::ReservationHeard { revision, gone };
    given([]).and::<Stay>("res_1", [heard(2, false)]).when(&assign("A-2"), &now()).then_refused("stale-version");
    given([]).and::<Stay>("res_1", [heard(1, false)]).when(&assign("A-2"), &now()).then_events([assigned(2, "res_1")]);
    given([]).and::<Stay>("res_1", [heard(1, true)]).when(&assign("A-2"), &now()).then_refused("reservation-gone");
    given([]).and::<Stay>("res_1", [checked_in(None)]).when(&assign("A-2"), &now()).then_refused("already-arrived");
    let begin = Begun(from::<_, AssignRoom>(contract::AssignRoom { hotel: "H".into(), reservation: "res_1".into(), room: "A-2".into() }));
    let asked = said::<Stay>("res_1", &StayEvent::RoomAsked { hotel: "H".into() });
    given([]).when(&begin, &now()).then_emits([asked]);
    given([]).and::<Stay>("res_1", [StayEvent::RoomAsked { hotel: "H".into() }]).when(&begin, &now()).then_emits([]);
}

#[test]
fn a_locked_room_is_not_taken_away() {
    let unassign: UnassignRoom = from(contract::UnassignRoom { hotel: "H".into(), reservation: "res_1".into() });
    let back = || RackEvent::Unassigned { room: room(2), reservation: "res_1".into() };
    given([assigned(2, "res_1")]).when(&unassign, &now()).then_events([back()]);
    given([]).when(&unassign, &now()).then_refused("not-assigned");
    given([assigned(2, "res_1"), locked("res_1")]).when(&unassign, &now()).then_refused("room-locked");
    given([assigned(2, "res_1")]).when(&lock("res_1", true), &now()).then_events([locked("res_1")]);
    given([occupied(2, "res_1")]).when(&lock("res_1", true), &now()).then_events([locked("res_1")]);
    given([occupied(2, "res_1")]).when(&lock("res_1", false), &now()).then_events([]);
    given([]).when(&lock("res_1", true), &now()).then_refused("not-assigned");
    // Checked in, it is locked still.
    given([assigned(2, "res_1"), locked("res_1"), occupied(2, "res_1")]).when(&lock("res_1", true), &now()).then_events([]);
}

#[test]
fn what_is_heard_of_a_reservation_takes_its_room_back_unless_it_fits() {
    let hear = |gone, room_type: Option<&str>, nights| HearReservation {
        reservation: "res_1".into(),
        revision: 2,
        gone,
        room_type: room_type.map(str::to_owned),
        nights,
    };
    let heard = |gone| said::<Stay>("res_1", &StayEvent::ReservationHeard { revision: 2, gone });
    let back = || said::<Rack>("H", &RackEvent::Unassigned { room: room(2), reservation: "res_1".into() });
    let house = |more: Vec<RackEvent>| {
        given([assigned(2, "res_1")].into_iter().chain(more)).and::<Stay>("res_1", [StayEvent::RoomAsked { hotel: "H".into() }])
    };
    house(vec![]).when(&hear(true, None, None), &now()).then_emits([heard(true), back()]);
    house(vec![]).when(&hear(false, Some("B"), None), &now()).then_emits([heard(false), back()]);
    house(vec![]).when(&hear(false, Some("A"), None), &now()).then_emits([heard(false)]);
    let later = RackEvent::Assigned { room: room(2), reservation: "res_1".into(), arrival: june(2), departure: june(5) };
    let nights = Some((june(2), june(5)));
    house(vec![]).when(&hear(false, None, nights), &now()).then_emits([heard(false), said::<Rack>("H", &later)]);
    let clash = RackEvent::Assigned { room: room(2), reservation: "res_9".into(), arrival: june(4), departure: june(5) };
    house(vec![clash]).when(&hear(false, None, nights), &now()).then_emits([heard(false), back()]);
    let in_house = given([occupied(2, "res_1")]).and::<Stay>("res_1", [checked_in(None)]);
    in_house.when(&hear(false, Some("B"), None), &now()).then_emits([]);
    given([]).when(&hear(true, None, None), &now()).then_emits([]);
}

fn move_to(room: &str) -> Begun<MoveRoom> {
    let (hotel, reservation) = ("H".into(), "res_1".into());
    Begun(from(contract::MoveRoom { hotel, reservation, room: room.into(), reason: None }))
}

fn moving(to: RoomNo, moves_nights: bool) -> MoveState {
    let (hotel, reservation) = ("H".into(), "res_1".into());
    MoveState {
        hotel,
        reservation,
        from: room(1),
        to,
        departure: june(3),
        revision: 1 + u32::from(moves_nights),
        moves_nights,
        reason: None,
    }
}

#[test]
fn a_guest_moves_into_a_room_that_is_ready_and_nobody_elses() {
    let house =
        |more: Vec<RackEvent>| given([occupied(1, "res_1"), b(1, 2)].into_iter().chain(more)).and::<Stay>("res_1", [checked_in(None)]);
    house(vec![]).when(&move_to("A-2"), &now()).then_emits([]);
    house(vec![]).when(&move_to("A-1"), &now()).then_refused("same-room");
    house(vec![]).when(&move_to("A-9"), &now()).then_refused("room-unknown");
    house(vec![occupied(2, "res_9")]).when(&move_to("A-2"), &now()).then_refused("room-occupied");
    house(vec![assigned(2, "res_9")]).when(&move_to("A-2"), &now()).then_refused("room-assigned");
    house(vec![locked("res_1")]).when(&move_to("A-2"), &now()).then_refused("room-locked");
    let dirty = RackEvent::Conditioned { rooms: vec![room(2)], condition: Condition::Dirty };
    house(vec![dirty]).when(&move_to("A-2"), &now()).then_refused("room-not-ready");
    let left = [checked_in(None), StayEvent::CheckedOut { hotel: "H".into(), date: june(1) }];
    given([]).and::<Stay>("res_1", left).when(&move_to("A-2"), &now()).then_refused("not-in-house");
    let busy = [checked_in(None), StayEvent::ChangeStarted { saga: "other".into() }];
    given([occupied(1, "res_1")]).and::<Stay>("res_1", busy.clone()).when(&move_to("A-2"), &now()).then_refused("stay-busy");
    let close = Begun(from::<_, CloseDay>(contract::CloseDay { hotel: "H".into(), date: june(1) }));
    given([occupied(1, "res_1")]).and::<Stay>("res_1", busy).when(&close, &now()).then_refused("stay-busy");
    // Another type: the room is kept while inventory is asked.
    let to = RoomNo { room_type: "B".into(), number: 2 };
    let kept = || RackEvent::Kept { room: to.clone(), stay: "res_1".into() };
    let started = said::<Stay>("res_1", &StayEvent::ChangeStarted { saga: "saga_1".into() });
    house(vec![]).when(&move_to("B-2"), &now()).then_emits([said::<Rack>("H", &kept()), started]).then_claims(&[("room/H/B-2", true)]);
    house(vec![kept()]).when(&move_to("B-2"), &now()).then_refused("stay-busy");
    let undone = Ending::Undone(Refused::new("no", RefusalKind::Conflict));
    let let_go = said::<Rack>("H", &RackEvent::LetGo { room: to.clone(), stay: "res_1".into() });
    let failed = said::<Stay>("res_1", &StayEvent::ChangeFailed {});
    let back = house(vec![kept()]).when(&Ended::<MoveRoomSaga>(moving(to.clone(), true), undone), &now());
    back.then_emits([let_go, failed]).then_claims(&[("room/H/B-2", false)]);
}

#[test]
fn a_guest_who_moved_is_in_the_new_room_and_the_old_one_is_left() {
    let house = || given([occupied(1, "res_1"), b(1, 2)]).and::<Stay>("res_1", [checked_in(None)]);
    let moved = |to: RoomNo, revision| {
        let left = RackEvent::Vacated { room: room(1), stay: "res_1".into(), condition: Condition::Clean };
        let taken = RackEvent::Occupied { room: to.clone(), stay: "res_1".into(), departure: june(3) };
        let moved = StayEvent::RoomMoved { hotel: "H".into(), from: "A-1".into(), room: to, revision, date: june(1), reason: None };
        [said::<Rack>("H", &left), said::<Rack>("H", &taken), said::<Stay>("res_1", &moved)]
    };
    let same = house().when(&Ended::<MoveRoomSaga>(moving(room(2), false), Ending::Done), &now());
    same.then_emits(moved(room(2), 1)).then_claims(&[("room/H/A-2", true), ("room/H/A-1", false)]);
    let to = RoomNo { room_type: "B".into(), number: 2 };
    let other = house().when(&Ended::<MoveRoomSaga>(moving(to.clone(), true), Ending::Done), &now());
    other.then_emits(moved(to, 2)).then_claims(&[("room/H/A-1", false)]);
}

#[test]
fn a_stay_becomes_longer_when_the_room_is_free_and_shorter_until_today() {
    let extend =
        |day| Begun(from::<_, ExtendStay>(contract::ExtendStay { hotel: "H".into(), reservation: "res_1".into(), departure: june(day) }));
    let house = |more: Vec<RackEvent>| given([occupied(1, "res_1")].into_iter().chain(more)).and::<Stay>("res_1", [checked_in(None)]);
    let until = |day| said::<Rack>("H", &RackEvent::Extended { room: room(1), stay: "res_1".into(), departure: june(day) });
    let started = || said::<Stay>("res_1", &StayEvent::ChangeStarted { saga: "saga_1".into() });
    house(vec![]).when(&extend(5), &now()).then_emits([until(5), started()]);
    house(vec![]).when(&extend(2), &now()).then_emits([started()]);
    house(vec![]).when(&extend(3), &now()).then_refused("same-dates");
    let early = Begun(from::<_, ExtendStay>(contract::ExtendStay {
        hotel: "H".into(),
        reservation: "res_1".into(),
        departure: june(1).yesterday().expect("a day"),
    }));
    house(vec![]).when(&early, &now()).then_refused("past-date");
    let next = RackEvent::Assigned { room: room(1), reservation: "res_9".into(), arrival: june(3), departure: june(4) };
    house(vec![next]).when(&extend(5), &now()).then_refused("room-assigned");
    let state = |day| ExtendState {
        hotel: "H".into(),
        reservation: "res_1".into(),
        room: room(1),
        arrival: june(1),
        was: june(3),
        departure: june(day),
        revision: 2,
    };
    let extended =
        |day| said::<Stay>("res_1", &StayEvent::Extended { hotel: "H".into(), departure: june(day), revision: 2, date: june(1) });
    house(vec![]).when(&Ended::<ExtendStaySaga>(state(5), Ending::Done), &now()).then_emits([extended(5)]);
    house(vec![]).when(&Ended::<ExtendStaySaga>(state(2), Ending::Done), &now()).then_emits([until(2), extended(2)]);
    let undone = || Ending::Undone(Refused::new("night-sold-out", RefusalKind::Conflict));
    let failed = || said::<Stay>("res_1", &StayEvent::ChangeFailed {});
    house(vec![]).when(&Ended::<ExtendStaySaga>(state(5), undone()), &now()).then_emits([until(3), failed()]);
    house(vec![]).when(&Ended::<ExtendStaySaga>(state(2), undone()), &now()).then_emits([failed()]);
}
