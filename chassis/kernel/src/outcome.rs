//! Outcomes: the four answers a command can get. *Unknown* is one of them and is never treated as failure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decide::RefusalKind;

/// A definite no, as it is stored in the command's record and shown to the caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// Stable kebab-case code; each has a page in `docs/errors/`.
    pub code: String,
    /// Which HTTP status family it maps to.
    pub kind: RefusalKind,
    /// What the caller needs to act: offending nights, counts … A JSON object or null. Never personal data.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}

impl Refused {
    /// A refusal without detail.
    pub fn new(code: &str, kind: RefusalKind) -> Self {
        Self { code: code.to_owned(), kind, detail: Value::Null }
    }
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It happened, durably; the reply as JSON. `replayed`: the key was known and this is its stored answer.
    Applied {
        /// The reply's JSON.
        reply: String,
        /// Whether the stored answer of an earlier request was given.
        replayed: bool,
    },
    /// It did not and will not happen under this key.
    Rejected(Refused),
    /// Nothing has happened yet; the same key may be tried again. The code says why.
    Retry(std::borrow::Cow<'static, str>),
    /// Nobody knows (timeout, reset, crash): ask again with the same key.
    Unknown,
    /// A saga is deciding.
    Pending {
        /// Its id.
        saga: String,
        /// Whether an earlier request started it.
        replayed: bool,
    },
}

impl Outcome {
    /// A definite nothing-yet.
    pub fn retry(code: &'static str) -> Self {
        Self::Retry(code.into())
    }

    /// Whether asking again with the same key can never give another answer.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Applied { .. } | Self::Rejected(_))
    }
}
