//! A house's archive in two clouds at once, of which now one and now the other is away.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use archive::verify::verify;
use archive::{BlobStore, Signer, Trust, open_with};
use bytes::Bytes;
use http::Request;
use peer::Wire;
use posthouse::archive::again::{self, Order};
use posthouse::archive::work::{self, Done, Places, Stores};
use posthouse::house::House;
use testkit::clouds::Cloud;

use crate::support::{Guest, json_of, program};

/// In the middle of a pass: of six services and two places, this many have been sealed.
const MIDDLE: u32 = 8;

fn way(cloud: &Cloud, variables: &[(String, String)]) -> Arc<dyn BlobStore> {
    open_with(&format!("{}/eu", cloud.url), variables).expect("a place")
}

struct Archive {
    stores: Stores,
    signer: Arc<Signer>,
}

impl Archive {
    /// One pass, in whose middle something happens.
    async fn pass(&self, places: &Places, middle: &mut (dyn FnMut() + Send)) -> Done {
        let mut told = 0;
        let mut progress = |_, _| {
            told += 1;
            if told == MIDDLE {
                middle();
            }
        };
        work::run(&self.stores, places, &self.signer, "eu", false, &mut progress).await.expect("a pass")
    }

    async fn positions(&self) -> u64 {
        self.stores.positions().await.expect("positions")
    }

    fn trust(&self) -> Trust {
        Trust::Keys(vec![self.signer.public()])
    }

    /// All places have all there is, and it is whole and the same.
    async fn is_whole(&self, places: &Places) {
        let done = self.pass(places, &mut || {}).await.whole().expect("all of it");
        for place in &places.0 {
            assert_eq!(positions(&done, place.place()), self.positions().await, "{}", place.place());
        }
        let report = verify(&places.0, &self.trust(), &mut |_, _| {}).await.expect("a report");
        assert_eq!(report.findings, []);
    }

    /// A house made from one place alone knows the reservation.
    async fn comes_back(&self, place: &Arc<dyn BlobStore>, data: &Path, reservation: &str) {
        let order = Order { place: place.clone(), trust: self.trust(), until: None, stop_before_damage: false };
        let restored = again::restore(&order, data, None, &mut |_, _| {}, &mut |_, _| {}).await.expect("restored");
        assert_eq!(restored.positions.values().sum::<u64>(), self.positions().await, "{}", place.place());
        let house = House::start(data, None).await.expect("a house");
        let request = Request::get(format!("/api/reservations/v1/hotels/H/reservations/{reservation}")).body(Bytes::new());
        let answer = house.inner.door.send("reservations", request.expect("a request")).await.expect("an answer");
        assert_eq!(json_of(&answer)["state"], "confirmed");
        house.stop().await;
    }
}

fn positions(done: &Done, place: &str) -> u64 {
    done.archived.iter().filter(|one| one.place == place).map(|one| one.positions).sum()
}

/// The pass has gone on with the one place, and names each service that the other one has not got.
fn goes_on(done: &Done, well: &Arc<dyn BlobStore>, away: &Arc<dyn BlobStore>, secrets: &[&str]) {
    let at = |place: &Arc<dyn BlobStore>| {
        done.archived.iter().filter(|one| one.place == place.place()).map(|one| one.service).collect::<Vec<_>>()
    };
    let faults: Vec<&str> = done.faults.iter().map(|fault| fault.service).collect();
    assert_eq!(at(well).len(), 6, "{done:?}");
    assert_eq!([at(away), faults].concat(), at(well), "what went before, and what did not any more: {done:?}");
    assert!((2..6).contains(&done.faults.len()) && done.faults.iter().all(|fault| fault.place == away.place()), "{done:?}");
    let said: String = done.faults.iter().map(ToString::to_string).collect();
    assert!(secrets.iter().all(|secret| !said.contains(secret)), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_that_is_away_costs_the_other_nothing_and_catches_up() {
    let g = Guest::start().await;
    g.hotel().await;
    g.book("b1", "A", "2030-01-01", "2030-01-03").await;
    let (azure, mut s3) = (Cloud::azure(), Cloud::s3());
    let secrets = [azure.secret.clone(), s3.secret.clone()];
    let secrets = [secrets[0].as_str(), secrets[1].as_str()];
    let (in_azure, in_s3) = (way(&azure, &azure.variables), way(&s3, &s3.variables));
    let both = Places(vec![in_azure.clone(), in_s3.clone()]);
    let stores = Stores::of(g.data(), None).expect("stores");
    let archive = Archive { stores, signer: work::signer(&g.data().join(work::KEY)).expect("a key") };
    archive.is_whole(&both).await;

    // Azure's takes connections and answers nothing. It has kept what it had, and gets what it has not.
    g.book("b2", "A", "2030-01-02", "2030-01-03").await;
    let impatient = Places(vec![way(&azure, &azure.but("AZURE_TIMEOUT", "300ms")), in_s3.clone()]);
    let done = archive.pass(&impatient, &mut || azure.signal("STOP")).await;
    azure.signal("CONT");
    goes_on(&done, &in_s3, &in_azure, &secrets);
    archive.is_whole(&both).await;

    // Amazon's is killed, and comes back with nothing: it gets everything.
    let last = g.book("b3", "B", "2030-01-01", "2030-01-02").await;
    let done = archive.pass(&both, &mut || s3.kill()).await;
    goes_on(&done, &in_azure, &in_s3, &secrets);
    s3.up();
    archive.is_whole(&both).await;
    let again = tempfile::tempdir().expect("a directory");
    for (place, name) in both.0.iter().zip(["azure", "s3"]) {
        archive.comes_back(place, &again.path().join(name), &last).await;
    }

    // As a person does it: the ways are in the environment, one key is wrong.
    let run = |variables: Vec<(String, String)>| {
        let to = [&azure.url, &s3.url].map(|url| ["--to".to_owned(), format!("{url}/eu")]).concat();
        let mut command = Command::new(program());
        command.args(["archive", "run", "--cell", "eu", "--data"]).arg(g.data()).args(to).envs(azure.variables.clone()).envs(variables);
        let done = command.output().expect("the program");
        let said = [done.stdout, done.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        (done.status.code(), said)
    };
    let (code, said) = run(s3.variables.clone());
    assert!(code == Some(0) && !said.contains("NOT ARCHIVED"), "{code:?}: {said}");
    let (code, said) = run(s3.but("AWS_SECRET_ACCESS_KEY", "a-wrong-secret"));
    assert_eq!((code, said.matches("NOT ARCHIVED").count(), said.matches(" manifests ").count()), (Some(1), 6, 6), "{said}");
    assert!(secrets.iter().chain(&["a-wrong-secret"]).all(|secret| !said.contains(secret)), "{said}");
    g.house.stop().await;
}
