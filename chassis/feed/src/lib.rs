//! Feeds and those who follow them.
//!
//! A service publishes what others may know of its lanes; anybody pulls it, page by page, and remembers how far it has
//! come in the same transaction as the effect. Views follow their own service's lanes; a fact that a *decision* needs
//! enters the follower's own lane by a command with key `<source>/<lane>/<pos>`. No service knows who reads its feed.
//!
//! Reading order: `sql` (rows of a view database), `views` (read models and their follower), `intake` (a page into the view
//! database), `checkpoint` (how far a follower is), `public` (what a feed shows), `page` (cursors and pages), `pull` (asking
//! for the next), `follow` (following another service by commands), `project` (following it into the views), `timer` (due
//! tables), `positions` (`Posthouse-At`).

pub mod sql;
pub mod views;
mod intake;
pub mod checkpoint;
pub mod public;
pub mod page;
mod pull;
pub mod follow;
pub mod project;
pub mod timer;
pub mod positions;

pub use follow::{Fact, Follow, React};
pub use page::{Cursor, Page};
pub use positions::Positions;
pub use project::{Project, Projector};
pub use public::{Public, PublicEvent, Publish};
pub use sql::{Cell, Db, Tx};
pub use timer::{Due, Timer};
pub use views::{View, ViewFollower};
