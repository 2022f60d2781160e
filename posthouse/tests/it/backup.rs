//! A house is backed up while it runs, and another one starts on the copy.

use std::path::Path;
use std::process::Command;

use posthouse::lab::restore;

use crate::support::program;

fn backup(args: &[&str]) -> (Option<i32>, String, String) {
    let done = Command::new(program()).arg("backup").args(args).output().expect("the program");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_starts_on_a_copy_made_under_load_and_has_lost_nothing() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let report = restore::play(5, program(), dir.path()).await.expect("the lab runs");
    assert_eq!(report.books.differences, Vec::<String>::new());
    assert!(report.books.acknowledged >= 60 && report.books.found == report.books.acknowledged && report.later >= 60, "{report}");
    let names: Vec<_> = report.backup.files.iter().map(|file| file.name.as_str()).collect();
    let all = [
        "guests-vault.db",
        "guests.db",
        "hotels.db",
        "inventory.db",
        "payments.db",
        "provider.db",
        "reservations.db",
        "stays.db",
        "vault.key",
    ];
    assert_eq!(names, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_checked_and_what_cannot_be_meant_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (data, to) = (dir.path().join("data"), dir.path().join("copy"));
    let (data, to) = (text(&data), text(&to));
    let refused = |args: &[&str], why: &str| {
        let (code, _, says) = backup(args);
        assert!(code == Some(2) && says.contains(why), "{args:?}: {code:?} {says}");
    };
    refused(&["--data", data, "--to", to], "there is no store of a house in");
    assert!(!Path::new(to).exists());
    posthouse::house::House::start(Path::new(data), None).await.expect("a house").stop().await;
    let (code, says, why) = backup(&["--data", data, "--to", to, "--json"]);
    let manifest: serde_json::Value = serde_json::from_str(&says).unwrap_or_else(|_| panic!("{code:?} {says} {why}"));
    assert!(code == Some(0) && manifest["files"].as_array().is_some_and(|files| files.len() == 9), "{says}");
    assert_eq!(backup(&["--check", to]).0, Some(0));
    refused(&["--data", data, "--to", to], "is not empty");
    refused(&["--data", data, "--data", data, "--to", &format!("{to}2")], "stores of the same name");
    refused(&["--store", "postgres://house:secret@there/db", "--to", to], "pg_dump");
    assert!(!backup(&["--store", "postgres://house:secret@there/db", "--to", to]).2.contains("secret"));
    refused(&["--check", data], "backup.json");
    let key = Path::new(to).join("vault.key");
    std::fs::write(&key, [0u8; 32]).expect("another key");
    let (code, _, says) = backup(&["--check", to]);
    assert!(code == Some(1) && says.contains("vault.key is not what was written"), "{code:?} {says}");
    std::fs::remove_file(Path::new(data).join("vault.key")).expect("the key is lost");
    refused(&["--data", data, "--to", &format!("{to}3")], "noise without it");
}
