//! The git repositories that a pip section names, and the commits at which the lock holds them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use mmdev_core::lock::uv;
use mmdev_core::lock::{GitLine, Lock, git};
use percent_encoding::percent_decode_str;

use super::Target;
use super::make::Maker;
use crate::environment;
use crate::progress::LastLine;

/// What is known of each line that names a git repository.
#[derive(Default)]
pub(super) struct Commits(BTreeMap<String, Held>);

/// What is known of one line.
pub(super) struct Held {
    /// The commit at which it is held.
    pub(super) commit: Option<String>,
    /// Why there is none, or none that is up to date.
    pub(super) why: Option<String>,
}

impl Commits {
    /// Keeps the commits of `before`, and asks git for those that are missing or to move, once for each repository.
    pub(super) async fn find(
        maker: &Maker<'_>,
        target: &Target,
        before: &Lock,
        platforms: &[String],
    ) -> Self {
        let sections = platforms
            .iter()
            .map(|platform| target.pip_section(platform));
        let lines: BTreeSet<String> = sections.flat_map(|section| section.lines).collect();
        let lines: Vec<GitLine<'_>> = lines.iter().filter_map(|line| GitLine::of(line)).collect();
        let known = before.pip_fixed();
        let mut commits = BTreeMap::new();
        let mut asked: BTreeMap<&str, Vec<GitLine<'_>>> = BTreeMap::new();
        for git in lines {
            let known = known
                .get(git.line)
                .filter(|_| maker.update.keeps(&git.name()));
            match git.commit().or(known.copied()) {
                Some(commit) => {
                    let commit = Some(commit.to_owned());
                    commits.insert(git.line.to_owned(), Held { commit, why: None });
                }
                None => asked.entry(git.repository).or_default().push(git),
            }
        }
        let bar = LastLine::new(maker.printer, "git");
        if !asked.is_empty() && !maker.request.offline {
            bar.show(b"asking for the commits of the pip section");
        }
        let answers = asked.into_values().map(|lines| async {
            let answer = match maker.request.offline {
                true => Err("mmdev is offline".to_owned()),
                false => references(&lines[0]).await,
            };
            (lines, answer)
        });
        for (lines, answer) in join_all(answers).await {
            for git in lines {
                let found = answer
                    .as_ref()
                    .map_err(Clone::clone)
                    .and_then(|list| commit(list, &git));
                // What cannot be asked for stays as it was.
                let known = || Some((*known.get(git.line)?).to_owned());
                let held = match found {
                    Ok(commit) => Held {
                        commit: Some(commit),
                        why: None,
                    },
                    Err(why) => Held {
                        commit: known(),
                        why: Some(why),
                    },
                };
                commits.insert(git.line.to_owned(), held);
            }
        }
        Commits(commits)
    }

    /// What is known of a line; `None` where it names no git repository.
    pub(super) fn get(&self, line: &str) -> Option<&Held> {
        self.0.get(line)
    }

    /// The commit that the lock is to have for a line, which may have it itself.
    pub(super) fn to_lock(&self, line: &str) -> Option<&str> {
        let commit = self.get(line)?.commit.as_deref()?;
        (GitLine::of(line)?.commit() != Some(commit)).then_some(commit)
    }
}

/// The references of a line's repository.
async fn references(git: &GitLine<'_>) -> Result<String, String> {
    // A name alone is no secret, and the helpers of the user's know more.
    let is_secret = |user: &&str| user.contains(':') || user.contains("${");
    let (user, url) = match git.user() {
        (Some(user), url) if is_secret(&user) => (Some(user), url),
        _ => (None, git.repository.to_owned()),
    };
    // git itself would show them to all who list processes.
    if let [name, ..] = uv::variables([&url])[..] {
        return Err(format!(
            "the variable {name} stands elsewhere than before the host's name"
        ));
    }
    let user = user.map(credentials).transpose()?;
    crate::git::references(&url, user.as_ref()).await
}

/// Name and password as a URL has them, with what the environment has for variables.
fn credentials(user: &str) -> Result<(String, String), String> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    Ok((expanded(name)?, expanded(password)?))
}

/// What a text with variables stands for, percent signs in it read as in a URL.
fn expanded(text: &str) -> Result<String, String> {
    let text = with_variables(text)?;
    let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    match decoded.contains(['\n', '\r', '\0']) {
        true => Err("its credentials hold a line break".to_owned()),
        false => Ok(decoded),
    }
}

fn with_variables(text: &str) -> Result<String, String> {
    let text = text.to_owned();
    let mut expanded = text.clone();
    for name in uv::variables([&text]) {
        let value = environment::text(name).ok_or(format!("{name} is not set"))?;
        expanded = expanded.replace(&format!("${{{name}}}"), &value);
    }
    Ok(expanded)
}

/// The commit of what a line names.
fn commit(list: &str, git: &GitLine<'_>) -> Result<String, String> {
    let reference = git.reference.map(with_variables).transpose()?;
    let found = git::commit(list, reference.as_deref());
    found.map(str::to_owned).ok_or_else(|| match git.reference {
        Some(reference) if reference.bytes().all(|byte| byte.is_ascii_hexdigit()) => format!(
            "its repository has no branch or tag `{reference}`, and a commit needs all its digits"
        ),
        Some(reference) => format!("its repository has no branch or tag `{reference}`"),
        None => "its repository is empty".to_owned(),
    })
}
