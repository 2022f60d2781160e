//! The domain of payments: one aggregate and one file a command.

pub mod payment;
pub mod authorise;
pub mod void;
pub mod capture;
pub mod refund;
