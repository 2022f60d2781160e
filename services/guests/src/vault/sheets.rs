//! Later sheets of a guest, each sealed with the guest's key under a reference of its own. Which of them is the present one, the
//! log says; the others are taken out.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Vault, VaultFault, place_of_key, row};
use crate::domain::person::Person;
use crate::vault::seal::Key;

/// What came of keeping a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in the vault; the request's fingerprint.
    Sheet(String),
    /// Another one is there under this reference.
    Another,
    /// The vault knows no such guest.
    Nobody,
    /// The guest's key is destroyed.
    Forgotten,
}

fn place(guest: &str, edit: &str) -> String {
    format!("{guest}/{edit}")
}

fn sheet(c: &Connection, guest: &str, edit: &str) -> rusqlite::Result<Option<(String, Vec<u8>)>> {
    let mut q = c.prepare_cached("SELECT fingerprint, sealed FROM sheet WHERE guest = ?1 AND edit = ?2")?;
    q.query_row([guest, edit], |r| Ok((r.get(0)?, r.get(1)?))).optional()
}

impl Vault {
    /// Whether there is or was such a guest.
    pub async fn knows(&self, guest: &str) -> Result<bool, VaultFault> {
        let id = guest.to_owned();
        Ok(self.rows.run(move |c| row(c, &id)).await??.is_some())
    }

    /// Whether a guest's key is destroyed.
    pub async fn is_forgotten(&self, guest: &str) -> Result<bool, VaultFault> {
        let id = guest.to_owned();
        Ok(self.rows.run(move |c| row(c, &id)).await??.is_some_and(|row| row.wrapped_key.is_empty()))
    }

    /// Keeps a later sheet under `edit`, unless there is one.
    pub async fn keep_sheet(&self, guest: &str, edit: &str, person: &Person, route: &str, body: &[u8]) -> Result<Kept, VaultFault> {
        let id = guest.to_owned();
        let Some(kept) = self.rows.run(move |c| row(c, &id)).await?? else { return Ok(Kept::Nobody) };
        if kept.wrapped_key.is_empty() {
            return Ok(Kept::Forgotten);
        }
        let key = self.key_of(guest, &kept)?;
        let plain = serde_json::to_vec(person).map_err(|_| VaultFault("a person cannot be written down".into()))?;
        let sealed = key.seal(self.chance.as_ref(), &place(guest, edit), &plain).ok_or(VaultFault("cannot seal".into()))?;
        let (guest, edit, fingerprint) = (guest.to_owned(), edit.to_owned(), key.fingerprint(route, body));
        let print = fingerprint.clone();
        let stored = self.rows.run(move |c| {
            // Not for a guest who was forgotten meanwhile: nothing would ever take it out.
            c.prepare_cached(
                "INSERT INTO sheet SELECT ?1, ?2, ?3, ?4 FROM person WHERE guest = ?1 AND length(wrapped_key) > 0 ON CONFLICT DO NOTHING",
            )?
            .execute(params![guest, edit, print, sealed])?;
            sheet(c, &guest, &edit)
        });
        Ok(match stored.await?? {
            None => Kept::Forgotten,
            Some((there, _)) if there == fingerprint => Kept::Sheet(fingerprint),
            Some(_) => Kept::Another,
        })
    }

    /// A later sheet of a guest; `None` when the vault has not this one.
    pub async fn sheet(&self, guest: &str, edit: &str) -> Result<Option<Person>, VaultFault> {
        let (id, name) = (guest.to_owned(), edit.to_owned());
        let both = self.rows.run(move |c| Ok::<_, rusqlite::Error>((row(c, &id)?, sheet(c, &id, &name)?))).await??;
        let (Some(kept), Some((_, sealed))) = both else { return Ok(None) };
        let plain = self.key_of(guest, &kept)?.open(&place(guest, edit), &sealed);
        let person = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        person.map(Some).ok_or_else(|| VaultFault("a sheet does not open".into()))
    }

    /// Takes sheets out that are not the present one; `first`: also the one the guest was made with.
    pub async fn take_out(&self, guest: &str, edits: Vec<String>, first: bool) -> Result<(), VaultFault> {
        let id = guest.to_owned();
        let done = self.rows.run(move |c| {
            for edit in &edits {
                c.prepare_cached("DELETE FROM sheet WHERE guest = ?1 AND edit = ?2")?.execute([&id, edit])?;
            }
            if first {
                c.prepare_cached("UPDATE person SET sealed = x'' WHERE guest = ?1")?.execute([&id])?;
            }
            Ok::<_, rusqlite::Error>(())
        });
        Ok(done.await??)
    }

    /// Destroys a guest's key and everything sealed with it; what is left says only that there was somebody. May be repeated.
    pub async fn destroy(&self, guest: &str) -> Result<(), VaultFault> {
        let id = guest.to_owned();
        let done = self.rows.run(move |c| {
            c.execute("DELETE FROM sheet WHERE guest = ?1", [&id])?;
            c.execute(
                "INSERT INTO person VALUES(?1, x'', '', x'')
                 ON CONFLICT(guest) DO UPDATE SET wrapped_key = x'', fingerprint = '', sealed = x''",
                [&id],
            )?;
            // The log of the database still has the old page until it is written over.
            c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
        Ok(done.await??)
    }

    pub(super) fn key_of(&self, guest: &str, row: &super::Row) -> Result<Key, VaultFault> {
        let key = self.master.open(&place_of_key(guest), &row.wrapped_key).and_then(|bytes| Key::from_bytes(&bytes));
        key.ok_or_else(|| VaultFault("a guest's key does not open".into()))
    }
}
