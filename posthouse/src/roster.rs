//! The whole system on one page: every service of the house and what it needs from outside.

use std::path::Path;
use std::sync::Arc;

use guests::vault::Vault;
use host::Service;
use kernel::Chance;
use payments::provider::simulated::FileProvider;

/// The services of the house, in the order they start.
pub fn services(data: &Path, chance: &Arc<dyn Chance>) -> Result<Vec<Service>, String> {
    let provider = FileProvider::open(&data.join("provider.db")).map_err(|e| format!("the payment provider's ledger: {e}"))?;
    let vault = Vault::open(data, chance.clone()).map_err(|e| format!("the guests' vault: {e}"))?;
    Ok(vec![
        hotels::service(),
        inventory::service(),
        reservations::service(),
        stays::service(),
        payments::service(Arc::new(provider)),
        guests::service(Arc::new(vault)),
    ])
}
