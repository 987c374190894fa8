//! What the packages of PyPI are called on conda-forge: the public mapping, asked for once a day at most and kept.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};
use url::Url;

use crate::Config;
use crate::cache::make_private;
use crate::error::{Error, reason, shown};
use crate::network::Network;

/// Where the public mapping is: prefix.dev's parselmouth makes it out of what conda-forge's packages hold. It is a
/// JSON object with the PyPI names of each conda name, or null.
pub const MAPPING: &str = "https://raw.githubusercontent.com/prefix-dev/parselmouth/main/files/v0/conda-forge/compressed_mapping.json";

/// How long a mapping counts as its present state.
pub(crate) const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// How long one download may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The wait before the second and last attempt.
const WAIT: Duration = Duration::from_secs(1);

/// The longest mapping that is read, in bytes; in 2026 it has one million.
const LONGEST: usize = 16 << 20;

/// A conda package with more PyPI names than these carries copies of other projects, but for those named like it.
const MOST_NAMES: usize = 3;

/// Conda names by PyPI names, which are normalised as PEP 503 says.
pub type Names = Arc<BTreeMap<String, String>>;

/// The mapping, from its server or from the disk.
#[derive(Debug, Clone)]
pub struct Mapping {
    url: Url,
    file: PathBuf,
    is_offline: bool,
    network: Network,
}

/// The mapping in the cache, with what is needed to ask whether it is still true.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    url: String,
    etag: Option<String>,
    names: BTreeMap<String, String>,
}

impl Mapping {
    /// The mapping that the configuration names, kept in its cache.
    ///
    /// # Errors
    /// If it is no URL that can be asked.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let error = |reason: String| Error::NoMapping { reason };
        let parsed = Url::parse(&config.mapping).map_err(|problem| error(problem.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(error(format!(
                "mmdev cannot read `{}:` URLs",
                parsed.scheme()
            )));
        }
        Ok(Mapping {
            url: parsed,
            file: config.cache.join("conda-names.json"),
            is_offline: config.offline,
            network: config.network.clone(),
        })
    }

    /// What the disk has, however old; `None` where it has nothing of that URL.
    pub fn cached(&self) -> Option<Names> {
        self.kept().map(|kept| Arc::new(kept.names))
    }

    /// What the server has, or the disk where that is of today or the network is not to be used.
    ///
    /// # Errors
    /// If nothing usable could be had. What [`cached`](Self::cached) has is then the best that is known.
    pub async fn current(&self) -> Result<Names, Error> {
        let kept = self.kept();
        if let Some(kept) = kept {
            if self.is_offline || self.is_fresh() {
                return Ok(Arc::new(kept.names));
            }
            return self.ask(Some(kept)).await;
        }
        match self.is_offline {
            true => Err(Error::MappingNotCached),
            false => self.ask(None).await,
        }
    }

    fn kept(&self) -> Option<Kept> {
        let bytes = std::fs::read(&self.file).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        (kept.url == shown(&self.url)).then_some(kept)
    }

    fn is_fresh(&self) -> bool {
        let written = std::fs::metadata(&self.file).and_then(|data| data.modified());
        let age = written.map(|written| SystemTime::now().duration_since(written));
        matches!(age, Ok(Ok(age)) if age < FRESH)
    }

    async fn ask(&self, kept: Option<Kept>) -> Result<Names, Error> {
        let etag = kept.as_ref().and_then(|kept| kept.etag.as_deref());
        let answer = match self.download(etag).await {
            Err(Failure { may_pass: true, .. }) => {
                sleep(WAIT).await;
                self.download(etag).await
            }
            answer => answer,
        };
        let answer = answer.map_err(|failure| self.unreadable(failure.reason))?;
        let new = match (answer, kept) {
            (Answer::Same, Some(kept)) => kept,
            (Answer::Same, None) => {
                return Err(self.unreadable("304 without being asked for news".to_owned()));
            }
            (Answer::New { etag, bytes }, _) => Kept {
                url: shown(&self.url),
                etag,
                names: names(&bytes).map_err(|reason| self.unreadable(reason))?,
            },
        };
        // Where it cannot be kept, it is asked for again the next time.
        let _ = self.keep(&new);
        Ok(Arc::new(new.names))
    }

    fn unreadable(&self, reason: String) -> Error {
        Error::MappingUnreadable {
            url: shown(&self.url),
            reason,
        }
    }

    async fn download(&self, etag: Option<&str>) -> Result<Answer, Failure> {
        match timeout(PATIENCE, self.download_patiently(etag)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure {
                reason: format!("it did not come within {} s", PATIENCE.as_secs()),
                may_pass: false,
            }),
        }
    }

    async fn download_patiently(&self, etag: Option<&str>) -> Result<Answer, Failure> {
        let client = self.network.plain_client().map_err(Failure::lasting)?;
        let mut request = client.get(self.url.clone());
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let mut response = request.send().await.map_err(Failure::of)?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Answer::Same);
        }
        if !status.is_success() {
            return Err(Failure {
                reason: format!("the server says {status}"),
                may_pass: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
            });
        }
        let etag = response.headers().get(ETAG);
        let etag = etag.and_then(|etag| Some(etag.to_str().ok()?.to_owned()));
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Failure::of)? {
            if bytes.len() + chunk.len() > LONGEST {
                let reason = format!("it is longer than {} MiB", LONGEST >> 20);
                return Err(Failure::lasting(reason));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer::New { etag, bytes })
    }

    /// Writes it whole or not at all. The time of the file tells when the server was last asked.
    fn keep(&self, kept: &Kept) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        make_private(folder);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(kept)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.file)?;
        Ok(())
    }
}

enum Answer {
    New {
        etag: Option<String>,
        bytes: Vec<u8>,
    },
    Same,
}

struct Failure {
    reason: String,
    /// Whether the next attempt may do better.
    may_pass: bool,
}

impl Failure {
    fn lasting(reason: String) -> Self {
        Failure {
            reason,
            may_pass: false,
        }
    }

    fn of(error: reqwest::Error) -> Self {
        Failure {
            // The URL is said already, and may hold a password.
            reason: reason(&error.without_url()),
            may_pass: true,
        }
    }
}

/// The conda name of each PyPI name, out of the public mapping.
///
/// # Errors
/// Why it is none.
fn names(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let mapping: HashMap<String, Option<Vec<String>>> =
        serde_json::from_slice(bytes).map_err(|error| format!("it is no such mapping: {error}"))?;
    let mut best: BTreeMap<String, (Rank, String)> = BTreeMap::new();
    for (conda, pypi_names) in &mapping {
        let pypi_names = pypi_names.as_deref().unwrap_or_default();
        if !is_name(conda) {
            continue;
        }
        for pypi in pypi_names.iter().map(|name| normalized(name)) {
            let Some(rank) = rank(conda, &pypi, pypi_names.len()) else {
                continue;
            };
            let new = (rank, conda.clone());
            match best.get_mut(&pypi) {
                Some(old) if *old <= new => {}
                Some(old) => *old = new,
                None => {
                    best.insert(pypi, new);
                }
            }
        }
    }
    if best.is_empty() {
        return Err("it holds no names".to_owned());
    }
    let names = best.into_iter();
    Ok(names.map(|(pypi, (_, conda))| (pypi, conda)).collect())
}

/// How well a conda package stands for a PyPI name, the best first: it has the same name, one of the names holds the
/// other, it holds nothing else, it is no library below another package, its name is short.
type Rank = (bool, bool, bool, bool, usize);

/// `None` where it does not stand for it.
fn rank(conda: &str, pypi: &str, names: usize) -> Option<Rank> {
    let own = normalized(conda);
    let holds = |long: &str, short: &str| short.len() > 2 && long.contains(short);
    let is_related = holds(&own, pypi) || holds(pypi, &own);
    // `unknown` is what setuptools calls a package without a name.
    let is_it = is_name(pypi) && pypi != "unknown" && (is_related || names <= MOST_NAMES);
    let is_library = conda.starts_with("lib");
    is_it.then(|| (own != pypi, !is_related, names > 1, is_library, conda.len()))
}

/// A name as PEP 503 compares it.
fn normalized(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// Whether a text is the name of a package: it comes from a network, and goes into files of the project.
fn is_name(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && text.bytes().all(is_of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conda_name_is_the_likeliest() {
        let mapping = r#"{
            "_dvc": ["dvc"], "dvc": ["dvc"], "dvc-base": ["dvc"],
            "libopencv": ["opencv-python", "opencv-python-headless"],
            "py-opencv": ["opencv-python", "opencv-python-headless"],
            "opencv-python-headless": ["opencv-python-headless"],
            "pytorch-cpu": ["torch"], "pytorch": ["torch"],
            "typing_extensions": ["typing-extensions"], "gym": ["gym", "typing-extensions"],
            "rosco": ["tzdata", "a", "b", "c"], "python-tzdata": ["tzdata"], "psycopg": ["psycopg", "tzdata"],
            "mkl": null, "nothing": [], "odd name; rm": ["odd"], "asap": ["UNKNOWN"], "x": ["../y", "Z.z"]
        }"#;
        let names = names(mapping.as_bytes()).unwrap();
        let shown: String = names
            .iter()
            .map(|(pypi, conda)| format!("{pypi} {conda}\n"))
            .collect();
        expect_test::expect![[r#"
            dvc dvc
            gym gym
            opencv-python py-opencv
            opencv-python-headless opencv-python-headless
            psycopg psycopg
            torch pytorch
            typing-extensions typing_extensions
            tzdata python-tzdata
            z-z x
        "#]]
        .assert_eq(&shown);
    }

    #[test]
    fn what_is_no_mapping_is_said() {
        for (text, expected) in [
            (
                "<html>",
                "it is no such mapping: expected value at line 1 column 1",
            ),
            ("{}", "it holds no names"),
            (r#"{"mkl": null}"#, "it holds no names"),
        ] {
            assert_eq!(names(text.as_bytes()).unwrap_err(), expected);
        }
        assert!(names(br#"{"a": "b"}"#).is_err());
    }

    #[test]
    #[ignore = "needs MMDEV_CORPUS"]
    fn the_real_mapping() {
        let file = mmdev_testkit::corpus("names/conda-to-pypi.json");
        let names = names(&std::fs::read(file).unwrap()).unwrap();
        assert!(names.len() > 20_000);
        for (pypi, conda) in [
            ("docker", "docker-py"),
            ("graphviz", "python-graphviz"),
            ("msgpack", "msgpack-python"),
            ("numpy", "numpy"),
            ("opencv-python", "py-opencv"),
            ("pillow", "pillow"),
            ("pyqt5", "pyqt"),
            ("ray", "ray-core"),
            ("ruamel-yaml", "ruamel.yaml"),
            ("scikit-learn", "scikit-learn"),
            ("tables", "pytables"),
            ("torch", "pytorch"),
            ("typing-extensions", "typing_extensions"),
            ("tzdata", "python-tzdata"),
            ("xgboost", "xgboost"),
        ] {
            assert_eq!(names.get(pypi).map(String::as_str), Some(conda), "{pypi}");
        }
    }
}
