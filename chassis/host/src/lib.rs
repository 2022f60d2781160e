//! The host: turns a service's description into a running one, and owns everything real: the clock, chance, tasks,
//! sockets. Chassis and services never spawn; their loops are futures that the house here runs in one `JoinSet`.
//!
//! Reading order: `service` (what a service hands over), `house` (all services of a process, wired together), `ports`
//! (the real clock and chance), `storage` (where a service's store and views live), `tasks` (the join set), `serve`
//! (connections), `listen` (HTTP in front of the house), `stream` (feeds that do not end), `stats` (what the process has
//! done). For labs and tests that start processes: `free` (ports for them), `postgres` (a server of one's own).

pub mod service;
pub mod ports;
pub mod storage;
pub mod tasks;
pub mod house;
pub mod serve;
pub mod listen;
pub mod stream;
pub mod stats;
pub mod free;
pub mod postgres;

pub use house::{House, Platform};
pub use service::Service;
pub use storage::Storage;
pub use tasks::Tasks;
