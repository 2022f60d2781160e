//! The domain of reservations: three aggregates and one file a command that is a single decision.

pub mod refused;
pub mod reservation;
pub mod day;
pub mod arrivals;
pub mod reference;
pub mod earmark;
pub mod arrive;
pub mod unarrive;
pub mod stay_on;
pub mod depart;
pub mod close_sales;
pub mod open_day;
