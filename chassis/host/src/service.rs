//! What a service hands over to be run: data and pure functions, nothing that runs by itself.

use std::sync::Arc;

use feed::{Follow, Project, Publish, Timer, View};
use peer::Wire;
use pipeline::RouteEntry;
use saga::Registry;

/// A service as its crate describes it.
pub struct Service {
    /// Its name: the path segment, the store's name, the caller's name.
    pub name: &'static str,
    /// Its route table.
    pub routes: Vec<RouteEntry>,
    /// Its read models.
    pub views: Vec<Arc<dyn View>>,
    /// Its saga definitions.
    pub sagas: Registry,
    /// What its feed shows.
    pub publish: Publish,
    /// The feeds it follows by commands.
    pub follows: Vec<Follow>,
    /// The feeds its read models are made of beside its own events.
    pub projects: Vec<Project>,
    /// Its due tables.
    pub timers: Vec<Timer>,
    /// What it reaches outside the house, by name.
    pub outside: Vec<(&'static str, Arc<dyn Wire>)>,
}

impl Service {
    /// A service with routes and nothing else yet.
    pub fn new(name: &'static str, routes: Vec<RouteEntry>) -> Self {
        Self {
            name,
            routes,
            views: Vec::new(),
            sagas: Registry::default(),
            publish: |_| None,
            follows: Vec::new(),
            projects: Vec::new(),
            timers: Vec::new(),
            outside: Vec::new(),
        }
    }
}
