//! guests: people. Their data lives in the vault; everybody else knows them by reference.

use peer::Contract;
use serde::{Deserialize, Serialize};

/// Makes a guest. The only command that carries personal data; it is stored encrypted, never in an event.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateGuest {
    /// Full name.
    pub name: String,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// BCP 47 tag of the language they want to be written to in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl std::fmt::Debug for CreateGuest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Personal data must not reach a log through a debug print.
        f.write_str("CreateGuest(…)")
    }
}

impl Contract for CreateGuest {
    const SERVICE: &'static str = "guests";
    const NAME: &'static str = "CreateGuest";
    const PATH: &'static str = "/guests";
    type Reply = GuestRef;
}

/// A guest by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestRef {
    /// The reference.
    pub guest: String,
}

/// Public events of guests; the CloudEvents type is `guests.<variant>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GuestFact {
    /// A guest's data has changed (or is new).
    GuestChanged {
        /// The reference.
        guest: String,
    },
}
