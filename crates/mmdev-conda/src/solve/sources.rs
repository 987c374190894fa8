//! The channels of one request: where each stands, and what may be shown of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mmdev_core::match_spec;
use rattler_conda_types::{Channel, MatchSpec, ParseMatchSpecOptions, RepoDataRecord, Subdir};
use rattler_repodata_gateway::{MultiSource, Source as GatewaySource};
use url::Url;

use super::Request;
use crate::address::{self, Address, ChannelNames};
use crate::error::Error;
use crate::login::Login;

/// The channels of one request, first the most important.
pub(super) struct Sources {
    platform: String,
    variables: BTreeMap<String, String>,
    names: ChannelNames,
    list: Vec<Source>,
}

struct Source {
    /// As the spec names it.
    text: String,
    /// Its folders, those of several channels for `defaults`.
    addresses: Vec<Address>,
}

impl Source {
    fn channels(&self) -> Vec<Channel> {
        let mut channels: Vec<Channel> = Vec::new();
        for address in &self.addresses {
            if channels
                .iter()
                .all(|channel| channel.base_url != address.channel)
            {
                channels.push(address.channel());
            }
        }
        channels
    }

    /// Whether `channel::package` means this one: by its text, or by the name that its URL ends with, so that a
    /// mirror serves as well.
    fn is_called(&self, name: &str) -> bool {
        let written = self.text.trim_end_matches('/');
        let name = name.trim_end_matches('/');
        written == name || written.ends_with(&format!("/{name}"))
    }
}

impl Sources {
    pub(super) fn new(request: &Request, names: &ChannelNames) -> Result<Self, Error> {
        let mut sources = Sources {
            platform: request.platform.clone(),
            variables: request.variables.clone(),
            names: names.clone(),
            list: Vec::new(),
        };
        for text in &request.channels {
            sources.add(text)?;
        }
        Ok(sources)
    }

    fn add(&mut self, text: &str) -> Result<&Source, Error> {
        let platforms = std::slice::from_ref(&self.platform);
        let text_with_secrets = expanded(text, &self.variables);
        let addresses = address::resolve(&text_with_secrets, platforms, &self.names)
            .map_err(|error| self.redacted(error))?;
        let is_new = |address: &Address| self.list.iter().all(|s| !s.addresses.contains(address));
        let known = addresses.first().filter(|first| !is_new(first)).cloned();
        if let Some(known) = known {
            let position = self.list.iter().position(|s| s.addresses.contains(&known));
            return Ok(&self.list[position.unwrap_or_default()]);
        }
        self.list.push(Source {
            text: text.to_owned(),
            addresses: addresses.into_iter().filter(is_new).collect(),
        });
        Ok(&self.list[self.list.len() - 1])
    }

    /// The dependencies as rattler reads them. A channel that only a dependency names comes after the others.
    pub(super) fn specs(&mut self, request: &Request) -> Result<Vec<MatchSpec>, Error> {
        request
            .dependencies
            .iter()
            .map(|text| {
                let wrong = |reason: String| Error::NoMatchSpec {
                    text: self.without_secrets(text.clone()),
                    reason,
                };
                let mut spec = MatchSpec::from_str(text, ParseMatchSpecOptions::lenient())
                    .map_err(|error| wrong(error.to_string()))?;
                if spec.name.as_exact().is_none() {
                    return Err(wrong("it names no package".to_owned()));
                }
                if spec.channel.is_some() {
                    let read = match_spec::parse(text).spec.and_then(|spec| spec.channel);
                    let Some(name) = read.map(|channel| channel.value) else {
                        return Err(wrong("its channel cannot be understood".to_owned()));
                    };
                    let known = self.list.iter().position(|source| source.is_called(&name));
                    let source = match known {
                        Some(index) => &self.list[index],
                        None => self.add(&name)?,
                    };
                    // `defaults` is several channels, which the solver knows by that name.
                    if let [channel] = source.channels().as_slice() {
                        spec.channel = Some(Arc::new(channel.clone()));
                    }
                }
                Ok(spec)
            })
            .collect()
    }

    pub(super) fn gateway(&self) -> Vec<GatewaySource> {
        self.list
            .iter()
            .flat_map(|source| {
                let channels = source.channels();
                let single = |channels: Vec<Channel>| {
                    channels.into_iter().map(GatewaySource::from).collect()
                };
                if channels.len() < 2 {
                    return single(channels);
                }
                let members = channels.iter().cloned().map(Into::into).collect();
                match MultiSource::new(source.text.as_str(), members) {
                    Ok(several) => vec![several.into()],
                    Err(_) => single(channels),
                }
            })
            .collect()
    }

    /// The folders of the channels, in the order of the channels.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.list.iter().flat_map(|source| &source.addresses)
    }

    /// The subdirs that are asked for.
    pub(super) fn subdirs(&self) -> Vec<Subdir> {
        let mut subdirs: Vec<Subdir> = Vec::new();
        for address in self.addresses() {
            if !subdirs.contains(&address.subdir) {
                subdirs.push(address.subdir);
            }
        }
        subdirs
    }

    /// Which channel a record is from.
    pub(super) fn position(&self, record: &RepoDataRecord) -> Option<usize> {
        let channel = record.channel.as_deref()?;
        self.list.iter().position(|source| {
            source
                .channels()
                .iter()
                .any(|member| member.canonical_name() == channel)
        })
    }

    /// The channel of a record as the spec names it, and the record's URL without credentials: variables stand in it
    /// as in the spec.
    pub(super) fn public(&self, record: &RepoDataRecord) -> (Option<String>, String) {
        let source = self.position(record).map(|position| &self.list[position]);
        let Some(source) = source else {
            return (None, Login::split(record.url.clone()).0.to_string());
        };
        let written = source.text.trim_end_matches('/');
        let url = match self.with_variables(source) {
            Some(bare) => record.url.as_str().replacen(bare.as_str(), written, 1),
            None => Login::split(record.url.clone()).0.to_string(),
        };
        (Some(self.without_secrets(written.to_owned())), url)
    }

    /// What stands for the text of a channel in URLs without credentials, where variables stand in the text.
    fn with_variables(&self, source: &Source) -> Option<String> {
        let own = expanded(&source.text, &self.variables);
        if own == source.text {
            return None;
        }
        let (bare, _) = Login::split(Url::parse(&format!("{}/", own.trim_end_matches('/'))).ok()?);
        Some(bare.as_str().trim_end_matches('/').to_owned())
    }

    /// The channel that holds the file of this URL, which is written as [`public`](Self::public) writes it; and the
    /// URL without credentials.
    pub(super) fn real(&self, url: &str) -> Option<(&Address, Url)> {
        self.list.iter().find_map(|source| {
            let written = source.text.trim_end_matches('/');
            let url = match self.with_variables(source) {
                Some(bare) => url.replacen(written, &bare, 1),
                None => url.to_owned(),
            };
            let mut addresses = source.addresses.iter();
            let address = addresses.find(|address| url.starts_with(address.url().as_str()))?;
            Some((address, Url::parse(&url).ok()?))
        })
    }

    /// `text` without what is secret in the channels.
    pub(super) fn without_secrets(&self, text: String) -> String {
        let logins = self
            .addresses()
            .filter_map(|address| address.login.as_ref());
        let text = logins.fold(text, |text, login| login.hidden(&text));
        self.variables.iter().fold(text, |text, (name, value)| {
            if value.is_empty() {
                return text;
            }
            text.replace(value, &format!("${name}"))
        })
    }

    pub(super) fn redacted(&self, error: Error) -> Error {
        error.map_text(|text| self.without_secrets(text))
    }
}

/// `text` with the values of the variables in it. A variable without a value stays as it is.
fn expanded(text: &str, variables: &BTreeMap<String, String>) -> String {
    variables
        .iter()
        .fold(text.to_owned(), |text, (name, value)| {
            let text = text.replace(&format!("${{{name}}}"), value);
            // `$TOKEN` must not become the beginning of `$TOKEN_2`.
            let reference = format!("${name}");
            let mut parts = text.split(&reference);
            let mut result = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let goes_on =
                    part.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
                if goes_on {
                    result += &reference;
                } else {
                    result += value;
                }
                result += part;
            }
            result
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_whole() {
        let variables = BTreeMap::from([
            ("TOKEN".to_owned(), "s3cret".to_owned()),
            ("TOKEN_2".to_owned(), "other".to_owned()),
        ]);
        let check = |text: &str, expected: &str| assert_eq!(expanded(text, &variables), expected);
        check("https://h/t/$TOKEN/c", "https://h/t/s3cret/c");
        check("https://h/t/${TOKEN}/c", "https://h/t/s3cret/c");
        check("https://h/t/$TOKEN_2/c", "https://h/t/other/c");
        check("https://h/t/$NOTHING/c", "https://h/t/$NOTHING/c");
        check("conda-forge", "conda-forge");
    }
}
