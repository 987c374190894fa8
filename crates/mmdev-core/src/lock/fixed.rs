//! What a lock has of the lines of a pip section that it leaves to pip: of a git repository the commit, of a package
//! the version, and of a source archive its place and hash. What these need, only foreign code says.

use std::collections::BTreeMap;

use super::Lock;
use super::git::{GitLine, is_commit};
use crate::spec::PipLine;
use crate::spec::pip::{parse_line, split_marker};

/// The key of [`super::Metadata::custom`] with what is known of lines of [`super::PIP_UNLOCKED`], one below the other:
/// `FIX LINE` ([`Lock::pip_fixed`]).
pub const PIP_FIXED: &str = "mmdev-pip-fixed";

impl Lock {
    /// What pip is to take for lines of the pip section, by the line as the spec has it: a commit, `==VERSION` or
    /// `URL#sha256=…`. [`fixed_line`] puts it into the line.
    pub fn pip_fixed(&self) -> BTreeMap<&str, &str> {
        let lines = self.metadata.custom.get(PIP_FIXED);
        let lines = lines.into_iter().flat_map(|lines| lines.lines());
        lines
            .filter_map(|line| line.split_once(' '))
            .filter(|(fix, line)| fixed_line(line, fix).is_some())
            .map(|(fix, line)| (line, fix))
            .collect()
    }
}

/// A line with what a lock has of it; `None` where the two do not belong together.
pub fn fixed_line(line: &str, fix: &str) -> Option<String> {
    if let Some(git) = GitLine::of(line) {
        return is_commit(fix).then(|| git.at(fix));
    }
    let PipLine::Package { .. } = parse_line(line).0 else {
        return None;
    };
    let (requirement, options) = line.split_at(line.find(" --").unwrap_or(line.len()));
    let (asked, marker) = split_marker(requirement);
    let is_name = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let asked = asked.trim();
    let name = asked.split(|char| !is_name(char)).next()?;
    let rest = asked[name.len()..].trim_start();
    let extras = match rest.strip_prefix('[') {
        Some(extras) => &rest[..extras.find(']')? + 2],
        None => "",
    };
    if rest[extras.len()..].trim_start().starts_with('@') {
        return None;
    }
    let is_version = fix.strip_prefix("==").is_some_and(|version| {
        let is_of_version = |char: char| char.is_ascii_alphanumeric() || "-_.!+".contains(char);
        !version.is_empty() && version.chars().all(is_of_version)
    });
    let is_url = ["https://", "http://"].iter().any(|it| fix.starts_with(it))
        && !fix.contains(char::is_whitespace)
        && fix.contains("#sha256=");
    let fixed = match (is_version, is_url) {
        (true, _) => fix.to_owned(),
        (_, true) => format!(" @ {fix}"),
        _ => return None,
    };
    let marker = marker.map(|marker| format!(" ; {marker}"));
    let marker = marker.unwrap_or_default();
    Some(format!("{name}{extras}{fixed}{marker}{options}"))
}

/// What a line of a pip section is called: its package, or its repository.
pub fn line_name(line: &str) -> Option<String> {
    match (GitLine::of(line), parse_line(line).0) {
        (Some(git), _) => Some(git.name()),
        (None, PipLine::Package { name }) => Some(name),
        _ => None,
    }
}

/// What was fixed, short enough to be shown: `0123456789ab`, `1.0`, `source-1.0.tar.gz`.
pub fn short_fix(fix: &str) -> &str {
    if is_commit(fix) {
        return &fix[..12];
    }
    let bare = fix.split('#').next().unwrap_or(fix);
    let bare = bare.rsplit('/').next().unwrap_or(bare);
    bare.trim_start_matches('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_given_what_is_locked() {
        let commit = "0a".repeat(20);
        let url = "https://me:${TOKEN}@host/source-1.0.tar.gz#sha256=00";
        let check = |line: &str, fix: &str, expected: Option<&str>| {
            assert_eq!(fixed_line(line, fix).as_deref(), expected, "{line} {fix}");
        };
        let git = format!("a @ git+https://host/a@{commit} ; os_name == 'nt'");
        check(
            "a @ git+https://host/a@v1 ; os_name == 'nt'",
            &commit,
            Some(&git),
        );
        check("source", "==1.0", Some("source==1.0"));
        check(
            "Source.x [a, b] >=1,<2; python_version > '3' --global-option=x",
            "==1!1.0+l",
            Some("Source.x[a, b]==1!1.0+l ; python_version > '3' --global-option=x"),
        );
        let expected = format!("source[a] @ {url} ; os_name == 'nt'");
        check("source[a]>1; os_name == 'nt'", url, Some(&expected));
        // What somebody else wrote there is nothing.
        check("a @ git+https://host/a@v1", "main", None);
        check("x[a] @ https://host/x-1-py3-none-any.whl", "==1", None);
        check("source", &commit, None);
        check("source", "==1.0;x", None);
        check("source", "==", None);
        check("source", "https://host/source-1.0.tar.gz", None);
        check("--pre", "==1.0", None);
        check("./source", "==1.0", None);
        assert_eq!(short_fix(url), "source-1.0.tar.gz");
        assert_eq!(short_fix("==1.0"), "1.0");
        assert_eq!(short_fix(&commit), "0a0a0a0a0a0a");
        assert_eq!(line_name("Source.x [a]>1").as_deref(), Some("source-x"));
        assert_eq!(line_name("git+https://host/b.git").as_deref(), Some("b"));
        assert_eq!(line_name("./x"), None);
    }
}
