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
        let hotels: Part<Hotels> = ask.get("hotels", "/hotels").await;
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
}
