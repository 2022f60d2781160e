//! Rust source as the rules see it: code with comments and literals blanked, literals apart, tests marked.
//!
//! A full parser would know more, and cost a dependency and a syntax version. The rules look for words and paths,
//! so it is enough to know what is code, what is a literal and what is a test.

/// One string literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Byte offset of its content in the file.
    pub at: usize,
    /// Its content as written, escapes left alone.
    pub value: String,
}

/// A Rust file, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// As long as the file; comments and the contents of literals are spaces.
    pub code: String,
    /// The string literals, in order.
    pub literals: Vec<Literal>,
    tests: Vec<(usize, usize)>,
}

impl Source {
    /// Takes `text` apart; `path` tells whether the whole file is a test.
    pub fn read(path: &str, text: &str) -> Self {
        let (code, literals) = mask(text);
        let tests = if is_test_path(path) { vec![(0, code.len())] } else { test_items(&code) };
        Self { code, literals, tests }
    }

    /// Is the byte at `at` inside test code?
    pub fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// Where `word` occurs as a whole word or path in the code.
    pub fn find<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        words(&self.code, word)
    }

    /// The end of the `{…}` block that opens at or after `at`, and where it opens.
    pub fn block(&self, at: usize) -> Option<(usize, usize)> {
        let open = at + self.code[at..].find('{')?;
        Some((open, close_of(&self.code, open)?))
    }
}

/// Where `word` occurs in `text` with no identifier character on either side.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        (!before.is_some_and(is_word) && !after.is_some_and(is_word)).then_some(at)
    })
}

/// Can `c` be part of an identifier?
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The line of byte `at`, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count()
}

fn is_test_path(path: &str) -> bool {
    path.contains("/tests/") || path.starts_with("stories/") || path.ends_with("/tests.rs")
}

/// The items behind `#[cfg(test)]`.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, mark) in code.match_indices("#[cfg(test)]") {
        let rest = at + mark.len();
        let Some(stop) = code[rest..].find(['{', ';']) else {
            continue;
        };
        let stop = rest + stop;
        let end = if code[stop..].starts_with('{') { close_of(code, stop).unwrap_or(code.len()) } else { stop };
        found.push((at, end));
    }
    found
}

fn close_of(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Blanks comments and the contents of literals, byte for byte, and collects the literals.
fn mask(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let skip = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => blank(&mut out, at, end_of_line(bytes, at)),
            b'/' if bytes[at..].starts_with(b"/*") => blank(&mut out, at, end_of_comment(bytes, at)),
            b'"' => literal(text, &mut out, &mut literals, at, 0),
            b'r' if starts_raw(bytes, at) => {
                let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
                literal(text, &mut out, &mut literals, at + 1 + hashes, hashes + 1)
            }
            b'\'' => match end_of_char(bytes, at) {
                tick if tick == at + 1 => tick,
                end => blank(&mut out, at, end),
            },
            _ => at + 1,
        };
        at = skip;
    }
    (String::from_utf8(out).unwrap_or_default(), literals)
}

/// `r"…"`, `r#"…"#`, also after `b` or `c`; not the end of a name such as `for`.
fn starts_raw(bytes: &[u8], at: usize) -> bool {
    let prefix = at.checked_sub(1).map(|before| bytes[before]).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !matches!(bytes[at - 1], b'b' | b'c');
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    !prefix && bytes.get(at + 1 + hashes) == Some(&b'"')
}

/// Records the literal whose quote is at `quote`; `raw` is 0, or the number of hashes plus one.
fn literal(text: &str, out: &mut [u8], found: &mut Vec<Literal>, quote: usize, raw: usize) -> usize {
    let bytes = text.as_bytes();
    let start = quote + 1;
    let mut end = start;
    let close = format!("\"{}", "#".repeat(raw.saturating_sub(1)));
    while end < bytes.len() && !bytes[end..].starts_with(close.as_bytes()) {
        end += if raw == 0 && bytes[end] == b'\\' { 2 } else { 1 };
    }
    let end = end.min(bytes.len());
    found.push(Literal { at: start, value: text.get(start..end).unwrap_or_default().to_owned() });
    blank(out, start, end);
    (end + close.len()).min(bytes.len())
}

/// Writes spaces over `from..to`, keeping line ends, and says where to go on.
fn blank(out: &mut [u8], from: usize, to: usize) -> usize {
    for byte in &mut out[from..to] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
    to
}

fn end_of_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n)
}

fn end_of_comment(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut here) = (0usize, at);
    while here < bytes.len() {
        if bytes[here..].starts_with(b"/*") {
            depth += 1;
            here += 2;
        } else if bytes[here..].starts_with(b"*/") {
            depth -= 1;
            here += 2;
            if depth == 0 {
                return here;
            }
        } else {
            here += 1;
        }
    }
    bytes.len()
}

/// The end of a character literal, or just behind the tick of a lifetime.
fn end_of_char(bytes: &[u8], at: usize) -> usize {
    let Some(first) = bytes.get(at + 1) else {
        return at + 1;
    };
    // A character takes at most four bytes, an escape at most ten (`\u{10ffff}`).
    let (from, reach) = if *first == b'\\' { (at + 3, 10) } else { (at + 2, 4) };
    for (end, byte) in bytes.iter().enumerate().skip(from).take(reach) {
        match byte {
            b'\'' => return end + 1,
            b if *first != b'\\' && b.is_ascii() => return at + 1,
            _ => {}
        }
    }
    at + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::read("a/src/b.rs", text).code
    }

    #[test]
    fn comments_and_literals_are_blank_and_lines_stay() {
        let text = "let a = \"tokio\"; // tokio\n/* tokio /* deep */ */ let b = r#\"to\"kio\"#;\n";
        let masked = code(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains("tokio"), "{masked}");
        assert_eq!(masked.lines().count(), 2);
        assert!(masked.contains("let b"), "{masked}");
    }

    #[test]
    fn lifetimes_are_not_characters() {
        let masked = code("fn f<'a>(x: &'a str, q: char) -> bool { q == '\"' || q == '\\'' }  // end");
        assert!(masked.contains("fn f<'a>(x: &'a str, q: char) -> bool"), "{masked}");
        assert!(!masked.contains('"'), "{masked}");
        assert!(masked.contains('}'), "{masked}");
    }

    #[test]
    fn literals_keep_their_place_and_text() {
        let source = Source::read("a/src/b.rs", "x(\"night-sold-out\", b\"z\\\"\")");
        let values: Vec<&str> = source.literals.iter().map(|l| l.value.as_str()).collect();
        assert_eq!(values, ["night-sold-out", "z\\\""]);
        assert_eq!(source.literals[0].at, 3);
    }

    #[test]
    fn the_test_module_is_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { } }\nfn c() {}\n";
        let source = Source::read("a/src/b.rs", text);
        let at = |s: &str| text.find(s).expect("present");
        assert!(!source.is_test(at("fn a")));
        assert!(source.is_test(at("fn b")));
        assert!(!source.is_test(at("fn c")));
        assert!(Source::read("a/tests/it/main.rs", "fn x() {}").is_test(3));
    }

    #[test]
    fn words_have_borders() {
        let source = Source::read("a/src/b.rs", "my_tokio tokio::x tokio2 (tokio)");
        assert_eq!(source.find("tokio").count(), 2);
    }
}
