//! A house made again from its archive: at one instant of all services, before what is damaged, and gone on with.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::archive::verify::verify;
use ::archive::{Signer, Trust};
use eventstore::sqlite::Sqlite;
use eventstore::{EventStore, Row};
use futures::FutureExt;
use posthouse::archive::again::{Order, Restored, restore};
use posthouse::archive::work::{self, Places, Stores};
use posthouse::roster::SERVICES;
use posthouse::settings::Plan;
use serde_json::Value;

use crate::support::{Guest, booking, json_of, program, refusal, status};

const BOOK: &str = "/api/reservations/v1/hotels/H/reservations";

async fn house(data: &Path) -> Guest {
    let data = data.to_owned();
    Guest::start_as(move |_| Plan::whole(&data, None, ([127, 0, 0, 1], 0).into())).await
}

fn url(to: &Path) -> String {
    format!("file://{}", to.display())
}

async fn seal(data: &Path, to: &Path, key: &Path) -> Result<work::Done, String> {
    let (stores, places) = (Stores::of(data, None)?, Places::open(&[url(to)])?);
    work::run(&stores, &places, &work::signer(key)?, "local", false, &mut |_, _| {}).await?.whole()
}

fn trust(key: &Path) -> Trust {
    Trust::Keys(vec![Signer::read(key).expect("the key").public()])
}

fn order(from: &Path, key: &Path, until: Option<&str>, stop_before_damage: bool) -> Order {
    let place = ::archive::open(&url(from)).expect("a place");
    Order { place, trust: trust(key), until: until.map(str::to_owned), stop_before_damage }
}

async fn restored(order: &Order, data: &Path) -> Result<Restored, String> {
    restore(order, data, None, &mut |_, _| {}, &mut |_, _| {}).await
}

/// What stands outside of the archive: the provider does not go back, and the vault comes from a backup.
fn outside(from: &Path, to: &Path) {
    copy(from, to, &["provider.db", "guests-vault.db", "vault.key"]);
}

/// Files of a backup.
fn copy(from: &Path, to: &Path, names: &[&str]) {
    let dir = tempfile::tempdir().expect("a directory");
    let all = dir.path().join("all");
    posthouse::backup::make(&[from.to_owned()], &all, &mut |_, _| {}).expect("a backup");
    for name in names {
        std::fs::copy(all.join(name), to.join(name)).expect("a copy");
    }
}

fn night(n: u32) -> (String, String) {
    (format!("2030-02-{:02}", 2 * n), format!("2030-02-{:02}", 2 * n + 1))
}

/// One booking a night, `b1`, `b2` …; their ids.
async fn book(g: &Guest, which: std::ops::RangeInclusive<u32>) -> Vec<String> {
    let mut ids = Vec::new();
    for n in which {
        let (from, to) = night(n);
        ids.push(g.book(&format!("b{n}"), "A", &from, &to).await);
    }
    ids
}

/// Segments of a service, in order of their lanes and positions.
fn segments(to: &Path, service: &str) -> Vec<PathBuf> {
    let lanes = std::fs::read_dir(to.join("local").join(service).join("segments")).expect("segments");
    let files = lanes.flat_map(|lane| std::fs::read_dir(lane.expect("a lane").path()).expect("files"));
    let mut all: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    all.sort();
    all
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(path, bytes).expect("written");
}

/// Reservations, night ledger and provider agree, and every saga has ended.
async fn fits(g: &Guest, confirmed: u64) {
    for service in ["reservations", "stays", "payments", "hotels", "guests"] {
        let mut open = Value::Null;
        for _ in 0..200 {
            open = json_of(&g.get(&format!("/api/{service}/v1/sagas")).await)["open"].clone();
            if open == 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        assert_eq!(open, 0, "{service}");
    }
    let listed = json_of(&g.get(&format!("{BOOK}?limit=100")).await);
    let states: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|item| item["state"].as_str().unwrap_or("")).collect();
    assert_eq!(states, vec!["confirmed"; confirmed as usize], "{listed}");
    let books = json_of(&g.get("/api/inventory/v1/hotels/H/on-the-books").await);
    let sold: Vec<u64> = books["nights"].as_array().expect("nights").iter().filter_map(|night| night["sold"].as_u64()).collect();
    assert!(sold.iter().sum::<u64>() == confirmed && sold.iter().all(|n| *n <= 1), "{books}");
    let provider = json_of(&g.get("/api/payments/v1/provider/authorisations").await);
    assert_eq!(provider["open"], confirmed, "{provider}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_starts_before_the_damage_and_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let [data, to, again, key] = ["house", "archive", "again", "house/archive.key"].map(|name| dir.path().join(name));
    let g = house(&data).await;
    g.hotel().await;
    let mut ids = book(&g, 1..=3).await;
    seal(&data, &to, &key).await.expect("sealed");
    let first = segments(&to, "inventory").len();
    ids.extend(book(&g, 4..=6).await);
    seal(&data, &to, &key).await.expect("sealed");
    ids.extend(book(&g, 7..=8).await);
    g.house.stop().await;
    seal(&data, &to, &key).await.expect("sealed");
    // Of the hotel's lane the second segment holds what inventory decided for the bookings 4 to 6.
    let all = segments(&to, "inventory");
    assert!((first, all.len()) == (1, 3), "{all:?}");
    flip(&all[1]);

    let restore = |more: &[&str]| {
        let mut command = Command::new(program());
        command.args(["archive", "restore", "--from", &url(&to), "--key", key.to_str().expect("a path"), "--data"]).arg(&again).args(more);
        let done = command.output().expect("the program");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    };
    let (code, _, why) = restore(&[]);
    let name = all[1].strip_prefix(&to).expect("below").display().to_string();
    assert!(code == Some(2) && why.contains("segment-altered") && why.contains(&name) && why.contains("--stop-before-damage"), "{why}");
    assert!(!again.exists(), "nothing is begun");
    let (code, said, why) = restore(&["--stop-before-damage", "--json"]);
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{code:?} {said} {why}"));
    assert!(
        (code, &said["because"], said["findings"][0]["what"].as_str()) == (Some(0), &"damage".into(), Some("segment-altered")),
        "{said}"
    );
    for service in ["inventory", "reservations", "payments"] {
        assert!(said["not_restored"][service].as_object().is_some_and(|lanes| lanes.len() == 1), "{said}");
    }
    assert!(said["not_restored"].get("hotels").is_none() && said["up_to"].as_str().is_some(), "{said}");

    outside(&data, &again);
    let g = house(&again).await;
    // The fourth booking had begun, and nothing else of it was left: it goes on by itself, or did not begin.
    for (n, id) in (1..).zip(&ids) {
        let (from, to) = night(n);
        if n > 4 {
            assert_eq!(refusal(&g.get(&format!("{BOOK}/{id}")).await).0, 404, "b{n} was later");
        }
        let answer = g.post(BOOK, &format!("b{n}"), &booking("A", &from, &to, "tok_ok")).await;
        assert!(status(&answer) == 201 && json_of(&answer)["reservation"] == **id, "b{n}: {:?}", answer.body());
        assert!(n > 3 || answer.headers().contains_key("idempotent-replayed"), "b{n}");
    }
    ids.extend(book(&g, 9..=9).await);
    fits(&g, 9).await;
    g.house.stop().await;
    // It goes on otherwise than it did: not in the same archive.
    let refused = seal(&again, &to, &key).await;
    assert!(refused.as_ref().is_err_and(|why| why.contains("differ")), "{refused:?}");
    let other = dir.path().join("other");
    seal(&again, &other, &key).await.expect("sealed");
    let place = Places::open(&[url(&other)]).expect("a place");
    assert_eq!(verify(&place.0, &trust(&key), &mut |_, _| {}).await.expect("a report").findings, []);
}

async fn rows(data: &Path) -> Vec<(&'static str, Vec<Row>)> {
    let mut all = Vec::new();
    for (service, _) in SERVICES {
        let store = Sqlite::open(&data.join(format!("{service}.db")), "x").expect("a store");
        for (lane, head) in store.heads().await.expect("heads") {
            all.push((*service, store.rows(lane, 0, head.pos as usize).await.expect("rows")));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_was_cut_short_is_gone_on_with_and_no_house_starts_before() {
    let dir = tempfile::tempdir().expect("a directory");
    let [data, to, key] = ["house", "archive", "house/archive.key"].map(|name| dir.path().join(name));
    let g = house(&data).await;
    g.hotel().await;
    book(&g, 1..=2).await;
    g.house.stop().await;
    seal(&data, &to, &key).await.expect("sealed");
    let (all, whole) = (rows(&data).await, order(&to, &key, None, false));
    let earlier = order(&to, &key, Some("2020-01-01T00:00:00Z"), false);
    assert!(restored(&earlier, &dir.path().join("none")).await.is_err_and(|why| why.contains("nothing was decided")));
    for at in 0.. {
        let again = dir.path().join(format!("again-{at}"));
        let mut steps = 0;
        let mut stumble = |_, _| {
            steps += 1;
            assert!(steps <= 4 * at, "stumbles");
        };
        let cut = AssertUnwindSafe(restore(&whole, &again, None, &mut |_, _| {}, &mut stumble)).catch_unwind().await;
        if let Ok(done) = cut {
            let done = done.expect("restored");
            assert!(at > 2 && done.not_restored.is_empty() && done.because == "common", "{done:?}");
            assert!(rows(&again).await == all);
            assert!(restored(&whole, &again).await.is_err_and(|why| why.contains("there already")));
            break;
        }
        let start = posthouse::house::House::start(&again, None).await;
        assert!(start.err().is_some_and(|why| why.contains("has not ended")));
        let other = order(&to, &key, Some("2090-01-01"), false);
        assert!(restored(&other, &again).await.is_err_and(|why| why.contains("another restore")));
        restored(&whole, &again).await.expect("the rest");
        assert!(rows(&again).await == all, "cut short at {at}");
        assert!(!again.join("restoring.json").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_services_end_where_the_one_ends_that_was_archived_first() {
    let dir = tempfile::tempdir().expect("a directory");
    let [data, to, part, again, key] = ["house", "archive", "part", "again", "house/archive.key"].map(|name| dir.path().join(name));
    let g = house(&data).await;
    g.hotel().await;
    book(&g, 1..=2).await;
    seal(&data, &to, &key).await.expect("sealed");
    let ids = book(&g, 3..=3).await;
    g.house.stop().await;
    // Inventory was lost before it was archived again; reservations were archived, with a booking that counts on it.
    std::fs::create_dir(&part).expect("a directory");
    copy(&data, &part, &["reservations.db"]);
    seal(&part, &to, &key).await.expect("sealed");
    let done = restored(&order(&to, &key, None, false), &again).await.expect("restored");
    assert_eq!((done.because, done.not_restored.keys().map(String::as_str).collect::<Vec<_>>()), ("common", vec!["reservations"]));
    // Asked for later, it is not later; asked for earlier, it is.
    for (until, because, name) in [("2090-01-01T00:00:00Z", "common", "later"), ("2090-01-01", "common", "date")] {
        let same = restored(&order(&to, &key, Some(until), false), &dir.path().join(name)).await.expect("restored");
        assert_eq!((same.because, &same.ends, &same.up_to), (because, &done.ends, &done.up_to));
    }
    outside(&data, &again);
    let g = house(&again).await;
    assert_eq!(refusal(&g.get(&format!("{BOOK}/{}", ids[0])).await).0, 404);
    assert_eq!(book(&g, 3..=3).await, ids, "asked again, it is booked");
    fits(&g, 3).await;
    g.house.stop().await;

    // A stranger's key: nothing of it is believed, and there is nothing before the damage.
    let stranger = dir.path().join("stranger.key");
    work::signer(&stranger).expect("a key");
    for stop in [false, true] {
        let why = restored(&order(&to, &stranger, None, stop), &dir.path().join("no")).await.expect_err("refused");
        assert!(why.contains("manifest-untrusted"), "{why}");
    }
    // A service that is not there has nothing in common with the others.
    std::fs::remove_dir_all(to.join("local/payments")).expect("removed");
    let why = restored(&order(&to, &key, None, false), &dir.path().join("no")).await.expect_err("refused");
    assert!(why.contains("no archive of payments") && why.contains("--until"), "{why}");
    let at = done.up_to.clone();
    let rest = restored(&order(&to, &key, at.as_deref(), false), &dir.path().join("rest")).await.expect("restored");
    assert_eq!((rest.missing.as_slice(), rest.because), (&["payments"][..], "asked"));
    let words = rest.words().join("\n");
    assert!(words.contains("NOT RESTORED: payments") && words.contains("NOT RESTORED: reservations/"), "{words}");
}
