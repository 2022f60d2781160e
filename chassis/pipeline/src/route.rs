//! The route table: one line a command or query, as data.

use std::sync::Arc;

use eventstore::Deciding;
use http::Method;
use kernel::Decide;
use peer::Contract;
use saga::{Begin, Starting};
use serde::Serialize;
use tower::util::BoxCloneSyncService;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::handle::{Handle, Submit};
use crate::problem::{Invalid, Problem};
use crate::query::{Ask, Query};
use crate::stack::{self, Walk};

/// Who may use a route. In order: each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anybody.
    Public,
    /// A guest, for what is theirs.
    Guest,
    /// The front desk.
    Desk,
    /// Limits and prices.
    Revenue,
    /// Sagas, feeds, peers.
    Operator,
    /// Another service of the house.
    Peer,
}

/// What is shed first when there is too much: the highest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// Finishes or undoes what has been started: confirm, release, void.
    Finish,
    /// Takes money.
    Capture,
    /// Starts something.
    Hold,
    /// Reads one thing.
    Quote,
    /// Reads many things.
    Search,
}

/// One line of the route table.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// The service.
    pub service: &'static str,
    /// `GET` or `POST`.
    #[serde(serialize_with = "as_text")]
    pub method: Method,
    /// Path below `/api/<service>/v1`.
    pub path: &'static str,
    /// The command's or query's name.
    pub name: &'static str,
    /// Who may.
    pub role: Role,
    /// How important it is under load.
    pub criticality: Criticality,
    /// The field of the reply that names what the command has made (201, and `Location` below the command's path).
    pub creates: Option<&'static str>,
}

fn as_text<S: serde::Serializer>(method: &Method, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(method.as_str())
}

/// What answers a route, layers included.
pub type Endpoint = BoxCloneSyncService<Call, Answer, Problem>;

type Make = Box<dyn FnOnce(Arc<Core>, Arc<Route>) -> Endpoint + Send>;

/// A route with the stack that answers it, made when the service starts.
pub struct RouteEntry {
    /// The table's line.
    pub route: Route,
    /// Makes the stack.
    pub make: Make,
}

impl RouteEntry {
    /// Says that the command makes something new, which this field of its reply names.
    pub fn creates(mut self, field: &'static str) -> Self {
        self.route.creates = Some(field);
        self
    }
}

/// A command that is one decision in the service's own lane. `C` is the contract, `D` the checked command.
pub fn command<C, D>(role: Role, criticality: Criticality) -> RouteEntry
where
    C: Contract + Sync,
    D: Decide + TryFrom<C, Error = Invalid>,
{
    let submit: Submit<D> = |d| (kernel::lane_of(d.partition()), Box::new(Deciding(d)));
    post_contract::<C, D>(role, criticality, submit)
}

/// A command whose answer is a saga's.
pub fn saga<C, B>(role: Role, criticality: Criticality) -> RouteEntry
where
    C: Contract + Sync,
    B: Begin + TryFrom<C, Error = Invalid>,
{
    let submit: Submit<B> = |b| (kernel::lane_of(b.partition()), Box::new(Starting(b)));
    post_contract::<C, B>(role, criticality, submit)
}

fn post_contract<C, D>(role: Role, criticality: Criticality, submit: Submit<D>) -> RouteEntry
where
    C: Contract + Sync,
    D: TryFrom<C, Error = Invalid> + Send + Sync + 'static,
{
    let route = Route { service: C::SERVICE, method: Method::POST, path: C::PATH, name: C::NAME, role, criticality, creates: None };
    let make: Make = Box::new(move |core, route| stack::command::<C, D, _>(core.clone(), route, Handle::new(core, submit)));
    RouteEntry { route, make }
}

/// A query.
pub fn get(
    service: &'static str,
    path: &'static str,
    name: &'static str,
    role: Role,
    criticality: Criticality,
    ask: impl Fn(Arc<Core>, Call) -> Walk + Send + Sync + 'static,
) -> RouteEntry {
    plain(Method::GET, service, path, name, role, criticality, Arc::new(ask))
}

/// A POST that needs more than one decision (the vault): the handler does it by hand, with everything around it the same.
pub fn post(
    service: &'static str,
    path: &'static str,
    name: &'static str,
    role: Role,
    criticality: Criticality,
    ask: impl Fn(Arc<Core>, Call) -> Walk + Send + Sync + 'static,
) -> RouteEntry {
    plain(Method::POST, service, path, name, role, criticality, Arc::new(ask))
}

fn plain(
    method: Method,
    service: &'static str,
    path: &'static str,
    name: &'static str,
    role: Role,
    criticality: Criticality,
    ask: Ask,
) -> RouteEntry {
    let route = Route { service, method, path, name, role, criticality, creates: None };
    let make: Make = Box::new(move |core, route| stack::query(core.clone(), route, Query::new(core, ask)));
    RouteEntry { route, make }
}
