//! stays: one sentence a rule.

mod sagas;
mod rules;
mod story;
mod tape;
