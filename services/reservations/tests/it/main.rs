//! reservations: one sentence a rule.

mod sagas;
mod rules;
mod amendments;
mod told;
mod amend_steps;
