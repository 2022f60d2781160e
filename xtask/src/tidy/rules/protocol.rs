//! Production is built with the one sound protocol.

use crate::tidy::{
    Found,
    house::{File, House},
    source::{is_word, line_of},
};

/// The type, the one value, and where other values may be made.
const TYPE: &str = "Protocol";
const SOUND: &str = "SOUND";
const DEFINED: &str = "chassis/kernel/src/protocol.rs";
const MUTANTS: &[&str] = &["simulator/", "chassis/testkit/"];

/// Finds other values than the sound one, and changed fields.
pub fn check(house: &House) -> Vec<Found> {
    let fields = house.get(DEFINED).map(fields).unwrap_or_default();
    let mut found = Vec::new();
    for file in house.rust().filter(|file| !MUTANTS.iter().any(|shelf| file.path.starts_with(shelf))) {
        let code = &file.source.code;
        let mut say = |at, what: String| {
            let fix = format!("pass {TYPE}::{SOUND}; a mutant lives in simulator/");
            found.push(Found::new(&file.path, line_of(&file.text, at), what, fix));
        };
        for at in file.source.find(TYPE) {
            let after = code[at + TYPE.len()..].trim_start();
            if after.starts_with('{') && is_value(&code[..at]) {
                say(at, format!("a {TYPE} is made here"));
            } else if let Some(name) = after.strip_prefix("::")
                && !file.path.ends_with(DEFINED)
                && !is_import(&code[..at])
                && !name.starts_with(SOUND)
            {
                let name: String = name.chars().take_while(|c| is_word(*c)).collect();
                say(at, format!("{TYPE}::{name} is not the sound protocol"));
            }
        }
        for field in &fields {
            for at in file.source.find(field).filter(|at| code[..*at].ends_with('.')) {
                let after = code[at + field.len()..].trim_start();
                if after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>") {
                    say(at, format!("`{field}` is changed"));
                }
            }
        }
    }
    found
}

/// `Protocol {` makes a value, unless it follows a word that declares or returns the type.
fn is_value(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| is_word(c) || c == ':').trim_end();
    let last = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let sound = before.strip_suffix('=').is_some_and(|b| b.trim_end().contains(&format!("const {SOUND}")));
    !["struct", "enum", "impl", "for", "->", "trait"].contains(&last) && !sound
}

fn is_import(before: &str) -> bool {
    let line = before.rsplit(['\n', ';']).next().unwrap_or_default().trim_start();
    line.starts_with("use ") || line.starts_with("pub use ")
}

/// The fields of the type, from its definition.
fn fields(file: &File) -> Vec<String> {
    let source = &file.source;
    let Some((open, close)) = source.find("struct").next().and_then(|at| source.block(at)) else {
        return Vec::new();
    };
    source.code[open + 1..close - 1]
        .split(',')
        .filter_map(|field| field.split_once(':'))
        .map(|(name, _)| name.trim().trim_start_matches("pub ").trim().to_owned())
        .filter(|name| !name.is_empty() && name.chars().all(is_word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = "//! P\npub struct Protocol {\n    /// A\n    pub tombstones: bool,\n    pub unknown_pivot_waits: bool,\n}\nimpl Protocol {\n    pub const SOUND: Self = Self { tombstones: true, unknown_pivot_waits: true };\n}\n";

    fn of(path: &str, text: &str) -> Vec<Found> {
        check(&House::of(&[(DEFINED, DEFINITION), (path, text)]))
    }

    #[test]
    fn the_definition_and_the_sound_constant_pass() {
        let fine = "use kernel::Protocol;\nfn f(p: Protocol) -> Protocol { g(Protocol::SOUND); match x { _ if p.tombstones => p.tombstones == true } }\n";
        assert_eq!(of("chassis/saga/src/lib.rs", fine), []);
        assert_eq!(of("chassis/saga/src/lib.rs", "const SOUND: Protocol = Protocol { tombstones: true };"), []);
    }

    #[test]
    fn another_value_is_found() {
        for bad in [
            "let p = Protocol { tombstones: false, ..Protocol::SOUND };",
            "let p = kernel::Protocol { tombstones: true };",
            "run(Protocol::NO_TOMBSTONES);",
            "p.tombstones = false;",
        ] {
            assert_eq!(of("posthouse/src/roster.rs", bad).len(), 1, "{bad}");
            assert_eq!(of("simulator/src/mutants.rs", bad), [], "{bad}");
        }
    }
}
