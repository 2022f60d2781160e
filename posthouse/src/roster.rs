//! The whole system on one page: every service of the house, whom it commands, and what it needs from outside.

use std::path::Path;
use std::sync::Arc;

use guests::vault::Vault;
use host::Service;
use kernel::Chance;
use payments::provider::simulated::FileProvider;

/// The services of the house, in the order they start, and the services their sagas command.
pub const SERVICES: &[(&str, &[&str])] = &[
    ("hotels", &["inventory", "stays"]),
    ("inventory", &[]),
    ("reservations", &["inventory", "payments"]),
    ("stays", &["inventory", "payments", "reservations"]),
    ("payments", &[]),
    ("guests", &[]),
];

/// The front ends, by name.
pub const FRONTS: &[(&str, MakeFront)] = &[("website", website::app), ("frontdesk", frontdesk::app), ("console", console::app)];

/// Makes a front end of what the process gives it.
pub type MakeFront = fn(kit::Setup) -> axum::Router;

/// All services.
pub fn services(data: &Path, chance: &Arc<dyn Chance>) -> Result<Vec<Service>, String> {
    SERVICES.iter().map(|(name, _)| service(name, data, chance)).collect()
}

/// One service, with what it needs from outside opened in `data`.
pub fn service(name: &str, data: &Path, chance: &Arc<dyn Chance>) -> Result<Service, String> {
    Ok(match name {
        "hotels" => hotels::service(),
        "inventory" => inventory::service(),
        "reservations" => reservations::service(),
        "stays" => stays::service(),
        "payments" => {
            let provider = FileProvider::open(&data.join("provider.db")).map_err(|e| format!("the payment provider's ledger: {e}"))?;
            payments::service(Arc::new(provider))
        }
        "guests" => guests::service(Arc::new(Vault::open(data, chance.clone()).map_err(|e| format!("the guests' vault: {e}"))?)),
        other => return Err(format!("there is no service '{other}'")),
    })
}

/// The name as this program knows it; an error that lists the names otherwise.
pub fn known(name: &str) -> Result<&'static str, String> {
    let all = || SERVICES.iter().map(|(name, _)| *name);
    all()
        .find(|known| *known == name)
        .ok_or_else(|| format!("there is no service '{name}'; there are {}", all().collect::<Vec<_>>().join(", ")))
}

/// A service or a front end by its name, and whether it is a front end.
pub fn role(name: &str) -> Result<(&'static str, bool), String> {
    let front = FRONTS.iter().find(|(front, _)| *front == name);
    let fronts = || FRONTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    front.map_or_else(
        || known(name).map(|name| (name, false)).map_err(|e| format!("{e}, and the front ends {}", fronts())),
        |(name, _)| Ok((name, true)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_roster_knows_who_commands_whom() {
        let written: BTreeSet<(&str, &str)> =
            include_str!("../../docs/calls.out").lines().filter_map(|line| line.split(':').next()?.split_once(" -> ")).collect();
        let listed = SERVICES.iter().flat_map(|(from, to)| to.iter().map(|to| (*from, *to))).collect();
        assert_eq!(written, listed);
    }
}
