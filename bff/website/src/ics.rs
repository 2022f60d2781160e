//! A stay as a calendar entry (RFC 5545): instants in UTC, so that every calendar shows them in its own zone without a table
//! of zones; text escaped, lines folded at 75 octets and ended as the format wants it.

use jiff::Timestamp;

/// Octets of one line without its end.
const LINE_MAX: usize = 75;

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name for ever.
    pub uid: String,
    /// Which version of it.
    pub version: u64,
    /// When it was written.
    pub stamp: Timestamp,
    /// When it begins.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// Its title.
    pub summary: String,
    /// Where.
    pub location: String,
    /// What else.
    pub text: String,
    /// Whether it does not take place.
    pub is_cancelled: bool,
}

impl Entry {
    /// The file.
    pub fn write(&self) -> String {
        let at = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let status = if self.is_cancelled { "CANCELLED" } else { "CONFIRMED" };
        let lines = [
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Posthouse//Website//EN".to_owned(),
            "CALSCALE:GREGORIAN".to_owned(),
            "METHOD:PUBLISH".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escaped(&self.uid)),
            format!("SEQUENCE:{}", self.version),
            format!("DTSTAMP:{}", at(self.stamp)),
            format!("DTSTART:{}", at(self.starts)),
            format!("DTEND:{}", at(self.ends)),
            format!("SUMMARY:{}", escaped(&self.summary)),
            format!("LOCATION:{}", escaped(&self.location)),
            format!("DESCRIPTION:{}", escaped(&self.text)),
            format!("STATUS:{status}"),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ];
        lines.iter().map(|line| folded(line)).collect()
    }
}

/// Text with what means something to the format taken out of its way; other control characters have no place in it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line in pieces of at most 75 octets, never within a character; a further piece begins with a blank.
fn folded(line: &str) -> String {
    let (mut out, mut octets) = (String::with_capacity(line.len() + 8), 0);
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_MAX {
            out.push_str("\r\n ");
            octets = 1;
        }
        octets += c.len_utf8();
        out.push(c);
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> String {
        let at = |text: &str| text.parse().expect("an instant");
        let entry = Entry {
            uid: "res_1@h".into(),
            version: 3,
            stamp: at("2027-01-02T03:04:05Z"),
            starts: at("2027-03-02T14:00:00Z"),
            ends: at("2027-03-04T10:00:00Z"),
            summary: "House, suite; \\".into(),
            location: "Gasse 1".into(),
            text: text.into(),
            is_cancelled: false,
        };
        entry.write()
    }

    #[test]
    fn an_entry_has_what_calendars_need() {
        let text = entry("one\ntwo\u{7}");
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
        for line in
            ["DTSTART:20270302T140000Z", "DTEND:20270304T100000Z", "SUMMARY:House\\, suite\\; \\\\", "DESCRIPTION:one\\ntwo", "SEQUENCE:3"]
        {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}\n{text}");
        }
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "every line ends as the format wants it");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let text = entry(&"größe ".repeat(40));
        assert!(text.lines().all(|line| line.len() <= 75));
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("DESCRIPTION:{}\r\n", "größe ".repeat(40))));
    }
}
