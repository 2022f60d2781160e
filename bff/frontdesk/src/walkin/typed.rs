//! What is typed into the form, and what is wrong with it. It goes to the guests service and nowhere else: not into an
//! address, not into a log.

use jiff::civil::Date;
use kit::Frame;
use serde::Serialize;

/// Longest stay, nights.
const NIGHTS_MAX: i32 = 60;
/// Most guests of one kind in a room.
const GUESTS_MAX: u32 = 9;

/// The form as it was sent. No debug print: it holds personal data.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Typed {
    /// Full name.
    pub name: String,
    /// E-mail address, or nothing.
    pub email: String,
    /// Telephone number, or nothing.
    pub phone: String,
    /// First night.
    pub arrival: Option<Date>,
    /// Day of departure.
    pub departure: Option<Date>,
    /// The type.
    pub room_type: String,
    /// The room wanted, or nothing.
    pub room: String,
    /// Adults; nothing: not a number.
    pub adults: Option<u32>,
    /// Children.
    pub children: Option<u32>,
    /// `card`, `prepaid`, `direct-bill`.
    pub guarantee: String,
    /// The guest that an earlier press has made already.
    pub guest: String,
    /// The prices that were shown: `A:9800,B:14000`.
    #[serde(skip)]
    pub seen: String,
}

/// A mistake, in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub text: String,
}

/// How a stay is backed; the first is the usual one.
pub const GUARANTEES: [&str; 3] = ["card", "prepaid", "direct-bill"];

impl Typed {
    /// Reads the fields of a form.
    pub fn of(sent: &[(String, String)]) -> Self {
        let text = |name: &str| sent.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default();
        let number = |name: &str, usual: u32| if text(name).is_empty() { Some(usual) } else { text(name).parse().ok() };
        Self {
            name: text("name"),
            email: text("email"),
            phone: text("phone"),
            arrival: text("arrival").parse().ok(),
            departure: text("departure").parse().ok(),
            room_type: text("type"),
            room: text("room"),
            adults: number("adults", 1),
            children: number("children", 0),
            guarantee: text("guarantee"),
            guest: text("guest"),
            seen: text("seen"),
        }
    }

    /// Nights, when both dates are known.
    pub fn nights(&self) -> Option<i32> {
        Some((self.departure? - self.arrival?).get_days())
    }

    /// The price of a type that was shown, minor units.
    pub fn seen_price(&self, room_type: &str) -> Option<i64> {
        self.seen.split(',').find_map(|pair| pair.split_once(':').filter(|(t, _)| *t == room_type)?.1.parse().ok())
    }

    /// What is wrong: field and key of the text. `sleeps` is how many the chosen type takes.
    pub fn problems(&self, today: Date, sells: impl Fn(&str) -> Option<u32>) -> Vec<(&'static str, &'static str)> {
        let mut wrong = Vec::new();
        let mut say = |is_wrong: bool, field: &'static str, key: &'static str| {
            if is_wrong && !wrong.iter().any(|(f, _)| *f == field) {
                wrong.push((field, key));
            }
        };
        let control = |text: &str| text.chars().any(char::is_control);
        say(self.name.is_empty(), "name", "walkin-no-name");
        say(self.name.chars().count() > 200 || control(&self.name), "name", "walkin-wrong-name");
        let is_address = self.email.split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty() && !at.contains('@'));
        let is_odd = !is_address || self.email.len() > 254 || control(&self.email) || self.email.contains(char::is_whitespace);
        say(!self.email.is_empty() && is_odd, "email", "walkin-wrong-email");
        let is_number =
            self.phone.chars().all(|c| c.is_ascii_digit() || "+-/(). ".contains(c)) && self.phone.contains(|c: char| c.is_ascii_digit());
        say(!self.phone.is_empty() && (!is_number || self.phone.len() > 40), "phone", "walkin-wrong-phone");
        say(self.arrival.is_none(), "arrival", "walkin-no-arrival");
        say(self.arrival.is_some_and(|arrival| arrival < today), "arrival", "walkin-past");
        say(self.departure.is_none(), "departure", "walkin-no-departure");
        say(self.nights().is_some_and(|nights| nights < 1), "departure", "walkin-no-nights");
        say(self.nights().is_some_and(|nights| nights > NIGHTS_MAX), "departure", "walkin-many-nights");
        say(!self.adults.is_some_and(|n| (1..=GUESTS_MAX).contains(&n)), "adults", "walkin-wrong-adults");
        say(self.children.is_none_or(|n| n > GUESTS_MAX), "children", "walkin-wrong-children");
        let sleeps = sells(&self.room_type);
        say(sleeps.is_none(), "type", "walkin-no-type");
        let guests = self.adults.unwrap_or(0) + self.children.unwrap_or(0);
        say(sleeps.is_some_and(|sleeps| guests > sleeps), "adults", "walkin-too-many");
        let room_fits =
            self.room.rsplit_once('-').is_some_and(|(room_type, _)| room_type == self.room_type) && crate::desk::is_plain(&self.room);
        say(!self.room.is_empty() && sleeps.is_some() && !room_fits, "room", "walkin-other-type");
        say(!GUARANTEES.contains(&self.guarantee.as_str()), "guarantee", "walkin-no-guarantee");
        wrong
    }
}

/// Mistakes in words; the title says first that there are some.
pub fn worded(f: &mut Frame, problems: &[(&'static str, &'static str)]) -> Vec<Wrong> {
    let found: Vec<Wrong> = problems.iter().map(|(field, key)| Wrong { field, text: f.t(*key) }).collect();
    if !found.is_empty() {
        f.title = format!("{} {}", f.t("error-word"), f.title);
    }
    found
}

/// The mistake of one field.
pub fn of<'a>(problems: &'a [Wrong], field: &str) -> Option<&'a str> {
    problems.iter().find(|wrong| wrong.field == field).map(|wrong| wrong.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn sent(pairs: &[(&str, &str)]) -> Typed {
        let usual = [("name", "Ana Silva"), ("arrival", "2027-03-04"), ("departure", "2027-03-06"), ("type", "A"), ("guarantee", "card")];
        let all = pairs.iter().chain(&usual).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Typed::of(&all.collect::<Vec<_>>())
    }

    fn wrong(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let sells = |room_type: &str| (room_type == "A").then_some(3);
        sent(pairs).problems(date(2027, 3, 4), sells).into_iter().map(|(_, key)| key).collect()
    }

    #[test]
    fn a_form_says_each_mistake_once() {
        assert_eq!(wrong(&[]), [""; 0]);
        assert_eq!(
            wrong(&[("name", " "), ("email", "a@@b"), ("phone", "x")]),
            ["walkin-no-name", "walkin-wrong-email", "walkin-wrong-phone"]
        );
        assert_eq!(wrong(&[("arrival", "2027-03-03"), ("departure", "soon")]), ["walkin-past", "walkin-no-departure"]);
        assert_eq!(wrong(&[("departure", "2027-03-04")]), ["walkin-no-nights"]);
        assert_eq!(wrong(&[("departure", "2027-09-04")]), ["walkin-many-nights"]);
        assert_eq!(wrong(&[("adults", "2"), ("children", "2")]), ["walkin-too-many"]);
        assert_eq!(wrong(&[("adults", "0"), ("children", "x")]), ["walkin-wrong-adults", "walkin-wrong-children"]);
        assert_eq!(wrong(&[("type", "Z"), ("guarantee", "")]), ["walkin-no-type", "walkin-no-guarantee"]);
        assert_eq!(wrong(&[("room", "A-7")]), [""; 0]);
        assert_eq!(wrong(&[("room", "B-7")]), ["walkin-other-type"]);
    }

    #[test]
    fn a_price_that_was_shown_is_known_by_its_type() {
        let typed = sent(&[("seen", "A:9800,B:14000")]);
        assert_eq!((typed.seen_price("B"), typed.seen_price("C"), typed.nights()), (Some(14_000), None, Some(2)));
    }
}
