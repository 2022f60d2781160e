//! The whole program as its users meet it: over HTTP, as a process, killed and started again.
#![allow(clippy::disallowed_methods, reason = "tests measure and start real processes")]

mod support;
mod life;
mod amend;
mod crud;
mod on_postgres;
mod refusals;
mod readme;
mod labs;
mod chaos;
mod backup;
mod clouds;
mod queries;
mod again;
mod bookings;
mod routes;
mod faults;
mod find;
mod split;
