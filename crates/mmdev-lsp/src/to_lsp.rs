//! From our types to the protocol's.

use std::collections::HashMap;

use mmdev_core::diagnostic::{Diagnostic, Severity};
use mmdev_core::editor::{
    Action, ActionKind, Completion, CompletionKind, Completions, Fold, FoldKind, Hover, Symbol,
    SymbolKind,
};
use mmdev_core::lint;
use mmdev_core::text::{Edit, Span};

use crate::documents::Snapshot;
use crate::protocol::lsp;
use crate::session::Agreed;
use crate::text::{Encoding, Text};

/// The kind of the action that applies every safe fix.
pub(crate) const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.mmdev");

pub(crate) fn encoding(encoding: Encoding) -> lsp::PositionEncodingKind {
    match encoding {
        Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
        Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
    }
}

fn position(offset: usize, text: &Text, encoding: Encoding) -> lsp::Position {
    let (line, character) = text.place(offset, encoding);
    lsp::Position { line, character }
}

pub(crate) fn range(span: Span, text: &Text, encoding: Encoding) -> lsp::Range {
    lsp::Range {
        start: position(span.start, text, encoding),
        end: position(span.end, text, encoding),
    }
}

pub(crate) fn diagnostic(
    diagnostic: &Diagnostic,
    text: &Text,
    encoding: Encoding,
) -> lsp::Diagnostic {
    let message = match &diagnostic.hint {
        Some(hint) => format!("{}\nhint: {hint}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    lsp::Diagnostic {
        range: range(diagnostic.span, text, encoding),
        severity: Some(match diagnostic.severity {
            Severity::Error => lsp::DiagnosticSeverity::ERROR,
            Severity::Warning => lsp::DiagnosticSeverity::WARNING,
            Severity::Information => lsp::DiagnosticSeverity::INFORMATION,
        }),
        code: Some(lsp::NumberOrString::String(diagnostic.code.to_string())),
        code_description: lint::url(diagnostic.code)
            .parse()
            .ok()
            .map(|href| lsp::CodeDescription { href }),
        source: Some("mmdev".to_owned()),
        message,
        ..lsp::Diagnostic::default()
    }
}

pub(crate) fn text_edit(edit: &Edit, text: &Text, encoding: Encoding) -> lsp::TextEdit {
    lsp::TextEdit {
        range: range(edit.span, text, encoding),
        new_text: edit.text.clone(),
    }
}

fn text_edits(edits: &[Edit], snapshot: &Snapshot, encoding: Encoding) -> Vec<lsp::TextEdit> {
    edits
        .iter()
        .map(|edit| text_edit(edit, &snapshot.text, encoding))
        .collect()
}

fn workspace_edit(edits: &[Edit], snapshot: &Snapshot, agreed: Agreed) -> lsp::WorkspaceEdit {
    let edits = text_edits(edits, snapshot, agreed.encoding);
    let uri = snapshot.uri.clone();
    if agreed.versioned_edits {
        let edit = lsp::TextDocumentEdit {
            text_document: lsp::OptionalVersionedTextDocumentIdentifier {
                uri,
                version: Some(snapshot.version),
            },
            edits: edits.into_iter().map(lsp::OneOf::Left).collect(),
        };
        lsp::WorkspaceEdit {
            document_changes: Some(lsp::DocumentChanges::Edits(vec![edit])),
            ..lsp::WorkspaceEdit::default()
        }
    } else {
        lsp::WorkspaceEdit {
            changes: Some(HashMap::from([(uri, edits)])),
            ..lsp::WorkspaceEdit::default()
        }
    }
}

pub(crate) fn action(action: &Action, snapshot: &Snapshot, agreed: Agreed) -> lsp::CodeAction {
    let (kind, diagnostics, is_preferred) = match &action.kind {
        ActionKind::Fix {
            diagnostic,
            is_safe,
        } => (
            lsp::CodeActionKind::QUICKFIX,
            Some(vec![self::diagnostic(
                diagnostic,
                &snapshot.text,
                agreed.encoding,
            )]),
            Some(*is_safe),
        ),
        ActionKind::FixAll => (FIX_ALL, None, None),
    };
    lsp::CodeAction {
        title: action.title.clone(),
        kind: Some(kind),
        diagnostics,
        edit: Some(workspace_edit(&action.edits, snapshot, agreed)),
        is_preferred,
        ..lsp::CodeAction::default()
    }
}

fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent {
        kind: lsp::MarkupKind::Markdown,
        value,
    }
}

pub(crate) fn hover(hover: Hover, text: &Text, encoding: Encoding) -> lsp::Hover {
    lsp::Hover {
        contents: lsp::HoverContents::Markup(markdown(hover.markdown)),
        range: Some(range(hover.span, text, encoding)),
    }
}

pub(crate) fn completions(
    completions: Completions,
    text: &Text,
    encoding: Encoding,
) -> lsp::CompletionResponse {
    lsp::CompletionResponse::List(lsp::CompletionList {
        is_incomplete: !completions.is_complete,
        items: completions
            .items
            .into_iter()
            .enumerate()
            .map(|(rank, item)| completion(rank, item, text, encoding))
            .collect(),
    })
}

fn completion(
    rank: usize,
    item: Completion,
    text: &Text,
    encoding: Encoding,
) -> lsp::CompletionItem {
    lsp::CompletionItem {
        kind: Some(match item.kind {
            CompletionKind::Key => lsp::CompletionItemKind::PROPERTY,
            CompletionKind::Channel => lsp::CompletionItemKind::FOLDER,
            CompletionKind::Platform => lsp::CompletionItemKind::ENUM_MEMBER,
            CompletionKind::Package => lsp::CompletionItemKind::MODULE,
            CompletionKind::Version => lsp::CompletionItemKind::VALUE,
        }),
        text_edit: Some(text_edit(&item.edit, text, encoding).into()),
        // Editors sort by the label otherwise, and 1.9 would come before 1.26.
        sort_text: Some(format!("{rank:04}")),
        label: item.label,
        detail: item.detail,
        documentation: item
            .documentation
            .map(|text| lsp::Documentation::MarkupContent(markdown(text))),
        ..lsp::CompletionItem::default()
    }
}

#[expect(deprecated, reason = "the field is part of the type all the same")]
pub(crate) fn symbol(symbol: Symbol, text: &Text, encoding: Encoding) -> lsp::DocumentSymbol {
    let children: Vec<_> = symbol
        .children
        .into_iter()
        .map(|child| self::symbol(child, text, encoding))
        .collect();
    lsp::DocumentSymbol {
        name: symbol.name,
        detail: symbol.detail,
        kind: match symbol.kind {
            SymbolKind::Section => lsp::SymbolKind::NAMESPACE,
            SymbolKind::Value => lsp::SymbolKind::STRING,
            SymbolKind::Entry => lsp::SymbolKind::PACKAGE,
        },
        tags: None,
        deprecated: None,
        range: range(symbol.span, text, encoding),
        selection_range: range(symbol.selection, text, encoding),
        children: (!children.is_empty()).then_some(children),
    }
}

pub(crate) fn fold(fold: Fold, text: &Text, encoding: Encoding) -> lsp::FoldingRange {
    let range = range(fold.span, text, encoding);
    lsp::FoldingRange {
        start_line: range.start.line,
        end_line: range.end.line,
        kind: Some(match fold.kind {
            FoldKind::Section => lsp::FoldingRangeKind::Region,
            FoldKind::Comment => lsp::FoldingRangeKind::Comment,
        }),
        ..lsp::FoldingRange::default()
    }
}

pub(crate) fn formatting(
    edits: &[Edit],
    snapshot: &Snapshot,
    encoding: Encoding,
) -> Vec<lsp::TextEdit> {
    text_edits(edits, snapshot, encoding)
}
