//! Credentials for registries, from the user's Docker configuration: `auths`, `credHelpers` and `credsStore`.
//!
//! They travel to the engine in a header or in BuildKit's session, and stand in no message.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::process::Stdio;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::endpoint::Environment;
use crate::error::Error;

/// The key of Docker Hub in Docker's configuration.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// How long a program that keeps credentials may take; it may have to ask the user.
const HELPER_TIME: Duration = Duration::from_secs(60);

/// Where credentials come from. The default has none.
#[derive(Clone, Default)]
pub struct Credentials {
    auths: BTreeMap<String, DockerCredentials>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Only the names of registries: the rest is secret.
        formatter
            .debug_struct("Credentials")
            .field("auths", &self.auths.keys().collect::<Vec<_>>())
            .field("helpers", &self.helpers)
            .field("store", &self.store)
            .finish()
    }
}

impl Credentials {
    /// Reads the user's Docker configuration.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it is no JSON.
    pub fn load(environment: &Environment) -> Result<Credentials, Error> {
        Ok(Credentials::from_config(&environment.config_file()?))
    }

    fn from_config(config: &Value) -> Credentials {
        let empty = serde_json::Map::new();
        let object = |key: &str| config[key].as_object().unwrap_or(&empty).iter();
        Credentials {
            auths: object("auths")
                .filter_map(|(registry, entry)| Some((registry.clone(), auth(registry, entry)?)))
                .collect(),
            helpers: object("credHelpers")
                .filter_map(|(registry, helper)| {
                    Some((registry.clone(), helper.as_str()?.to_owned()))
                })
                .collect(),
            store: config["credsStore"]
                .as_str()
                .filter(|store| !store.is_empty())
                .map(str::to_owned),
        }
    }

    /// The credentials for one registry (`docker.io`, `ghcr.io`, `localhost:5000`), if there are any.
    pub(crate) async fn get(&self, registry: &str) -> Result<Option<DockerCredentials>, Error> {
        let key = if registry == "docker.io" {
            DOCKER_HUB
        } else {
            registry
        };
        let helper = self.helpers.get(key).or_else(|| self.helpers.get(registry));
        if let Some(helper) = helper.or(self.store.as_ref()) {
            return ask_helper(helper, key).await;
        }
        let same = |written: &&String| {
            let host = written
                .trim_start_matches("https://")
                .trim_start_matches("http://");
            *written == key || host.split('/').next() == Some(registry)
        };
        Ok(self
            .auths
            .keys()
            .find(same)
            .and_then(|written| self.auths.get(written))
            .cloned())
    }

    /// The credentials for the registries of these images, in the form that a build wants.
    pub(crate) async fn for_images(
        &self,
        images: &[String],
    ) -> Result<HashMap<String, DockerCredentials>, Error> {
        let registries: BTreeSet<&str> = images.iter().map(|image| registry_of(image)).collect();
        let mut result = HashMap::new();
        for registry in registries {
            if let Some(credentials) = self.get(registry).await? {
                let key = if registry == "docker.io" {
                    DOCKER_HUB
                } else {
                    registry
                };
                result.insert(key.to_owned(), credentials);
            }
        }
        Ok(result)
    }
}

/// One entry of `auths`. `auth` is base64 of `user:password`, which the engine takes apart by itself in pulls only,
/// so it is done here.
fn auth(registry: &str, entry: &Value) -> Option<DockerCredentials> {
    let text = |key: &str| {
        entry[key]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let decoded = text("auth").and_then(|auth| decode_base64(&auth));
    let (username, password) = match decoded.as_deref().and_then(|text| text.split_once(':')) {
        Some((user, password)) => (
            Some(user.to_owned()),
            Some(password.trim_end_matches('\0').to_owned()),
        ),
        None => (text("username"), text("password")),
    };
    let identitytoken = text("identitytoken");
    let is_there = identitytoken.is_some() || (username.is_some() && password.is_some());
    is_there.then(|| DockerCredentials {
        username,
        password,
        identitytoken,
        serveraddress: Some(registry.to_owned()),
        ..DockerCredentials::default()
    })
}

/// The registry that an image comes from.
pub(crate) fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => match first {
            "index.docker.io" | "registry-1.docker.io" => "docker.io",
            first => first,
        },
        _ => "docker.io",
    }
}

/// The protocol of docker-credential-helpers: the registry on stdin, JSON on stdout.
async fn ask_helper(helper: &str, registry: &str) -> Result<Option<DockerCredentials>, Error> {
    let program = format!("docker-credential-{helper}");
    // The name becomes part of a file name that is searched in PATH.
    if helper.contains(['/', '\\']) {
        return Err(Error::Credentials {
            program,
            registry: registry.to_owned(),
            reason: "this is no name of a program".to_owned(),
        });
    }
    ask_program(&program, registry).await
}

async fn ask_program(program: &str, registry: &str) -> Result<Option<DockerCredentials>, Error> {
    let failed = |reason: String| Error::Credentials {
        program: program.to_owned(),
        registry: registry.to_owned(),
        reason,
    };
    let mut child = tokio::process::Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input says why on its output.
        let _ = stdin.write_all(registry.as_bytes()).await;
    }
    let output = tokio::time::timeout(HELPER_TIME, child.wait_with_output())
        .await
        .map_err(|_| failed("it did not answer in time".to_owned()))?
        .map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        // This is how a helper says that it has none.
        if text.contains("credentials not found") {
            return Ok(None);
        }
        return Err(failed(
            text.lines().next().unwrap_or("no reason given").to_owned(),
        ));
    }
    let answer: Value =
        serde_json::from_str(&text).map_err(|_| failed("its answer is no JSON".to_owned()))?;
    let user = answer["Username"].as_str().unwrap_or_default();
    let secret = answer["Secret"].as_str().unwrap_or_default();
    if secret.is_empty() {
        return Ok(None);
    }
    // The name `<token>` marks an identity token.
    let (username, password, identitytoken) = match user {
        "<token>" => (None, None, Some(secret.to_owned())),
        user => (Some(user.to_owned()), Some(secret.to_owned()), None),
    };
    Ok(Some(DockerCredentials {
        username,
        password,
        identitytoken,
        serveraddress: Some(registry.to_owned()),
        ..DockerCredentials::default()
    }))
}

fn decode_base64(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text.trim())
        .ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Credentials {
        Credentials::from_config(&serde_json::from_str(text).unwrap())
    }

    async fn user(credentials: &Credentials, registry: &str) -> Option<String> {
        credentials.get(registry).await.unwrap()?.username
    }

    #[tokio::test]
    async fn entries_are_found_as_docker_writes_them() {
        let credentials = config(
            r#"{"auths": {
                "https://index.docker.io/v1/": {"auth": "aHViOnB3OngA"},
                "ghcr.io": {"username": "gh", "password": "p"},
                "https://reg.example:5000/v2/": {"auth": "cmVnOnA="},
                "empty.example": {}
            }}"#,
        );
        assert_eq!(
            user(&credentials, "docker.io").await.as_deref(),
            Some("hub")
        );
        assert_eq!(user(&credentials, "ghcr.io").await.as_deref(), Some("gh"));
        assert_eq!(
            user(&credentials, "reg.example:5000").await.as_deref(),
            Some("reg")
        );
        assert_eq!(user(&credentials, "empty.example").await, None);
        assert_eq!(user(&credentials, "io").await, None);
        let password = credentials
            .get("docker.io")
            .await
            .unwrap()
            .unwrap()
            .password;
        assert_eq!(password.as_deref(), Some("pw:x"));
        assert!(!format!("{credentials:?}").contains("pw"));
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn a_helper_is_asked_in_its_own_protocol() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("docker-credential-test");
        let script = r#"#!/bin/sh
registry=$(cat)
case "$1 $registry" in
"get user.example") echo '{"ServerURL": "x", "Username": "me", "Secret": "s"}' ;;
"get token.example") echo '{"Username": "<token>", "Secret": "t"}' ;;
"get none.example") echo "credentials not found in native keychain"; exit 1 ;;
*) echo "locked: $registry"; echo more; exit 1 ;;
esac
"#;
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        let ask = async |registry: &str| ask_program(&program.to_string_lossy(), registry).await;
        let person = ask("user.example").await.unwrap().unwrap();
        assert_eq!(
            (person.username.as_deref(), person.password.as_deref()),
            (Some("me"), Some("s"))
        );
        let token = ask("token.example").await.unwrap().unwrap();
        assert_eq!(
            (token.username, token.identitytoken.as_deref()),
            (None, Some("t"))
        );
        assert_eq!(ask("none.example").await.unwrap(), None);
        let error = ask("other.example").await.unwrap_err().to_string();
        assert!(
            error.ends_with("for other.example: locked: other.example"),
            "{error}"
        );

        // In the same test, because a program that is written while another thread starts one cannot be started.
        let credentials = config(r#"{"credHelpers": {"x.example": "mmdev-no-such-helper"}}"#);
        let error = credentials.get("x.example").await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("`docker-credential-mmdev-no-such-helper`"),
            "{error}"
        );
        assert_eq!(user(&credentials, "y.example").await, None);
        let hostile = config(r#"{"credsStore": "../../bin/sh"}"#);
        assert!(hostile.get("y.example").await.is_err());
    }

    #[test]
    fn registries_are_read_from_names() {
        for (image, registry) in [
            ("debian:12", "docker.io"),
            ("mambaorg/micromamba", "docker.io"),
            ("localhost/x", "localhost"),
            ("localhost:5000/x:1", "localhost:5000"),
            ("ghcr.io/a/b@sha256:0", "ghcr.io"),
            ("index.docker.io/library/x", "docker.io"),
        ] {
            assert_eq!(registry_of(image), registry, "{image}");
        }
    }
}
