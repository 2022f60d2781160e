//! stays: one sentence a rule.

mod sagas;
mod rules;
