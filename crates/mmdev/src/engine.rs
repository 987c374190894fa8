//! The way to the container engine: a runtime that Ctrl-C interrupts, a connection, and errors with what to do.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use mmdev_docker::{Engine, Environment};

use crate::error::{Error, Result};
use crate::progress::step_name;

/// Runs `work` to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Error::world(anyhow::Error::new(error).context("cannot start the runtime"))
        })?;
    let result = runtime.block_on(work);
    // A thread that waits for the terminal's next key would keep the process from ending.
    runtime.shutdown_background();
    result
}

/// `work`, until it ends or Ctrl-C. Dropping it cancels what it does, in the engine as well; while it holds an
/// [`OwnEnd`], it hears Ctrl-C itself and is dropped at the second one only.
pub(crate) async fn interruptible<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = std::pin::pin!(work);
    let mut is_ending = false;
    loop {
        tokio::select! {
            result = &mut work => return result,
            interrupted = tokio::signal::ctrl_c() => match interrupted {
                Ok(()) if OwnEnd::is_taken() && !is_ending => is_ending = true,
                Ok(()) => return Err(Error::interrupted()),
                Err(error) => return Err(Error::world(
                    anyhow::Error::new(error).context("cannot listen for Ctrl-C"),
                )),
            },
        }
    }
}

/// How many [`OwnEnd`]s there are. Signals are the process's, and so is this.
static OWN_ENDS: AtomicUsize = AtomicUsize::new(0);

/// While it lives, the work under way comes to an end of its own on Ctrl-C: it has something to undo in a container.
pub(crate) struct OwnEnd(());

impl OwnEnd {
    /// From now on.
    pub(crate) fn take() -> Self {
        OWN_ENDS.fetch_add(1, Ordering::Relaxed);
        OwnEnd(())
    }

    /// Whether the work under way ends by itself.
    pub(crate) fn is_taken() -> bool {
        OWN_ENDS.load(Ordering::Relaxed) > 0
    }
}

impl Drop for OwnEnd {
    fn drop(&mut self) {
        OWN_ENDS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the engine's crate wants to know of the environment.
pub(crate) fn environment() -> Environment {
    Environment::from_variables(|name| std::env::var(name).ok())
}

/// Connects to the engine.
pub(crate) async fn connect() -> Result<Engine> {
    Ok(Engine::connect(&environment()).await?)
}

impl From<mmdev_docker::Error> for Error {
    fn from(mut error: mmdev_docker::Error) -> Self {
        use mmdev_docker::Error::{NoAnswer, NotRunning, PermissionDenied, TooOld};
        if let mmdev_docker::Error::Build(failure) = &mut error {
            failure.step = failure.step.as_deref().map(step_name);
        }
        let hint = error.hint();
        let is_absent = matches!(
            error,
            NotRunning { .. } | NoAnswer { .. } | PermissionDenied { .. } | TooOld { .. }
        );
        let log = match &error {
            mmdev_docker::Error::Build(failure) => failure.log_tail.clone(),
            _ => Vec::new(),
        };
        let mut result = Error::world(error);
        result.log = log;
        if let Some(hint) = hint {
            result = result.with_hint(hint);
        }
        if is_absent {
            result = result.with_hint("`mmdev generate` and `mmdev check` work without it");
        }
        result
    }
}
