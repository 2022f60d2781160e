//! Blob stores of clouds: built from a URL and from what the environment says in the words of each cloud's own tools.
//!
//! A store that does not answer is given up soon: a pass goes on with other places, and the next pass comes back to this one.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientOptions, Error, ObjectStore, ObjectStoreScheme, RetryConfig};

/// Name and value.
pub type Variable = (String, String);

/// A connection is made within so long; `<CLOUD>_CONNECT_TIMEOUT` says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A request takes so long at most, a whole segment on a slow line included; `<CLOUD>_TIMEOUT` says otherwise.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// A request that failed is sent again so often at most …
const RETRIES_MAX: usize = 4;
/// … and not once so long has passed.
const RETRY_TIMEOUT: Duration = Duration::from_secs(6);
/// Pauses between, which become longer.
const BACKOFF: BackoffConfig = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(2), base: 2. };

fn retry() -> RetryConfig {
    RetryConfig { backoff: BACKOFF, max_retries: RETRIES_MAX, retry_timeout: RETRY_TIMEOUT }
}

fn client() -> ClientOptions {
    ClientOptions::new().with_connect_timeout(CONNECT_TIMEOUT).with_timeout(ANSWER_TIMEOUT)
}

/// What is said to one cloud's client: those variables whose names begin so, and whose names it knows.
fn said<K: FromStr>(variables: &[Variable], cloud: &str) -> Vec<(K, String)> {
    let of = variables.iter().filter(|(name, _)| name.starts_with(cloud));
    of.filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value.clone()))).collect()
}

/// Builds a store; nothing is sent yet.
pub fn open(scheme: &ObjectStoreScheme, url: &str, variables: &[Variable]) -> Result<Arc<dyn ObjectStore>, Error> {
    let given = |name: &str| variables.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone());
    Ok(match scheme {
        ObjectStoreScheme::AmazonS3 => {
            let empty = AmazonS3Builder::new().with_client_options(client()).with_retry(retry());
            let built = said(variables, "AWS_").into_iter().fold(empty, |builder, (key, value)| builder.with_config(key, value));
            Arc::new(built.with_url(url).build()?)
        }
        ObjectStoreScheme::MicrosoftAzure => {
            let empty = MicrosoftAzureBuilder::new().with_client_options(client()).with_retry(retry());
            let built = said(variables, "AZURE_").into_iter().fold(empty, |builder, (key, value)| builder.with_config(key, value));
            // Azure's own name for where a virtual machine asks who it is.
            let built = given("IDENTITY_ENDPOINT").into_iter().fold(built, MicrosoftAzureBuilder::with_msi_endpoint);
            Arc::new(built.with_url(url).build()?)
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            // A virtual machine there asks without TLS who it is.
            let empty = GoogleCloudStorageBuilder::new().with_client_options(client().with_allow_http(true)).with_retry(retry());
            let account = given("SERVICE_ACCOUNT").into_iter().fold(empty, GoogleCloudStorageBuilder::with_service_account_path);
            let built = said(variables, "GOOGLE_").into_iter().fold(account, |builder, (key, value)| builder.with_config(key, value));
            Arc::new(built.with_url(url).build()?)
        }
        other => {
            let source = format!("{other:?} can be read, but not written to").into();
            return Err(Error::Generic { store: "archive", source });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(url: &str, variables: &[(&str, &str)]) -> Result<Arc<dyn crate::BlobStore>, String> {
        let variables: Vec<Variable> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        crate::open_with(url, &variables)
    }

    fn built(url: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let variables: Vec<Variable> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (scheme, _) = ObjectStoreScheme::parse(&url.parse().expect("a URL")).expect("a scheme");
        open(&scheme, url, &variables).map(|store| format!("{store:?}")).map_err(|e| e.to_string())
    }

    /// What a service account's file holds, of a server that asks for no key.
    fn account(key: &str) -> String {
        format!(
            r#"{{"gcs_base_url": "http://127.0.0.1:9", "disable_oauth": true, "client_email": "", "private_key_id": "", "private_key": "{key}"}}"#
        )
    }

    #[test]
    fn a_bucket_of_googles_is_found_in_the_url_and_its_account_in_the_variables() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("account.json");
        std::fs::write(&file, account("s3cr3t")).expect("written");
        let file = file.display().to_string();
        for name in ["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH", "SERVICE_ACCOUNT"] {
            let shown = built("gs://bucket/eu/west", &[(name, &file)]).expect("built");
            assert!(shown.contains("\"bucket\"") && shown.contains("http://127.0.0.1:9"), "{name}: {shown}");
        }
        let shown = built("gs://bucket", &[("GOOGLE_SERVICE_ACCOUNT_KEY", &account("s3cr3t"))]).expect("built");
        assert!(shown.contains("max_retries: 4") && shown.contains("http://127.0.0.1:9"), "{shown}");
        assert_eq!(opened("gs://bucket/eu", &[("SERVICE_ACCOUNT", &file)]).map(|it| it.place().to_owned()), Ok("gs://bucket/eu".into()));
        // Without an account, the machine is asked who it is, once something is wanted.
        assert!(built("gs://bucket", &[("AWS_ACCESS_KEY_ID", "another's"), ("GOOGLE_", "")]).is_ok());
    }

    #[test]
    fn an_account_that_is_none_is_told_of_without_what_is_in_it() {
        let why =
            opened("gs://bucket", &[("GOOGLE_SERVICE_ACCOUNT_KEY", "{\"private_key\": \"s3cr3t\"}")]).map(|_| ()).expect_err("no account");
        assert!(why.contains("gs://bucket") && !why.contains("s3cr3t"), "{why}");
        let why = opened("gs://bucket", &[("GOOGLE_SERVICE_ACCOUNT", "/not/there.json")]).map(|_| ()).expect_err("no file");
        assert!(why.contains("/not/there.json"), "{why}");
        assert!(opened("gs:///prefix", &[]).is_err(), "there is no bucket");
    }

    #[test]
    fn variables_of_one_cloud_are_said_to_its_client_alone() {
        let variables =
            [("AZURE_STORAGE_ACCOUNT_NAME", "one"), ("AWS_ENDPOINT", "http://other"), ("AWS_REGION", "eu-west-1"), ("PATH", "x")];
        let variables: Vec<Variable> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let to_aws: Vec<(object_store::aws::AmazonS3ConfigKey, String)> = said(&variables, "AWS_");
        assert_eq!(to_aws.len(), 2, "{to_aws:?}");
        let shown = built("s3://bucket", &[("AWS_REGION", "eu-west-1"), ("AWS_TIMEOUT", "1s")]).expect("built");
        assert!(shown.contains("eu-west-1") && shown.contains("timeout: Some(Deferred(\"1s\"))"), "{shown}");
    }

    #[test]
    fn a_url_with_a_secret_is_refused_and_not_repeated() {
        for url in ["s3://key:s3cr3t@bucket/prefix", "az://container/prefix?sv=1&sig=s3cr3t", "gs://bucket?key=s3cr3t"] {
            let why = opened(url, &[]).map(|_| ()).expect_err("refused");
            assert!(why.contains("credentials") && !why.contains("s3cr3t"), "{why}");
        }
        assert!(opened("https://example.org/archive", &[]).map(|_| ()).expect_err("refused").contains("can be read"));
    }
}
