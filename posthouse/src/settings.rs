//! What one process runs, and where the others are: read from a file and the command line, checked before anything starts.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use peer::Directory;
use pipeline::Share;
use serde::Deserialize;

use crate::archive::keeping::Archiving;
use crate::cli::RunArgs;
use crate::roster;

/// The longest wait between "not ready" and the last accepted connection, in milliseconds.
const DRAIN_WAIT_MS_MAX: u64 = 60_000;

/// The variable with the store of all services; `<it>_INVENTORY` is one service's. A URL with a password belongs here and
/// not into a file or a command line.
pub const STORE: &str = "POSTHOUSE_STORE";

/// The file, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Services and front ends to run; `--only` wins.
    roles: Option<Vec<String>>,
    /// For everybody; `--listen` wins.
    listen: Option<SocketAddr>,
    /// For other processes of the house.
    peer_listen: Option<SocketAddr>,
    /// Directory of the stores; `--data` wins.
    data: Option<PathBuf>,
    /// Directory of what is outside of the house and one for all replicas: the simulated payment provider's ledger, the
    /// guests' vault and its key. `data` without it.
    shared: Option<PathBuf>,
    /// PostgreSQL instead of SQLite; `--store` wins.
    store: Option<String>,
    /// Services whose store is somewhere else than the others'.
    stores: BTreeMap<String, String>,
    /// Whether requests for services that are not here are handed on to where they are.
    gateway: bool,
    /// Milliseconds between "not ready" and the last accepted connection.
    drain_wait_ms: u64,
    /// What one principal may ask of one service.
    share: Share,
    /// Where the other services are.
    peers: BTreeMap<String, Vec<String>>,
    /// Where history is archived.
    archive: Archiving,
}

/// What a process does, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The services that run here.
    pub roles: Vec<&'static str>,
    /// The front ends that run here.
    pub fronts: Vec<&'static str>,
    /// For everybody.
    pub listen: SocketAddr,
    /// For other processes of the house.
    pub peer_listen: Option<SocketAddr>,
    /// Directory of the stores.
    pub data: PathBuf,
    /// Directory of what is outside of the house and one for all replicas.
    pub shared: PathBuf,
    /// PostgreSQL instead of SQLite.
    pub store: Option<String>,
    /// PostgreSQL of single services, which is somewhere else than the others'.
    pub stores: BTreeMap<&'static str, String>,
    /// Whether requests for services that are not here are handed on.
    pub gateway: bool,
    /// Between "not ready" and the last accepted connection.
    pub drain_wait: Duration,
    /// What one principal may ask of one service.
    pub share: Share,
    /// Where the other services are.
    pub directory: Directory,
    /// Where history is archived.
    pub archive: Archiving,
    /// Whether this is a demonstration: pages say so, and the wire between the services has a hand on it.
    pub demo: bool,
}

impl Settings {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        Self::parse(&text).map_err(|why| format!("{}: {why}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())
    }
}

impl Plan {
    /// The whole house in one process.
    pub fn whole(data: &Path, store: Option<&str>, listen: SocketAddr) -> Self {
        Self {
            roles: roster::SERVICES.iter().map(|(name, _)| *name).collect(),
            fronts: roster::FRONTS.iter().map(|(name, _)| *name).collect(),
            listen,
            peer_listen: None,
            data: data.to_owned(),
            shared: data.to_owned(),
            store: store.map(str::to_owned),
            stores: BTreeMap::new(),
            gateway: false,
            drain_wait: Duration::ZERO,
            share: Share::default(),
            directory: Directory::default(),
            archive: Archiving::default(),
            demo: false,
        }
    }

    /// What the file, the command line and the environment say together.
    pub fn of(settings: Settings, args: &RunArgs, variables: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let (mut roles, mut fronts) = (Vec::new(), Vec::new());
        for name in args.only.as_ref().or(settings.roles.as_ref()).into_iter().flatten().filter(|name| !name.is_empty()) {
            let (name, is_front) = roster::role(name)?;
            let listed = if is_front { &mut fronts } else { &mut roles };
            if listed.contains(&name) {
                return Err(format!("'{name}' is listed twice"));
            }
            listed.push(name);
        }
        let variables: Vec<(String, String)> = variables.collect();
        let stores = stores(settings.stores, &variables)?;
        let store = variables.iter().find(|(name, _)| name == STORE).map(|(_, url)| url.clone());
        let directory = Directory::read(&settings.peers)?.overlay(variables.into_iter())?;
        for service in directory.services() {
            roster::known(service).map_err(|why| format!("peers: {why}"))?;
        }
        if roles.is_empty() && fronts.is_empty() && !settings.gateway {
            return Err("nothing to run: name services or front ends with --only or roles = [...], or set gateway = true".into());
        }
        if settings.drain_wait_ms > DRAIN_WAIT_MS_MAX {
            return Err(format!("drain_wait_ms is {}; at most {DRAIN_WAIT_MS_MAX}", settings.drain_wait_ms));
        }
        if settings.share.per_second == 0 || settings.share.burst == 0 {
            return Err("share: per_second and burst must be at least 1".into());
        }
        settings.archive.check()?;
        let listen = args.listen.or(settings.listen).unwrap_or_else(|| ([127, 0, 0, 1], 8080).into());
        if settings.peer_listen.is_some_and(|inside| inside == listen && inside.port() != 0) {
            return Err(format!("listen and peer_listen are both {listen}: peers need an address that outsiders do not reach"));
        }
        let data = args.data.clone().or(settings.data).unwrap_or_else(|| "posthouse-data".into());
        Ok(Self {
            roles,
            fronts,
            listen,
            peer_listen: settings.peer_listen,
            shared: settings.shared.unwrap_or_else(|| data.clone()),
            data,
            store: args.store.clone().or(store).or(settings.store),
            stores,
            gateway: settings.gateway,
            drain_wait: Duration::from_millis(settings.drain_wait_ms),
            share: settings.share,
            directory,
            archive: settings.archive,
            demo: false,
        })
    }

    /// Fails when a role could not reach a service that it commands or follows.
    pub fn check_reach(&self, role: &str, follows: impl Iterator<Item = &'static str>) -> Result<(), String> {
        let commands = roster::SERVICES.iter().filter(|(name, _)| *name == role).flat_map(|(_, commands)| commands.iter().copied());
        for (service, does) in commands.map(|s| (s, "commands")).chain(follows.map(|s| (s, "follows"))) {
            if !self.roles.contains(&service) && self.directory.addresses(service).is_empty() {
                let variable = format!("{}{}", peer::directory::VARIABLE, service.to_uppercase());
                return Err(format!("{role} {does} {service}, which neither runs here nor is listed under [peers] (or in {variable})"));
            }
        }
        Ok(())
    }
}

/// Stores of single services: what the environment says wins over the file.
fn stores(file: BTreeMap<String, String>, variables: &[(String, String)]) -> Result<BTreeMap<&'static str, String>, String> {
    let mut stores = BTreeMap::new();
    for (name, url) in file {
        stores.insert(roster::known(&name).map_err(|why| format!("stores: {why}"))?, url);
    }
    for (name, url) in variables {
        if let Some(service) = name.strip_prefix(STORE).and_then(|rest| rest.strip_prefix('_')) {
            stores.insert(roster::known(&service.to_lowercase()).map_err(|why| format!("{name}: {why}"))?, url.clone());
        }
    }
    Ok(stores)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str, args: RunArgs) -> Result<Plan, String> {
        Plan::of(Settings::parse(text)?, &args, std::iter::empty())
    }

    const FILE: &str = r#"
        roles = ["stays"]
        listen = "127.0.0.1:1"
        peer_listen = "127.0.0.1:2"
        drain_wait_ms = 5000
        [share]
        per_second = 100
        burst = 200
        [peers]
        inventory = ["http://a:1", "http://b:1"]
    "#;

    #[test]
    fn a_file_is_read_and_the_command_line_wins() {
        let read = plan(FILE, RunArgs::default()).unwrap();
        assert_eq!((read.roles, read.listen.port(), read.peer_listen.map(|a| a.port())), (vec!["stays"], 1, Some(2)));
        assert_eq!((read.drain_wait, read.share), (Duration::from_secs(5), Share { per_second: 100, burst: 200 }));
        assert_eq!(read.directory.addresses("inventory").len(), 2);
        let args =
            RunArgs { only: Some(vec!["guests".into(), "hotels".into()]), listen: Some(([0, 0, 0, 0], 9).into()), ..RunArgs::default() };
        let read = plan(FILE, args).unwrap();
        assert_eq!((read.roles, read.listen.port()), (vec!["guests", "hotels"], 9));
    }

    #[test]
    fn a_service_may_have_a_store_of_its_own_and_the_environment_wins_over_the_file() {
        let file = "roles = [\"hotels\"]\nstore = \"postgres://a/x\"\n[stores]\nstays = \"postgres://b/y\"\nguests = \"postgres://c/z\"";
        let read = |variables: &[(&str, &str)], args: RunArgs| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Plan::of(Settings::parse(file).unwrap(), &args, variables)
        };
        let mixed =
            read(&[("POSTHOUSE_STORE_GUESTS", "postgres://d"), ("POSTHOUSE_STORE", "postgres://e"), ("PATH", "/")], RunArgs::default())
                .unwrap();
        assert_eq!(mixed.store.as_deref(), Some("postgres://e"));
        let own: Vec<_> = mixed.stores.iter().map(|(service, url)| (*service, url.as_str())).collect();
        assert_eq!(own, [("guests", "postgres://d"), ("stays", "postgres://b/y")]);
        let args = RunArgs { store: Some("postgres://f".into()), ..RunArgs::default() };
        assert_eq!(read(&[("POSTHOUSE_STORE", "postgres://e")], args).unwrap().store.as_deref(), Some("postgres://f"));
        assert!(read(&[("POSTHOUSE_STORE_KITCHEN", "postgres://d")], RunArgs::default()).unwrap_err().contains("no service 'kitchen'"));
        assert!(
            plan("roles = [\"hotels\"]\n[stores]\nstay = \"x\"", RunArgs::default())
                .unwrap_err()
                .contains("stores: there is no service 'stay'")
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_says_why() {
        let bad = [
            ("rolls = []", "unknown field `rolls`"),
            ("roles = [\"stay\"]", "there is no service 'stay'; there are hotels"),
            ("roles = [\"stays\", \"stays\"]", "listed twice"),
            ("", "nothing to run"),
            ("roles = [\"hotels\"]\n[peers]\ninventry = [\"http://a:1\"]", "there is no service 'inventry'"),
            ("roles = [\"hotels\"]\n[peers]\nstays = [\"a:1\"]", "http://host:port"),
            ("roles = [\"hotels\"]\nlisten = \"here\"", "listen"),
            ("roles = [\"hotels\"]\nlisten = \"[::1]:5\"\npeer_listen = \"[::1]:5\"", "outsiders"),
            ("roles = [\"hotels\"]\ndrain_wait_ms = 600000", "at most"),
            ("roles = [\"hotels\"]\n[share]\nburst = 0", "at least 1"),
            ("roles = [\"hotels\"]\n[archive]\nto = [\"file:///a\"]\ncopies = 2", "there are 1 places"),
            ("roles = [\"hotels\"]\n[archive]\ncell = \"EU West\"", "small letters"),
            ("roles = [\"hotels\"]\n[archive]\nevery_s = 0", "every_s is 0"),
        ];
        for (text, why) in bad {
            let said = plan(text, RunArgs::default()).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
        assert!(Settings::read(Path::new("/nowhere/x.toml")).unwrap_err().contains("/nowhere/x.toml"));
    }

    #[test]
    fn a_role_must_be_able_to_reach_whom_it_commands_and_follows() {
        let plan = plan(FILE, RunArgs::default()).unwrap();
        let why = plan.check_reach("stays", ["hotels"].into_iter()).unwrap_err();
        assert!(why.contains("stays commands payments") && why.contains("POSTHOUSE_PEER_PAYMENTS"), "{why}");
        assert!(plan.check_reach("guests", ["hotels"].into_iter()).unwrap_err().contains("guests follows hotels"));
        assert_eq!(plan.check_reach("hotels", ["inventory"].into_iter()), Ok(()));
    }

    #[test]
    fn the_sample_in_the_handbook_is_a_house_in_which_everybody_reaches_everybody() {
        let handbook = include_str!("../../docs/operate.md");
        let samples: Vec<&str> = handbook.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        let [archive, house, hotels, gateway] = samples[..] else { panic!("four samples, not {}", samples.len()) };
        let archived = plan(&format!("roles = [\"hotels\"]\n{archive}"), RunArgs::default()).unwrap().archive;
        assert_eq!((archived.to.len(), archived.copies, archived.keep_days), (2, Some(2), Some(90)));
        assert!(plan(&format!("{gateway}{house}"), RunArgs::default()).unwrap().gateway);
        assert_eq!(plan(&format!("{hotels}{house}"), RunArgs::default()).unwrap().roles, ["hotels"]);
        for (role, _) in roster::SERVICES {
            let plan = plan(&format!("roles = [\"{role}\"]\n{house}"), RunArgs::default()).unwrap();
            let everybody = roster::SERVICES.iter().map(|(name, _)| *name);
            assert_eq!(plan.check_reach(role, everybody), Ok(()));
        }
    }
}
