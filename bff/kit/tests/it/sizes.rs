//! How large the shared files are, as written and as sent.

use kit::assets::Assets;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Nothing;

#[test]
fn shared_files_stay_small() {
    let assets = Assets::with::<Nothing>();
    let of = |ending: &str| {
        assets.sizes().filter(|(name, ..)| name.ends_with(ending)).fold((0, 0), |sum, (_, plain, sent)| (sum.0 + plain, sum.1 + sent))
    };
    let ((css, _), (js, _)) = (of(".css"), of(".js"));
    assert!(css <= 36_000 && css > 5_000, "styles of all front ends: {css}");
    assert!(js <= 24_000 && js > 5_000, "scripts of all front ends: {js}");
}
