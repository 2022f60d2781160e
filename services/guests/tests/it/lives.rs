//! What becomes of a guest: described anew, merged into another, forgotten. And what is left of it in the files.

use http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::house::{Answer, Desk};

fn ada() -> Value {
    json!({"name": "Ada Lovelace", "email": "ada@example.org"})
}

impl Desk {
    async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[(peer::KEY, key)], &body.to_string()).await
    }
}

fn said(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_described_anew_and_the_old_sheet_is_gone() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let guest = desk.create("k1", &ada()).await.guest();
    let (at, changes) = (format!("/guests/{guest}"), format!("/guests/{guest}/changes"));
    let king = json!({"name": "Ada King", "phone": "+44 1"});
    let made = desk.post(&changes, "u1", &king).await;
    assert_eq!((made.status.as_u16(), made.replayed, made.guest()), (200, false, guest.clone()));
    let shown = desk.get(&at).await;
    assert_eq!((&shown.body["name"], &shown.body["email"], shown.etag.as_deref()), (&json!("Ada King"), &Value::Null, Some("\"2\"")));
    assert!(desk.post(&changes, "u1", &king).await.replayed);
    assert_eq!(said(&desk.post(&changes, "u1", &json!({"name": "Mallory"})).await), (422, "key-reused"));
    // Refused, and nothing of it is kept.
    let stale = desk.send(Method::POST, &changes, &[(peer::KEY, "u2"), ("if-match", "\"1\"")], &json!({"name": "Late"}).to_string()).await;
    assert_eq!(said(&stale), (412, "stale-version"));
    assert_eq!(said(&desk.post(&changes, "u3", &json!({"name": ""})).await), (400, "invalid-request"));
    assert_eq!(said(&desk.post("/guests/gst_nobody/changes", "u4", &ada()).await), (404, "guest-unknown"));
    assert_eq!(desk.post(&changes, "u5", &json!({"name": "Countess"})).await.status, 200);
    // An old key is still known, also with its sheet gone, and changes nothing.
    assert!(desk.post(&changes, "u1", &king).await.replayed);
    assert_eq!(said(&desk.post(&changes, "u1", &json!({"name": "Mallory"})).await), (422, "key-reused"));
    assert!(desk.create("k1", &ada()).await.replayed);
    assert_eq!(desk.get(&at).await.body["name"], "Countess");
    let rows = Connection::open(dir.path().join("guests-vault.db")).expect("the database");
    let count = |sql: &str| rows.query_row(sql, [], |r| r.get::<_, i64>(0)).expect("a count");
    assert_eq!((count("SELECT count(*) FROM sheet"), count("SELECT length(sealed) FROM person")), (1, 0));
    assert_eq!(said(&desk.get(&format!("{at}?as_of=2030-01-01T00:00:00Z")).await), (400, "as-of-unsupported"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_guest_is_forgotten_for_ever() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let guest = desk.create("k1", &ada()).await.guest();
    let (at, erasure) = (format!("/guests/{guest}"), format!("/guests/{guest}/erasure"));
    assert_eq!(desk.post(&format!("{at}/changes"), "u1", &json!({"name": "Ada King"})).await.status, 200);
    assert_eq!(said(&desk.post("/guests/gst_nobody/erasure", "e0", &json!({})).await), (404, "guest-unknown"));
    let gone = desk.post(&erasure, "e1", &json!({})).await;
    assert_eq!((gone.status.as_u16(), gone.effect.as_deref()), (200, Some("applied")));
    assert!(desk.post(&erasure, "e1", &json!({})).await.replayed);
    assert_eq!(said(&desk.post(&erasure, "e2", &json!({})).await), (409, "guest-erased"));
    for desk in [desk, Desk::on_files(dir.path())] {
        assert_eq!(said(&desk.get(&at).await), (410, "guest-erased"));
        assert_eq!(said(&desk.post(&format!("{at}/changes"), "u2", &ada()).await), (409, "guest-erased"));
        assert_eq!(said(&desk.create("k1", &ada()).await), (410, "guest-erased"), "the same request does not bring them back");
        desk.crash().await;
    }
    let rows = Connection::open(dir.path().join("guests-vault.db")).expect("the database");
    let key: (i64, i64, i64) = rows
        .query_row("SELECT length(wrapped_key), length(sealed), (SELECT count(*) FROM sheet) FROM person", [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?))
        })
        .expect("a row");
    assert_eq!(key, (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_guest_points_to_the_one_who_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let kept = desk.create("k1", &ada()).await.guest();
    let other = desk.create("k2", &json!({"name": "A. Lovelace"})).await.guest();
    let third = desk.create("k3", &json!({"name": "Bo"})).await.guest();
    let merge = |from: &str| format!("/guests/{from}/merge");
    assert_eq!(said(&desk.post(&merge(&other), "m0", &json!({"into": other})).await), (400, "invalid-request"));
    assert_eq!(said(&desk.post(&merge(&other), "m1", &json!({"into": "gst_nobody"})).await), (404, "guest-unknown"));
    assert_eq!(desk.get(&format!("/guests/{other}")).await.body["name"], "A. Lovelace", "a merge that fails changes nothing");
    let done = desk.post(&merge(&other), "m2", &json!({"into": kept})).await;
    assert_eq!((done.status.as_u16(), done.guest()), (200, kept.clone()));
    let shown = desk.get(&format!("/guests/{other}")).await;
    assert_eq!((said(&shown), &shown.body["merged_into"]), ((410, "guest-merged"), &json!(kept)));
    assert_eq!(desk.get(&format!("/guests/{kept}")).await.body["name"], "Ada Lovelace");
    let again = desk.post(&merge(&other), "m3", &json!({"into": third})).await;
    assert_eq!((said(&again), &again.body["merged_into"]), ((409, "guest-merged"), &json!(kept)));
    assert_eq!(said(&desk.post(&merge(&third), "m4", &json!({"into": other})).await), (409, "guest-merged"));
    let page = desk.get("/feed").await.body.to_string();
    assert!(!page.contains("Lovelace"));
}
