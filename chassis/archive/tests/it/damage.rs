//! Everything that can be wrong with an archive is found and named, and nothing damaged is restored.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use archive::restore::{RestoreFault, Until, restore};
use archive::verify::{Shelf, verify};
use archive::{BlobStore, Manifest, Segment, Signer, Trust};
use tempfile::TempDir;

use crate::bank::{empty, goes_on, memory, of, sealed, trust};

struct Case {
    dir: TempDir,
    target: Arc<dyn BlobStore>,
}

/// An archive in a directory, of three passes.
async fn archived() -> Case {
    let dir = tempfile::tempdir().expect("a directory");
    let target = archive::open(&format!("file://{}", dir.path().display())).expect("a target");
    let store = empty();
    for n in 0..3 {
        goes_on(store.clone(), n * 20, n * 20 + 20).await;
        sealed(&target, store.as_ref()).await;
    }
    Case { dir, target }
}

impl Case {
    fn manifest(&self, number: u64) -> PathBuf {
        self.dir.path().join(of().manifest(number))
    }

    /// Segments in order of their names.
    fn segments(&self) -> Vec<PathBuf> {
        fn below(dir: &Path, all: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(dir).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { below(&path, all) } else { all.push(path) }
            }
        }
        let mut all = Vec::new();
        below(&self.dir.path().join(of().folder()).join("segments"), &mut all);
        all.sort();
        all
    }

    /// What is found, in names; nothing damaged may be restored.
    async fn found(&self) -> Vec<(&'static str, String)> {
        self.found_by(&trust()).await
    }

    async fn found_by(&self, trust: &Trust) -> Vec<(&'static str, String)> {
        let report = verify(std::slice::from_ref(&self.target), trust, &mut |_, _| {}).await.expect("a report");
        let shelf = Shelf::read(self.target.clone(), &of(), trust).await.expect("a shelf");
        let restored = restore(&shelf, empty().as_ref(), &Until::End, &mut |_| {}).await;
        let is_harmless = report.findings.iter().all(|finding| ["segment-duplicated"].contains(&finding.what));
        assert!(is_harmless || matches!(restored, Err(RestoreFault::Damaged(_))), "{:?}: {restored:?}", report.findings);
        report.findings.into_iter().map(|finding| (finding.what, finding.name)).collect()
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.dir.path()).expect("below").display().to_string()
    }
}

fn flip(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = std::fs::read(path).expect("a file");
    let n = at(bytes.len());
    bytes[n] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

#[tokio::test]
async fn a_bit_that_flips_anywhere_is_found() {
    let case = archived().await;
    let all = case.segments();
    for (n, path) in all.iter().enumerate() {
        let at = |len: usize| (n * 7_919 + len / 3) % len;
        flip(path, at);
        assert_eq!(case.found().await, [("segment-altered", case.name(path))]);
        flip(path, at);
    }
    for number in 1..=3 {
        for place in [3, 2] {
            flip(&case.manifest(number), |len| len / place);
            let found = case.found().await;
            assert!(found.iter().any(|(what, name)| what.starts_with("manifest-") && *name == of().manifest(number)), "{found:?}");
            flip(&case.manifest(number), |len| len / place);
        }
    }
    assert_eq!(case.found().await, [], "mended, it is whole again");
}

#[tokio::test]
async fn what_is_missing_cut_or_there_twice_is_found() {
    let case = archived().await;
    let all = case.segments();
    let away = case.dir.path().join("away");
    for path in &all {
        std::fs::rename(path, &away).expect("moved");
        assert_eq!(case.found().await, [("segment-missing", case.name(path))]);
        std::fs::rename(&away, path).expect("moved");
    }
    let whole = std::fs::read(&all[1]).expect("a file");
    // By the names alone, before anything is read; and when it happens after the names were read.
    let shelf = async || Shelf::read(case.target.clone(), &of(), &trust()).await.expect("a shelf");
    let before = shelf().await;
    let sealed = before.lanes.values().flatten().find(|s| case.name(&all[1]) == of().segment(s.lane, s.first, s.last)).expect("listed");
    std::fs::write(&all[1], &whole[1..]).expect("written");
    assert_eq!(before.segment(sealed).await.expect("an answer").expect_err("damaged").what, "segment-truncated");
    assert_eq!(shelf().await.findings.iter().map(|finding| finding.what).collect::<Vec<_>>(), ["segment-truncated"]);
    std::fs::remove_file(&all[1]).expect("removed");
    assert_eq!(before.segment(sealed).await.expect("an answer").expect_err("damaged").what, "segment-missing");
    assert_eq!(shelf().await.findings.iter().map(|finding| finding.what).collect::<Vec<_>>(), ["segment-missing"]);
    for keep in [0, 1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&all[1], &whole[..keep]).expect("written");
        assert_eq!(case.found().await, [("segment-truncated", case.name(&all[1]))], "{keep} bytes");
    }
    std::fs::write(&all[1], &whole).expect("written");
    // The same segment once more: under a range that is not its own, in another lane, under a name that is none.
    let folder = all[1].parent().expect("a folder");
    let twins = ["000000000001-000000000002.parquet", "000000000000-000000000002.parquet", "000000000000-000000000000.parquet"];
    let twins = twins.map(|name| (name, "segment-duplicated"));
    for (name, what) in twins.into_iter().chain([("000000000001-x.parquet", "name-unknown")]) {
        let twice = folder.join(name);
        std::fs::copy(&all[1], &twice).expect("copied");
        assert_eq!(case.found().await, [(what, case.name(&twice))]);
        std::fs::remove_file(&twice).expect("removed");
    }
    std::fs::copy(&all[1], &all[0]).expect("copied");
    let found = case.found().await;
    assert!(found.iter().all(|(what, name)| what.starts_with("segment-") && *name == case.name(&all[0])) && found.len() == 1, "{found:?}");
}

#[tokio::test]
async fn manifests_that_are_swapped_lost_or_signed_by_another_are_found() {
    let case = archived().await;
    let read = |number| std::fs::read(case.manifest(number)).expect("a manifest");
    let (one, two) = (read(1), read(2));
    let put = |number, bytes: &[u8]| std::fs::write(case.manifest(number), bytes).expect("written");
    let kinds = |found: Vec<(&'static str, String)>, number| -> Vec<&'static str> {
        found.into_iter().filter(|(_, name)| *name == of().manifest(number)).map(|(what, _)| what).collect()
    };
    put(1, &two);
    put(2, &one);
    assert_eq!(kinds(case.found().await, 1), ["manifest-misplaced"]);
    assert_eq!(kinds(case.found().await, 2), ["manifest-misplaced"]);
    put(1, &one);
    std::fs::remove_file(case.manifest(2)).expect("removed");
    assert_eq!(kinds(case.found().await, 2), ["manifest-missing"]);
    // Somebody else signs what would fit, and somebody with the key makes another one in its place.
    let mut forged = Manifest::read(&two, &Trust::AsSaid).expect("a manifest");
    let (other, ours) = (Signer::of(&[9; 32]).expect("a key"), Signer::of(&[7; 32]).expect("a key"));
    forged.key = other.public();
    put(2, &forged.sign(&other).expect("bytes"));
    assert_eq!(kinds(case.found().await, 2), ["manifest-untrusted"]);
    forged.key = ours.public();
    forged.sealed_at = "2001-01-01T00:00:00Z".into();
    put(2, &forged.sign(&ours).expect("bytes"));
    assert_eq!(kinds(case.found().await, 3), ["manifest-unchained"]);
    put(2, &two);
    assert_eq!(case.found().await, []);
    // Verified with another key than the one it was sealed with, nothing of it is believed.
    let wrong = case.found_by(&Trust::Keys(vec![other.public()])).await;
    let untrusted: Vec<&str> = wrong.iter().filter(|(what, _)| *what == "manifest-untrusted").map(|(_, name)| name.as_str()).collect();
    assert!(untrusted.len() >= 3 && (1..).zip(&untrusted).all(|(number, name)| of().manifest(number) == *name), "{wrong:?}");
}

#[tokio::test]
async fn targets_that_tell_different_histories_are_found() {
    let (one, two) = (memory(), archive::open("memory:///other").expect("a target"));
    let (store, other) = (empty(), empty());
    goes_on(store.clone(), 0, 25).await;
    sealed(&one, store.as_ref()).await;
    goes_on(store.clone(), 25, 40).await;
    sealed(&two, store.as_ref()).await;
    let both = [one.clone(), two];
    let report = verify(&both, &trust(), &mut |_, _| {}).await.expect("a report");
    assert_eq!(report.findings, [], "one is behind the other, and that is no fault");
    goes_on(other.clone(), 1, 26).await;
    let elsewhere = archive::open("memory:///elsewhere").expect("a target");
    sealed(&elsewhere, other.as_ref()).await;
    let report = verify(&[one, elsewhere], &trust(), &mut |_, _| {}).await.expect("a report");
    assert!(report.findings.iter().any(|finding| finding.what == "targets-differ"), "{report:?}");
    let nothing = verify(&[memory()], &trust(), &mut |_, _| {}).await.expect("a report");
    assert_eq!(nothing.findings.iter().map(|finding| finding.what).collect::<Vec<_>>(), ["archive-missing"]);
}

/// Signed anew with the cell's own key, with a mistake in it: what no signature shows.
#[tokio::test]
async fn manifests_that_list_what_is_not_so_are_found() {
    let case = archived().await;
    let ours = Signer::of(&[7; 32]).expect("a key");
    let last = (1..).take_while(|number| case.manifest(*number).exists()).last().expect("manifests");
    let bytes = std::fs::read(case.manifest(last)).expect("a manifest");
    let whole = Manifest::read(&bytes, &trust()).expect("a manifest");
    let name = of().segment(whole.segments[0].lane, whole.segments[0].first, whole.segments[0].last);
    type Mistake = fn(&mut Manifest);
    let mistakes: [(&str, Mistake); 9] = [
        ("segment-broken", |m| m.segments[0].commands += 1),
        ("segment-broken", |m| m.segments[0].events = std::collections::BTreeMap::from([("Paid#3".to_owned(), 1)])),
        ("segment-broken", |m| m.segments[0].since += 1),
        ("segment-broken", |m| m.segments[0].until += 1),
        ("segment-altered", |m| m.segments[0].sha256 = "00".repeat(32)),
        ("segment-truncated", |m| m.segments[0].bytes += 1),
        ("lane-gap", |m| m.segments[0].before = "00".repeat(32)),
        ("lane-gap", |m| drop(m.segments.remove(0))),
        ("lane-gap", |m| m.through.values_mut().for_each(|(end, _)| *end += 1)),
    ];
    for (what, mistake) in mistakes {
        let mut manifest = whole.clone();
        mistake(&mut manifest);
        std::fs::write(case.manifest(last), manifest.sign(&ours).expect("bytes")).expect("written");
        let found = case.found().await;
        let place = if what == "lane-gap" { of().manifest(last) } else { name.clone() };
        assert!(found.contains(&(what, place)), "{what}: {found:?}");
    }
    // A segment that is one, in the place of another, hash and size and all; and one of another service.
    let (one, two) = (case.dir.path().join(&name), case.segments().remove(0));
    let there = std::fs::read(&one).expect("a segment");
    let mut others = Segment::decode(there.clone().into()).expect("a segment");
    others.service = "tills".into();
    for put in [std::fs::read(&two).expect("a segment"), others.encode().expect("bytes").to_vec()] {
        let mut manifest = whole.clone();
        manifest.segments[0].sha256 = archive::manifest::sha256(&put);
        manifest.segments[0].bytes = put.len() as u64;
        std::fs::write(&one, &put).expect("written");
        std::fs::write(case.manifest(last), manifest.sign(&ours).expect("bytes")).expect("written");
        assert_eq!(case.found().await, [("segment-broken", name.clone())]);
    }
    std::fs::write(&one, &there).expect("written");
    std::fs::write(case.manifest(last), &bytes).expect("written");
    assert_eq!(case.found().await, [], "mended, it is whole again");
}
