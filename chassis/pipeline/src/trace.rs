//! Layer 1, trace: gives every call a W3C trace context and a line in the log, and counts the pass.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower::Service;
use tower::layer::{LayerFn, layer_fn};
use tracing::Instrument;

use crate::answer::Answer;
use crate::call::Call;
use crate::engine::Core;
use crate::problem::Problem;
use crate::stack::{Inner, Walk};

/// The layer.
#[derive(Clone)]
pub struct Trace<S> {
    core: Arc<Core>,
    inner: S,
}

impl<S: Inner> Trace<S> {
    /// Wraps a service.
    pub fn layer(core: Arc<Core>) -> LayerFn<impl Fn(S) -> Self + Clone> {
        layer_fn(move |inner| Self { core: core.clone(), inner })
    }
}

impl<S: Inner> Service<Call> for Trace<S> {
    type Response = Answer;
    type Error = Problem;
    type Future = Walk;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Problem>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut call: Call) -> Walk {
        self.core.count_pass();
        call.traceparent = match call.header("traceparent") {
            Some(given) if is_traceparent(given) => given.to_owned(),
            _ => format!("00-{:016x}{:016x}-{:016x}-01", self.core.chance.next(), self.core.chance.next(), self.core.chance.next()),
        };
        let span = tracing::debug_span!("call", service = self.core.service, name = call.route.name, trace = call.traceparent);
        let walk = self.inner.call(call);
        Box::pin(
            async move {
                let answer = walk.await;
                match &answer {
                    Ok(answer) => tracing::debug!(status = answer.status.as_u16(), "answered"),
                    Err(problem) => tracing::debug!(status = problem.status.as_u16(), code = problem.code, "refused"),
                }
                answer
            }
            .instrument(span),
        )
    }
}

/// `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit());
    matches!(parts[..], ["00", trace, span, flags] if hex(trace, 32) && hex(span, 16) && hex(flags, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_trace_contexts_are_taken() {
        assert!(is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        assert!(!is_traceparent("00-zz-b7ad6b7169203331-01"));
        assert!(!is_traceparent("robert'); drop table"));
    }
}
