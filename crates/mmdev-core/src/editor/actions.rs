//! What can be done about findings: each fix, and all safe ones at once.

use super::Document;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::lint::fix_all;
use crate::text::{Edit, Span};

/// Something that an editor can do to the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What it does, in the imperative.
    pub title: String,
    /// What kind of action it is.
    pub kind: ActionKind,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// The kinds of actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// The fix of one finding.
    Fix {
        /// The finding.
        diagnostic: Diagnostic,
        /// Whether it may be applied without asking.
        is_safe: bool,
    },
    /// All safe fixes.
    FixAll,
}

impl Document {
    /// What can be done about those of `diagnostics` that touch `span`, and about all of them.
    pub fn actions(&self, span: Span, diagnostics: &[Diagnostic]) -> Vec<Action> {
        let mut actions: Vec<Action> = diagnostics
            .iter()
            .filter(|diagnostic| touches(diagnostic.span, span))
            .filter_map(|diagnostic| {
                let fix = diagnostic.fix.as_ref()?;
                Some(Action {
                    title: fix.title.clone(),
                    kind: ActionKind::Fix {
                        diagnostic: diagnostic.clone(),
                        is_safe: fix.applicability == Applicability::Safe,
                    },
                    edits: fix.edits.clone(),
                })
            })
            .collect();
        let edits = fix_all(diagnostics, Applicability::Safe);
        if !edits.is_empty() {
            actions.push(Action {
                title: "Apply all safe fixes".to_owned(),
                kind: ActionKind::FixAll,
                edits,
            });
        }
        actions
    }
}

fn touches(left: Span, right: Span) -> bool {
    left.start <= right.end && right.start <= left.end
}

#[cfg(test)]
mod tests {
    use super::super::testing::at_cursor;
    use super::*;
    use crate::text::apply;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let (document, offset) = at_cursor(text);
        let diagnostics = document.diagnostics(&crate::lint::Surroundings::default(), None);
        let mut shown = String::new();
        for action in document.actions(Span::empty(offset), &diagnostics) {
            let kind = match action.kind {
                ActionKind::Fix {
                    diagnostic,
                    is_safe,
                } => {
                    format!(
                        "{}{}",
                        diagnostic.code,
                        if is_safe { "" } else { ", unsafe" }
                    )
                }
                ActionKind::FixAll => "all".to_owned(),
            };
            let after = apply(document.text(), &action.edits);
            shown += &format!("{} ({kind}): {after:?}\n", action.title);
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn fixes_at_the_cursor_and_all_safe_ones() {
        check(
            "dependecies:\n  - numpy=$0>1.2\n  - Django\n",
            expect![[r#"
            Write `numpy>=1.2` (MM209): "dependecies:\n  - numpy>=1.2\n  - Django\n"
            Apply all safe fixes (all): "dependencies:\n  - numpy>=1.2\n  - django\n"
        "#]],
        );
        check(
            "dependencies:\n  - numpy[$0foo]\n",
            expect![[r#"
            Write `numpy` (MM206, unsafe): "dependencies:\n  - numpy\n"
        "#]],
        );
        check("dependencies:\n  - num$0py\n", expect![]);
    }

    #[test]
    fn fixes_that_touch_each_other_wait() {
        let fix = |edits: &[(usize, usize, &str)]| {
            let edits = edits
                .iter()
                .map(|(start, end, text)| Edit::replace(Span::new(*start, *end), *text))
                .collect();
            Diagnostic::error(crate::diagnostic::Code("MM000"), Span::empty(0), "x").with_fix(
                "x",
                edits,
                Applicability::Safe,
            )
        };
        let edits = fix_all(
            &[
                fix(&[(4, 6, "a"), (0, 1, "b")]),
                fix(&[(9, 9, "never"), (5, 7, "c")]),
                fix(&[(8, 8, "d")]),
                fix(&[(8, 8, "d")]),
            ],
            Applicability::Safe,
        );
        let shown: Vec<_> = edits
            .iter()
            .map(|edit| (edit.span.range(), edit.text.as_str()))
            .collect();
        assert_eq!(shown, [(0..1, "b"), (4..6, "a"), (8..8, "d")]);
    }
}
