//! The archive from outside: sealed and restored on every kind of target, damaged in every way, cut short at every step.

mod bank;
mod round;
mod damage;
mod crash;
mod prune;
