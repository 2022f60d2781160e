//! Crates the house does without, each with its reason.

use crate::tidy::{Found, house::House, manifest::Manifest};

/// Name, reason, and what to take instead.
const BANNED: &[(&str, &str, &str)] = &[
    ("sqlx", "it cannot stand in one lock file with rusqlite", "rusqlite, or tokio-postgres for PostgreSQL"),
    ("reqwest", "no simulated socket can be put under it", "the peer crate, or hyper-util's client"),
    ("openssl", "a second TLS stack with a system library", "rustls with aws-lc-rs"),
    ("openssl-sys", "a second TLS stack with a system library", "rustls with aws-lc-rs"),
    ("native-tls", "a second TLS stack with a system library", "rustls with aws-lc-rs"),
    ("ring", "a second crypto library beside aws-lc-rs", "aws-lc-rs"),
    ("chrono", "hotel nights are civil dates, and two date libraries disagree", "jiff"),
    ("time", "hotel nights are civil dates, and two date libraries disagree", "jiff"),
    ("rdkafka", "there is no broker: the only durable queue is a service's own event store", "the feed crate"),
    ("lapin", "there is no broker: the only durable queue is a service's own event store", "the feed crate"),
    ("async-nats", "there is no broker: the only durable queue is a service's own event store", "the feed crate"),
    ("redis", "there is no broker and no shared cache: each service owns its data", "the event store or a view"),
    ("diesel", "views are plain SQL, one file each", "rusqlite"),
    ("sea-orm", "views are plain SQL, one file each", "rusqlite"),
    ("lazy_static", "the standard library has it", "std::sync::LazyLock"),
    ("once_cell", "the standard library has it", "std::sync::OnceLock or LazyLock"),
    ("anyhow", "a refusal has a code and a fault has a type; an opaque error has neither", "an enum"),
    ("eyre", "a refusal has a code and a fault has a type; an opaque error has neither", "an enum"),
    ("async-trait", "ports return boxed futures by name, and the macro hides the allocation", "kernel's BoxFuture"),
    ("rand", "dice enter through the Chance port, or a run cannot be repeated", "kernel::Chance"),
    ("governor", "it reads the processor's clock, which no simulation governs", "a limiter on tokio::time"),
    ("figment", "one way to read a configuration is enough", "the host crate's config"),
    ("cloudevents-sdk", "a hundred crates for what is 150 lines of serde", "the feed crate"),
    ("testcontainers", "tests need no Docker", "the testkit's temporary PostgreSQL"),
    ("cfg-if", "one shape of the program: no conditional code", "a value passed at construction"),
];

/// Finds manifests that name one.
pub fn check(house: &House) -> Vec<Found> {
    let mut found = Vec::new();
    for file in house.files().filter(|file| file.path.ends_with("Cargo.toml")) {
        for entry in Manifest::read(&file.text).entries {
            let Some(name) = entry.dependency() else { continue };
            // A crate can hide behind another name: `x = { package = "sqlx" }`.
            let hidden = |banned: &str| entry.value.contains(&format!("package = \"{banned}\""));
            if let Some((banned, reason, instead)) = BANNED.iter().find(|(b, ..)| *b == name || hidden(b)) {
                found.push(Found::new(&file.path, entry.line, format!("{banned} is not used here: {reason}"), format!("use {instead}")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_crate_is_found_in_any_table() {
        let text = "[workspace.dependencies]\nsqlx = \"0.9\"\nserde = \"1\"\n";
        let found = check(&House::of(&[("Cargo.toml", text)]));
        assert_eq!((found.len(), found[0].line), (1, 2));
        let text = "[target.'cfg(unix)'.dev-dependencies]\nanyhow.workspace = true\n";
        assert_eq!(check(&House::of(&[("posthouse/Cargo.toml", text)])).len(), 1);
    }

    #[test]
    fn another_name_does_not_hide_it() {
        let text = "[dependencies]\nclock = { package = \"chrono\", version = \"0.4\" }\n";
        assert_eq!(check(&House::of(&[("contracts/Cargo.toml", text)])).len(), 1);
    }

    #[test]
    fn what_is_not_listed_passes() {
        let text = "[package]\nname = \"rand\"\n[dependencies]\ntokio = { version = \"1\", features = [\"time\"] }\n";
        assert!(check(&House::of(&[("contracts/Cargo.toml", text)])).is_empty());
    }
}
