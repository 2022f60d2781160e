//! The pipeline from outside, request by request: each layer says what it must, and what it says can be read by a peer.

mod desk;
mod layers;
mod commands;
mod sagas;
mod operators;
mod queries;
mod parsers;
