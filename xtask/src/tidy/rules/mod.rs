//! One file per rule, and the table of all.

pub mod arrows;
pub mod banned;
pub mod inherit;
pub mod pure;
pub mod ports;
pub mod shape;
pub mod naming;
pub mod protocol;
pub mod words;
pub mod links;
pub mod errors;
pub mod readme;
pub mod calls;

use super::Rule;

/// Every rule, in the order they are reported.
pub const RULES: &[Rule] = &[
    Rule {
        name: "arrows",
        why: "shelves are ranks and arrows run one way, so a service can be read, tested and deployed alone",
        check: arrows::check,
    },
    Rule {
        name: "banned",
        why: "one library per purpose, and none that hides the clock, blocks the build or drags in a second stack",
        check: banned::check,
    },
    Rule {
        name: "inherit",
        why: "one place decides versions, features and lints; a second copy of either is found only when it hurts",
        check: inherit::check,
    },
    Rule {
        name: "pure",
        why: "a decision that touches no clock, disk or task gives the same answer in the committer, a test and the simulator",
        check: pure::check,
    },
    Rule {
        name: "ordered",
        why: "a HashMap iterates in another order each run, and a seed must replay to the same trace",
        check: pure::check_ordered,
    },
    Rule {
        name: "ports",
        why: "time, chance and tasks enter in one place; anywhere else they make a run unrepeatable",
        check: ports::check,
    },
    Rule { name: "module-docs", why: "the first lines of a file tell a newcomer whether to read on", check: shape::check_docs },
    Rule {
        name: "file-size",
        why: "a file beyond 400 lines is a list or a state machine that should have been split early",
        check: shape::check_size,
    },
    Rule { name: "naming", why: "a name that says nothing (Impl, Manager, common, utils) collects what has no home", check: naming::check },
    Rule {
        name: "protocol",
        why: "known-bad protocols exist so that the simulator can kill them; production runs the one sound constant",
        check: protocol::check,
    },
    Rule {
        name: "words",
        why: "the project is read by people who never saw the machine or the meeting it was written in",
        check: words::check,
    },
    Rule { name: "links", why: "a dead link is a promise nobody kept", check: links::check },
    Rule { name: "error-pages", why: "whoever gets a code must find out what it means and what to do", check: errors::check },
    Rule { name: "readme", why: "a command in the README that does not work is the first thing a newcomer meets", check: readme::check },
    Rule {
        name: "calls",
        why: "commands between services form a graph without cycles, and a new arrow should be seen in a review",
        check: calls::check,
    },
];
