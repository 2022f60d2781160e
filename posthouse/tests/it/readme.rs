//! The README's commands are the ones that were run.

use std::process::Command;
use std::time::Duration;

use posthouse::lab::child::HouseProcess;

use crate::support::{program, root};

/// The lines of the README's `sh` blocks that are curl commands, continued lines joined.
fn curls() -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let joined: Vec<String> = blocks.map(|block| block.replace("\\\n", " ")).collect();
    joined.iter().flat_map(|block| block.lines()).filter(|line| line.starts_with("curl")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readme_books_a_room() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let house = HouseProcess::start_with(program(), data.path(), &["--demo"]).await.expect("the house starts");
    let run = |line: &str| {
        let line = line.replace("http://127.0.0.1:8080", &house.url());
        let done = Command::new("bash").args(["-c", &line]).output().expect("bash and curl");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let lines = curls();
    assert!(lines.len() >= 4, "{lines:?}");
    // The demo hotel is seeded after the house is ready: the first command is tried until it is there.
    for _ in 0..100 {
        if run(&lines[0]).contains("business_date") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut booked = run(&lines[1]);
    for _ in 0..50 {
        if booked.contains("201 Created") {
            break;
        }
        // A refusal is for ever under its key; what is not known yet is asked again, as the README says.
        assert!(booked.contains("202") || booked.contains("503") || booked.contains("404"), "{booked}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        booked = run(&lines[1].replace("readme-1", "readme-2"));
    }
    assert!(booked.contains("\"state\":\"confirmed\"") && booked.to_lowercase().contains("posthouse-effect: applied"), "{booked}");
    // Lists follow the booking within milliseconds, unless they are asked with its `Posthouse-At`.
    for (line, shows) in lines[2..].iter().zip(["\"state\":\"confirmed\"", "\"sold\":1", "\"open\""]) {
        let mut shown = run(line);
        for _ in 0..50 {
            if shown.contains(shows) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            shown = run(line);
        }
        assert!(shown.contains(shows), "{line}: {shown}");
    }
}
