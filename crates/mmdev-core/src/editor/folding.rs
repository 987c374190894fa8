//! What can be folded: keys with more than one line, and comments of several lines.

use super::Document;
use super::symbols::Symbol;
use crate::text::Span;

/// One part of the text that can be folded to its first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// From somewhere on its first line to somewhere on its last.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// The kinds of folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldKind {
    /// A key and what stands below it.
    Section,
    /// Comments on lines of their own.
    Comment,
}

impl Document {
    /// What can be folded, in the order of the text; nothing in a file that is no spec.
    pub fn folds(&self) -> Vec<Fold> {
        let mut folds = Vec::new();
        if self.is_spec() {
            self.sections(&self.symbols(), &mut folds);
            self.comments(&mut folds);
            folds.sort_by_key(|fold| fold.span);
        }
        folds
    }

    fn sections(&self, symbols: &[Symbol], folds: &mut Vec<Fold>) {
        for symbol in symbols {
            let text = &self.text[symbol.span.range()];
            let span = Span::new(symbol.span.start, symbol.span.start + text.trim_end().len());
            if self.text[span.range()].contains('\n') {
                folds.push(Fold {
                    span,
                    kind: FoldKind::Section,
                });
            }
            self.sections(&symbol.children, folds);
        }
    }

    fn comments(&self, folds: &mut Vec<Fold>) {
        let mut block: Option<Span> = None;
        let mut finish = |block: Option<Span>| {
            folds.extend(
                block
                    .filter(|span| self.text[span.range()].contains('\n'))
                    .map(|span| Fold {
                        span,
                        kind: FoldKind::Comment,
                    }),
            );
        };
        for comment in &self.tree.comments {
            let line_start = self.text[..comment.span.start]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            if !self.text[line_start..comment.span.start].trim().is_empty() {
                continue;
            }
            let follows = block.filter(|block| {
                let between = &self.text[block.end..comment.span.start];
                between.trim().is_empty() && between.matches('\n').count() == 1
            });
            match follows {
                Some(open) => block = Some(open.cover(comment.span)),
                None => finish(block.replace(comment.span)),
            }
        }
        finish(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let document = Document::new("env.yaml", text.to_owned());
        let mut shown = String::new();
        for fold in document.folds() {
            let line = |offset: usize| text[..offset].matches('\n').count() + 1;
            shown += &format!(
                "{}-{} {:?}\n",
                line(fold.span.start),
                line(fold.span.end),
                fold.kind
            );
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn sections_and_comments() {
        check(
            "# a\n# b\n\n# c\nname: x\nchannels:\n  - a\n  # d\n  # e\n\ndependencies: [a,\n  b]\n",
            expect![[r#"
                1-2 Comment
                6-7 Section
                8-9 Comment
                11-12 Section
            "#]],
        );
        check(
            "dependencies:\n  - a # x\n  # y\n  - pip: # z\n    - b\n\n# last\n# lines\n",
            expect![[r#"
                1-5 Section
                4-5 Section
                7-8 Comment
            "#]],
        );
        check("a: b\nc:\n  - d\n", expect![]);
    }
}
