//! `GET /desk/audit`: what is left before the day can be closed, an audit that runs, or what one came to. `?saga=` watches one
//! audit to its end, `?closed=` shows what closing a date came to.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use kernel::Money;
use kit::{Frame, Front, Part, Visit, page};
use serde::{Deserialize, Serialize};

use super::leftovers::Results;
use super::past::{Audits, Closed};
use super::ready::{Line, Ready};
use super::steps::{Failed, Saga, Shown};
use crate::desk::{self, Desk};
use crate::known::{Due, Hotel};
use crate::live::hub::Hubs;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    saga: Option<String>,
    #[serde(default)]
    closed: Option<String>,
}

/// An audit that runs.
#[derive(Clone, Debug, Serialize)]
struct Running {
    saga: String,
    steps: Vec<Shown>,
    /// Seconds so far; unknown while stays is silent.
    age_s: Option<i64>,
    /// Who began it.
    by: Option<String>,
    /// Why it hangs, in words.
    hangs: Option<String>,
}

/// An audit that has turned back, in words.
#[derive(Clone, Debug, Serialize)]
struct Turned {
    text: String,
    code: String,
    /// The stays it names: address and name.
    named: Vec<(String, String)>,
}

#[derive(Template, Serialize)]
#[template(path = "audit.html")]
struct View {
    #[serde(skip)]
    f: Frame,
    hotel: String,
    /// The open date, or the one that is being closed.
    date: Date,
    next: Date,
    is_date_known: bool,
    running: Option<Running>,
    closed: Option<Closed>,
    revenue: Option<Money>,
    turned: Option<Turned>,
    results: Option<Results>,
    ready: Option<Ready>,
    silent: Vec<&'static str>,
    #[serde(skip)]
    key: String,
    is_operator: bool,
}

/// `GET /desk/audit`.
pub async fn page(State(front): State<Front>, Extension(hubs): Extension<Arc<Hubs>>, visit: Visit, Query(asked): Query<Asked>) -> Response {
    let desk = match Desk::open(&front, &visit, "nav-audit", "audit").await {
        Ok(desk) => desk,
        Err(answer) => return answer,
    };
    show(desk, &hubs, asked, None).await
}

/// The page as it is now, with what came of many stays at once.
pub async fn show(desk: Desk<'_>, hubs: &Hubs, asked: Asked, results: Option<Results>) -> Response {
    let visit = desk.visit;
    let date = desk.today();
    let mut view = View {
        f: desk.frame.clone(),
        hotel: desk.hotel.clone(),
        date,
        next: date.tomorrow().unwrap_or(date),
        is_date_known: desk.day.here().is_some(),
        running: None,
        closed: None,
        revenue: None,
        turned: None,
        results,
        ready: None,
        silent: desk::silent([desk.day.silent()]),
        key: desk.front.token(),
        is_operator: visit.may(pipeline::Role::Operator),
    };
    let is_auditing = desk.day.here().is_some_and(|day| day.state == "auditing");
    let wanted = asked.saga.filter(|saga| desk::is_plain(saga) && saga.starts_with("audit_"));
    let closed: Option<Date> = asked.closed.and_then(|date| date.parse().ok());
    if wanted.is_some() || is_auditing {
        view.watch(&desk, wanted).await;
    } else if let Some(closed) = closed {
        view.closed = Audits::of(&desk.ask(), &desk.hotel).await.into_here().and_then(|log| log.closed(closed));
    }
    if let Some(closed) = &view.closed {
        let hotel: Part<Hotel> = desk.ask().get("hotels", &format!("/hotels/{}", desk.hotel)).await;
        let currency = hotel.here().and_then(|hotel| hotel.room_types.iter().find_map(|t| t.price)).map(|price| price.currency);
        view.revenue = currency.map(|currency| Money { amount: closed.posted, currency });
    } else if view.running.is_none() {
        let mut ready = Ready::of(&desk, hubs).await;
        view.silent = std::mem::take(&mut ready.silent);
        view.ready = Some(ready);
    }
    view.name_the_page();
    page::show(visit, &view)
}

impl View {
    /// Finds the audit that is meant, or that runs, and what it has come to.
    async fn watch(&mut self, desk: &Desk<'_>, wanted: Option<String>) {
        let ask = desk.ask();
        let log = Audits::of(&ask, &desk.hotel).await.into_here().unwrap_or_default();
        let Some(id) = wanted.or_else(|| log.running().map(|begun| begun.saga)) else { return };
        let path = format!("/sagas/{id}");
        let saga: Saga = match ask.get("stays", &path).await {
            Part::Here(saga) => saga,
            // It goes on without being watched.
            Part::Silent(_) if log.begun(&id).is_none_or(|begun| log.closed(begun.date).is_none()) => {
                self.silent = vec!["stays"];
                self.running = Some(Running {
                    saga: id,
                    steps: Saga::default().shown(&self.f, &self.date, &self.next),
                    age_s: None,
                    by: None,
                    hangs: None,
                });
                return;
            }
            _ => {
                self.closed = log.begun(&id).and_then(|begun| log.closed(begun.date));
                return;
            }
        };
        if !saga.is_of(&desk.hotel) {
            return;
        }
        let begun = log.begun(&id);
        if let Some(day) = saga.closed() {
            let told = Closed {
                closed: day.closed,
                opened: day.business_date,
                in_house: day.in_house,
                posted: day.posted_amount,
                by: begun.map(|begun| begun.by),
                took_ms: None,
            };
            self.closed = Some(log.closed(day.closed).unwrap_or(told));
        } else if let Some(failed) = saga.failed() {
            self.turned = Some(self.turned(failed));
        } else if saga.is_open() {
            let hangs = saga.hangs().map(|(_, reason)| self.f.code(reason)).or_else(|| saga.heard().map(|code| self.f.code(code)));
            let (steps, by) = (saga.shown(&self.f, &self.date, &self.next), begun.map(|begun| begun.by));
            self.running = Some(Running { saga: id, steps, age_s: Some(saga.age_s), by, hangs });
        }
    }

    fn turned(&self, failed: Failed) -> Turned {
        let named = failed.named.into_iter().map(|id| (format!("/desk/r/{id}"), id)).collect();
        let text = match failed.sold {
            Some([sold, taken]) => self.f.tab("audit-not-even", ("sold", sold.to_string()), ("taken", taken.to_string())),
            None => self.f.code(&failed.code),
        };
        Turned { text, code: failed.code, named }
    }

    fn name_the_page(&mut self) {
        // Stays that a refusal names are said by name where the lists know them.
        if let (Some(turned), Some(ready)) = (&mut self.turned, &self.ready) {
            for (href, name) in &mut turned.named {
                if let Some(line) = href.rsplit('/').next().and_then(|id| ready.left.line(id)) {
                    *name = line.who.clone();
                }
            }
        }
        let title = match (&self.closed, &self.running) {
            (Some(closed), _) => self.f.ta("audit-title-closed", "date", self.f.day(&closed.closed)),
            (_, Some(_)) => self.f.ta("audit-title-running", "date", self.f.day(&self.date)),
            _ if self.is_date_known => self.f.ta("audit-title", "date", self.f.day(&self.date)),
            _ => self.f.t("nav-audit"),
        };
        self.f.title = title;
    }

    fn took(&self, ms: &i64) -> String {
        let ms = *ms;
        match ms {
            60_000.. => self.f.tab("audit-took-minutes", ("m", (ms / 60_000).to_string()), ("s", (ms / 1_000 % 60).to_string())),
            ..100 => self.f.t("audit-took-moment"),
            _ => self.f.ta("audit-took-seconds", "s", format!("{}.{}", ms.max(0) / 1_000, ms.max(0) / 100 % 10)),
        }
    }

    /// How a readiness tile looks.
    fn due_tone(&self, due: &Option<Due>) -> &'static str {
        due.map_or("", |due| if due.left == 0 { "ok" } else { "act" })
    }

    /// Whether nobody is left, and that is known.
    fn is_nobody_left(&self) -> bool {
        let empty = |lines: &Option<Vec<Line>>| lines.as_ref().is_some_and(Vec::is_empty);
        self.ready.as_ref().is_some_and(|ready| empty(&ready.left.arriving) && empty(&ready.left.leaving))
    }

    /// What will be done, before it is.
    fn preview(&self) -> Vec<Shown> {
        Saga::default().shown(&self.f, &self.date, &self.next)
    }

    /// What a room has brought.
    fn rate(&self) -> Option<Money> {
        let rooms = i64::from(self.closed.as_ref()?.in_house);
        let revenue = self.revenue.filter(|_| rooms > 0)?;
        Some(Money { amount: (revenue.amount + rooms / 2) / rooms, ..revenue })
    }
}
