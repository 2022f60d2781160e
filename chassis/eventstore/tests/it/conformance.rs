//! Both stores run the same suite on the same histories and come to the same digest.

use std::sync::Arc;

use eventstore::EventStore;
use eventstore::postgres::{Place as Schema, Postgres};
use eventstore::simulated::{Disk, Simulated};
use eventstore::sqlite::Sqlite;
use eventstore::tail::Tail;
use kernel::chance::Seeded;
use testkit::{Digest, Place, conformance};

fn simulated(seed: u64) -> Place {
    let (disk, chance) = (Disk::default(), Arc::new(Seeded::new(seed)));
    Box::new(move || -> Arc<dyn EventStore> { Arc::new(Simulated::new(disk.clone(), chance.clone(), 300)) })
}

fn on_simulated() -> Digest {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(conformance(simulated))
}

#[test]
fn the_simulated_store_keeps_the_ports_promises() {
    let digest = on_simulated();
    assert!(digest.positions > 2_000, "{digest:?}");
    assert_eq!(digest, on_simulated(), "the same seeds give the same history");
}

#[test]
fn a_store_with_its_tails_in_memory_comes_to_the_same_digest() {
    let make = |seed: u64| -> Place {
        let inner = simulated(seed);
        Box::new(move || -> Arc<dyn EventStore> { Arc::new(Tail::of(inner())) })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    assert_eq!(runtime.expect("a runtime").block_on(conformance(make)), on_simulated());
}

#[test]
fn the_sqlite_store_keeps_the_ports_promises_and_comes_to_the_same_digest() {
    let dir = tempfile::tempdir().expect("a directory");
    let make = |seed: u64| -> Place {
        let path = dir.path().join(format!("{seed}.db"));
        Box::new(move || -> Arc<dyn EventStore> { Arc::new(Sqlite::open(&path, "here").expect("a store")) })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    assert_eq!(runtime.expect("a runtime").block_on(conformance(make)), on_simulated());
}

#[test]
fn the_postgresql_store_keeps_the_ports_promises_and_comes_to_the_same_digest() {
    let server = testkit::postgres::Postgres::start(testkit::postgres::Care::None);
    let url = server.database("suite");
    let make = |seed: u64| -> Place {
        let schema = Schema::new(&url, &format!("s{seed}")).expect("a URL");
        Box::new(move || -> Arc<dyn EventStore> { Arc::new(Postgres::open(&schema, "here").expect("a store")) })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    assert_eq!(runtime.expect("a runtime").block_on(conformance(make)), on_simulated());
}
