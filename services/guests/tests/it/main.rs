//! guests, tested through its door: creating and reading, keys, the vault's own rules, and canaries that must not be found
//! anywhere.

mod house;
mod stories;
mod vault;
mod canary;
