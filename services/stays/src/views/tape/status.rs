//! The house at a glance: how many rooms are taken and clean, who is still to come and to leave today.

use std::sync::Arc;

use feed::Tx;
use feed::sql::{Cell, Row, SqlFault};
use jiff::civil::Date;
use pipeline::{Answer, Call, Core, Problem};
use serde_json::{Value, json};

use super::ask::of_hotel;

struct Counts {
    by_type: Vec<Row>,
    arrivals: Vec<Row>,
    in_house: Vec<Row>,
    gone: i64,
}

fn counts(tx: &Tx<'_>, hotel: &str, today: Date) -> Result<Counts, SqlFault> {
    let here: [Cell; 2] = [hotel.into(), today.into()];
    let by_type =
        "SELECT room_type, count(*), count(stay), CAST(sum(CASE WHEN stay IS NULL AND condition = 'clean' THEN 1 ELSE 0 END) AS BIGINT),
         CAST(sum(CASE WHEN stay IS NULL AND condition = 'dirty' THEN 1 ELSE 0 END) AS BIGINT)
       FROM rooms WHERE hotel = ?1 AND retired = 0 GROUP BY room_type ORDER BY room_type";
    // Grouped by no column of an index: one that happens to be in the order of states would be read from end to end.
    let arrivals =
        "SELECT state || '', count(*), count(number) FROM tape WHERE hotel = ?1 AND is_long IN (0, 1) AND arrival = ?2 GROUP BY 1";
    let in_house = "SELECT CASE WHEN departure < ?2 THEN 0 WHEN departure = ?2 THEN 1 ELSE 2 END, count(*) FROM tape
       WHERE hotel = ?1 AND state = 'in_house' GROUP BY 1";
    let gone = "SELECT count(*) FROM tape WHERE hotel = ?1 AND state = 'checked_out' AND departure = ?2";
    Ok(Counts {
        by_type: tx.rows(by_type, &here[..1])?,
        arrivals: tx.rows(arrivals, &here)?,
        in_house: tx.rows(in_house, &here)?,
        gone: tx.rows(gone, &here)?.first().map_or(0, |row| row[0].int()),
    })
}

/// `GET /hotels/{hotel}/house-status`.
pub async fn house_status(core: Arc<Core>, call: Call) -> Result<Answer, Problem> {
    let (head, counts) = of_hotel(&core, &call, |tx, hotel, head| counts(tx, hotel, head.date)).await?;
    let rooms = |column: usize| counts.by_type.iter().map(|row| row[column].int()).sum::<i64>();
    let arriving = |states: &[&str], column: usize| {
        counts.arrivals.iter().filter(|row| states.contains(&row[0].text())).map(|row| row[column].int()).sum::<i64>()
    };
    let leaving = |when: i64| counts.in_house.iter().filter(|row| row[0].int() == when).map(|row| row[1].int()).sum::<i64>();
    let of_type = |row: &Row| -> Value {
        json!({"room_type": row[0].text(), "rooms": row[1].int(), "occupied": row[2].int(), "clean": row[3].int(), "dirty": row[4].int()})
    };
    let state = if head.auditing { "auditing" } else { "open" };
    Ok(Answer::json(&json!({
        "hotel": call.param("hotel"), "business_date": head.date, "state": state,
        "rooms": rooms(1), "occupied": rooms(2), "clean": rooms(3), "dirty": rooms(4),
        "arrivals": {"left": arriving(&["confirmed"], 1), "done": arriving(&["in_house", "checked_out"], 1)},
        "assigned": arriving(&["confirmed"], 2),
        "departures": {"left": leaving(0) + leaving(1), "done": counts.gone, "overdue": leaving(0)},
        "stay_over": leaving(2),
        "by_type": counts.by_type.iter().map(of_type).collect::<Vec<_>>(),
    })))
}
