//! What the layers that keep too much out remember between calls: how long decisions have been waiting, how much each
//! principal has asked for, whether the process is going down.

use std::sync::Arc;

use tokio::sync::watch;

use crate::shed::Pressure;
use crate::throttle::Throttle;

/// One service's gates; cheap to clone.
#[derive(Clone, Default)]
pub struct Gates {
    /// How long decisions have been waiting, and what was shed.
    pub pressure: Arc<Pressure>,
    /// What each principal may still ask for.
    pub throttle: Arc<Throttle>,
    /// Whether the process is going down.
    pub closing: Closing,
}

/// Says once that the process is going down: long polls end, readiness is off. Clones share it.
#[derive(Clone)]
pub struct Closing(Arc<watch::Sender<bool>>);

impl Default for Closing {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Closing {
    /// The process is going down.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is.
    pub async fn begun(&self) {
        let mut told = self.0.subscribe();
        // The sender lives as long as this: an error cannot be.
        let _is_closing = told.wait_for(|closing| *closing).await;
    }
}
