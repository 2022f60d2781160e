//! A checkout: what was chosen, whose hold it is and how far it has come. It lives in a sealed cookie that is sent to its own
//! pages only, so any replica can go on with it and no personal data is in it: a guest is a reference.
//!
//! All keys of its commands are derived from its name and from what it has counted, so asking twice is asking once.

use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use contracts::inventory::{Extend, Hold};
use contracts::reservations::{Book, Guarantee};
use jiff::tz::TimeZone;
use kernel::{Money, Timestamp};
use kit::visit::cookie;
use kit::{Front, No, Said};
use serde::{Deserialize, Serialize};

use crate::house;
use crate::wish::Wish;

/// How long a hold keeps the room, seconds.
pub const HOLD_S: u32 = 15 * 60;
/// How much longer a guest may have, seconds.
pub const LONGER_S: u32 = 5 * 60;
/// How long the cookie lives, seconds.
const COOKIE_S: i64 = 24 * 60 * 60;
/// How long a guest who has typed their data and lost the room need not type it again, seconds.
const GUEST_S: i64 = 60 * 60;
const CART: &str = "cart";
const BOOKING: &str = "booking";
const GUEST: &str = "guest";

/// How a guest guarantees the stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Whether everything is paid now.
    pub is_prepaid: bool,
    /// The provider's token of the card.
    pub token: String,
}

/// A checkout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cart {
    /// Its name, which nobody guesses.
    pub checkout: String,
    /// The hotel.
    pub hotel: String,
    /// Its name.
    pub hotel_name: String,
    /// Its zone.
    pub zone: String,
    /// The type.
    pub room_type: String,
    /// Its name.
    pub type_name: String,
    /// Dates and guests.
    pub wish: Wish,
    /// A night, as it was seen.
    pub price: Money,
    /// Holds that were taken before the present one.
    pub holds: u32,
    /// When the present hold ends; nothing when there is none.
    pub until: Option<Timestamp>,
    /// How often it may be kept for longer.
    pub extends_left: u32,
    /// Bookings that were refused before.
    pub attempt: u32,
    /// The guest by reference.
    pub guest: Option<String>,
    /// Whether the guest was made in this checkout, so that a correction changes nobody else's booking.
    pub is_own_guest: bool,
    /// How it is guaranteed, once the booking was asked for.
    pub choice: Option<Choice>,
    /// The saga that decides the booking, when its answer did not come at once.
    pub saga: Option<String>,
    /// When the booking was asked for.
    pub asked_at: Option<Timestamp>,
    /// The booking.
    pub reservation: Option<String>,
    /// The code of what has just gone wrong.
    pub problem: Option<String>,
}

/// What came of taking or keeping a hold.
#[derive(Debug, PartialEq)]
pub enum Kept {
    /// It is held.
    Held,
    /// It is refused.
    Lost(No),
    /// Nobody knows now.
    Silent,
}

/// Whether this can be the name of a checkout.
pub fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether this can be an id, and so a part of a path.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A cookie that lives so many seconds and is sent to these pages only.
fn sealed(name: &'static str, value: String, path: &str, seconds: i64) -> Cookie<'static> {
    let mut cookie = Cookie::parse(format!("{name}=; Max-Age={seconds}")).unwrap_or_else(|_| Cookie::new(name, ""));
    cookie.set_value(value);
    cookie.set_path(path.to_owned());
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie
}

impl Cart {
    /// The checkout of this name, if this browser has it.
    pub fn of(jar: &PrivateCookieJar, checkout: &str) -> Option<Self> {
        let cart: Self = serde_json::from_str(jar.get(CART).filter(|_| is_token(checkout))?.value()).ok()?;
        (cart.checkout == checkout).then_some(cart)
    }

    /// Where it is.
    pub fn path(&self) -> String {
        format!("/book/{}", self.checkout)
    }

    /// Kept in the browser.
    pub fn keep(&self, jar: PrivateCookieJar) -> PrivateCookieJar {
        let text = serde_json::to_string(self).unwrap_or_default();
        jar.add(sealed(CART, text, &self.path(), COOKIE_S))
    }

    /// The name of its present hold.
    pub fn hold(&self) -> String {
        self.nth_hold(self.holds)
    }

    fn nth_hold(&self, n: u32) -> String {
        format!("{}{}-{n}", contracts::inventory::CART, &self.checkout[..16])
    }

    /// The number its guest is told before there is a confirmation. Unique in the hotel, so a checkout books once.
    pub fn reference(&self) -> String {
        format!("WEB-{}", self.checkout[..10].to_ascii_uppercase())
    }

    /// The hotel's zone.
    pub fn zone(&self) -> TimeZone {
        house::zone(&self.zone)
    }

    /// The date on the hotel's wall.
    pub fn today(&self, front: &Front) -> jiff::civil::Date {
        front.now().to_zoned(self.zone()).date()
    }

    /// What all nights cost.
    pub fn total(&self) -> Money {
        self.wish.total(self.price).unwrap_or(self.price)
    }

    /// Seconds the room is still held.
    pub fn held_s(&self, front: &Front) -> i64 {
        self.until.map_or(0, |until| until.ms_since(front.setup.clock.now()) / 1_000).max(0)
    }

    /// Takes a hold for the first time.
    pub async fn take(&mut self, front: &Front) -> Kept {
        // What stands under a key may be the answer to an earlier press of the same button, and over by now.
        for _ in 0..2 {
            let command = Hold {
                hotel: self.hotel.clone(),
                reservation: self.hold(),
                room_type: self.room_type.clone(),
                arrival: self.wish.from,
                departure: self.wish.to,
                ttl_s: HOLD_S,
                takes: self.holds.checked_sub(1).map(|before| self.nth_hold(before)),
            };
            match front.ask().send(&command, &format!("{}/hold/{}", self.checkout, self.holds)).await {
                Said::Done(held, _) if held.until > front.setup.clock.now() => {
                    (self.until, self.extends_left) = (Some(held.until), held.extends_left);
                    return Kept::Held;
                }
                Said::No(no) if no.code != "already-allocated" => {
                    self.until = None;
                    return Kept::Lost(no);
                }
                Said::Done(..) | Said::No(_) => self.holds += 1,
                Said::Later(_) | Said::Unknown | Said::Pending(_) => {
                    self.until = None;
                    return Kept::Silent;
                }
            }
        }
        Kept::Silent
    }

    /// Takes another hold in place of the present one.
    pub async fn take_again(&mut self, front: &Front) -> Kept {
        self.holds += 1;
        self.take(front).await
    }

    /// Keeps the present hold for longer; when it is over, takes another.
    pub async fn longer(&mut self, front: &Front) -> Kept {
        if self.held_s(front) == 0 {
            return self.take_again(front).await;
        }
        let command = Extend { hotel: self.hotel.clone(), reservation: self.hold(), ttl_s: LONGER_S };
        let key = format!("{}/extend/{}/{}", self.checkout, self.holds, self.extends_left);
        match front.ask().send(&command, &key).await {
            Said::Done(held, _) => {
                (self.until, self.extends_left) = (Some(held.until), held.extends_left);
                Kept::Held
            }
            Said::No(no) if no.code == "hold-expired" => self.take_again(front).await,
            Said::No(no) => Kept::Lost(no),
            Said::Later(_) | Said::Unknown | Said::Pending(_) => Kept::Silent,
        }
    }

    /// The booking as it is asked for; nothing before somebody has said who comes and how they pay.
    pub fn booking(&self) -> Option<(Book, String)> {
        let choice = self.choice.as_ref()?;
        let token = choice.token.clone();
        let book = Book {
            hotel: self.hotel.clone(),
            reference: Some(self.reference()),
            room_type: self.room_type.clone(),
            arrival: self.wish.from,
            departure: self.wish.to,
            adults: self.wish.adults,
            children: self.wish.children,
            babies: 0,
            guest: Some(self.guest.clone()?),
            price: self.price,
            price_reason: None,
            segment: None,
            channel: Some("website".into()),
            deposit: None,
            guarantee: if choice.is_prepaid { Guarantee::Prepaid { token } } else { Guarantee::Card { token } },
            hold: Some(self.hold()),
        };
        Some((book, format!("{}/book/{}", self.checkout, self.attempt)))
    }
}

/// A booking this browser may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// The hotel.
    pub hotel: String,
    /// Which.
    pub reservation: String,
}

impl Pass {
    /// The pass for a booking, if this browser has it.
    pub fn of(jar: &PrivateCookieJar, reservation: &str) -> Option<Self> {
        let pass: Self = serde_json::from_str(jar.get(BOOKING).filter(|_| is_id(reservation))?.value()).ok()?;
        (pass.reservation == reservation).then_some(pass)
    }

    /// Where it leads.
    pub fn path(&self) -> String {
        format!("/booking/{}", self.reservation)
    }

    /// Kept in the browser.
    pub fn keep(&self, jar: PrivateCookieJar) -> PrivateCookieJar {
        let text = serde_json::to_string(self).unwrap_or_default();
        jar.add(sealed(BOOKING, text, &self.path(), COOKIE_S))
    }
}

/// The guest who was typed in a checkout that was lost.
pub fn last_guest(jar: &PrivateCookieJar) -> Option<String> {
    jar.get(GUEST).map(|cookie| cookie.value().to_owned()).filter(|guest| is_id(guest))
}

/// Remembers a guest for the next checkout, or forgets them once they have booked.
pub fn remember_guest(jar: PrivateCookieJar, guest: Option<&str>) -> PrivateCookieJar {
    match guest {
        Some(guest) => jar.add(sealed(GUEST, guest.to_owned(), "/book", GUEST_S)),
        None => jar.remove(cookie(GUEST, String::new(), "/book")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_become_parts_of_paths() {
        assert!(is_token(&"0a".repeat(16)));
        assert!(!is_token(&"0A".repeat(16)) && !is_token("0a") && !is_token(&"é".repeat(16)));
        assert!(is_id("res_0abc") && !is_id("") && !is_id("../x") && !is_id("a b") && !is_id(&"a".repeat(65)));
    }
}
