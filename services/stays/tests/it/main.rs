//! stays: one sentence a rule.

mod sagas;
mod rules;
mod desk;
mod desk_steps;
mod house;
mod story;
mod tape;
