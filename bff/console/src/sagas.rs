//! Sagas: what has begun and not ended, stuck ones first; and one saga with everything that is known of it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use futures::future::join_all;
use http::StatusCode;
use kit::{Frame, Part, page};
use serde::Serialize;

use crate::health::Summary;
use crate::look::Look;
use crate::services::{SERVICES, Saga, Sagas, Stored};
use crate::verbs::{self, Verb};

/// Ended sagas that are shown.
const ENDED_MAX: usize = 100;

/// A saga as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub service: &'static str,
    #[serde(flatten)]
    pub saga: Saga,
    pub verbs: Vec<Verb>,
}

impl Row {
    /// The mark of a step.
    pub fn mark(state: &str, is_stuck_here: &bool) -> &'static str {
        match state {
            _ if *is_stuck_here => "✕",
            "done" => "✓",
            "running" => "◐",
            "undone" => "↺",
            _ => "○",
        }
    }

    /// Whether it hangs on this step.
    pub fn hangs(&self, step: &str) -> bool {
        self.saga.stuck.as_ref().is_some_and(|stuck| stuck.step == step)
    }

    /// The tone of its state.
    pub fn tone(&self) -> &'static str {
        match (self.saga.state.as_str(), self.saga.phase.as_str()) {
            ("stuck", _) => "urgent",
            ("running", "unwinding") => "warn",
            ("running", _) => "due",
            ("done", _) => "ok",
            _ => "",
        }
    }

    /// The booking it is about.
    pub fn booking(&self) -> Option<&str> {
        self.saga.subject.as_deref().filter(|subject| subject.starts_with("res_"))
    }
}

#[derive(Template, Serialize)]
#[template(path = "sagas.html")]
struct List {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    state: &'static str,
    rows: Vec<Row>,
    silent: Vec<&'static str>,
}

/// Sagas of all services, and who did not answer.
pub async fn of_all(look: &Look, state: &str) -> (Vec<Row>, Vec<&'static str>) {
    let ask = look.front.ask_for(&look.visit);
    let asked = join_all(SERVICES.map(|service| {
        let (ask, path) = (ask.clone(), format!("/sagas?state={state}"));
        async move { (service, ask.wait::<Sagas>(service, &path, kit::ask::PANEL).await) }
    }));
    let (mut rows, mut silent) = (Vec::new(), Vec::new());
    for (service, part) in asked.await {
        match part {
            Part::Here(sagas) => rows.extend(sagas.items.into_iter().map(|saga| Row { service, verbs: verbs::of(&saga), saga })),
            _ => silent.push(service),
        }
    }
    (rows, silent)
}

/// `GET /ops/sagas?state=open|stuck|ended`.
pub async fn list(look: Look) -> Response {
    let (f, summary) = look.frame("sagas-title", "sagas");
    let state = ["stuck", "ended"].into_iter().find(|state| look.asked("state").as_deref() == Some(state)).unwrap_or("open");
    let (mut rows, silent) = of_all(&look, state).await;
    match state {
        "ended" => {
            rows.sort_by(|a, b| b.saga.ended_at.cmp(&a.saga.ended_at));
            rows.truncate(ENDED_MAX);
        }
        _ => rows.sort_by(|a, b| (a.saga.stuck.is_none(), &a.saga.since).cmp(&(b.saga.stuck.is_none(), &b.saga.since))),
    }
    page::show(&look.visit, &List { f, summary, state, rows, silent })
}

#[derive(Template, Serialize)]
#[template(path = "saga.html")]
struct One {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    row: Row,
    /// Its stream; `None` when the service does not tell.
    log: Option<Vec<Stored>>,
    #[serde(skip)]
    token: String,
}

/// `GET /ops/sagas/{saga}`; `?service=` says whose it is, else all are asked.
pub async fn one(look: Look, Path(id): Path<String>) -> Response {
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let whose = look.asked("service");
    let ask = look.front.ask_for(&look.visit);
    let candidates = SERVICES.into_iter().filter(|service| whose.as_deref().is_none_or(|whose| whose == *service));
    let asked = join_all(candidates.map(|service| {
        let (ask, path) = (ask.clone(), format!("/sagas/{id}"));
        async move { (service, ask.wait::<Saga>(service, &path, kit::ask::PANEL).await) }
    }));
    let all = asked.await;
    let silent = all.iter().find_map(|(_, part)| part.silent());
    let Some((service, saga)) = all.into_iter().find_map(|(service, part)| Some((service, part.into_here()?))) else {
        return match silent {
            Some(_) => page::message(&look.front, &look.visit, StatusCode::SERVICE_UNAVAILABLE, "saga-silent-title", "saga-silent-text"),
            None => page::message(&look.front, &look.visit, StatusCode::NOT_FOUND, "not-found-title", "saga-none"),
        };
    };
    let history = ask.wait::<crate::services::History>(service, &format!("/history?streams=saga/{id}"), kit::ask::PANEL).await;
    let (f, summary) = look.frame("sagas-title", "sagas");
    let title = format!("{} · {id}", f.t(format!("saga-{}", saga.kind)));
    let row = Row { service, verbs: verbs::of(&saga), saga };
    let log = history.into_here().map(|history| history.items);
    page::show(&look.visit, &One { f: f.titled(title), summary, row, log, token: look.front.token() })
}
