//! What has changed on a tape since a number: rows in their present state, oldest change first. Without memory: any replica
//! answers, and an answer taken twice does no harm.

use std::sync::Arc;
use std::time::Duration;

use feed::sql::SqlFault;
use pipeline::{Answer, Call, Core, Problem};
use serde::Serialize;
use serde_json::json;

use super::ask::of_hotel;
use super::bar::{Bar, COLUMNS, Shown};

/// Changes of one answer; whoever has missed more fetches the whole.
const CHANGES_MAX: usize = 500;
/// A long poll waits at most so long.
const WAIT_S_MAX: u64 = 30;

/// The id of this tape: another one once the views were made anew, for rows may be drawn elsewhere then and numbers mean
/// nothing any more. Whoever asks first gives it.
pub async fn epoch(core: &Core) -> Result<String, Problem> {
    let sql = "SELECT id FROM tape_epoch";
    if let Some(row) = core.views.rows(sql, Vec::new()).await?.first() {
        return Ok(row[0].text().to_owned());
    }
    let id = format!("{:012x}", core.chance.next() >> 16);
    let written = core.views.write(move |tx| {
        tx.run("INSERT OR IGNORE INTO tape_epoch VALUES(1, ?1)", &[id.into()])?;
        tx.rows(sql, &[])
    });
    let rows = written.await?;
    Ok(rows.first().map(|row| row[0].text().to_owned()).unwrap_or_default())
}

/// `GET /hotels/{hotel}/tape/changes?after=<epoch>.<seq>[&wait=20s]`. Without `after`, or with one that leads nowhere: reset.
pub async fn changes(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let after = call.asked("after");
    let after: Option<(String, i64)> = match after.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let parsed = text.rsplit_once('.').and_then(|(epoch, seq)| Some((epoch.to_owned(), seq.parse().ok()?)));
            Some(parsed.ok_or_else(|| Problem::invalid("'after' is not <epoch>.<seq>"))?)
        }
    };
    let wait = call.asked("wait").map_or(Some(0), |wait| wait.trim_end_matches('s').parse().ok());
    let wait = wait.ok_or_else(|| Problem::invalid("wait is not a number of seconds"))?.min(WAIT_S_MAX);
    let mut news = core.news(Duration::from_secs(wait));
    loop {
        let epoch = epoch(&core).await?;
        let since = after.as_ref().filter(|(of, _)| *of == epoch).map(|(_, seq)| *seq);
        let (head, changed) = of_hotel(&core, &call, move |tx, hotel, head| since_of(tx, hotel, since, head.seq)).await?;
        let Some(changed) = changed else {
            return Ok(Answer::json(&json!({"reset": true, "epoch": epoch, "seq": head.seq})));
        };
        if !changed.is_empty() || !core.moved(&mut news).await? {
            let changes = changed.iter().map(Bar::shown).collect();
            return Ok(Answer::json(&News { epoch: &epoch, seq: head.seq, changes }));
        }
    }
}

#[derive(Serialize)]
struct News<'a> {
    epoch: &'a str,
    seq: i64,
    changes: Vec<Shown<'a>>,
}

/// The rows that are newer; `None`: too many, or of another history.
fn since_of(tx: &feed::Tx<'_>, hotel: &str, since: Option<i64>, seq: i64) -> Result<Option<Vec<Bar>>, SqlFault> {
    let Some(since) = since.filter(|since| (0..=seq).contains(since)) else { return Ok(None) };
    let sql = format!("SELECT {COLUMNS} FROM tape WHERE hotel = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3");
    let rows = tx.rows(&sql, &[hotel.into(), since.into(), (CHANGES_MAX as i64 + 1).into()])?;
    let changed: Vec<Bar> = rows.iter().map(Bar::of_row).collect();
    Ok((changed.len() <= CHANGES_MAX).then_some(changed))
}
