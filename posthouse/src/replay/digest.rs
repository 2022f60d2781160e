//! The three digests of a run: final state, daily, on the books. Made of answers, never of what was sent.
//!
//! A digest is the SHA-256 of the body: every line but the header, each ended by one LF. The files can be
//! written beside it, so that a difference can be found with `diff`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use futures::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::answers::{Answers, DayCounts, HotelAnswers};
use super::commands::hex;
use super::dates::Day;
use super::hotels::HOTELS;
use super::rows::Rows;
use crate::client::Client;

/// On-the-books queries in flight; they are answered in order.
const QUERIES_IN_FLIGHT: usize = 8;

/// SHA-256 of the uncompressed bookings file whose digests are known.
const KNOWN_FILE: &str = "a3a313e523fd27348496b3f6304197de4bbff5c28e8c5c698a9e3f1a940ee5ca";

/// The three digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digests {
    /// One line per row.
    pub final_state: String,
    /// One line per hotel and date.
    pub daily: String,
    /// One line per hotel, date and later night.
    pub on_the_books: String,
}

/// What the digests must be, for the whole of the known file.
pub fn expected(rows: &Rows) -> Option<Digests> {
    (rows.whole && rows.sha256 == KNOWN_FILE).then(|| Digests {
        final_state: "78254f23f4a064046889b9c91b1960a172b971759b4a3619064035055eac4f32".to_owned(),
        daily: "ff7a169c36f0d51101bf725559228d17dd3b3741c5c0b9523519968f3760e44f".to_owned(),
        on_the_books: "2f89cd933813e68af6498f2563bfde77a4d9267e71f47f719d574b90a00b55b1".to_owned(),
    })
}

/// A body being hashed, and written where a directory was named.
struct Body {
    hash: Sha256,
    file: Option<BufWriter<File>>,
    name: &'static str,
}

impl Body {
    fn new(dir: Option<&Path>, name: &'static str, header: &str) -> Result<Self, String> {
        let file = match dir {
            Some(dir) => {
                let mut file = BufWriter::new(File::create(dir.join(name)).map_err(|e| format!("{name}: {e}"))?);
                writeln!(file, "{header}").map_err(|e| format!("{name}: {e}"))?;
                Some(file)
            }
            None => None,
        };
        Ok(Self { hash: Sha256::new(), file, name })
    }

    fn line(&mut self, mut line: String) -> Result<(), String> {
        line.push('\n');
        self.hash.update(line.as_bytes());
        match &mut self.file {
            Some(file) => file.write_all(line.as_bytes()).map_err(|e| format!("{}: {e}", self.name)),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<String, String> {
        if let Some(file) = &mut self.file {
            file.flush().map_err(|e| format!("{}: {e}", self.name))?;
        }
        Ok(hex(&self.hash.finalize()))
    }
}

/// All three; the on-the-books cells are asked for here, one query per hotel and date.
pub async fn digests(
    client: &Client,
    rows: &Rows,
    answers: &Answers,
    first: Day,
    last: Day,
    out: Option<&Path>,
) -> Result<Digests, String> {
    if let Some(dir) = out {
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    }
    Ok(Digests {
        final_state: final_state(rows, answers, out)?,
        daily: daily(answers, first, out)?,
        on_the_books: on_the_books(client, answers, first, last, out).await?,
    })
}

fn final_state(rows: &Rows, answers: &Answers, out: Option<&Path>) -> Result<String, String> {
    let mut body = Body::new(out, "final_state.csv", "row,hotel,final_state,room_type,room_no,nights_stayed")?;
    for (index, reserved) in answers.reserved.iter().enumerate() {
        let Some(reserved) = reserved else { continue };
        let (number, nights) = answers.stayed[index].map_or((0, 0), |s| (s.number, s.nights));
        let hotel = HOTELS[usize::from(rows.rows[index].hotel)].code;
        let (state, kind) = (answers.text(reserved.state), answers.text(reserved.room_type));
        body.line(format!("{},{hotel},{state},{kind},{number},{nights}", index + 1))?;
    }
    body.finish()
}

fn daily(answers: &Answers, first: Day, out: Option<&Path>) -> Result<String, String> {
    let header = "hotel,date,booked,cancelled,no_show,checked_in,checked_out,upgraded_at_checkin,in_house_night,live_reservations";
    let mut body = Body::new(out, "daily.csv", header)?;
    for hotel in &answers.hotels {
        daily_lines(hotel, first, |line| body.line(line))?;
    }
    body.finish()
}

/// From the first date with a booking to the last date on which a reservation ended.
fn daily_lines(hotel: &HotelAnswers, first: Day, mut line: impl FnMut(String) -> Result<(), String>) -> Result<(), String> {
    let ended = |d: &DayCounts| d.cancelled + d.no_show + d.checked_out > 0;
    let Some(from) = hotel.days.iter().position(|d| d.booked > 0) else { return Ok(()) };
    let to = hotel.days.iter().rposition(ended).unwrap_or(from);
    let code = HOTELS[hotel.hotel].code;
    let mut live = 0;
    for (place, day) in hotel.days.iter().enumerate().take(to + 1) {
        live += day.booked - day.cancelled - day.no_show - day.checked_out;
        if place < from {
            continue;
        }
        let DayCounts { booked, cancelled, no_show, checked_in, checked_out, upgraded, in_house } = *day;
        // A date without audit has no count: the digest must not pretend one.
        let in_house = in_house.map_or_else(|| "none".to_owned(), |n| n.to_string());
        let date = first.plus(place as i32);
        line(format!("{code},{date},{booked},{cancelled},{no_show},{checked_in},{checked_out},{upgraded},{in_house},{live}"))?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct OnTheBooks {
    nights: Vec<Night>,
}

#[derive(Deserialize)]
struct Night {
    night: String,
    sold: i64,
}

async fn on_the_books(client: &Client, answers: &Answers, first: Day, last: Day, out: Option<&Path>) -> Result<String, String> {
    let mut body = Body::new(out, "on_the_books.csv", "hotel,date,night,on_the_books")?;
    for hotel in &answers.hotels {
        let code = HOTELS[hotel.hotel].code;
        let dates = (first.0..=last.0).map(Day);
        let mut cells = stream::iter(dates)
            .map(|date| async move {
                let path = format!("/api/inventory/v1/hotels/{code}/on-the-books?as_of=date:{date}");
                client.read::<OnTheBooks>(&path).await.map(|cells| (date, cells.nights))
            })
            .buffered(QUERIES_IN_FLIGHT);
        while let Some((date, mut nights)) = cells.try_next().await? {
            nights.sort_by(|a, b| a.night.cmp(&b.night));
            for Night { night, sold } in nights.iter().filter(|n| n.sold != 0) {
                body.line(format!("{code},{date},{night},{sold}"))?;
            }
        }
    }
    body.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_its_lines_each_ended_by_one_line_feed() {
        let mut body = Body::new(None, "x", "header").expect("body");
        body.line("1,H1,checked_out,C,1,0".to_owned()).expect("line");
        // printf '1,H1,checked_out,C,1,0\n' | sha256sum
        let known = hex(&Sha256::digest(b"1,H1,checked_out,C,1,0\n"));
        assert_eq!(body.finish().expect("digest"), known);
    }

    #[test]
    fn a_hotels_daily_lines_run_from_its_first_booking_to_its_last_end() {
        let day = |booked, checked_out, in_house| DayCounts { booked, checked_out, in_house, ..DayCounts::default() };
        let days = vec![day(0, 0, Some(0)), day(2, 0, Some(1)), day(0, 0, None), day(0, 2, Some(0)), day(0, 0, Some(0))];
        let hotel = HotelAnswers { hotel: 1, days, ..HotelAnswers::default() };
        let mut lines = Vec::new();
        daily_lines(&hotel, Day(0), |line| {
            lines.push(line);
            Ok(())
        })
        .expect("lines");
        assert_eq!(lines, ["H2,1970-01-02,2,0,0,0,0,0,1,2", "H2,1970-01-03,0,0,0,0,0,0,none,2", "H2,1970-01-04,0,0,0,0,2,0,0,0"]);
    }
}
