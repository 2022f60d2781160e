//! The sagas of payments: whatever has to be asked of the provider.

pub mod authorise;
pub mod void;
pub mod move_money;
