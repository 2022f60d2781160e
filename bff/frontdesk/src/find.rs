//! `POST /desk/find`: who is meant by a number, a room or a name. What is typed may be a name, so it stands in no address: not in
//! this page's, and only what looks like a number goes into a question to stays. Names are compared here, with the names of
//! everybody who is in house or comes within the next weeks.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form as Body};
use kit::{Frame, Front, Part, Visit, page};
use serde::{Deserialize, Serialize};

use crate::desk::{self, Desk};
use crate::known::Item;
use crate::live::hub::Hubs;

/// Nights ahead in which names are looked for.
const NIGHTS: i32 = 31;
/// Patience with the names of guests.
const NAMES: Duration = Duration::from_millis(400);
/// Most that is shown.
const SHOWN_MAX: usize = 50;
/// Most that is told a script.
const TOLD_MAX: usize = 8;
/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 80;
/// Shortest.
const TEXT_MIN: usize = 2;

/// Somebody who was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Found {
    id: String,
    who: String,
    number: String,
    room: String,
    state: String,
    #[serde(skip)]
    item: Item,
    /// For the palette.
    text: String,
    href: String,
}

#[derive(Template, Serialize)]
#[template(path = "find.html")]
struct View {
    #[serde(skip)]
    f: Frame,
    /// What was typed: for the field on the page, for no other program.
    #[serde(skip)]
    q: String,
    items: Vec<Found>,
    is_more: bool,
    lacks_names: bool,
    silent: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Bars {
    bars: Vec<Item>,
}

#[derive(Deserialize)]
struct Items {
    items: Vec<Item>,
}

/// Letters and digits, small: how numbers and names are compared.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a text is a number of the house and no name: it has a digit, or is a whole confirmation number in capitals.
fn is_number(text: &str) -> bool {
    let capitals = |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_confirmation = text.split_once('-').is_some_and(|(a, b)| capitals(a) && capitals(b));
    let is_plain = (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_plain && (is_confirmation || text.bytes().any(|b| b.is_ascii_digit()))
}

/// Whether a name is meant: each word that was typed begins a word of the name.
fn is_named(name: &str, typed: &str) -> bool {
    let words: Vec<String> = name.split(|c: char| c.is_whitespace() || c == '-').map(plain).collect();
    let mut wanted = typed.split(|c: char| c.is_whitespace() || c == '-' || c == ',').map(plain).filter(|word| !word.is_empty()).peekable();
    wanted.peek().is_some() && wanted.all(|wanted| words.iter().any(|word| word.starts_with(&wanted)))
}

/// `GET /desk/find`: the empty form; a text in the address is not looked at.
pub async fn form(State(front): State<Front>, visit: Visit) -> Response {
    match Desk::open(&front, &visit, "find-title", "").await {
        Ok(desk) => show(desk, String::new(), Looked::default()),
        Err(answer) => answer,
    }
}

#[derive(Default)]
struct Looked {
    items: Vec<Found>,
    lacks_names: bool,
    silent: Vec<&'static str>,
}

/// `POST /desk/find`.
pub async fn find(
    State(front): State<Front>,
    Extension(hubs): Extension<Arc<Hubs>>,
    visit: Visit,
    Body(sent): Body<Vec<(String, String)>>,
) -> Response {
    let desk = match Desk::open(&front, &visit, "find-title", "").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    let q: String = sent.into_iter().find(|(name, _)| name == "q").map(|(_, q)| q).unwrap_or_default();
    let q: String = q.trim().chars().take(TEXT_MAX).collect();
    let looked = if plain(&q).chars().count() < TEXT_MIN { Looked::default() } else { look(&desk, &hubs, &q).await };
    show(desk, q, looked)
}

async fn look(desk: &Desk<'_>, hubs: &Hubs, q: &str) -> Looked {
    let ask = desk.ask();
    let (tape, by_number) = (desk.path(&format!("/tape?from={}&nights={NIGHTS}", desk.today())), desk.path(&format!("/tape/find?q={q}")));
    let numbered =
        async { if is_number(q) { ask.get::<Items>("stays", &by_number).await.map(|found| found.items) } else { Part::Here(Vec::new()) } };
    let (near, numbered) = futures::join!(ask.get::<Bars>("stays", &tape), numbered);
    let stays_is_silent = near.silent().or(numbered.silent());
    let near = near.into_here().map(|tape| tape.bars).unwrap_or_default();
    let mut found = numbered.into_here().unwrap_or_default();
    let is_exact: BTreeSet<String> = found.iter().map(|item| item.id.clone()).collect();
    let typed = plain(q);

    let guests: BTreeSet<&str> = near.iter().chain(&found).filter_map(|item| item.guest.as_deref()).collect();
    let joined = hubs.names.of(desk.front, guests, NAMES).await;
    let name = |item: &Item| item.guest.as_ref().and_then(|guest| joined.names.get(guest)).filter(|name| !name.is_empty()).cloned();
    let is_meant = |item: &Item| {
        item.confirmation.as_deref().is_some_and(|number| plain(number).starts_with(&typed))
            || name(item).is_some_and(|name| is_named(&name, q))
    };
    let mut rest: Vec<Item> = near.into_iter().filter(|item| !is_exact.contains(&item.id) && is_meant(item)).collect();
    // Who is here first, then who comes next.
    rest.sort_by(|a, b| (a.st != "in_house", a.from, &a.id).cmp(&(b.st != "in_house", b.from, &b.id)));
    found.extend(rest);
    let items = found.into_iter().map(|item| told(&desk.frame, item.clone(), name(&item))).collect();
    let lacks_names = !joined.is_all;
    Looked { items, lacks_names, silent: desk::silent([stays_is_silent, desk.day.silent(), lacks_names.then_some("guests")]) }
}

fn told(f: &Frame, item: Item, name: Option<String>) -> Found {
    let number = item.confirmation.clone().unwrap_or_else(|| item.id.clone());
    let who = name.unwrap_or_else(|| number.clone());
    let room = item.room().map_or_else(|| item.room_type.clone(), str::to_owned);
    let text = format!("{who} · {number} · {room} · {} · {}", f.span(&item.from, &item.to), f.t(format!("state-{}", item.st)));
    let href = format!("/desk/r/{}", item.id);
    Found { id: item.id.clone(), who, number, room, state: item.st.clone(), text, href, item }
}

fn show(desk: Desk<'_>, q: String, looked: Looked) -> Response {
    let visit = desk.visit;
    let Looked { mut items, lacks_names, silent } = looked;
    let most = if visit.wants_json { TOLD_MAX } else { SHOWN_MAX };
    let is_more = items.len() > most;
    items.truncate(most);
    page::show(visit, &View { f: desk.frame, q, items, is_more, lacks_names, silent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_a_number() {
        for number in ["A-14", "a14", "PH3K", "7K2M-9Q", "QJKL-ABCD", "H1-000001"] {
            assert!(is_number(number), "{number}");
        }
        for name in ["Silva", "Anne-Mary", "Meyer-Smith", "QJKL", "Ana 2 Silva", "ö1", "a/1", ""] {
            assert!(!is_number(name), "{name}");
        }
    }

    #[test]
    fn each_word_begins_a_word_of_the_name() {
        for typed in ["sil", "Silva A", "a silva", "SILVA, a", "silva-a"] {
            assert!(is_named("Silva A", typed), "{typed}");
        }
        for typed in ["ilva", "silvan", "silva b", " ", "-"] {
            assert!(!is_named("Silva A", typed), "{typed}");
        }
        assert!(is_named("Ömer", "öm"));
    }
}
