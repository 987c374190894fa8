//! What the values of settings may be. Each check gives the reason for which it refuses a text.

use crate::subdir::PLATFORMS;

/// `Err` holds what the text is not: "a Debian package".
pub(crate) type Check = fn(&str) -> Result<(), &'static str>;

fn require(condition: bool, otherwise: &'static str) -> Result<(), &'static str> {
    condition.then_some(()).ok_or(otherwise)
}

/// Whether `text` begins with a letter or digit and goes on with those and `others`.
fn is_word(text: &str, others: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || others.contains(char))
}

/// `name`, `name:architecture` or `name=version` (Debian Policy 5.6.1 and 5.6.12).
pub(crate) fn debian_package(text: &str) -> Result<(), &'static str> {
    let (name, version) = match text.split_once('=') {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let (name, architecture) = match name.split_once(':') {
        Some((name, architecture)) => (name, Some(architecture)),
        None => (name, None),
    };
    let is_lower = |text: &str| !text.contains(|char: char| char.is_ascii_uppercase());
    require(
        name.len() >= 2
            && is_lower(name)
            && is_word(name, "+-.")
            // A minus at the end would make apt remove the package.
            && !name.ends_with('-')
            && architecture.is_none_or(|text| is_lower(text) && is_word(text, "-"))
            && version.is_none_or(|version| is_word(version, ".+~:-*")),
        "a Debian package such as `git` or `git=1:2.39.5-0`",
    )
}

/// `[registry/]path[:tag][@digest]`, as the distribution project's reference grammar has it.
pub(crate) fn image(text: &str) -> Result<(), &'static str> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let (rest, tag) = match rest.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag)),
        _ => (rest, None),
    };
    let mut parts: Vec<&str> = rest.split('/').collect();
    let is_registry = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let registry = (parts.len() > 1 && is_registry(parts[0])).then(|| parts.remove(0));
    let is_tag =
        |tag: &str| tag.len() <= 128 && is_word(tag.strip_prefix('_').unwrap_or(tag), "_.-");
    require(
        text.len() <= 512
            && parts.iter().all(|part| is_image_path(part))
            && registry.is_none_or(is_host)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(|digest| image_digest(digest).is_ok()),
        "an image such as `debian:bookworm-slim`",
    )
}

/// Lower-case letters and digits with single `.`, one or two `_` or any number of `-` between them.
fn is_image_path(part: &str) -> bool {
    let is_letter = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    part.starts_with(is_letter)
        && part.ends_with(is_letter)
        && part.split(is_letter).all(|between| {
            matches!(between, "" | "." | "_" | "__") || between.trim_matches('-').is_empty()
        })
}

fn is_host(text: &str) -> bool {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    };
    name.split('.')
        .all(|label| is_word(label, "-") && !label.ends_with('-'))
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// `sha256:` and 64 hexadecimal digits.
pub(crate) fn image_digest(text: &str) -> Result<(), &'static str> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    require(
        digits.len() == 64 && digits.bytes().all(is_digit),
        "a digest: `sha256:` and 64 hexadecimal digits",
    )
}

/// A name that can be a folder under envs, a file name and a word in a Dockerfile.
pub(crate) fn environment_name(text: &str) -> Result<(), &'static str> {
    let is_first = |first: char| first.is_ascii_alphanumeric() || first == '_';
    let is_other = |char: char| is_first(char) || matches!(char, '.' | '-');
    require(
        text.len() <= 100 && text.starts_with(is_first) && text.chars().all(is_other),
        "a name of an environment: letters, digits, `_`, `-` and `.`",
    )
}

/// A conda subdir of Linux: a container runs no other system.
pub(crate) fn platform(text: &str) -> Result<(), &'static str> {
    require(
        text.starts_with("linux-") && PLATFORMS.contains(&text),
        "a platform of a Linux container such as `linux-64` or `linux-aarch64`",
    )
}

/// What conda's `channel_priority` takes.
pub(crate) fn channel_priority(text: &str) -> Result<(), &'static str> {
    require(
        matches!(text, "strict" | "flexible" | "disabled"),
        "one of `strict`, `flexible` and `disabled`",
    )
}

/// A level of the x86-64 psABI, or a version of Armv8 or Armv9, as archspec calls it.
pub(crate) fn archspec(text: &str) -> Result<(), &'static str> {
    let is_arm = |text: &str| {
        let version = text
            .strip_prefix("armv")
            .and_then(|rest| rest.strip_suffix('a'));
        version.is_some_and(|version| {
            let is_number = |part: &str| part.parse::<u8>().is_ok();
            version
                .split_once('.')
                .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
        })
    };
    require(
        matches!(
            text,
            "x86_64" | "x86_64_v2" | "x86_64_v3" | "x86_64_v4" | "aarch64"
        ) || is_arm(text),
        "a microarchitecture such as `x86_64_v3` or `armv8.2a`",
    )
}

/// A major and minor version.
pub(crate) fn cuda(text: &str) -> Result<(), &'static str> {
    require(is_release(text), "a version of CUDA such as `12.9`")
}

/// A version of glibc.
pub(crate) fn glibc(text: &str) -> Result<(), &'static str> {
    require(is_release(text), "a version of glibc such as `2.39`")
}

/// Two numbers.
fn is_release(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split_once('.');
    text.len() <= 8 && parts.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// A file inside the project.
pub(crate) fn project_file(text: &str) -> Result<(), &'static str> {
    let is_drive = text.as_bytes().get(1) == Some(&b':');
    let mut depth = 0;
    let stays_inside = text.split('/').all(|segment| {
        depth += match segment {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth >= 0
    });
    require(
        depth > 0
            && stays_inside
            && !text.starts_with('/')
            && !is_drive
            && !text.contains(|char: char| char.is_control() || char == '\\'),
        "a file of the project, with a path from its root and `/` between folders",
    )
}

/// One line of a Dockerfile.
pub(crate) fn line(text: &str) -> Result<(), &'static str> {
    require(
        !text.contains(|char: char| char.is_control() && char != '\t'),
        "one line (each line is an item of its own)",
    )
}

/// `publisher.name`, with a version after `@`.
pub(crate) fn extension(text: &str) -> Result<(), &'static str> {
    let (id, version) = match text.split_once('@') {
        Some((id, version)) => (id, Some(version)),
        None => (text, None),
    };
    let is_id = id
        .split_once('.')
        .is_some_and(|(publisher, name)| is_word(publisher, "-") && is_word(name, "._-"));
    require(
        is_id && version.is_none_or(|version| is_word(version, ".-")),
        "the id of an extension such as `ms-python.python`",
    )
}

/// A pattern of files in an environment, which stands in quotes in a command.
pub(crate) fn kept_files(text: &str) -> Result<(), &'static str> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || "._-+/*?".contains(char);
    require(
        !text.trim_matches('/').is_empty()
            && !text.starts_with('/')
            && text.chars().all(is_allowed),
        "a pattern of files from the environment's folder, such as `share/doc/*`, of letters, digits and `._-+/*?`",
    )
}

/// What may name rules. Whether it names one is known to `lint` alone, which says so.
pub(crate) fn rule(text: &str) -> Result<(), &'static str> {
    require(
        is_word(text, "-"),
        "a rule: its code, the beginning of one, its name, or `ALL`",
    )
}
