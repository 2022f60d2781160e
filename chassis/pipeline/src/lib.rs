//! The pipeline: every command and query of every service walks the same visible stack of layers.
//!
//! ```text
//! request ─▶ trace ▸ deadline ▸ shed ▸ authenticate ▸ throttle ▸ authorise ▸ at ▸ validate ▸ handle ─▶ answer
//! ```
//!
//! Each layer is one file with the same shape; `stack` lists them top-down. The route table is data: method, path, name,
//! role, criticality. HTTP and problem+json appear in `answer` and `problem` and nowhere else.
//!
//! Reading order: `route`, `call`, `gates`, `stack`, then the layers in their order, `query`, `history`, `router`.

pub mod route;
pub mod engine;
pub mod gates;
pub mod call;
pub mod answer;
pub mod problem;
pub mod stack;
pub mod trace;
pub mod deadline;
pub mod shed;
pub mod authenticate;
pub mod throttle;
pub mod authorise;
pub mod at;
pub mod validate;
pub mod handle;
pub mod query;
pub mod standard;
pub mod sagas;
pub mod vitals;
mod history;
pub mod router;

pub use answer::Answer;
pub use call::Call;
pub use engine::Core;
pub use gates::{Closing, Gates};
pub use problem::{Invalid, Problem};
pub use query::{AsOf, Seen};
pub use route::{Criticality, Endpoint, Role, Route, RouteEntry, command, get, post, saga};
pub use router::router;
pub use throttle::Share;
