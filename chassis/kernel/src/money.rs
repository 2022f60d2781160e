//! Money: whole minor units (cents) of one currency. No fractions anywhere, so nothing is ever rounded by accident.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 code, three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads a code such as `EUR`; `None` unless it is three upper-case letters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("'{text}' is not a currency code of three upper-case letters")))
    }
}

/// An amount in minor units of a currency; may be negative (a refund, a correction).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units (cents for EUR).
    pub amount: i64,
    /// The currency; amounts of different currencies never add.
    pub currency: Currency,
}

impl Money {
    /// `n` times this amount; `None` when it does not fit.
    pub fn times(self, n: i64) -> Option<Self> {
        Some(Self { amount: self.amount.checked_mul(n)?, ..self })
    }

    /// The sum; `None` when the currencies differ or it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        (self.currency == other.currency).then_some(())?;
        Some(Self { amount: self.amount.checked_add(other.amount)?, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_do_not_mix() {
        let eur = Money { amount: 5, currency: Currency::parse("EUR").unwrap() };
        let usd = Money { amount: 5, currency: Currency::parse("USD").unwrap() };
        assert_eq!(eur.plus(usd), None);
        assert_eq!(eur.plus(eur).unwrap().amount, 10);
        assert_eq!(eur.times(i64::MAX), None);
        assert_eq!(Currency::parse("eur"), None);
    }
}
