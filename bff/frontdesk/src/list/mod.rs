//! `GET /desk/arrivals`, `/desk/in-house`, `/desk/departures`: one page in three kinds, over what stays lists.

mod row;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use fluent_bundle::FluentValue;
use jiff::civil::Date;
use kit::{Frame, Front, Part, Visit, page};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::row::{Around, Row};
use crate::desk::{Desk, silent};
use crate::known::{Hotel, Item, Items, Rooms};
use crate::live::hub::Hubs;

/// Patience with names: numbers stand in for what comes later.
const NAMES: Duration = Duration::from_millis(300);
/// Texts the page's script says, with what is put into them.
const TEXTS: &[(&str, &[&str])] = &[
    ("ask-check-in", &["who", "n"]),
    ("ask-check-out", &["who", "room"]),
    ("confirm-hint", &[]),
    ("check-in", &[]),
    ("check-out", &[]),
    ("key-check-in", &[]),
    ("key-check-out", &[]),
    ("key-mark", &[]),
    ("key-filter", &[]),
    ("leave", &[]),
    ("new-one", &[]),
    ("new-many", &["n"]),
    ("marked", &["n"]),
    ("many-check-in", &["n"]),
    ("many-check-out", &["n"]),
    ("many-came", &["done", "n"]),
    ("sending", &[]),
    ("unknown-who", &["who"]),
    ("unknown-yet", &[]),
    ("shown", &["n"]),
];

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Who comes today.
    Arrivals,
    /// Who is here.
    InHouse,
    /// Who leaves today.
    Departures,
}

impl Kind {
    /// The last part of its address, and of the keys of its texts.
    fn name(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::InHouse => "in-house",
            Self::Departures => "departures",
        }
    }
}

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    show: String,
    #[serde(rename = "type")]
    room_type: String,
    ready: String,
    sort: String,
}

/// How many there are of each kind, before `show` chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
struct Counts {
    due: usize,
    done: usize,
    all: usize,
}

#[derive(Template, Serialize)]
#[template(path = "list.html")]
struct List {
    #[serde(skip)]
    f: Frame,
    kind: Kind,
    hotel: String,
    business_date: Option<Date>,
    show: &'static str,
    room_type: String,
    ready: bool,
    by_room: bool,
    counts: Counts,
    /// The types there are rows of: code and name.
    types: Vec<(String, String)>,
    rows: Vec<Row>,
    /// The first row that asks for something: its button is the page's.
    first: Option<String>,
    /// The day is being closed: nobody is checked in or out.
    is_auditing: bool,
    is_all_named: bool,
    missing: Vec<&'static str>,
    /// Whether there is a list at all.
    is_known: bool,
    #[serde(skip)]
    as_of: String,
    #[serde(skip)]
    texts: String,
}

impl List {
    /// The address of this list with another choice of what is shown.
    fn showing(&self, show: &str) -> String {
        let mut path = format!("/desk/{}?show={show}", self.kind.name());
        for (name, value) in [("type", self.room_type.as_str()), ("ready", if self.ready { "1" } else { "" })] {
            if !value.is_empty() {
                path.push_str(&format!("&{name}={value}"));
            }
        }
        if self.by_room {
            path.push_str("&sort=room");
        }
        path
    }

    fn count(&self, show: &str) -> usize {
        match show {
            "due" => self.counts.due,
            "done" => self.counts.done,
            _ => self.counts.all,
        }
    }
}

/// Which rows are shown, in order; and how many there are of each kind.
fn chosen(rows: Vec<Row>, show: &str, room_type: &str, ready: bool, by_room: bool) -> (Vec<Row>, Counts) {
    let fits = |row: &Row| (room_type.is_empty() || row.room_type == room_type) && (!ready || !row.offers.is_empty());
    let mut rows: Vec<Row> = rows.into_iter().filter(fits).collect();
    let due = rows.iter().filter(|row| row.look.is_due()).count();
    let counts = Counts { due, done: rows.len() - due, all: rows.len() };
    rows.retain(|row| match show {
        "due" => row.look.is_due(),
        "done" => !row.look.is_due(),
        _ => true,
    });
    match by_room {
        true => rows.sort_by(|a, b| a.order_of_rooms().cmp(&b.order_of_rooms())),
        false => rows.sort_by(|a, b| a.order().cmp(&b.order())),
    }
    (rows, counts)
}

/// The items of a list. Who should have left before today stands among the departures as well.
async fn items(desk: &Desk<'_>, kind: Kind) -> Part<Items> {
    let (ask, path) = (desk.ask(), desk.path(&format!("/{}", kind.name())));
    if kind != Kind::Departures {
        return ask.get("stays", &path).await;
    }
    let here_path = desk.path("/in-house");
    let (leaving, here): (Part<Items>, Part<Items>) = futures::join!(ask.get("stays", &path), ask.get("stays", &here_path));
    let overdue: Vec<Item> = here.into_here().into_iter().flat_map(|here| here.items).collect();
    leaving.map(|mut all| {
        let today = all.business_date;
        all.items.extend(overdue.into_iter().filter(|item| item.to < today));
        all
    })
}

fn texts(f: &Frame) -> String {
    let say = |(name, holes): &(&str, &[&str])| {
        let holes: Vec<(&str, FluentValue<'_>)> = holes.iter().map(|hole| (*hole, format!("{{{hole}}}").into())).collect();
        ((*name).to_owned(), Value::String(f.tx(format!("list-{name}"), &holes)))
    };
    // It stands in a script element, which nothing in it may end.
    Value::Object(TEXTS.iter().map(say).collect::<Map<_, _>>()).to_string().replace('<', "\\u003c")
}

async fn list(front: &Front, visit: &Visit, hubs: &Hubs, asked: &Asked, kind: Kind) -> Response {
    let desk = match Desk::open(front, visit, &format!("list-title-{}", kind.name()), kind.name()).await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let ask = desk.ask();
    let paths = (desk.path("/rooms"), desk.path(""));
    let (all, rooms, hotel): (Part<Items>, Part<Rooms>, Part<Hotel>) =
        futures::join!(items(&desk, kind), ask.get("stays", &paths.0), ask.get("hotels", &paths.1));
    let mut missing = silent([all.silent(), rooms.silent(), hotel.silent(), desk.day.silent()]);
    let is_known = all.here().is_some();
    let business_date = all.here().map(|all| all.business_date).or(desk.day.here().map(|day| day.business_date));
    let today = business_date.unwrap_or_else(|| desk.today());
    let items = all.into_here().map(|all| all.items).unwrap_or_default();
    let (rooms, hotel) = (rooms.into_here().map(|rooms| rooms.items).unwrap_or_default(), hotel.into_here().unwrap_or_default());
    let guests: BTreeSet<&str> = items.iter().filter_map(|item| item.guest.as_deref()).collect();
    let joined = hubs.names.of(front, guests, NAMES).await;
    if !joined.is_all {
        missing.push("guests");
    }
    let token = front.token();
    let around = Around { kind, today, names: &joined.names, hotel: &hotel, rooms: &rooms, token: &token };
    let rows: Vec<Row> = items.into_iter().map(|item| Row::of(item, &around)).collect();
    let codes: BTreeSet<&String> = rows.iter().map(|row| &row.room_type).collect();
    let types: Vec<(String, String)> = codes.into_iter().map(|code| (code.clone(), hotel.name_of(code))).collect();
    let usual = if kind == Kind::InHouse { "all" } else { "due" };
    let show = ["due", "done", "all"].into_iter().find(|show| *show == asked.show).unwrap_or(usual);
    let room_type = if types.iter().any(|(code, _)| *code == asked.room_type) { asked.room_type.clone() } else { String::new() };
    let (ready, by_room) = (asked.ready == "1" && kind == Kind::Arrivals, asked.sort == "room");
    let (rows, counts) = chosen(rows, show, &room_type, ready, by_room);
    let is_auditing = desk.day.here().is_some_and(|day| day.state == "auditing");
    let page = List {
        first: rows.iter().find(|row| row.verb.is_some()).map(|row| row.id.clone()),
        as_of: desk.frame.words().moment(front.now(), &hotel.zone()),
        texts: texts(&desk.frame),
        f: desk.frame,
        kind,
        hotel: desk.hotel,
        business_date,
        show,
        room_type,
        ready,
        by_room,
        counts,
        types,
        rows,
        is_auditing,
        is_all_named: joined.is_all,
        missing,
        is_known,
    };
    page::show(visit, &page)
}

/// The three lists.
pub fn routes() -> Router<Front> {
    let of = |kind: Kind| {
        get(move |State(front): State<Front>, Extension(hubs): Extension<Arc<Hubs>>, visit: Visit, Query(asked): Query<Asked>| async move {
            list(&front, &visit, &hubs, &asked, kind).await
        })
    };
    Router::new()
        .route("/desk/arrivals", of(Kind::Arrivals))
        .route("/desk/in-house", of(Kind::InHouse))
        .route("/desk/departures", of(Kind::Departures))
}
