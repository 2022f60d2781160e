//! The desk against a house of straw: scripted services behind a wire.

mod browser;
mod chart;
mod lists;
mod sheet;
mod grid;
mod rooms;
mod straw;
mod stream;
mod verbs;
