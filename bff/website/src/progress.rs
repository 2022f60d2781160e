//! A booking under way: what has been done, what is being asked, and that nothing is lost by looking away.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::PrivateCookieJar;
use bytes::Bytes;
use kit::{Frame, Front, Visit, live, page};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cart::{Cart, Pass};
use crate::pay::settle;
use crate::site;
use crate::standing::{Standing, Step, look};
use crate::summary::Summary;

/// How long a look may take.
const LOOK: Duration = Duration::from_millis(700);
/// So often somebody who watches is told.
const EVERY: Duration = Duration::from_millis(250);
/// From then on it takes longer than usual, seconds.
const LONG_S: i64 = 10;
/// From then on the guest is better told to go, seconds.
const VERY_LONG_S: i64 = 60;
/// Steps of a booking, when the service does not say them.
const USUAL: [&str; 3] = ["hold", "authorise", "confirm"];

#[derive(Template, Serialize)]
#[template(path = "progress.html")]
struct Progress {
    #[serde(skip)]
    f: Frame,
    #[serde(flatten)]
    s: Summary,
    steps: Vec<Step>,
    /// `usual`, `long`, `very-long`.
    pace: &'static str,
    /// When a browser without scripts looks again, seconds.
    again_s: u32,
    next: u32,
}

impl Progress {
    fn mark(&self, state: &str) -> &'static str {
        match state {
            "done" => "✓",
            "running" => "◐",
            "undone" => "↺",
            _ => "○",
        }
    }
}

/// How often the page has been looked at without a script.
#[derive(Deserialize)]
pub struct Looked {
    #[serde(default)]
    n: u32,
}

fn pace(front: &Front, cart: &Cart) -> &'static str {
    let waited_s = cart.asked_at.map_or(0, |at| front.setup.clock.now().ms_since(at) / 1_000);
    match waited_s {
        VERY_LONG_S.. => "very-long",
        LONG_S.. => "long",
        _ => "usual",
    }
}

fn shown(steps: Vec<Step>, cart: &Cart) -> Vec<Step> {
    if !steps.is_empty() {
        return steps;
    }
    let capture = cart.choice.as_ref().is_some_and(|choice| choice.is_prepaid).then_some("capture");
    let state = |n: usize| if n == 0 { "running" } else { "waiting" };
    USUAL.into_iter().chain(capture).enumerate().map(|(n, name)| Step { name: name.into(), state: state(n).into() }).collect()
}

/// `GET /book/{checkout}/progress`.
pub async fn page(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(checkout): Path<String>,
    Query(Looked { n }): Query<Looked>,
) -> Response {
    let Some(mut cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    if let Some(reservation) = cart.reservation.clone() {
        // The pass may be older than the cart: a browser that lost the answer gets it again.
        let pass = Pass { hotel: cart.hotel.clone(), reservation };
        return (pass.keep(jar), Redirect::to(&pass.path())).into_response();
    }
    if cart.choice.is_none() {
        return Redirect::to(&format!("{}/pay", cart.path())).into_response();
    }
    let (standing, steps) = look(&front, &mut cart, LOOK).await;
    if !matches!(standing, Standing::Open) {
        return settle(&front, &visit, jar, cart, standing).await;
    }
    let f = Frame::new(&front, &visit, "progress-title");
    let (s, pace, steps) = (Summary::of(&front, &f, &cart), pace(&front, &cart), shown(steps, &cart));
    let again_s = 2_u32 << n.min(2);
    (cart.keep(jar), page::show(&visit, &Progress { f, s, steps, pace, again_s, next: n.saturating_add(1) })).into_response()
}

struct Watching {
    front: Front,
    cart: Cart,
    visit: Visit,
    said: Option<serde_json::Value>,
    is_over: bool,
}

/// `GET /book/{checkout}/live`: each change, and `done` when the page is to be opened again.
pub async fn live(State(front): State<Front>, visit: Visit, jar: PrivateCookieJar, Path(checkout): Path<String>) -> Response {
    let Some(cart) = Cart::of(&jar, &checkout) else { return site::stranger(&front, &visit) };
    let watching = Watching { front: front.clone(), cart, visit, said: None, is_over: false };
    let events = futures::stream::unfold(watching, |mut w| async move {
        while !w.is_over {
            if let Some(event) = w.next().await {
                return Some((event, w));
            }
            tokio::time::sleep(EVERY).await;
        }
        None
    });
    live::stream(&front, events)
}

impl Watching {
    /// What is new, if anything is.
    async fn next(&mut self) -> Option<Bytes> {
        let (standing, steps) = match (&self.cart.reservation, &self.cart.choice) {
            (None, Some(_)) => look(&self.front, &mut self.cart, LOOK).await,
            // Decided already: this is an old page.
            _ => (Standing::Later(String::new()), Vec::new()),
        };
        if !matches!(standing, Standing::Open) {
            self.is_over = true;
            return Some(live::event("done", None, &json!({"href": format!("{}/progress", self.cart.path())})));
        }
        let f = Frame::new(&self.front, &self.visit, "progress-title");
        let steps: Vec<_> = shown(steps, &self.cart)
            .into_iter()
            .map(|step| json!({"name": step.name, "state": step.state, "text": f.t(format!("step-{}-{}", step.name, step.state))}))
            .collect();
        let pace = pace(&self.front, &self.cart);
        let now = json!({"steps": steps, "pace": pace, "text": f.ta(format!("pace-{pace}"), "reference", self.cart.reference())});
        if self.said.as_ref() == Some(&now) {
            return None;
        }
        self.said = Some(now.clone());
        Some(live::event("step", None, &now))
    }
}
