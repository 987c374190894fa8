//! `mmdev lsp`: the language server over stdin and stdout, which belong to the protocol alone.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mmdev_conda::Channels;
use mmdev_core::index::{PackageIndex, Scope};
use mmdev_core::lint::Surroundings;
use mmdev_lsp::{Ending, Host};
use tokio::sync::watch;

use crate::channels;
use crate::error::{Error, Result, Status};
use crate::surroundings::Projects;

/// How often is looked whether `mmdev lock` ran beside the editor, which does not say so.
const LOCKS_HOLD: Duration = Duration::from_secs(2);

/// Serves one editor until it leaves. It takes what is known of channels from a cache, and asks them unless offline.
pub(crate) fn lsp(offline: bool) -> Result {
    let config = channels::config(offline)?;
    // Threads of their own, so that reading a channel's list never holds up an answer.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Error::world(anyhow::Error::new(error).context("cannot start the runtime"))
        })?;
    let ending = runtime.block_on(async {
        let host = World::new(Channels::new(config));
        mmdev_lsp::serve(tokio::io::stdin(), tokio::io::stdout(), Arc::new(host)).await
    });
    // A thread still waits for stdin, and nobody for what channels would answer.
    runtime.shutdown_background();
    Ok(match ending {
        Ending::Orderly => Status::Done,
        // As the protocol asks of a server that is told to exit before it was told to shut down.
        Ending::Abrupt => Status::Problems,
    })
}

/// The world for the server: what channels have, and the projects that specs belong to.
struct World {
    channels: Channels,
    projects: Arc<Projects>,
    changes: watch::Sender<u64>,
}

impl World {
    /// Needs a runtime, in which it hands on what either of the two has to say.
    fn new(channels: Channels) -> Self {
        let projects = Arc::new(Projects::default());
        let changes = watch::Sender::new(0);
        for mut source in [channels.changes(), projects.changes()] {
            let changes = changes.clone();
            tokio::spawn(async move {
                while source.changed().await.is_ok() {
                    changes.send_modify(|count| *count += 1);
                }
            });
        }
        let watched = Arc::clone(&projects);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOCKS_HOLD).await;
                watched.look_at_locks();
            }
        });
        World {
            channels,
            projects,
            changes,
        }
    }
}

impl Host for World {
    fn index(&self, scope: &Scope) -> Arc<dyn PackageIndex> {
        self.channels.index(scope)
    }

    fn surroundings(&self, path: &str) -> Arc<Surroundings> {
        Arc::new(Surroundings {
            conda_names: self.channels.conda_names(),
            ..self.projects.around_at_once(Path::new(path))
        })
    }

    fn index_changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
