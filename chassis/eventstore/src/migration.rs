//! Schema changes of the event store, in two dialects: each is applied once, in order, in the transaction that notes it,
//! and its checksum is kept, so that a program and a store which do not belong together notice before they write.

use sha2::{Digest, Sha256};

/// One change of the schema.
pub struct Migration {
    /// Counts from 1 without a gap.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

/// Where applied migrations are noted; the same statement in both dialects.
pub const NOTES: &str = "CREATE TABLE IF NOT EXISTS migration(version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";

/// For SQLite.
pub const SQLITE: &[Migration] = &[
    Migration { version: 1, name: "lanes", sql: include_str!("../migrations/sqlite/0001_lanes.sql") },
    Migration { version: 2, name: "pruned", sql: include_str!("../migrations/sqlite/0002_pruned.sql") },
];

/// For PostgreSQL.
pub const POSTGRES: &[Migration] = &[
    Migration { version: 1, name: "lanes", sql: include_str!("../migrations/postgres/0001_lanes.sql") },
    Migration { version: 2, name: "pruned", sql: include_str!("../migrations/postgres/0002_pruned.sql") },
];

impl Migration {
    /// SHA-256 of the statements, hex.
    pub fn checksum(&self) -> String {
        Sha256::digest(self.sql).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is left to apply on a store that notes `applied` as (version, checksum) in order.
pub fn left<'a>(known: &'a [Migration], applied: &[(i64, String)]) -> Result<&'a [Migration], String> {
    if applied.len() > known.len() {
        let newest = applied.last().map_or(0, |(version, _)| *version);
        return Err(format!("the store is at migration {newest}, this program knows {}: a newer program has been here", known.len()));
    }
    for (migration, (version, checksum)) in known.iter().zip(applied) {
        if migration.version != *version || migration.checksum() != *checksum {
            let Migration { version, name, .. } = migration;
            return Err(format!("migration {version} ({name}) of the store is not the one of this program: the checksums differ"));
        }
    }
    Ok(&known[applied.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_missing_and_a_newer_migration_are_told() {
        for known in [SQLITE, POSTGRES] {
            let first = (1, known[0].checksum());
            assert_eq!(left(known, &[]).map(<[_]>::len), Ok(known.len()));
            assert_eq!(left(known, std::slice::from_ref(&first)).map(<[_]>::len), Ok(known.len() - 1));
            assert!(left(known, &[(1, "other".into())]).is_err_and(|why| why.contains("checksums differ")));
            let newer: Vec<_> = known.iter().map(|m| (m.version, m.checksum())).chain([(99, "later".into())]).collect();
            assert!(left(known, &newer).is_err_and(|why| why.contains("newer program")));
        }
    }

    #[test]
    fn versions_count_without_a_gap() {
        for known in [SQLITE, POSTGRES] {
            assert!(known.iter().zip(1..).all(|(migration, version)| migration.version == version));
        }
    }
}
