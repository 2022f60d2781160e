//! Every step of both sagas and the compensation: each request lost, its reply lost, repeated, never answered, and the
//! house crashed before and after it. Whatever happens, the answer becomes final, stays the same, and the provider's
//! ledger agrees with it.

use std::sync::Arc;

use eventstore::simulated::Disk;
use kernel::chance::Seeded;
use serde_json::{Value, json};

use crate::house::{Answer, Desk, PAYMENTS, authorise};
use crate::scripted::{Scripted, Turn};

const VOID: &str = "/hotels/H1/payments/pay_1/void";
const CAPTURES: &str = "/hotels/H1/payments/pay_1/captures";
const REFUNDS: &str = "/hotels/H1/payments/pay_1/refunds";
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

/// A house that is started again on its disk whenever the script says so.
struct Play {
    disk: Disk,
    provider: Arc<Scripted>,
    seed: u64,
    desk: Desk,
}

impl Play {
    fn new(seed: u64) -> Self {
        let (disk, provider) = (Disk::default(), Scripted::new());
        let desk = Desk::on_disk(&disk, seed, provider.clone());
        Self { disk, provider, seed, desk }
    }

    async fn restart(self) -> Self {
        let Self { disk, provider, seed, desk } = self;
        desk.crash().await;
        disk.crash(&Seeded::new(seed));
        let desk = Desk::on_disk(&disk, seed + 100, provider.clone());
        Self { disk, provider, seed, desk }
    }

    /// Sends until the answer is final, through `crashes` crashes, and then once more after another restart.
    async fn settle(mut self, crashes: usize, path: &str, key: &str, body: &Value) -> (Self, Answer) {
        for _ in 0..crashes {
            tokio::select! {
                biased;
                () = self.provider.crash() => {}
                answer = self.desk.settle(path, key, body) => panic!("answered before the crash: {answer:?}"),
            }
            self = self.restart().await;
        }
        let answer = self.desk.settle(path, key, body).await;
        self = self.restart().await;
        let again = self.desk.settle(path, key, body).await;
        assert_eq!((again.status, &again.body, again.replayed || !again.status.is_success()), (answer.status, &answer.body, true));
        (self, answer)
    }

    async fn ends(&self, state: &str, open: u64) {
        assert!(self.provider.is_played(), "a scripted fault has not happened");
        assert_eq!((self.desk.state("pay_1").await.as_str(), self.desk.open().await), (state, (open, 0)));
    }
}

#[tokio::test(start_paused = true)]
async fn authorise_survives_every_fault_of_its_step() {
    for (turn, seed) in Turn::ALL.into_iter().flat_map(|turn| SEEDS.map(move |seed| (turn, seed))) {
        let play = Play::new(seed);
        play.provider.on_authorise(&[turn], None);
        let (play, answer) = play.settle(turn.crashes().into(), PAYMENTS, "a", &authorise("pay_1", "tok_ok")).await;
        assert_eq!((answer.status.as_u16(), answer.body["state"].as_str()), (201, Some("authorised")), "{turn:?} {seed}");
        play.ends("authorised", 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_is_declined_through_every_fault() {
    for (turn, seed) in Turn::ALL.into_iter().flat_map(|turn| SEEDS.map(move |seed| (turn, seed))) {
        let play = Play::new(seed);
        play.provider.on_authorise(&[turn], None);
        let (play, answer) = play.settle(turn.crashes().into(), PAYMENTS, "a", &authorise("pay_1", "tok_declined")).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (409, "card-declined"), "{turn:?} {seed}");
        play.ends("declined", 0).await;
    }
}

#[tokio::test(start_paused = true)]
async fn void_survives_every_fault_of_its_step() {
    for (turn, seed) in Turn::ALL.into_iter().flat_map(|turn| SEEDS.map(move |seed| (turn, seed))) {
        let play = Play::new(seed);
        assert_eq!(play.desk.settle(PAYMENTS, "a", &authorise("pay_1", "tok_ok")).await.status, 201);
        play.provider.on_void(&[turn]);
        let (play, answer) = play.settle(turn.crashes().into(), VOID, "v", &json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.body["state"].as_str()), (200, Some("voided")), "{turn:?} {seed}");
        play.ends("voided", 0).await;
    }
}

fn eur(amount: i64) -> Value {
    json!({"amount": {"amount": amount, "currency": "EUR"}})
}

#[tokio::test(start_paused = true)]
async fn capture_and_refund_survive_every_fault_of_their_steps() {
    for (turn, seed) in Turn::ALL.into_iter().flat_map(|turn| SEEDS.map(move |seed| (turn, seed))) {
        let play = Play::new(seed);
        assert_eq!(play.desk.settle(PAYMENTS, "a", &authorise("pay_1", "tok_ok")).await.status, 201);
        play.provider.on_move(&[turn]);
        let (play, answer) = play.settle(turn.crashes().into(), CAPTURES, "c", &eur(9000)).await;
        assert_eq!((answer.status.as_u16(), answer.body["state"].as_str()), (200, Some("captured")), "{turn:?} {seed}");
        play.provider.on_move(&[turn]);
        let (play, answer) = play.settle(turn.crashes().into(), REFUNDS, "r", &eur(1000)).await;
        assert_eq!((answer.status.as_u16(), answer.body["refunded"]["amount"].as_i64()), (200, Some(1000)), "{turn:?} {seed}");
        play.ends("captured", 0).await;
        let line = play.desk.get("/provider/authorisations").await.body["items"][0].clone();
        assert_eq!((line["captured"].as_i64(), line["refunded"].as_i64()), (Some(9000), Some(1000)), "once each");
    }
}

#[tokio::test(start_paused = true)]
async fn money_is_moved_only_when_there_is_so_much_of_it() {
    let play = Play::new(1);
    let (desk, usd) = (&play.desk, json!({"amount": {"amount": 1, "currency": "USD"}}));
    assert_eq!(desk.settle(CAPTURES, "c0", &eur(1)).await.code(), "payment-unknown");
    assert_eq!(desk.settle(PAYMENTS, "a", &authorise("pay_1", "tok_ok")).await.status, 201);
    assert_eq!(desk.settle(CAPTURES, "c1", &eur(0)).await.code(), "invalid-request");
    assert_eq!(desk.settle(CAPTURES, "c2", &usd).await.code(), "wrong-currency");
    let above = desk.settle(CAPTURES, "c3", &eur(9801)).await;
    assert_eq!((above.code(), above.body["authorised"].as_i64()), ("above-authorised", Some(9800)));
    assert_eq!(desk.settle(REFUNDS, "r1", &eur(1)).await.code(), "payment-not-captured");
    assert_eq!(desk.settle("/hotels/H2/payments/pay_1/captures", "c4", &eur(1)).await.code(), "payment-unknown");
    assert_eq!(desk.settle(CAPTURES, "c5", &eur(9800)).await.body["state"], "captured");
    assert_eq!(desk.settle(CAPTURES, "c6", &eur(1)).await.code(), "payment-captured");
    assert_eq!(desk.settle(VOID, "v", &json!({})).await.body["state"], "captured", "a void leaves what was taken");
    assert_eq!(desk.settle(REFUNDS, "r2", &eur(9000)).await.body["state"], "captured");
    let above = desk.settle(REFUNDS, "r3", &eur(801)).await;
    assert_eq!((above.code(), above.body["left"].as_i64()), ("above-captured", Some(800)));
    assert_eq!(desk.settle(REFUNDS, "r4", &eur(800)).await.body["state"], "refunded");
    let shown = desk.get("/hotels/H1/payments/pay_1").await.body;
    assert_eq!((shown["captured"]["amount"].as_i64(), shown["refunded"]["amount"].as_i64()), (Some(9800), Some(9800)));
    // What was given back is nothing to capture.
    let body = json!({"payment": "pay_2", "reservation": "res_1", "amount": {"amount": 5, "currency": "EUR"}, "token": "tok_ok"});
    assert_eq!(desk.settle(PAYMENTS, "a2", &body).await.status, 201);
    assert_eq!(desk.settle("/hotels/H1/payments/pay_2/void", "v2", &json!({})).await.status, 200);
    assert_eq!(desk.settle("/hotels/H1/payments/pay_2/captures", "c7", &eur(1)).await.code(), "payment-not-authorised");
    assert_eq!(desk.get("/hotels/H1/payments/pay_1?as_of=date:2030-01-01").await.code(), "as-of-unsupported");
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_authorise_is_undone_through_every_fault_of_the_undo() {
    // Nobody hears of the authorise, whether it happened or not. With the first void the provider is back, and a saga that
    // forgot in a crash that it had turned back would go forward over what it has undone.
    for deaf in [Turn::RequestLost, Turn::ReplyLost, Turn::Silence] {
        for (turn, seed) in Turn::ALL.into_iter().flat_map(|turn| SEEDS.map(move |seed| (turn, seed))) {
            let play = Play::new(seed);
            play.provider.on_authorise(&[], Some(deaf));
            play.provider.on_void(&[turn]);
            let (play, answer) = play.settle(turn.crashes().into(), PAYMENTS, "a", &authorise("pay_1", "tok_ok")).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (409, "provider-unavailable"), "{deaf:?} {turn:?} {seed}");
            play.ends("declined", 0).await;
            let shown = play.desk.get("/hotels/H1/payments/pay_1").await;
            assert_eq!(shown.body["reason"], "provider-unavailable");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_still_on_its_way_when_its_saga_gave_up_is_refused_by_the_provider() {
    use payments::provider::{PaymentProvider, State};
    let play = Play::new(1);
    play.provider.on_authorise(&[], Some(Turn::RequestLost));
    let answer = play.desk.settle(PAYMENTS, "a", &authorise("pay_1", "tok_ok")).await;
    assert_eq!(answer.code(), "provider-unavailable");
    let ledger = play.provider.ledger.list(String::new(), 10).await.expect("a ledger");
    let key = ledger.items[0].key.clone();
    let amount = serde_json::from_value(json!({"amount": 9800, "currency": "EUR"})).expect("money");
    let late = play.provider.ledger.authorise(payments::provider::Asked { key, token: "tok_ok".into(), amount }).await;
    assert_eq!(late, Ok(State::Voided));
    play.ends("declined", 0).await;
}
