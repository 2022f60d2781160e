//! A violation told: everything that was asked, answered and stored about one thing, in the order it happened.

use super::Case;

/// Lines of a story at most.
const LINES_MAX: usize = 120;

/// All that is known about a reservation, payment or saga.
pub fn tell(case: &Case, about: &str) -> String {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for fact in &case.books.facts {
        let text = fact.data.to_string();
        if fact.id.contains(about) || text.contains(about) {
            lines.push((fact.at.0, format!("{} {}/{} {} {text}", fact.service, fact.kind, fact.id, fact.name)));
        }
    }
    for op in &case.ops {
        let text = op.to_string();
        if text.contains(about) {
            lines.push((op.began.0, text));
        }
    }
    lines.sort();
    let from = lines.first().map_or(0, |(at, _)| *at);
    let lines = lines.iter().take(LINES_MAX).map(|(at, line)| format!("  +{:>7} ms {line}", (at - from) / 1_000));
    lines.collect::<Vec<_>>().join("\n")
}
