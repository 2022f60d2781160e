//! Contrast of the tokens, computed as WCAG 2.x says (relative luminance, section 1.4.3), in both themes. Text needs 4.5,
//! edges of controls and bars 3.

use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../assets/tokens.css");

type Palette = BTreeMap<String, [f64; 3]>;

/// The colours between two places of the file.
fn palette(block: &str) -> Palette {
    let colour = |value: &str| -> Option<[f64; 3]> {
        let hex = value.trim().strip_prefix('#')?;
        let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok().map(f64::from);
        Some([part(0)?, part(2)?, part(4)?])
    };
    let declared = block.split([';', '{']).filter_map(|d| d.trim().strip_prefix("--")?.split_once(':'));
    declared.filter_map(|(name, value)| Some((name.to_owned(), colour(value)?))).collect()
}

fn blocks() -> (Palette, Palette, Palette) {
    let block = |from: &str| {
        let at = TOKENS.find(from).unwrap_or_else(|| panic!("there is no {from}"));
        let rest = &TOKENS[at..];
        palette(&rest[..rest.find("\n}").unwrap_or(rest.len())])
    };
    (block(":root {"), block("@media (prefers-color-scheme: dark)"), block(":root[data-theme=\"dark\"]"))
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |c: f64| if c / 255.0 <= 0.04045 { c / 255.0 / 12.92 } else { ((c / 255.0 + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn ratio(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Foreground, the grounds it is used on, the least ratio.
const PAIRS: &[(&str, &[&str], f64)] = &[
    ("text", &["canvas", "surface", "sunken", "due-soft", "urgent-soft", "warn-soft", "ok-soft"], 4.5),
    ("text-2", &["canvas", "surface", "sunken"], 4.5),
    ("hint", &["canvas", "surface", "sunken"], 4.5),
    ("edge", &["canvas", "surface", "sunken"], 3.0),
    ("link", &["canvas", "surface", "sunken"], 4.5),
    ("on-accent", &["accent", "accent-hover"], 4.5),
    ("accent", &["canvas", "surface", "sunken"], 3.0),
    ("focus", &["canvas", "surface", "sunken"], 3.0),
    ("on-urgent", &["urgent"], 4.5),
    ("urgent", &["surface", "urgent-soft"], 4.5),
    ("on-due", &["due"], 4.5),
    ("due", &["surface", "due-soft"], 4.5),
    ("on-inhouse", &["inhouse"], 4.5),
    ("on-future", &["future"], 4.5),
    ("future-edge", &["future", "canvas", "surface"], 3.0),
    ("on-past", &["past"], 4.5),
    ("on-ooo", &["ooo"], 4.5),
    ("option", &["surface"], 4.5),
    ("option-edge", &["surface", "canvas"], 3.0),
    ("ok", &["surface", "ok-soft"], 4.5),
    ("warn", &["surface", "warn-soft"], 4.5),
];

/// Pairs that are too close.
fn too_close(palette: &Palette) -> Vec<String> {
    let colour = |name: &str| *palette.get(name).unwrap_or_else(|| panic!("there is no --{name}"));
    let pairs = PAIRS.iter().flat_map(|(front, grounds, least)| grounds.iter().map(move |ground| (*front, *ground, *least)));
    let measured = pairs.map(|(front, ground, least)| (front, ground, least, ratio(colour(front), colour(ground))));
    measured
        .filter(|(.., least, is)| is < least)
        .map(|(front, ground, least, is)| format!("{front} on {ground}: {is:.2} < {least}"))
        .collect()
}

#[test]
fn everything_can_be_read_in_both_themes() {
    let (light, dark, chosen) = blocks();
    assert!(light.len() >= 36, "{}", light.len());
    assert_eq!(too_close(&light), [""; 0]);
    assert_eq!(too_close(&dark), [""; 0]);
    assert_eq!(dark, chosen, "dark by choice is dark by system");
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>(), "a colour of one theme has one in the other");
}

#[test]
fn the_formula_is_the_standards() {
    assert!((ratio([0.0; 3], [255.0; 3]) - 21.0).abs() < 1e-9);
    assert!((ratio([119.0; 3], [255.0; 3]) - 4.48).abs() < 0.01, "the well-known #777 on white is just too light");
    let pale = palette(":root { --text: #999999; --canvas: #FFFFFF;");
    assert_eq!(pale.len(), 2);
}
