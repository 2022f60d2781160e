//! One line a command and query.

use contracts::inventory as contract;
use pipeline::{Criticality, Role, RouteEntry, command, get};

use crate::domain::retire_type::{RetireType, UnretireType};
use crate::domain::{
    amend::Amend, close_night::CloseNight, confirm::Confirm, extend::Extend, hold::Hold, move_type::Move, release::Release,
    set_limits::SetLimits, unhold::Unhold,
};
use crate::views;

/// The route table.
pub fn routes() -> Vec<RouteEntry> {
    let (search, quote) = (Criticality::Search, Criticality::Quote);
    vec![
        command::<contract::SetLimits, SetLimits>(Role::Revenue, Criticality::Hold),
        command::<contract::Hold, Hold>(Role::Peer, Criticality::Hold),
        command::<contract::Extend, Extend>(Role::Peer, Criticality::Hold),
        command::<contract::Unhold, Unhold>(Role::Peer, Criticality::Finish),
        command::<contract::Confirm, Confirm>(Role::Peer, Criticality::Finish),
        command::<contract::Release, Release>(Role::Peer, Criticality::Finish),
        command::<contract::Move, Move>(Role::Peer, Criticality::Finish),
        command::<contract::Amend, Amend>(Role::Peer, Criticality::Finish),
        command::<contract::CloseNight, CloseNight>(Role::Peer, Criticality::Finish),
        command::<contract::RetireType, RetireType>(Role::Peer, Criticality::Hold),
        command::<contract::UnretireType, UnretireType>(Role::Peer, Criticality::Finish),
        get("inventory", "/hotels/{hotel}/availability", "Availability", Role::Public, search, |core, call| {
            Box::pin(views::nights::availability(core, call))
        }),
        get("inventory", "/hotels/{hotel}/on-the-books", "OnTheBooks", Role::Desk, quote, |core, call| {
            Box::pin(views::night_books::on_the_books(core, call))
        }),
    ]
}
