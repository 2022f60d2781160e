//! Same key, same answer: everything that was ever answered is sent once more and must be answered the same, another body
//! under the same key must be refused, and nothing of it may leave a trace in any store.

use bytes::Bytes;
use http::Request;
use kernel::Outcome;
use serde_json::Value;

use super::Case;
use crate::workload::{Op, Said};
use crate::world::World;

const SAME: &str = "same key, same answer";

/// Sends everything again.
pub async fn check(world: &World, case: &mut Case) {
    let before = world.heads().await;
    let mut found: Vec<(String, String)> = Vec::new();
    for op in &case.ops {
        let about = op.want.reservation().unwrap_or_default().to_owned();
        found.extend(op.wrong.iter().map(|what| (format!("{op}: {what}"), about.clone())));
        if op.said == Said::Info {
            continue;
        }
        let mut again = Op { said: op.said.clone(), wrong: Vec::new(), ..op.clone() };
        let answer = send(world, op, &op.want.body()).await;
        if !answer.is_final() {
            found.push((format!("{op}: sent again, it is answered {answer:?}"), about.clone()));
        }
        again.hear(answer);
        found.extend(again.wrong.iter().map(|what| (format!("{op}: sent again, it {what}"), about.clone())));
        if let Some(other) = op.want.other_body() {
            let answer = send(world, op, &other).await;
            if !matches!(&answer, Outcome::Retry(code) if code == "key-reused") {
                found.push((format!("{op}: sent with another body, it is answered {answer:?}"), about));
            }
        }
    }
    if world.heads().await != before {
        found.push(("sending everything again has left something in a store".into(), String::new()));
    }
    for (what, about) in found {
        case.found(SAME, &what, &about);
    }
}

async fn send(world: &World, op: &Op, body: &Value) -> Outcome {
    let request = Request::post(op.want.path())
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", op.caller))
        .header(peer::KEY, &op.key)
        .body(Bytes::from(body.to_string()));
    let Ok(request) = request else { return Outcome::Unknown };
    match world.ask(op.want.service(), request).await {
        Ok(response) => peer::client::read(&response).outcome,
        Err(peer::Lost) => Outcome::Unknown,
    }
}
