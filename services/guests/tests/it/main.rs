//! guests, tested through its door: creating, reading, describing anew, merging, forgetting, keys, the vault's own rules, and canaries that must not be found
//! anywhere.

mod house;
mod stories;
mod lives;
mod rules;
mod vault;
mod restored;
mod canary;
