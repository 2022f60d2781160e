//! The house rules, run on the house itself: one test per rule, so a report names the rule.

use xtask::{place, tidy};

/// One rule, on the checkout this test was built from.
fn holds(rule: &str) {
    let found = tidy::findings(&place::root(), Some(rule)).expect("the checkout can be read");
    assert!(found.is_empty(), "{} to mend:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_rule_has_its_test() {
    let here = include_str!("main.rs");
    for rule in tidy::rules::RULES {
        assert!(here.contains(&format!("holds(\"{}\")", rule.name)), "{} has no test here", rule.name);
    }
}

#[test]
fn arrows_between_shelves_run_one_way() {
    holds("arrows");
}

#[test]
fn banned_crates_are_absent() {
    holds("banned");
}

#[test]
fn manifests_inherit_from_the_workspace() {
    holds("inherit");
}

#[test]
fn the_domain_is_pure() {
    holds("pure");
}

#[test]
fn what_must_replay_iterates_in_order() {
    holds("ordered");
}

#[test]
fn ports_are_touched_in_their_places_only() {
    holds("ports");
}

#[test]
fn every_file_says_what_it_is() {
    holds("module-docs");
}

#[test]
fn files_are_short() {
    holds("file-size");
}

#[test]
fn names_say_something() {
    holds("naming");
}

#[test]
fn production_runs_the_sound_protocol() {
    holds("protocol");
}

#[test]
fn no_text_speaks_of_the_workplace() {
    holds("words");
}

#[test]
fn links_lead_somewhere() {
    holds("links");
}

#[test]
fn every_code_has_its_page() {
    holds("error-pages");
}

#[test]
fn the_readme_is_tested() {
    holds("readme");
}

#[test]
fn the_call_graph_is_known_and_acyclic() {
    holds("calls");
}
