//! A bar of the tape: as stays says it, and as desks are told.

use jiff::civil::Date;
use kernel::Money;
use serde::{Deserialize, Serialize};

/// A bar as stays says it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Bar {
    /// The reservation.
    pub id: String,
    /// The change that made it what it is.
    pub v: u64,
    /// The room it is drawn in; none: the over lane.
    #[serde(default)]
    pub row: Option<String>,
    /// Whether that is a picture only.
    #[serde(default)]
    pub planned: bool,
    /// The type to occupy.
    pub room_type: String,
    /// The type sold.
    pub sold_as: String,
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
    /// `confirmed`, `in_house` or `checked_out`.
    pub st: String,
    /// Whether the room must not be taken away.
    #[serde(default)]
    pub locked: bool,
    /// Whether the room was given before arrival.
    #[serde(default)]
    pub assigned: bool,
    /// The number a guest is told.
    #[serde(default)]
    pub confirmation: Option<String>,
    /// The guest by reference.
    #[serde(default)]
    pub guest: Option<String>,
    /// Price of a night.
    #[serde(default)]
    pub price: Option<Money>,
}

/// A bar that has changed, or is gone.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Change {
    /// Its present state.
    Bar(Box<Bar>),
    /// Nothing is drawn any more.
    Gone(Gone),
}

/// A bar that is gone.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Gone {
    /// The reservation.
    pub id: String,
    /// The change that took it away.
    pub v: u64,
    /// `cancelled` or `no_show`.
    #[serde(rename(serialize = "why"))]
    pub gone: String,
}

/// What stays answers when it is asked for changes.
#[derive(Clone, Debug, Deserialize)]
pub struct Changes {
    /// Where the numbers come from; of another epoch they mean nothing.
    pub epoch: String,
    /// The last change.
    pub seq: u64,
    /// There is too much to tell: fetch the whole.
    #[serde(default)]
    pub reset: bool,
    /// Rows in their present state, oldest change first.
    #[serde(default)]
    pub changes: Vec<Change>,
}

/// Marks of a bar, in the bits of one number: planned 1, assigned 2, locked 4.
pub fn flags(bar: &Bar) -> u8 {
    u8::from(bar.planned) | u8::from(bar.assigned) << 1 | u8::from(bar.locked) << 2
}

/// A state as one digit: confirmed 0, in house 1, gone as it should be 2.
pub fn state(bar: &Bar) -> u8 {
    match bar.st.as_str() {
        "in_house" => 1,
        "checked_out" => 2,
        _ => 0,
    }
}

/// A bar as desks are told.
#[derive(Debug, Serialize)]
pub struct Told<'a> {
    id: &'a str,
    v: u64,
    row: Option<&'a str>,
    #[serde(rename = "type")]
    room_type: &'a str,
    sold: &'a str,
    from: Date,
    to: Date,
    st: u8,
    fl: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conf: Option<&'a str>,
    price: i64,
}

/// A bar with the name of its guest, if it is known.
pub fn told<'a>(bar: &'a Bar, name: Option<&'a str>) -> Told<'a> {
    Told {
        id: &bar.id,
        v: bar.v,
        row: bar.row.as_deref(),
        room_type: &bar.room_type,
        sold: &bar.sold_as,
        from: bar.from,
        to: bar.to,
        st: state(bar),
        fl: flags(bar),
        name,
        conf: bar.confirmation.as_deref(),
        price: bar.price.map_or(0, |price| price.amount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_bar_or_says_that_it_is_gone() {
        let text = r#"{"epoch":"e","seq":9,"changes":[{"id":"res_1","v":8,"gone":"cancelled"},
            {"id":"res_2","v":9,"row":"A-1","planned":true,"room_type":"A","sold_as":"A","from":"2027-03-01","to":"2027-03-04","st":"in_house",
             "locked":true,"guests":[2,0,0],"price":{"amount":9800,"currency":"EUR"},"confirmation":"PH-1"}]}"#;
        let said: Changes = serde_json::from_str(text).expect("readable");
        let [Change::Gone(gone), Change::Bar(bar)] = said.changes.as_slice() else { panic!("{said:?}") };
        assert_eq!((gone.id.as_str(), gone.gone.as_str(), said.reset), ("res_1", "cancelled", false));
        let told = serde_json::to_string(&told(bar, Some("Silva A"))).expect("written");
        assert_eq!(
            told,
            r#"{"id":"res_2","v":9,"row":"A-1","type":"A","sold":"A","from":"2027-03-01","to":"2027-03-04","st":1,"fl":5,"name":"Silva A","conf":"PH-1","price":9800}"#
        );
        assert!(told.len() <= 400);
    }
}
