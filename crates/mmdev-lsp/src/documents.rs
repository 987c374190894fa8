//! The open documents: their text, as the editor says it, and what is to be published of them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use mmdev_core::diagnostic::Diagnostic;
use mmdev_core::editor::Document;
use mmdev_core::index::{PackageIndex, Scope};
use mmdev_core::text::Span;
use tokio::time::Instant;

use crate::protocol::lsp::Uri;
use crate::text::{Encoding, Place, Text};

/// Bytes beyond which a file is left alone: no spec is that long, and reading one takes seconds.
const LONGEST: usize = 1 << 20;

/// One version of an open document.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) text: Text,
    /// Read when somebody first asks: of a burst of changes only the last version is.
    document: OnceLock<Option<Document>>,
}

impl Snapshot {
    fn new(uri: Uri, version: i32, text: Text) -> Self {
        Snapshot {
            uri,
            version,
            text,
            document: OnceLock::new(),
        }
    }

    /// The document, where it is a spec.
    pub(crate) fn spec(&self) -> Option<&Document> {
        self.document().filter(|document| document.is_spec())
    }

    /// The document, unless it is too long to be a spec.
    pub(crate) fn document(&self) -> Option<&Document> {
        let text = self.text.as_str();
        self.document
            .get_or_init(|| {
                let path = self.uri.path().decode().to_string_lossy();
                (text.len() <= LONGEST).then(|| Document::new(&path, text.to_owned()))
            })
            .as_ref()
    }
}

/// A change of a document's text; without places, its whole text.
pub(crate) struct Change {
    pub(crate) places: Option<(Place, Place)>,
    pub(crate) text: String,
}

/// An index and what it was asked about.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) scope: Scope,
    pub(crate) index: Arc<dyn PackageIndex>,
    /// Whether another one would know more.
    pub(crate) is_old: bool,
}

impl Asked {
    /// Whether it can say something about a document of that scope: of a name that it was not asked about it knows
    /// nothing, but of other channels it would say what is wrong.
    pub(crate) fn is_about(&self, scope: &Scope) -> bool {
        self.scope.channels == scope.channels && self.scope.platforms == scope.platforms
    }
}

/// An open document.
pub(crate) struct Open {
    pub(crate) snapshot: Arc<Snapshot>,
    /// Whether its diagnostics are to be looked at again.
    pub(crate) is_stale: bool,
    /// When the index is to be asked about what the document names now.
    pub(crate) ask_at: Option<Instant>,
    pub(crate) asked: Option<Asked>,
    /// What was last published, and of which version; `None` while nothing was.
    pub(crate) published: Option<(i32, Vec<Diagnostic>)>,
}

/// All open documents, by their address.
#[derive(Default)]
pub(crate) struct Documents {
    open: HashMap<String, Open>,
    /// Documents that were closed with findings on display.
    closed: Vec<Uri>,
}

impl Documents {
    pub(crate) fn open(&mut self, uri: Uri, version: i32, text: String) {
        let published = self
            .open
            .remove(uri.as_str())
            .and_then(|open| open.published);
        let open = Open {
            snapshot: Arc::new(Snapshot::new(uri.clone(), version, Text::new(text))),
            is_stale: true,
            ask_at: Some(Instant::now()),
            asked: None,
            published,
        };
        self.open.insert(uri.as_str().to_owned(), open);
    }

    /// Applies `changes`, each to the text that the one before it left.
    pub(crate) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<Change>,
        encoding: Encoding,
        ask_at: Instant,
    ) {
        let Some(open) = self.open.get_mut(uri.as_str()) else {
            return;
        };
        for change in changes {
            let text = match change.places {
                None => Text::new(change.text),
                Some((start, end)) => {
                    let text = &open.snapshot.text;
                    let start = text.offset(start, encoding);
                    let end = text.offset(end, encoding).max(start);
                    text.with(Span::new(start, end), &change.text)
                }
            };
            open.snapshot = Arc::new(Snapshot::new(uri.clone(), version, text));
        }
        open.is_stale = true;
        open.ask_at = Some(ask_at);
    }

    pub(crate) fn close(&mut self, uri: &Uri) {
        let shows = |open: &Open| {
            open.published
                .as_ref()
                .is_some_and(|(_, diagnostics)| !diagnostics.is_empty())
        };
        if self.open.remove(uri.as_str()).as_ref().is_some_and(shows) {
            self.closed.push(uri.clone());
        }
    }

    pub(crate) fn get(&self, uri: &Uri) -> Option<&Open> {
        self.open.get(uri.as_str())
    }

    pub(crate) fn get_mut(&mut self, uri: &Uri) -> Option<&mut Open> {
        self.open.get_mut(uri.as_str())
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Open> {
        self.open.values_mut()
    }

    pub(crate) fn take_closed(&mut self) -> Vec<Uri> {
        std::mem::take(&mut self.closed)
    }
}
