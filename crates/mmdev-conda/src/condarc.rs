//! What a person has set for conda and mamba, as far as it says how channels are reached and what their names stand
//! for (`.condarc`, `.mambarc`: <https://docs.conda.io/projects/conda/en/stable/configuration.html>).

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use mmdev_core::syntax::yaml::{self, Kind, Node};

use crate::{Config, Trust};

/// What one file says, or several together.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Condarc {
    channel_alias: Option<String>,
    custom_channels: BTreeMap<String, String>,
    custom_multichannels: BTreeMap<String, Vec<String>>,
    default_channels: Option<Vec<String>>,
    mirrored_channels: BTreeMap<String, Vec<String>>,
    proxy_servers: BTreeMap<String, String>,
    remote_connect_timeout: Option<Duration>,
    remote_read_timeout: Option<Duration>,
    ssl_verify: Option<Trust>,
}

impl fmt::Debug for Condarc {
    /// Without the values, which may hold credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.keys()).finish()
    }
}

/// What the value of a variable is.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Condarc {
    /// Reads a file. `$NAME` and `${NAME}` stand for what `variable` gives. What is not understood is left out.
    pub fn read(text: &str, variable: Variable<'_>) -> Self {
        let mut condarc = Condarc::default();
        let Some(Node {
            kind: Kind::Mapping(entries),
            ..
        }) = yaml::parse(text).root
        else {
            return condarc;
        };
        let text = |node: &Node| plain(node, variable);
        for entry in &entries {
            let value = &entry.value;
            // In no time at all no server answers; curl, and so micromamba, takes 0 for its own default.
            let seconds = || {
                let time = Duration::try_from_secs_f64(text(value)?.parse().ok()?).ok()?;
                (time >= Duration::from_millis(1)).then_some(time)
            };
            match entry.name().unwrap_or_default() {
                "channel_alias" => condarc.channel_alias = text(value),
                "custom_channels" => condarc.custom_channels = table(value, text),
                "custom_multichannels" => {
                    condarc.custom_multichannels = table(value, |node| list(node, text));
                }
                "default_channels" => condarc.default_channels = list(value, text),
                "mirrored_channels" => {
                    condarc.mirrored_channels = table(value, |node| list(node, text));
                }
                "proxy_servers" => condarc.proxy_servers = table(value, text),
                "remote_connect_timeout_secs" => condarc.remote_connect_timeout = seconds(),
                "remote_read_timeout_secs" => condarc.remote_read_timeout = seconds(),
                "ssl_verify" | "verify_ssl" => {
                    condarc.ssl_verify = text(value).as_deref().map(trust);
                }
                _ => {}
            }
        }
        condarc
    }

    /// The same with another `channel_alias` and `ssl_verify`, as the environment may have them.
    #[must_use]
    pub fn with(mut self, alias: Option<String>, verify: Option<&str>) -> Self {
        self.channel_alias = alias.or(self.channel_alias);
        self.ssl_verify = verify.map(trust).or(self.ssl_verify);
        self
    }

    /// The same where it says something, and what `lower` says where it does not. Of a table each entry counts for
    /// itself, and the channels of `defaults` are the ones of both.
    #[must_use]
    pub fn over(self, lower: Condarc) -> Self {
        fn joined<T>(
            mut lower: BTreeMap<String, T>,
            upper: BTreeMap<String, T>,
        ) -> BTreeMap<String, T> {
            lower.extend(upper);
            lower
        }
        Condarc {
            channel_alias: self.channel_alias.or(lower.channel_alias),
            custom_channels: joined(lower.custom_channels, self.custom_channels),
            custom_multichannels: joined(lower.custom_multichannels, self.custom_multichannels),
            default_channels: match (self.default_channels, lower.default_channels) {
                (Some(mut channels), Some(more)) => {
                    channels.extend(more);
                    let mut seen = HashSet::new();
                    channels.retain(|channel| seen.insert(channel.clone()));
                    Some(channels)
                }
                (upper, lower) => upper.or(lower),
            },
            mirrored_channels: joined(lower.mirrored_channels, self.mirrored_channels),
            proxy_servers: joined(lower.proxy_servers, self.proxy_servers),
            remote_connect_timeout: self.remote_connect_timeout.or(lower.remote_connect_timeout),
            remote_read_timeout: self.remote_read_timeout.or(lower.remote_read_timeout),
            ssl_verify: self.ssl_verify.or(lower.ssl_verify),
        }
    }

    /// The settings that it holds and that count here, by their names.
    pub fn keys(&self) -> Vec<&'static str> {
        [
            ("channel_alias", self.channel_alias.is_some()),
            ("custom_channels", !self.custom_channels.is_empty()),
            (
                "custom_multichannels",
                !self.custom_multichannels.is_empty(),
            ),
            ("default_channels", self.default_channels.is_some()),
            ("mirrored_channels", !self.mirrored_channels.is_empty()),
            ("proxy_servers", !self.proxy_servers.is_empty()),
            (
                "remote_connect_timeout_secs",
                self.remote_connect_timeout.is_some(),
            ),
            (
                "remote_read_timeout_secs",
                self.remote_read_timeout.is_some(),
            ),
            ("ssl_verify", self.ssl_verify.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, is_there)| is_there.then_some(key))
        .collect()
    }

    /// Lets `config` be as it says.
    pub fn apply(self, config: &mut Config) {
        let names = &mut config.names;
        names.alias = self.channel_alias.or(names.alias.take());
        names.custom.extend(self.custom_channels);
        names.several.extend(self.custom_multichannels);
        if let Some(channels) = self.default_channels {
            names.several.insert("defaults".to_owned(), channels);
        }
        let network = &mut config.network;
        network.mirrors.extend(self.mirrored_channels);
        network.proxies.extend(self.proxy_servers);
        network.connecting = self.remote_connect_timeout.unwrap_or(network.connecting);
        network.silence = self.remote_read_timeout.unwrap_or(network.silence);
        if let Some(trust) = self.ssl_verify {
            network.trust = trust;
        }
    }
}

/// `true`, `false`, the path of a file with certificates, and mamba's `<system>` and `<false>`.
fn trust(text: &str) -> Trust {
    match text.to_ascii_lowercase().trim_matches(['<', '>']) {
        "" | "true" | "yes" | "on" | "1" | "truststore" | "system" => Trust::Machine,
        "false" | "no" | "off" | "0" => Trust::Anybody,
        _ => Trust::And(PathBuf::from(text)),
    }
}

fn plain(node: &Node, variable: Variable<'_>) -> Option<String> {
    match &node.kind {
        Kind::Scalar(scalar) => Some(expanded(&scalar.value, variable)),
        _ => None,
    }
}

/// A list; one text is a list of one.
fn list(node: &Node, text: impl Fn(&Node) -> Option<String>) -> Option<Vec<String>> {
    match &node.kind {
        Kind::Sequence(items) => Some(items.iter().filter_map(text).collect()),
        _ => Some(vec![text(node)?]),
    }
}

fn table<T>(node: &Node, value: impl Fn(&Node) -> Option<T>) -> BTreeMap<String, T> {
    let entries = match &node.kind {
        Kind::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    let entries = entries.iter();
    entries
        .filter_map(|entry| Some((entry.name()?.to_owned(), value(&entry.value)?)))
        .collect()
}

/// `text` with the values of the variables in it. One without a value stays as it is.
fn expanded(text: &str, variable: Variable<'_>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result += before;
        let is_of_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let (name, behind) = match after.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some(parts) => parts,
            None => after.split_at(after.find(|char| !is_of_name(char)).unwrap_or(after.len())),
        };
        match variable(name) {
            Some(value) => {
                result += &value;
                rest = behind;
            }
            None => {
                result.push('$');
                rest = after;
            }
        }
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Condarc {
        Condarc::read(text, &|name| (name == "PASS").then(|| "s3cret".to_owned()))
    }

    #[test]
    fn what_people_have_set_counts() {
        let high = read(
            "channels: [conda-forge]\nchannel_alias: https://me:${PASS}@mirror/conda\n\
             custom_channels:\n  private: https://in/$PASS/$OTHER\nssl_verify: /etc/ca.pem\n\
             remote_read_timeout_secs: 2.5\ndefault_channels: https://mirror/main\n",
        );
        assert_eq!(
            format!("{high:?}"),
            r#"["channel_alias", "custom_channels", "default_channels", "remote_read_timeout_secs", "ssl_verify"]"#
        );
        let low = read(
            "channel_alias: https://low\ncustom_channels: {private: x, other: https://low}\n\
             proxy_servers: {https: http://proxy:3128}\nssl_verify: no\n\
             mirrored_channels:\n  conda-forge: [https://a/cf, oci://b/cf]\n\
             custom_multichannels: {both: [a, b]}\nremote_connect_timeout_secs: soon\n",
        );
        let mut config = Config::new("cache".into());
        high.over(low.clone()).apply(&mut config);
        let names = &config.names;
        assert_eq!(
            names.alias.as_deref(),
            Some("https://me:s3cret@mirror/conda")
        );
        assert_eq!(names.custom["private"], "https://in/s3cret/$OTHER");
        assert_eq!(names.custom["other"], "https://low");
        assert_eq!(names.several["defaults"], ["https://mirror/main"]);
        assert_eq!(names.several["both"], ["a", "b"]);
        let network = &config.network;
        assert_eq!(network.trust, Trust::And("/etc/ca.pem".into()));
        assert_eq!(network.silence, Duration::from_millis(2500));
        assert_eq!(network.connecting, Duration::from_secs(10));
        assert_eq!(network.proxies["https"], "http://proxy:3128");
        assert_eq!(network.mirrors["conda-forge"].len(), 2);
        assert_eq!(low.with(None, None).ssl_verify, Some(Trust::Anybody));
        assert_eq!(
            read("ssl_verify: <system>").ssl_verify,
            Some(Trust::Machine)
        );
    }

    /// A list of conda's goes on with that of a less important file.
    #[test]
    fn the_channels_of_defaults_are_those_of_all_files() {
        let [high, low] =
            ["[a, b]", "[b, c]"].map(|list| read(&format!("default_channels: {list}")));
        let mut config = Config::new("cache".into());
        high.over(low).apply(&mut config);
        assert_eq!(config.names.several["defaults"], ["a", "b", "c"]);
    }

    /// No server answers in no time.
    #[test]
    fn a_time_out_of_nothing_is_none() {
        for seconds in ["0", "-1", "inf", "1e-12"] {
            let condarc = read(&format!(
                "remote_connect_timeout_secs: {seconds}\nremote_read_timeout_secs: {seconds}\n"
            ));
            assert_eq!(condarc.keys(), Vec::<&str>::new(), "{seconds}");
        }
    }

    #[test]
    fn what_is_no_condarc_says_nothing() {
        for text in [
            "",
            "a",
            "- b",
            "channel_alias: [x]",
            "{",
            "custom_channels: 3",
            "ssl_verify:",
        ] {
            assert_eq!(read(text).keys(), Vec::<&str>::new(), "{text}");
        }
    }
}
