//! What `docs/archive-queries.md` asks of an archive is run, and says what the page shows and what the house says.

use std::io::Write;
use std::process::Stdio;

use archive::open_with;
use posthouse::archive::work::{self, Places, Stores};
use serde_json::{Value, json};
use testkit::clouds::Cloud;
use testkit::tools;

use crate::support::{Guest, booking, json_of, root, status};

const PAGE: &str = "docs/archive-queries.md";
const RESERVATIONS: &str = "/api/reservations/v1/hotels/H/reservations";

/// Rows of texts; the first row has the names of the columns.
type Table = Vec<Vec<String>>;

/// A block of the page, and the table below it if there is one.
struct Block {
    language: &'static str,
    text: String,
    table: Option<Table>,
}

fn blocks() -> Vec<Block> {
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let (mut all, mut rest) = (Vec::new(), page.as_str());
    while let Some((_, begun)) = rest.split_once("```") {
        let (block, after) = begun.split_once("```").expect("a block ends");
        let (language, text) = block.split_once('\n').expect("a block has lines");
        if let Some(language) = ["sql", "python"].into_iter().find(|known| *known == language) {
            let lines: Vec<&str> = after.trim_start().lines().take_while(|line| line.starts_with('|')).collect();
            let cells = |line: &&str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            let rows = lines.iter().enumerate().filter(|(n, _)| *n != 1).map(|(_, line)| cells(line));
            let table = (!lines.is_empty()).then(|| rows.collect());
            all.push(Block { language, text: text.to_owned(), table });
        }
        rest = after;
    }
    all
}

/// The story that the page tells: three days of a hotel.
async fn three_days(g: &Guest) {
    let says = async |path: &str, key: &str, body: Value| {
        let answer = g.post(path, key, &body).await;
        assert!([200, 201].contains(&status(&answer)), "{path}: {:?}", answer.body());
        json_of(&answer)
    };
    let book = async |n: u32, room_type: &str, arrival: &str, departure: &str| {
        let mut body = booking(room_type, &format!("2030-01-{arrival}"), &format!("2030-01-{departure}"), "tok_ok");
        body["reference"] = json!(format!("EXP-100{n}"));
        let booked = says(RESERVATIONS, &format!("b{n}"), body).await;
        format!("{RESERVATIONS}/{}", booked["reservation"].as_str().expect("an id"))
    };
    let arrives = async |at: &str| {
        says("/api/stays/v1/hotels/H/stays", &format!("i{at}"), json!({"reservation": at.rsplit('/').next()})).await;
    };
    let close = async |date: &str| says("/api/stays/v1/hotels/H/business-day/closings", date, json!({"date": date})).await;

    let limits = json!({"limits": [{"room_type": "*", "limit": 8}, {"room_type": "A", "limit": 5}, {"room_type": "B", "limit": 4}], "reason": "a test"});
    says("/api/inventory/v1/hotels/H/limits", "more", limits).await;
    let one = book(1, "A", "02", "05").await;
    let two = book(2, "A", "03", "04").await;
    let three = book(3, "B", "03", "06").await;
    let four = book(4, "A", "04", "05").await;
    close("2030-01-01").await;
    let five = book(5, "A", "03", "05").await;
    let six = book(6, "B", "03", "04").await;
    says(&format!("{two}/cancellation"), "c2", json!({"reason": "the flight is cancelled"})).await;
    let earlier = json!({"arrival": "2030-01-03", "departure": "2030-01-05", "price": {"amount": 9_000, "currency": "EUR"}, "reason": "an earlier train"});
    says(&format!("{four}/amendment"), "a4", earlier).await;
    arrives(&one).await;
    close("2030-01-02").await;
    book(7, "A", "03", "04").await;
    says(&format!("{five}/type-change"), "t5", json!({"room_type": "B", "reason": "upgrade"})).await;
    says(&format!("{six}/cancellation"), "c6", json!({"reason": "another hotel"})).await;
    arrives(&three).await;
    arrives(&four).await;
}

/// Runs the page's blocks in a folder with an `archive` in it.
fn shown(all: &[Block], folder: &std::path::Path, clouds: &[&Cloud]) -> Vec<Option<Table>> {
    let mut command = tools::python();
    command.arg(tools::script("page.py")).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    for cloud in clouds {
        command.envs(cloud.variables.clone());
    }
    let mut python = command.spawn().expect("Python starts");
    let texts: Vec<[&str; 2]> = all.iter().map(|block| [block.language, block.text.as_str()]).collect();
    python.stdin.take().expect("a pipe").write_all(json!(texts).to_string().as_bytes()).expect("written");
    let done = python.wait_with_output().expect("an end");
    assert!(done.status.success(), "see the words above");
    serde_json::from_slice(&done.stdout).expect("tables")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_archive_says_what_the_page_shows_and_what_the_house_says() {
    let g = Guest::start().await;
    g.hotel().await;
    three_days(&g).await;
    let (azure, s3, folder) = (Cloud::azure(), Cloud::s3(), tempfile::tempdir().expect("a folder"));
    let places = [&azure, &s3].map(|cloud| open_with(&cloud.url, &cloud.variables).expect("a place"));
    let file = archive::open(&format!("file://{}/archive", folder.path().display())).expect("a place");
    let places = Places(places.into_iter().chain([file]).collect());
    let (stores, signer) = (Stores::of(g.data(), None).expect("stores"), work::signer(&g.data().join(work::KEY)).expect("a key"));
    work::run(&stores, &places, &signer, "eu", false, &mut |_, _| {}).await.and_then(work::Done::whole).expect("archived");

    let all = blocks();
    let shown = shown(&all, folder.path(), &[&azure, &s3]);
    for (block, shown) in all.iter().zip(&shown) {
        assert_eq!(shown, &block.table, "{}", block.text);
    }
    // What the page shows now comes from the archive; the house says the same, table by table.
    let tables: Vec<Table> = shown.into_iter().flatten().collect();
    let [types, occupancy, earlier, pickup, made, cancelled, days, story, in_s3, in_azure] = &tables[..] else {
        panic!("the page has {} tables: the house is to be asked about each", tables.len())
    };
    let house = Asked::of(&g).await;
    assert_eq!(columns(types, &["type", "events"]), house.types());
    assert_eq!([columns(in_s3, &["type", "events"]), columns(in_azure, &["type", "events"])], [house.types(), house.types()]);
    assert_eq!(columns(occupancy, &["night", "sold"]), books(&g, "").await);
    assert_eq!(columns(occupancy, &["night", "a", "b"]), by_type(&g, occupancy).await);
    assert_eq!(columns(earlier, &["night", "sold"]), books(&g, "&as_of=date:2030-01-01").await);
    for row in columns(pickup, &["on_day", "on_the_books"]) {
        let then = books(&g, &format!("&as_of=date:{}", row[0])).await;
        assert!(then.contains(&vec!["2030-01-03".to_owned(), row[1].clone()]), "{row:?}: {then:?}");
    }
    assert_eq!(house.made(made), made[1..]);
    assert_eq!(columns(cancelled, &["cancelled_on", "reason"]), house.cancelled());
    let said = json_of(&g.get("/api/reservations/v1/hotels/H/days").await);
    assert_eq!(columns(days, &["business_date", "booked", "cancelled"]), texts(&said["days"], &["date", "booked", "cancelled"]));
    let told: Table =
        columns(story, &["service", "type"]).into_iter().filter(|row| row[0] == "reservations").map(|row| row[1..].to_vec()).collect();
    assert_eq!(told, house.story("EXP-1004"));
    g.house.stop().await;
}

/// Some columns of a table, without their names.
fn columns(table: &Table, names: &[&str]) -> Table {
    let at = |name: &&str| table[0].iter().position(|of| of == name).unwrap_or_else(|| panic!("{name} is not in {:?}", table[0]));
    let at: Vec<usize> = names.iter().map(at).collect();
    table[1..].iter().map(|row| at.iter().map(|n| row[*n].clone()).collect()).collect()
}

/// Some fields of a list of objects.
fn texts(list: &Value, names: &[&str]) -> Table {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list.as_array().expect("a list").iter().map(|one| names.iter().map(|name| text(&one[*name])).collect()).collect()
}

/// What is on the books, night by night.
async fn books(g: &Guest, query: &str) -> Table {
    let said = json_of(&g.get(&format!("/api/inventory/v1/hotels/H/on-the-books?from=2030-01-01{query}")).await);
    texts(&said["nights"], &["night", "sold"])
}

/// The nights of a table as availability has them, by type; nothing sold is no sum.
async fn by_type(g: &Guest, occupancy: &Table) -> Table {
    let said = json_of(&g.get("/api/inventory/v1/hotels/H/availability?from=2030-01-01&to=2030-01-10").await);
    let sold = |night: &Value, name: &str| {
        let all = night["types"].as_array().expect("types");
        let sold = all.iter().find(|one| one["room_type"] == name).and_then(|one| one["sold"].as_i64()).expect("a number");
        if sold == 0 { String::new() } else { sold.to_string() }
    };
    let nights = said["nights"].as_array().expect("nights");
    let row = |night: &Value| vec![night["night"].as_str().expect("a date").to_owned(), sold(night, "A"), sold(night, "B")];
    let wanted = columns(occupancy, &["night"]).concat();
    nights.iter().map(row).filter(|row| wanted.contains(&row[0])).collect()
}

/// The history of each reservation, as the house tells it.
struct Asked(Vec<Vec<Value>>);

impl Asked {
    async fn of(g: &Guest) -> Self {
        let listed = json_of(&g.get(RESERVATIONS).await);
        let mut all = Vec::new();
        for id in texts(&listed["items"], &["reservation"]).concat() {
            let said = json_of(&g.get(&format!("/api/reservations/v1/history?streams=reservation/{id}&partition=H")).await);
            all.push(said["items"].as_array().expect("items").clone());
        }
        assert_eq!(all.len(), 7);
        Self(all)
    }

    fn of_name<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().flatten().filter(move |item| item["name"] == name)
    }

    fn types(&self) -> Table {
        let mut counts = std::collections::BTreeMap::new();
        self.0.iter().flatten().for_each(|item| *counts.entry(item["name"].as_str().expect("a name")).or_insert(0) += 1);
        counts.into_iter().map(|(name, count)| vec![name.to_owned(), count.to_string()]).collect()
    }

    /// Bookings by the day they were made on and by arrival, for the days and arrivals of a table.
    fn made(&self, table: &Table) -> Table {
        let count = |on: &str, arrival: &str| {
            let of = |item: &&Value| item["business_date"] == on && item["data"]["arrival"] == arrival;
            self.of_name("Booked").filter(of).count().to_string()
        };
        let row =
            |row: &Vec<String>| [row[0].clone()].into_iter().chain(table[0][1..].iter().map(|arrival| count(&row[0], arrival))).collect();
        table[1..].iter().map(row).collect()
    }

    fn cancelled(&self) -> Table {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let mut all: Table =
            self.of_name("Cancelled").map(|item| vec![text(&item["business_date"]), text(&item["data"]["reason"])]).collect();
        all.sort();
        all
    }

    /// What has happened to the reservation with a booker's number.
    fn story(&self, reference: &str) -> Table {
        let is_it = |items: &&Vec<Value>| items.iter().any(|item| item["data"]["reference"] == reference);
        let items = self.0.iter().find(is_it).expect("one");
        items.iter().map(|item| vec![item["name"].as_str().expect("a name").to_owned()]).collect()
    }
}
