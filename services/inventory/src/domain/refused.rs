//! Why the ledger says no.

use jiff::civil::Date;
use kernel::{Refusal, RefusalKind};
use serde_json::{Value, json};

/// Nights named in a refusal at most; a longer list says how many there are.
const NIGHTS_TOLD_MAX: usize = 20;
/// Reservations named in a refusal.
const NAMED_MAX: usize = 5;

/// A refusal of inventory.
#[derive(Clone, Debug, PartialEq)]
pub enum LedgerRefused {
    /// No such hotel.
    HotelUnknown,
    /// The hotel has no such type.
    RoomTypeUnknown,
    /// The stay would begin before the business date, or one that has begun would begin anew.
    PastDate,
    /// Some nights have nothing left.
    NightSoldOut {
        /// Which, in order.
        nights: Vec<Date>,
    },
    /// The reservation has nights already.
    AlreadyAllocated,
    /// The hold is gone.
    HoldExpired,
    /// The hold was extended as often as it may be.
    HoldNotExtendable,
    /// The reservation has no nights here.
    AllocationUnknown,
    /// Another date is open.
    NotBusinessDate {
        /// Which.
        open: Date,
    },
    /// The type is being deleted.
    RoomTypeRetired,
    /// The hotel sells nothing more.
    HotelClosed,
    /// Something depends on the type.
    RoomTypeInUse {
        /// The highest sell limit of a night that has not passed.
        limit: u32,
        /// Reservations that have nights of it.
        reservations: Vec<String>,
        /// Bookings being decided that hold nights of it.
        holds: Vec<String>,
    },
    /// What is sold for the night is not what sleeps in the house.
    NightUnbalanced {
        /// Sold.
        sold: u32,
        /// In house.
        in_house: u32,
    },
}

impl Refusal for LedgerRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::HotelUnknown => "hotel-unknown",
            Self::RoomTypeUnknown => "room-type-unknown",
            Self::PastDate => "past-date",
            Self::NightSoldOut { .. } => "night-sold-out",
            Self::AlreadyAllocated => "already-allocated",
            Self::HoldExpired => "hold-expired",
            Self::HoldNotExtendable => "hold-not-extendable",
            Self::AllocationUnknown => "allocation-unknown",
            Self::NotBusinessDate { .. } => "not-business-date",
            Self::NightUnbalanced { .. } => "night-unbalanced",
            Self::RoomTypeRetired => "room-type-retired",
            Self::HotelClosed => "hotel-closed",
            Self::RoomTypeInUse { .. } => "room-type-in-use",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::HotelUnknown | Self::RoomTypeUnknown | Self::AllocationUnknown => RefusalKind::NotFound,
            _ => RefusalKind::Conflict,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::NightSoldOut { nights } => {
                let told: Vec<_> = nights.iter().take(NIGHTS_TOLD_MAX).collect();
                json!({"nights": told, "nights_total": nights.len()})
            }
            Self::RoomTypeInUse { limit, reservations, holds } => {
                let named = |kind: &str, ids: &[String]| json!({"kind": kind, "total": ids.len(), "ids": ids.iter().take(NAMED_MAX).collect::<Vec<_>>()});
                let limit = (*limit > 0).then(|| json!({"kind": "sell-limit", "limit": limit}));
                let others = [("reservation", reservations), ("hold", holds)].into_iter().filter(|(_, ids)| !ids.is_empty());
                json!({"dependants": limit.into_iter().chain(others.map(|(kind, ids)| named(kind, ids))).collect::<Vec<_>>()})
            }
            Self::NotBusinessDate { open } => json!({"business_date": open}),
            Self::NightUnbalanced { sold, in_house } => json!({"sold": sold, "in_house": in_house}),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_list_of_dependants_fits_into_a_record() {
        let ids: Vec<String> = (0..1_000).map(|n| format!("res_{n:016}")).collect();
        let refused = LedgerRefused::RoomTypeInUse { limit: 100_000, reservations: ids.clone(), holds: ids };
        assert!(refused.detail().to_string().len() <= eventstore::REPLY_BYTES_MAX);
    }
}
