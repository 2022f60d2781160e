//! The directory: where each service can be reached. Several addresses of one service are replicas of the same role on the
//! same store.

use std::collections::BTreeMap;

use http::Uri;
use http::uri::Authority;

/// What an environment variable that names a peer begins with: `POSTHOUSE_PEER_INVENTORY=http://a:1,http://b:2`.
pub const VARIABLE: &str = "POSTHOUSE_PEER_";

/// Addresses of one service at most.
const ADDRESSES_MAX: usize = 32;

/// Addresses (`host:port`) by service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory(BTreeMap<String, Vec<Authority>>);

impl Directory {
    /// Reads what a configuration lists.
    pub fn read(listed: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let mut directory = Self::default();
        for (service, urls) in listed {
            directory.put(service, urls.iter().map(String::as_str))?;
        }
        Ok(directory)
    }

    /// Takes what the environment says over what is listed so far. Variables of other names are not looked at.
    pub fn overlay(mut self, variables: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        for (name, value) in variables {
            if let Some(service) = name.strip_prefix(VARIABLE) {
                let service = service.to_ascii_lowercase();
                self.put(&service, value.split(',').map(str::trim).filter(|url| !url.is_empty()))
                    .map_err(|why| format!("{name}: {why}"))?;
            }
        }
        Ok(self)
    }

    fn put<'a>(&mut self, service: &str, urls: impl Iterator<Item = &'a str>) -> Result<(), String> {
        let addresses = urls.map(address).collect::<Result<Vec<_>, _>>().map_err(|why| format!("peer '{service}': {why}"))?;
        if addresses.is_empty() || addresses.len() > ADDRESSES_MAX {
            return Err(format!("peer '{service}' has {} addresses; it needs 1 to {ADDRESSES_MAX}", addresses.len()));
        }
        self.0.insert(service.to_owned(), addresses);
        Ok(())
    }

    /// The addresses of a service; empty when it is not listed.
    pub fn addresses(&self, service: &str) -> &[Authority] {
        self.0.get(service).map_or(&[], Vec::as_slice)
    }

    /// Every service that is listed.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn address(url: &str) -> Result<Authority, String> {
    let bad = || format!("'{url}' is not an address like http://host:port");
    let uri: Uri = url.parse().map_err(|_| bad())?;
    let bare = uri.scheme_str() == Some("http") && matches!(uri.path(), "" | "/") && uri.query().is_none();
    let authority = uri.authority().filter(|a| a.port_u16().is_some() && !a.as_str().contains('@'));
    authority.filter(|_| bare).cloned().ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(service: &str, urls: &[&str]) -> Result<Directory, String> {
        Directory::read(&BTreeMap::from([(service.to_owned(), urls.iter().map(|u| (*u).to_owned()).collect())]))
    }

    #[test]
    fn a_service_can_have_several_addresses_and_the_environment_wins() {
        let directory = listed("inventory", &["http://a:1", "http://b:2/"]).unwrap();
        let text = |d: &Directory, service: &str| d.addresses(service).iter().map(|a| a.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(text(&directory, "inventory"), ["a:1", "b:2"]);
        assert_eq!(text(&directory, "payments"), [""; 0]);
        let variables = [("POSTHOUSE_PEER_INVENTORY", "http://c:3, http://d:4"), ("POSTHOUSE_PEER_STAYS", "http://[::1]:9"), ("HOME", "/")];
        let directory = directory.overlay(variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))).unwrap();
        assert_eq!((text(&directory, "inventory"), text(&directory, "stays")), (vec!["c:3".into(), "d:4".into()], vec!["[::1]:9".into()]));
        assert_eq!(directory.services().collect::<Vec<_>>(), ["inventory", "stays"]);
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        for bad in ["https://a:1", "a:1", "http://a", "http://a:1/x", "http://a:1?x", "http://u@a:1", ""] {
            let why = listed("stays", &[bad]).unwrap_err();
            assert!(why.contains("'stays'") && why.contains(bad), "{why}");
        }
        assert!(listed("stays", &[]).unwrap_err().contains("0 addresses"));
        let empty = [("POSTHOUSE_PEER_STAYS".to_owned(), " , ".to_owned())];
        assert!(Directory::default().overlay(empty.into_iter()).unwrap_err().starts_with("POSTHOUSE_PEER_STAYS"));
    }
}
