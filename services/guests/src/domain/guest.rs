//! A guest as the log knows them: a reference, which sheet of the vault is the present one, and what refers to them.

use std::collections::BTreeSet;

use kernel::{Aggregate, Busy, Event, Refusal, RefusalKind, Stop};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Reservations named in a refusal.
const NAMED_MAX: usize = 10;

/// What can happen to a guest. Never personal data: events cannot be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GuestEvent {
    /// There is a guest; the vault knows who.
    GuestCreated {},
    /// The guest is described anew; the vault has the sheet under this reference.
    GuestUpdated {
        /// The sheet.
        edit: String,
    },
    /// A reservation refers to the guest.
    BookingNoted {
        /// Which.
        reservation: String,
    },
    /// It is over.
    BookingSettled {
        /// Which.
        reservation: String,
    },
    /// Nobody is to know who this was; the vault is told so.
    GuestErased {},
    /// Another guest is being asked to be this one.
    MergeStarted {
        /// The saga.
        saga: String,
    },
    /// It is not.
    MergeFailed {},
    /// Another reference meant this guest.
    Absorbed {
        /// The other one.
        guest: String,
    },
    /// This reference means another guest.
    GuestMerged {
        /// That one.
        into: String,
    },
}

impl Event for GuestEvent {}

/// A guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Whether there is one (or was).
    pub exists: bool,
    /// The vault's sheet that is the present one; `None` for the first.
    #[serde(default)]
    pub edit: Option<String>,
    /// Sheets that are not, oldest first.
    #[serde(default)]
    pub superseded: Vec<String>,
    /// Reservations that refer to the guest and are not over.
    #[serde(default)]
    pub reservations: BTreeSet<String>,
    /// Whether nobody knows any more who this was.
    #[serde(default)]
    pub erased: bool,
    /// The guest this one is.
    #[serde(default)]
    pub merged_into: Option<String>,
    /// The saga that is merging it.
    #[serde(default)]
    pub busy: Option<String>,
}

impl Aggregate for Guest {
    const KIND: &'static str = "guest";
    type Event = GuestEvent;

    fn evolve(&mut self, event: &GuestEvent) {
        match event {
            GuestEvent::GuestCreated {} => self.exists = true,
            GuestEvent::GuestUpdated { edit } => {
                let before = self.edit.replace(edit.clone());
                self.superseded.extend(before);
            }
            GuestEvent::BookingNoted { reservation } => {
                self.reservations.insert(reservation.clone());
            }
            GuestEvent::BookingSettled { reservation } => {
                self.reservations.remove(reservation);
            }
            GuestEvent::GuestErased {} => self.erased = true,
            GuestEvent::MergeStarted { saga } => self.busy = Some(saga.clone()),
            GuestEvent::MergeFailed {} => self.busy = None,
            GuestEvent::Absorbed { .. } => {}
            GuestEvent::GuestMerged { into } => {
                self.busy = None;
                self.merged_into = Some(into.clone());
            }
        }
    }
}

impl Guest {
    /// A guest of whom something is known.
    pub fn living(&self) -> Result<&Self, GuestRefused> {
        match (self.exists, self.erased, &self.merged_into) {
            (false, _, _) => Err(GuestRefused::Unknown),
            (_, true, _) => Err(GuestRefused::Erased),
            (_, _, Some(into)) => Err(GuestRefused::Merged { into: into.clone() }),
            _ => Ok(self),
        }
    }

    /// One that is not just becoming another.
    pub fn settled(&self) -> Result<&Self, Stop> {
        self.living()?;
        if self.busy.is_some() { Err(Stop::Busy(Busy("guest-busy"))) } else { Ok(self) }
    }
}

/// Why nothing is done with a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestRefused {
    /// No such guest.
    Unknown,
    /// Nobody knows any more who this was.
    Erased,
    /// This is another guest.
    Merged {
        /// That one.
        into: String,
    },
    /// The guest who should be kept is just being merged into another.
    MergeCrossed,
    /// Reservations refer to the guest.
    InUse {
        /// Which.
        reservations: Vec<String>,
    },
}

impl Refusal for GuestRefused {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "guest-unknown",
            Self::Erased => "guest-erased",
            Self::Merged { .. } => "guest-merged",
            Self::MergeCrossed => "merge-crossed",
            Self::InUse { .. } => "guest-in-use",
        }
    }

    fn kind(&self) -> RefusalKind {
        if *self == Self::Unknown { RefusalKind::NotFound } else { RefusalKind::Conflict }
    }

    fn detail(&self) -> Value {
        match self {
            Self::Merged { into } => json!({"merged_into": into}),
            Self::InUse { reservations: all } => {
                let ids: Vec<_> = all.iter().take(NAMED_MAX).collect();
                json!({"dependants": [{"kind": "reservation", "total": all.len(), "ids": ids}]})
            }
            _ => Value::Null,
        }
    }
}
