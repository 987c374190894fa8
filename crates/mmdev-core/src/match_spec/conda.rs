//! What conda takes: its `MatchSpec` (conda/models/match_spec.py and version.py, August 2026), read for refusals, and
//! for the version and the build string that it sees.

use super::Reading;
use super::chars::{is_balanced_regex, is_package_file};
use crate::subdir::is_subdir;

/// The keys that conda's `MatchSpec` knows in brackets. `optional` and `target` are arguments of its constructor.
const KEYS: &[&str] = &[
    "channel",
    "subdir",
    "name",
    "version",
    "build",
    "build_number",
    "track_features",
    "features",
    "url",
    "md5",
    "sha256",
    "license",
    "license_family",
    "fn",
    "when",
    "extras",
    "flags",
    "optional",
    "target",
];

/// What conda sees in `text`, or why it refuses it.
pub(super) fn read(text: &str) -> Result<Reading, String> {
    let mut reading = Reading::default();
    if text.is_empty() || text.ends_with('@') {
        return Ok(reading);
    }
    let text = text.split('#').next().unwrap_or_default();
    let text = text.split(" if ").next().unwrap_or_default();
    if is_package_file(&text.to_lowercase(), &[".tar.bz2", ".conda"]) {
        return package_file(text).map(|()| reading);
    }
    let (text, attributes) = take_brackets(text)?;
    let text = drop_parentheses(&text);
    let spec = text.rsplit(':').next().unwrap_or_default();
    let name_end = spec
        .find([' ', '=', '<', '>', '!', '~'])
        .unwrap_or(spec.len());
    let (name, rest) = spec.split_at(name_end);
    if name.is_empty() {
        return Err("there is no package name".into());
    }
    package_name(name)?;
    // A lone operator is no constraint to conda: its pattern wants one more character.
    let rest = rest.split('\n').next().unwrap_or_default();
    let rest = if rest.chars().count() > 1 {
        rest.trim()
    } else {
        ""
    };
    let overrides = |key: &str| attributes.iter().any(|(name, _)| name == key);
    if !rest.is_empty() {
        if rest.contains('[') {
            return Err("there are two bracket sections".into());
        }
        let (version, build) = split_build(rest);
        let version = version.replace(' ', "");
        if !overrides("version") {
            reading.version = sanitize(&version, build.is_some());
            version_spec(&reading.version)?;
        }
        if let Some(build) = build.filter(|_| !overrides("build")) {
            reading.build = build.trim().to_owned();
            string_match(&reading.build)?;
        }
    }
    for (key, value) in attributes {
        attribute(&key, &value)?;
        match key.as_str() {
            "version" => reading.version = value,
            "build" => reading.build = value,
            _ => {}
        }
    }
    Ok(reading)
}

/// A URL or path of a package file: `name-version-build.conda` below a known subdir, or any other file.
fn package_file(text: &str) -> Result<(), String> {
    let (folder, file) = text.rsplit_once('/').unwrap_or(("", text));
    if !format!("/{folder}").split('/').skip(1).any(is_subdir) {
        return Ok(());
    }
    let stem = file
        .strip_suffix(".conda")
        .or_else(|| file.strip_suffix(".tar.bz2"))
        .unwrap_or(file);
    let mut parts = stem.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(build), Some(version), Some(_)) => {
            version_spec(version)?;
            string_match(build)
        }
        _ => Err("the file is not named `name-version-build`".into()),
    }
}

type Attributes = Vec<(String, String)>;

/// The text without its last `[…]`, and the `key=value` pairs of that. What is no pair is silently dropped.
fn take_brackets(text: &str) -> Result<(String, Attributes), String> {
    let Some(section) = last_section(text, '[', ']') else {
        return Ok((text.to_owned(), Vec::new()));
    };
    let rest = text.replace(section, "");
    let inner = &section[1..section.len() - 1];
    let mut attributes = Attributes::new();
    let mut position = 0;
    while let Some((key, value, end)) = next_pair(inner, position) {
        if value.is_empty() {
            return Err(format!("`{key}` has no value"));
        }
        let value = if key == "version" {
            sanitize(value, false)
        } else {
            value.to_owned()
        };
        attributes.retain(|(other, _)| other != key);
        attributes.push((key.to_owned(), value));
        position = end;
    }
    Ok((rest, attributes))
}

fn drop_parentheses(text: &str) -> String {
    match last_section(text, '(', ')') {
        Some(section) => text.replace(section, ""),
        None => text.to_owned(),
    }
}

/// From the last `open` that a `close` follows to the last `close`, in the first line.
fn last_section(text: &str, open: char, close: char) -> Option<&str> {
    let line = text.split('\n').next().unwrap_or_default();
    let end = line.rfind(close)?;
    let start = line[..end].rfind(open)?;
    Some(&line[start..=end])
}

/// The next `key=value` at or after `from` that a comma, a space or the end follows, and where to go on.
fn next_pair(text: &str, from: usize) -> Option<(&str, &str, usize)> {
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let bytes = text.as_bytes();
    let mut start = from;
    while start < bytes.len() {
        let length = bytes[start..]
            .iter()
            .take_while(|byte| is_key(byte))
            .count();
        if length == 0 {
            start += 1;
            continue;
        }
        let equals = start + length;
        if bytes.get(equals) != Some(&b'=') {
            start = equals;
            continue;
        }
        if let Some((value, end)) = pair_value(text, equals + 1) {
            return Some((&text[start..equals], value, end));
        }
        start = equals + 1;
    }
    None
}

fn pair_value(text: &str, start: usize) -> Option<(&str, usize)> {
    let delimited = |end: usize| match text.as_bytes().get(end) {
        None => Some(end),
        Some(b',' | b' ') => Some(end + 1),
        Some(_) => None,
    };
    if let Some(quote @ (b'"' | b'\'')) = text.as_bytes().get(start) {
        let length = text[start + 1..].find(['"', '\''])?;
        let close = start + 1 + length;
        return (text.as_bytes()[close] == *quote)
            .then(|| delimited(close + 1))
            .flatten()
            .map(|end| (&text[start + 1..close], end));
    }
    let length = text[start..]
        .find([',', ' ', '"', '\''])
        .unwrap_or(text.len() - start);
    delimited(start + length).map(|end| (&text[start..start + length], end))
}

fn attribute(key: &str, value: &str) -> Result<(), String> {
    match key {
        "version" => version_spec(value),
        "build_number" => build_number(value),
        "build" | "name" | "license" | "license_family" | "when" => string_match(value),
        key if KEYS.contains(&key) => Ok(()),
        key => Err(format!("`{key}` is no key that it can match on")),
    }
}

/// CEP 26's names, which conda checks in lower case; globs are not checked.
fn package_name(name: &str) -> Result<(), String> {
    if name.contains('*') {
        return string_match(&name.to_lowercase());
    }
    let name = name.to_lowercase();
    if let Some(character) = name
        .chars()
        .find(|&char| !matches!(char, 'a'..='z' | '0'..='9' | '.' | '_' | '-'))
    {
        return Err(format!("a package name cannot hold `{character}`"));
    }
    // Runs of letters and digits with one separator between them; the first may follow `_`, or `__` (virtual).
    let body = match name.strip_prefix("__") {
        Some(body) if body.starts_with(|char: char| char.is_ascii_alphanumeric()) => body,
        Some(_) => return Err("a package name cannot start with `__` and a separator".into()),
        None => name.strip_prefix('_').unwrap_or(&name),
    };
    let is_separator = |byte: &u8| matches!(byte, b'.' | b'_' | b'-');
    let doubled = body
        .as_bytes()
        .windows(2)
        .position(|pair| is_separator(&pair[0]) && is_separator(&pair[1]));
    // The first separator may be followed by nothing else than letters; `_-a` is the one pair that passes.
    match doubled {
        Some(_) => Err("a package name cannot hold two separators in a row".into()),
        None if name.starts_with(['.', '-']) => {
            Err("a package name starts with a letter, a digit or `_`".into())
        }
        None => Ok(()),
    }
}

/// conda's `_parse_version_plus_build`: the shortest version that leaves a valid build string or nothing.
fn split_build(text: &str) -> (&str, Option<&str>) {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |count: usize| {
        characters
            .get(count)
            .map_or(text.len(), |(index, _)| *index)
    };
    // No build string starts before the last character that it cannot hold.
    let first_build = text
        .rfind(['-', '=', ',', '|', '<', '>', '~'])
        .map_or(0, |index| index + 1);
    let build_at = |count: usize| {
        let (_, previous) = characters.get(count.wrapping_sub(1))?;
        let (_, separator) = characters.get(count)?;
        let start = end_of(count + 1);
        (!matches!(previous, '=' | '!' | '|' | ',' | '<' | '>' | '~')
            && matches!(separator, ' ' | '=')
            && start < text.len()
            && start >= first_build)
            .then_some(&text[start..])
    };
    for count in 1..=characters.len() {
        let extended = characters
            .get(count)
            .is_some_and(|(_, char)| !matches!(char, '>' | '<' | '!' | ',' | '|'));
        for count in [count + 1, count].into_iter().skip(usize::from(!extended)) {
            if let Some(build) = build_at(count) {
                return (&text[..end_of(count)], Some(build));
            }
            if count == characters.len() {
                return (text, None);
            }
        }
    }
    (text, None)
}

/// conda's `_sanitize_version_str`: what it makes of a leading `=` or `==`.
fn sanitize(version: &str, has_build: bool) -> String {
    if matches!(version, "=" | "==") || !version.starts_with('=') {
        return version.to_owned();
    }
    let bare = version.trim_start_matches('=');
    if version.starts_with("==") && !has_build {
        return bare.to_owned();
    }
    if bare.contains(['=', ',', '|']) {
        version.to_owned()
    } else if !has_build && !bare.ends_with('*') {
        format!("{bare}*")
    } else {
        bare.to_owned()
    }
}

/// conda's `VersionSpec`.
fn version_spec(text: &str) -> Result<(), String> {
    if text.contains(['(', ')', '|', ',', '^', '$']) {
        return tree_leaves(text)?
            .iter()
            .try_for_each(|leaf| constraint(leaf));
    }
    constraint(text)
}

/// The parts of the expression that conda's `treeify` keeps.
fn tree_leaves(text: &str) -> Result<Vec<String>, String> {
    fn apply(
        stack: &mut Vec<char>,
        output: &mut Vec<Vec<String>>,
        stop: &str,
    ) -> Result<(), String> {
        while let Some(operator) = stack.last().copied().filter(|top| !stop.contains(*top)) {
            if output.len() < 2 {
                return Err(format!("`{operator}` joins nothing"));
            }
            stack.pop();
            let right = output.pop().unwrap_or_default();
            if let Some(left) = output.last_mut() {
                left.extend(right);
            }
        }
        Ok(())
    }
    let mut output: Vec<Vec<String>> = Vec::new();
    let mut stack = Vec::new();
    for token in tree_tokens(&format!("({text})")) {
        match token.as_str() {
            "|" => {
                apply(&mut stack, &mut output, "(")?;
                stack.push('|');
            }
            "," => {
                apply(&mut stack, &mut output, "|(")?;
                stack.push(',');
            }
            "(" => stack.push('('),
            ")" => {
                apply(&mut stack, &mut output, "(")?;
                if stack.pop().is_none() {
                    return Err("a `)` closes nothing".into());
                }
            }
            _ => output.push(vec![token]),
        }
    }
    if !stack.is_empty() {
        return Err("a `(` is not closed".into());
    }
    if output.is_empty() {
        return Err("there is no version".into());
    }
    Ok(output.swap_remove(0))
}

fn tree_tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let trimmed = rest.trim_start();
        let skipped = rest.len() - trimmed.len();
        let regex = trimmed
            .strip_prefix('^')
            .and_then(|tail| tail.find('$'))
            .map(|end| skipped + end + 2);
        let length = if let Some(length) = regex {
            length
        } else if trimmed.starts_with(['(', ')', '|', ',']) {
            skipped + 1
        } else {
            rest.find(['(', ')', '|', ',']).unwrap_or(rest.len())
        };
        tokens.push(rest[..length].trim().to_owned());
        rest = &rest[length..];
    }
    tokens
}

/// One comparison: `>=1.2`, `1.2.*`, `1.2`, `^regex$`.
fn constraint(text: &str) -> Result<(), String> {
    const OPERATORS: &[&str] = &["=", "==", "!=", "<=", ">=", "<", ">", "~="];
    let text = text.trim();
    if text.is_empty() {
        return Err("there is no version".into());
    }
    if text.starts_with('^') || text.ends_with('$') {
        return if text.starts_with('^') && text.ends_with('$') && is_balanced_regex(text) {
            Ok(())
        } else {
            Err(format!("`{text}` is no regular expression"))
        };
    }
    if text.starts_with(['=', '<', '>', '!', '~']) {
        let version = text.trim_start_matches(['=', '<', '>', '!', '~']);
        let operator = &text[..text.len() - version.len()];
        if !OPERATORS.contains(&operator) {
            return Err(format!("`{operator}` is no operator"));
        }
        if version.is_empty() || version.contains(char::is_whitespace) {
            return Err(format!("`{operator}` needs a version"));
        }
        return match version.strip_suffix(".*") {
            Some(_) if operator == "~=" => Err("`~=` cannot have `.*`".into()),
            Some(prefix) => version_order(prefix),
            None => version_order(version),
        };
    }
    if text == "*" {
        return Ok(());
    }
    if text.trim_end_matches('*').contains('*') {
        let regex = text
            .replace('.', r"\.")
            .replace('+', r"\+")
            .replace('*', ".*");
        return if is_balanced_regex(&format!("^(?:{regex})$")) {
            Ok(())
        } else {
            Err(format!("`{text}` is no pattern"))
        };
    }
    if let Some(shorter) = text.strip_suffix('*') {
        // `1.2*` is made `1.2.*`, and then all stars and dots at the end are taken off.
        let text = if shorter.ends_with('.') {
            text.to_owned()
        } else {
            format!("{shorter}.*")
        };
        return version_order(text.trim_end_matches('*').trim_end_matches('.'));
    }
    if text.contains('@') {
        return Ok(());
    }
    version_order(text)
}

/// conda's `VersionOrder`: one version.
fn version_order(text: &str) -> Result<(), String> {
    let is_valid = |char| matches!(char, '*' | '.' | '+' | '!' | '_' | '0'..='9' | 'a'..='z');
    let mut version = text.trim().to_lowercase();
    if version.is_empty() {
        return Err("there is no version".into());
    }
    if version.contains('-') && !version.contains('_') && !version.chars().all(is_valid) {
        version = version.replace('-', "_");
    }
    if let Some(character) = version.chars().find(|&char| !is_valid(char)) {
        return Err(format!("a version cannot hold `{character}`"));
    }
    let (epoch, version) = version.split_once('!').unwrap_or(("0", &version));
    if epoch.is_empty() || !epoch.bytes().all(|byte| byte.is_ascii_digit()) || version.contains('!')
    {
        return Err("the epoch before `!` is no number".into());
    }
    let (release, local) = match version.split_once('+') {
        Some((release, local)) => (release, Some(local)),
        None => (version, None),
    };
    if local.is_some_and(|local| local.contains('+')) {
        return Err("a version has at most one `+`".into());
    }
    let openssl_like = release.strip_suffix('_');
    let mut parts: Vec<&str> = openssl_like.unwrap_or(release).split(['.', '_']).collect();
    if openssl_like.is_some() {
        parts.pop(); // The last one gets the underscore back and is never empty.
    }
    parts.extend(local.iter().flat_map(|local| local.split(['.', '_'])));
    if release.is_empty() || parts.iter().any(|part| part.is_empty()) {
        return Err(format!("`{text}` has an empty part"));
    }
    Ok(())
}

/// conda's `BuildNumberMatch`, which compares what it cannot read as text.
fn build_number(text: &str) -> Result<(), String> {
    let text = text.trim();
    if text.starts_with(['=', '<', '>', '!']) {
        let number = text.trim_start_matches(['=', '<', '>', '!', '~']);
        let operator = &text[..text.len() - number.len()];
        if !matches!(operator, "=" | "==" | "!=" | "<=" | ">=" | "<" | ">") || number.contains(' ')
        {
            return Err(format!("`{text}` is no build number"));
        }
        return version_order(number);
    }
    if text.is_empty() {
        return Err("there is no build number".into());
    }
    Ok(())
}

/// conda's `GlobStrMatch`: text, a glob, or `^regex$`.
fn string_match(text: &str) -> Result<(), String> {
    if text.len() > 1 && text.starts_with('^') && text.ends_with('$') && !is_balanced_regex(text) {
        return Err(format!("`{text}` is no regular expression"));
    }
    Ok(())
}
