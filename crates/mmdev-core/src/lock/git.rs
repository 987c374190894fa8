//! The lines of a pip section that name a git repository, and their commits.
//!
//! Which commit a branch or tag has, git says without running anything of the repository (`git ls-remote`). What the
//! commit needs, only foreign code says, and that is left to pip ([`super::fixed`]).

use super::uv::normalized;
use crate::spec::PipLine;
use crate::spec::pip::parse_line;

/// A line that names a git repository: `x[extra] @ git+https://host/x.git@v1#subdirectory=s ; marker`, with or without
/// the name, or behind `-e`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GitLine<'line> {
    /// The whole line.
    pub line: &'line str,
    /// The URL of the repository without `git+`.
    pub repository: &'line str,
    /// The branch, tag or commit behind `@`.
    pub reference: Option<&'line str>,
    before: &'line str,
    behind: &'line str,
}

impl<'line> GitLine<'line> {
    /// `None` where it is another line, or one whose URL has a query.
    pub fn of(line: &'line str) -> Option<Self> {
        const SIGN: &str = "git+";
        if !matches!(parse_line(line).0, PipLine::Url | PipLine::Package { .. }) {
            return None;
        }
        let start = line.find(SIGN)?;
        let is_start = |char: char| char.is_whitespace() || "@=\"'".contains(char);
        if line[..start].contains('#') || !(start == 0 || line[..start].ends_with(is_start)) {
            return None;
        }
        let url = &line[start + SIGN.len()..];
        // Behind `; ` is a marker.
        let url = url[..url.find(is_end).unwrap_or(url.len())].trim_end_matches(';');
        let address = url.find("://")? + 3;
        let path = address + url[address..].find('/')?;
        let url = &url[..url.find('#').unwrap_or(url.len())];
        if path > url.len() || url.contains('?') {
            return None;
        }
        let reference = url[path..].rfind('@').map(|at| path + at);
        let end = start + SIGN.len() + reference.unwrap_or(url.len());
        Some(GitLine {
            line,
            repository: &url[..reference.unwrap_or(url.len())],
            reference: reference.map(|at| &url[at + 1..]),
            before: &line[..end],
            behind: &line[start + SIGN.len() + url.len()..],
        })
    }

    /// The line with a commit in place of what it names.
    pub fn at(&self, commit: &str) -> String {
        format!("{}@{commit}{}", self.before, self.behind)
    }

    /// The commit that the line itself names.
    pub fn commit(&self) -> Option<&'line str> {
        self.reference.filter(|reference| is_commit(reference))
    }

    /// The name of the package, in its normal form, as far as the line tells: by itself, by `#egg=`, or by what the
    /// repository is called.
    pub fn name(&self) -> String {
        if let PipLine::Package { name } = parse_line(&self.at("0")).0 {
            return name;
        }
        let fragment = self.behind.split(is_end).next().unwrap_or_default();
        let egg = fragment
            .split(['#', '&'])
            .find_map(|part| part.strip_prefix("egg="));
        let name = egg.map(|egg| egg.split('[').next().unwrap_or(egg));
        let last = self.repository.trim_end_matches('/').rsplit('/').next();
        let last = last.unwrap_or_default();
        normalized(name.unwrap_or(last.strip_suffix(".git").unwrap_or(last)))
    }

    /// Who asks (`user:password`, as it stands in the line) over HTTP, and the URL without that.
    pub fn user(&self) -> (Option<&'line str>, String) {
        let url = self.repository;
        let parts = url.split_once("://").and_then(|(scheme, rest)| {
            let (host, path) = rest.split_at(rest.find('/')?);
            let (user, host) = host.rsplit_once('@')?;
            Some((user, format!("{scheme}://{host}{path}")))
        });
        match parts {
            Some((user, bare)) if url.starts_with("https:") || url.starts_with("http:") => {
                (Some(user), bare)
            }
            _ => (None, url.to_owned()),
        }
    }
}

/// Where a URL ends in a line.
fn is_end(char: char) -> bool {
    char.is_whitespace() || "\"'".contains(char)
}

/// Whether a text is the name of a commit, written out (SHA-1 or SHA-256).
pub(super) fn is_commit(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    matches!(text.len(), 40 | 64) && text.bytes().all(is_digit)
}

/// The commit that pip would take for a reference, among the references that `git ls-remote` lists: a branch before a
/// tag, then what is named in full (`refs/pull/1/head`), then the beginning of a commit that one of them has.
pub fn commit<'list>(list: &'list str, reference: Option<&str>) -> Option<&'list str> {
    let listed = || {
        list.lines()
            .filter_map(|line| line.split_once('\t'))
            .filter(|(commit, _)| is_commit(commit))
    };
    let find = |name: &str| {
        let mut found = listed().filter(|(_, other)| *other == name);
        found.next().map(|(commit, _)| commit)
    };
    let Some(reference) = reference.filter(|reference| !reference.is_empty()) else {
        return find("HEAD");
    };
    // The commit of a tag that has a message stands beside the tag's own hash.
    let named = [
        format!("refs/heads/{reference}"),
        format!("refs/tags/{reference}^{{}}"),
        format!("refs/tags/{reference}"),
        format!("{reference}^{{}}"),
        reference.to_owned(),
    ];
    if let Some(commit) = named.iter().find_map(|name| find(name)) {
        return Some(commit);
    }
    // git takes no less than four digits.
    if reference.len() < 4 {
        return None;
    }
    let tags: Vec<&str> = listed()
        .filter_map(|(_, name)| name.strip_suffix("^{}"))
        .collect();
    let mut commits: Vec<&str> = listed()
        .filter(|(commit, name)| commit.starts_with(reference) && !tags.contains(name))
        .map(|(commit, _)| commit)
        .collect();
    commits.sort_unstable();
    commits.dedup();
    match commits.as_slice() {
        [commit] => Some(commit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[test]
    fn lines_are_held_at_a_commit() {
        let check = |lines: &[&str], expected: Expect| {
            let mut text = String::new();
            for line in lines {
                text.push_str(&match GitLine::of(line) {
                    None => format!("{line}: no\n"),
                    Some(git) => format!(
                        "{} ({}, {:?}, {:?})\n",
                        git.at("0123"),
                        git.name(),
                        git.reference.unwrap_or_default(),
                        git.user(),
                    ),
                });
            }
            expected.assert_eq(&text);
        };
        check(
            &[
                "git+https://host/owner/A_b.git",
                "git+https://host/a@v1",
                "git+https://host/a@feature/x#egg=Other[all]&subdirectory=src",
                "a[x,y] @ git+https://host/b.git@v1#subdirectory=s ; python_version < '3'",
                "a@git+https://host/b",
                "-e git+ssh://git@host/a.git@main#egg=a",
                "--editable=git+ssh://git@host:22/a.git",
                "-e \"git+https://host/a@main\"",
                "git+https://me:${TOKEN}@host/a@v1; os_name == 'nt'",
                "git+https://${TOKEN}@host/a",
                "git+file:///srv/a.git@v1",
            ],
            expect![[r#"
                git+https://host/owner/A_b.git@0123 (a-b, "", (None, "https://host/owner/A_b.git"))
                git+https://host/a@0123 (a, "v1", (None, "https://host/a"))
                git+https://host/a@0123#egg=Other[all]&subdirectory=src (other, "feature/x", (None, "https://host/a"))
                a[x,y] @ git+https://host/b.git@0123#subdirectory=s ; python_version < '3' (a, "v1", (None, "https://host/b.git"))
                a@git+https://host/b@0123 (a, "", (None, "https://host/b"))
                -e git+ssh://git@host/a.git@0123#egg=a (a, "main", (None, "ssh://git@host/a.git"))
                --editable=git+ssh://git@host:22/a.git@0123 (a, "", (None, "ssh://git@host:22/a.git"))
                -e "git+https://host/a@0123" (a, "main", (None, "https://host/a"))
                git+https://me:${TOKEN}@host/a@0123; os_name == 'nt' (a, "v1", (Some("me:${TOKEN}"), "https://host/a"))
                git+https://${TOKEN}@host/a@0123 (a, "", (Some("${TOKEN}"), "https://host/a"))
                git+file:///srv/a.git@0123 (a, "v1", (None, "file:///srv/a.git"))
            "#]],
        );
        check(
            &[
                "flask",
                "flask # git+https://host/a",
                "hg+https://host/a",
                "git+https://host",
                "git+https://host#/a",
                "git+https://host/a?b=c@v1",
                "git+git@host:a.git",
                "https://host/git+https://x/a.zip",
            ],
            expect![[r#"
                flask: no
                flask # git+https://host/a: no
                hg+https://host/a: no
                git+https://host: no
                git+https://host#/a: no
                git+https://host/a?b=c@v1: no
                git+git@host:a.git: no
                https://host/git+https://x/a.zip: no
            "#]],
        );
    }

    #[test]
    fn a_reference_is_what_pip_takes() {
        let [one, two, three, four] = ["1", "2", "3", "4"].map(|digit| digit.repeat(40));
        let list = format!(
            "{one}\tHEAD\n{one}\trefs/heads/main\n{two}\trefs/heads/both\n{three}\trefs/tags/both\n\
             {three}\trefs/tags/v1\n{four}\trefs/tags/v1^{{}}\n{four}\trefs/pull/1/head\nno commit\n"
        );
        let digit = |reference| commit(&list, reference).map(|commit| &commit[..1]);
        assert_eq!(digit(None), Some("1"));
        assert_eq!(digit(Some("HEAD")), Some("1"));
        assert_eq!(digit(Some("main")), Some("1"));
        assert_eq!(digit(Some("both")), Some("2"));
        assert_eq!(digit(Some("v1")), Some("4"));
        assert_eq!(digit(Some("refs/tags/v1")), Some("4"));
        assert_eq!(digit(Some("refs/pull/1/head")), Some("4"));
        assert_eq!(digit(Some("2222222")), Some("2"));
        assert_eq!(digit(Some("222")), None);
        assert_eq!(digit(Some("555555")), None);
        let twice = format!("{one}\trefs/heads/a\n{}2\trefs/heads/b\n", "1".repeat(39));
        assert_eq!(commit(&twice, Some("11111")), None);
    }
}
