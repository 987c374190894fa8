//! This side's terminal: raw mode, its size, and its input as a channel.

use std::io::Read;

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, channel};

use crate::error::Error;

/// The terminal passes every key on, until this is dropped.
#[derive(Debug)]
pub struct RawMode(());

impl RawMode {
    /// Switches the terminal to raw mode.
    ///
    /// # Errors
    /// [`Error::Terminal`] when there is none.
    pub fn enable() -> Result<RawMode, Error> {
        crossterm::terminal::enable_raw_mode().map_err(|source| Error::Terminal { source })?;
        Ok(RawMode(()))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Nobody is left to tell.
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// The size of the terminal in columns and rows, if there is one.
pub fn terminal_size() -> Option<(u16, u16)> {
    crossterm::terminal::size().ok()
}

/// The size of the terminal now, and whenever it changes. To be called within the runtime.
pub fn resizes() -> Receiver<(u16, u16)> {
    let (sender, receiver) = channel(4);
    tokio::spawn(async move {
        let mut last = None;
        let mut changes = Changes::new();
        loop {
            let size = terminal_size();
            if size != last
                && let Some(size) = size
                && sender.send(size).await.is_err()
            {
                return;
            }
            last = size;
            tokio::select! {
                () = changes.next() => {}
                () = sender.closed() => return,
            }
        }
    });
    receiver
}

/// Moments at which the size may have changed: SIGWINCH, or a regular look where there is no such signal.
struct Changes {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Changes {
    fn new() -> Changes {
        Changes {
            #[cfg(unix)]
            signal: {
                use tokio::signal::unix::{SignalKind, signal};
                signal(SignalKind::window_change()).ok()
            },
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal {
            signal.recv().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

/// This process's input, read on a thread of its own. The thread waits for input that may never come, and ends with
/// the process; so this is to be called once.
pub fn read_stdin() -> Receiver<Bytes> {
    let (sender, receiver) = channel(16);
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 8192];
        let mut stdin = std::io::stdin().lock();
        loop {
            match stdin.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    let bytes = Bytes::copy_from_slice(&buffer[..count]);
                    if sender.blocking_send(bytes).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    });
    receiver
}
