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

/// Describes a guest anew: this is the whole sheet, and what it leaves out is forgotten.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateGuest {
    /// The reference.
    pub guest: String,
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

impl std::fmt::Debug for UpdateGuest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Personal data must not reach a log through a debug print.
        write!(f, "UpdateGuest({}, …)", self.guest)
    }
}

impl Contract for UpdateGuest {
    const SERVICE: &'static str = "guests";
    const NAME: &'static str = "UpdateGuest";
    const PATH: &'static str = "/guests/{guest}/changes";
    type Reply = GuestRef;
}

/// Forgets who a guest is, for ever: their key is destroyed, the reference stays. Refused `guest-in-use` while a reservation
/// that is not over refers to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseGuest {
    /// The reference.
    pub guest: String,
}

impl Contract for EraseGuest {
    const SERVICE: &'static str = "guests";
    const NAME: &'static str = "EraseGuest";
    const PATH: &'static str = "/guests/{guest}/erasure";
    type Reply = GuestRef;
}

/// Says that a guest is one that is known already: that one stays as it is, this one points to it and is forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeGuest {
    /// The reference that is given up.
    pub guest: String,
    /// The reference that is kept.
    pub into: String,
}

impl Contract for MergeGuest {
    const SERVICE: &'static str = "guests";
    const NAME: &'static str = "MergeGuest";
    const PATH: &'static str = "/guests/{guest}/merge";
    type Reply = GuestRef;
}

/// Accepts that another reference meant this guest. Sent by guests to itself: the two live in different lanes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absorb {
    /// The reference that is kept.
    pub guest: String,
    /// The reference that is given up.
    pub other: String,
}

impl Contract for Absorb {
    const SERVICE: &'static str = "guests";
    const NAME: &'static str = "Absorb";
    const PATH: &'static str = "/guests/{guest}/absorptions";
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
    /// Nobody knows any more who this guest was.
    GuestErased {
        /// The reference.
        guest: String,
    },
    /// This guest is another one.
    GuestMerged {
        /// The reference given up.
        guest: String,
        /// The reference kept.
        into: String,
    },
}
