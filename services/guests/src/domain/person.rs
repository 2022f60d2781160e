//! A person: personal data after it was checked. It has no place in an event, an error, an address or a log.

use contracts::guests::CreateGuest as Contract;
use pipeline::Invalid;
use pipeline::validate::text;
use serde::{Deserialize, Serialize};

/// Characters of a name.
const NAME_LEN_MAX: usize = 200;
/// Characters of an e-mail address (RFC 5321).
const EMAIL_LEN_MAX: usize = 254;
/// Characters of a telephone number, blanks and brackets included.
const PHONE_LEN_MAX: usize = 40;
/// Characters of a language tag.
const LANGUAGE_LEN_MAX: usize = 35;

/// What is known of a guest. This is also the form the vault keeps, encrypted: fields may be added with a default.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default)]
    pub phone: Option<String>,
    /// BCP 47 tag of the language to write to them in.
    #[serde(default)]
    pub language: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Personal data must not reach a log through a debug print.
        f.write_str("Person(…)")
    }
}

impl TryFrom<Contract> for Person {
    type Error = Invalid;

    /// Says which field is wrong and why, and never what it says.
    fn try_from(c: Contract) -> Result<Self, Invalid> {
        text("name", &c.name, NAME_LEN_MAX)?;
        if let Some(email) = &c.email {
            text("email", email, EMAIL_LEN_MAX)?;
            let whole = email.split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty());
            if !whole || email.contains(char::is_whitespace) {
                return Err(Invalid::field("email", "is not an address"));
            }
        }
        if let Some(phone) = &c.phone {
            text("phone", phone, PHONE_LEN_MAX)?;
            if !phone.chars().all(|c| c.is_ascii_digit() || "+-/(). ".contains(c)) || !phone.contains(|c: char| c.is_ascii_digit()) {
                return Err(Invalid::field("phone", "must be digits, with + - / ( ) . and blanks between them"));
            }
        }
        if let Some(language) = &c.language {
            text("language", language, LANGUAGE_LEN_MAX)?;
            let parts = || language.split('-');
            if !parts().all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())) {
                return Err(Invalid::field("language", "is not a BCP 47 tag"));
            }
        }
        Ok(Self { name: c.name, email: c.email, phone: c.phone, language: c.language })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, email: &str, phone: &str, language: &str) -> Result<Person, Invalid> {
        let some = |text: &str| (text != "-").then(|| text.to_owned());
        Person::try_from(Contract { name: name.into(), email: some(email), phone: some(phone), language: some(language) })
    }

    #[test]
    fn people_have_a_name_and_may_have_the_rest() {
        assert!(checked("Zoë 王", "-", "-", "-").is_ok());
        assert!(checked("A B", "a.b+c@example.org", "+49 (30) 12-34/5.6", "de-CH-1996").is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_and_not_repeated() {
        for (name, email, phone, language, field) in [
            ("  ", "-", "-", "-", "name"),
            ("a\u{7}", "-", "-", "-", "name"),
            ("N", "kanarienvogel", "-", "-", "email"),
            ("N", "kanarien vogel@x", "-", "-", "email"),
            ("N", "@x", "-", "-", "email"),
            ("N", "-", "kanarienvogel", "-", "phone"),
            ("N", "-", "+-()", "-", "phone"),
            ("N", "-", "-", "kanarienvogel", "language"),
            ("N", "-", "-", "de_DE", "language"),
        ] {
            let Err(Invalid(why)) = checked(name, email, phone, language) else { panic!("{field} passes") };
            assert!(why.starts_with(&format!("{field}: ")) && !why.contains("kanarien"), "{why}");
        }
        assert!(checked(&"n".repeat(201), "-", "-", "-").is_err());
        assert!(!format!("{:?}", checked("Canary", "-", "-", "-").unwrap()).contains("Canary"));
    }
}
