//! A whole small house: two services on the in-process wire, one following the other, behind a real listener.

mod house;
mod fronts;
