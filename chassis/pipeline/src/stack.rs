//! The stack, top-down. Adding a layer is one file and one line here.

use std::sync::Arc;

use peer::Contract;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder};

use crate::answer::Answer;
use crate::at::At;
use crate::authenticate::Authenticate;
use crate::authorise::Authorise;
use crate::call::Call;
use crate::deadline::Deadline;
use crate::engine::Core;
use crate::problem::{Invalid, Problem};
use crate::query::Query;
use crate::route::{Endpoint, Route};
use crate::shed::Shed;
use crate::throttle::Throttled;
use crate::trace::Trace;
use crate::validate::{Checked, Validate};

/// A future of a layer.
pub type Walk = std::pin::Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;

/// The stack of a typed command.
pub fn command<C, D, H>(core: Arc<Core>, _route: Arc<Route>, handle: H) -> Endpoint
where
    C: Contract + Sync,
    D: TryFrom<C, Error = Invalid> + Send + Sync + 'static,
    H: Service<Checked<D>, Response = Answer, Error = Problem, Future = Walk> + Clone + Send + Sync + 'static,
{
    BoxCloneSyncService::new(
        ServiceBuilder::new()
            .layer(Trace::layer(core.clone()))
            .layer(Deadline::layer())
            .layer(Shed::layer(core.clone()))
            .layer(Authenticate::layer())
            .layer(Throttled::layer(core.clone()))
            .layer(Authorise::layer())
            .layer(At::layer(core))
            .layer(Validate::<C, D, H>::layer())
            .service(handle),
    )
}

/// The stack of a query.
pub fn query(core: Arc<Core>, _route: Arc<Route>, query: Query) -> Endpoint {
    BoxCloneSyncService::new(
        ServiceBuilder::new()
            .layer(Trace::layer(core.clone()))
            .layer(Deadline::layer())
            .layer(Shed::layer(core.clone()))
            .layer(Authenticate::layer())
            .layer(Throttled::layer(core.clone()))
            .layer(Authorise::layer())
            .layer(At::layer(core))
            .service(query),
    )
}

/// What every layer over [`Call`] needs of the service inside it.
pub trait Inner: Service<Call, Response = Answer, Error = Problem, Future = Walk> + Clone + Send + Sync + 'static {}

impl<S> Inner for S where S: Service<Call, Response = Answer, Error = Problem, Future = Walk> + Clone + Send + Sync + 'static {}
