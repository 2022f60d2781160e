//! Retention: what is archived may leave the store, and only what has just been read back from enough places, segment by
//! segment, and is the store's own chain there.

use std::collections::BTreeMap;
use std::sync::Arc;

use eventstore::chain::hex;
use eventstore::{EventStore, Pruned, StoreFault};
use kernel::Lane;
use serde::Serialize;

use crate::key::Trust;
use crate::manifest::Of;
use crate::target::BlobStore;
use crate::verify::Shelf;

/// What may leave a store.
pub struct Pruning {
    /// Whose history it is.
    pub of: Of,
    /// Where it is archived.
    pub targets: Vec<Arc<dyn BlobStore>>,
    /// Whose manifests are believed.
    pub trust: Trust,
    /// In so many places it must be whole.
    pub copies: usize,
}

/// What pruning came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// Events that were taken away.
    pub events: u64,
    /// Up to where each lane is pruned now.
    pub through: BTreeMap<Lane, u64>,
    /// Why a place does not prove more than it does; empty is good.
    pub doubts: Vec<String>,
}

impl Pruning {
    /// Reads back what is new in every place, and takes away what is proven in enough of them, and was decided up to `until`
    /// (microseconds since 1970). `progress` is told how many bytes have been read.
    pub async fn prune(&self, store: &dyn EventStore, until: i64, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Gone, StoreFault> {
        let before = store.pruned().await?;
        let (mut gone, mut bytes) = (Gone::default(), 0);
        let mut proven: BTreeMap<Lane, Vec<(u64, String)>> = BTreeMap::new();
        for target in &self.targets {
            let shelf = match Shelf::read(target.clone(), &self.of, &self.trust).await {
                Ok(shelf) => shelf,
                Err(fault) => {
                    gone.doubts.push(fault.to_string());
                    continue;
                }
            };
            if !shelf.findings.is_empty() {
                gone.doubts.extend(shelf.findings.iter().map(ToString::to_string));
                continue;
            }
            for lane in shelf.lanes.keys() {
                let from = before.get(lane).map_or(0, |pruned| pruned.through);
                let so_far = &mut |more| {
                    bytes += more;
                    progress(bytes);
                };
                let (end, doubt) = self.proven(&shelf, store, *lane, (from, until), so_far).await?;
                gone.doubts.extend(doubt);
                proven.entry(*lane).or_default().push((end, target.place().to_owned()));
            }
        }
        for (lane, mut ends) in proven {
            // So far it is proven in enough places: the position of the last of them.
            ends.sort_by(|one, other| other.cmp(one));
            let Some((through, _)) = ends.get(self.copies.max(1) - 1).cloned() else { continue };
            if through > 0 {
                let places = ends.into_iter().filter(|(end, _)| *end >= through).map(|(_, place)| place).collect();
                gone.events += store.prune(lane, Pruned { through, places }).await?;
            }
        }
        gone.through = store.pruned().await?.into_iter().map(|(lane, pruned)| (lane, pruned.through)).collect();
        Ok(gone)
    }

    /// Up to where a lane is whole in a place, and the store's own, and why not further.
    async fn proven(
        &self,
        shelf: &Shelf,
        store: &dyn EventStore,
        lane: Lane,
        (from, until): (u64, i64),
        read: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(u64, Option<String>), StoreFault> {
        let sealed = shelf.lanes.get(&lane).map_or(&[][..], |sealed| sealed);
        // What was pruned before was proven then.
        let mut end = sealed.iter().map(|sealed| sealed.last).take_while(|last| *last <= from).last().unwrap_or(0);
        for sealed in sealed.iter().filter(|sealed| sealed.last > from).take_while(|sealed| sealed.until <= until) {
            let doubt = match shelf.segment(sealed).await {
                Ok(Ok(_)) => {
                    let own = store.rows(lane, sealed.last - 1, 1).await?;
                    let is_own = own.first().is_some_and(|row| row.pos == sealed.last && hex(&row.hash) == sealed.after);
                    let name = self.of.segment(lane, sealed.first, sealed.last);
                    (!is_own).then(|| format!("{name} at {} is not of this store's history", shelf.target.place()))
                }
                Ok(Err(finding)) => Some(finding.to_string()),
                Err(fault) => Some(fault.to_string()),
            };
            if doubt.is_some() {
                return Ok((end, doubt));
            }
            read(sealed.bytes);
            end = sealed.last;
        }
        Ok((end, None))
    }
}
