//! reservations: one sentence a rule.

mod sagas;
mod rules;
