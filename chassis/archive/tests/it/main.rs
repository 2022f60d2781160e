//! The archive from outside: every kind of place, sealed and restored, damaged in every way, cut short at every step.

mod bank;
mod places;
mod drawer;
mod round;
mod damage;
mod crash;
mod prune;
mod fit;
