//! The vault's own rules: its key stays apart and private, a wrong or missing key is noticed, and rows cannot be swapped.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use guests::vault::Vault;
use host::ports::OsChance;
use kernel::chance::Seeded;
use rusqlite::Connection;
use serde_json::json;

use crate::house::Desk;

fn open(dir: &Path) -> Result<Vault, String> {
    Vault::open(dir, Arc::new(OsChance))
}

#[tokio::test]
async fn the_master_key_is_a_file_only_its_owner_reads() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()).expect("a vault"));
    let key = dir.path().join("vault.key");
    let made = std::fs::metadata(&key).expect("a key file");
    assert_eq!((made.permissions().mode() & 0o777, made.len()), (0o600, 32));
    let before = std::fs::read(&key).expect("a key");
    drop(open(dir.path()).expect("the same vault"));
    assert_eq!(std::fs::read(&key).expect("a key"), before);
}

#[tokio::test]
async fn a_missing_or_foreign_key_is_noticed_at_once() {
    let (dir, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    drop(open(dir.path()).expect("a vault"));
    drop(open(other.path()).expect("a vault"));
    let key = dir.path().join("vault.key");
    let own = std::fs::read(&key).expect("a key");
    std::fs::copy(other.path().join("vault.key"), &key).expect("a copy");
    assert!(open(dir.path()).err().is_some_and(|why| why.contains("is not the key")));
    std::fs::write(&key, &own[..7]).expect("written");
    assert!(open(dir.path()).err().is_some_and(|why| why.contains("32 bytes")));
    std::fs::remove_file(&key).expect("removed");
    assert!(open(dir.path()).err().is_some_and(|why| why.contains("missing")));
    assert!(!key.exists(), "no new key is made over old rows");
    std::fs::write(&key, own).expect("written");
    assert!(open(dir.path()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_moved_or_changed_does_not_open() {
    let dir = tempfile::tempdir().expect("a directory");
    let desk = Desk::on_files(dir.path());
    let ada = desk.create("k1", &json!({"name": "Ada"})).await.guest();
    let bo = desk.create("k2", &json!({"name": "Bo"})).await.guest();
    let rows = Connection::open(dir.path().join("guests-vault.db")).expect("the database");
    let whole = "UPDATE person SET (wrapped_key, sealed) = (SELECT wrapped_key, sealed FROM person WHERE guest = ?2) WHERE guest = ?1";
    rows.execute(whole, [&ada, &bo]).expect("moved");
    let shown = desk.get(&format!("/guests/{ada}")).await;
    assert_eq!((shown.status.as_u16(), shown.code()), (503, "vault"));
    rows.execute("UPDATE person SET sealed = zeroblob(60) WHERE guest = ?1", [&bo]).expect("changed");
    assert_eq!(desk.get(&format!("/guests/{bo}")).await.code(), "vault");
    // The log knows a guest the vault has lost: a fault, and not an unknown guest.
    rows.execute("DELETE FROM person WHERE guest = ?1", [&bo]).expect("lost");
    assert_eq!(desk.get(&format!("/guests/{bo}")).await.code(), "vault");
}

#[tokio::test]
async fn the_vault_in_memory_keeps_the_first_as_the_one_on_disk_does() {
    let dir = tempfile::tempdir().expect("a directory");
    let memory = Vault::in_memory(Arc::new(Seeded::new(1))).expect("a vault");
    for vault in [memory, open(dir.path()).expect("a vault")] {
        let (ada, bo) = (person("Ada"), person("Bo"));
        assert_eq!(vault.person("gst_1").await, Ok(None));
        let first = vault.keep("gst_1", &ada, "CreateGuest", b"ada").await.expect("kept");
        assert!(first.is_some());
        assert_eq!(vault.keep("gst_1", &ada, "CreateGuest", b"ada").await, Ok(first.clone()));
        assert_eq!(vault.keep("gst_1", &bo, "CreateGuest", b"bo").await, Ok(None));
        assert_eq!(vault.keep("gst_1", &ada, "Other", b"ada").await, Ok(None));
        assert_eq!(vault.person("gst_1").await, Ok(Some(ada.clone())));
        // The same body of another guest has another fingerprint: equal ones would tell that two guests are one person.
        assert_ne!(vault.keep("gst_2", &ada, "CreateGuest", b"ada").await.expect("kept"), first);
    }
}

fn person(name: &str) -> guests::domain::person::Person {
    serde_json::from_value(json!({"name": name})).expect("a person")
}
