//! Applying fixes: each whole or not at all, until nothing changes, and never one that breaks the file.

use std::collections::BTreeMap;

use super::{SpecFile, Surroundings, spec};
use crate::diagnostic::{Applicability, Code, Diagnostic, Fix, Severity};
use crate::index::PackageIndex;
use crate::spec::{self, SpecKind};
use crate::syntax::yaml;
use crate::text::{Edit, Span, apply};

/// Rounds after which a text that still changes is left: two rules that undo each other are a bug, and end here.
const MOST_ROUNDS: usize = 100;

/// A spec after its fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text, the same where nothing was fixed.
    pub text: String,
    /// The rules whose fixes were applied, in the order of the rounds.
    pub applied: Vec<Code>,
    /// What is wrong still.
    pub left: Vec<Diagnostic>,
}

/// Applies the fixes of a spec until nothing changes; with [`Applicability::Unsafe`] also those that a person should
/// look at. A fix after which the file would not parse as before, or would lack a comment, is left out.
pub fn fix(
    path: &str,
    text: &str,
    around: &Surroundings,
    index: Option<&dyn PackageIndex>,
    least: Applicability,
) -> Fixed {
    let mut text = text.to_owned();
    let mut applied = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let found = diagnose(path, &text, around, index);
        let fixes = compatible(&found, least);
        let Some((next, codes)) = sound(path, &text, &fixes) else {
            return Fixed {
                text,
                applied,
                left: found,
            };
        };
        text = next;
        applied.extend(codes);
    }
    let left = diagnose(path, &text, around, index);
    Fixed {
        text,
        applied,
        left,
    }
}

/// The edits of all fixes that may be applied together, in the order of the text.
pub fn fix_all(diagnostics: &[Diagnostic], least: Applicability) -> Vec<Edit> {
    let fixes = compatible(diagnostics, least);
    let mut edits: Vec<Edit> = fixes
        .into_iter()
        .flat_map(|(_, fix)| fix.edits.iter().cloned())
        .collect();
    edits.sort_by_key(|edit| edit.span);
    edits
}

fn diagnose(
    path: &str,
    text: &str,
    around: &Surroundings,
    index: Option<&dyn PackageIndex>,
) -> Vec<Diagnostic> {
    let tree = yaml::parse(text);
    let read = spec::read_parsed(path, text, &tree);
    let file = SpecFile {
        path,
        text,
        tree: &tree,
        read: &read,
    };
    spec(&file, around, index)
}

/// The fixes that may be applied in one round: of two that touch each other, the later one waits for the next.
pub fn compatible(diagnostics: &[Diagnostic], least: Applicability) -> Vec<(Code, &Fix)> {
    let mut chosen: Vec<(Code, &Fix)> = Vec::new();
    let mut taken: Vec<Span> = Vec::new();
    for diagnostic in diagnostics {
        let Some(fix) = &diagnostic.fix else { continue };
        let is_free = |edit: &Edit| !taken.iter().any(|other| touches(edit.span, *other));
        if fix.applicability >= least && fix.edits.iter().all(is_free) {
            taken.extend(fix.edits.iter().map(|edit| edit.span));
            chosen.push((diagnostic.code, fix));
        }
    }
    chosen
}

fn touches(left: Span, right: Span) -> bool {
    left.start <= right.end && right.start <= left.end
}

/// The text after all of `fixes`, or where that breaks it after those that do not; `None` where nothing changes.
fn sound(path: &str, text: &str, fixes: &[(Code, &Fix)]) -> Option<(String, Vec<Code>)> {
    let before = Shape::of(path, text);
    let try_all = |fixes: &[(Code, &Fix)]| {
        let edits: Vec<Edit> = fixes
            .iter()
            .flat_map(|(_, fix)| fix.edits.iter().cloned())
            .collect();
        let after = apply(text, &edits);
        (after != text && before.is_kept_in(&Shape::of(path, &after))).then_some(after)
    };
    let codes = |fixes: &[(Code, &Fix)]| fixes.iter().map(|(code, _)| *code).collect();
    if let Some(after) = try_all(fixes) {
        return Some((after, codes(fixes)));
    }
    let good: Vec<(Code, &Fix)> = fixes
        .iter()
        .filter(|fix| try_all(std::slice::from_ref(fix)).is_some())
        .copied()
        .collect();
    if good.len() < fixes.len()
        && let Some(after) = try_all(&good)
    {
        return Some((after, codes(&good)));
    }
    let first = good.first()?;
    let after = try_all(std::slice::from_ref(first))?;
    Some((after, vec![first.0]))
}

/// What no fix may take from a file.
struct Shape {
    is_spec: bool,
    syntax_errors: usize,
    comments: BTreeMap<String, usize>,
}

impl Shape {
    fn of(path: &str, text: &str) -> Self {
        let tree = yaml::parse(text);
        let mut comments = BTreeMap::new();
        for comment in &tree.comments {
            *comments.entry(comment.text.trim().to_owned()).or_default() += 1;
        }
        Shape {
            is_spec: spec::read_parsed(path, text, &tree).kind == SpecKind::Spec,
            syntax_errors: tree
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == Severity::Error)
                .count(),
            comments,
        }
    }

    fn is_kept_in(&self, after: &Shape) -> bool {
        after.is_spec == self.is_spec
            && after.syntax_errors <= self.syntax_errors
            && self
                .comments
                .iter()
                .all(|(text, count)| after.comments.get(text) >= Some(count))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::lint::testing::everything;

    #[track_caller]
    fn check(text: &str, least: Applicability, expected: Expect) {
        let fixed = fix("env.yaml", text, &everything(), None, least);
        let codes: Vec<&str> = fixed.applied.iter().map(|code| code.0).collect();
        expected.assert_eq(&format!("{}{}\n", fixed.text, codes.join(" ")));
        let again = fix("env.yaml", &fixed.text, &everything(), None, least);
        assert_eq!(again.text, fixed.text, "a second run changes nothing");
        assert_eq!(again.applied, []);
    }

    #[test]
    fn what_only_one_branch_will_keep_is_left() {
        for text in [
            "dependencies:\n<<<<<<< a\n- numpy=>1\n- scipy\n=======\n- numpy\n- scipy\n>>>>>>> b\n",
            "dependencies:\n{% if a %}\n- numpy=>1\n{% else %}\n- numpy\n{% endif %}\n",
            "dependencies:\n# {% if a %}\n- numpy\n# {% else %}\n- numpy\n# {% endif %}\n",
        ] {
            let fixed = fix("env.yaml", text, &everything(), None, Applicability::Unsafe);
            assert_eq!(fixed.text, text);
        }
    }

    #[test]
    fn safe_fixes_leave_what_a_person_should_look_at() {
        let text = "channels: [http://a/b]\ndependecies:\n  - numpy=>1 # why\n  - Scipy\n";
        check(
            text,
            Applicability::Safe,
            expect![[r#"
            channels: [http://a/b]
            dependencies:
              - numpy>=1 # why
              - scipy
            MM101 MM209 MM219
        "#]],
        );
        check(
            text,
            Applicability::Unsafe,
            expect![[r#"
            channels: [https://a/b]
            dependencies:
              - numpy>=1 # why
              - scipy
            MM305 MM101 MM209 MM219
        "#]],
        );
    }

    fn edits(edits: &[(usize, usize, &str)]) -> Fix {
        Fix {
            title: String::new(),
            edits: edits
                .iter()
                .map(|(start, end, text)| Edit::replace(Span::new(*start, *end), *text))
                .collect(),
            applicability: Applicability::Safe,
        }
    }

    #[test]
    fn a_fix_that_breaks_the_file_is_left_out() {
        let text = "dependencies:\n  - a # why\n  - b\n";
        let (takes_comment, breaks, good) = (
            edits(&[(18, 25, "x")]),
            edits(&[(0, 0, "[")]),
            edits(&[(30, 31, "c")]),
        );
        let all = [
            (Code("MM001"), &takes_comment),
            (Code("MM002"), &breaks),
            (Code("MM003"), &good),
        ];
        let (after, codes) = sound("env.yaml", text, &all).unwrap();
        assert_eq!(after, "dependencies:\n  - a # why\n  - c\n");
        assert_eq!(codes, [Code("MM003")]);
        assert_eq!(sound("env.yaml", text, &all[..2]), None);
    }
}
