//! What the three front ends share: one design system, one way to ask services and to show what came of it.
//!
//! A front end composes: it asks its services in parallel, each behind its breaker and with a deadline, and shows what it
//! has. What is missing costs one panel. It owns no facts: who somebody is stands in a sealed cookie, everything else is a
//! service's.
//!
//! Reading order: `front` (what a front end is given), `ask` (calling services: parts and outcomes), `visit` (who looks, in
//! which language), `page` (HTML or JSON from one view), `told` (what came of a form), `texts`, `words` (dates and money as people read them), `assets`,
//! `live` (streams of changes), `guard` (headers that keep pages safe), `login`.

pub mod front;
pub mod ask;
pub mod visit;
pub mod page;
pub mod told;
pub mod texts;
pub mod words;
pub mod assets;
pub mod live;
pub mod guard;
pub mod login;

pub use ask::{Ask, No, Part, Said};
pub use front::{Front, Process, Setup};
pub use page::{Frame, Page};
pub use texts::Texts;
pub use visit::{Lang, Person, Visit};
