//! stays: one sentence a rule.

mod sagas;
mod rules;
mod desk;
mod desk_steps;
mod story;
mod tape;
