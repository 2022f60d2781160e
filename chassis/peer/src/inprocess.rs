//! The in-process wire: the same bytes to the same router, without a socket. The handler runs in a task of its own, so
//! that a caller's timeout never cancels a half-done command.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::wire::{ANSWER_BYTES_MAX, Arrived, BoxFuture, Lost, Wire};

/// A service's router as the wire sees it.
pub type Router = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Infallible>;

/// How a task is started: `host` gives this, so that every task belongs to the process's join set.
pub type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// Routers by service name, filled while the house is put together.
#[derive(Clone)]
pub struct InProcess {
    routers: Arc<RwLock<BTreeMap<String, Router>>>,
    spawn: Spawn,
    answer_bytes_max: usize,
}

impl InProcess {
    /// An empty wire.
    pub fn new(spawn: Spawn) -> Self {
        Self { routers: Arc::default(), spawn, answer_bytes_max: ANSWER_BYTES_MAX }
    }

    /// With another limit of an answer's size.
    pub fn with_limit(self, answer_bytes_max: usize) -> Self {
        Self { answer_bytes_max, ..self }
    }

    /// Adds a service.
    pub fn attach(&self, service: &str, router: Router) {
        self.routers.write().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), router);
    }

    /// Whether a service is here.
    pub fn has(&self, service: &str) -> bool {
        self.routers.read().unwrap_or_else(PoisonError::into_inner).contains_key(service)
    }

    fn router(&self, service: &str) -> Option<Router> {
        self.routers.read().unwrap_or_else(PoisonError::into_inner).get(service).cloned()
    }
}

impl Wire for InProcess {
    fn send<'a>(&'a self, service: &'a str, mut request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            let router = self.router(service).ok_or(Lost)?;
            if request.extensions().get::<Arrived>().is_none() {
                request.extensions_mut().insert(Arrived(Instant::now()));
            }
            let (done, answer) = oneshot::channel();
            (self.spawn)(Box::pin(async move {
                let Ok(response) = router.oneshot(request).await;
                let _caller_gone = done.send(response);
            }));
            // A panicking handler drops `done`: lost, hence unknown.
            let answer = answer.await.map_err(|_| Lost)?;
            if answer.body().len() > self.answer_bytes_max {
                tracing::warn!(service, bytes = answer.body().len(), "an answer is too large");
                return Err(Lost);
            }
            Ok(answer)
        })
    }
}
