//! What can be done with a stay now, and what it leads to. The services decide; this only offers what can succeed.

use jiff::ToSpan;
use jiff::civil::Date;
use kit::Frame;
use serde::Serialize;

use super::booking::Booking;
use super::rooms::{self, Group, Need};
use crate::known::{Hotel, RoomType};
use crate::tape::house::{Tape, days};

/// The next verb: the sheet's one main button.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Next {
    /// The guest is due, or late.
    CheckIn {
        /// Rooms that are ready, the one that was given first.
        rooms: Vec<String>,
        /// The room that was given and is not ready yet.
        waits_for: Option<String>,
    },
    /// The guest leaves today, or should have left.
    CheckOut,
}

/// What can be done beside it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Acts {
    /// The next verb.
    pub next: Option<Next>,
    /// Rooms to assign before arrival; none: this cannot be done now.
    pub assign: Option<Vec<Group>>,
    /// Whether the given room can be taken back.
    pub unassign: bool,
    /// Rooms to move to.
    pub moves: Option<Vec<Group>>,
    /// Whether the room can be locked (`Some(true)`), or unlocked.
    pub lock: Option<bool>,
    /// Types to change to.
    pub types: Option<Vec<RoomType>>,
    /// Whether dates can be changed before arrival.
    pub amend: bool,
    /// From which day on the departure can be moved, in house.
    pub extend: Option<Date>,
    /// Nights that leaving today gives back.
    pub early: Option<i32>,
    /// What cancelling leads to, in words.
    pub cancel: Option<String>,
    /// What marking a no-show leads to, in words.
    pub no_show: Option<String>,
    /// Why the verbs of the house cannot be offered.
    pub silent: Vec<&'static str>,
}

impl Acts {
    /// Whether there is anything to do.
    pub fn is_none(&self) -> bool {
        self.assign.is_none()
            && self.moves.is_none()
            && self.lock.is_none()
            && self.types.is_none()
            && !self.amend
            && self.extend.is_none()
            && self.cancel.is_none()
            && self.no_show.is_none()
            && self.silent.is_empty()
    }
}

/// What can be done today.
pub fn of(f: &Frame, booking: &Booking, today: Date, tape: Option<&Tape>, hotel: &Hotel) -> Acts {
    let mut acts = Acts::default();
    let (from, to) = (booking.from.unwrap_or(today), booking.to.unwrap_or(today));
    let is_known = booking.version.is_some();
    if booking.is_expected() {
        let ready = tape.map(|tape| rooms::free(booking, tape, hotel, today, Need::Now)).unwrap_or_default();
        if from <= today && to >= today {
            let is_ready = |room: &&String| {
                tape.is_some_and(|tape| {
                    tape.rooms
                        .iter()
                        .any(|r| r.room == **room && r.condition == "clean" && r.occupied_by.as_ref().is_none_or(String::is_empty))
                })
            };
            let given = booking.room.as_ref();
            let rooms = rooms::own(booking, &ready, given.is_some_and(|room| is_ready(&room)));
            acts.next = Some(Next::CheckIn { rooms, waits_for: given.filter(|room| tape.is_some() && !is_ready(room)).cloned() });
        }
        if let Some(tape) = tape {
            let is_mine = |group: &Group| group.rank == rooms::Rank::Own;
            if booking.locked != Some(true) {
                acts.assign = Some(rooms::free(booking, tape, hotel, from.max(today), Need::Later).into_iter().filter(is_mine).collect());
            }
            acts.unassign = booking.room.is_some() && booking.locked != Some(true);
            acts.lock = booking.locked.filter(|_| booking.room.is_some()).map(|locked| !locked);
        } else {
            acts.silent.push("stays");
        }
        if is_known {
            acts.types = Some(rooms::other_types(booking, hotel)).filter(|types| !types.is_empty());
            acts.amend = true;
            acts.cancel = Some(cancelling(f, booking, today));
            acts.no_show = (from < today).then(|| losing(f, booking));
        } else {
            acts.silent.push("reservations");
        }
    } else if booking.is_here() {
        if to <= today {
            acts.next = Some(Next::CheckOut);
        } else {
            acts.early = Some(days(today, to));
        }
        if let Some(tape) = tape {
            if booking.locked != Some(true) {
                acts.moves = Some(rooms::free(booking, tape, hotel, today, Need::Now));
            }
            acts.lock = booking.locked.map(|locked| !locked);
        }
        acts.extend = Some(today.max(from.saturating_add(1.days())));
        if tape.is_none() {
            acts.silent.push("stays");
        }
    }
    acts
}

/// What cancelling means for the guest's money: a prepaid stay is paid back in full before its day of arrival.
fn cancelling(f: &Frame, booking: &Booking, today: Date) -> String {
    match booking.prepaid {
        Some(prepaid) if booking.from.is_some_and(|from| today < from) => f.ta("sheet-cancel-refund", "amount", f.money(&prepaid)),
        Some(prepaid) => f.ta("sheet-cancel-forfeit", "amount", f.money(&prepaid)),
        None if booking.payment.is_some() => f.t("sheet-cancel-void"),
        None => f.t("sheet-cancel-free"),
    }
}

fn losing(f: &Frame, booking: &Booking) -> String {
    match booking.prepaid {
        Some(prepaid) => f.ta("sheet-cancel-forfeit", "amount", f.money(&prepaid)),
        None if booking.payment.is_some() => f.t("sheet-cancel-void"),
        None => f.t("sheet-cancel-free"),
    }
}
