//! Feeds: how far every service is behind those it follows and behind itself, and how far its archive is.

use askama::Template;
use axum::response::Response;
use kit::{Frame, page};
use serde::Serialize;

use crate::archives;
use crate::health::{self, Lag, Summary};
use crate::look::Look;

#[derive(Template, Serialize)]
#[template(path = "feeds.html")]
struct Feeds {
    #[serde(skip)]
    f: Frame,
    summary: Summary,
    lags: Vec<Lag>,
    archives: Vec<archives::Row>,
    silent: Vec<&'static str>,
}

/// The width of a bar, of a hundred: logarithmic, so that a few are seen and a million fit.
pub fn width(behind: &Option<u64>) -> u64 {
    behind.map_or(0, |behind| ((1.0 + behind as f64).log10() * 100.0 / 6.0).min(100.0).round() as u64)
}

/// `GET /ops/feeds`.
pub async fn page(look: Look) -> Response {
    let (f, summary) = look.frame("feeds-title", "feeds");
    let silent = look.snapshot.seen.iter().filter(|(_, seen)| seen.now.is_none()).map(|(service, _)| *service).collect();
    page::show(&look.visit, &Feeds { f, summary, lags: health::lags(&look.snapshot), archives: archives::rows(&look.snapshot), silent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_a_few_and_fits_a_million() {
        assert_eq!([None, Some(0), Some(9), Some(999_999), Some(u64::MAX)].map(|n| width(&n)), [0, 0, 17, 100, 100]);
    }
}
