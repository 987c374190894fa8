//! One file as it is and as it should be, and the difference for a person to read.

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::printer::visible;

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const NAME: Style = Style::new().bold();

/// One file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    /// Its text; `None` where it is not there.
    pub(crate) before: Option<String>,
    /// What its text should be; `None` where it should not be there.
    pub(crate) after: Option<String>,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    /// It is made.
    Created,
    /// It gets other bytes.
    Changed,
    /// It is deleted.
    Deleted,
    /// Nothing.
    Unchanged,
}

impl ChangeKind {
    /// The word for it in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ChangeKind::Created => "created",
            ChangeKind::Changed => "changed",
            ChangeKind::Deleted => "deleted",
            ChangeKind::Unchanged => "unchanged",
        }
    }
}

impl Change {
    /// What happens to the file.
    pub(crate) fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (None, Some(_)) => ChangeKind::Created,
            (Some(_), None) => ChangeKind::Deleted,
            (before, after) if before == after => ChangeKind::Unchanged,
            _ => ChangeKind::Changed,
        }
    }

    /// The difference as a unified diff, in colours. A program such as `patch` can apply it once they are dropped.
    pub(crate) fn diff(&self) -> String {
        let before = self.before.as_deref().unwrap_or_default();
        let after = self.after.as_deref().unwrap_or_default();
        let name = |side: char, text: &Option<String>| match text {
            Some(_) => format!("{side}/{}", visible(&self.path)),
            None => "/dev/null".to_owned(),
        };
        let mut result = format!(
            "{NAME}--- {}{NAME:#}\n{NAME}+++ {}{NAME:#}\n",
            name('a', &self.before),
            name('b', &self.after)
        );
        let diff = TextDiff::from_lines(before, after);
        for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
            result.push_str(&format!("{PLACE}{}{PLACE:#}\n", hunk.header()));
            for change in hunk.iter_changes() {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', REMOVED),
                    ChangeTag::Insert => ('+', ADDED),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let line = change.value().trim_end_matches('\n');
                // A carriage return at the end is part of the line to a program, and nothing to a terminal.
                let (line, end) = match line.strip_suffix('\r') {
                    Some(line) => (line, "\r\n"),
                    None => (line, "\n"),
                };
                let line = visible(line);
                result.push_str(&format!("{style}{sign}{line}{style:#}{end}"));
                if change.missing_newline() {
                    result.push_str("\\ No newline at end of file\n");
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(before: Option<&str>, after: Option<&str>, expected: Expect) {
        let change = Change {
            path: "a/b".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let shown = format!("{}\n{}", change.kind().word(), change.diff());
        let plain = anstream::adapter::strip_str(&shown).to_string();
        expected.assert_eq(&plain.replace('\r', "␍"));
    }

    #[test]
    fn differences() {
        check(
            None,
            Some("x\n"),
            expect![[r#"
            created
            --- /dev/null
            +++ b/a/b
            @@ -0,0 +1 @@
            +x
        "#]],
        );
        check(
            Some("x\n"),
            None,
            expect![[r#"
            deleted
            --- a/a/b
            +++ /dev/null
            @@ -1 +0,0 @@
            -x
        "#]],
        );
        check(
            Some("a\nb\n"),
            Some("a\nc"),
            expect![[r#"
            changed
            --- a/a/b
            +++ b/a/b
            @@ -1,2 +1,2 @@
             a
            -b
            +c
            \ No newline at end of file
        "#]],
        );
        check(
            Some("a\r\n\u{1b}[2J\n"),
            Some("a\n"),
            expect![[r#"
            changed
            --- a/a/b
            +++ b/a/b
            @@ -1,2 +1 @@
            -a␍
            -\u{1b}[2J
            +a
        "#]],
        );
    }
}
