//! `GET /desk/rooms`: the rack. Every room, who is in it, and whether it can be given; what housekeeping reports is set here,
//! for one room with one press or for all that are marked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Form as Body, Router};
use contracts::stays::SetCondition;
use jiff::civil::Date;
use kit::told::Form;
use kit::{Frame, Front, Part, Said, Visit, page};
use pipeline::Role;
use serde::{Deserialize, Serialize};

use crate::desk::{self, Desk, silent};
use crate::known::{Hotel, Item, Items, Room, Rooms};
use crate::live::hub::Hubs;

/// Patience with names.
const NAMES: Duration = Duration::from_millis(300);
/// Rooms one command may speak of.
const ROOMS_MAX: usize = 500;
/// What can be asked to be shown only, with its mark and text.
const ONLY: [(&str, &str); 5] = [("dirty", "■"), ("clean", "□"), ("occupied", "●"), ("due-out", "→"), ("due-in", "◌")];

/// The routes of the rack.
pub fn routes() -> Router<Front> {
    Router::new().route("/desk/rooms", get(show)).route("/desk/rooms/condition", post(set))
}

/// Which rooms.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    only: Option<String>,
    #[serde(default, rename = "type")]
    room_type: Option<String>,
}

/// Who is in a room.
#[derive(Clone, Debug, Serialize)]
struct Guest {
    id: String,
    who: String,
    /// The day of departure, where it is known.
    until: Option<Date>,
    is_due_out: bool,
}

/// A room, or the head over those of one type and floor.
#[derive(Clone, Debug, Serialize)]
struct Row {
    room: String,
    room_type: String,
    floor: Option<i32>,
    is_clean: bool,
    guest: Option<Guest>,
    /// Whether the room is given to somebody who comes today.
    is_due_in: bool,
    /// The words over this row and those after it.
    head: Option<String>,
}

impl Row {
    fn is(&self, only: &str) -> bool {
        match only {
            "dirty" => self.guest.is_none() && !self.is_clean,
            "clean" => self.guest.is_none() && self.is_clean,
            "occupied" => self.guest.is_some(),
            "due-out" => self.guest.as_ref().is_some_and(|guest| guest.is_due_out),
            "due-in" => self.is_due_in,
            _ => true,
        }
    }
}

/// A link that shows some of the rooms; a number that is not known is none.
#[derive(Debug, Serialize)]
struct Choice {
    key: String,
    mark: &'static str,
    words: String,
    n: Option<usize>,
    href: String,
    is_here: bool,
}

#[derive(Template, Serialize)]
#[template(path = "rooms.html")]
struct Rack {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    counts: Vec<Choice>,
    types: Vec<Choice>,
    rows: Option<Vec<Row>>,
    missing: Vec<&'static str>,
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    back: String,
    #[serde(skip)]
    texts: String,
}

fn address(only: Option<&str>, room_type: Option<&str>) -> String {
    let pairs: Vec<(&str, &str)> = only.map(|only| ("only", only)).into_iter().chain(room_type.map(|t| ("type", t))).collect();
    if pairs.is_empty() { "/desk/rooms".into() } else { format!("/desk/rooms?{}", kit::login::query(&pairs)) }
}

/// The rooms with who is in them and who comes.
fn rows(
    rooms: Vec<Room>,
    inside: &BTreeMap<&str, &Item>,
    due_in: &BTreeSet<&str>,
    names: &BTreeMap<String, String>,
    today: Date,
) -> Vec<Row> {
    let guest = |stay: &String| {
        let item = inside.get(stay.as_str());
        let name = item.and_then(|item| item.guest.as_ref()).and_then(|guest| names.get(guest)).filter(|name| !name.is_empty());
        let number = item.and_then(|item| item.confirmation.clone());
        Guest {
            who: name.cloned().or(number).unwrap_or_else(|| stay.clone()),
            id: stay.clone(),
            until: item.map(|item| item.to),
            is_due_out: item.is_some_and(|item| item.to <= today),
        }
    };
    let mut rows: Vec<Row> = rooms
        .into_iter()
        .map(|room| Row {
            is_due_in: due_in.contains(room.room.as_str()),
            guest: room.occupied_by.as_ref().map(guest),
            is_clean: room.condition == "clean",
            floor: room.floor,
            room_type: room.room_type,
            room: room.room,
            head: None,
        })
        .collect();
    // Stable: inside a floor they stay in the order of their numbers.
    rows.sort_by(|a, b| (&a.room_type, a.floor).cmp(&(&b.room_type, b.floor)));
    rows
}

/// Puts a head over the first room of each type and floor.
fn headed(f: &Frame, hotel: &Hotel, rows: &mut [Row]) {
    let has_floors = rows.iter().any(|row| row.floor.is_some());
    let mut last: Option<(String, Option<i32>)> = None;
    for row in rows {
        let here = (row.room_type.clone(), row.floor);
        if last.as_ref() != Some(&here) {
            let name = hotel.name_of(&row.room_type);
            row.head = Some(match row.floor.filter(|_| has_floors) {
                Some(floor) => f.tab("rooms-head-floor", ("type", name), ("floor", floor.to_string())),
                None => name,
            });
            last = Some(here);
        }
    }
}

/// `GET /desk/rooms?only&type`.
pub async fn show(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Response {
    let desk = match Desk::open(&front, &visit, "rooms-title", "rooms").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let (ask, paths) = (desk.ask(), ["/rooms", "/in-house", "/arrivals", ""].map(|rest| desk.path(rest)));
    let (rooms, inside, coming, hotel): (Part<Rooms>, Part<Items>, Part<Items>, Part<Hotel>) =
        futures::join!(ask.get("stays", &paths[0]), ask.get("stays", &paths[1]), ask.get("stays", &paths[2]), ask.get("hotels", &paths[3]));
    let missing = silent([rooms.silent(), inside.silent(), coming.silent(), hotel.silent()]);
    let hotel = hotel.into_here().unwrap_or_default();
    let items = inside.here().map(|list| list.items.as_slice()).unwrap_or_default();
    let by_id: BTreeMap<&str, &Item> = items.iter().map(|item| (item.id.as_str(), item)).collect();
    let arrivals = coming.here().map(|list| list.items.as_slice()).unwrap_or_default();
    let due_in: BTreeSet<&str> = arrivals.iter().filter(|item| item.st == "confirmed" && item.assigned).filter_map(Item::room).collect();
    let joined = hubs.names.of(&front, items.iter().filter_map(|item| item.guest.as_deref()).collect(), NAMES).await;
    let all = rooms.into_here().map(|rooms| rows(rooms.items, &by_id, &due_in, &joined.names, desk.today()));

    let only = wanted.only.as_deref().filter(|only| ONLY.iter().any(|(known, _)| known == only));
    let codes: BTreeSet<&str> = all.iter().flatten().map(|row| row.room_type.as_str()).collect();
    let room_type = wanted.room_type.as_deref().filter(|code| codes.contains(code));
    let of_type = |row: &&Row| room_type.is_none_or(|code| row.room_type == code);
    let f = &desk.frame;
    let choice = |key: &str, mark, words: String, n, href, is_here| Choice { key: key.to_owned(), mark, words, n, href, is_here };
    let all_of = |wanted: &str| all.as_ref().map(|all| all.iter().filter(of_type).filter(|row| row.is(wanted)).count());
    // Who is due is not known without the lists, even where the rooms are.
    let known = |wanted: &str| match wanted {
        "due-out" => inside.here().and(all_of(wanted)),
        "due-in" => coming.here().and(all_of(wanted)),
        _ => all_of(wanted),
    };
    let mut counts = vec![choice("all", "", f.t("rooms-all"), all_of(""), address(None, room_type), only.is_none())];
    counts.extend(
        ONLY.iter().map(|(key, mark)| {
            choice(key, mark, f.t(format!("rooms-{key}")), known(key), address(Some(key), room_type), only == Some(key))
        }),
    );
    let mut types = vec![choice("*", "", f.t("rooms-all-types"), None, address(only, None), room_type.is_none())];
    types.extend(codes.iter().map(|code| choice(code, "", hotel.name_of(code), None, address(only, Some(code)), room_type == Some(code))));

    let shown = all.as_ref().map(|all| {
        let mut rows: Vec<Row> = all.iter().filter(of_type).filter(|row| row.is(only.unwrap_or_default())).cloned().collect();
        headed(f, &hotel, &mut rows);
        rows
    });
    let rack = Rack {
        counts,
        types,
        rows: shown,
        missing,
        key: front.token(),
        back: address(only, room_type),
        texts: crate::tape::words::block(&serde_json::json!({"unknown": f.t("rooms-unknown")})),
        hotel: desk.hotel.clone(),
        f: desk.frame.clone(),
    };
    page::show(&visit, &rack)
}

/// `POST /desk/rooms/condition`: `one=<room>.<condition>` for one room, or `condition` and each `room` that is marked.
pub async fn set(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Body(sent): Body<Vec<(String, String)>>,
) -> Response {
    if let Some(answer) = front.needs(&visit, Role::Desk) {
        return answer;
    }
    let of = |name: &str| sent.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let to = desk::back(Some(of("back")));
    let form = Form { front: &front, visit: &visit, sent: &sent, to: &to };
    let (rooms, condition): (Vec<String>, &str) = match of("one").rsplit_once('.') {
        Some((room, condition)) => (vec![room.to_owned()], condition),
        None => (sent.iter().filter(|(name, _)| name == "room").map(|(_, room)| room.clone()).collect(), of("condition")),
    };
    let (hotel, key) = (of("hotel").to_owned(), of("key").to_owned());
    let is_known = ["clean", "dirty"].contains(&condition);
    if rooms.is_empty() || rooms.len() > ROOMS_MAX || !is_known || !desk::is_key(&key) || !kernel::id::is_code(&hotel) {
        return form.lacks();
    }
    // The notice names the room, or how many.
    let what = if let [room] = rooms.as_slice() { room.clone() } else { rooms.len().to_string() };
    let did = format!("{}{condition}.{what}", if rooms.len() == 1 { "room-" } else { "rooms-" });
    let command = SetCondition { hotel: hotel.clone(), rooms, condition: condition.to_owned() };
    let said = front.ask_for(&visit).send(&command, &key).await;
    // Once the rack has it, all desks look, not at their next idle look.
    if let Said::Done(_, at) = &said {
        let _there: Part<Rooms> = front.ask_for(&visit).after(at).get("stays", &format!("/hotels/{hotel}/rooms")).await;
        if let Some(hub) = hubs.of(&hotel) {
            hub.stirred.notify_one();
        }
    }
    form.came(&did, said)
}
