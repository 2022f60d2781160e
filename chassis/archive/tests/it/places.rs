//! One suite for every place an archive can be kept in: what `BlobStore` promises holds in memory, in directories, in PostgreSQL
//! and in the blob stores of clouds. Google's has no server that could be started here: it is built, and not asked anything.

use std::sync::Arc;
use std::time::Duration;

use archive::{BlobFault, BlobStore, Created, open, open_with};
use bytes::Bytes;
use futures::future::{join, join_all};
use testkit::clouds::Cloud;
use testkit::postgres::{Care, Postgres};

/// A place that does not answer says so long before this.
const HANGS: Duration = Duration::from_secs(60);
/// More names than three pages of those lists have that come in pages.
const NAMES: u64 = 33;
/// What people may call a folder of their own.
const PREFIX: &str = "haus%20am%20see/50%25+%C3%BC/a=b";

type Place = Arc<dyn BlobStore>;

async fn create(place: &Place, name: &str, bytes: impl Into<Bytes>) -> Created {
    place.create(name.into(), bytes.into()).await.unwrap_or_else(|e| panic!("{name}: {e}"))
}

async fn get(place: &Place, name: &str) -> Option<Bytes> {
    place.get(name.into()).await.unwrap_or_else(|e| panic!("{name}: {e}"))
}

async fn list(place: &Place, folder: &str) -> Vec<(String, u64)> {
    place.list(folder.into()).await.unwrap_or_else(|e| panic!("{folder}: {e}"))
}

/// Bytes that are not all alike, and differ from others' everywhere.
fn bytes(len: usize, of: u8) -> Bytes {
    (0..len).map(|n| (n % 251) as u8 ^ of).collect()
}

/// What every place promises. Both are ways to the same place, as two processes have them.
async fn keeps_its_promises(one: Place, two: Place) {
    what_is_not_there(&one).await;
    created_once(&one, &two).await;
    one_of_many_creates(&one, &two).await;
    lists(&one).await;
    nothing_by_half(&one, &two).await;
}

async fn what_is_not_there(place: &Place) {
    assert_eq!((get(place, "no/such").await, list(place, "no/").await), (None, vec![]));
}

async fn created_once(one: &Place, two: &Place) {
    let name = "eu-1/stays/segments/lane=03/000000000001-000000050000.parquet";
    assert_eq!(create(one, name, "first").await, Created::New);
    for (again, bytes) in [(one, "first"), (two, "first"), (one, "other"), (two, "another, and a longer one"), (one, "")] {
        assert_eq!(create(again, name, bytes).await, Created::Exists, "{bytes}");
        assert_eq!(get(again, name).await.as_deref(), Some(&b"first"[..]), "after {bytes}");
    }
    // What has no bytes is there too; a folder is not.
    assert_eq!((create(one, "eu-1/empty", "").await, get(two, "eu-1/empty").await), (Created::New, Some(Bytes::new())));
    assert_eq!(get(two, "eu-1/stays/segments").await, None);
}

async fn one_of_many_creates(one: &Place, two: &Place) {
    for round in 0..10 {
        let name = format!("eu-1/stays/manifests/{round:08}.json");
        let ways = [one, two, one, two];
        let made = join_all((0..).zip(ways).map(|(n, way)| way.create(name.clone(), bytes(5_000, n)))).await;
        let made: Vec<Created> = made.into_iter().map(|one| one.expect("an answer")).collect();
        assert_eq!(made.iter().filter(|made| **made == Created::New).count(), 1, "{made:?}");
        let winner = made.iter().position(|made| *made == Created::New).expect("one");
        assert_eq!(get(one, &name).await, Some(bytes(5_000, winner as u8)), "what is there is the winner's");
    }
}

async fn lists(place: &Place) {
    let name = |n: u64| format!("eu-2/rooms/segments/lane=07/{n:012}-{:012}.parquet", n + 1);
    // In no order; beside them what begins alike, and is not below the folder.
    let all = (0..NAMES).map(|n| place.create(name(n * 7 % NAMES), bytes((n * 7 % NAMES) as usize, 0)));
    join_all(all).await.into_iter().for_each(|made| assert_eq!(made, Ok(Created::New)));
    for other in ["eu-2/rooms/segments/lane=070/x", "eu-2/rooms2/x", "eu-22/x", "eu-2/rooms/segments/lane=08/y"] {
        create(place, other, "other").await;
    }
    let expected: Vec<(String, u64)> = (0..NAMES).map(|n| (name(n), n)).collect();
    assert_eq!(list(place, "eu-2/rooms/segments/lane=07/").await, expected);
    let folders: Vec<usize> =
        join_all(["eu-2/rooms/", "eu-2/", "eu-22/", "eu-3/"].map(|at| list(place, at))).await.iter().map(Vec::len).collect();
    assert_eq!(folders, [NAMES as usize + 2, NAMES as usize + 3, 1, 0]);
}

/// What is large is there as a whole or not at all: while it comes, and when whoever sends it goes away in the middle.
async fn nothing_by_half(one: &Place, two: &Place) {
    let whole = bytes(6_000_000, 9);
    let name = "eu-1/large";
    let is_whole = |found: &Option<Bytes>| found.as_ref().is_none_or(|found| *found == whole);
    let (mut made, mut seen) = (None, 0);
    let coming = async { made = Some(create(one, name, whole.clone()).await) };
    let looking = async {
        loop {
            let (found, listed) = join(get(two, name), list(two, "eu-1/")).await;
            assert!(is_whole(&found), "{:?} bytes of {}", found.map(|found| found.len()), whole.len());
            assert!(listed.iter().all(|(of, len)| of != name || *len == whole.len() as u64), "{listed:?}");
            seen += 1;
            if found.is_some() {
                break;
            }
        }
    };
    join(coming, looking).await;
    assert_eq!((made, get(one, name).await.as_ref(), seen > 0), (Some(Created::New), Some(&whole), true));
    for n in [0, 20, 60] {
        let name = format!("eu-1/large-{n}");
        let _given_up = tokio::time::timeout(Duration::from_millis(n), one.create(name.clone(), whole.clone())).await;
        assert!(is_whole(&get(two, &name).await), "{name} is there by half");
        create(two, &name, whole.clone()).await;
        assert_eq!(get(one, &name).await.as_ref(), Some(&whole), "{name}");
    }
}

/// Each way a place can be asked, asked at once; all of them say no, and say it in time.
async fn says_no(when: &str, place: &Place) -> Vec<String> {
    let all = async {
        let (created, got, listed) = (place.create("a/b".into(), "x".into()), place.get("a/b".into()), place.list("a/".into()));
        futures::join!(async { created.await.map(drop) }, async { got.await.map(drop) }, async { listed.await.map(drop) })
    };
    let (created, got, listed) = tokio::time::timeout(HANGS, all).await.unwrap_or_else(|_| panic!("{when}, and nobody says so"));
    [created, got, listed].into_iter().map(|said: Result<(), BlobFault>| said.expect_err("it cannot").to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_keeps_its_promises() {
    let place = open("memory:///").expect("a place");
    keeps_its_promises(place.clone(), place).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_keeps_its_promises() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("file://{}/{PREFIX}", dir.path().display());
    keeps_its_promises(open(&url).expect("a place"), open(&url).expect("a place")).await;
    assert!(dir.path().join("haus am see/50%+ü/a=b/eu-1/large").is_file(), "people find it where they said");
    // Whoever writes may be killed: what lies there then is nothing, and in nobody's way.
    let place = open(&url).expect("a place");
    std::fs::write(dir.path().join("haus am see/50%+ü/a=b/eu-1/next#1"), "hal").expect("written");
    assert!(list(&place, "eu-1/").await.iter().all(|(name, _)| !name.contains("next")));
    assert_eq!((create(&place, "eu-1/next", "half").await, get(&place, "eu-1/next").await), (Created::New, Some("half".into())));
    // A disk that is full, or nobody's: here, a name that is a file's is no folder.
    let why = place.create("eu-1/next/below".into(), "x".into()).await.expect_err("it is a file");
    assert!(why.to_string().contains("haus%20am%20see"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_keeps_its_promises() {
    let server = Postgres::start(Care::None);
    let url = server.database("archive");
    let (one, two) = (open(&url).expect("a place"), open(&url).expect("a place"));
    keeps_its_promises(one.clone(), two).await;
    server.kill();
    assert!(says_no("it is killed", &one).await.iter().all(|why| why.contains("PostgreSQL")));
    server.up();
    assert_eq!((create(&one, "back", "x").await, get(&one, "eu-1/empty").await), (Created::New, Some(Bytes::new())));
    let nobody = url.replace("posthouse@", "nobody:s3cr3t@");
    let why = open(&nobody).map(drop).expect_err("nobody may");
    assert!(why.contains("nobody") && !why.contains("s3cr3t"), "{why}");
}

/// A cloud's store, and what can happen to it; `key` and `wait` are the variables of its key and of its patience.
async fn a_cloud_keeps_its_promises(mut cloud: Cloud, key: &str, wrong: &str, wait: &str) {
    // In a list's address a blank is a `+`. moto takes the signature of that for wrong, since it does not read it as a blank.
    let prefix = if cloud.url.starts_with("s3") { PREFIX.replace("%20", "-") } else { PREFIX.to_owned() };
    let url = format!("{}/{prefix}", cloud.url);
    let way = |variables: &[(String, String)]| open_with(&url, variables).expect("a place");
    let place = way(&cloud.variables);
    keeps_its_promises(place.clone(), way(&cloud.variables)).await;

    let says_nothing = |all: &[String]| all.iter().all(|why| !why.contains(&cloud.secret) && !why.contains(wrong));
    let refused = says_no("the key is wrong", &way(&cloud.but(key, wrong))).await;
    assert!(says_nothing(&refused) && refused.iter().all(|why| why.contains(&url) && why.contains("403")), "{refused:#?}");

    // It takes connections and answers nothing; then it goes on with what it has.
    cloud.signal("STOP");
    let silent = says_no("it is stopped", &way(&cloud.but(wait, "200ms"))).await;
    assert!(says_nothing(&silent) && silent.iter().all(|why| why.contains(&url) && why.contains("timed out")), "{silent:#?}");
    cloud.signal("CONT");
    assert_eq!(get(&place, "eu-1/empty").await, Some(Bytes::new()));

    let before = cloud.variables.clone();
    cloud.kill();
    let gone = says_no("it is killed", &place).await;
    assert!(gone.iter().all(|why| !why.contains(&cloud.secret) && why.contains(&url) && why.contains("refused")), "{gone:#?}");
    cloud.up();
    assert_eq!(cloud.variables, before);
    assert_eq!((create(&place, "back", "x").await, list(&place, "").await), (Created::New, vec![("back".into(), 1)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azures_blob_store_keeps_its_promises() {
    let wrong = "d3JvbmcgYnV0IG9mIHRoZSByaWdodCBraW5kIGFuZCBsb25nIGVub3VnaA==";
    a_cloud_keeps_its_promises(Cloud::azure(), "AZURE_STORAGE_ACCOUNT_KEY", wrong, "AZURE_TIMEOUT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn amazons_blob_store_keeps_its_promises() {
    a_cloud_keeps_its_promises(Cloud::s3(), "AWS_SECRET_ACCESS_KEY", "wrong/key+of+the+right+kind", "AWS_TIMEOUT").await;
}

/// A token is part of what is sent, and errors name what was sent.
#[tokio::test]
async fn a_token_in_a_request_is_shown_to_nobody() {
    let nowhere = host_that_is_not_there();
    let variables = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "account".to_owned()),
        ("AZURE_STORAGE_SAS_TOKEN", "sv=2021-12-02&sig=s3cr3t".to_owned()),
        ("AZURE_STORAGE_ENDPOINT", format!("http://{nowhere}/account")),
        ("AZURE_ALLOW_HTTP", "true".to_owned()),
    ];
    let variables: Vec<_> = variables.map(|(name, value)| (name.to_owned(), value)).into();
    let said = says_no("nobody is there", &open_with("az://archive/eu", &variables).expect("a place")).await;
    assert!(said.iter().all(|why| !why.contains("s3cr3t")), "{said:#?}");
}

/// An address of this machine where nobody listens.
fn host_that_is_not_there() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("an address")
}
