//! What is known of one stay, from whoever answers: its reservation, its stay, or its bar on the tape.

use jiff::civil::Date;
use kernel::Money;
use serde::Serialize;

use crate::known::{Reservation, Stay};
use crate::live::row::Bar;
use crate::tape::house::days;

/// One stay, as the sheet shows it. What nobody could say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Booking {
    /// The reservation.
    pub id: String,
    /// `confirmed`, `in_house`, …; empty: unknown.
    pub state: String,
    /// The number a guest is told.
    pub number: Option<String>,
    /// The booker's number.
    pub reference: Option<String>,
    /// The room it has, or was given.
    pub room: Option<String>,
    /// Whether the room must not be taken away; none: stays is silent.
    pub locked: Option<bool>,
    /// The type to occupy.
    pub room_type: String,
    /// The type sold.
    pub sold_as: String,
    /// First night.
    pub from: Option<Date>,
    /// Day of departure.
    pub to: Option<Date>,
    /// Adults, children, babies.
    pub guests: Option<[u32; 3]>,
    /// Price of a night.
    pub price: Option<Money>,
    /// The guest by reference.
    pub guest: Option<String>,
    /// `direct-bill`, `card`, `prepaid`.
    pub guarantee: Option<String>,
    /// Its payment.
    pub payment: Option<String>,
    /// Market segment.
    pub segment: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// What was paid at booking.
    pub prepaid: Option<Money>,
    /// What was given back.
    pub refund: Option<Money>,
    /// How often the reservation has changed: what its changes are guarded by.
    pub version: Option<u64>,
    /// Whether something is being changed just now.
    pub changing: bool,
}

impl Booking {
    /// What reservations and stays say. The stay knows the room, and decides once the guest has arrived.
    pub fn of(id: &str, reservation: Option<&Reservation>, stay: Option<&Stay>) -> Self {
        let mut all = Self { id: id.to_owned(), ..Self::default() };
        if let Some(r) = reservation {
            all = Self {
                id: id.to_owned(),
                state: r.state.clone(),
                number: Some(r.confirmation.clone()),
                reference: r.reference.clone(),
                room: None,
                locked: None,
                room_type: r.room_type.clone(),
                sold_as: r.sold_as.clone(),
                from: Some(r.arrival),
                to: Some(r.departure),
                guests: Some([r.adults, r.children, r.babies]),
                price: r.price,
                guest: r.guest.clone(),
                guarantee: Some(r.guarantee.kind.clone()).filter(|kind| !kind.is_empty()),
                payment: r.payment.clone(),
                segment: r.segment.clone(),
                channel: r.channel.clone(),
                prepaid: r.prepaid,
                refund: r.refund,
                version: Some(r.version),
                changing: r.changing,
            };
        }
        if let Some(s) = stay {
            all.state.clone_from(&s.state);
            all.room.clone_from(&s.room);
            all.room_type = s.room_type.clone().unwrap_or(all.room_type);
            all.sold_as.clone_from(&s.sold_as);
            (all.from, all.to) = (Some(s.arrival), Some(s.departure));
            all.price = all.price.or(s.price);
        }
        all
    }

    /// With what the tape draws of it; the others say nothing of a room that was given before arrival, or of a lock.
    pub fn drawn(mut self, bar: Option<&Bar>) -> Self {
        let Some(bar) = bar else { return self };
        if self.state.is_empty() {
            self.state.clone_from(&bar.st);
            self.room_type.clone_from(&bar.room_type);
            self.sold_as.clone_from(&bar.sold_as);
            (self.from, self.to) = (Some(bar.from), Some(bar.to));
        }
        if self.is_expected() && bar.assigned && !bar.planned {
            self.room.clone_from(&bar.row);
        }
        self.locked = Some(bar.locked);
        self.number = self.number.or_else(|| bar.confirmation.clone());
        self.guest = self.guest.or_else(|| bar.guest.clone());
        self.price = self.price.or(bar.price);
        self
    }

    /// Whether it has been booked and nobody has come yet.
    pub fn is_expected(&self) -> bool {
        self.state == "confirmed"
    }

    /// Whether the guest is in the house.
    pub fn is_here(&self) -> bool {
        self.state == "in_house"
    }

    /// How many nights; none: a day use, or unknown.
    pub fn nights(&self) -> Option<i32> {
        Some(days(self.from?, self.to?))
    }

    /// All nights at the price of one.
    pub fn total(&self) -> Option<Money> {
        self.price?.times(i64::from(self.nights()?.max(1)))
    }

    /// The tone of its state's chip.
    pub fn tone(&self, today: Date) -> &'static str {
        let (from, to) = (self.from.unwrap_or(today), self.to.unwrap_or(today));
        match self.state.as_str() {
            "confirmed" if from < today => "urgent",
            "confirmed" if from == today => "due",
            "in_house" if to < today => "urgent",
            "in_house" if to == today => "due",
            "in_house" => "inhouse",
            "confirmed" => "future",
            "cancelled" | "no_show" | "checked_out" => "past",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn reservation() -> Reservation {
        serde_json::from_value(json!({
            "confirmation": "PH-1", "state": "in_house", "room_type": "A", "sold_as": "A", "arrival": "2027-03-04",
            "departure": "2027-03-06", "adults": 2, "price": {"amount": 9_800, "currency": "EUR"}, "version": 4
        }))
        .expect("a reservation")
    }

    #[test]
    fn once_the_guest_has_come_the_stay_decides() {
        let stay: Stay = serde_json::from_value(json!({
            "state": "leaving", "room": "B-2", "room_type": "B", "sold_as": "A", "arrival": "2027-03-04", "departure": "2027-03-07"
        }))
        .expect("a stay");
        let both = Booking::of("r", Some(&reservation()), Some(&stay));
        assert_eq!((both.state.as_str(), both.room.as_deref(), both.room_type.as_str()), ("leaving", Some("B-2"), "B"));
        assert_eq!((both.nights(), both.total().map(|t| t.amount)), (Some(3), Some(29_400)));
        let alone = Booking::of("r", None, Some(&stay));
        assert_eq!((alone.guests, alone.number, alone.version), (None, None, None), "what nobody says is not known");
    }

    #[test]
    fn a_planned_room_is_none() {
        let bar = |planned: bool| -> Bar {
            serde_json::from_value(json!({"id": "r", "v": 1, "row": "A-3", "planned": planned, "assigned": !planned, "locked": !planned,
                "room_type": "A", "sold_as": "A", "from": "2027-03-04", "to": "2027-03-06", "st": "confirmed"}))
            .expect("a bar")
        };
        let of = |planned| Booking::of("r", None, None).drawn(Some(&bar(planned)));
        assert_eq!((of(true).room, of(true).locked), (None, Some(false)));
        assert_eq!((of(false).room.as_deref(), of(false).locked), (Some("A-3"), Some(true)));
        assert_eq!(of(false).tone(date(2027, 3, 5)), "urgent");
    }
}
