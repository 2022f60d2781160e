//! Breaker, bulkhead and budget of one peer, on simulated time.

use std::sync::Arc;
use std::time::Duration;

use kernel::Timestamp;
use peer::Hand;
use peer::breaker::{Breaker, Knobs, Pass, State, Switch};
use peer::guard::{CALLS_MAX, Heard, Kind, NotSent, POLLS_MAX, Permit};
use peer::guards::Guards;
use proptest::prelude::*;
use tokio::time::{Instant, advance};

fn command(guards: &Guards) -> Result<Permit, NotSent> {
    guards.of("peer").admit(Kind::Command, false)
}

/// So many calls, each heard as this.
fn hear(guards: &Guards, count: u32, heard: Heard) {
    for _ in 0..count {
        command(guards).unwrap_or_else(|why| panic!("{why:?}")).settle(heard);
    }
}

fn state(guards: &Guards) -> &'static str {
    guards.of("peer").show("peer").breaker
}

#[tokio::test(start_paused = true)]
async fn a_breaker_opens_when_half_of_twenty_calls_are_bad_and_not_before() {
    for bad in [Heard::Lost, Heard::Late, Heard::Broken] {
        let guards = Guards::default();
        hear(&guards, 10, Heard::Done);
        hear(&guards, 9, bad);
        assert_eq!(state(&guards), "closed", "nineteen say nothing");
        hear(&guards, 1, bad);
        assert_eq!(state(&guards), "open");
        assert_eq!(command(&guards).err(), Some(NotSent::Unavailable));
        let guards = Guards::default();
        hear(&guards, 50, Heard::Done);
        hear(&guards, 49, bad);
        assert_eq!(state(&guards), "closed", "less than half");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_a_good_answer() {
    for good in [Heard::Done, Heard::Refused, Heard::Retry, Heard::Pending, Heard::Strange] {
        let guards = Guards::default();
        hear(&guards, 500, good);
        assert_eq!(state(&guards), "closed", "{good:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_bad_ten_seconds_ago_is_forgotten() {
    let guards = Guards::default();
    hear(&guards, 19, Heard::Lost);
    advance(Duration::from_secs(10)).await;
    hear(&guards, 19, Heard::Lost);
    assert_eq!(state(&guards), "closed");
    hear(&guards, 1, Heard::Lost);
    assert_eq!(state(&guards), "open");
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_waits_longer_each_time_until_a_minute() {
    let guards = Guards::default();
    hear(&guards, 20, Heard::Lost);
    for secs in [5, 10, 20, 40, 60, 60] {
        advance(Duration::from_millis(secs * 1_000 - 1)).await;
        assert_eq!(command(&guards).err(), Some(NotSent::Unavailable), "{secs}");
        advance(Duration::from_millis(1)).await;
        let probe = command(&guards).unwrap_or_else(|why| panic!("{secs}: {why:?}"));
        assert_eq!((state(&guards), command(&guards).err()), ("half-open", Some(NotSent::Unavailable)), "one probe");
        assert!(probe.settle(Heard::Late));
    }
    advance(Duration::from_secs(60)).await;
    hear(&guards, 16, Heard::Done);
    assert_eq!(state(&guards), "closed");
    hear(&guards, 20, Heard::Lost);
    assert_eq!(guards.show()[0].probe_in_ms, Some(5_000), "what it had grown to is over");
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_caller_has_gone_gives_its_place_back() {
    let guards = Guards::default();
    hear(&guards, 20, Heard::Lost);
    advance(Duration::from_secs(5)).await;
    drop(command(&guards));
    assert_eq!(state(&guards), "half-open");
    hear(&guards, 1, Heard::Done);
    assert_eq!(state(&guards), "ramping");
}

#[tokio::test(start_paused = true)]
async fn after_the_probe_as_many_at_once_as_have_succeeded() {
    let guards = Guards::default();
    hear(&guards, 20, Heard::Lost);
    advance(Duration::from_secs(5)).await;
    hear(&guards, 1, Heard::Done);
    let mut under_way: Vec<Permit> = Vec::new();
    let fill = |under_way: &mut Vec<Permit>| {
        while let Ok(permit) = command(&guards) {
            under_way.push(permit);
        }
        under_way.len()
    };
    assert_eq!(fill(&mut under_way), 2);
    under_way.pop().map(|permit| permit.settle(Heard::Done));
    assert_eq!(fill(&mut under_way), 3);
    drop(under_way.pop());
    assert_eq!(fill(&mut under_way), 3, "a caller who has gone gives its place back");
    under_way.pop().map(|permit| permit.settle(Heard::Lost));
    assert_eq!(state(&guards), "open", "a bad one while ramping");
    assert_eq!(guards.show()[0].probe_in_ms, Some(10_000));
}

#[tokio::test(start_paused = true)]
async fn late_news_from_before_a_change_is_not_heard() {
    let guards = Guards::default();
    let before: Vec<Permit> = (0..8).filter_map(|_| command(&guards).ok()).collect();
    hear(&guards, 20, Heard::Lost);
    advance(Duration::from_secs(5)).await;
    let probe = command(&guards).unwrap_or_else(|why| panic!("{why:?}"));
    for permit in before {
        assert!(!permit.settle(Heard::Lost));
    }
    assert_eq!(state(&guards), "half-open");
    probe.settle(Heard::Done);
    assert_eq!(state(&guards), "ramping");
}

#[tokio::test(start_paused = true)]
async fn an_operator_can_hold_it_open_and_closed() {
    let guards = Guards::default();
    assert!(!guards.turn("peer", Switch::Open), "nobody has called it yet");
    hear(&guards, 1, Heard::Done);
    assert!(guards.turn("peer", Switch::Open));
    assert_eq!((state(&guards), command(&guards).err()), ("open", Some(NotSent::Unavailable)));
    advance(Duration::from_secs(3_600)).await;
    assert_eq!(command(&guards).err(), Some(NotSent::Unavailable), "no probe");
    assert!(guards.of("peer").admit(Kind::Poll, false).is_ok(), "news is still heard");
    guards.turn("peer", Switch::Closed);
    hear(&guards, 100, Heard::Lost);
    assert_eq!(state(&guards), "closed");
    guards.turn("peer", Switch::Automatic);
    hear(&guards, 20, Heard::Lost);
    assert_eq!(state(&guards), "open");
}

#[tokio::test(start_paused = true)]
async fn a_hand_says_whose_it_is_and_lets_go_when_its_time_is_over() {
    let guards = Guards::default();
    let hand = |minutes| Hand::new("dev:ann", "sick", minutes, Timestamp(0));
    assert!(guards.hold("peer", Switch::Open, hand(5)).is_none(), "nobody has called it yet");
    hear(&guards, 1, Heard::Done);
    let shown = guards.hold("peer", Switch::Open, hand(5)).expect("a peer");
    assert_eq!((shown.breaker, shown.hand), ("open", Some(hand(5))));
    let said = serde_json::to_value(hand(5)).expect("plain data");
    assert_eq!(said, serde_json::json!({"by": "dev:ann", "reason": "sick", "until": "1970-01-01T00:05:00Z"}));
    advance(Duration::from_secs(299)).await;
    assert_eq!(command(&guards).err(), Some(NotSent::Unavailable));
    advance(Duration::from_secs(1)).await;
    assert!(command(&guards).is_ok(), "nobody has to come by for it to let go");
    assert_eq!((state(&guards), guards.of("peer").show("peer").hand), ("closed", None));
    // Seen, not only called: a page that shows it says the truth too. What it does then is its own business again.
    guards.hold("peer", Switch::Closed, hand(1_000_000));
    hear(&guards, 100, Heard::Lost);
    advance(Duration::from_secs(240 * 60)).await;
    assert_eq!(guards.of("peer").show("peer").switch, Switch::Automatic, "four hours at most");
    hear(&guards, 20, Heard::Lost);
    assert_eq!(state(&guards), "open");
    let shown = guards.hold("peer", Switch::Automatic, hand(5)).expect("a peer");
    assert_eq!((shown.breaker, shown.hand), ("closed", None), "automatic is nobody's hand");
}

#[tokio::test(start_paused = true)]
async fn commands_and_long_polls_have_places_of_their_own() {
    let guards = Guards::default();
    let guard = guards.of("peer");
    let mut calls: Vec<Permit> = (0..CALLS_MAX).filter_map(|_| guard.admit(Kind::Command, false).ok()).collect();
    assert_eq!(calls.len() as u32, CALLS_MAX);
    assert_eq!(guard.admit(Kind::Query, false).err(), Some(NotSent::Busy));
    let polls: Vec<Permit> = (0..POLLS_MAX).filter_map(|_| guard.admit(Kind::Poll, false).ok()).collect();
    assert_eq!((polls.len() as u32, guard.admit(Kind::Poll, false).err()), (POLLS_MAX, Some(NotSent::Busy)));
    calls.pop();
    assert!(guard.admit(Kind::Command, false).is_ok());
    for permit in polls {
        permit.settle(Heard::Lost);
    }
    assert_eq!(state(&guards), "closed", "polls say nothing");
    let shown = guard.show("peer");
    assert_eq!((shown.calls, shown.polls), (CALLS_MAX - 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_retry_needs_the_budget_and_a_probe_does_not() {
    let guards = Guards::default();
    let guard = guards.of("peer");
    let retry = || guard.admit(Kind::Command, true).map(drop);
    assert_eq!((0..20).filter(|_| retry().is_ok()).count(), 10);
    assert_eq!(retry(), Err(NotSent::Budget));
    assert!(command(&guards).is_ok(), "a first try is free");
    // What keeps a call from being sent uses nothing up.
    hear(&guards, 10, Heard::Done);
    guard.turn(Switch::Open);
    assert_eq!(retry(), Err(NotSent::Unavailable));
    guard.turn(Switch::Automatic);
    assert_eq!((retry(), retry()), (Ok(()), Err(NotSent::Budget)));
    // Too soon after the last retry for another one; the probe goes all the same.
    let guards = Guards::new(Knobs { open_min: Duration::from_millis(1), ..Knobs::default() });
    let guard = guards.of("peer");
    let retry = || guard.admit(Kind::Command, true).map(drop);
    while retry().is_ok() {}
    hear(&guards, 20, Heard::Lost);
    advance(Duration::from_millis(1)).await;
    assert_eq!(retry(), Ok(()), "the probe");
}

#[tokio::test(start_paused = true)]
async fn everything_is_shown_to_operators_and_to_prometheus() {
    let guards = Guards::default();
    hear(&guards, 3, Heard::Done);
    hear(&guards, 17, Heard::Lost);
    let _refused = command(&guards);
    let shown = serde_json::to_value(&guards.show()[0]).expect("plain data");
    assert_eq!((shown["breaker"].as_str(), shown["switch"].as_str()), (Some("open"), Some("automatic")));
    assert_eq!((shown["counts"]["done"].as_u64(), shown["counts"]["opened"].as_u64()), (Some(3), Some(1)));
    let text = guards.metrics();
    for line in [
        "posthouse_peer_breaker{peer=\"peer\"} 3",
        "posthouse_peer_retries_saved{peer=\"peer\"} 10.3",
        "posthouse_peer_calls_in_use{peer=\"peer\"} 0",
        "posthouse_peer_calls_total{peer=\"peer\",what=\"lost\"} 17",
        "posthouse_peer_calls_total{peer=\"peer\",what=\"peer-unavailable\"} 1",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

/// What can happen to a breaker.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask,
    Answer(usize, bool),
    Leave(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Ask),
        4 => (any::<usize>(), prop::bool::weighted(0.3)).prop_map(|(n, good)| Step::Answer(n, good)),
        1 => any::<usize>().prop_map(Step::Leave),
        1 => (0u64..30_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..600)
}

proptest! {
    /// Whatever happens: never more than one probe, an open breaker stays open for its time, and it can always recover.
    #[test]
    fn a_breaker_never_lets_a_crowd_through_and_never_stays_shut(steps in steps()) {
        let mut breaker = Breaker::new(Knobs::default());
        let mut now = Instant::now();
        let mut under_way: Vec<Pass> = Vec::new();
        for step in steps {
            let (before, began) = (breaker.state(), now);
            match step {
                Step::Ask => match breaker.pass(now) {
                    Some(pass) => {
                        let may = match before {
                            State::Closed => true,
                            State::Open(until) => began >= until && pass.probe,
                            State::HalfOpen(trying) => !trying && pass.probe,
                            State::Ramping { good, calls } => calls <= good,
                        };
                        prop_assert!(may, "{before:?}");
                        under_way.push(pass);
                    }
                    None => prop_assert!(before != State::Closed && before != State::HalfOpen(false)),
                },
                Step::Answer(n, good) if !under_way.is_empty() => {
                    let pass = under_way.swap_remove(n % under_way.len());
                    breaker.answered(pass, good, now);
                }
                Step::Leave(n) if !under_way.is_empty() => breaker.abandoned(under_way.swap_remove(n % under_way.len())),
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Answer(..) | Step::Leave(_) => {}
            }
            if let State::Open(until) = breaker.state() {
                prop_assert!(until <= now + Knobs::default().open_max);
            }
        }
        // Everybody has gone; a minute later the peer is well.
        under_way.into_iter().for_each(|pass| breaker.abandoned(pass));
        now += Duration::from_secs(60);
        for _ in 0..16 {
            let pass = breaker.pass(now);
            prop_assert!(pass.is_some(), "{:?}", breaker.state());
            pass.map(|pass| breaker.answered(pass, true, now));
        }
        prop_assert_eq!(breaker.state(), State::Closed);
    }
}

#[test]
fn guards_are_shared_by_their_clones() {
    let guards = Guards::default();
    assert!(Arc::ptr_eq(&guards.of("a"), &guards.clone().of("a")));
}
