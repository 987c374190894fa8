//! What micromamba takes: libmamba's `MatchSpec`, `VersionSpec` and `Version` (2.8), read for refusals, and
//! for the version and the build string that it sees.

use super::Reading;
use super::chars::{is_balanced_regex, is_package_file};
use crate::subdir::is_subdir;

/// The kinds of package files that libmamba knows.
const EXTENSIONS: &[&str] = &[".tar.bz2", ".conda", ".whl", ".tar.gz"];

const OPEN: &[u8; 4] = b"[(\"'";
const CLOSE: &[u8; 4] = b"])\"'";

/// What micromamba sees in `text`, or why it refuses it.
pub(super) fn read(text: &str) -> Result<Reading, String> {
    let mut reading = Reading::default();
    let text = text.split(" #").next().unwrap_or_default();
    let text = without_space_after_operators(strip(text));
    let text = strip(&text);
    if text.is_empty() {
        return Ok(reading);
    }
    if is_package_file(text, EXTENSIONS) {
        return package_file(text).map(|()| reading);
    }
    if let Some((url, _)) = text.rsplit_once('#')
        && is_package_file(url, EXTENSIONS)
    {
        return package_file(url).map(|()| reading);
    }
    let mut spec = text;
    if let Some(end) = find_outside(text, b':', Direction::Backwards)? {
        spec = &text[end + 1..];
        if let Some(end) = find_outside(&text[..end], b':', Direction::Backwards)? {
            channel(&text[..end])?;
        }
    }
    while spec.ends_with([']', ')']) {
        let (start, end) = last_section(spec)?;
        attributes(&spec[start + 1..end], &mut reading)?;
        spec = &spec[..start];
    }
    let spec = spec.trim_start_matches(is_space);
    let name_end = spec
        .find([' ', '=', '<', '>', '~', '!'])
        .unwrap_or(spec.len());
    let (name, rest) = spec.split_at(name_end);
    if name.is_empty() {
        return Err("there is no package name".into());
    }
    let (version, build) = split_build(rest, name)?;
    if !version.is_empty() {
        version_spec(version)?;
    }
    build_string(build)?;
    // To micromamba alone, what stands behind the name wins over what stands in brackets.
    for (part, written) in [(&mut reading.version, version), (&mut reading.build, build)] {
        if !written.is_empty() {
            *part = written.to_owned();
        }
    }
    Ok(reading)
}

/// What libmamba strips from both ends: everything but visible ASCII, so that ` ≥1.2` is `1.2` to it.
fn is_space(char: char) -> bool {
    !char.is_ascii_graphic()
}

fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// libmamba joins an operator or comma with what follows it after spaces.
fn without_space_after_operators(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for char in text.chars() {
        if char == ' ' && result.ends_with(['<', '>', '=', ',']) {
            continue;
        }
        result.push(char);
    }
    result
}

/// `…/name-version-build.conda`.
fn package_file(text: &str) -> Result<(), String> {
    channel(text)?;
    let file = text.rsplit('/').next().unwrap_or_default();
    let stem = EXTENSIONS
        .iter()
        .find_map(|extension| file.strip_suffix(extension))
        .unwrap_or(file);
    let mut parts = stem.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(build), Some(version), Some(_)) => {
            build_string(build)?;
            version_spec(version)
        }
        _ => Err("the file is not named `name-version-build`".into()),
    }
}

fn channel(text: &str) -> Result<(), String> {
    let text = strip(text);
    if text.ends_with(']') && matches!(text.rfind('['), None | Some(0)) {
        return Err("a `]` closes nothing in the channel".into());
    }
    if text.starts_with('/') && folder(text).is_empty() {
        return Err(format!("`{text}` is no channel"));
    }
    Ok(())
}

/// The folder that a channel's path names, without the subdir behind it: nothing for `/` and `/linux-64`.
fn folder(path: &str) -> &str {
    let without_slashes = |path: &'_ str| path.trim_end_matches('/').len();
    if let Some((path, _)) = path.split_once('[') {
        return &path[..without_slashes(strip(path))];
    }
    let path = &path[..without_slashes(path)];
    match path.rsplit_once('/') {
        Some((parent, subdir)) if is_subdir(subdir) => &parent[..without_slashes(parent)],
        _ => path,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Forwards,
    Backwards,
}

/// How deep a scan is in brackets, parentheses and quotes.
#[derive(Default, PartialEq)]
struct Depths([i32; 4]);

impl Depths {
    fn step(&mut self, byte: u8, direction: Direction) {
        let (open, close) = match direction {
            Direction::Forwards => (OPEN, CLOSE),
            Direction::Backwards => (CLOSE, OPEN),
        };
        for (index, depth) in self.0.iter_mut().enumerate() {
            if open[index] == close[index] {
                if byte == open[index] {
                    *depth = i32::from(*depth == 0);
                }
            } else if byte == open[index] {
                *depth += 1;
            } else if byte == close[index] {
                *depth -= 1;
            }
        }
    }

    fn is_zero(&self) -> bool {
        self.0 == [0; 4]
    }

    fn is_negative(&self) -> bool {
        self.0.iter().any(|depth| *depth < 0)
    }
}

fn unbalanced<T>() -> Result<T, String> {
    Err("brackets, parentheses or quotes do not match".into())
}

/// The first `byte` outside brackets, parentheses and quotes, seen from the side that `direction` starts on.
fn find_outside(text: &str, byte: u8, direction: Direction) -> Result<Option<usize>, String> {
    let mut depths = Depths::default();
    let bytes = text.as_bytes();
    for step in 0..bytes.len() {
        let index = match direction {
            Direction::Forwards => step,
            Direction::Backwards => bytes.len() - 1 - step,
        };
        depths.step(bytes[index], direction);
        if depths.is_negative() {
            return unbalanced();
        }
        if bytes[index] == byte && depths.is_zero() {
            return Ok(Some(index));
        }
    }
    if depths.is_zero() {
        Ok(None)
    } else {
        unbalanced()
    }
}

/// Where the section starts and ends that closes at the end of `text`.
fn last_section(text: &str) -> Result<(usize, usize), String> {
    let mut depths = Depths::default();
    for (index, byte) in text.bytes().enumerate().rev() {
        depths.step(byte, Direction::Backwards);
        if depths.is_negative() {
            return unbalanced();
        }
        if depths.is_zero() && (OPEN.contains(&byte) || CLOSE.contains(&byte)) {
            return Ok((index, text.len() - 1));
        }
    }
    unbalanced()
}

/// `key=value, key=value`; a key that is not known is passed over.
fn attributes(text: &str, reading: &mut Reading) -> Result<(), String> {
    let mut rest = Some(text);
    while let Some(text) = rest {
        let end = find_outside(text, b',', Direction::Forwards)?;
        let pair = &text[..end.unwrap_or(text.len())];
        if pair.starts_with("version") {
            let comparison = pair.trim_start_matches(['v', 'e', 'r', 's', 'i', 'o', 'n']);
            if ["==", "!=", "~=", ">", "<"]
                .iter()
                .any(|operator| comparison.starts_with(operator))
            {
                return Err(format!("`{pair}` is no `version='…'`"));
            }
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, "true"));
        let value =
            value.trim_matches(|char: char| !char.is_ascii_graphic() || matches!(char, '"' | '\''));
        match strip(key).to_ascii_lowercase().as_str() {
            "build_number" => build_number(value)?,
            "build" | "build_string" => {
                build_string(value)?;
                reading.build = value.to_owned();
            }
            "version" => {
                version_spec(value)?;
                reading.version = value.to_owned();
            }
            "channel" | "url" => channel(value)?,
            _ => {}
        }
        rest = end.map(|end| &text[end + 1..]);
    }
    Ok(())
}

/// libmamba's `split_version_and_build`; `name` is what stands before `text`.
fn split_build<'text>(text: &'text str, name: &str) -> Result<(&'text str, &'text str), String> {
    let spaced = text.len() != text.trim_start_matches(is_space).len();
    let text = strip(text).trim_end_matches('=');
    if matches!(text.rfind([' ', '=']), None | Some(0)) {
        return Ok((text, ""));
    }
    let Some(equals) = text.rfind('=') else {
        let space = text.rfind(' ').unwrap_or_default();
        return Ok((strip(&text[..space]), &text[space + 1..]));
    };
    let before = match equals.checked_sub(1) {
        Some(before) => text.as_bytes()[before],
        None if spaced => b' ',
        None => name.bytes().last().unwrap_or_default(),
    };
    let skip_spaces = |from: usize| {
        text[from..]
            .find(|char| char != ' ')
            .map(|length| from + length)
    };
    if !b"=!|,<>~".contains(&before) {
        return match skip_spaces(equals + 1) {
            Some(start) => Ok((&text[..equals], &text[start..])),
            None => Err("there is no build string".into()),
        };
    }
    let version = skip_spaces(equals + 1);
    let build = version
        .and_then(|start| text[start..].find(' ').map(|length| start + length))
        .and_then(skip_spaces);
    match build {
        Some(start) => Ok((strip(&text[..start]), &text[start..])),
        None => Ok((text, "")),
    }
}

/// A build string is anything, unless it looks like a regular expression and is none.
fn build_string(text: &str) -> Result<(), String> {
    if (text.starts_with('^') || text.ends_with('$')) && !is_balanced_regex(text) {
        return Err(format!("`{text}` is no regular expression"));
    }
    Ok(())
}

fn build_number(text: &str) -> Result<(), String> {
    let text = strip(text);
    let operator_end = text
        .find(|char: char| char.is_ascii_digit())
        .unwrap_or(text.len());
    let (operator, number) = text.split_at(operator_end);
    if matches!(text, "" | "*" | "=*" | "==*") {
        return Ok(());
    }
    if matches!(strip(operator), "" | "=" | "!=" | ">" | ">=" | "<" | "<=")
        && number.parse::<u64>().is_ok()
    {
        return Ok(());
    }
    Err(format!("`{text}` is no build number"))
}

/// libmamba's `VersionSpec`: comparisons joined by `,` and `|`, with parentheses.
fn version_spec(text: &str) -> Result<(), String> {
    const TOKENS: [char; 4] = [',', '|', '(', ')'];
    let mut rest = text.trim_start_matches(is_space);
    let (mut expects_operator, mut level) = (false, 0_usize);
    if matches!(rest, "" | "*" | "=*" | "==*") {
        return Ok(());
    }
    while let Some(token) = rest.chars().next() {
        let mut length = 1;
        match token {
            ',' | '|' if expects_operator => expects_operator = false,
            '(' if !expects_operator => level += 1,
            ')' if expects_operator && level > 0 => level -= 1,
            ',' | '|' | '(' | ')' => return Err(format!("a `{token}` is out of place")),
            _ => {
                length = rest.find(TOKENS).unwrap_or(rest.len());
                constraint(&rest[..length])?;
                if expects_operator {
                    return Err(format!(
                        "`{}` follows no `,` or `|`",
                        strip(&rest[..length])
                    ));
                }
                expects_operator = true;
            }
        }
        rest = rest[length..].trim_start_matches(is_space);
    }
    if !expects_operator || level > 0 {
        return Err("the version is incomplete".into());
    }
    Ok(())
}

/// One comparison. An empty one is any version.
fn constraint(text: &str) -> Result<(), String> {
    let text = strip(text);
    let text = text.strip_suffix('.').unwrap_or(text);
    if matches!(text, "" | "*" | "=*" | "==*") {
        return Ok(());
    }
    for operator in [">=", ">", "<=", "<", "~="] {
        if let Some(bound) = text.strip_prefix(operator) {
            return version(bound);
        }
    }
    let has_inner_glob = |text: &str| {
        text.starts_with('*') || text.find(".*").is_some_and(|index| index + 2 < text.len())
    };
    let without_glob = |text: &str| version(text.strip_suffix(".*").unwrap_or(text));
    if let Some(bound) = text.strip_prefix("==") {
        return without_glob(bound);
    }
    if let Some(bound) = text.strip_prefix("!=").or_else(|| text.strip_prefix('=')) {
        let bound = bound.trim_start_matches(is_space);
        return if has_inner_glob(bound) {
            version(bound)
        } else {
            without_glob(bound)
        };
    }
    if has_inner_glob(text) {
        return version(text);
    }
    if !text.starts_with(|char: char| char.is_ascii_digit() || char.is_ascii_lowercase()) {
        return Err(format!("`{text}` is no version"));
    }
    match text.strip_suffix('*') {
        Some(prefix) => version(prefix.strip_suffix('.').unwrap_or(prefix)),
        None => version(text),
    }
}

/// libmamba's `Version`: `epoch!release+local`.
fn version(text: &str) -> Result<(), String> {
    let text = strip(text);
    let (epoch, rest) = text.split_once('!').unwrap_or(("0", text));
    if !epoch.bytes().all(|byte| byte.is_ascii_digit()) || epoch.parse::<u64>().is_err() {
        return Err("the epoch before `!` is no number".into());
    }
    let release = match rest.rsplit_once('+') {
        Some((release, local)) => {
            version_parts(local)?;
            release
        }
        None => rest,
    };
    version_parts(release)
}

fn version_parts(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("there is no version".into());
    }
    if text.contains('-') && text[..text.len() - text.ends_with('_') as usize].contains('_') {
        return Err("a version cannot have both `-` and `_`".into());
    }
    if let Some(character) = text
        .chars()
        .find(|&char| !char.is_ascii_alphanumeric() && !matches!(char, '.' | '-' | '_' | '*'))
    {
        return Err(format!("a version cannot hold `{character}`"));
    }
    // An underscore at the end belongs to the last part.
    let parts = text
        .strip_suffix('_')
        .unwrap_or(text)
        .split(['.', '-', '_']);
    let last_may_be_empty = text.ends_with('_');
    let count = parts.clone().count();
    for (index, part) in parts.enumerate() {
        if part.is_empty() && !(last_may_be_empty && index + 1 == count) {
            return Err(format!("`{text}` has an empty part"));
        }
        if part
            .split(|char: char| !char.is_ascii_digit())
            .any(|digits| digits.len() > 19)
        {
            return Err(format!("`{part}` has a number that is too big"));
        }
    }
    Ok(())
}
