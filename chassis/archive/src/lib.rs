//! The archive: sealed ranges of lanes in blob stores of any cloud, in directories or in PostgreSQL, and the way back.
//!
//! A **segment** is a Parquet file with a range of one lane: the envelope as columns, the payload as JSON text, command
//! records included. Its name says which range it is, and it is created once and never changed. A **manifest** lists the
//! segments that were sealed in one pass, with their hashes; it is numbered, names the hash of the one before it, and is
//! signed. What no manifest lists is not archived. Nothing but "create if it is not there" is asked of a target, since that
//! is what all of them can do.
//!
//! Reading order: `segment` (a range as bytes), `columns` (how they are laid out), `manifest` (what there is), `key` (who says
//! so), `target`, `clouds` and `table` (where it is kept), `seal` (store to target), `verify` (whether a target is whole), `fit`
//! (how far all services can be restored together), `restore` (target to store), `prune` (what is archived leaves the
//! store), `deep` (and is read from there), `keep` (all of it while the house runs).

pub mod segment;
mod columns;
pub mod manifest;
pub mod key;
pub mod target;
mod clouds;
pub mod table;
pub mod seal;
pub mod verify;
pub mod fit;
pub mod restore;
pub mod prune;
pub mod deep;
pub mod keep;

pub use deep::Deep;
pub use key::{Signer, Trust};
pub use manifest::Manifest;
pub use segment::Segment;
pub use target::{BlobFault, BlobStore, Created, open, open_with};
