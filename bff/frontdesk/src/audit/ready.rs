//! What is left before the day can be closed: who should have come, who should have gone, and whether the rooms that are sold
//! are the rooms with somebody in them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use kit::Frame;
use serde::Serialize;

use crate::desk::{self, Desk};
use crate::known::{Availability, Due, HouseStatus, Item, Items};
use crate::live::hub::Hubs;

/// Patience with the names of guests.
const NAMES: Duration = Duration::from_millis(300);

/// A stay that is left.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The reservation.
    pub id: String,
    /// The guest's name; their number while that is not known.
    pub who: String,
    /// The number a guest is told.
    pub number: String,
    /// The room, or the type while there is none.
    pub room: String,
    /// First night.
    pub from: Date,
    /// Day of departure.
    pub to: Date,
    /// Nights.
    pub nights: i32,
    /// What backs it: `card`, `direct-bill`, `prepaid`.
    pub guarantee: String,
    /// Whether it should have gone before today.
    pub is_late: bool,
}

/// The lists.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Left {
    /// Who should have come; nothing when nobody tells.
    pub arriving: Option<Vec<Line>>,
    /// Who should have gone.
    pub leaving: Option<Vec<Line>>,
    /// Whether the names could not all be told.
    pub lacks_names: bool,
}

/// What is left, and whether the day may be closed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ready {
    /// Arrivals left and done.
    pub arrivals: Option<Due>,
    /// Departures left and done.
    pub departures: Option<Due>,
    /// Rooms with somebody in them.
    pub occupied: Option<i64>,
    /// Rooms sold for the night.
    pub sold: Option<i64>,
    /// The lists.
    pub left: Left,
    /// Why the day cannot be closed yet, in words.
    pub reasons: Vec<String>,
    /// Services that do not answer.
    #[serde(skip)]
    pub silent: Vec<&'static str>,
}

impl Left {
    /// The lists of a hotel, with names.
    pub async fn of(desk: &Desk<'_>, hubs: &Hubs) -> (Self, Option<&'static str>) {
        let ask = desk.ask();
        let (arrivals, in_house) = (desk.path("/arrivals"), desk.path("/in-house"));
        let (arrivals, in_house) = futures::join!(ask.get::<Items>("stays", &arrivals), ask.get::<Items>("stays", &in_house));
        let silent = arrivals.silent().or(in_house.silent());
        let coming =
            arrivals.into_here().map(|all| (all.items.into_iter().filter(|item| item.st == "confirmed").collect(), all.business_date));
        let going = in_house.into_here().map(|all| {
            let today = all.business_date;
            (all.items.into_iter().filter(|item| item.to <= today).collect(), today)
        });
        let both: [&Option<(Vec<Item>, Date)>; 2] = [&coming, &going];
        let items = || both.into_iter().flatten().flat_map(|(items, _)| items);
        let guests: BTreeSet<&str> = items().filter_map(|item| item.guest.as_deref()).collect();
        let joined = hubs.names.of(desk.front, guests, NAMES).await;
        let lacks_names = !joined.is_all;
        let lines = |list: Option<(Vec<Item>, Date)>| {
            list.map(|(items, today)| {
                let mut lines: Vec<Line> = items.iter().map(|item| line(item, today, &joined.names)).collect();
                lines.sort_by(|a, b| (!a.is_late, &a.who, &a.id).cmp(&(!b.is_late, &b.who, &b.id)));
                lines
            })
        };
        (Self { arriving: lines(coming), leaving: lines(going), lacks_names }, silent)
    }

    /// A stay of the lists.
    pub fn line(&self, id: &str) -> Option<&Line> {
        [&self.arriving, &self.leaving].into_iter().flatten().flatten().find(|line| line.id == id)
    }
}

fn line(item: &Item, today: Date, names: &BTreeMap<String, String>) -> Line {
    let number = item.confirmation.clone().unwrap_or_else(|| item.id.clone());
    let name = item.guest.as_ref().and_then(|guest| names.get(guest)).filter(|name| !name.is_empty());
    Line {
        id: item.id.clone(),
        who: name.cloned().unwrap_or_else(|| number.clone()),
        number,
        room: item.room().map_or_else(|| item.room_type.clone(), str::to_owned),
        from: item.from,
        to: item.to,
        nights: (item.to - item.from).get_days(),
        guarantee: item.guarantee.clone().unwrap_or_default(),
        is_late: item.to < today,
    }
}

impl Ready {
    /// Looks at a hotel.
    pub async fn of(desk: &Desk<'_>, hubs: &Hubs) -> Self {
        let ask = desk.ask();
        let (today, status) = (desk.today(), desk.path("/house-status"));
        let nights = desk.path(&format!("/availability?from={today}&to={}", today.tomorrow().unwrap_or(today)));
        let (status, nights, (left, no_lists)) =
            futures::join!(ask.get::<HouseStatus>("stays", &status), ask.get::<Availability>("inventory", &nights), Left::of(desk, hubs));
        let silent = desk::silent([status.silent(), nights.silent(), no_lists, desk.day.silent(), left.lacks_names.then_some("guests")]);
        let (status, sold) = (status.into_here(), nights.here().and_then(|nights| nights.nights.first()).map(|night| night.house.sold));
        let mut ready = Self {
            arrivals: status.as_ref().map(|s| s.arrivals),
            departures: status.as_ref().map(|s| s.departures),
            occupied: status.as_ref().map(|s| s.occupied),
            sold,
            left,
            reasons: Vec::new(),
            silent,
        };
        ready.reasons = ready.reasons(&desk.frame);
        ready
    }

    /// What the closing would be refused for: nothing that only somebody else can know.
    fn reasons(&self, f: &Frame) -> Vec<String> {
        let mut reasons = Vec::new();
        let (Some(arrivals), Some(departures)) = (self.arrivals, self.departures) else {
            return vec![f.t("audit-not-known")];
        };
        if departures.left > 0 {
            reasons.push(f.tn("audit-not-departures", departures.left));
        }
        if arrivals.left > 0 {
            reasons.push(f.tn("audit-not-arrivals", arrivals.left));
        }
        if let (true, Some(sold), Some(occupied)) = (reasons.is_empty(), self.sold, self.occupied)
            && sold != occupied
        {
            reasons.push(f.tab("audit-not-even", ("sold", sold.to_string()), ("taken", occupied.to_string())));
        }
        reasons
    }

    /// Whether the rooms sold and taken agree, as far as both are known.
    pub fn is_uneven(&self) -> bool {
        self.sold.zip(self.occupied).is_some_and(|(sold, occupied)| sold != occupied)
    }
}
