//! The night audit: what is left, many stays by one press, one audit for everybody who presses.

use std::sync::Arc;

use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::straw::{Straw, TODAY, bar};

const KEY: &str = "0123456789abcdef";

fn run<'a>() -> Vec<(&'a str, &'a str)> {
    vec![("hotel", "H"), ("key", KEY), ("date", "2027-03-04")]
}

/// A house with so many arrivals and departures left, and one guest who stays.
fn house(arriving: &[&str], leaving: &[&str]) -> Arc<Straw> {
    let straw = Straw::new();
    let list = |items: Vec<Value>| json!({"business_date": TODAY, "items": items});
    let arrivals = arriving.iter().map(|id| bar(id, None, "confirmed", 0, 2)).chain([bar("came", Some("A-9"), "in_house", 0, 1)]);
    let in_house = leaving.iter().map(|id| bar(id, Some("A-3"), "in_house", -1, 1)).chain([bar("stays", Some("A-4"), "in_house", -1, 3)]);
    {
        let mut house = straw.house();
        house.said.insert("stays/hotels/H/arrivals".into(), list(arrivals.collect()));
        house.said.insert("stays/hotels/H/in-house".into(), list(in_house.collect()));
        let due = |left: usize| json!({"left": left, "done": 1, "overdue": 0});
        let status = json!({"business_date": TODAY, "occupied": 0, "arrivals": due(arriving.len()), "departures": due(leaving.len())});
        house.said.insert("stays/hotels/H/house-status".into(), status);
    }
    straw
}

fn began(saga: &str) -> Value {
    json!({"name": "AuditStarted", "actor": "", "caller": "dev:rui", "at": "2027-03-04T23:00:00Z", "data": {"date": TODAY, "in_house": 1, "saga": saga}})
}

fn opened() -> Value {
    let data = json!({"closed": TODAY, "date": "2027-03-05", "in_house": 3, "posted": 29_400});
    json!({"name": "DayOpened", "actor": "rui", "at": "2027-03-04T23:00:02Z", "data": data})
}

fn log(straw: &Straw, items: Value) {
    straw.house().said.insert("stays/history".into(), json!({"items": items}));
}

const RUN: &str = r#"<button class="button main wide" data-busy"#;

#[tokio::test]
async fn the_day_is_closed_when_nobody_is_left() {
    let straw = house(&["r1", "r2"], &["r3"]);
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/audit").await;
    assert!(page.contains("<h1>Close Thu 4 Mar</h1>"), "{page}");
    assert!(page.contains("1 guest who leaves today is still in house.") && page.contains("2 guests are still expected."), "{page}");
    assert!(page.contains("Mark 2 no-shows") && page.contains("Check out 1"), "{page}");
    assert!(!page.contains(r#"value="stays""#) && !page.contains(r#"value="came""#), "who stays or has come is not left");
    assert!(page.contains(r#"aria-disabled="true" aria-describedby="audit-why""#) && !page.contains(RUN), "{page}");

    let ready = Browser::of(&house(&[], &[])).await.page("/desk/audit").await;
    assert!(ready.contains(RUN) && ready.contains("Everybody has come or gone."), "{ready}");
}

#[tokio::test]
async fn what_is_not_known_or_does_not_agree_keeps_the_day_open() {
    let straw = house(&[], &[]);
    straw.house().sold = 2;
    let browser = Browser::of(&straw).await;
    let page = browser.page("/desk/audit").await;
    assert!(page.contains("4 rooms are sold for tonight, 0 are taken.") && !page.contains(RUN), "{page}");
    straw.house().silent.insert("stays".into());
    let page = browser.page("/desk/audit").await;
    assert!(page.contains("It is not known who is left") && !page.contains(RUN), "{page}");
    assert!(page.contains(r#"<span class="figure">—</span>"#), "{page}");
}

#[tokio::test]
async fn many_stays_are_one_command_each_and_each_has_its_result() {
    let straw = house(&["r1", "r2", "r3"], &[]);
    let browser = Browser::of(&straw).await;
    let chosen = [("hotel", "H"), ("key", KEY), ("stay", "r1"), ("stay", "r2"), ("stay", "r3")];
    straw.house().refusals.extend([Some((409, "not-due"))]);
    let (status, _, page) = browser.form("/desk/audit/no-shows", &chosen).await;
    assert_eq!(status, StatusCode::OK);
    let sent: Vec<(String, String)> = straw.house().commands.iter().map(|(path, key, _)| (path.clone(), key.clone())).collect();
    assert_eq!(sent.len(), 3);
    for id in ["r1", "r2", "r3"] {
        assert!(sent.contains(&(format!("/hotels/H/reservations/{id}/no-show"), format!("{KEY}/{id}"))), "{sent:?}");
    }
    assert!(page.contains("2 of 3 marked as no-shows"), "{page}");
    assert!(page.contains("It is not time for this yet.") && page.contains("r1 A"), "the refusal is named: {page}");
    // What may have happened, is under way, or cannot be now is not called done.
    for (refusals, code) in [
        (vec![None; 3], "outcome-unknown"),
        (vec![Some((202, "noshow_1-01"))], "outcome-unknown"),
        (vec![Some((503, "reservation-busy")); 3], "reservation-busy"),
    ] {
        straw.house().refusals = refusals;
        let (_, _, page) = browser.form("/desk/audit/no-shows", &[("hotel", "H"), ("key", KEY), ("stay", "r1")]).await;
        assert!(page.contains("0 of 1 marked as no-shows") && page.contains(&format!(r#"<code class="hint small">{code}<"#)), "{page}");
    }
    let (_, to, _) = browser.form("/desk/audit/check-outs", &[("hotel", "H"), ("key", KEY)]).await;
    assert_eq!(to, "/desk/audit?no=invalid-request");
}

#[tokio::test]
async fn whoever_presses_ends_on_the_audit_that_runs() {
    let straw = house(&[], &[]);
    let browser = Browser::of(&straw).await;
    // Mine runs.
    straw.house().refusals.push(Some((202, "audit_mine-01")));
    let (status, to, _) = browser.form("/desk/audit/run", &run()).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/desk/audit?saga=audit_mine-01"));
    // Another desk was first.
    log(&straw, json!([began("audit_theirs-01")]));
    straw.house().refusals.extend([Some((503, "day-auditing")); 3]);
    let (_, to, _) = browser.form("/desk/audit/run", &run()).await;
    assert_eq!(to, "/desk/audit?saga=audit_theirs-01");
    // And has ended by now.
    log(&straw, json!([began("audit_theirs-01"), opened()]));
    straw.house().refusals = vec![Some((409, "not-business-date"))];
    let (_, to, _) = browser.form("/desk/audit/run", &run()).await;
    assert_eq!(to, "/desk/audit?closed=2027-03-04");
    let page = browser.page(&to).await;
    assert!(page.contains("<h1>Thu 4 Mar is closed</h1>") && page.contains("€294.00") && page.contains("€98.00"), "{page}");
    assert!(page.contains("Friday 5 March 2027 is open") && page.contains("Closed by rui") && page.contains("took 2.0 s"), "{page}");
    // The audit that runs by now is the next day's, and not the one that was meant.
    let mut next = began("audit_next-01");
    next["data"]["date"] = json!("2027-03-05");
    log(&straw, json!([began("audit_theirs-01"), opened(), next]));
    straw.house().refusals = vec![Some((409, "not-business-date"))];
    let (_, to, _) = browser.form("/desk/audit/run", &run()).await;
    assert_eq!(to, "/desk/audit?closed=2027-03-04");
    // Nobody has closed it, and it cannot be.
    log(&straw, json!([]));
    straw.house().refusals = vec![Some((409, "departures-left"))];
    let (_, to, _) = browser.form("/desk/audit/run", &run()).await;
    assert_eq!(to, "/desk/audit?no=departures-left");
}

#[tokio::test]
async fn an_audit_is_watched_by_everybody_and_says_why_it_turned_back() {
    let straw = house(&["r1"], &[]);
    let browser = Browser::of(&straw).await;
    let saga = |state: &str, answer: Value| {
        let steps = [("close-sales", "done"), ("close-night", "running"), ("open-day", "waiting"), ("post", "waiting")];
        let steps: Vec<Value> = steps.iter().map(|(name, state)| json!({"name": name, "state": state})).collect();
        json!({"kind": "audit", "partition": "H", "state": state, "age_s": 3, "steps": steps, "answer": answer})
    };
    log(&straw, json!([began("audit_theirs-01")]));
    straw.house().said.insert("stays/hotels/H/business-day".into(), json!({"business_date": TODAY, "state": "auditing", "in_house": 1}));
    straw.house().said.insert("stays/sagas/audit_theirs-01".into(), saga("running", Value::Null));
    let page = browser.page("/desk/audit").await;
    assert!(page.contains("data-running") && page.contains("Closing Thu 4 Mar") && page.contains("Closed by rui"), "{page}");
    assert!(page.contains(r#"class="done" data-key="close-sales""#) && page.contains(r#"http-equiv="refresh""#), "{page}");

    straw.house().said.remove("stays/hotels/H/business-day");
    let no = json!({"status": 409, "body": {"code": "arrivals-left", "detail": {"left": 1, "reservations": ["r1"]}}});
    straw.house().said.insert("stays/sagas/audit_theirs-01".into(), saga("undone", no));
    let page = browser.page("/desk/audit?saga=audit_theirs-01").await;
    assert!(page.contains("is open again: it could not be closed.") && page.contains("arrivals-left"), "{page}");
    assert!(page.contains(r#"<a href="/desk/r/r1"><bdi>r1 A</bdi></a></li>"#), "the stay is named: {page}");
    // Another hotel's audit is not this one's.
    let page = browser.page("/desk/audit?saga=audit_other-01").await;
    assert!(page.contains("<h1>Close Thu 4 Mar</h1>"), "{page}");
    let (status, headers, _) = browser.send(Request::get("/desk/audit/no-shows"), axum::body::Body::empty()).await;
    assert_eq!((status, headers["location"].to_str().ok()), (StatusCode::SEE_OTHER, Some("/desk/audit")));
}
