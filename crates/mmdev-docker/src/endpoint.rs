//! Where the container engine may be: DOCKER_HOST, the Docker context, and the sockets that are usual.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Error;

/// What of the process's environment matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// DOCKER_HOST.
    pub docker_host: Option<String>,
    /// DOCKER_CONTEXT.
    pub docker_context: Option<String>,
    /// DOCKER_CONFIG, the folder of Docker's configuration; `~/.docker` when not given.
    pub docker_config: Option<PathBuf>,
    /// DOCKER_TLS_VERIFY is set to something.
    pub docker_tls_verify: bool,
    /// DOCKER_CERT_PATH.
    pub docker_cert_path: Option<PathBuf>,
    /// XDG_RUNTIME_DIR.
    pub xdg_runtime_dir: Option<PathBuf>,
    /// The user's home.
    pub home: Option<PathBuf>,
}

impl Environment {
    /// Takes what is needed from a lookup of environment variables. Empty values count as absent.
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Environment {
        let text = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let path = |name: &str| text(name).map(PathBuf::from);
        Environment {
            docker_host: text("DOCKER_HOST"),
            docker_context: text("DOCKER_CONTEXT"),
            docker_config: path("DOCKER_CONFIG"),
            docker_tls_verify: text("DOCKER_TLS_VERIFY").is_some(),
            docker_cert_path: path("DOCKER_CERT_PATH"),
            xdg_runtime_dir: path("XDG_RUNTIME_DIR"),
            home: path("HOME").or_else(|| path("USERPROFILE")),
        }
    }

    /// The folder of Docker's configuration.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        let in_home = || Some(self.home.as_ref()?.join(".docker"));
        self.docker_config.clone().or_else(in_home)
    }

    /// Docker's config.json; an absent file is an empty one.
    pub(crate) fn config_file(&self) -> Result<Value, Error> {
        let Some(path) = self
            .config_folder()
            .map(|folder| folder.join("config.json"))
        else {
            return Ok(Value::Null);
        };
        read_json(&path)
    }
}

/// The proxy variables that Docker's configuration wants in builds and containers, in both spellings, as the docker
/// program sets them: those of this engine, else the default ones.
pub(crate) fn proxy_variables(config: &Value, address: &str) -> Vec<(String, String)> {
    const NAMES: [(&str, &str); 5] = [
        ("httpProxy", "HTTP_PROXY"),
        ("httpsProxy", "HTTPS_PROXY"),
        ("noProxy", "NO_PROXY"),
        ("ftpProxy", "FTP_PROXY"),
        ("allProxy", "ALL_PROXY"),
    ];
    let proxies = &config["proxies"];
    let chosen = match &proxies[address] {
        Value::Object(_) => &proxies[address],
        _ => &proxies["default"],
    };
    NAMES
        .iter()
        .filter_map(|(key, name)| Some((name, chosen[key].as_str()?)))
        .filter(|(_, value)| !value.is_empty())
        .flat_map(|(name, value)| {
            [(*name).to_owned(), name.to_ascii_lowercase()].map(|name| (name, value.to_owned()))
        })
        .collect()
}

/// One address of a container engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address as Docker writes it (`unix:///var/run/docker.sock`).
    pub address: String,
    /// The folder with ca.pem, cert.pem and key.pem, where the connection is encrypted.
    pub certificates: Option<PathBuf>,
}

impl Endpoint {
    fn plain(address: impl Into<String>) -> Endpoint {
        Endpoint {
            address: address.into(),
            certificates: None,
        }
    }

    fn socket(path: &Path) -> Endpoint {
        Endpoint::plain(format!("unix://{}", path.display()))
    }
}

/// The addresses to try, in order, and whether a person chose them (then there is only one).
pub(crate) fn endpoints(environment: &Environment) -> Result<(Vec<Endpoint>, bool), Error> {
    if let Some(host) = &environment.docker_host {
        let certificates = environment.docker_tls_verify.then(|| {
            let folder = environment.docker_cert_path.clone();
            folder
                .or_else(|| environment.config_folder())
                .unwrap_or_default()
        });
        let endpoint = Endpoint {
            address: host.clone(),
            certificates,
        };
        return Ok((vec![endpoint], true));
    }
    let context = match &environment.docker_context {
        Some(context) => Some(context.clone()),
        None => environment.config_file()?["currentContext"]
            .as_str()
            .map(str::to_owned),
    };
    match context.filter(|name| !name.is_empty() && name != "default") {
        Some(name) => Ok((vec![context_endpoint(environment, &name)?], true)),
        None => Ok((usual_endpoints(environment), false)),
    }
}

/// Docker keeps a context in a folder named by the SHA-256 of its name.
fn context_endpoint(environment: &Environment, name: &str) -> Result<Endpoint, Error> {
    let missing = || Error::NoContext {
        name: name.to_owned(),
    };
    let contexts = environment
        .config_folder()
        .ok_or_else(missing)?
        .join("contexts");
    let id: String = Sha256::digest(name)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let meta = read_json(&contexts.join("meta").join(&id).join("meta.json"))?;
    let address = meta["Endpoints"]["docker"]["Host"]
        .as_str()
        .ok_or_else(missing)?;
    let certificates = contexts.join("tls").join(&id).join("docker");
    Ok(Endpoint {
        address: address.to_owned(),
        certificates: certificates.is_dir().then_some(certificates),
    })
}

fn usual_endpoints(environment: &Environment) -> Vec<Endpoint> {
    if cfg!(windows) {
        return vec![
            Endpoint::plain("npipe:////./pipe/docker_engine"),
            Endpoint::plain("npipe:////./pipe/podman-machine-default"),
        ];
    }
    let mut sockets = vec![PathBuf::from("/var/run/docker.sock")];
    if let Some(runtime) = &environment.xdg_runtime_dir {
        sockets.push(runtime.join("docker.sock"));
    }
    if let Some(home) = &environment.home {
        let of_home = [
            ".docker/run/docker.sock",
            ".docker/desktop/docker.sock",
            ".colima/default/docker.sock",
            ".orbstack/run/docker.sock",
            ".rd/docker.sock",
        ];
        sockets.extend(of_home.map(|socket| home.join(socket)));
    }
    if let Some(runtime) = &environment.xdg_runtime_dir {
        sockets.push(runtime.join("podman/podman.sock"));
    }
    sockets.push(PathBuf::from("/run/podman/podman.sock"));
    sockets
        .iter()
        .map(|socket| Endpoint::socket(socket))
        .collect()
}

/// Reads a JSON file; an absent one is null.
fn read_json(path: &Path) -> Result<Value, Error> {
    let wrong = |reason: String| Error::Configuration {
        path: path.to_owned(),
        reason,
    };
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => Ok(Value::Null),
        Ok(text) => serde_json::from_str(&text).map_err(|error| wrong(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Null),
        Err(error) => Err(wrong(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(environment: &Environment, expected: Expect) {
        let shown = match endpoints(environment) {
            Ok((endpoints, chosen)) => {
                let addresses: Vec<_> = endpoints
                    .iter()
                    .map(|endpoint| endpoint.address.as_str())
                    .collect();
                format!("chosen {chosen}\n{}", addresses.join("\n"))
            }
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&shown);
    }

    fn with_home(home: &Path) -> Environment {
        Environment {
            home: Some(home.to_owned()),
            ..Environment::default()
        }
    }

    #[test]
    fn the_variable_wins() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment {
            docker_host: Some("tcp://h:1".to_owned()),
            docker_context: Some("x".to_owned()),
            ..with_home(folder.path())
        };
        check(
            &environment,
            expect![[r#"
            chosen true
            tcp://h:1"#]],
        );
    }

    #[test]
    fn the_current_context_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let docker = folder.path().join(".docker");
        std::fs::create_dir_all(docker.join("contexts/meta/other")).unwrap();
        std::fs::write(
            docker.join("config.json"),
            r#"{"currentContext": "colima"}"#,
        )
        .unwrap();
        // The folder of another name is not taken.
        check(
            &with_home(folder.path()),
            expect!["there is no Docker context called `colima`"],
        );
        let id: String = Sha256::digest("colima")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        expect!["f24fd3749c1368328e2b149bec149cb6795619f244c5b584e844961215dadd16"].assert_eq(&id);
        let meta = docker.join("contexts/meta").join(id);
        std::fs::create_dir_all(&meta).unwrap();
        let text = r#"{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///c.sock"}}}"#;
        std::fs::write(meta.join("meta.json"), text).unwrap();
        check(
            &with_home(folder.path()),
            expect![[r#"
            chosen true
            unix:///c.sock"#]],
        );
    }

    #[test]
    fn without_a_choice_the_usual_sockets_are_tried() {
        let environment = Environment {
            xdg_runtime_dir: Some(PathBuf::from("/run/user/1")),
            docker_context: Some("default".to_owned()),
            ..with_home(Path::new("/nowhere"))
        };
        check(
            &environment,
            expect![[r#"
            chosen false
            unix:///var/run/docker.sock
            unix:///run/user/1/docker.sock
            unix:///nowhere/.docker/run/docker.sock
            unix:///nowhere/.docker/desktop/docker.sock
            unix:///nowhere/.colima/default/docker.sock
            unix:///nowhere/.orbstack/run/docker.sock
            unix:///nowhere/.rd/docker.sock
            unix:///run/user/1/podman/podman.sock
            unix:///run/podman/podman.sock"#]],
        );
    }

    #[test]
    fn the_proxies_of_an_engine_win_over_the_default_ones() {
        let config = serde_json::from_str(
            r#"{"proxies": {"default": {"httpProxy": "http://p", "noProxy": ""}, "tcp://h": {"allProxy": "x"}}}"#,
        )
        .unwrap();
        let names = |address: &str| format!("{:?}", proxy_variables(&config, address));
        expect![[r#"[("HTTP_PROXY", "http://p"), ("http_proxy", "http://p")]"#]]
            .assert_eq(&names("unix:///s"));
        expect![[r#"[("ALL_PROXY", "x"), ("all_proxy", "x")]"#]].assert_eq(&names("tcp://h"));
        assert_eq!(proxy_variables(&Value::Null, "tcp://h"), []);
    }

    #[test]
    fn a_broken_configuration_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), "{").unwrap();
        let environment = Environment {
            docker_config: Some(folder.path().to_owned()),
            ..Environment::default()
        };
        let error = endpoints(&environment).unwrap_err();
        assert!(
            error.to_string().contains("config.json cannot be read"),
            "{error}"
        );
    }
}
