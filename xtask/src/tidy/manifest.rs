//! Manifests, line by line.
//!
//! Only the house style is read: one dependency a line, everything inherited. What is written another way is
//! itself a finding of the `inherit` rule, so a full TOML reader would add nothing but a dependency.

/// One `key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The table it stands in, such as `dependencies`.
    pub table: String,
    /// Its key, dots included.
    pub key: String,
    /// Its value as written, long arrays joined into one line.
    pub value: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Entry {
    /// The crate this line depends on, when it stands in a table of dependencies.
    pub fn dependency(&self) -> Option<&str> {
        let table = self.table.rsplit('.').next().unwrap_or_default();
        ["dependencies", "dev-dependencies", "build-dependencies"].contains(&table).then(|| self.key.split('.').next().unwrap_or_default())
    }

    /// Is it needed by the tests only?
    pub fn is_dev(&self) -> bool {
        self.table.ends_with("dev-dependencies")
    }

    /// Does it say `.workspace = true` or `{ workspace = true, … }`?
    pub fn is_inherited(&self) -> bool {
        let value = self.value.replace(' ', "");
        (self.key.ends_with(".workspace") && value == "true") || value.contains("workspace=true")
    }
}

/// The entries of a manifest, and the headers of its tables with their lines.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// In order.
    pub entries: Vec<Entry>,
    /// In order.
    pub tables: Vec<(String, usize)>,
}

impl Manifest {
    /// Reads `text`.
    pub fn read(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut table = String::new();
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let line = uncommented(line);
            if let Some(header) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                table = header.trim_matches(['[', ']']).to_owned();
                manifest.tables.push((table.clone(), at + 1));
            } else if let Some((key, value)) = line.split_once('=') {
                let mut value = value.trim().to_owned();
                while value.matches('[').count() > value.matches(']').count() {
                    let Some((_, more)) = lines.next() else { break };
                    value.push_str(uncommented(more));
                }
                manifest.entries.push(Entry { table: table.clone(), key: key.trim().to_owned(), value, line: at + 1 });
            }
        }
        manifest
    }

    /// The value of `key` in `table`.
    pub fn get(&self, table: &str, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.table == table && e.key == key)
    }
}

/// The strings of an array, as written.
pub fn strings(value: &str) -> Vec<String> {
    value.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The line without its comment; a `#` inside quotes is text.
fn uncommented(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return line[..at].trim(),
            _ => {}
        }
    }
    line.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_know_their_table_and_line() {
        let read = Manifest::read(
            "[package]\nname = \"x\" # the # name\n\n[dependencies]\nkernel.workspace = true\nserde = { version = \"1\" }\n[dev-dependencies]\ntempfile = { workspace = true, features = [] }\n",
        );
        let names: Vec<_> = read.entries.iter().filter_map(|e| Some((e.dependency()?, e.line, e.is_inherited(), e.is_dev()))).collect();
        assert_eq!(names, [("kernel", 5, true, false), ("serde", 6, false, false), ("tempfile", 8, true, true)]);
        assert_eq!(read.get("package", "name").map(|e| e.value.as_str()), Some("\"x\""));
    }

    #[test]
    fn a_long_array_is_one_value() {
        let read = Manifest::read("[workspace]\nmembers = [\n  \"a\", \"b/c\", # two\n  \"d\",\n]\nx = 1\n");
        let members = read.get("workspace", "members").expect("present");
        assert_eq!(strings(&members.value), ["a", "b/c", "d"]);
        assert!(read.get("workspace", "x").is_some());
    }
}
