//! How sagas reach the vault: as a peer outside of the log. It is asked to forget, by reference, and says when it has.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use peer::wire::BoxFuture;
use peer::{Call, Lost, Wire};
use pipeline::{Answer, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Vault;

/// The name sagas know the vault by.
pub const VAULT: &str = "vault";
const DESTROY: &str = "/destroy";

/// The body of a destruction.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Destroyed {
    guest: String,
}

/// The call that forgets who a guest is.
pub fn destroy(guest: &str) -> Call {
    let body = json!(Destroyed { guest: guest.to_owned() }).to_string();
    Call { service: VAULT, name: "VaultDestroy", path: DESTROY.into(), body, key: None }
}

/// A vault as a wire.
pub struct VaultWire {
    vault: Arc<Vault>,
}

impl VaultWire {
    /// Carries calls to this vault.
    pub fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }

    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        if request.method() != Method::POST || request.uri().path() != DESTROY {
            return Ok(Problem::not_found("not-found").into_response());
        }
        let Ok(Destroyed { guest }) = serde_json::from_slice(request.body()) else {
            return Ok(Problem::invalid("the body is not what the vault is asked").into_response());
        };
        self.vault.destroy(&guest).await.map_err(|fault| {
            tracing::error!(%fault, "the vault fails");
            Lost
        })?;
        Ok(Answer { applied: true, ..Answer::json(&json!({})) }.into_response())
    }
}

impl Wire for VaultWire {
    fn send<'a>(&'a self, _: &'a str, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Lost>> {
        Box::pin(self.answer(request))
    }
}
