//! Canaries: names that occur nowhere else are pushed through every way in, and then looked for in every file, every log
//! line and every answer that is not the guest's own sheet.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use http::Method;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::house::Desk;

/// Parts that are in no other test and in no program.
const CANARIES: [&str; 4] = ["Zaunkoenigin", "rotkehlchen", "4930777123987", "Grünfink"];

/// Everything logged by this process, all levels.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Whether the bytes say it: as text, as UTF-16, as hexadecimal digits.
fn says(bytes: &[u8], word: &str) -> bool {
    let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex: String = word.bytes().map(|b| format!("{b:02x}")).collect();
    let escaped = serde_json::Value::from(word).to_string();
    let escaped = escaped.trim_matches('"');
    [word.as_bytes(), &utf16, hex.as_bytes(), escaped.as_bytes()].iter().any(|needle| bytes.windows(needle.len()).any(|w| w == *needle))
}

/// The files of a data directory.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |entry: std::fs::DirEntry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"));
    std::fs::read_dir(dir).expect("a directory").map(|entry| read(entry.expect("an entry"))).collect()
}

/// Bodies that are refused in every way a body can be: each carries canaries where a parser would quote them.
fn refused() -> Vec<String> {
    vec![
        "\"Zaunkoenigin\"".into(),
        "{\"name\":\"Zaunkoenigin\"".into(),
        json!({"Zaunkoenigin": 1}).to_string(),
        json!({"name": "Grünfink", "phone": 4930777123987u64}).to_string(),
        json!({"name": {"Zaunkoenigin": "Grünfink"}}).to_string(),
        json!({"name": "Zaunkoenigin\u{0}"}).to_string(),
        json!({"name": "Grünfink".repeat(40)}).to_string(),
        json!({"name": "Zaunkoenigin", "email": "rotkehlchen"}).to_string(),
        json!({"name": "Zaunkoenigin", "phone": "rotkehlchen"}).to_string(),
        json!({"name": "Zaunkoenigin", "language": "Grünfink"}).to_string(),
        json!(["Zaunkoenigin", "rotkehlchen@example.org", null, null]).to_string(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_is_found_in_any_file_log_or_error() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let body = json!({
        "name": "Zaunkoenigin Grünfink", "email": "rotkehlchen@example.org", "phone": "+4930777123987", "language": "de",
    });
    let (mut said, mut guests) = (Vec::new(), Vec::new());
    for n in 0..5 {
        let made = desk.create(&format!("k{n}"), &body).await;
        assert_eq!(made.status, 201);
        guests.push(made.guest());
        said.push(made);
    }
    said.push(desk.create("k0", &body).await);
    said.push(desk.create("k0", &json!({"name": "Zaunkoenigin"})).await);
    for bad in refused() {
        let answer = desk.send(Method::POST, "/guests", &[(peer::KEY, "bad")], &bad).await;
        assert_eq!(answer.status, 400, "{bad}");
        said.push(answer);
    }
    // Described anew: accepted, repeated, refused for its body, its version and its key.
    let changes = format!("/guests/{}/changes", guests[1]);
    for (key, version) in [("u1", "\"1\""), ("u1", "\"1\""), ("u2", "\"1\"")] {
        said.push(desk.send(Method::POST, &changes, &[(peer::KEY, key), ("if-match", version)], &body.to_string()).await);
    }
    assert_eq!(said.iter().rev().take(3).map(|a| a.status.as_u16()).collect::<Vec<_>>(), [412, 200, 200]);
    said.push(desk.send(Method::POST, &changes, &[(peer::KEY, "u1")], &json!({"name": "Zaunkoenigin"}).to_string()).await);
    for bad in refused() {
        let answer = desk.send(Method::POST, &changes, &[(peer::KEY, "bad")], &bad).await;
        assert_eq!(answer.status, 400, "{bad}");
        said.push(answer);
    }
    said.push(
        desk.send(Method::POST, &format!("/guests/{}/merge", guests[2]), &[(peer::KEY, "m")], &json!({"into": guests[1]}).to_string())
            .await,
    );
    said.push(desk.send(Method::POST, &format!("/guests/{}/erasure", guests[3]), &[(peer::KEY, "e")], "").await);
    assert_eq!(said.iter().rev().take(2).map(|a| a.status.as_u16()).collect::<Vec<_>>(), [200, 200]);
    // A vault that cannot be read says so, and not what it has read.
    let rows = rusqlite::Connection::open(dir.path().join("guests-vault.db")).expect("the database");
    rows.execute("UPDATE person SET sealed = zeroblob(60) WHERE guest = ?1", [&guests[4]]).expect("changed");
    said.push(desk.get(&format!("/guests/{}", guests[4])).await);
    said.push(desk.get("/feed").await);
    said.push(desk.get("/sagas").await);
    assert_eq!(desk.get(&format!("/guests/{}", guests[0])).await.body["name"], "Zaunkoenigin Grünfink");
    desk.crash().await;

    // The search itself works: what must be in the files and in the log is found there.
    let found = files(dir.path());
    let holds = |name: &str, word: &str| found.iter().any(|(file, bytes)| file.starts_with(name) && says(bytes, word));
    assert!(holds("guests.db", "GuestCreated") && holds("guests.db", &guests[0]) && holds("guests-vault.db", &guests[0]));
    assert!(found.iter().any(|(file, _)| file == "vault.key"));
    let log = log.0.lock().expect("no panic").clone();
    assert!(says(&log, "CreateGuest") && says(&log, "the vault fails") && says(&log, "invalid-request"));

    for canary in CANARIES {
        for (file, bytes) in &found {
            assert!(!says(bytes, canary), "{canary} is in {file}");
        }
        assert!(!says(&log, canary), "{canary} is in the log");
        for answer in &said {
            assert!(!says(format!("{} {}", answer.headers, answer.body).as_bytes(), canary), "{canary} is in {answer:?}");
        }
    }
}
