//! The in-process wire: the same bytes to the same router, without a socket. The handler runs in a task of its own, so
//! that a caller's timeout never cancels a half-done command.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::oneshot;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use crate::wire::{BoxFuture, Lost, Wire};

/// A service's router as the wire sees it.
pub type Router = BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Infallible>;

/// How a task is started: `host` gives this, so that every task belongs to the process's join set.
pub type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// Routers by service name, filled while the house is put together.
#[derive(Clone)]
pub struct InProcess {
    routers: Arc<RwLock<BTreeMap<String, Router>>>,
    spawn: Spawn,
}

impl InProcess {
    /// An empty wire.
    pub fn new(spawn: Spawn) -> Self {
        Self { routers: Arc::default(), spawn }
    }

    /// Adds a service.
    pub fn attach(&self, service: &str, router: Router) {
        self.routers.write().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), router);
    }

    fn router(&self, service: &str) -> Option<Router> {
        self.routers.read().unwrap_or_else(PoisonError::into_inner).get(service).cloned()
    }
}

impl Wire for InProcess {
    fn send<'a>(&'a self, service: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(async move {
            let router = self.router(service).ok_or(Lost)?;
            let (done, answer) = oneshot::channel();
            (self.spawn)(Box::pin(async move {
                let Ok(response) = router.oneshot(request).await;
                let _caller_gone = done.send(response);
            }));
            // A panicking handler drops `done`: lost, hence unknown.
            answer.await.map_err(|_| Lost)
        })
    }
}
