//! Stories at the door.

use std::sync::Arc;

use guests::vault::Vault;
use host::ports::OsChance;
use http::Method;
use serde_json::{Value, json};

use crate::house::Desk;

fn ada() -> Value {
    json!({"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0000", "language": "en-GB"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_created_and_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let made = desk.create("k1", &ada()).await;
    let guest = made.guest();
    assert_eq!((made.status.as_u16(), made.effect.as_deref(), made.replayed), (201, Some("applied"), false));
    assert!(guest.starts_with("gst_"));
    assert_eq!(made.body, json!({"guest": guest}));
    assert_eq!(made.location.as_deref(), Some(format!("/api/guests/v1/guests/{guest}").as_str()));
    let shown = desk.get(&format!("/guests/{guest}")).await;
    let mut whole = ada();
    whole["guest"] = json!(guest);
    whole["version"] = json!(1);
    assert_eq!((shown.status.as_u16(), shown.etag.as_deref(), shown.body), (200, Some("\"1\""), whole));
    // A name is enough.
    let brief = desk.create("k2", &json!({"name": "Bo"})).await;
    let shown = desk.get(&format!("/guests/{}", brief.guest())).await.body;
    assert_eq!((&shown["name"], &shown["email"]), (&json!("Bo"), &Value::Null));
    assert_eq!(desk.get("/guests/gst_nobody").await.code(), "guest-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_names_of_some_guests_are_one_question() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let (a, b) = (desk.create("k1", &ada()).await.guest(), desk.create("k2", &json!({"name": "Bo"})).await.guest());
    let gone = desk.create("k3", &json!({"name": "Cy"})).await.guest();
    let erased = desk.send(Method::POST, &format!("/guests/{gone}/erasure"), &[(peer::KEY, "k4")], "{}").await;
    assert_eq!(erased.status.as_u16(), 200, "{}", erased.body);
    let said = desk.get(&format!("/guests?ids={b},gst_nobody,{gone},{a},{b}")).await;
    let mut names = [json!({"guest": a, "name": "Ada Lovelace"}), json!({"guest": b, "name": "Bo"})];
    names.sort_by_key(|name| name["guest"].as_str().map(str::to_owned));
    assert_eq!((said.status.as_u16(), said.body), (200, json!({"items": names})), "once each, nobody else, and no more than the name");
    let many: Vec<String> = (0..101).map(|n| format!("gst_{n}")).collect();
    for bad in ["/guests", "/guests?ids=,", "/guests?ids=a b", "/guests?ids=%3Cx%3E", &format!("/guests?ids={}", many.join(","))] {
        assert_eq!(desk.get(&bad.replace(' ', "%20")).await.code(), "invalid-request", "{bad}");
    }
    let who = [("authorization", "Bearer dev:guest:eve")];
    assert_eq!(desk.send(Method::GET, &format!("/guests?ids={a}"), &who, "").await.status.as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_guest() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let guest = desk.create("k1", &ada()).await.guest();
    let again = desk.create("k1", &ada()).await;
    assert_eq!((again.status.as_u16(), again.replayed, again.guest()), (201, true, guest.clone()));
    let other = desk.create("k1", &json!({"name": "Grace Hopper"})).await;
    assert_eq!((other.status.as_u16(), other.code(), other.effect.as_deref()), (422, "key-reused", Some("none")));
    assert_eq!(desk.get(&format!("/guests/{guest}")).await.body["name"], "Ada Lovelace");
    // Another caller's key of the same name is another command.
    let headers = [(peer::KEY, "k1"), ("authorization", "Bearer dev:grace")];
    let hers = desk.send(Method::POST, "/guests", &headers, &json!({"name": "Grace Hopper"}).to_string()).await;
    assert_eq!(hers.status, 201);
    assert_ne!(hers.guest(), guest);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_under_one_key_make_one_guest() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let body = ada();
    let answers = futures::future::join_all((0..8).map(|_| desk.create("k1", &body))).await;
    assert!(answers.iter().all(|a| a.status == 201 && a.guest() == answers[0].guest()), "{answers:?}");
    assert_eq!(answers.iter().filter(|a| !a.replayed).count(), 1);
    let different: Vec<Value> = (0..8).map(|n| json!({"name": format!("Guest {n}")})).collect();
    let answers = futures::future::join_all(different.iter().map(|body| desk.create("k2", body))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|a| a.code() == "key-reused").count(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_vault_and_log_is_mended_by_asking_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let vault = Arc::new(Vault::open(dir.path(), Arc::new(OsChance)).expect("a vault"));
    // What the handler does first, and then the process ends.
    let guest = kernel::id::Ids::of("dev", "k1").derive("gst");
    let body = ada().to_string();
    let person = serde_json::from_value(ada()).expect("a person");
    vault.keep(&guest, &person, "CreateGuest", body.as_bytes()).await.expect("kept");
    let desk = Desk::with(dir.path(), vault);
    assert_eq!(desk.get(&format!("/guests/{guest}")).await.code(), "guest-unknown");
    let other = desk.create("k1", &json!({"name": "Grace Hopper"})).await;
    assert_eq!((other.status.as_u16(), other.code()), (422, "key-reused"));
    let made = desk.create("k1", &ada()).await;
    assert_eq!((made.status.as_u16(), made.replayed, made.guest()), (201, false, guest.clone()));
    assert_eq!(desk.get(&format!("/guests/{guest}")).await.body["name"], "Ada Lovelace");
}

#[tokio::test(flavor = "multi_thread")]
async fn guests_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let before = Desk::on_files(dir.path());
    let guest = before.create("k1", &ada()).await.guest();
    before.crash().await;
    let after = Desk::on_files(dir.path());
    assert_eq!(after.get(&format!("/guests/{guest}")).await.body["name"], "Ada Lovelace");
    let again = after.create("k1", &ada()).await;
    assert_eq!((again.status.as_u16(), again.replayed, again.guest()), (201, true, guest));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_and_nothing_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    for bad in
        ["", "[]", "[\"Ada\",null,null,null]", "{}", "{\"name\":\"\"}", "{\"name\":\"A\",\"age\":3}", "{\"name\":\"A\",\"email\":\"a\"}"]
    {
        let answer = desk.send(Method::POST, "/guests", &[(peer::KEY, "k1")], bad).await;
        assert_eq!((answer.status.as_u16(), answer.code(), answer.effect.as_deref()), (400, "invalid-request", Some("none")), "{bad}");
    }
    assert_eq!(desk.send(Method::POST, "/guests", &[], &ada().to_string()).await.status, 400);
    // The key is still free.
    assert_eq!(desk.create("k1", &ada()).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_that_there_is_a_guest_and_not_who() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let guest = desk.create("k1", &ada()).await.guest();
    let page = desk.get("/feed").await.body;
    assert_eq!(page["events"].as_array().map(Vec::len), Some(1));
    let event = &page["events"][0];
    assert_eq!((&event["type"], &event["data"]), (&json!("guests.GuestChanged"), &json!({"GuestChanged": {"guest": guest}})));
    assert!(!page.to_string().contains("Ada"));
}
