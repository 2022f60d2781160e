//! The route table is written down, so that a change of the surface is seen in a review.

use crate::support::{Guest, root};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_route_table_is_the_one_written_down() {
    let g = Guest::start().await;
    let path = root().join("docs/routes.txt");
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let is = posthouse::pages::route_lines(&g.house.inner);
    g.house.stop().await;
    assert!(written == is, "docs/routes.txt is not the route table; write it anew with: posthouse routes > docs/routes.txt");
}
