//! Dates, times and money as people read them. Dates are the hotel's; times are told in its zone, with the zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Money;

use crate::texts::Texts;
use crate::visit::Lang;

/// Texts in one language, for values.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// The texts.
    pub texts: &'a Texts,
    /// The language.
    pub lang: Lang,
}

impl Words<'_> {
    fn say(&self, key: &str) -> String {
        self.texts.say(self.lang, key, &[])
    }

    /// `Thu` or `Do`.
    pub fn weekday(&self, date: Date) -> String {
        self.say(&format!("weekday-{}", date.weekday().to_monday_one_offset()))
    }

    /// `Thursday` or `Donnerstag`.
    pub fn weekday_long(&self, date: Date) -> String {
        self.say(&format!("weekday-long-{}", date.weekday().to_monday_one_offset()))
    }

    /// `March` or `März`.
    pub fn month(&self, month: i8) -> String {
        self.say(&format!("month-{month}"))
    }

    fn month_short(&self, month: i8) -> String {
        self.say(&format!("month-short-{month}"))
    }

    /// `4 Mar` or `4. März`: where the year goes without saying.
    pub fn day_month(&self, date: Date) -> String {
        let dot = if self.lang == Lang::De { "." } else { "" };
        format!("{}{dot} {}", date.day(), self.month_short(date.month()))
    }

    /// `Thu 4 Mar`.
    pub fn day(&self, date: Date) -> String {
        let comma = if self.lang == Lang::De { "," } else { "" };
        format!("{}{comma} {}", self.weekday(date), self.day_month(date))
    }

    /// `Thursday 4 March 2027`.
    pub fn day_long(&self, date: Date) -> String {
        let (comma, dot) = if self.lang == Lang::De { (",", ".") } else { ("", "") };
        format!("{}{comma} {}{dot} {} {}", self.weekday_long(date), date.day(), self.month(date.month()), date.year())
    }

    /// `2–4 Mar`, `30 Mar–2 Apr`: a stay.
    pub fn span(&self, from: Date, to: Date) -> String {
        let dot = if self.lang == Lang::De { "." } else { "" };
        match (from.year(), from.month()) == (to.year(), to.month()) {
            true => format!("{}{dot}–{}", from.day(), self.day_month(to)),
            false => format!("{}–{}", self.day_month(from), self.day_month(to)),
        }
    }

    /// `14:02` in a zone.
    pub fn time(&self, at: jiff::Timestamp, zone: &TimeZone) -> String {
        at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
    }

    /// `4 Mar 14:02` in a zone.
    pub fn moment(&self, at: jiff::Timestamp, zone: &TimeZone) -> String {
        let local = at.to_zoned(zone.clone());
        format!("{} {}", self.day_month(local.date()), local.strftime("%H:%M"))
    }

    /// `€1,234.50` or `1.234,50 €`.
    pub fn money(&self, money: Money) -> String {
        let digits = decimals(money.currency.as_str());
        let unit = 10_u64.pow(digits);
        let amount = money.amount.unsigned_abs();
        let (group, point) = if self.lang == Lang::De { ('.', ',') } else { (',', '.') };
        let mut text = grouped(amount / unit, group);
        if digits > 0 {
            text.push(point);
            text.push_str(&format!("{:0width$}", amount % unit, width = digits as usize));
        }
        let sign = if money.amount < 0 { "−" } else { "" };
        let symbol = match money.currency.as_str() {
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            code => code,
        };
        match self.lang {
            Lang::De => format!("{sign}{text}\u{a0}{symbol}"),
            Lang::En if symbol.len() == 3 && symbol != "€" => format!("{sign}{symbol}\u{a0}{text}"),
            Lang::En => format!("{sign}{symbol}{text}"),
        }
    }
}

/// Digits after the point (ISO 4217; the currencies that do not have two).
fn decimals(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "HUF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

fn grouped(mut n: u64, separator: char) -> String {
    let mut parts = Vec::new();
    while n >= 1_000 {
        parts.push(format!("{:03}", n % 1_000));
        n /= 1_000;
    }
    parts.push(n.to_string());
    parts.reverse();
    parts.join(&separator.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use kernel::money::Currency;

    #[test]
    fn people_read_their_own_dates_and_money() {
        let texts = Texts::new(&[]);
        let (en, de) = (Words { texts: &texts, lang: Lang::En }, Words { texts: &texts, lang: Lang::De });
        let day = date(2027, 3, 4);
        assert_eq!((en.day(day), de.day(day)), ("Thu 4 Mar".into(), "Do, 4. März".into()));
        assert_eq!((en.day_long(day), de.day_long(day)), ("Thursday 4 March 2027".into(), "Donnerstag, 4. März 2027".into()));
        assert_eq!((en.span(date(2027, 3, 2), day), de.span(date(2027, 2, 27), day)), ("2–4 Mar".into(), "27. Feb.–4. März".into()));
        let money = |amount, code| Money { amount, currency: Currency::parse(code).expect("a code") };
        assert_eq!((en.money(money(123_450, "EUR")), de.money(money(123_450, "EUR"))), ("€1,234.50".into(), "1.234,50\u{a0}€".into()));
        assert_eq!((en.money(money(-5, "USD")), en.money(money(1_000_000, "JPY"))), ("−$0.05".into(), "JPY\u{a0}1,000,000".into()));
        assert_eq!(de.money(money(1_234_567, "KWD")), "1.234,567\u{a0}KWD");
    }

    #[test]
    fn a_time_is_the_hotels() {
        let texts = Texts::new(&[]);
        let words = Words { texts: &texts, lang: Lang::En };
        let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
        let at: jiff::Timestamp = "2027-07-04T23:30:00Z".parse().expect("an instant");
        assert_eq!((words.time(at, &zone), words.moment(at, &zone)), ("00:30".into(), "5 Jul 00:30".into()));
    }
}
