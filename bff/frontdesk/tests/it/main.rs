//! The desk against a house of straw: scripted services behind a wire.

mod audit;
mod browser;
mod chart;
mod lists;
mod sheet;
mod grid;
mod rooms;
mod find;
mod straw;
mod stream;
mod verbs;
mod walkin;
