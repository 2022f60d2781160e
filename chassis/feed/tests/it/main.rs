//! Feeds from outside: views, pages, followers, positions and timers, with crashes at every await and two of everybody.

mod source;
mod views;
mod pages;
mod follow;
mod project;
mod own_writes;
mod on_postgres;
mod waiting;
