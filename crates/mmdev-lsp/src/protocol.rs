//! The one place that names the framework, tower-lsp (its maintained fork): the types of the protocol, what a server is
//! made of, and the way to the editor.

pub(crate) use tower_lsp::jsonrpc::{Error, Result};
pub(crate) use tower_lsp::ls_types as lsp;
pub(crate) use tower_lsp::{LanguageServer, LspService, Server};

use tower_lsp::Client;

/// The way to the editor.
pub(crate) struct Editor(Client);

impl Editor {
    pub(crate) fn new(client: Client) -> Self {
        Editor(client)
    }

    pub(crate) async fn publish(
        &self,
        uri: lsp::Uri,
        diagnostics: Vec<lsp::Diagnostic>,
        version: Option<i32>,
    ) {
        self.0.publish_diagnostics(uri, diagnostics, version).await;
    }
}
