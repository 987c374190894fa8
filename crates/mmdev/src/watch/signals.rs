//! How somebody ends a watch: Ctrl-C, the signals by which a system ends programs, or `mmdev watch --stop`.

use tokio::sync::mpsc;

use crate::error::Result;

/// Who wants the watch to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// A person or the system, in the middle of whatever is done.
    Interrupt,
    /// `mmdev watch --stop`.
    Stop,
}

/// Listens to all of them.
pub(super) struct Signals {
    #[cfg(unix)]
    caught: [tokio::signal::unix::Signal; 3],
    stops: mpsc::Receiver<()>,
}

impl Signals {
    /// From now on these signals do not end the process by themselves.
    pub(super) fn new(stops: mpsc::Receiver<()>) -> Result<Signals> {
        #[cfg(unix)]
        let caught = {
            use tokio::signal::unix::{SignalKind, signal};
            let listen = |kind| {
                signal(kind).map_err(|error| {
                    crate::error::Error::world(
                        anyhow::Error::new(error).context("cannot listen for signals"),
                    )
                })
            };
            [
                listen(SignalKind::interrupt())?,
                listen(SignalKind::terminate())?,
                listen(SignalKind::hangup())?,
            ]
        };
        Ok(Signals {
            #[cfg(unix)]
            caught,
            stops,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        #[cfg(unix)]
        let caught = async {
            let [interrupt, terminate, hangup] = &mut self.caught;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        };
        #[cfg(not(unix))]
        let caught = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        tokio::select! {
            () = caught => Signal::Interrupt,
            Some(()) = self.stops.recv() => Signal::Stop,
        }
    }
}
