//! The server itself: messages in, calls of the session and of the core, answers out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mmdev_core::editor::Document;
use mmdev_core::text::Span;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::documents::Snapshot;
use crate::host::Host;
use crate::protocol::{Editor, Error, LanguageServer, LspService, Result, Server, lsp};
use crate::session::Session;
use crate::text::Encoding;
use crate::{from_lsp, publisher, to_lsp};

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client said goodbye (`shutdown`, then `exit`).
    Orderly,
    /// The client went away without that.
    Abrupt,
}

/// Serves one client, until it says `exit` or its end of the stream is closed. Needs a tokio runtime with time.
pub async fn serve(
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite,
    host: Arc<dyn Host>,
) -> Ending {
    let session = Arc::new(Session::new(host));
    let was_shut_down = Arc::new(AtomicBool::new(false));
    let mut publishing = None;
    let (service, socket) = LspService::new(|client| {
        publishing = Some(publisher::run(session.clone(), Editor::new(client)));
        Backend {
            session: session.clone(),
            was_shut_down: was_shut_down.clone(),
        }
    });
    // A task of its own: it waits for a client that does not read, and handlers must not.
    let publishing = publishing.map(tokio::spawn);
    Server::new(input, output, socket).serve(service).await;
    if let Some(publishing) = publishing {
        publishing.abort();
    }
    match was_shut_down.load(Ordering::Relaxed) {
        true => Ending::Orderly,
        false => Ending::Abrupt,
    }
}

struct Backend {
    session: Arc<Session>,
    was_shut_down: Arc<AtomicBool>,
}

impl Backend {
    /// The answer about a spec, out of its newest version; `None` where it is not open or no spec. A bug that panics
    /// ends this one answer, not the server.
    fn answer<T>(
        &self,
        uri: &lsp::Uri,
        answer: impl FnOnce(&Snapshot, &Document, Encoding) -> Option<T>,
    ) -> Result<Option<T>> {
        guarded(|| {
            let snapshot = self.session.snapshot(uri)?;
            answer(&snapshot, snapshot.spec()?, self.session.agreed().encoding)
        })
    }
}

/// What `work` gives, or an error of this one request where it panics, which the panic hook has reported.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Error::internal_error())
}

impl LanguageServer for Backend {
    async fn initialize(&self, parameters: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        self.session
            .agree(from_lsp::agreed(&parameters.capabilities));
        Ok(lsp::InitializeResult {
            capabilities: capabilities(self.session.agreed().encoding),
            server_info: Some(lsp::ServerInfo {
                name: "mmdev".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..lsp::InitializeResult::default()
        })
    }

    async fn shutdown(&self) -> Result<()> {
        self.was_shut_down.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn did_open(&self, parameters: lsp::DidOpenTextDocumentParams) {
        let document = parameters.text_document;
        let _ = guarded(|| {
            self.session
                .open(document.uri, document.version, document.text);
        });
    }

    async fn did_change(&self, parameters: lsp::DidChangeTextDocumentParams) {
        let document = parameters.text_document;
        let changes = parameters.content_changes.into_iter();
        let changes = changes.map(from_lsp::change).collect();
        let _ = guarded(|| {
            self.session
                .change(&document.uri, document.version, changes);
        });
    }

    async fn did_close(&self, parameters: lsp::DidCloseTextDocumentParams) {
        let _ = guarded(|| self.session.close(&parameters.text_document.uri));
    }

    // Nothing depends on these; the framework would log an error for each.
    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {}
    async fn did_change_configuration(&self, _: lsp::DidChangeConfigurationParams) {}
    async fn did_change_watched_files(&self, _: lsp::DidChangeWatchedFilesParams) {}
    async fn did_change_workspace_folders(&self, _: lsp::DidChangeWorkspaceFoldersParams) {}

    async fn hover(&self, parameters: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let at = parameters.text_document_position_params;
        self.answer(&at.text_document.uri, |snapshot, document, encoding| {
            let offset = snapshot.text.offset(from_lsp::place(at.position), encoding);
            let diagnostics = self.session.diagnostics(snapshot);
            let index = self.session.index(snapshot);
            let around = self.session.surroundings(snapshot);
            let hover = document.hover(offset, &diagnostics, &around, index.as_deref())?;
            Some(to_lsp::hover(hover, &snapshot.text, encoding))
        })
    }

    async fn completion(
        &self,
        parameters: lsp::CompletionParams,
    ) -> Result<Option<lsp::CompletionResponse>> {
        let at = parameters.text_document_position;
        guarded(|| {
            let snapshot = self.session.snapshot(&at.text_document.uri)?;
            let encoding = self.session.agreed().encoding;
            let offset = snapshot.text.offset(from_lsp::place(at.position), encoding);
            let index = self.session.index(&snapshot);
            // Also of an empty file, which is no spec yet.
            let completions = snapshot.document()?.completion(offset, index.as_deref());
            Some(to_lsp::completions(completions, &snapshot.text, encoding))
        })
    }

    async fn code_action(
        &self,
        parameters: lsp::CodeActionParams,
    ) -> Result<Option<lsp::CodeActionResponse>> {
        let agreed = self.session.agreed();
        let uri = &parameters.text_document.uri;
        self.answer(uri, |snapshot, document, encoding| {
            let offset = |position| snapshot.text.offset(from_lsp::place(position), encoding);
            let start = offset(parameters.range.start);
            let span = Span::new(start, offset(parameters.range.end).max(start));
            let diagnostics = self.session.diagnostics(snapshot);
            let is_wanted = |action: &lsp::CodeAction| {
                parameters.context.only.as_ref().is_none_or(|kinds| {
                    let own = action.kind.as_ref();
                    kinds
                        .iter()
                        .any(|kind| own.is_some_and(|own| is_kind(own, kind)))
                })
            };
            let actions = document
                .actions(span, &diagnostics)
                .iter()
                .map(|action| to_lsp::action(action, snapshot, agreed))
                .filter(is_wanted)
                .map(lsp::CodeActionOrCommand::CodeAction)
                .collect();
            Some(actions)
        })
    }

    async fn formatting(
        &self,
        parameters: lsp::DocumentFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        let uri = &parameters.text_document.uri;
        self.answer(uri, |snapshot, document, encoding| {
            Some(to_lsp::formatting(&document.format(), snapshot, encoding))
        })
    }

    async fn document_symbol(
        &self,
        parameters: lsp::DocumentSymbolParams,
    ) -> Result<Option<lsp::DocumentSymbolResponse>> {
        let uri = &parameters.text_document.uri;
        self.answer(uri, |snapshot, document, encoding| {
            let symbols = document.symbols().into_iter();
            let symbols = symbols.map(|symbol| to_lsp::symbol(symbol, &snapshot.text, encoding));
            Some(lsp::DocumentSymbolResponse::Nested(symbols.collect()))
        })
    }

    async fn folding_range(
        &self,
        parameters: lsp::FoldingRangeParams,
    ) -> Result<Option<Vec<lsp::FoldingRange>>> {
        let uri = &parameters.text_document.uri;
        self.answer(uri, |snapshot, document, encoding| {
            let folds = document.folds().into_iter();
            let folds = folds.map(|fold| to_lsp::fold(fold, &snapshot.text, encoding));
            Some(folds.collect())
        })
    }
}

/// Whether `own` is `wanted` or a kind of it, as `source.fixAll.mmdev` is of `source`.
fn is_kind(own: &lsp::CodeActionKind, wanted: &lsp::CodeActionKind) -> bool {
    own.as_str()
        .strip_prefix(wanted.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn capabilities(encoding: Encoding) -> lsp::ServerCapabilities {
    lsp::ServerCapabilities {
        position_encoding: Some(to_lsp::encoding(encoding)),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(
            lsp::TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
                ..lsp::TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(["=", "<", ">", ",", ":"].map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(
            lsp::CodeActionOptions {
                code_action_kinds: Some(vec![lsp::CodeActionKind::QUICKFIX, to_lsp::FIX_ALL]),
                ..lsp::CodeActionOptions::default()
            },
        )),
        document_formatting_provider: Some(lsp::OneOf::Left(true)),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        folding_range_provider: Some(lsp::FoldingRangeProviderCapability::Simple(true)),
        ..lsp::ServerCapabilities::default()
    }
}
