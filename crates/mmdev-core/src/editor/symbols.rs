//! The outline of a spec: its keys, and what stands below them.

use super::Document;
use crate::syntax::yaml::{Entry, Kind, Node};
use crate::text::Span;

/// One line of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it is called.
    pub name: String,
    /// The text behind a key.
    pub detail: Option<String>,
    /// What it is.
    pub kind: SymbolKind,
    /// The whole of it.
    pub span: Span,
    /// Its name in the text, inside of `span`.
    pub selection: Span,
    /// What stands below it.
    pub children: Vec<Symbol>,
}

/// The kinds of symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// A key with a list or mapping below it.
    Section,
    /// A key with a text behind it.
    Value,
    /// An entry of a list.
    Entry,
}

impl Document {
    /// The outline; empty for a file that is no spec.
    pub fn symbols(&self) -> Vec<Symbol> {
        match &self.tree.root {
            Some(root) if self.is_spec() => children(root),
            _ => Vec::new(),
        }
    }
}

fn children(node: &Node) -> Vec<Symbol> {
    // What an alias stands for is written elsewhere.
    let is_here = |other: &Node| {
        other.alias.is_none()
            && node.span.start <= other.span.start
            && other.span.end <= node.span.end
    };
    match &node.kind {
        Kind::Mapping(entries) => entries
            .iter()
            .filter(|entry| is_here(&entry.key) && is_here(&entry.value))
            .filter_map(entry_symbol)
            .collect(),
        Kind::Sequence(items) => items
            .iter()
            .filter(|item| is_here(item))
            .flat_map(|item| match &item.kind {
                Kind::Scalar(scalar) => vec![Symbol {
                    name: one_line(&scalar.value),
                    detail: None,
                    kind: SymbolKind::Entry,
                    span: item.span,
                    selection: item.span,
                    children: Vec::new(),
                }],
                _ => children(item),
            })
            .filter(|symbol| !symbol.name.is_empty())
            .collect(),
        Kind::Null | Kind::Scalar(_) => Vec::new(),
    }
}

fn entry_symbol(entry: &Entry) -> Option<Symbol> {
    let name = one_line(entry.name()?);
    let (kind, detail) = match &entry.value.kind {
        Kind::Scalar(scalar) => (SymbolKind::Value, Some(one_line(&scalar.value))),
        _ => (SymbolKind::Section, None),
    };
    (!name.is_empty()).then(|| Symbol {
        name,
        detail,
        kind,
        span: entry.key.span.cover(entry.value.span),
        selection: entry.key.span,
        children: children(&entry.value),
    })
}

/// A name that an editor can show: no line breaks, and never blank.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn show(document: &Document, symbols: &[Symbol], depth: usize, shown: &mut String) {
        for symbol in symbols {
            assert!(
                symbol.span.start <= symbol.selection.start
                    && symbol.selection.end <= symbol.span.end
            );
            *shown += &format!(
                "{}{:?} {} {:?}{}\n",
                "  ".repeat(depth),
                symbol.kind,
                symbol.name,
                &document.text()[symbol.selection.range()],
                symbol
                    .detail
                    .iter()
                    .map(|detail| format!(" = {detail}"))
                    .collect::<String>()
            );
            show(document, &symbol.children, depth + 1, shown);
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let document = Document::new("env.yaml", text.to_owned());
        let mut shown = String::new();
        show(&document, &document.symbols(), 0, &mut shown);
        expected.assert_eq(&shown);
    }

    #[test]
    fn the_outline() {
        check(
            "name: x\nchannels: &c [a, b]\ndependencies:\n  - numpy=1 # c\n  - sel(win): w\n  - pip:\n    - 'a'\n    - |\n      b\n      c\n  -\nvariables:\n  A: 1\nplatforms: *c\n",
            expect![[r#"
                Value name "name" = x
                Section channels "channels"
                  Entry a "a"
                  Entry b "b"
                Section dependencies "dependencies"
                  Entry numpy=1 "numpy=1"
                  Value sel(win) "sel(win)" = w
                  Section pip "pip"
                    Entry a "'a'"
                    Entry b c "b\n      c"
                Section variables "variables"
                  Value A "A" = 1
            "#]],
        );
        check(
            "a: [\ndependencies:\n  - x\n",
            expect![[r#"
            Section a "a"
            Section dependencies "dependencies"
              Entry x "x"
        "#]],
        );
    }
}
