//! The ledger's decisions, and the one property everything else rests on: nothing is sold past a limit.

mod ledger;
mod carts;
mod amendments;
mod views;
mod never_oversold;
mod timers;
