//! Planned rows: a booking that has no room yet is drawn in the first row of its type that is free on all its nights, and
//! stays there until a guest or an assignment takes the row away. Then only what was displaced is placed anew. What fits no
//! row lies in the *over lane*; when a row becomes free, what fits now comes out of it.
//!
//! Which numbers of a type are taken in a night stands in one row (`tape_nights`), so that a free one is found by reading as
//! many rows as there are nights. Nights before the business date are nobody's concern and dropped at the day's roll.

use std::collections::{BTreeMap, BTreeSet};

use feed::Tx;
use feed::sql::{Cell, SqlFault};
use jiff::civil::Date;

use super::bar::{Bar, COLUMNS, State};
use crate::domain::rack::RoomNo;

/// Displaced bars that are placed anew by one change; more lie in the over lane.
const DISPLACED_MAX: usize = 8;
/// Bars that come out of the over lane by one change.
const FILLED_MAX: usize = 7;
/// The same when rooms are added, or taken away: rare, and many rows at once.
const ROOMS_MAX: usize = 500;

/// A row for some nights.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    room: RoomNo,
    from: Date,
    to: Date,
}

/// One change of a hotel's tape.
pub(super) struct Plan<'a, 'b> {
    tx: &'a Tx<'b>,
    hotel: String,
    /// The number of the last change; stored at the end.
    seq: i64,
    /// The business date, if there is one.
    today: Date,
    /// The numbers taken by type and night, as far as they were read.
    nights: BTreeMap<(String, Date), Vec<u32>>,
    /// Those that are not what was read.
    changed: BTreeSet<(String, Date)>,
    /// The numbers there are, as far as they were read.
    rooms: BTreeMap<String, Vec<u32>>,
    /// What has become free.
    freed: Vec<Place>,
}

impl<'a, 'b> Plan<'a, 'b> {
    /// A hotel's plan.
    pub fn open(tx: &'a Tx<'b>, hotel: &str) -> Result<Self, SqlFault> {
        let rows = tx.rows("SELECT seq, date FROM tape_hotels WHERE hotel = ?1", &[hotel.into()])?;
        let (seq, date) = rows.first().map_or((0, None), |row| (row[0].int(), row[1].some_text().and_then(|d| d.parse().ok())));
        Ok(Self {
            tx,
            hotel: hotel.to_owned(),
            seq,
            today: date.unwrap_or(Date::MIN),
            nights: BTreeMap::new(),
            changed: BTreeSet::new(),
            rooms: BTreeMap::new(),
            freed: Vec::new(),
        })
    }

    /// A bar becomes another one.
    pub fn change(tx: &'a Tx<'b>, old: Option<Bar>, new: Bar) -> Result<(), SqlFault> {
        if old.as_ref() == Some(&new) {
            return Ok(());
        }
        let mut plan = Self::open(tx, &new.hotel)?;
        plan.put(old, new)?;
        plan.close()
    }

    fn put(&mut self, old: Option<Bar>, mut new: Bar) -> Result<(), SqlFault> {
        new.planned = None;
        let before = old.as_ref().and_then(|bar| self.place(bar));
        let real = self.place(&new);
        let mut displaced = Vec::new();
        let stays = before.is_some() && before == real && old.as_ref().is_some_and(|bar| bar.real.is_some());
        if !stays {
            if let (Some(place), Some(bar)) = (before, &old) {
                self.release(place, bar)?;
            }
            if let Some(place) = real {
                displaced = self.seize(&place, &new.id)?;
            } else if new.state == State::Confirmed && new.real.is_none() {
                new.planned = self.plan(&new, old.as_ref().filter(|bar| bar.room_type == new.room_type).and_then(|bar| bar.planned))?;
            }
        }
        new.seq = self.next();
        new.store(self.tx, old.is_none())?;
        self.place_anew(displaced, DISPLACED_MAX)?;
        self.fill()
    }

    fn next(&mut self) -> i64 {
        self.seq += 1;
        self.seq
    }

    /// Where a bar keeps its row from now on.
    fn place(&self, bar: &Bar) -> Option<Place> {
        let room = bar.row().filter(|_| bar.state.is_live())?;
        let from = bar.arrival.max(self.today);
        (from < bar.departure).then_some(Place { room, from, to: bar.departure })
    }

    /// Reads which numbers are taken in these nights.
    fn read(&mut self, room_type: &str, from: Date, to: Date) -> Result<Vec<(String, Date)>, SqlFault> {
        let nights = from.series(jiff::Span::new().days(1)).take_while(|night| *night < to);
        let keys: Vec<(String, Date)> = nights.map(|night| (room_type.to_owned(), night)).collect();
        if keys.iter().any(|key| !self.nights.contains_key(key)) {
            let sql = "SELECT night, taken FROM tape_nights WHERE hotel = ?1 AND room_type = ?2 AND night >= ?3 AND night < ?4";
            for row in self.tx.rows(sql, &[self.hotel.as_str().into(), room_type.into(), from.into(), to.into()])? {
                let night = row[0].text().parse().map_err(|e: jiff::Error| SqlFault(e.to_string()))?;
                self.nights.entry((room_type.to_owned(), night)).or_insert_with(|| numbers_of(row[1].text()));
            }
        }
        for key in &keys {
            self.nights.entry(key.clone()).or_default();
        }
        Ok(keys)
    }

    fn set(&mut self, place: &Place, is_taken: bool) -> Result<(), SqlFault> {
        for key in self.read(&place.room.room_type, place.from, place.to)? {
            let Some(taken) = self.nights.get_mut(&key) else { continue };
            match (taken.binary_search(&place.room.number), is_taken) {
                (Err(at), true) => taken.insert(at, place.room.number),
                (Ok(at), false) => drop(taken.remove(at)),
                _ => continue,
            }
            self.changed.insert(key);
        }
        Ok(())
    }

    /// A bar leaves its row.
    fn release(&mut self, place: Place, bar: &Bar) -> Result<(), SqlFault> {
        self.set(&place, false)?;
        if bar.real.is_some() {
            // While one feed is behind the other, two may have been drawn over each other.
            let sql = "SELECT arrival, departure FROM tape
               WHERE live = 1 AND hotel = ?1 AND real_type = ?2 AND number = ?3 AND departure > ?4 AND arrival < ?5 AND id <> ?6";
            let number = i64::from(place.room.number).into();
            let room_type = place.room.room_type.as_str().into();
            let cells = [self.hotel.as_str().into(), room_type, number, place.from.into(), place.to.into(), bar.id.as_str().into()];
            for row in self.tx.rows(sql, &cells)? {
                let date = |cell: &Cell| cell.text().parse::<Date>().map_err(|e| SqlFault(e.to_string()));
                let both = Place { room: place.room.clone(), from: date(&row[0])?.max(place.from), to: date(&row[1])?.min(place.to) };
                self.set(&both, true)?;
            }
        }
        self.freed.push(place);
        Ok(())
    }

    /// A guest or an assignment takes a row; gives back who was planned there.
    fn seize(&mut self, place: &Place, id: &str) -> Result<Vec<Bar>, SqlFault> {
        let keys = self.read(&place.room.room_type, place.from, place.to)?;
        let number = place.room.number;
        let mut displaced = Vec::new();
        if keys.iter().any(|key| self.nights.get(key).is_some_and(|taken| taken.binary_search(&number).is_ok())) {
            displaced = self.planned(&place.room.room_type, (number, number), place.from, place.to)?;
            displaced.retain(|bar| bar.id != id);
            self.lift(&displaced)?;
        }
        self.set(place, true)?;
        Ok(displaced)
    }

    /// Who is planned in these rows in these nights, in the order of their arrival.
    fn planned(&self, room_type: &str, (first, last): (u32, u32), from: Date, to: Date) -> Result<Vec<Bar>, SqlFault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tape WHERE hotel = ?1 AND room_type = ?2 AND planned >= ?3 AND planned <= ?4 AND departure > ?5 AND arrival < ?6
             ORDER BY arrival, id"
        );
        let (first, last) = (i64::from(first).into(), i64::from(last).into());
        let rows = self.tx.rows(&sql, &[self.hotel.as_str().into(), room_type.into(), first, last, from.into(), to.into()])?;
        Ok(rows.iter().map(Bar::of_row).collect())
    }

    fn lift(&mut self, bars: &[Bar]) -> Result<(), SqlFault> {
        for bar in bars {
            if let Some(place) = self.place(bar) {
                self.release(place, bar)?;
            }
        }
        Ok(())
    }

    /// Places what was displaced.
    fn place_anew(&mut self, displaced: Vec<Bar>, most: usize) -> Result<(), SqlFault> {
        for (n, mut bar) in displaced.into_iter().enumerate() {
            bar.planned = if n < most { self.plan(&bar, None)? } else { None };
            bar.seq = self.next();
            bar.store_plan(self.tx)?;
        }
        Ok(())
    }

    /// A row for a bar: the one it had, if that is free on all its nights, or the first that is. It is taken then.
    fn plan(&mut self, bar: &Bar, had: Option<u32>) -> Result<Option<u32>, SqlFault> {
        let from = bar.arrival.max(self.today);
        let keys = self.read(&bar.room_type, from, bar.departure)?;
        if keys.is_empty() {
            return Ok(None);
        }
        self.read_rooms(&bar.room_type)?;
        let taken: Vec<&Vec<u32>> = keys.iter().filter_map(|key| self.nights.get(key)).collect();
        let is_free = |number: &&u32| taken.iter().all(|taken| taken.binary_search(number).is_err());
        let rooms = self.rooms.get(&bar.room_type).map_or(&[][..], Vec::as_slice);
        let kept = had.as_ref().filter(|number| rooms.binary_search(number).is_ok()).filter(is_free);
        let Some(number) = kept.or_else(|| rooms.iter().find(is_free)).copied() else { return Ok(None) };
        self.set(&Place { room: RoomNo { room_type: bar.room_type.clone(), number }, from, to: bar.departure }, true)?;
        Ok(Some(number))
    }

    /// Rows have become free: whoever lies in the over lane and fits now comes out of it.
    fn fill(&mut self) -> Result<(), SqlFault> {
        let mut left = FILLED_MAX;
        for free in std::mem::take(&mut self.freed) {
            if left == 0 {
                break;
            }
            left -= self.fill_nights(&free.room.room_type, free.from, free.to, left)?;
        }
        Ok(())
    }

    /// The same for these nights; gives how many have come.
    fn fill_nights(&mut self, room_type: &str, from: Date, to: Date, most: usize) -> Result<usize, SqlFault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tape WHERE live = 1 AND number IS NULL AND planned IS NULL AND hotel = ?1 AND room_type = ?2
             AND arrival < ?3 AND departure > ?4 ORDER BY arrival, id LIMIT ?5"
        );
        let cells = [self.hotel.as_str().into(), room_type.into(), to.into(), from.into(), (most as i64).into()];
        let mut come = 0;
        for mut bar in self.tx.rows(&sql, &cells)?.iter().map(Bar::of_row) {
            bar.planned = self.plan(&bar, None)?;
            if bar.planned.is_some() {
                bar.seq = self.next();
                bar.store_plan(self.tx)?;
                come += 1;
            }
        }
        Ok(come)
    }

    fn read_rooms(&mut self, room_type: &str) -> Result<(), SqlFault> {
        if !self.rooms.contains_key(room_type) {
            let sql = "SELECT rooms FROM tape_types WHERE hotel = ?1 AND room_type = ?2";
            let rows = self.tx.rows(sql, &[self.hotel.as_str().into(), room_type.into()])?;
            self.rooms.insert(room_type.to_owned(), rows.first().map(|row| numbers_of(row[0].text())).unwrap_or_default());
        }
        Ok(())
    }

    fn change_rooms(&mut self, room_type: &str, change: impl FnOnce(&mut BTreeSet<u32>)) -> Result<(), SqlFault> {
        self.read_rooms(room_type)?;
        let mut rooms: BTreeSet<u32> = self.rooms.get(room_type).into_iter().flatten().copied().collect();
        change(&mut rooms);
        let rooms: Vec<u32> = rooms.into_iter().collect();
        let cells = [self.hotel.as_str().into(), room_type.into(), text_of(&rooms).into()];
        self.rooms.insert(room_type.to_owned(), rooms);
        self.tx.run("INSERT OR REPLACE INTO tape_types VALUES(?1, ?2, ?3)", &cells)
    }

    /// There are more rooms.
    pub fn rooms_come(mut self, room_type: &str, first: u32, last: u32) -> Result<(), SqlFault> {
        self.change_rooms(room_type, |rooms| rooms.extend(first..=last))?;
        self.fill_nights(room_type, self.today, Date::MAX, ROOMS_MAX)?;
        self.close()
    }

    /// There are fewer: nobody new is drawn there.
    pub fn rooms_go(mut self, room_type: &str, first: u32, last: u32) -> Result<(), SqlFault> {
        self.change_rooms(room_type, |rooms| rooms.retain(|n| !(first..=last).contains(n)))?;
        let displaced = self.planned(room_type, (first, last), self.today, Date::MAX)?;
        self.lift(&displaced)?;
        // What is free here is nobody's.
        self.freed.clear();
        self.place_anew(displaced, ROOMS_MAX)?;
        self.close()
    }

    /// Writes what was counted.
    fn close(self) -> Result<(), SqlFault> {
        let row = |key: &(String, Date)| {
            let taken = self.nights.get(key).map(|taken| text_of(taken)).unwrap_or_default();
            vec![self.hotel.as_str().into(), key.0.as_str().into(), key.1.into(), taken.into()]
        };
        let nights: Vec<Vec<Cell>> = self.changed.iter().map(row).collect();
        self.tx.run_all("INSERT OR REPLACE INTO tape_nights", &nights, "")?;
        let sql = "INSERT INTO tape_hotels VALUES(?1, ?2, NULL, 0) ON CONFLICT(hotel) DO UPDATE SET seq = excluded.seq";
        self.tx.run(sql, &[self.hotel.as_str().into(), self.seq.into()])
    }
}

fn numbers_of(text: &str) -> Vec<u32> {
    text.split(' ').filter_map(|number| number.parse().ok()).collect()
}

fn text_of(numbers: &[u32]) -> String {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    words.join(" ")
}
