//! Several processes write to one PostgreSQL store at once, to the same lanes. Somebody who follows a lane meanwhile must
//! see each position once, in order, without ever passing over one that is committed later.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use eventstore::postgres::{Place, Postgres};
use eventstore::{EventStore, Work};
use futures::StreamExt;
use futures::stream;
use kernel::{Ctx, Emit, Lane, Outcome, Staged, Stop, Verdict, lane_of};
use testkit::asked;
use testkit::bank::{Seat, Sitting};
use testkit::clock::Standing;
use testkit::conformance::gapless_and_chained;
use testkit::postgres::{Care, Postgres as Server};

const PROCESSES: usize = 4;
const EVENTS_PER_COMMAND: usize = 8;
/// Commands one process has under way.
const UNDER_WAY: usize = 64;
const BRANCHES: usize = 24;
/// How a process learns what to do: URL, its number, its commands.
const TASK: &str = "POSTHOUSE_TEST_WRITER";

struct Several {
    seat: String,
    by: String,
}

impl Work for Several {
    fn run(&self, see: &Staged, _: &Ctx, out: &mut Emit) -> Result<Verdict, Stop> {
        see.get::<Seat>(&self.seat)?;
        for _ in 0..EVENTS_PER_COMMAND {
            out.event::<Seat>(&self.seat, Sitting::Taken { by: self.by.clone() });
        }
        Ok(Verdict::Applied("null".into()))
    }
}

fn store(url: &str) -> Arc<dyn EventStore> {
    Arc::new(Postgres::open(&Place::new(url, "writers").expect("a URL"), "here").expect("a store"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

/// Not a test by itself: what each of the writing processes runs.
#[test]
#[ignore = "run by the tests below, as a process of its own"]
fn one_writer() {
    let task = std::env::var(TASK).expect("a task");
    let [url, writer, commands] = task.split('|').collect::<Vec<_>>()[..] else { panic!("{task}") };
    let commands: usize = commands.parse().expect("a number");
    runtime().block_on(testkit::beside(store(url), Arc::new(Standing), async |committer| {
        let send = |n: usize| {
            let (committer, branch) = (committer.clone(), format!("branch-{}", n % BRANCHES));
            async move {
                let key = format!("{writer}/{n}");
                for tries in 0.. {
                    assert!(tries < 500, "{key} is answered at last");
                    let work = Box::new(Several { seat: branch.clone(), by: writer.to_owned() });
                    match committer.submit(asked("writer", &key, "f"), lane_of(&branch), work).await.outcome {
                        Outcome::Applied { .. } => return,
                        Outcome::Retry(_) | Outcome::Unknown => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                        other => panic!("{key}: {other:?}"),
                    }
                }
            }
        };
        stream::iter((0..commands).map(send)).buffer_unordered(UNDER_WAY).collect::<Vec<()>>().await;
    }));
}

struct Writers(Vec<Child>);

impl Writers {
    fn start(url: &str, commands: usize) -> Self {
        let program = std::env::current_exe().expect("this program");
        let start = |n: usize| {
            let mut writer = Command::new(&program);
            writer.args(["--ignored", "--exact", "writers::one_writer"]).env(TASK, format!("{url}|{n}|{commands}"));
            writer.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("a writer starts")
        };
        Self((0..PROCESSES).map(start).collect())
    }

    fn running(&mut self) -> bool {
        let ended: Vec<_> = self.0.iter_mut().map(|child| child.try_wait().expect("a child")).collect();
        assert!(ended.iter().flatten().all(|status| status.success()), "a writer failed");
        ended.iter().any(Option::is_none)
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _gone_already = child.kill();
            let _its_end = child.wait();
        }
    }
}

/// Writes with all processes and follows meanwhile; gives the number of events.
fn several_processes(commands: usize) -> usize {
    let server = Server::start(Care::Durable);
    let url = server.database("writers");
    let kept = store(&url);
    let mut writers = Writers::start(&url, commands);
    let mut passed: BTreeMap<Lane, u64> = BTreeMap::new();
    let lanes: std::collections::BTreeSet<Lane> = (0..BRANCHES).map(|n| lane_of(&format!("branch-{n}"))).collect();
    let (runtime, mut pages_between) = (runtime(), 0);
    loop {
        // Asked before the last look: what was committed until then is seen by it.
        let last = !writers.running();
        let mut news = 0;
        for lane in &lanes {
            let at = passed.entry(*lane).or_default();
            let page = runtime.block_on(kept.read(*lane, *at, 5_000)).expect("a page");
            for row in &page {
                assert_eq!(row.pos, *at + 1, "lane {lane} is followed without a gap");
                *at = row.pos;
            }
            news += page.len();
        }
        pages_between += usize::from(!last && news > 0);
        if last && news == 0 {
            break;
        }
    }
    assert!(pages_between > 3, "the follower followed while it was written");
    let mut events = 0;
    for lane in &lanes {
        let rows = runtime.block_on(kept.read(*lane, 0, usize::MAX >> 1)).expect("a lane");
        gapless_and_chained(*lane, &rows);
        events += rows.iter().filter(|row| row.event().is_some()).count();
    }
    assert_eq!(events, PROCESSES * commands * EVENTS_PER_COMMAND, "nothing is lost and nothing is there twice");
    events
}

#[test]
fn four_processes_write_to_the_same_lanes_without_a_gap() {
    several_processes(600);
}

#[test]
#[ignore = "a campaign: a million events"]
fn a_million_events() {
    let began = tokio::time::Instant::now();
    let events = several_processes(1_000_000 / PROCESSES / EVENTS_PER_COMMAND + 1);
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{{\"events\":{events},\"processes\":{PROCESSES},\"seconds\":{seconds:.1},\"per_second\":{:.0},\"gaps\":0}}",
        events as f64 / seconds
    );
}
