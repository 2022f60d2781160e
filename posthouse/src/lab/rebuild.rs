//! The rebuild lab: after a replay every read model is thrown away and made again from position 0 of the lanes. The new
//! tables must be the live ones, byte for byte, but for what a view calls a picture.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use feed::sql::{Cell, SqlFault, Tx};
use feed::{Db, Positions};
use pipeline::Core;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::client::wall;
use crate::house::House;
use crate::replay::rows::RowRange;
use crate::replay::{Options, Replay};

/// How long the rebuilding may take.
const WITHIN_S: u64 = 900;

/// The JSON object of a rebuild lab.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Rows of each table compared, by `service.table`.
    pub rows: BTreeMap<String, usize>,
    /// Seconds the rebuilding took.
    pub rebuild_seconds: f64,
    /// The report of the replay.
    pub replay: Value,
    /// Everything that is not as it must be; empty is good.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: usize = self.rows.values().sum();
        writeln!(f, "{} tables with {rows} rows rebuilt in {:.1} s", self.rows.len(), self.rebuild_seconds)?;
        match self.differences.as_slice() {
            [] => writeln!(f, "held: every rebuilt table is the live one"),
            all => all.iter().try_for_each(|d| writeln!(f, "BROKEN: {d}")),
        }
    }
}

/// Rows and digest of a table.
pub(super) type Table = (usize, String);

/// A service's read models, and what of them is a picture.
pub(super) type Views = (&'static str, Db, Vec<&'static str>);

/// Plays the lab in `dir`, on SQLite or in an empty database on PostgreSQL.
pub async fn play(file: &Path, rows: Option<RowRange>, store: Option<&str>, dir: &Path) -> Result<Report, String> {
    let options = Options { rows, ..Options::golden(file.to_owned()) };
    let house = House::start(dir, store).await?;
    let replay = Replay::read(options)?.run(&house.url).await?;
    let differences = replay.differences.iter().map(|difference| format!("the replay is not as it must be: {difference}"));
    let mut report = Report { differences: differences.collect(), ..Report::default() };
    report.replay = serde_json::to_value(&replay).map_err(|e| e.to_string())?;
    caught_up(&house).await?;
    let of = |(service, core): (&&'static str, &Arc<Core>)| (*service, core.views.clone(), core.pictures.clone());
    let views: Vec<Views> = house.inner.cores.iter().map(of).collect();
    // Nothing that the old house remembers may help the new views.
    house.stop().await;
    let live = tables(&views).await?;
    for (_, db, _) in &views {
        db.clear().await.map_err(|e| e.to_string())?;
    }
    if let Some((name, _)) = tables(&views).await?.iter().find(|(_, (rows, _))| *rows > 0) {
        return Err(format!("{name} was not emptied"));
    }
    let began = wall();
    let house = House::start(dir, store).await?;
    caught_up(&house).await?;
    report.rebuild_seconds = (wall().duration_since(began).as_secs_f64() * 10.0).round() / 10.0;
    let rebuilt = tables(&views).await?;
    house.stop().await;
    for (name, (rows, digest)) in &live {
        report.rows.insert(name.clone(), *rows);
        match rebuilt.get(name) {
            Some((again, same)) if again == rows && same == digest => {}
            Some((again, _)) => report.differences.push(format!("{name}: {rows} rows live, {again} rebuilt, contents differ")),
            None => report.differences.push(format!("{name} was not rebuilt")),
        }
    }
    Ok(report)
}

/// Waits until every follower has passed the end of what it follows.
pub(super) async fn caught_up(house: &House) -> Result<(), String> {
    let began = wall();
    let mut at = peer::At::default();
    for (name, core) in &house.inner.cores {
        let heads = core.store.heads().await.map_err(|e| e.to_string())?;
        heads.iter().filter(|(_, head)| head.pos > 0).for_each(|(lane, head)| at.merge(&peer::At::of(name, *lane, head.pos)));
    }
    for (name, core) in &house.inner.cores {
        let positions: &Positions = &core.positions;
        while !positions.reach(&at).await {
            if wall().duration_since(began).as_secs() > WITHIN_S {
                return Err(format!("the views of {name} are not rebuilt within {WITHIN_S} s"));
            }
        }
    }
    Ok(())
}

/// Every table of every view database but the bookkeeping: rows and a digest of all of them in order.
pub(super) async fn tables(views: &[Views]) -> Result<BTreeMap<String, Table>, String> {
    let mut all = BTreeMap::new();
    for (service, db, pictures) in views {
        let pictures = pictures.clone();
        let found = db.read(move |tx| one_service(tx, &pictures)).await.map_err(|e| e.to_string())?;
        all.extend(found.into_iter().map(|(table, content)| (format!("{service}.{table}"), content)));
    }
    Ok(all)
}

fn one_service(tx: &Tx<'_>, pictures: &[&str]) -> Result<Vec<(String, Table)>, SqlFault> {
    // Checkpoints of other services' feeds depend on how pages were cut, and are no read model.
    let names = tx.tables()?.into_iter().filter(|name| name != "checkpoint" && !pictures.contains(&name.as_str()));
    let mut out = Vec::new();
    for name in names {
        let columns = tx.columns(&name)?;
        let told: Vec<String> = columns.into_iter().filter(|column| !pictures.contains(&format!("{name}.{column}").as_str())).collect();
        let mut rows = tx.rows(&format!("SELECT {} FROM {name}", told.join(", ")), &[])?;
        rows.sort();
        let mut digest = Sha256::new();
        for cell in rows.iter().flatten() {
            match cell {
                Cell::Null => digest.update("null|"),
                Cell::Int(n) => digest.update(format!("{n}|")),
                Cell::Text(t) => digest.update(format!("{}:{t}|", t.len())),
            }
        }
        out.push((name, (rows.len(), eventstore::chain::hex(&digest.finalize()))));
    }
    Ok(out)
}
