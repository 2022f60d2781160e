//! What the test runner counted, read from its own words.

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and passed.
    pub passed: u64,
    /// Ran and did not pass: failed, timed out or could not be started.
    pub failed: u64,
}

/// Reads a runner's output line by line.
#[derive(Debug, Default)]
pub struct Reader {
    nextest: Option<Counts>,
    libtest: Option<Counts>,
}

impl Reader {
    /// Takes one line.
    pub fn line(&mut self, line: &str) {
        let line = plain(line);
        if let Some((_, rest)) = line.split_once("Summary [") {
            self.nextest = rest.split_once(" run: ").map(|(_, counts)| count(counts, ", "));
        } else if let Some((_, rest)) = line.split_once("test result: ") {
            // `cargo test` says this once per binary.
            let one = count(rest.split_once(". ").map_or(rest, |(_, counts)| counts), "; ");
            let sum = self.libtest.get_or_insert_default();
            sum.passed += one.passed;
            sum.failed += one.failed;
        }
    }

    /// Adds what another stream of the same run said.
    pub fn join(&mut self, other: Self) {
        self.nextest = self.nextest.or(other.nextest);
        self.libtest = self.libtest.or(other.libtest);
    }

    /// The runner's verdict; nothing when it said none.
    pub fn counts(&self) -> Option<Counts> {
        self.nextest.or(self.libtest)
    }
}

/// `4 passed (1 slow), 1 failed, 1 timed out, 0 skipped`
fn count(text: &str, between: &str) -> Counts {
    let mut counts = Counts::default();
    for part in text.split(between) {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        match words.next() {
            Some("passed") => counts.passed += number,
            Some("failed" | "timed" | "exec") => counts.failed += number,
            _ => {}
        }
    }
    counts
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut coloured = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => coloured = true,
            'm' if coloured => coloured = false,
            _ if coloured => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Option<Counts> {
        let mut reader = Reader::default();
        lines.iter().for_each(|line| reader.line(line));
        reader.counts()
    }

    #[test]
    fn nextest_is_read_with_and_without_colours() {
        let plain = "     Summary [   0.012s] 5 tests run: 5 passed, 0 skipped";
        assert_eq!(of(&["PASS x", plain]), Some(Counts { passed: 5, failed: 0 }));
        let colours = "\u{1b}[31;1m     Summary\u{1b}[0m [   1.2s] \u{1b}[1m7\u{1b}[0m/9 tests run: \u{1b}[1m4\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m (1 slow), \u{1b}[1m1\u{1b}[0m failed, 1 timed out, 1 exec failed, 0 skipped";
        assert_eq!(of(&[colours]), Some(Counts { passed: 4, failed: 3 }));
    }

    #[test]
    fn cargo_test_is_summed() {
        let a = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let b = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(of(&[a, b]), Some(Counts { passed: 4, failed: 2 }));
    }

    #[test]
    fn no_summary_is_no_verdict() {
        assert_eq!(of(&["error: could not compile"]), None);
    }
}
