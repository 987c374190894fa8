//! What a session holds: the open documents, what was agreed on with the client, and the way to the world.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use mmdev_core::diagnostic::Diagnostic;
use mmdev_core::index::PackageIndex;
use mmdev_core::lint::Surroundings;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::documents::{Change, Documents, Open, Snapshot};
use crate::host::Host;
use crate::protocol::lsp::Uri;
use crate::text::Encoding;

/// How long nobody must have typed before the index is asked about new names: half a name is none.
const QUIET: Duration = Duration::from_millis(250);

/// What client and server agreed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed {
    /// What a column counts.
    pub(crate) encoding: Encoding,
    /// Whether the client checks the version of a document before it edits it.
    pub(crate) versioned_edits: bool,
}

/// One session, from `initialize` to `exit`.
pub(crate) struct Session {
    host: Arc<dyn Host>,
    documents: Mutex<Documents>,
    agreed: OnceLock<Agreed>,
    changed: Notify,
}

impl Session {
    pub(crate) fn new(host: Arc<dyn Host>) -> Self {
        Session {
            host,
            documents: Mutex::default(),
            agreed: OnceLock::new(),
            changed: Notify::new(),
        }
    }

    pub(crate) fn agree(&self, agreed: Agreed) {
        // A second `initialize` is refused by the framework.
        let _ = self.agreed.set(agreed);
    }

    pub(crate) fn agreed(&self) -> Agreed {
        self.agreed.get().copied().unwrap_or(Agreed {
            encoding: Encoding::Utf16,
            versioned_edits: false,
        })
    }

    pub(crate) fn host(&self) -> &dyn Host {
        &*self.host
    }

    /// The documents. Nobody holds them while reading a text or asking the host.
    pub(crate) fn documents(&self) -> MutexGuard<'_, Documents> {
        // What is inside is whole between two calls, also when a caller panicked.
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a document was opened, changed or closed.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(crate) fn open(&self, uri: Uri, version: i32, text: String) {
        self.documents().open(uri, version, text);
        self.changed.notify_one();
    }

    pub(crate) fn change(&self, uri: &Uri, version: i32, changes: Vec<Change>) {
        let encoding = self.agreed().encoding;
        let ask_at = Instant::now() + QUIET;
        self.documents()
            .change(uri, version, changes, encoding, ask_at);
        self.changed.notify_one();
    }

    pub(crate) fn close(&self, uri: &Uri) {
        self.documents().close(uri);
        self.changed.notify_one();
    }

    pub(crate) fn snapshot(&self, uri: &Uri) -> Option<Arc<Snapshot>> {
        Some(self.documents().get(uri)?.snapshot.clone())
    }

    /// What is known by now about what the spec names.
    pub(crate) fn index(&self, snapshot: &Snapshot) -> Option<Arc<dyn PackageIndex>> {
        let scope = snapshot.spec()?.scope(&self.surroundings(snapshot));
        Some(self.host.index(&scope))
    }

    /// What is known by now of the project around the document.
    pub(crate) fn surroundings(&self, snapshot: &Snapshot) -> Arc<Surroundings> {
        self.host
            .surroundings(&snapshot.uri.path().decode().to_string_lossy())
    }

    /// What is wrong with the document, by the index that was last asked about it.
    pub(crate) fn diagnostics(&self, snapshot: &Snapshot) -> Vec<Diagnostic> {
        let asked = self
            .documents()
            .get(&snapshot.uri)
            .and_then(|open: &Open| open.asked.clone());
        let judged = snapshot.document().filter(|document| document.is_judged());
        let Some(document) = judged else {
            return Vec::new();
        };
        let around = self.surroundings(snapshot);
        let asked = asked.filter(|asked| asked.is_about(&document.scope(&around)));
        document.diagnostics(&around, asked.as_ref().map(|asked| &*asked.index))
    }
}
