//! How far the house has come: `Posthouse-At`, merged over all answers.

use std::fmt::Write as _;

/// `service/lane` and its position, the highest seen of each.
#[derive(Default)]
pub(super) struct Positions(Vec<(Box<str>, u64)>);

impl Positions {
    /// Merges a header, lane by lane, by maximum.
    pub(super) fn merge(&mut self, text: &str) {
        for part in text.split(',') {
            let Some((lane, position)) = part.trim().rsplit_once(':') else { continue };
            let Ok(position) = position.parse::<u64>() else { continue };
            match self.0.iter_mut().find(|(known, _)| &**known == lane) {
                Some((_, highest)) => *highest = position.max(*highest),
                None => self.0.push((lane.into(), position)),
            }
        }
    }

    /// The header to send, unless nothing is known.
    pub(super) fn render(&self) -> Option<String> {
        let mut text = String::new();
        for (lane, position) in &self.0 {
            let gap = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{gap}{lane}:{position}");
        }
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_only_grow() {
        let mut seen = Positions::default();
        seen.merge("inventory/3:991, reservations/3:1042");
        seen.merge("reservations/3:1040,inventory/3:1000, broken, stays/0:x");
        assert_eq!(seen.render().as_deref(), Some("inventory/3:1000, reservations/3:1042"));
        assert_eq!(Positions::default().render(), None);
    }
}
