//! The texts that the chart's scripts say, as one block of data in the page.

use fluent_bundle::FluentValue;
use kit::Frame;
use serde_json::{Map, Value};

/// Texts with the names of what is put into them.
const TEXTS: &[(&str, &[&str])] = &[
    ("due-in", &[]),
    ("due-out", &[]),
    ("missed-in", &[]),
    ("missed-out", &[]),
    ("inhouse", &[]),
    ("future", &[]),
    ("past", &[]),
    ("over", &[]),
    ("no-room", &[]),
    ("locked", &[]),
    ("upgrade", &["type"]),
    ("free", &[]),
    ("free-cell", &["span"]),
    ("clean", &[]),
    ("dirty", &[]),
    ("over-more", &["n"]),
    ("over-lane", &["n"]),
    ("hides-planned", &[]),
    ("shows-planned", &[]),
    ("held", &["n"]),
    ("house", &[]),
    ("totals-cell", &["day", "sold", "free", "limit"]),
    ("totals-above", &["n"]),
    ("totals-unknown", &["day"]),
    ("bar", &["who", "state", "room", "span"]),
    ("moving", &["who"]),
    ("extending", &["who"]),
    ("at", &["room", "span"]),
    ("taken", &["room", "who", "span"]),
    ("same", &["room"]),
    ("lower", &["room", "type"]),
    ("occupied", &["room", "who"]),
    ("is-locked", &["who"]),
    ("not-before", &["day"]),
    ("too-short", &[]),
    ("leaves", &["day", "span"]),
    ("arrives", &["day", "span"]),
    ("upgrade-ask", &["type", "room", "amount"]),
    ("upgrade-yes", &[]),
    ("upgrade-no", &[]),
    ("done-assign", &["who", "room"]),
    ("done-unassign", &["who", "room"]),
    ("done-move", &["who", "room"]),
    ("done-extend", &["who", "day"]),
    ("done-amend", &["who", "span"]),
    ("done-lock", &["room"]),
    ("done-unlock", &["room"]),
    ("done-in", &["who", "room"]),
    ("done-out", &["who"]),
    ("unknown", &["who"]),
    ("half", &["type"]),
    ("card-free", &[]),
    ("card-keep", &[]),
    ("moved-meanwhile", &["who", "room"]),
    ("target-taken", &["room"]),
    ("left-chart", &["who"]),
    ("many-changes", &["n"]),
    ("date-rolled", &["day"]),
    ("stays-silent", &[]),
    ("stays-back", &[]),
    ("verb-a", &[]),
    ("verb-m", &[]),
    ("verb-e", &[]),
    ("verb-i", &[]),
    ("verb-o", &[]),
    ("verb-l", &[]),
    ("verb-unlock", &[]),
    ("verb-open", &[]),
    ("verb-unassign", &[]),
    ("key-today", &[]),
    ("key-week", &[]),
    ("key-zoom", &[]),
    ("key-planned", &[]),
    ("key-filter", &[]),
    ("undo", &[]),
    ("send-hint", &[]),
    ("free-rooms", &["n"]),
    ("no-free-rooms", &[]),
    ("above-planned", &[]),
];

/// All of them: a text, or for what is counted one for one and one for many.
pub fn texts(f: &Frame) -> Value {
    let mut all = Map::new();
    for (key, names) in TEXTS {
        let holes: Vec<(&str, FluentValue<'_>)> = names.iter().map(|name| (*name, FluentValue::from(format!("{{{name}}}")))).collect();
        all.insert((*key).to_owned(), f.tx(format!("tape-{key}"), &holes).into());
    }
    // The number is put in by the script; a strange one shows where.
    let many = f.tn("nights", 7_777).replace("7777", "{n}");
    all.insert("rooms-one".to_owned(), f.tn("tape-rooms", 1).into());
    all.insert("rooms-many".to_owned(), f.tn("tape-rooms", 7_777).replace("7777", "{n}").into());
    all.insert("night-one".to_owned(), f.tn("nights", 1).into());
    all.insert("night-many".to_owned(), many.into());
    Value::Object(all)
}

/// A value as the text of a data block: nothing in it can end the block.
pub fn block(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::{Lang, Texts};

    #[test]
    fn every_text_of_the_scripts_is_there_with_its_holes() {
        let all = Texts::new(&crate::MESSAGES);
        for lang in Lang::ALL {
            for (key, names) in TEXTS {
                let holes: Vec<(&str, FluentValue<'_>)> =
                    names.iter().map(|name| (*name, FluentValue::from(format!("{{{name}}}")))).collect();
                let text = all.find(lang, &format!("tape-{key}"), &holes).unwrap_or_else(|| panic!("tape-{key} is missing"));
                for name in *names {
                    assert!(text.contains(&format!("{{{name}}}")), "tape-{key} says {text} in {}", lang.tag());
                }
            }
        }
    }

    #[test]
    fn nothing_ends_the_block() {
        assert_eq!(block(&Value::from("</script><!--&")), "\"\\u003c/script\\u003e\\u003c!--\\u0026\"");
    }
}
