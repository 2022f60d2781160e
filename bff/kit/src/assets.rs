//! Files of a front end: styles, scripts, icons. Their address carries a digest of all of them, so browsers may keep them
//! for ever, and modules name each other plainly (`./live.js`). Compressed once, when the process starts.

use std::collections::BTreeMap;
use std::io::Write;

use axum::body::Body;
use axum::extract::{Path, State};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, Response, StatusCode};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::front::Front;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Shared;

struct File {
    kind: &'static str,
    plain: Bytes,
    gzip: Bytes,
}

/// The files of one front end by name.
pub struct Assets {
    files: BTreeMap<String, File>,
    version: String,
}

impl Assets {
    /// The shared files and a front end's own.
    pub fn with<Own: RustEmbed>() -> Self {
        let mut raw: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        raw.extend(Shared::iter().filter_map(|name| Some((name.to_string(), Shared::get(&name)?.data.into_owned()))));
        raw.extend(Own::iter().filter_map(|name| Some((name.to_string(), Own::get(&name)?.data.into_owned()))));
        let mut digest = Sha256::new();
        for (name, data) in &raw {
            digest.update(name.as_bytes());
            digest.update((data.len() as u64).to_be_bytes());
            digest.update(data);
        }
        let version = digest.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect();
        let files = raw.into_iter().map(|(name, data)| {
            let file = File { kind: kind(&name), gzip: gzip(&data), plain: data.into() };
            (name, file)
        });
        Self { files: files.collect(), version }
    }

    /// The path of a file below the front end's root.
    pub fn path(&self, name: &str) -> String {
        if !self.files.contains_key(name) {
            tracing::error!(name, "there is no such file");
        }
        format!("/assets/{}/{name}", self.version)
    }

    /// Bytes of each file, as written and as sent: what budgets are checked against.
    pub fn sizes(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file.plain.len(), file.gzip.len()))
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn gzip(data: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _infallible = encoder.write_all(data);
    encoder.finish().unwrap_or_default().into()
}

/// `GET /assets/{version}/{*name}`.
pub async fn serve(State(front): State<Front>, Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response<Body> {
    let Some(file) = front.assets.files.get(&name) else {
        let mut gone = Response::new(Body::empty());
        *gone.status_mut() = StatusCode::NOT_FOUND;
        return gone;
    };
    let takes_gzip = headers.get("accept-encoding").and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("gzip"));
    // A page of an older version gets today's file, and does not keep it under its old name.
    let keep = if version == front.assets.version { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answer = Response::builder().header("content-type", file.kind).header("cache-control", keep).header("vary", "accept-encoding");
    let answer = match takes_gzip {
        true => answer.header("content-encoding", "gzip").body(Body::from(file.gzip.clone())),
        false => answer.body(Body::from(file.plain.clone())),
    };
    answer.unwrap_or_default()
}
