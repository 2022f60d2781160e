//! A target in memory that a test can damage.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use archive::{BlobFault, BlobStore, Created};
use bytes::Bytes;
use eventstore::BoxFuture;

/// Names and bytes.
#[derive(Default)]
pub struct Drawer {
    things: Mutex<BTreeMap<String, Bytes>>,
    writes_over: bool,
}

impl Drawer {
    /// One that writes over what is there, as a target never should.
    pub fn that_writes_over() -> Self {
        Self { writes_over: true, ..Self::default() }
    }

    pub fn things(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.things.lock().expect("no panic")
    }

    pub fn copy(&self) -> Self {
        Self { things: Mutex::new(self.things().clone()), writes_over: false }
    }

    /// Names that contain a text, in order.
    pub fn names(&self, with: &str) -> Vec<String> {
        self.things().keys().filter(|name| name.contains(with)).cloned().collect()
    }

    pub fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut things = self.things();
        let mut bytes = things[name].to_vec();
        change(&mut bytes);
        things.insert(name.to_owned(), bytes.into());
    }
}

impl BlobStore for Drawer {
    fn place(&self) -> &str {
        "drawer"
    }

    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        let mut things = self.things();
        if self.writes_over {
            things.remove(&name);
        }
        let created = if things.contains_key(&name) { Created::Exists } else { Created::New };
        things.entry(name).or_insert(bytes);
        Box::pin(async move { Ok(created) })
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        let found = self.things().get(&name).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        let found =
            self.things().iter().filter(|(name, _)| name.starts_with(&folder)).map(|(name, b)| (name.clone(), b.len() as u64)).collect();
        Box::pin(async move { Ok(found) })
    }
}
