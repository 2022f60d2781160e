//! A log that was made again, and the vault that is not made again with it: lost, or brought back from an older backup.

use std::path::Path;

use http::Method;
use rusqlite::Connection;
use serde_json::json;

use crate::house::{Answer, Desk};

fn said(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

async fn post(desk: &Desk, path: &str, key: &str, name: &str) -> Answer {
    desk.send(Method::POST, path, &[(peer::KEY, key)], &if name.is_empty() { "{}".into() } else { json!({"name": name}).to_string() }).await
}

/// Databases and what lies beside them, as they are now.
fn copy(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        let (from, to) = (from.join(name), to.join(name));
        if name.ends_with(".db") {
            let into = to.to_str().expect("a path");
            Connection::open(from).expect("a database").execute("VACUUM INTO ?1", [into]).expect("a copy");
        } else {
            std::fs::copy(from, to).expect("a copy");
        }
    }
}

const LOG: [&str; 1] = ["guests.db"];
const VAULT: [&str; 2] = ["guests-vault.db", "vault.key"];

/// Everything a file says about its rows: how many persons, and how many of them have a key.
fn kept(dir: &Path) -> (i64, i64) {
    let rows = Connection::open(dir.join("guests-vault.db")).expect("the database");
    let count = "SELECT count(*), count(*) FILTER (WHERE length(wrapped_key) > 0) FROM person";
    rows.query_row(count, [], |r| Ok((r.get(0)?, r.get(1)?))).expect("a count")
}

/// A house with Ada, who was described anew, and Bo, who was erased after the vault was backed up.
async fn before(dir: &Path, backup: &Path) -> (String, String) {
    let desk = Desk::on_files(dir);
    let (ada, bo) = (desk.create("k1", &json!({"name": "Ada"})).await.guest(), desk.create("k2", &json!({"name": "Bo"})).await.guest());
    assert_eq!(post(&desk, &format!("/guests/{ada}/changes"), "u1", "Ada King").await.status, 200);
    desk.crash().await;
    copy(dir, backup, &VAULT);
    let desk = Desk::on_files(dir);
    assert_eq!(post(&desk, &format!("/guests/{bo}/erasure"), "e1", "").await.status, 200);
    desk.crash().await;
    (ada, bo)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_vault_a_log_takes_nobody_for_somebody_else_and_still_forgets() {
    let [first, backup, second] = [(); 3].map(|()| tempfile::tempdir().expect("a directory"));
    let (ada, bo) = before(first.path(), backup.path()).await;
    copy(first.path(), second.path(), &LOG);
    let desk = Desk::on_files(second.path());
    // Who they are is not known now; that they are is. Nothing that is sent becomes part of them.
    assert_eq!(said(&desk.get(&format!("/guests/{ada}")).await), (503, "vault"));
    for name in ["Ada", "Mallory"] {
        assert_eq!(said(&desk.create("k1", &json!({"name": name})).await), (503, "vault"));
        assert_eq!(said(&post(&desk, &format!("/guests/{ada}/changes"), "u1", name).await), (503, "vault"));
    }
    assert_eq!(said(&desk.get(&format!("/guests/{bo}")).await), (410, "guest-erased"));
    assert_eq!(said(&desk.create("k2", &json!({"name": "Bo"})).await), (410, "guest-erased"));
    assert_eq!(kept(second.path()), (0, 0), "not even for a moment");
    assert_eq!(said(&post(&desk, "/guests/gst_nobody/changes", "u9", "Who").await), (404, "guest-unknown"));
    // New guests are guests as ever, and whoever is not known by name can be forgotten.
    let new = desk.create("k3", &json!({"name": "Cy"})).await.guest();
    assert_eq!(desk.get(&format!("/guests/{new}")).await.body["name"], "Cy");
    assert_eq!(post(&desk, &format!("/guests/{ada}/erasure"), "e2", "").await.status, 200);
    assert_eq!(said(&desk.get(&format!("/guests/{ada}")).await), (410, "guest-erased"));
    assert_eq!(kept(second.path()), (2, 1));
    desk.crash().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_older_than_the_log_forgets_again() {
    let [first, backup, second] = [(); 3].map(|()| tempfile::tempdir().expect("a directory"));
    let (ada, bo) = before(first.path(), backup.path()).await;
    copy(first.path(), second.path(), &LOG);
    copy(backup.path(), second.path(), &VAULT);
    assert_eq!(kept(second.path()), (2, 2), "the backup still has Bo");
    let desk = Desk::on_files(second.path());
    assert_eq!(desk.get(&format!("/guests/{ada}")).await.body["name"], "Ada King");
    assert!(post(&desk, &format!("/guests/{ada}/changes"), "u1", "Ada King").await.replayed, "old keys are known");
    assert!(desk.create("k1", &json!({"name": "Ada"})).await.replayed);
    // Bo is not shown, and whoever looks has the vault forget them.
    assert_eq!(said(&desk.get(&format!("/guests/{bo}")).await), (410, "guest-erased"));
    assert_eq!(kept(second.path()), (2, 1));
    assert_eq!(said(&desk.create("k2", &json!({"name": "Bo"})).await), (410, "guest-erased"));
    assert_eq!(post(&desk, &format!("/guests/{ada}/erasure"), "e2", "").await.status, 200);
    assert_eq!((said(&desk.get(&format!("/guests/{ada}")).await), kept(second.path())), ((410, "guest-erased"), (2, 0)));
    desk.crash().await;
}
