//! What a hotel may become, and what is refused.

use contracts::hotels as contract;
use contracts::hotels::HotelFact;
use hotels::domain::change_hotel::ChangeHotel;
use hotels::domain::change_rooms::{ChangeRoomType, ChangeRooms};
use hotels::domain::close_hotel::{CloseHotel, ReopenHotel};
use hotels::domain::define_hotel::DefineHotel;
use hotels::domain::define_room_type::DefineRoomType;
use hotels::domain::define_rooms::DefineRooms;
use hotels::domain::delete_hotel::DeleteHotel;
use hotels::domain::hotel::{Hotel, HotelEvent};
use hotels::domain::removal::{Removal, RemovalEvent};
use hotels::sagas::delete_room_type::{DeleteRoomType, DeleteRoomTypeSaga};
use hotels::sagas::delete_rooms::{DeleteRooms, DeleteRoomsSaga};
use jiff::civil::date;
use kernel::money::Currency;
use kernel::{Ctx, Decide, Emit, Money, RefusalKind, Refused, Staged, Stop, Timestamp};
use saga::{Begin, Ending, Saga};
use serde_json::{Value, json};
use testkit::given::{Given, ctx};
use testkit::said;

/// The first append of a saga as a decision.
struct Begun<B>(B);

impl<B: Begin> Decide for Begun<B> {
    type Reply = Value;

    fn partition(&self) -> &str {
        self.0.partition()
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        self.0.begin("saga_1", see, ctx, out).map(|state| serde_json::to_value(state).expect("JSON"))
    }
}

/// The last append of a saga as a decision.
struct Ended<S: Saga>(S::State, Ending);

impl<S: Saga> Decide for Ended<S> {
    type Reply = Value;

    fn partition(&self) -> &str {
        "H"
    }

    fn decide(&self, see: &Staged, ctx: &Ctx, out: &mut Emit) -> Result<Value, Stop> {
        S::end("saga_1", &self.0, &self.1, see, ctx, out)
    }
}

fn now() -> Ctx {
    ctx(Timestamp(1), "desk", "k")
}

fn described() -> contract::DefineHotel {
    contract::DefineHotel {
        hotel: "H".into(),
        name: "House".into(),
        opens_on: date(2031, 6, 1),
        currency: Currency::parse("EUR").expect("a code"),
        time_zone: "Europe/Vienna".into(),
        clean_on_checkout: false,
        house_rooms: None,
        address: None,
        check_in_from: None,
        check_out_until: None,
    }
}

fn room_type(code: &str) -> contract::DefineRoomType {
    contract::DefineRoomType { hotel: "H".into(), room_type: code.into(), name: "Attic".into(), price: None, sleeps: None }
}

fn rooms(first: u32, last: u32) -> contract::DefineRooms {
    contract::DefineRooms { hotel: "H".into(), room_type: "A".into(), first, last, floor: None }
}

fn given(more: impl IntoIterator<Item = HotelFact>) -> Given<Hotel> {
    let all = [HotelFact::HotelDefined(described()), HotelFact::RoomTypeDefined(room_type("A"))];
    Given::events("H", all.into_iter().chain(more).map(HotelEvent))
}

fn busy(given: Given<Hotel>) -> Given<Hotel> {
    given.and::<Removal>("H", [RemovalEvent::Started { saga: "saga_0".into() }])
}

fn gone() -> [HotelFact; 2] {
    let of_type = contract::DeleteRoomType { hotel: "H".into(), room_type: "A".into() };
    [HotelFact::RoomTypeDeleted(of_type), HotelFact::HotelDeleted(contract::DeleteHotel { hotel: "H".into() })]
}

fn from<C, D: TryFrom<C>>(contract: C) -> D {
    D::try_from(contract).unwrap_or_else(|_| panic!("a command that cannot be meant"))
}

fn change(name: Option<&str>, house_rooms: Option<u32>) -> ChangeHotel {
    let (name, hotel) = (name.map(str::to_owned), "H".into());
    from(contract::ChangeHotel {
        hotel,
        name,
        time_zone: None,
        clean_on_checkout: None,
        house_rooms,
        address: None,
        check_in_from: None,
        check_out_until: None,
    })
}

#[test]
fn a_hotel_is_described_anew_and_says_the_whole_of_it() {
    let named = contract::DefineHotel { name: "Inn".into(), ..described() };
    given([]).when(&change(Some("Inn"), None), &now()).then_events([HotelEvent(HotelFact::HotelChanged(named))]);
    given([]).when(&change(Some("House"), None), &now()).then_events([]);
    let limited = contract::DefineHotel { house_rooms: Some(3), ..described() };
    let all = [HotelFact::HotelChanged(limited)];
    given(all).when(&change(None, Some(0)), &now()).then_events([HotelEvent(HotelFact::HotelChanged(described()))]);
    Given::<Hotel>::nothing("H").when(&change(None, None), &now()).then_refused("hotel-unknown");
}

#[test]
fn a_code_that_was_given_once_is_not_given_again() {
    let define: DefineHotel = from(described());
    given([]).when(&define, &now()).then_refused("hotel-exists");
    given(gone()).when(&define, &now()).then_refused("hotel-exists");
    given(gone()).when(&change(Some("Inn"), None), &now()).then_refused("hotel-unknown");
}

#[test]
fn a_hotel_closes_once_and_opens_again() {
    let (close, reopen) = (contract::CloseHotel { hotel: "H".into(), reason: None }, contract::ReopenHotel { hotel: "H".into() });
    let closed = || [HotelFact::HotelClosed(close.clone())];
    given([]).when(&from::<_, CloseHotel>(close.clone()), &now()).then_events(closed().map(HotelEvent));
    given(closed()).when(&from::<_, CloseHotel>(close.clone()), &now()).then_refused("hotel-closed");
    given([]).when(&from::<_, ReopenHotel>(reopen.clone()), &now()).then_refused("hotel-open");
    given(closed()).when(&from::<_, ReopenHotel>(reopen.clone()), &now()).then_events([HotelEvent(HotelFact::HotelReopened(reopen))]);
}

#[test]
fn rooms_are_changed_when_all_of_them_exist() {
    let to_floor = |last| contract::ChangeRooms { hotel: "H".into(), room_type: "A".into(), first: 1, last, floor: Some(2) };
    let all = || [HotelFact::RoomsDefined(rooms(1, 3))];
    given(all()).when(&from::<_, ChangeRooms>(to_floor(3)), &now()).then_events([HotelEvent(HotelFact::RoomsChanged(to_floor(3)))]);
    given(all()).when(&from::<_, ChangeRooms>(to_floor(4)), &now()).then_refused("room-unknown");
    let named = |code: &str| changed(code, Some("Loft"), None);
    given([]).when(&from::<_, ChangeRoomType>(named("A")), &now()).then_events([HotelEvent(HotelFact::RoomTypeChanged(named("A")))]);
    given([]).when(&from::<_, ChangeRoomType>(named("Z")), &now()).then_refused("room-type-unknown");
}

fn changed(code: &str, name: Option<&str>, price: Option<Money>) -> contract::ChangeRoomType {
    contract::ChangeRoomType { hotel: "H".into(), room_type: code.into(), name: name.map(Into::into), price, sleeps: None }
}

#[test]
fn a_price_is_in_the_hotels_currency_and_changes_alone() {
    let money = |amount, code: &str| Some(Money { amount, currency: Currency::parse(code).expect("a code") });
    let price = |price| from::<_, ChangeRoomType>(changed("A", None, price));
    given([]).when(&price(money(9_900, "USD")), &now()).then_refused("wrong-currency");
    let done = given([]).when(&price(money(9_900, "EUR")), &now());
    let done = done.then_events([HotelEvent(HotelFact::RoomTypeChanged(changed("A", None, money(9_900, "EUR"))))]);
    done.then_state::<Hotel>("H", |hotel| {
        assert_eq!((hotel.room_types["A"].price, &*hotel.room_types["A"].name), (money(9_900, "EUR"), "Attic"))
    });
    let same = || [HotelFact::RoomTypeChanged(changed("A", None, money(9_900, "EUR")))];
    given(same()).when(&price(money(9_900, "EUR")), &now()).then_events([]);
    assert!(ChangeRoomType::try_from(changed("A", None, money(-1, "EUR"))).is_err());
}

#[test]
fn a_hotel_with_types_and_a_type_with_rooms_stay_and_say_why() {
    let delete: DeleteHotel = from(contract::DeleteHotel { hotel: "H".into() });
    given([]).when(&delete, &now()).then_refused("hotel-in-use");
    given(gone().into_iter().take(1)).when(&delete, &now()).then_events([HotelEvent(gone()[1].clone())]);
    let of_type = || Begun(from::<_, DeleteRoomType>(contract::DeleteRoomType { hotel: "H".into(), room_type: "A".into() }));
    given([HotelFact::RoomsDefined(rooms(1, 3))]).when(&of_type(), &now()).then_refused("room-type-in-use");
    let started = said::<Removal>("H", &RemovalEvent::Started { saga: "saga_1".into() });
    given([]).when(&of_type(), &now()).then_emits([started]).then_reply(json!({"hotel": "H", "room_type": "A"}));
}

#[test]
fn while_something_is_removed_nothing_else_is_changed() {
    let of_rooms = contract::DeleteRooms { hotel: "H".into(), room_type: "A".into(), first: 1, last: 1 };
    let all = || [HotelFact::RoomsDefined(rooms(1, 3))];
    busy(given(all())).when(&Begun(from::<_, DeleteRooms>(of_rooms)), &now()).then_refused("hotel-busy");
    busy(given([])).when(&from::<_, DefineRooms>(rooms(1, 3)), &now()).then_refused("hotel-busy");
    busy(given([])).when(&from::<_, DefineRoomType>(room_type("B")), &now()).then_refused("hotel-busy");
}

#[test]
fn a_removal_ends_with_the_thing_gone_or_with_nothing_changed() {
    let ended = || said::<Removal>("H", &RemovalEvent::Ended {});
    let no = || Ending::Undone(Refused::new("room-in-use", RefusalKind::Conflict));
    let of_rooms = contract::DeleteRooms { hotel: "H".into(), room_type: "A".into(), first: 2, last: 3 };
    let all = || busy(given([HotelFact::RoomsDefined(rooms(1, 3))]));
    all().when(&Ended::<DeleteRoomsSaga>(of_rooms.clone(), no()), &now()).then_emits([ended()]);
    let done = all().when(&Ended::<DeleteRoomsSaga>(of_rooms.clone(), Ending::Done), &now());
    let done = done.then_emits([ended(), said::<Hotel>("H", &HotelEvent(HotelFact::RoomsDeleted(of_rooms)))]);
    done.then_state::<Hotel>("H", |hotel| assert_eq!(hotel.room_types["A"].rooms, [(1, 1)]));
    let of_type = contract::DeleteRoomType { hotel: "H".into(), room_type: "A".into() };
    busy(given([])).when(&Ended::<DeleteRoomTypeSaga>(of_type.clone(), no()), &now()).then_emits([ended()]);
    let done = busy(given([])).when(&Ended::<DeleteRoomTypeSaga>(of_type.clone(), Ending::Done), &now());
    done.then_emits([ended(), said::<Hotel>("H", &HotelEvent(HotelFact::RoomTypeDeleted(of_type)))]);
}

#[test]
fn events_of_the_first_version_are_still_read() {
    let stored = r#"{"RoomsDefined":{"hotel":"H","room_type":"A","first":1,"last":3}}"#;
    let event = <HotelEvent as kernel::Event>::decode(1, stored).expect("readable");
    assert_eq!(event, HotelEvent(HotelFact::RoomsDefined(rooms(1, 3))));
    assert_eq!(<HotelEvent as kernel::Event>::encode(&event), stored);
}
