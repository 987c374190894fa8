//! The small watch of `mmdev check --watch`: the same thing again on every change of the files that it read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::debounce::Debouncer;
use super::files::Files;
use super::signals::Signals;
use crate::engine;
use crate::error::{Result, Status};
use crate::load::counted;
use crate::printer::Printer;

/// Does `round` now, and again whenever a file has other bytes, until Ctrl-C. `paths` are the files of interest, those
/// of the first round; each round gives those of the next. A round that fails is said, and the next change waited for.
pub(crate) fn follow(
    printer: &Printer,
    folder: &Path,
    mut paths: BTreeSet<PathBuf>,
    mut round: impl FnMut() -> Result<BTreeSet<PathBuf>>,
) -> Result {
    engine::block_on(async {
        // Nobody but Ctrl-C ends it.
        let (_stop, stops) = mpsc::channel(1);
        let mut signals = Signals::new(stops)?;
        let mut files = Files::new(folder, printer);
        let start = Instant::now();
        loop {
            // What changes from here on is another round.
            files.watch(paths.clone(), printer)?;
            files.take();
            printer.clear();
            match round() {
                Ok(next) => paths = next,
                Err(error) => printer.error(&error),
            }
            files.watch(paths.clone(), printer)?;
            let count = counted(paths.iter().filter(|path| path.is_file()).count(), "file");
            printer.status("Watching", &format!("{count}; Ctrl-C ends it"));
            let mut debouncer = Debouncer::default();
            loop {
                let quiet = async {
                    match debouncer.deadline() {
                        Some(time) => tokio::time::sleep_until(start + time).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    _ = signals.next() => return Ok(Status::Interrupted),
                    () = files.changed() => debouncer.change(start.elapsed()),
                    () = quiet => {
                        let now = start.elapsed();
                        if files.is_half_written() && debouncer.wait_on(now) {
                            continue;
                        }
                        debouncer.take(now);
                        // A folder may be another one than before.
                        files.watch(paths.clone(), printer)?;
                        if !files.take().is_empty() {
                            break;
                        }
                    }
                }
            }
        }
    })
}
