//! What rattler reads in a MatchSpec in its lenient mode (rattler_conda_types 0.58), with the place of every part.
//! Versions themselves are rattler_conda_version's, the crate that rattler uses.

use pep508_rs::VerbatimUrl;
use rattler_conda_version::{ParseStrictness, VersionSpec};

mod syntax;

use syntax::{reject_conditions, take_brackets, version_group, without_comment};

use super::MatchSpec;
use super::chars::is_balanced_regex;
use crate::subdir::is_subdir;
use crate::text::{Span, Spanned};

const KEYS: &[&str] = &[
    "version",
    "build",
    "build_number",
    "sha256",
    "md5",
    "fn",
    "url",
    "subdir",
    "channel",
    "license",
    "track_features",
    "license_family",
    "namespace",
    "extras",
    "flags",
    "when",
];

/// What rattler understands, or why it refuses `text`.
pub(super) fn read(text: &str) -> Result<MatchSpec, String> {
    Reader { text }.read()
}

struct Reader<'text> {
    text: &'text str,
}

impl<'text> Reader<'text> {
    /// `part`, which is a slice of the text, with its place.
    fn spanned(&self, part: &str) -> Spanned<String> {
        let start = (part.as_ptr() as usize)
            .saturating_sub(self.text.as_ptr() as usize)
            .min(self.text.len() - part.len().min(self.text.len()));
        Spanned::new(part.to_owned(), Span::new(start, start + part.len()))
    }

    fn read(&self) -> Result<MatchSpec, String> {
        let input = without_comment(self.text);
        reject_conditions(input)?;
        let (input, attributes) = take_brackets(input.trim())?;
        let mut spec = MatchSpec {
            channel: None,
            subdir: None,
            name: self.spanned(""),
            version: None,
            constraint: None,
            build: None,
            attributes: Vec::new(),
        };
        for (key, value) in attributes {
            self.attribute(&mut spec, key, value)?;
        }
        if spec.attribute("url").is_none()
            && let Some(name) = package_file_name(input)?
        {
            package_name(name)?;
            spec.name = self.name(name);
            spec.attributes.push((
                Spanned::new("url".to_owned(), Span::empty(0)),
                self.spanned(input),
            ));
            return Ok(spec);
        }
        let mut parts = input.rsplitn(3, ':');
        let input = parts.next().unwrap_or_default();
        let namespace = parts.next().map(str::trim).filter(|name| !name.is_empty());
        if let Some(channel) = parts.next() {
            self.channel(&mut spec, channel)?;
        }
        if let Some(namespace) = namespace
            && spec.attribute("namespace").is_none()
        {
            spec.attributes.push((
                Spanned::new("namespace".to_owned(), Span::empty(0)),
                self.spanned(namespace),
            ));
        }
        let input = input.trim();
        let end = input
            .find(|char: char| char.is_whitespace() || is_operator(char))
            .unwrap_or(input.len());
        let (name, rest) = input.split_at(end);
        if name.is_empty() {
            return Err("there is no package name".into());
        }
        package_name(name)?;
        spec.name = self.name(name);
        let rest = rest.trim();
        if !rest.is_empty() {
            self.version_and_build(&mut spec, rest)?;
        }
        Ok(spec)
    }

    fn name(&self, name: &str) -> Spanned<String> {
        let name = self.spanned(name);
        Spanned::new(name.value.to_ascii_lowercase(), name.span)
    }

    fn version_and_build(&self, spec: &mut MatchSpec, input: &str) -> Result<(), String> {
        if input.contains('[') {
            return Err("there are two bracket sections".into());
        }
        let rest = version_group(input)?;
        let version = input[..input.len() - rest.len()].trim();
        // To rattler the second sign of `1.2 = py39_0` is part of the build string, which no package could have then;
        // conda and micromamba leave it out.
        let build = rest.trim_start_matches([' ', '=']).trim();
        let build = (!build.is_empty()).then_some(build);
        let compact: String = version
            .chars()
            .filter(|char| !char.is_whitespace())
            .collect();
        let constraint = version_spec(&without_equals(&compact, build.is_some()))?;
        if let Some(build) = build {
            string_matcher(build)?;
        }
        // What stands in brackets wins.
        if spec.version.is_none() {
            spec.version = Some(self.spanned(version));
            spec.constraint = Some(constraint);
        }
        if spec.build.is_none() {
            spec.build = build.map(|build| self.spanned(build));
        }
        Ok(())
    }

    fn channel(&self, spec: &mut MatchSpec, text: &str) -> Result<(), String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let (channel, subdir) = match text.rsplit_once('/') {
            Some((channel, subdir)) if is_subdir(subdir) => (channel, Some(subdir)),
            _ => (text, None),
        };
        check_channel(channel)?;
        spec.channel = spec.channel.take().or_else(|| Some(self.spanned(channel)));
        spec.subdir = spec
            .subdir
            .take()
            .or_else(|| subdir.map(|subdir| self.spanned(subdir)));
        Ok(())
    }

    fn attribute(&self, spec: &mut MatchSpec, key: &str, value: &str) -> Result<(), String> {
        match key {
            "version" => {
                spec.constraint = Some(version_spec(value)?);
                spec.version = Some(self.spanned(value));
                return Ok(());
            }
            "build" => {
                string_matcher(value)?;
                spec.build = Some(self.spanned(value));
                return Ok(());
            }
            "subdir" => {
                spec.subdir = Some(self.spanned(value));
                return Ok(());
            }
            "channel" => return self.channel(spec, value),
            "build_number" => build_number(value)?,
            "sha256" => digest(value, 64)?,
            "md5" => digest(value, 32)?,
            "extras" => names(
                value,
                |char| matches!(char, 'a'..='z' | '0'..='9' | '_' | '.' | '+' | '-'),
            )?,
            "flags" => names(
                value,
                |char| matches!(char, 'a'..='z' | '0'..='9' | '_' | ':' | '*'),
            )?,
            "when" => condition(value)?,
            "url" if !is_url(value) && !is_absolute_path(value) => {
                return Err(format!("`{value}` is no URL"));
            }
            key if KEYS.contains(&key) => {}
            key => return Err(format!("`{key}` is no key that it knows")),
        }
        spec.attributes.retain(|(other, _)| other.value != key);
        spec.attributes
            .push((self.spanned(key), self.spanned(value)));
        Ok(())
    }
}

fn is_operator(char: char) -> bool {
    matches!(char, '>' | '<' | '=' | '!' | '~')
}

/// The name in `…/name-version-build.conda`, where the input is a URL or an absolute path.
fn package_file_name(input: &str) -> Result<Option<&str>, String> {
    let is_path = is_absolute_path(input);
    if input.contains("::") || !(is_url(input) || is_path) {
        return Ok(None);
    }
    let path = input.split('#').next().unwrap_or_default();
    // To a path a `?` is a character like others.
    let path = match path.split_once('?') {
        Some((path, _)) if !is_path => path,
        _ => path,
    };
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    // It makes a URL of a path, and its URLs have no backslash.
    let file = path.rsplit_once(['/', '\\']).map_or("", |(_, file)| file);
    let stem = file
        .strip_suffix(".conda")
        .or_else(|| file.strip_suffix(".tar.bz2"));
    match stem.and_then(|stem| stem.rsplitn(3, '-').nth(2)) {
        Some(name) => Ok(Some(name)),
        None => Err("it is no URL of a `name-version-build.conda`".into()),
    }
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.len() <= 11
            && scheme.starts_with(char::is_alphabetic)
            && scheme.chars().all(char::is_alphanumeric)
    })
}

fn is_absolute_path(text: &str) -> bool {
    let mut characters = text.chars();
    let drive = matches!(
        (characters.next(), characters.next(), characters.next()),
        (Some(letter), Some(':'), Some('/' | '\\')) if letter.is_alphabetic()
    );
    !text.contains("://") && (drive || text.starts_with('/') || text.starts_with("\\\\"))
}

fn check_channel(text: &str) -> Result<(), String> {
    let mut text = text;
    if let Some((channel, platforms)) = text
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once('['))
    {
        let mut platforms = platforms.split(',').map(str::trim);
        if let Some(platform) = platforms.find(|name| !name.is_empty() && !is_subdir(name)) {
            return Err(format!("`{platform}` is no subdir"));
        }
        text = channel;
    }
    let is_path = ["./", "..", "~/", "/", "\\\\"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    let is_path = is_path && !text.contains("://");
    if is_url(text) && VerbatimUrl::parse_url(text).is_err() {
        return Err(format!("`{text}` is no URL"));
    }
    if !is_url(text) && !is_path && !is_absolute_path(text) && text.contains([':', '\\', '[', ']'])
    {
        return Err(format!("`{text}` is no channel"));
    }
    Ok(())
}

fn package_name(name: &str) -> Result<(), String> {
    if name.contains('*') || (name.len() > 1 && name.starts_with('^') && name.ends_with('$')) {
        return Err(format!("`{name}` is a pattern, not a name"));
    }
    match name
        .chars()
        .find(|&char| !char.is_ascii_alphanumeric() && !matches!(char, '-' | '_' | '.'))
    {
        Some(character) => Err(format!("a package name cannot hold `{character}`")),
        None => Ok(()),
    }
}

fn version_spec(text: &str) -> Result<VersionSpec, String> {
    VersionSpec::from_str(text, ParseStrictness::Lenient).map_err(|error| error.to_string())
}

/// rattler's `optionally_strip_equals`, after conda's habit.
pub(crate) fn without_equals(version: &str, has_build: bool) -> String {
    let Some(bare) = version.strip_prefix('=') else {
        return version.to_owned();
    };
    if let Some(exact) = bare.strip_prefix('=')
        && !has_build
    {
        return exact.to_owned();
    }
    if bare.contains(['=', ',', '|']) {
        version.to_owned()
    } else if !has_build && !bare.ends_with('*') {
        format!("{bare}*")
    } else {
        bare.to_owned()
    }
}

/// A build string: text, a glob, or `^regex$`.
fn string_matcher(text: &str) -> Result<(), String> {
    if text.starts_with('^') && text.ends_with('$') {
        return if is_balanced_regex(text) {
            Ok(())
        } else {
            Err(format!("`{text}` is no regular expression"))
        };
    }
    let is_literal = |text: &str| !text.contains(['*', '?', '[', ']', '/', '\\']);
    let is_simple = text.strip_suffix('*').is_some_and(is_literal)
        || text.strip_prefix('*').is_some_and(is_literal);
    if is_simple || !text.contains('*') || is_glob(text) {
        Ok(())
    } else {
        Err(format!("`{text}` is no glob"))
    }
}

/// The crate `glob`'s rule: `**` only as a whole path component, and brackets closed.
fn is_glob(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find("**") {
        let after = rest[start..].trim_start_matches('*');
        let length = rest.len() - start - after.len();
        let whole = (start == 0 || rest[..start].ends_with('/'))
            && (after.is_empty() || after.starts_with('/'));
        if length > 2 || !whole {
            return false;
        }
        rest = after;
    }
    text.matches('[').count() <= text.matches(']').count()
}

fn build_number(text: &str) -> Result<(), String> {
    let number = text.trim_start_matches(['=', '!', '<', '>']);
    let operator = &text[..text.len() - number.len()];
    let known = matches!(operator, "" | "==" | "!=" | "<=" | ">=" | "<" | ">");
    if known && number.bytes().all(|byte| byte.is_ascii_digit()) && number.parse::<u64>().is_ok() {
        Ok(())
    } else {
        Err(format!("`{text}` is no build number"))
    }
}

fn digest(text: &str, length: usize) -> Result<(), String> {
    if text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(format!("`{text}` is no digest of {length} digits"))
    }
}

/// A list of names (CEP 44's extras and flags), each of which may be quoted.
fn names(text: &str, is_allowed: impl Fn(char) -> bool) -> Result<(), String> {
    let wrong = text
        .split(',')
        .map(|name| name.trim().trim_matches(['"', '\'']))
        .find(|name| name.is_empty() || name.len() > 64 || !name.chars().all(&is_allowed));
    match wrong {
        Some(name) => Err(format!("`{name}` is no such name")),
        None => Ok(()),
    }
}

/// MatchSpecs joined by `and`, `or` and parentheses.
fn condition(text: &str) -> Result<(), String> {
    let spaced = text.replace(['(', ')'], " and ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut specs = words
        .split(|word| matches!(*word, "and" | "or"))
        .filter(|words| !words.is_empty())
        .peekable();
    if specs.peek().is_none() {
        return Err("the condition is empty".into());
    }
    specs.try_for_each(|words| read(&words.join(" ")).map(|_| ()))
}
