//! The domain of stays: four aggregates, and the commands that are single decisions.

pub mod refused;
pub mod rack;
pub mod choose;
pub mod stay;
pub mod folio;
pub mod day;
pub mod learn;
pub mod post_night;
pub mod retire_rooms;
pub mod assignment;
pub mod set_condition;
