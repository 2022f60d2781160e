//! One line a command and query, and the handler that writes to the vault before it writes to the log.

use std::sync::Arc;

use contracts::guests::CreateGuest as Contract;
use eventstore::Deciding;
use kernel::id::Ids;
use kernel::{RefusalKind, Refused, lane_of};
use peer::Contract as _;
use pipeline::handle::{key, submit};
use pipeline::stack::Walk;
use pipeline::validate::id;
use pipeline::{Answer, Call, Core, Criticality, Problem, Role, RouteEntry, get, post};
use serde_json::{Map, Value, json};

use crate::domain::create_guest::CreateGuest;
use crate::domain::guest::Guest;
use crate::domain::person::Person;
use crate::vault::{Vault, VaultFault};

/// The route table.
pub fn routes(vault: Arc<Vault>) -> Vec<RouteEntry> {
    let reads = vault.clone();
    let create = move |core, call| -> Walk { Box::pin(create(core, vault.clone(), call)) };
    let one = move |core, call| -> Walk { Box::pin(one(core, reads.clone(), call)) };
    vec![
        post(Contract::SERVICE, Contract::PATH, Contract::NAME, Role::Guest, Criticality::Hold, create).creates("guest"),
        get(Contract::SERVICE, "/guests/{guest}", "Guest", Role::Desk, Criticality::Quote, one),
    ]
}

/// The vault first: an event that speaks of a guest nobody knows could not be mended. The reference is derived from the
/// key, so a repeated request meets its own row.
async fn create(core: Arc<Core>, vault: Arc<Vault>, call: Call) -> Result<Answer, Problem> {
    let key = key(&call)?;
    let person = person(&call)?;
    let guest = Ids::of(&call.principal.name, &key).derive("gst");
    let Some(fingerprint) = vault.keep(&guest, &person, call.route.name, &call.body).await? else {
        // Said here and not by the committer alone: the vault may have the first body while the log has no record yet.
        return Err(Problem::refused(&Refused::new("key-reused", RefusalKind::Unprocessable)));
    };
    let work = Box::new(Deciding(CreateGuest { guest: guest.clone() }));
    let mut answer = submit(&core, &call, fingerprint, lane_of(&guest), work).await?;
    answer.location = Some(format!("/api/guests/v1/guests/{guest}"));
    Ok(answer)
}

/// The checked body. A parser's message quotes what it cannot read, so none of it is passed on.
fn person(call: &Call) -> Result<Person, Problem> {
    let unreadable = "the body must be a JSON object with the text 'name' and, if known, the texts 'email', 'phone', 'language'";
    // By way of an object: serde would read an array as a struct too.
    let read = serde_json::from_slice::<Map<String, Value>>(&call.body).and_then(|fields| serde_json::from_value(Value::Object(fields)));
    let contract: Contract = read.map_err(|_| Problem::invalid(unreadable))?;
    Ok(Person::try_from(contract)?)
}

async fn one(core: Arc<Core>, vault: Arc<Vault>, call: Call) -> Result<Answer, Problem> {
    let guest = call.param("guest");
    id("guest", guest)?;
    let seen = core.aggregate::<Guest>(&call, guest, guest).await?.ok_or_else(|| Problem::not_found("guest-unknown"))?;
    let Some(Person { name, email, phone, language }) = vault.person(guest).await? else {
        return Err(VaultFault("a guest of the log is not in the vault".into()).into());
    };
    let body = json!({"guest": guest, "name": name, "email": email, "phone": phone, "language": language, "version": seen.version});
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

impl From<VaultFault> for Problem {
    fn from(fault: VaultFault) -> Self {
        tracing::error!(%fault, "the vault fails");
        Self::retry("vault")
    }
}
