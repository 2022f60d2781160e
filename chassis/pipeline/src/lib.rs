//! The pipeline: every command and query of every service walks the same visible stack of layers.
//!
//! ```text
//! request ─▶ trace ▸ deadline ▸ authenticate ▸ authorise ▸ at ▸ validate ▸ handle ─▶ answer
//! ```
//!
//! Each layer is one file with the same shape; `stack` lists them top-down. The route table is data: method, path, name,
//! role, criticality. HTTP and problem+json appear in `answer` and `problem` and nowhere else.
//!
//! Reading order: `route`, `call`, `stack`, then the layers in their order, `query`, `router`.

pub mod route;
pub mod engine;
pub mod call;
pub mod answer;
pub mod problem;
pub mod stack;
pub mod trace;
pub mod deadline;
pub mod authenticate;
pub mod authorise;
pub mod at;
pub mod validate;
pub mod handle;
pub mod query;
pub mod standard;
pub mod router;

pub use answer::Answer;
pub use call::Call;
pub use engine::Core;
pub use problem::{Invalid, Problem};
pub use query::{AsOf, Seen};
pub use route::{Criticality, Endpoint, Role, Route, RouteEntry, command, get, post, saga};
pub use router::router;
