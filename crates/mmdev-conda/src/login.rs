//! Credentials: where they come from, and how a request gets them. They stand in no URL that the rest of this crate,
//! the libraries or the cache see.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use http::header::AUTHORIZATION;
use rattler_networking::authentication_storage::backends::file::{FileStorage, FileStorageError};
use rattler_networking::{Authentication, AuthenticationStorage};
use rattler_redaction::DEFAULT_REDACTION_STR;
use reqwest::Request;
use url::Url;

use crate::address::Address;

/// The credentials that stand in the URL of a channel, percent-encoded as there.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Login {
    user: String,
    password: Option<String>,
    /// The token of `/t/TOKEN/`, and where in the path that stands.
    token: Option<(usize, String)>,
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Login").finish_non_exhaustive()
    }
}

impl Login {
    /// The URL of a channel, with a slash at its end, without credentials; and they.
    pub(crate) fn split(mut url: Url) -> (Url, Option<Self>) {
        if url.scheme() == "file" {
            return (url, None);
        }
        let mut login = Login {
            user: url.username().to_owned(),
            password: url.password().map(str::to_owned),
            token: None,
        };
        let path = url.path().to_owned();
        for (at, sign) in path.rmatch_indices("/t/") {
            let rest = &path[at + sign.len()..];
            // A channel may be called `t`, and then nothing is behind its last part.
            let Some((token, after)) = rest.split_once('/').filter(|(_, after)| !after.is_empty())
            else {
                continue;
            };
            login.token = Some((at, token.to_owned()));
            url.set_path(&format!("{}/{after}", &path[..at]));
            break;
        }
        // Only URLs that cannot have a user refuse to lose it.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let is_empty = login.user.is_empty() && login.password.is_none() && login.token.is_none();
        (url, (!is_empty).then_some(login))
    }

    /// `text` without them.
    pub(crate) fn hidden(&self, text: &str) -> String {
        let token = self.token.as_ref().map(|(_, token)| token);
        [Some(&self.user), self.password.as_ref(), token]
            .into_iter()
            .flatten()
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret.as_str(), DEFAULT_REDACTION_STR)
            })
    }

    fn sign(&self, client: &reqwest::Client, request: &mut Request) {
        let url = request.url_mut();
        if let Some((at, token)) = &self.token {
            let path = url.path();
            // A mirror's path may be another one.
            let at = if path.is_char_boundary(*at) { *at } else { 0 };
            url.set_path(&format!("{}/t/{token}{}", &path[..at], &path[at..]));
        }
        if self.user.is_empty() && self.password.is_none() {
            return;
        }
        // reqwest knows how user and password of a URL become a header.
        let mut with_user = url.clone();
        let _ = with_user.set_username(&self.user);
        let _ = with_user.set_password(self.password.as_deref());
        let example = client.get(with_user).build();
        if let Some(value) = example
            .ok()
            .and_then(|example| example.headers().get(AUTHORIZATION).cloned())
        {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
    }
}

/// Where credentials are looked for that stand in no URL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logins {
    /// rattler's stores (`rattler auth login`, `pixi auth login`), the most important first. One may be missing.
    pub stores: Vec<PathBuf>,
    /// The netrc file, which counts after them. It may be missing.
    pub netrc: Option<PathBuf>,
}

/// The credentials that are known.
pub(crate) struct Keys {
    client: reqwest::Client,
    /// Those that stood in the URLs of channels, by the URL without them.
    of_channels: Mutex<Vec<(String, Login)>>,
    stored: AuthenticationStorage,
    machines: Vec<Machine>,
}

impl Keys {
    /// Reads the files.
    ///
    /// # Errors
    /// Which file cannot be read, without what is in it.
    pub(crate) fn read(logins: &Logins, client: reqwest::Client) -> Result<Self, String> {
        let mut stored = AuthenticationStorage::empty();
        for path in &logins.stores {
            let store = FileStorage::from_path(path.clone()).map_err(|error| {
                let reason = match error {
                    FileStorageError::IOError(error) => error.to_string(),
                    // What such an error quotes may be a password.
                    FileStorageError::JSONError(_, error) => {
                        format!("line {} is not as rattler writes it", error.line())
                    }
                };
                format!(
                    "the credentials in {} cannot be read: {reason}",
                    path.display()
                )
            })?;
            stored.add_backend(Arc::new(store));
        }
        let machines = match &logins.netrc {
            Some(path) => read_netrc(path)?,
            None => Vec::new(),
        };
        Ok(Keys {
            client,
            of_channels: Mutex::default(),
            stored,
            machines,
        })
    }

    /// From now on the requests to a channel get the credentials that stood in its URL.
    pub(crate) fn admit(&self, at: &Address) {
        let channel = at.channel.as_str().to_owned();
        let mut known = self
            .of_channels
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.retain(|(other, _)| *other != channel);
        if let Some(login) = &at.login {
            known.push((channel, login.clone()));
        }
    }

    /// Puts into a request what its server wants to see.
    pub(crate) async fn sign(&self, request: &mut Request) {
        if request.headers().contains_key(AUTHORIZATION) {
            return;
        }
        let url = request.url().clone();
        let of_channel = {
            let known = self
                .of_channels
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let known = known
                .iter()
                .filter(|(channel, _)| url.as_str().starts_with(channel.as_str()));
            known
                .max_by_key(|(channel, _)| channel.len())
                .map(|(_, login)| login.clone())
        };
        if let Some(login) = of_channel {
            login.sign(&self.client, request);
            return;
        }
        let header = |text: String| {
            let mut value = HeaderValue::try_from(text).ok()?;
            value.set_sensitive(true);
            Some(value)
        };
        let stored = self.stored.get_by_url_refreshed(url.clone()).await;
        let authorization = match stored.ok().and_then(|(_, stored)| stored) {
            Some(Authentication::CondaToken(token)) => {
                let path = format!("/t/{token}{}", url.path());
                request.url_mut().set_path(&path);
                return;
            }
            Some(
                Authentication::BearerToken(token)
                | Authentication::OAuth {
                    access_token: token,
                    ..
                },
            ) => header(format!("Bearer {token}")),
            Some(Authentication::BasicHTTP { username, password }) => {
                self.basic(&username, &password)
            }
            Some(Authentication::S3Credentials { .. }) => None,
            None => {
                let host = url.host_str().unwrap_or_default();
                let machine = self.machines.iter().find(|machine| {
                    let name = machine.name.as_ref();
                    name.is_none_or(|name| name.eq_ignore_ascii_case(host))
                });
                machine.and_then(|machine| self.basic(&machine.login, &machine.password))
            }
        };
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
    }

    fn basic(&self, user: &str, password: &str) -> Option<HeaderValue> {
        let example = self.client.get("http://localhost/");
        let example = example.basic_auth(user, Some(password)).build().ok()?;
        example.headers().get(AUTHORIZATION).cloned()
    }
}

/// One entry of a netrc file (the format of ftp(1), as curl and Python read it).
#[derive(Debug, Default, PartialEq, Eq)]
struct Machine {
    /// The host; `None` for `default`, which is any.
    name: Option<String>,
    login: String,
    password: String,
}

fn read_netrc(path: &Path) -> Result<Vec<Machine>, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(netrc(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!(
            "the credentials in {} cannot be read: {error}",
            path.display()
        )),
    }
}

/// The entries of a netrc file in their order. What is not understood is passed over.
fn netrc(text: &str) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut is_macro = false;
    let mut words: Vec<&str> = Vec::new();
    for line in text.lines() {
        // A macro goes on to the next empty line.
        is_macro = is_macro && !line.trim().is_empty();
        if is_macro || line.trim_start().starts_with('#') {
            continue;
        }
        for word in line.split_whitespace() {
            if word == "macdef" {
                is_macro = true;
                break;
            }
            words.push(word);
        }
    }
    let mut words = words.into_iter();
    let unquoted = |word: Option<&str>| {
        let word = word.unwrap_or_default();
        let inner = word
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        inner.unwrap_or(word).to_owned()
    };
    while let Some(word) = words.next() {
        match (word, machines.last_mut()) {
            ("machine", _) => machines.push(Machine {
                name: Some(unquoted(words.next())),
                ..Machine::default()
            }),
            ("default", _) => machines.push(Machine::default()),
            ("login", Some(machine)) => machine.login = unquoted(words.next()),
            ("password", Some(machine)) => machine.password = unquoted(words.next()),
            ("account", Some(_)) => drop(words.next()),
            _ => {}
        }
    }
    // `default` counts where nothing else does, wherever it stands.
    machines.sort_by_key(|machine| machine.name.is_none());
    machines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_and_its_credentials_are_told_apart() {
        let check = |text: &str, expected: &str, is_secret: bool| {
            let (url, login) = Login::split(text.parse().unwrap());
            assert_eq!(url.as_str(), expected);
            assert_eq!(login.is_some(), is_secret, "{text}");
            let Some(login) = login else { return };
            assert_eq!(format!("{login:?}"), "Login { .. }");
            let mut request = Request::new(reqwest::Method::GET, url);
            login.sign(&reqwest::Client::new(), &mut request);
            let signed = Login::split(request.url().clone());
            assert_eq!(signed.0.as_str(), expected);
            assert_eq!(
                signed.1.and_then(|signed| signed.token),
                login.token,
                "{text}"
            );
        };
        check("https://u:p@h/c/", "https://h/c/", true);
        check("https://h/t/s3cret/c/", "https://h/c/", true);
        check("https://h/a/t/s3cret/c/", "https://h/a/c/", true);
        check("https://u@h/t/s3cret/c/d/", "https://h/c/d/", true);
        check("https://h/t/c/", "https://h/t/c/", false);
        check("https://h/c/", "https://h/c/", false);
        check("file:///srv/t/x/c/", "file:///srv/t/x/c/", false);
    }

    /// URLs have hosts in lower case, and curl finds either.
    #[tokio::test]
    async fn a_host_has_no_case() {
        let keys = Keys {
            client: reqwest::Client::new(),
            of_channels: Mutex::default(),
            stored: AuthenticationStorage::empty(),
            machines: netrc("machine Conda.Example.COM login alice password x"),
        };
        let url = "https://conda.example.com/c/".parse().unwrap();
        let mut request = Request::new(reqwest::Method::GET, url);
        keys.sign(&mut request).await;
        assert!(request.headers().contains_key(AUTHORIZATION));
    }

    #[test]
    fn netrc_as_people_write_it() {
        let machines = netrc(
            "# mine\ndefault login anonymous password me@example.com\nmachine h.example.com\n\tlogin alice\n\t\
             password \"s3#cret\"  account x\nmachine two login bob password p\nmacdef init\nmachine no\n\n\
             machine three login carol\n",
        );
        let shown: Vec<String> = machines
            .iter()
            .map(|machine| {
                let name = machine.name.as_deref().unwrap_or("*");
                format!("{name} {} {}", machine.login, machine.password)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "h.example.com alice s3#cret",
                "two bob p",
                "three carol ",
                "* anonymous me@example.com"
            ]
        );
    }
}
