//! Publishing diagnostics: one task, so that they come in the order of the versions, and of a burst of changes only
//! the last version is looked at.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mmdev_core::diagnostic::Diagnostic;
use mmdev_core::editor::Document;
use tokio::time::{Instant, sleep_until};

use crate::documents::{Asked, Snapshot};
use crate::protocol::Editor;
use crate::protocol::lsp::Uri;
use crate::session::Session;
use crate::to_lsp;

/// Publishes what is wrong with the session's documents for as long as it is polled.
pub(crate) async fn run(session: Arc<Session>, editor: Editor) {
    let mut index_changes = session.host().index_changes();
    let mut index_lives = true;
    loop {
        let next = next_question(&session);
        tokio::select! {
            () = session.changed() => {}
            changed = index_changes.changed(), if index_lives => match changed {
                Ok(()) => ask_anew(&session),
                // The host keeps no index any more.
                Err(_) => index_lives = false,
            },
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
        }
        for uri in take_closed(&session) {
            editor.publish(uri, Vec::new(), None).await;
        }
        for snapshot in stale(&session) {
            // A bug in reading one document must not end the diagnostics of all.
            let found = catch_unwind(AssertUnwindSafe(|| look_at(&session, &snapshot)));
            let Ok(Some(diagnostics)) = found else {
                continue;
            };
            let encoding = session.agreed().encoding;
            let diagnostics = diagnostics
                .iter()
                .map(|diagnostic| to_lsp::diagnostic(diagnostic, &snapshot.text, encoding))
                .collect();
            editor
                .publish(snapshot.uri.clone(), diagnostics, Some(snapshot.version))
                .await;
        }
    }
}

fn take_closed(session: &Session) -> Vec<Uri> {
    session.documents().take_closed()
}

/// When the next document has been quiet for long enough to ask the index about it.
fn next_question(session: &Session) -> Option<Instant> {
    session
        .documents()
        .all_mut()
        .filter_map(|open| open.ask_at)
        .min()
}

/// Has the index asked again about everything. Until then the one that is there does.
fn ask_anew(session: &Session) {
    for open in session.documents().all_mut() {
        if let Some(asked) = &mut open.asked {
            asked.is_old = true;
            open.ask_at.get_or_insert_with(Instant::now);
        }
    }
}

/// The documents to look at. What changes from here on makes them stale again.
fn stale(session: &Session) -> Vec<Arc<Snapshot>> {
    let now = Instant::now();
    session
        .documents()
        .all_mut()
        .filter_map(|open| {
            let is_quiet = open.ask_at.is_some_and(|at| at <= now);
            (std::mem::take(&mut open.is_stale) || is_quiet).then(|| open.snapshot.clone())
        })
        .collect()
}

/// What is to be published of a document; `None` if that is on display already, or a newer version is there.
fn look_at(session: &Session, snapshot: &Arc<Snapshot>) -> Option<Vec<Diagnostic>> {
    let document = snapshot.document();
    let is_judged = document.is_some_and(Document::is_judged);
    if snapshot.spec().is_some() {
        ask_if_quiet(session, snapshot);
    }
    let diagnostics = session.diagnostics(snapshot);
    let mut documents = session.documents();
    let open = documents.get_mut(&snapshot.uri)?;
    if !Arc::ptr_eq(&open.snapshot, snapshot) {
        return None;
    }
    let is_shown = match &open.published {
        // Nothing is said of other files, unless something was before.
        None => !is_judged,
        Some((version, shown)) => {
            *shown == diagnostics && (*version == snapshot.version || !is_judged)
        }
    };
    if snapshot.spec().is_none() {
        open.ask_at = None;
    }
    if !is_judged {
        open.published = None;
    } else {
        open.published = Some((snapshot.version, diagnostics.clone()));
    }
    (!is_shown).then_some(diagnostics)
}

/// Asks the index about what the document names, once nobody types.
fn ask_if_quiet(session: &Session, snapshot: &Arc<Snapshot>) {
    let Some(document) = snapshot.document() else {
        return;
    };
    let scope = document.scope(&session.surroundings(snapshot));
    {
        let mut documents = session.documents();
        let Some(open) = documents.get_mut(&snapshot.uri) else {
            return;
        };
        if open.ask_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        open.ask_at = None;
        let is_new = |asked: &Asked| asked.scope == scope && !asked.is_old;
        if open.asked.as_ref().is_some_and(is_new) {
            return;
        }
    }
    let index = session.host().index(&scope);
    if let Some(open) = session.documents().get_mut(&snapshot.uri) {
        open.asked = Some(Asked {
            scope,
            index,
            is_old: false,
        });
    }
}
