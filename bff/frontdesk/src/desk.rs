//! What every page of the desk has: somebody with the role, a hotel to work for, and its open date.

use axum::response::Response;
use jiff::civil::Date;
use kit::{Ask, Frame, Front, Part, Visit};
use pipeline::Role;
use serde::Deserialize;

/// A hotel's list entry.
#[derive(Clone, Debug, Deserialize)]
struct Line {
    hotel: String,
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Hotels {
    items: Vec<Line>,
}

/// A hotel's open day.
#[derive(Clone, Debug, Deserialize)]
pub struct Day {
    /// The open business date.
    pub business_date: Date,
    /// `open` or `auditing`.
    pub state: String,
    /// Stays in house.
    pub in_house: u32,
}

/// A desk at work.
pub struct Desk<'a> {
    /// The front end.
    pub front: &'a Front,
    /// Who looks.
    pub visit: &'a Visit,
    /// The hotel's code.
    pub hotel: String,
    /// The frame of the page.
    pub frame: Frame,
    /// The hotel's open day.
    pub day: Part<Day>,
}

impl<'a> Desk<'a> {
    /// A desk for one page; an answer instead when somebody has to log in, or there is no hotel.
    pub async fn open(front: &'a Front, visit: &'a Visit, title: &str, active: &'static str) -> Result<Desk<'a>, Response> {
        if let Some(answer) = front.needs(visit, Role::Desk) {
            return Err(answer);
        }
        let ask = front.ask_for(visit);
        let hotels: Part<Hotels> = ask.get_kept("hotels", "/hotels").await;
        let hotels: Vec<(String, String)> =
            hotels.into_here().map(|h| h.items.into_iter().map(|l| (l.hotel, l.name)).collect()).unwrap_or_default();
        let mine = visit.hotel.as_ref().and_then(|mine| hotels.iter().find(|(code, _)| code == mine)).or(hotels.first()).cloned();
        // Without the directory the last hotel is worked for under its code.
        let mine = mine.or_else(|| visit.hotel.clone().map(|code| (code.clone(), code)));
        let hotel = mine.as_ref().map(|(code, _)| code.clone()).unwrap_or_default();
        let day: Part<Day> = ask.get("stays", &format!("/hotels/{hotel}/business-day")).await;
        let mut frame = Frame::new(front, visit, title).in_part(active);
        frame.hotel = mine;
        frame.hotels = hotels;
        frame.business_date = day.here().map(|day| day.business_date);
        Ok(Desk { front, visit, hotel, frame, day })
    }

    /// Asks as whoever works here.
    pub fn ask(&self) -> Ask<'_> {
        self.front.ask_for(self.visit)
    }

    /// The open date; while it is not known, the date in the world's zone: a page has to begin somewhere.
    pub fn today(&self) -> Date {
        self.day.here().map_or_else(|| self.front.now().to_zoned(jiff::tz::TimeZone::UTC).date(), |day| day.business_date)
    }

    /// A path of this hotel.
    pub fn path(&self, rest: &str) -> String {
        format!("/hotels/{}{rest}", self.hotel)
    }
}

/// The services among these that do not answer, each once: what a page names above its parts.
pub fn silent<const N: usize>(parts: [Option<&'static str>; N]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = parts.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether a text is an id: it goes into addresses of services.
pub fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Whether a text is the key of a form: the steps of one press derive their keys from it.
pub fn is_key(key: &str) -> bool {
    (8..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A page of the desk to go back to; anything else is the start page.
pub fn back(wanted: Option<&str>) -> String {
    let inside = |to: &&str| {
        (*to == "/desk" || to.starts_with("/desk/") || to.starts_with("/desk?"))
            && to.len() <= 300
            && to.bytes().all(|b| b.is_ascii_graphic())
    };
    wanted.filter(inside).unwrap_or("/desk").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_leads_to_a_page_of_the_desk() {
        assert_eq!(back(Some("/desk/arrivals?type=A")), "/desk/arrivals?type=A");
        for bad in ["//evil.example", "/desktop", "https://evil.example", "/desk/\r\nx", "/ops", ""] {
            assert_eq!(back(Some(bad)), "/desk", "{bad}");
        }
        assert_eq!(back(None), "/desk");
    }

    #[test]
    fn a_silent_service_is_named_once() {
        assert_eq!(silent([Some("stays"), None, Some("guests"), Some("stays")]), ["guests", "stays"]);
    }
}
