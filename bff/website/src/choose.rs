//! A room is chosen: it is held, and the checkout begins.

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::PrivateCookieJar;
use kit::{Front, Part, Visit, page};
use peer::At;
use serde::Deserialize;

use crate::cart::{self, Cart, Kept};
use crate::wish::{Asked, Wish};
use crate::{house, site};

/// The form of an offer.
#[derive(Clone, Debug, Deserialize)]
pub struct Chosen {
    hotel: String,
    room_type: String,
    /// A night as it was seen, in minor units.
    price: i64,
    from: String,
    to: String,
    adults: String,
    children: String,
}

/// `POST /book/{checkout}/choose`.
pub async fn choose(
    State(front): State<Front>,
    visit: Visit,
    jar: PrivateCookieJar,
    Path(checkout): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Response {
    if !cart::is_token(&checkout) || !kernel::id::is_code(&chosen.hotel) || !kernel::id::is_code(&chosen.room_type) {
        return site::stranger(&front, &visit);
    }
    // The same button again, or back and forth: what was begun goes on.
    if let Some(cart) = Cart::of(&jar, &checkout) {
        return Redirect::to(&cart.path()).into_response();
    }
    let ask = front.ask().after(&visit.at);
    let (hotel, business) = futures::join!(house::hotel(&ask, &chosen.hotel), house::business_date(&ask, &chosen.hotel));
    let hotel = match hotel {
        Part::Here(hotel) => hotel,
        Part::No(no) => return site::refused(&front, &visit, &no),
        Part::Silent(service) => return page::silent(&front, &visit, service),
    };
    let some = |text: &String| Some(text.clone());
    let Chosen { from, to, adults, children, .. } = &chosen;
    let asked = Asked { from: some(from), to: some(to), adults: some(adults), children: some(children), ..Asked::default() };
    let (wish, problems) = Wish::read(&asked, house::today(&front, &hotel, business.into_here()));
    let back = |more: &str| Redirect::to(&format!("/hotels/{}/stay?{}{more}", hotel.hotel, wish.query())).into_response();
    let Some((sold, price)) = hotel.sells(&chosen.room_type).filter(|(t, _)| problems.is_empty() && t.takes() >= wish.guests()) else {
        return back("");
    };
    if price.amount != chosen.price {
        return back(&format!("&changed={}&was={}#offers", chosen.room_type, chosen.price));
    }
    let mut cart = Cart {
        checkout,
        hotel: hotel.hotel.clone(),
        hotel_name: hotel.name.clone(),
        zone: hotel.time_zone.clone(),
        room_type: sold.room_type.clone(),
        type_name: sold.name.clone(),
        wish,
        price,
        holds: 0,
        until: None,
        extends_left: 0,
        attempt: 0,
        guest: cart::last_guest(&jar),
        is_own_guest: false,
        choice: None,
        saga: None,
        asked_at: None,
        reservation: None,
        problem: None,
    };
    match cart.take(&front).await {
        Kept::Held => (cart.keep(jar), page::onward(&visit, &cart.path(), &At::default())).into_response(),
        Kept::Lost(no) if no.code == "night-sold-out" => back(&format!("&lost={}", chosen.room_type)),
        Kept::Lost(no) => site::refused(&front, &visit, &no),
        Kept::Silent => page::silent(&front, &visit, "inventory"),
    }
}
