//! What may stand in a generated file: names, variables and URLs of a spec, judged before they are used.

use std::borrow::Cow;

use crate::spec::{Dependency, EnvSpec, PipEntry, PipLine, Variable};
use crate::text::{Span, Spanned};

use super::{BAD_NAME, LOCAL_CHANNEL, Problem, SECRET_IN_URL};

/// Variables that the image itself stands on: a spec that set them would break it.
const RESERVED_VARIABLES: [&str; 9] = [
    "PATH",
    "HOME",
    "BASH_ENV",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "CONDA_SHLVL",
    "MAMBA_USER",
    "MAMBA_ROOT_PREFIX",
    "MAMBA_EXE",
];

/// What no image can have of the channels, dependencies, pip entries and variables of one spec, whatever else its project
/// holds. Each has its span.
pub(crate) fn entries(spec: &EnvSpec) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |problem: Option<Problem>, span: Span| {
        found.extend(problem.map(|problem| Problem {
            span: Some(span),
            ..problem
        }));
    };
    for Spanned { value, span } in spec.channels.iter().flatten() {
        say(channel(value), *span);
    }
    for entry in &spec.dependencies {
        say(dependency(entry), entry.text.span);
    }
    for entry in &spec.pip {
        say(pip_entry(entry), entry.text.span);
    }
    for Variable { name, value } in &spec.variables {
        say(variable(&name.value, &value.value), name.span);
    }
    found
}

/// The name before anything that a MatchSpec or a requirement puts behind it.
pub(super) fn package_name(text: &str) -> &str {
    let text = text.rsplit("::").next().unwrap_or(text).trim_start();
    let end = text
        .find(|char: char| !(char.is_ascii_alphanumeric() || "._-".contains(char)))
        .unwrap_or(text.len());
    &text[..end]
}

/// Refuses what cannot be one line of a file.
pub(super) fn one_line(what: &str, text: &str) -> Option<Problem> {
    text.contains(|char: char| char.is_control()).then(|| {
        Problem::error(
            BAD_NAME,
            format!(
                "the {what} `{}` holds a line break or a control character",
                text.escape_debug()
            ),
        )
        .hint("Write it on one line")
    })
}

/// Refuses a channel that holds a secret, or that is a folder of this machine.
pub(super) fn channel(channel: &str) -> Option<Problem> {
    if let Some(problem) = one_line("channel", channel) {
        return Some(problem);
    }
    if has_secret(channel) {
        return Some(
            Problem::error(
                SECRET_IN_URL,
                format!("the channel `{}` holds a secret", without_secret(channel)),
            )
            .hint("Remove it: what stands in a spec is committed, and ends in the image"),
        );
    }
    // conda and micromamba put the variable's value there.
    if channel.contains('$') {
        return Some(
            Problem::error(
                LOCAL_CHANNEL,
                format!("the channel `{channel}` takes a variable of this machine, which an image build does not have"),
            )
            .hint("Name the channel's whole URL, without a secret"),
        );
    }
    is_local(channel).then(|| {
        Problem::error(
            LOCAL_CHANNEL,
            format!("the channel `{channel}` is a folder of this machine, which an image build does not see"),
        )
        .hint("Serve it over HTTP and name its URL")
    })
}

/// Whether a channel or the URL of a package is a path, of this system or another.
fn is_local(location: &str) -> bool {
    location.starts_with('.') || is_absolute(location)
}

/// Whether a path is one of a whole machine, of this system or another.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with("file:")
        || path.starts_with(['/', '~', '\\'])
        || path.as_bytes().get(1) == Some(&b':')
}

/// Refuses a dependency that no image can have: [`entry`] on its text, and on the channel or file that it names.
pub(super) fn dependency(dependency: &Dependency) -> Option<Problem> {
    let text = &dependency.text.value;
    let Some(spec) = &dependency.match_spec else {
        // A malformed one has its own diagnostic, which need not have seen the secret in it.
        return entry("dependency", text).filter(|problem| problem.code == SECRET_IN_URL);
    };
    let named = |part: Option<&Spanned<String>>| part.map(|part| part.value.clone());
    entry("dependency", text)
        .or_else(|| channel(&named(spec.channel.as_ref())?))
        .or_else(|| {
            let file = named(spec.attribute("url")).filter(|url| is_local(url))?;
            let message = format!(
                "the package `{file}` is a file of this machine, which an image build does not see"
            );
            let problem = Problem::error(LOCAL_CHANNEL, message);
            Some(problem.hint("Serve it over HTTP and name its URL"))
        })
}

/// Refuses a dependency or pip line that holds a secret or more than one line.
pub(super) fn entry(what: &str, text: &str) -> Option<Problem> {
    one_line(what, text).or_else(|| {
        has_secret(text).then(|| {
            Problem::error(
                SECRET_IN_URL,
                format!("the {what} `{}` holds a secret", without_secret(text)),
            )
            .hint("Remove it: what stands in a spec is committed, and ends in the image")
        })
    })
}

/// Refuses an entry of a pip section: [`entry`] on its text, and a path that is in no project.
pub(super) fn pip_entry(pip: &PipEntry) -> Option<Problem> {
    entry("pip entry", &pip.text.value).or_else(|| match &pip.line {
        PipLine::Path { path, .. } if is_absolute(path) => Some(outside(path)),
        _ => None,
    })
}

/// A path of a pip section that leaves the project.
pub(super) fn outside(path: &str) -> Problem {
    let message = format!("`{path}` is outside the project, where no container finds it");
    let problem = Problem::error(LOCAL_CHANNEL, message);
    problem.hint("Move it into the project's folder, or name a package or URL")
}

/// Whether an image can have a variable. [`variable`] says why not, where it is not for its name, which is a mistake in
/// any tool and has its own diagnostic (MM112).
pub(super) fn can_be_set(name: &str, value: &str) -> bool {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name && variable(name, value).is_none()
}

/// Refuses a variable that is the image's own, or whose value cannot be written.
fn variable(name: &str, value: &str) -> Option<Problem> {
    if RESERVED_VARIABLES.contains(&name) {
        let problem = Problem::error(
            BAD_NAME,
            format!("the variable `{name}` belongs to the image and cannot be set"),
        );
        return Some(problem.hint("Choose another name"));
    }
    value.contains(|char: char| char.is_control()).then(|| {
        Problem::error(
            BAD_NAME,
            format!("the value of the variable `{name}` holds a line break or a control character, which a Dockerfile cannot say"),
        )
        .hint("Write the value on one line")
    })
}

/// Where a secret stands in a URL: a password before `@`, or conda's `/t/TOKEN/`. `${NAME}` is no secret: pip puts the
/// variable's value there itself.
fn secrets(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let end = text[start..]
            .find(|char: char| char == '/' || char == '?' || char == '#' || char.is_whitespace())
            .map_or(text.len(), |length| start + length);
        if let Some(length) = text[start..end].rfind('@') {
            let user = &text[start..start + length];
            // `git+ssh://git@host` names a user, not a secret.
            let secret = user.split_once(':').map(|(_, password)| password);
            let is_git = user == "git" || secret.is_none() && text[..at].ends_with("ssh");
            let literal = |part: &str| {
                let is_of_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
                let is_variable = part.strip_prefix('$').is_some_and(|name| {
                    let braced = name.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
                    braced.is_some() || !name.is_empty() && name.chars().all(is_of_name)
                });
                !is_variable
            };
            if !is_git && secret.map_or_else(|| literal(user), literal) {
                found.push(start..start + length);
            }
        }
        // In a message a backtick ends what it quotes.
        let path = &text[end..];
        let path = path
            .split(|char: char| char == '`' || char.is_whitespace())
            .next()
            .unwrap_or(path);
        if let Some((before, token)) = path.split_once("/t/") {
            let start = end + before.len() + 3;
            let length = token.find('/').unwrap_or(token.len());
            if length > 0 && !text[start..].starts_with('$') {
                found.push(start..start + length);
            }
        }
    }
    found
}

fn has_secret(text: &str) -> bool {
    !secrets(text).is_empty()
}

/// `text` as it may be shown where its places count: with stars for the bytes of the secrets in its URLs.
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let words = text.split_inclusive(char::is_whitespace);
    Cow::Owned(
        words
            .map(|word| {
                let mut word = word.to_owned();
                for secret in secrets(word.trim_end()) {
                    let stars = "*".repeat(secret.len());
                    word.replace_range(secret, &stars);
                }
                word
            })
            .collect(),
    )
}

/// Takes the secrets in URLs out of a message.
pub(crate) fn hide_secrets(message: &mut String) {
    if has_secret(message) {
        *message = without_secret(message);
    }
}

/// `text` as it may be shown.
fn without_secret(text: &str) -> String {
    let mut shown = String::new();
    let mut position = 0;
    for range in secrets(text) {
        shown.push_str(&text[position..range.start.max(position)]);
        shown.push_str("***");
        position = range.end;
    }
    shown.push_str(&text[position.min(text.len())..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_and_never_shown() {
        let cases = [
            (
                "https://conda.anaconda.org/t/ab-1234/me",
                Some("https://conda.anaconda.org/t/***/me"),
            ),
            ("https://me:pa@ss@host/x", Some("https://***@host/x")),
            ("https://token@host/x", Some("https://***@host/x")),
            ("--extra-index-url https://u:${TOKEN}@host/simple", None),
            ("https://$USER:$PASS@host/c", None),
            ("https://$PA:ss@host/c", Some("https://***@host/c")),
            ("https://u:$pa!ss@host/c", Some("https://***@host/c")),
            ("git+ssh://git@github.com/a/b", None),
            ("git+https://github.com/a/b@v1", None),
            ("conda-forge", None),
            ("https://host/tt/x", None),
            ("https://host/t/${TOKEN}/x", None),
            ("https://host/t/ab", Some("https://host/t/***")),
            (
                "`https://host/t/ab` is https://me:pw@host/c of a/b",
                Some("`https://host/t/***` is https://***@host/c of a/b"),
            ),
        ];
        for (text, expected) in cases {
            let shown = has_secret(text).then(|| without_secret(text));
            assert_eq!(shown.as_deref(), expected, "{text}");
            assert_eq!(masked(text).len(), text.len());
            assert_eq!(masked(text) == text, expected.is_none(), "{text}");
        }
    }

    #[test]
    fn a_package_name_ends_where_its_version_begins() {
        for text in [
            "python",
            "python=3.9",
            "python >=3",
            "conda-forge::python[build=x]",
            "python>3",
        ] {
            assert_eq!(package_name(text), "python", "{text}");
        }
    }
}
