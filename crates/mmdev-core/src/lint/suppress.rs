//! `# mmdev: ignore[MM201]`: findings that a person has looked at.
//!
//! Behind something it is about its line. On a line of its own it is about the next line that holds something, or,
//! above the first key, about the whole file. In a comment that says more it stands first, or last and behind `;`, `#`
//! or the like, so that a text which only speaks of it silences nothing.

use super::select::{is_vital, nearest};
use super::{Rule, Selection, rule};
use crate::diagnostic::{Applicability, Code, Diagnostic};
use crate::syntax::yaml;
use crate::text::{Edit, Span};

/// A comment for mmdev that names no rule.
pub(super) const UNKNOWN: Code = Code("MM501");
/// An ignored rule that would have found nothing.
pub(super) const UNUSED: Code = Code("MM502");

/// What the comments of one file silence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suppressions {
    ignored: Vec<Ignored>,
    problems: Vec<Diagnostic>,
}

/// One code in one comment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ignored {
    code: Code,
    /// Where the code stands.
    span: Span,
    /// The bytes in which findings of it are silenced.
    reach: Span,
}

impl Suppressions {
    /// Those in the comments of a spec.
    pub fn in_spec(text: &str, tree: &yaml::Parsed) -> Self {
        // Most files have none, and this is asked for each.
        if !text.contains("mmdev:") {
            return Suppressions::default();
        }
        let comments = tree.comments.iter().map(|comment| comment.span);
        let first = tree
            .root
            .as_ref()
            .map_or(text.len(), |root| root.span.start);
        Suppressions::in_comments(text, comments, first)
    }

    /// Those in the comments of a text, whose own content begins at `first`. A comment's span holds its `#` or `//`.
    pub fn in_comments(text: &str, comments: impl Iterator<Item = Span>, first: usize) -> Self {
        let mut suppressions = Suppressions::default();
        for comment in comments {
            for (start, _) in text[comment.range()].match_indices("mmdev:") {
                let words = Span::new(comment.start + start, comment.end);
                suppressions.read(text, comment, words, first);
            }
        }
        suppressions
    }

    fn read(&mut self, text: &str, comment: Span, words: Span, first: usize) {
        let standing = Standing::behind(&text[comment.start..words.start]);
        let content = text[words.range()]["mmdev:".len()..].trim_start();
        let list = content
            .strip_prefix("ignore")
            .and_then(|rest| rest.trim_start().strip_prefix('['))
            .and_then(|rest| Some((rest, rest.find(']')?)));
        let Some((rest, end)) = list else {
            let is_meant = match standing {
                // The first line of a file that mmdev generated has a hash there.
                Standing::First => !is_stamp(content.trim_end()),
                Standing::Apart => content.starts_with("ignore"),
                Standing::Within => false,
            };
            if is_meant {
                self.problems.push(
                    Diagnostic::warning(UNKNOWN, words, "this comment for mmdev silences nothing")
                        .with_hint("Write `# mmdev: ignore[CODE]`, with the codes of rules between the brackets"),
                );
            }
            return;
        };
        let behind = &rest[end + 1..];
        let is_honoured = match standing {
            Standing::First => true,
            Standing::Apart => is_end(behind),
            Standing::Within => false,
        };
        if !is_honoured {
            let mut codes = rest[..end].split(',');
            if !behind.starts_with(['`', '\'', '"'])
                && codes.all(|word| rule(word.trim()).is_some())
            {
                let own = Span::new(words.start, words.end - behind.len());
                self.problems.push(
                    Diagnostic::warning(
                        UNKNOWN,
                        own,
                        "this silences nothing in the midst of other words",
                    )
                    .with_hint("Write it first in the comment, or last and behind `;`"),
                );
            }
            return;
        }
        let reach = reach(text, comment, first);
        // `rest` ends where the comment does, which tells where each code stands.
        let mut at = words.end - rest.len();
        for item in rest[..end].split(',') {
            let word = item.trim();
            let start = at + (item.len() - item.trim_start().len());
            let span = Span::new(start, start + word.len());
            at += item.len() + 1;
            match rule(word) {
                Some(rule) if is_vital(rule.code) => self.problems.push(
                    Diagnostic::warning(UNKNOWN, span, format!("{} cannot be ignored", rule.code))
                        .with_hint("What it finds was not read, or is left out of the container: mend that"),
                ),
                Some(rule) => self.ignored.push(Ignored {
                    code: rule.code,
                    span,
                    reach,
                }),
                None => self.problems.push(unknown(word, span)),
            }
        }
    }

    /// What is left of `found`, with a word on codes that are unknown or silence nothing. Rules that did not speak
    /// (such as those that ask the channels, without an index) found nothing, which is no reason to call a comment on
    /// them unused.
    pub(super) fn keep(
        &self,
        found: Vec<Diagnostic>,
        selection: &Selection,
        spoke: impl Fn(&Rule) -> bool,
    ) -> Vec<Diagnostic> {
        let is_unused = |ignored: &&Ignored| {
            !found.iter().any(|diagnostic| ignored.silences(diagnostic))
                && rule(ignored.code.0).is_some_and(&spoke)
                && selection.takes(ignored.code)
        };
        let unused = self.ignored.iter().filter(is_unused).map(unused);
        let own: Vec<Diagnostic> = self.problems.iter().cloned().chain(unused).collect();
        let mut kept = self.filter(found, selection);
        kept.extend(
            own.into_iter()
                .filter(|diagnostic| selection.takes(diagnostic.code)),
        );
        kept
    }

    /// What is left of `found`, without a word on the comments themselves: for those who look for a part of what is
    /// wrong only.
    pub fn filter(&self, found: Vec<Diagnostic>, selection: &Selection) -> Vec<Diagnostic> {
        let mut kept = found;
        kept.retain(|diagnostic| {
            let mut ignored = self.ignored.iter();
            selection.takes(diagnostic.code) && !ignored.any(|ignored| ignored.silences(diagnostic))
        });
        kept
    }
}

/// How `mmdev:` stands in its comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The comment begins with it.
    First,
    /// It begins a part of the comment.
    Apart,
    /// Words lead to it.
    Within,
}

impl Standing {
    /// That of what follows `before` in a comment.
    fn behind(before: &str) -> Self {
        let words = before.trim_end();
        if words.trim_start_matches(['#', '/', '*']).is_empty() {
            Standing::First
        } else if words.ends_with(['#', '/', '*', ';', ',', '.', ')', '|', '-', '–', '—']) {
            Standing::Apart
        } else {
            Standing::Within
        }
    }
}

/// Whether a comment, or a part of it, ends before `behind`.
fn is_end(behind: &str) -> bool {
    let behind = behind.trim().trim_end_matches("*/").trim();
    behind.starts_with(['#', ';']) || behind.trim_matches(['.', ')']).is_empty()
}

/// Whether it is the hash in the first line of a file that mmdev generated.
fn is_stamp(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Ignored {
    fn silences(&self, diagnostic: &Diagnostic) -> bool {
        let start = diagnostic.span.start;
        self.code == diagnostic.code && self.reach.start <= start && start <= self.reach.end
    }
}

fn unknown(word: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::warning(UNKNOWN, span, format!("there is no rule `{word}`"));
    match nearest(word) {
        Some(near) => diagnostic
            .with_hint(format!("Did you mean {near}?"))
            .with_fix(
                format!("Write `{near}`"),
                vec![Edit::replace(span, near)],
                Applicability::Unsafe,
            ),
        None => diagnostic.with_hint("`mmdev rules` lists all rules"),
    }
}

fn unused(ignored: &Ignored) -> Diagnostic {
    Diagnostic::information(
        UNUSED,
        ignored.span,
        format!("{} finds nothing here that could be ignored", ignored.code),
    )
    .with_hint("Remove it: it would hide the next one")
}

/// The bytes that a comment is about.
fn reach(text: &str, comment: Span, first: usize) -> Span {
    let line = line_around(text, comment.start);
    if !text[line.start..comment.start]
        .trim_start_matches('\u{feff}')
        .trim()
        .is_empty()
    {
        return line;
    }
    if comment.start < first {
        return Span::new(0, text.len());
    }
    let mut next = line;
    while next.end < text.len() {
        next = line_around(text, next.end + 1);
        let content = text[next.range()].trim_start();
        if !content.is_empty() && !content.starts_with(['#', '/']) {
            return next;
        }
    }
    line
}

/// The line that holds the byte at `offset`, without its line break.
pub(super) fn line_around(text: &str, offset: usize) -> Span {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |at| offset + at);
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{everything, found};

    /// The codes that are found, besides those of unused comments.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = found(text, &everything());
        let codes: Vec<&str> = found.iter().map(|finding| finding.code.0).collect();
        let chosen = ["MM101", "MM305", "MM501"];
        let codes: Vec<&str> = codes
            .into_iter()
            .filter(|code| chosen.contains(code))
            .collect();
        assert_eq!(codes, expected, "{text}");
    }

    #[test]
    fn a_comment_reaches_its_line_the_next_or_the_whole_file() {
        let entries = "channels: [http://a/b]\nextra: 1\ndependencies: [x]\n";
        check(entries, &["MM305", "MM101"]);
        check(&format!("# mmdev: ignore[MM305, MM101]\n{entries}"), &[]);
        check(
            &format!("# why\n#mmdev:ignore [mm101]\n\n{entries}"),
            &["MM305"],
        );
        check(
            &entries.replace("extra", "# mmdev: ignore[MM101]\n\n  # and\nextra"),
            &["MM305"],
        );
        check(
            &entries.replace("extra", "# mmdev: ignore[MM305]\nextra"),
            &["MM305", "MM101"],
        );
        check(
            &entries
                .replace('\n', "\r\n")
                .replace("1\r", "1 # mmdev: ignore[MM101]\r"),
            &["MM305"],
        );
    }

    #[test]
    fn a_comment_may_say_more() {
        let silenced: &[&str] = &["MM305"];
        let loud: &[&str] = &["MM305", "MM101"];
        let reported: &[&str] = &["MM305", "MM101", "MM501"];
        for (comment, expected) in [
            ("# mmdev: ignore[MM101] because of old", silenced),
            ("# old, mmdev: ignore[MM101]", silenced),
            ("# old # mmdev: ignore[MM101]", silenced),
            ("# why; mmdev: ignore[MM101]", silenced),
            ("# why — mmdev: ignore[MM101].", silenced),
            ("# (why) mmdev: ignore[MM101] # noqa", silenced),
            (
                "# why; mmdev: ignore[MM305]; mmdev: ignore[MM101]",
                silenced,
            ),
            ("# use # mmdev: ignore[..] to silence", loud),
            ("# use `# mmdev: ignore[MM101]` to silence", loud),
            ("# use # mmdev: ignore[MM101] to silence", reported),
            ("# with mmdev: ignore[MM101]", reported),
            ("# why; mmdev: ignore MM101", reported),
            ("# why; mmdev: ignore[MM1O1]", reported),
            ("# made by mmdev: see there", loud),
        ] {
            let text = format!("channels: [http://a/b]\nextra: 1 {comment}\ndependencies: [x]\n");
            check(&text, expected);
        }
    }

    #[test]
    fn a_text_that_is_no_comment_silences_nothing() {
        check(
            "extra: 'x # mmdev: ignore[MM101]'\ndependencies: [x]\n",
            &["MM101"],
        );
    }
}
