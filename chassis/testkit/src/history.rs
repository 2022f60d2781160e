//! Seeded random histories, and what each command of one must answer: a second, much simpler bank that knows nothing of
//! lanes, batches or stores.

use std::collections::BTreeMap;

use kernel::chance::Seeded;
use kernel::id::Ids;
use kernel::{Chance, Outcome, Refusal, RefusalKind, Refused};
use serde_json::{Value, json};

use crate::bank::{Account, Doing, No, Order};

/// One command of a history.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who.
    pub caller: String,
    /// Under which key.
    pub key: String,
    /// With which fingerprint.
    pub fingerprint: String,
    /// Having seen which version.
    pub if_match: Option<u64>,
    /// Undoing which key.
    pub undoes: Option<String>,
    /// What.
    pub order: Order,
}

/// Branches of the bank; their lanes differ, but not all of them.
const BRANCHES: [&str; 6] = ["north", "south", "east", "west", "harbour", "airport"];

/// A history of so many commands, in batches as they arrive.
pub fn history(seed: u64, steps: usize) -> Vec<Vec<Step>> {
    let dice = Seeded::new(seed ^ 0x5EED);
    let mut past: Vec<Step> = Vec::new();
    let mut batches = Vec::new();
    while past.len() < steps {
        let size = 1 + dice.below(if dice.below(5) == 0 { 60 } else { 6 });
        let batch: Vec<Step> = (0..size)
            .map(|_| {
                let step = next(&dice, &past);
                past.push(step.clone());
                step
            })
            .collect();
        batches.push(batch);
    }
    batches
}

fn next(dice: &Seeded, past: &[Step]) -> Step {
    let n = past.len();
    let roll = dice.below(100);
    if roll < 14
        && let Some(step) = past.get(dice.below(n as u64) as usize).cloned()
    {
        let fresh = Step { key: format!("k{n}"), fingerprint: format!("f{n}"), ..step.clone() };
        return match roll {
            // The same again, another body under the same key, an undo, and an undo that overtakes what it undoes.
            0..5 => step,
            5..8 => Step { fingerprint: format!("other{n}"), ..step },
            8..11 => Step { undoes: Some(step.key), ..fresh },
            _ => Step { undoes: Some(format!("k{}", n + 1)), ..fresh },
        };
    }
    let branch = BRANCHES[dice.below(BRANCHES.len() as u64) as usize];
    let account = |dice: &Seeded| format!("{branch}-{}", dice.below(4));
    let seat = format!("{branch}-{}", dice.below(3));
    let doing = match dice.below(100) {
        0..15 => Doing::Open(account(dice)),
        15..50 => Doing::Pay(account(dice), dice.below(200) as i64 - 60),
        50..68 => Doing::Transfer(account(dice), account(dice), 1 + dice.below(60) as i64),
        68..76 => Doing::Take(seat, true),
        76..79 => Doing::Take(seat, false),
        79..85 => Doing::Free(seat),
        85..90 => Doing::Look(account(dice)),
        90..93 => Doing::Often(account(dice), 1 + dice.below(9) as u32),
        93..95 => Doing::Panic(account(dice)),
        95..96 => Doing::Poison(account(dice)),
        96..98 => Doing::Long(account(dice), 505 + dice.below(10) as usize),
        _ => Doing::Busy(account(dice)),
    };
    let if_match = (dice.below(4) == 0).then(|| dice.below(12));
    let caller = ["desk", "web"][dice.below(2) as usize].to_owned();
    Step { caller, key: format!("k{n}"), fingerprint: format!("f{n}"), if_match, undoes: None, order: Order::at(branch, doing) }
}

/// The second bank.
#[derive(Default)]
pub struct Model {
    records: BTreeMap<(String, String), (String, Outcome)>,
    accounts: BTreeMap<String, (u64, Account)>,
    seats: BTreeMap<String, bool>,
}

impl Model {
    /// What this command must answer now.
    pub fn expect(&mut self, step: &Step) -> Outcome {
        let place = (step.caller.clone(), step.key.clone());
        if let Some((fingerprint, outcome)) = self.records.get(&place) {
            return match outcome {
                Outcome::Rejected(refused) if refused.code == "overtaken" => outcome.clone(),
                _ if *fingerprint != step.fingerprint => Outcome::Rejected(Refused::new("key-reused", RefusalKind::Unprocessable)),
                Outcome::Applied { reply, .. } => Outcome::Applied { reply: reply.clone(), replayed: true },
                other => other.clone(),
            };
        }
        let outcome = self.undo(step).unwrap_or_else(|| self.decide(step));
        if outcome.is_final() {
            self.records.insert(place, (step.fingerprint.clone(), outcome.clone()));
        }
        outcome
    }

    /// The answer of an undo that has nothing to undo.
    fn undo(&mut self, step: &Step) -> Option<Outcome> {
        let forward = (step.caller.clone(), step.undoes.clone()?);
        match self.records.get(&forward) {
            Some((_, Outcome::Applied { .. })) => return None,
            Some(_) => {}
            None => {
                let overtaken = Outcome::Rejected(Refused::new("overtaken", RefusalKind::Conflict));
                self.records.insert(forward, (String::new(), overtaken));
            }
        }
        Some(Outcome::Applied { reply: "{}".into(), replayed: false })
    }

    fn decide(&mut self, step: &Step) -> Outcome {
        if let (Some(want), Doing::Pay(account, _)) = (step.if_match, &step.order.doing) {
            let is = self.accounts.get(account).map_or(0, |(version, _)| *version);
            if is != want {
                let detail = json!({"version": is, "if_match": want});
                return Outcome::Rejected(Refused { code: "stale-version".into(), kind: RefusalKind::Stale, detail });
            }
        }
        let before = self.accounts.clone();
        let outcome = match self.done(step) {
            Ok(reply) => Outcome::Applied { reply: reply.to_string(), replayed: false },
            Err(Ok(no)) => Outcome::Rejected(Refused { code: no.code().into(), kind: no.kind(), detail: no.detail() }),
            Err(Err(code)) => Outcome::retry(code),
        };
        if !matches!(outcome, Outcome::Applied { .. }) {
            self.accounts = before;
        }
        outcome
    }

    fn pay(&mut self, account: &str, by: i64) -> Result<i64, No> {
        let (version, state) = self.accounts.get_mut(account).ok_or(No::Unknown)?;
        if state.balance + by < 0 {
            return Err(No::TooPoor(state.balance));
        }
        state.balance += by;
        state.payments += 1;
        state.why = format!("for {by}");
        *version += 1;
        Ok(state.balance)
    }

    fn done(&mut self, step: &Step) -> Result<Value, Result<No, &'static str>> {
        let no = Ok::<No, &'static str>;
        match &step.order.doing {
            Doing::Open(account) => {
                if self.accounts.contains_key(account) {
                    return Err(no(No::Exists));
                }
                self.accounts.insert(account.clone(), (1, Account { open: true, ..Account::default() }));
                Ok(json!({"account": account, "id": Ids::of(&step.caller, &step.key).derive("acc")}))
            }
            Doing::Pay(account, by) => Ok(json!({"balance": self.pay(account, *by).map_err(no)?})),
            Doing::Transfer(from, to, by) => {
                // Both looks happen before anything is said: a transfer to oneself replies with what was seen.
                let seen = |bank: &Self, account: &str| bank.accounts.get(account).map(|(_, a)| a.balance);
                let to_before = seen(self, to);
                let left = self.pay(from, -by).map_err(no)?;
                self.pay(to, *by).map_err(no)?;
                Ok(json!({"from": left, "to": to_before.unwrap_or_default() + by}))
            }
            Doing::Take(seat, look) => {
                if self.seats.get(seat).copied().unwrap_or(false) {
                    return Err(if *look { no(No::Occupied) } else { Err("bug") });
                }
                self.seats.insert(seat.clone(), true);
                Ok(Value::Null)
            }
            Doing::Free(seat) => {
                self.seats.insert(seat.clone(), false);
                Ok(Value::Null)
            }
            Doing::Look(account) => Ok(json!(self.accounts.get(account).map(|(_, a)| a.clone()).unwrap_or_default())),
            Doing::Often(account, times) => {
                for _ in 0..*times {
                    self.pay(account, 1).map_err(no)?;
                }
                Ok(Value::Null)
            }
            Doing::Panic(_) | Doing::Poison(_) => Err(Err("bug")),
            Doing::Long(account, bytes) => {
                self.pay(account, 1).map_err(no)?;
                if bytes + 2 > eventstore::REPLY_BYTES_MAX { Err(Err("bug")) } else { Ok(Value::String("x".repeat(*bytes))) }
            }
            Doing::Busy(account) => {
                self.pay(account, 1_000_000).map_err(no)?;
                Err(Err("not-now"))
            }
        }
    }

    /// Every account that exists, with its version.
    pub fn accounts(&self) -> &BTreeMap<String, (u64, Account)> {
        &self.accounts
    }

    /// The seats that are taken.
    pub fn taken(&self) -> Vec<String> {
        self.seats.iter().filter(|(_, taken)| **taken).map(|(seat, _)| seat.clone()).collect()
    }

    /// How many commands are on record.
    pub fn records(&self) -> &BTreeMap<(String, String), (String, Outcome)> {
        &self.records
    }
}
