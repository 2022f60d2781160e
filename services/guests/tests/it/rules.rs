//! One sentence a rule of the guest's stream.

use contracts::guests as contract;
use guests::domain::absorb::Absorb;
use guests::domain::bookings::Booking;
use guests::domain::guest::{Guest, GuestEvent};
use guests::domain::update_guest::UpdateGuest;
use kernel::Timestamp;
use testkit::given::{Given, ctx};

fn given(more: impl IntoIterator<Item = GuestEvent>) -> Given<Guest> {
    Given::events("gst_1", [GuestEvent::GuestCreated {}].into_iter().chain(more))
}

fn now() -> kernel::Ctx {
    ctx(Timestamp(1), "desk", "k")
}

fn booking(over: bool) -> Booking {
    Booking { guest: "gst_1".into(), reservation: "res_1".into(), over }
}

#[test]
fn a_booking_is_noted_once_and_settled_once() {
    let noted = || GuestEvent::BookingNoted { reservation: "res_1".into() };
    given([]).when(&booking(false), &now()).then_events([noted()]);
    given([noted()]).when(&booking(false), &now()).then_events([]);
    given([noted()]).when(&booking(true), &now()).then_events([GuestEvent::BookingSettled { reservation: "res_1".into() }]);
    given([]).when(&booking(true), &now()).then_events([]);
    Given::<Guest>::nothing("gst_1").when(&booking(false), &now()).then_events([]);
}

#[test]
fn who_is_being_merged_is_neither_described_nor_absorbs() {
    let merging = || GuestEvent::MergeStarted { saga: "merge_1".into() };
    let update = UpdateGuest { guest: "gst_1".into(), edit: "edt_2".into() };
    let absorb = Absorb::try_from(contract::Absorb { guest: "gst_1".into(), other: "gst_2".into() }).expect("sound");
    given([merging()]).when(&update, &now()).then_refused("guest-busy");
    given([merging()]).when(&absorb, &now()).then_refused("merge-crossed");
    given([merging(), GuestEvent::MergeFailed {}]).when(&update, &now()).then_events([GuestEvent::GuestUpdated { edit: "edt_2".into() }]);
    given([]).when(&absorb, &now()).then_events([GuestEvent::Absorbed { guest: "gst_2".into() }]);
    given([GuestEvent::GuestErased {}]).when(&absorb, &now()).then_refused("guest-erased");
    given([merging(), GuestEvent::GuestMerged { into: "gst_3".into() }]).when(&absorb, &now()).then_refused("guest-merged");
}
