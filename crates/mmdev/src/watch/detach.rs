//! One watch for a project, in a terminal or in the background. What others need to find it stands in
//! `mmdev/watch/HASH` of the user's state folder: `lock` (held while it runs, with the process's id in it), `socket`
//! (tells how it stands, and takes the word `stop`), `state.json`, and `log` of one in the background.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, Status};
use crate::printer::Printer;
use crate::settings::Request;

/// What a client sends to end a watch.
#[cfg(unix)]
const STOP: &str = "stop\n";

/// The folder of the watch of one project.
#[derive(Debug, Clone)]
pub(super) struct Place(PathBuf);

impl Place {
    /// The place of the project at `root`.
    pub(super) fn of(root: &Path) -> Result<Place> {
        let Some(state) = crate::environment::state_folder() else {
            return Err(Error::invocation(
                "neither XDG_STATE_HOME nor HOME is set to an absolute path",
            )
            .with_hint("set HOME: a watch keeps its state there"));
        };
        // The path of a socket must be shorter than 108 bytes, so the folder has the hash of the name alone.
        let project = crate::target::identity(root, "")?.project;
        let hash = project.rsplit('-').next().unwrap_or(&project);
        Ok(Place(state.join("mmdev").join("watch").join(hash)))
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    #[cfg(unix)]
    fn log(&self) -> PathBuf {
        self.0.join("log")
    }
}

#[cfg(unix)]
pub(super) use unix::{Hold, serve};

#[cfg(unix)]
mod unix {
    use std::fs::{DirBuilder, File, TryLockError};
    use std::io::{self, Read, Seek, Write};
    use std::os::unix::fs::DirBuilderExt;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::{mpsc, watch};

    use super::{Error, Path, PathBuf, Place, Result, STOP};

    impl Place {
        pub(super) fn socket(&self) -> PathBuf {
            self.0.join("socket")
        }

        fn failed(&self, what: &str, error: io::Error) -> Error {
            let context = format!("cannot {what} in {}", self.0.display());
            Error::world(anyhow::Error::new(error).context(context))
        }

        /// Makes the folder, for its owner alone.
        pub(super) fn make(&self) -> Result<()> {
            let made = DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.0);
            made.map_err(|error| self.failed("make the folder", error))
        }
    }

    /// Keeps others from watching the same project while it lives.
    pub(in crate::watch) struct Hold {
        place: Place,
        listener: Option<UnixListener>,
        _lock: File,
    }

    impl Hold {
        /// Refused where another watch of the project runs.
        pub(in crate::watch) fn take(place: Place, root: &Path) -> Result<Hold> {
            place.make()?;
            let file = File::options()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(place.0.join("lock"));
            let mut lock = file.map_err(|error| place.failed("open the lock", error))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    let _ = lock.read_to_string(&mut holder);
                    return Err(super::runs_already(root, holder.trim()));
                }
                Err(TryLockError::Error(error)) => return Err(place.failed("lock", error)),
            }
            let noted = lock
                .set_len(0)
                .and_then(|()| lock.rewind())
                .and_then(|()| lock.write_all(std::process::id().to_string().as_bytes()));
            noted.map_err(|error| place.failed("write the lock", error))?;
            // One that was killed has left its socket.
            let _ = std::fs::remove_file(place.socket());
            let listener = UnixListener::bind(place.socket())
                .map_err(|error| place.failed("listen", error))
                .map_err(|error| error.with_hint("set XDG_STATE_HOME to a short path"))?;
            Ok(Hold {
                place,
                listener: Some(listener),
                _lock: lock,
            })
        }

        /// Where clients come in; it is there once.
        pub(in crate::watch) fn listener(&mut self) -> Option<UnixListener> {
            self.listener.take()
        }
    }

    impl Drop for Hold {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(self.place.socket());
        }
    }

    /// Tells every client how the watch stands, and `stops` that one of them wants it to end. Who asked for that hears
    /// the end of the connection when the process has ended.
    pub(in crate::watch) async fn serve(
        listener: UnixListener,
        line: watch::Receiver<String>,
        stops: mpsc::Sender<()>,
    ) {
        let mut waiting = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let client = tokio::spawn(talk(stream, line.clone(), stops.clone()));
            waiting.retain(|client: &tokio::task::JoinHandle<_>| !client.is_finished());
            waiting.push(client);
        }
    }

    async fn talk(
        mut stream: UnixStream,
        mut line: watch::Receiver<String>,
        stops: mpsc::Sender<()>,
    ) {
        let Ok(line) = line
            .wait_for(|line| !line.is_empty())
            .await
            .map(|line| line.clone())
        else {
            return;
        };
        let mut word = vec![0; STOP.len()];
        let told = stream.write_all(line.as_bytes()).await;
        if told.is_ok()
            && stream.read_exact(&mut word).await.is_ok()
            && word == STOP.as_bytes()
            && stops.send(()).await.is_ok()
        {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn runs_already(root: &Path, pid: &str) -> Error {
    Error::invocation(format!(
        "an mmdev watch of {} runs already (process {pid})",
        root.display()
    ))
    .with_hint("end it: mmdev watch --stop")
}

/// Starts a watch in the background, and comes back when it stands.
#[cfg(unix)]
pub(crate) fn start(printer: &Printer, request: &Request, root: &Path, recreate: bool) -> Result {
    use std::io::{BufRead, BufReader};
    use std::os::unix::net::UnixStream;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    /// How often the new process is looked for.
    const PAUSE: Duration = Duration::from_millis(20);

    let place = Place::of(root)?;
    place.make()?;
    // Before anything is started.
    unlocked(&place, root)?;
    let io = |what: &str, error| {
        let context = format!("cannot {what}");
        Error::world(anyhow::Error::new(error).context(context))
    };
    let log = std::fs::File::create(place.log()).map_err(|error| io("write the log", error))?;
    let errors = log
        .try_clone()
        .map_err(|error| io("write the log", error))?;
    let program = std::env::current_exe().map_err(|error| io("find mmdev", error))?;
    let mut child = Command::new(program)
        .args(["watch", "--detached"])
        .args(recreate.then_some("--recreate"))
        .args(request.arguments())
        .env(crate::environment::MESSAGE_FORMAT, "human")
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|error| io("start mmdev", error))?;
    loop {
        if let Ok(stream) = UnixStream::connect(place.socket()) {
            let mut line = String::new();
            // One that ends before it says anything has failed.
            if matches!(BufReader::new(stream).read_line(&mut line), Ok(1..)) {
                if printer.is_json() {
                    printer.stdout(&line);
                }
                break;
            }
        }
        let ended = child.try_wait().map_err(|error| io("start mmdev", error))?;
        if let Some(status) = ended {
            let mut error = Error::world(anyhow::anyhow!("the watch ended at once: {status}"));
            let log = std::fs::read_to_string(place.log()).unwrap_or_default();
            error.log = log.lines().map(str::to_owned).collect();
            return Err(error);
        }
        std::thread::sleep(PAUSE);
    }
    printer.status(
        "Watching",
        &format!(
            "{} in the background (process {})",
            root.display(),
            child.id()
        ),
    );
    printer.note(&format!(
        "\nNext: mmdev watch --stop ends it. What it says is in {}",
        place.log().display()
    ));
    Ok(Status::Done)
}

/// Fails where a watch runs.
#[cfg(unix)]
fn unlocked(place: &Place, root: &Path) -> Result<()> {
    let path = place.folder().join("lock");
    let Ok(mut lock) = std::fs::File::open(path) else {
        return Ok(());
    };
    if matches!(
        lock.try_lock_shared(),
        Err(std::fs::TryLockError::WouldBlock)
    ) {
        let mut holder = String::new();
        let _ = std::io::Read::read_to_string(&mut lock, &mut holder);
        return Err(runs_already(root, holder.trim()));
    }
    Ok(())
}

/// Ends the watch of a project, and comes back when it has ended.
#[cfg(unix)]
pub(crate) fn stop(printer: &Printer, root: &Path) -> Result {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    let Ok(mut stream) = UnixStream::connect(Place::of(root)?.socket()) else {
        printer.note("No watch runs here.");
        return Ok(Status::Done);
    };
    let mut said = Vec::new();
    // A watch that ends in between has done what is wanted.
    let _ = stream.write_all(STOP.as_bytes());
    let _ = stream.read_to_end(&mut said);
    printer.status("Stopped", &format!("the watch of {}", root.display()));
    Ok(Status::Done)
}

/// No socket of that kind is there.
#[cfg(not(unix))]
pub(crate) fn start(_: &Printer, _: &Request, _: &Path, _: bool) -> Result {
    Err(
        Error::invocation("a watch in the background needs Linux, macOS or WSL")
            .with_hint("let it run in a terminal: mmdev watch"),
    )
}

/// There is never one.
#[cfg(not(unix))]
pub(crate) fn stop(printer: &Printer, _: &Path) -> Result {
    printer.note("No watch runs in the background here.");
    Ok(Status::Done)
}
