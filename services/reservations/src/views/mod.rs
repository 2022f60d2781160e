//! Read models of reservations.

pub mod list;
pub mod days;

/// Where the past can be read, for whoever asks a list for it.
const NO_PAST: &str = "this list shows the present; a single reservation can be read as of a past moment, and so can on-the-books";
