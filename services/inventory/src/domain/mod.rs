//! The domain of inventory: the night ledger and one file a command.

pub mod refused;
pub mod ledger;
pub mod limits;
pub mod open;
pub mod set_limits;
pub mod hold;
pub mod unhold;
pub mod expire_holds;
pub mod extend;
pub mod confirm;
pub mod release;
pub mod amend;
pub mod move_type;
pub mod close_night;
pub mod retire_type;
