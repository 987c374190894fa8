//! From the protocol's types to ours.

use crate::documents::Change;
use crate::protocol::lsp;
use crate::session::Agreed;
use crate::text::{Encoding, Place};

/// What the client can do, as far as it matters.
pub(crate) fn agreed(capabilities: &lsp::ClientCapabilities) -> Agreed {
    let encodings = capabilities
        .general
        .as_ref()
        .and_then(|general| general.position_encodings.as_deref())
        .unwrap_or_default();
    let encoding = if encodings.contains(&lsp::PositionEncodingKind::UTF8) {
        Encoding::Utf8
    } else {
        Encoding::Utf16
    };
    let versioned_edits = capabilities
        .workspace
        .as_ref()
        .and_then(|workspace| workspace.workspace_edit.as_ref()?.document_changes)
        .unwrap_or(false);
    Agreed {
        encoding,
        versioned_edits,
    }
}

pub(crate) fn place(position: lsp::Position) -> Place {
    (position.line, position.character)
}

pub(crate) fn change(event: lsp::TextDocumentContentChangeEvent) -> Change {
    Change {
        places: event
            .range
            .map(|range| (place(range.start), place(range.end))),
        text: event.text,
    }
}
