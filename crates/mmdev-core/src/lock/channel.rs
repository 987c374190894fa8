//! The channels of a lock, and the credentials in their addresses: variables stand there, secrets never.

use std::borrow::Cow;

/// One channel of a lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Channel {
    /// Its name or URL. Credentials stand there as environment variables: `https://host/t/${TOKEN}/channel`.
    pub url: String,
    /// The environment variables in the URL, sorted.
    pub used_env_vars: Vec<String>,
}

impl Channel {
    /// The channel that a spec names. Variables in its credentials are written as `${NAME}`, as conda-lock has them;
    /// credentials that are written out are left out.
    pub fn of(text: &str) -> Self {
        Channel::read(text, Secrets::Drop)
    }

    /// The same as conda-lock sees it, which keeps every credential that no variable of the machine holds.
    pub(super) fn with_secrets(text: &str) -> Self {
        Channel::read(text, Secrets::Keep)
    }

    fn read(text: &str, secrets: Secrets) -> Self {
        let mut channel = Channel {
            url: text.to_owned(),
            used_env_vars: Vec::new(),
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            return channel;
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let mut part = |text: &str| match variable(text) {
            Some(name) => {
                channel.used_env_vars.push(name.to_owned());
                Some(format!("${{{name}}}"))
            }
            None => (secrets == Secrets::Keep).then(|| text.to_owned()),
        };
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (credentials, host),
            None => ("", authority),
        };
        let credentials = match credentials.split_once(':') {
            // Beside a variable, a user's name is no secret.
            Some((user, password)) => part(password).map(|password| {
                let user = part(user).unwrap_or_else(|| user.to_owned());
                format!("{user}:{password}@")
            }),
            None if credentials.is_empty() => None,
            None => part(credentials).map(|user| format!("{user}@")),
        };
        let path = match token(path) {
            Some((before, token, after)) => {
                let token = part(token).map(|token| format!("/t/{token}"));
                format!("{before}{}{after}", token.unwrap_or_default())
            }
            None => path.to_owned(),
        };
        channel.url = format!("{scheme}://{}{host}{path}", credentials.unwrap_or_default());
        channel.used_env_vars.sort();
        channel.used_env_vars.dedup();
        channel
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Keep,
    Drop,
}

/// The name in `$NAME` and `${NAME}`.
fn variable(text: &str) -> Option<&str> {
    Some(text.strip_prefix('$')?.trim_matches(['{', '}']))
}

/// What stands before, in and behind the `/t/TOKEN` of anaconda.org and its like.
fn token(path: &str) -> Option<(&str, &str, &str)> {
    path.rmatch_indices("/t/").find_map(|(at, sign)| {
        let rest = &path[at + sign.len()..];
        let (token, after) = rest.split_at(rest.find('/')?);
        Some((&path[..at], token, after))
    })
}

/// The URL of a package without the credentials that are written out in it; variables stay.
pub fn without_secrets(url: &str) -> Cow<'_, str> {
    let may_have_some = url.contains('@') || url.contains("/t/");
    match may_have_some {
        true => Cow::Owned(Channel::of(url).url),
        false => Cow::Borrowed(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stay_and_secrets_do_not() {
        let cases = [
            ("conda-forge", "conda-forge", ""),
            ("https://host/channel", "https://host/channel", ""),
            ("https://host", "https://host", ""),
            (
                "https://$USER:${PASS}@host/t/$TOKEN/channel/linux-64/a.conda",
                "https://${USER}:${PASS}@host/t/${TOKEN}/channel/linux-64/a.conda",
                "PASS TOKEN USER",
            ),
            (
                "https://me:$PASS@host/c",
                "https://me:${PASS}@host/c",
                "PASS",
            ),
            ("https://me:secret@host/c", "https://host/c", ""),
            ("https://secret@host:8080/c", "https://host:8080/c", ""),
            ("https://$USER@host/c", "https://${USER}@host/c", "USER"),
            ("https://host/t/tk-secret/c/t/x", "https://host/c/t/x", ""),
            ("https://host/a/t/tk-secret/c", "https://host/a/c", ""),
            ("https://host/t/x.conda", "https://host/t/x.conda", ""),
            ("file:///home/me/c", "file:///home/me/c", ""),
        ];
        for (text, url, variables) in cases {
            let found = Channel::of(text);
            assert_eq!(found.url, url, "{text}");
            assert_eq!(found.used_env_vars.join(" "), variables, "{text}");
            assert_eq!(without_secrets(text), url, "{text}");
        }
    }
}
