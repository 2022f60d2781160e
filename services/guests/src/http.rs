//! One line a command and query, and the handlers that write to the vault before they write to the log.

use std::collections::BTreeSet;
use std::sync::Arc;

use contracts::guests::{self as contract, CreateGuest as Contract};
use eventstore::{Deciding, KEY_REUSED};
use http::StatusCode;
use kernel::id::Ids;
use kernel::{Refusal, RefusalKind, Refused, lane_of};
use peer::Contract as _;
use pipeline::handle::{key, submit};
use pipeline::stack::Walk;
use pipeline::validate::id;
use pipeline::{Answer, AsOf, Call, Core, Criticality, Problem, Role, RouteEntry, Seen, command, get, post, saga};
use serde_json::{Map, Value, json};

use crate::domain::absorb::Absorb;
use crate::domain::create_guest::CreateGuest;
use crate::domain::guest::{Guest, GuestRefused};
use crate::domain::person::Person;
use crate::domain::update_guest::UpdateGuest;
use crate::sagas::{erase::EraseGuest, merge::MergeGuest};
use crate::vault::{Kept, Vault, VaultFault};

/// Names one question may ask for.
const NAMES_MAX: usize = 100;

/// The route table.
pub fn routes(vault: Arc<Vault>) -> Vec<RouteEntry> {
    let (reads, names, updates) = (vault.clone(), vault.clone(), vault.clone());
    let update = move |core, call| -> Walk { Box::pin(update(core, updates.clone(), call)) };
    let create = move |core, call| -> Walk { Box::pin(create(core, vault.clone(), call)) };
    let one = move |core, call| -> Walk { Box::pin(one(core, reads.clone(), call)) };
    let some = move |core, call| -> Walk { Box::pin(some(core, names.clone(), call)) };
    vec![
        post(Contract::SERVICE, Contract::PATH, Contract::NAME, Role::Guest, Criticality::Hold, create).creates("guest"),
        post(Contract::SERVICE, contract::UpdateGuest::PATH, contract::UpdateGuest::NAME, Role::Guest, Criticality::Hold, update),
        saga::<contract::EraseGuest, EraseGuest>(Role::Desk, Criticality::Hold),
        saga::<contract::MergeGuest, MergeGuest>(Role::Desk, Criticality::Hold),
        command::<contract::Absorb, Absorb>(Role::Peer, Criticality::Finish),
        get(Contract::SERVICE, "/guests/{guest}", "Guest", Role::Desk, Criticality::Quote, one),
        get(Contract::SERVICE, "/guests", "Guests", Role::Desk, Criticality::Search, some),
    ]
}

/// The vault first: an event that speaks of a guest nobody knows could not be mended. The reference is derived from the
/// key, so a repeated request meets its own row.
async fn create(core: Arc<Core>, vault: Arc<Vault>, call: Call) -> Result<Answer, Problem> {
    let key = key(&call)?;
    let person = person(&call)?;
    let guest = Ids::of(&call.principal.name, &key).derive("gst");
    if vault.is_forgotten(&guest).await? {
        // The fingerprint went with the key: whether this is the same request cannot be told any more.
        return Err(gone(&GuestRefused::Erased));
    }
    if is_lost(&core, &vault, &call, &guest).await? {
        // What would be kept now would be taken for what was lost.
        return Err(lost().into());
    }
    let Some(fingerprint) = vault.keep(&guest, &person, call.route.name, &call.body).await? else {
        // Said here and not by the committer alone: the vault may have the first body while the log has no record yet.
        return Err(Problem::refused(&Refused::new(KEY_REUSED, RefusalKind::Unprocessable)));
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

/// The vault first here too: the sheet is there before the log says that it is the present one. What is refused, and what was
/// the present one before, is taken out.
async fn update(core: Arc<Core>, vault: Arc<Vault>, call: Call) -> Result<Answer, Problem> {
    let key = key(&call)?;
    let guest = call.param("guest").to_owned();
    id("guest", &guest)?;
    let person = person(&call)?;
    let edit = Ids::of(&call.principal.name, &key).derive("edt");
    let fingerprint = match vault.keep_sheet(&guest, &edit, &person, call.route.name, &call.body).await? {
        Kept::Sheet(fingerprint) => fingerprint,
        Kept::Another => return Err(Problem::refused(&Refused::new(KEY_REUSED, RefusalKind::Unprocessable))),
        Kept::Nobody if is_lost(&core, &vault, &call, &guest).await? => return Err(lost().into()),
        Kept::Nobody => return Err(Problem::not_found("guest-unknown")),
        Kept::Forgotten => {
            let seen = core.aggregate::<Guest>(&call, &guest, &guest).await?;
            let refused = seen.and_then(|seen| seen.state.living().err()).unwrap_or(GuestRefused::Erased);
            return Err(Problem { status: StatusCode::CONFLICT, ..gone(&refused) });
        }
    };
    let work = Box::new(Deciding(UpdateGuest { guest: guest.clone(), edit: edit.clone() }));
    let answer = submit(&core, &call, fingerprint, lane_of(&guest), work).await;
    match &answer {
        Err(problem) if problem.no_effect && problem.status.is_client_error() => vault.take_out(&guest, vec![edit], false).await?,
        Err(_) => {}
        Ok(_) => {
            let seen = core.aggregate::<Guest>(&call, &guest, &guest).await?;
            if let Some(seen) = seen.filter(|seen| seen.state.edit.is_some()) {
                vault.take_out(&guest, seen.state.superseded, true).await?;
            }
        }
    }
    answer
}

async fn one(core: Arc<Core>, vault: Arc<Vault>, call: Call) -> Result<Answer, Problem> {
    let guest = call.param("guest");
    id("guest", guest)?;
    AsOf::none(&call, "the vault knows who a guest is and forgets who they were")?;
    let (mut seen, mut sheet) = present(&core, &vault, &call, guest).await?;
    if sheet.is_none() {
        // Described anew between the two looks: the log says by now which sheet it is.
        (seen, sheet) = present(&core, &vault, &call, guest).await?;
    }
    let Some(Person { name, email, phone, language }) = sheet else {
        return Err(lost().into());
    };
    let body = json!({"guest": guest, "name": name, "email": email, "phone": phone, "language": language, "version": seen.version});
    Ok(Answer::json(&body).version(seen.version).at(seen.at))
}

/// `GET /guests?ids=a,b,…`: the names of up to 100 guests, and nothing else of them: what a list needs. Who is not known, was
/// erased or has become somebody else is left out.
async fn some(core: Arc<Core>, vault: Arc<Vault>, call: Call) -> Result<Answer, Problem> {
    AsOf::none(&call, "the vault knows who a guest is and forgets who they were")?;
    let asked = call.asked("ids").unwrap_or_default();
    let ids: BTreeSet<&str> = asked.split(',').filter(|id| !id.is_empty()).collect();
    if !(1..=NAMES_MAX).contains(&ids.len()) {
        return Err(Problem::invalid("'ids' is not a list of 1 to 100 references with commas between them"));
    }
    ids.iter().try_for_each(|guest| id("ids", guest))?;
    let found = futures::future::join_all(ids.iter().map(|guest| name(&core, &vault, &call, guest))).await;
    let mut items = Vec::new();
    for (guest, name) in ids.iter().zip(found) {
        items.extend(name?.map(|name| json!({"guest": guest, "name": name})));
    }
    Ok(Answer::json(&json!({"items": items})))
}

async fn name(core: &Core, vault: &Vault, call: &Call, guest: &str) -> Result<Option<String>, Problem> {
    match present(core, vault, call, guest).await {
        Ok((_, sheet)) => Ok(sheet.map(|person| person.name)),
        // There is nobody (any more); anything else is a fault of this service.
        Err(problem) if matches!(problem.status, StatusCode::NOT_FOUND | StatusCode::GONE) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// A guest of whom something is known, with their present sheet.
async fn present(core: &Core, vault: &Vault, call: &Call, guest: &str) -> Result<(Seen<Guest>, Option<Person>), Problem> {
    let seen = is_living(core, vault, call, guest).await?.ok_or_else(|| Problem::not_found("guest-unknown"))?;
    let sheet = match &seen.state.edit {
        None => vault.person(guest).await?,
        Some(edit) => vault.sheet(guest, edit).await?,
    };
    Ok((seen, sheet))
}

/// A guest of the log, if there is one; 410 for somebody who is no more. A vault that still has them is older than the log (a
/// backup beside a store that was restored from its archive): it is told again to forget.
async fn is_living(core: &Core, vault: &Vault, call: &Call, guest: &str) -> Result<Option<Seen<Guest>>, Problem> {
    let seen = core.aggregate::<Guest>(call, guest, guest).await?.filter(|seen| seen.state.exists);
    let Some(Err(refused)) = seen.as_ref().map(|seen| seen.state.living()) else { return Ok(seen) };
    if vault.knows(guest).await? && !vault.is_forgotten(guest).await? {
        vault.destroy(guest).await?;
    }
    Err(gone(&refused))
}

/// Whether the log knows a guest whom the vault does not: it was lost, or is not back yet.
async fn is_lost(core: &Core, vault: &Vault, call: &Call, guest: &str) -> Result<bool, Problem> {
    // Asked twice: they may just be being made, in the vault first.
    Ok(!vault.knows(guest).await? && is_living(core, vault, call, guest).await?.is_some() && !vault.knows(guest).await?)
}

fn lost() -> VaultFault {
    VaultFault("a guest of the log is not in the vault".into())
}

/// 410: there was somebody; who is kept in their stead is said, where anybody is.
fn gone(refused: &GuestRefused) -> Problem {
    let fields = refused.detail().as_object().cloned().unwrap_or_default();
    Problem { fields, ..Problem::none(StatusCode::GONE, refused.code(), "") }
}

impl From<VaultFault> for Problem {
    fn from(fault: VaultFault) -> Self {
        tracing::error!(%fault, "the vault fails");
        Self::retry("vault")
    }
}
