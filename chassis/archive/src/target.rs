//! Where an archive is kept: a place that creates things once, reads them and lists them.

use std::sync::Arc;

use bytes::Bytes;
use eventstore::BoxFuture;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode};
use url::Url;

use crate::clouds::{self, Variable};

/// What came of a creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is there now.
    New,
    /// There was one of this name, and it is as it was.
    Exists,
}

/// A target did not do what was asked; nothing that was there is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobFault(pub String);

impl std::fmt::Display for BlobFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BlobFault {}

/// A target. Names are paths with `/`; nothing is ever changed or taken away.
pub trait BlobStore: Send + Sync + 'static {
    /// Where it is, as people call it; without credentials.
    fn place(&self) -> &str;

    /// Makes a thing, if there is none of this name. All of it or nothing is there, whatever happens meanwhile.
    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>>;

    /// Reads a thing; `None` when there is none.
    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>>;

    /// Names and sizes of everything below a folder (`a/b/`), in order.
    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>>;
}

/// Opens a target by its URL: `file:///dir`, `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix`, `memory:///`, or
/// `postgres://user@host/database`. Credentials come from the platform or from the environment variables of each cloud's own
/// tools, never from the URL, except for PostgreSQL's.
pub fn open(url: &str) -> Result<Arc<dyn BlobStore>, String> {
    let variables: Vec<Variable> =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    open_with(url, &variables)
}

/// Opens a target as [`open`] does, with these variables in place of the environment's.
pub fn open_with(url: &str, variables: &[Variable]) -> Result<Arc<dyn BlobStore>, String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(crate::table::Table::open(url)?));
    }
    let cannot = |why: &dyn std::fmt::Display| format!("{url} is no place for an archive: {why}");
    let parsed = Url::parse(url).map_err(|e| cannot(&e))?;
    if parsed.password().is_some() || parsed.query().is_some() {
        // It may hold a secret: it is not repeated.
        return Err("an archive's URL has no password and no query: credentials come from the platform or the environment".into());
    }
    let (scheme, prefix) = ObjectStoreScheme::parse(&parsed).map_err(|e| cannot(&e))?;
    let (store, prefix): (Arc<dyn ObjectStore>, Path) = match scheme {
        ObjectStoreScheme::Local => {
            let dir = parsed.to_file_path().map_err(|()| cannot(&"it is no path"))?;
            make(&dir).map_err(|e| cannot(&e))?;
            // What is there is on disk, its name too: no manifest outlives its segments when the power fails.
            let store = LocalFileSystem::new_with_prefix(&dir).map_err(|e| cannot(&e))?.with_fsync(true);
            (Arc::new(store), Path::default())
        }
        ObjectStoreScheme::Memory => (Arc::new(InMemory::new()), prefix),
        scheme => (clouds::open(&scheme, url, variables).map_err(|e| cannot(&e))?, prefix),
    };
    Ok(Arc::new(Objects { place: url.to_owned(), store, prefix }))
}

/// Makes a directory and those above it, each on disk before there is something in it.
fn make(dir: &std::path::Path) -> std::io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let Some(above) = dir.parent() else { return Ok(()) };
    make(above)?;
    match std::fs::create_dir(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => std::fs::File::open(above)?.sync_all(),
    }
}

/// A blob store of a cloud, or a directory.
struct Objects {
    place: String,
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Objects {
    fn path(&self, name: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain(Path::from(name).parts()))
    }

    fn fault(&self, e: &Error) -> BlobFault {
        BlobFault(format!("{}: {}", self.place, told(e)))
    }
}

/// On one line, where clouds answer with several, and with what lies under it: "error sending request" is not why.
fn told(e: &Error) -> String {
    let mut cause: &dyn std::error::Error = e;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let line = |e: &dyn std::error::Error| e.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let (words, cause) = (line(e), line(cause));
    if words.contains(&cause) { words } else { format!("{words}: {cause}") }
}

impl BlobStore for Objects {
    fn place(&self) -> &str {
        &self.place
    }

    fn create(&self, name: String, bytes: Bytes) -> BoxFuture<'_, Result<Created, BlobFault>> {
        Box::pin(async move {
            match self.store.put_opts(&self.path(&name), bytes.into(), PutMode::Create.into()).await {
                Ok(_) => Ok(Created::New),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(Created::Exists),
                Err(e) => Err(self.fault(&e)),
            }
        })
    }

    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Bytes>, BlobFault>> {
        Box::pin(async move {
            let found = match self.store.get(&self.path(&name)).await {
                Ok(found) => found,
                Err(Error::NotFound { .. }) => return Ok(None),
                Err(e) => return Err(self.fault(&e)),
            };
            found.bytes().await.map(Some).map_err(|e| self.fault(&e))
        })
    }

    fn list(&self, folder: String) -> BoxFuture<'_, Result<Vec<(String, u64)>, BlobFault>> {
        Box::pin(async move {
            let below = self.path(&folder);
            let found: Vec<_> = self.store.list(Some(&below)).try_collect().await.map_err(|e| self.fault(&e))?;
            let skip = self.prefix.as_ref().len();
            let name = |path: &Path| path.as_ref()[skip..].trim_start_matches('/').to_owned();
            let mut names: Vec<(String, u64)> = found.iter().map(|meta| (name(&meta.location), meta.size)).collect();
            names.sort();
            Ok(names)
        })
    }
}
