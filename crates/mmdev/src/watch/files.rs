//! Which files have changed. The folders of the files are watched and not the files, because a save may put another
//! file in the place of one, and a checkout another folder. Every symbolic link on the way counts as a file.
//!
//! Only names that are read count: an editor's temporary files (`4913`, `env.yaml~`, `.env.yaml.swp`) are none.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::ffi::OsString;
use std::hash::{Hash, Hasher};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::printer::Printer;

/// How often files are looked at where the file system does not tell.
const POLL: Duration = Duration::from_secs(1);
/// As many symbolic links as Linux follows.
const MOST_LINKS: usize = 40;

/// The names that count, shared with the thread that hears of changes.
type Names = Arc<Mutex<HashSet<PathBuf>>>;

/// What tells a path from what it was at another time, without reading it.
type Stamp = Option<(SystemTime, u64, Option<PathBuf>)>;

/// When a folder was made, where that is known, and its inode.
type Birth = (Option<SystemTime>, u64);

/// The files of a project, watched.
pub(super) struct Files {
    root: PathBuf,
    names: Names,
    wake: Arc<Notify>,
    watcher: Option<RecommendedWatcher>,
    /// The folders that are watched, with what tells a folder from another of its name.
    folders: BTreeMap<PathBuf, Birth>,
    /// The files, with the hash of their bytes when they were last taken.
    files: BTreeMap<PathBuf, Option<u64>>,
    /// Where the file system tells nothing: when to look next, and what was seen last.
    poll: Option<(Instant, BTreeMap<PathBuf, Stamp>)>,
}

impl Files {
    /// Watches nothing yet. Where the system refuses, the files are looked at every second, which is said.
    pub(super) fn new(root: &Path, printer: &Printer) -> Files {
        let names = Names::default();
        let wake = Arc::new(Notify::new());
        let mut files = Files {
            root: root.to_owned(),
            names: names.clone(),
            wake: wake.clone(),
            watcher: None,
            folders: BTreeMap::new(),
            files: BTreeMap::new(),
            poll: None,
        };
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let counts = match &event {
                Ok(event) => counts(event, &names),
                // What was missed is found by looking.
                Err(_) => true,
            };
            if counts {
                wake.notify_one();
            }
        });
        match watcher {
            Ok(watcher) => files.watcher = Some(watcher),
            Err(error) => files.look_instead(printer, &error),
        }
        files
    }

    /// Watches these files from now on, be they there or not. It is called again whenever something has changed,
    /// because a folder may be another one than before.
    pub(super) fn watch(&mut self, files: BTreeSet<PathBuf>, printer: &Printer) -> Result<()> {
        if !self.root.is_dir() {
            return Err(Error::world(anyhow::anyhow!(
                "{} is not there any more",
                self.root.display()
            )));
        }
        let names: HashSet<PathBuf> = files
            .iter()
            .flat_map(|file| trail(&self.root, file))
            .collect();
        let folders: BTreeMap<PathBuf, Birth> = names
            .iter()
            .filter_map(|name| name.parent())
            .filter_map(|folder| Some((folder.to_owned(), birth(folder)?)))
            .collect();
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names;
        self.follow(folders, printer);
        self.files.retain(|file, _| files.contains(file));
        for file in files {
            self.files.entry(file).or_insert_with_key(|file| read(file));
        }
        if self.poll.is_none() && self.folders.keys().any(|folder| is_silent(folder)) {
            printer.detail("the file system tells of no changes: files are looked at every second");
            self.begin_to_look();
        }
        Ok(())
    }

    /// Comes back when something may have changed; it may be called again and dropped at any time.
    pub(super) async fn changed(&mut self) {
        loop {
            let Some((next, _)) = &self.poll else {
                self.wake.notified().await;
                return;
            };
            tokio::select! {
                () = self.wake.notified() => return,
                () = tokio::time::sleep_until(*next) => {}
            }
            let seen = self.stamps();
            let Some((next, last)) = &mut self.poll else {
                return;
            };
            *next = Instant::now() + POLL;
            if *last != seen {
                *last = seen;
                return;
            }
        }
    }

    /// The files that have other bytes than when they were last taken, as paths from the root.
    pub(super) fn take(&mut self) -> Vec<String> {
        let mut changed = Vec::new();
        for (file, last) in &mut self.files {
            let now = read(file);
            if now != *last {
                *last = now;
                let name = file.strip_prefix(&self.root).unwrap_or(file);
                changed.push(name.display().to_string());
            }
        }
        changed
    }

    /// Whether a file has become empty: most programs that write a file in its place empty it first.
    pub(super) fn is_half_written(&self) -> bool {
        let empty = Some(hash(&[]));
        self.files.iter().any(|(file, last)| {
            *last != empty && std::fs::metadata(file).is_ok_and(|file| file.len() == 0)
        })
    }

    /// mmdev itself has given a file of the project this text, or removed it: that is no change.
    pub(super) fn wrote(&mut self, path: &str, text: Option<&str>) {
        if let Some(last) = self.files.get_mut(&self.root.join(path)) {
            *last = text.map(|text| hash(text.as_bytes()));
        }
    }

    /// Watches these folders and no others.
    fn follow(&mut self, folders: BTreeMap<PathBuf, Birth>, printer: &Printer) {
        let Some(watcher) = &mut self.watcher else {
            self.folders = folders;
            return;
        };
        for (folder, birth) in &self.folders {
            if folders.get(folder) != Some(birth) {
                // A folder that is gone is not watched any more, and that is all that is wanted.
                let _ = watcher.unwatch(folder);
            }
        }
        let mut refusal = None;
        for (folder, birth) in &folders {
            if self.folders.get(folder) != Some(birth)
                && let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive)
                // A folder that went away in between is told by its own folder.
                && !matches!(error.kind, ErrorKind::PathNotFound)
            {
                refusal = Some(error);
            }
        }
        self.folders = folders;
        if let Some(error) = refusal {
            self.watcher = None;
            self.look_instead(printer, &error);
        }
    }

    fn look_instead(&mut self, printer: &Printer, error: &notify::Error) {
        let (message, hint) = refusal(error);
        printer.warning(&format!(
            "{message}: files are looked at every second instead"
        ));
        if let Some(hint) = hint {
            printer.hint(&hint);
        }
        self.begin_to_look();
    }

    fn begin_to_look(&mut self) {
        self.poll = Some((Instant::now() + POLL, self.stamps()));
    }

    fn stamps(&self) -> BTreeMap<PathBuf, Stamp> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names
            .iter()
            .map(|name| (name.clone(), stamp(name)))
            .collect()
    }
}

/// Whether an event is about a name that counts. To be read changes nothing, and would never end: mmdev reads.
fn counts(event: &Event, names: &Names) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    event.need_rescan() || event.paths.iter().any(|path| names.contains(path))
}

/// The hash of a file's bytes; `None` where it cannot be read.
fn read(file: &Path) -> Option<u64> {
    std::fs::read(file).ok().map(|bytes| hash(&bytes))
}

/// What tells these bytes from others, in this process.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn stamp(name: &Path) -> Stamp {
    let metadata = std::fs::symlink_metadata(name).ok()?;
    let target = std::fs::read_link(name).ok();
    Some((metadata.modified().ok()?, metadata.len(), target))
}

/// What tells a folder from another one of the same name; `None` where there is no folder.
fn birth(folder: &Path) -> Option<Birth> {
    let metadata = std::fs::metadata(folder).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let number = 0;
    metadata.is_dir().then(|| (metadata.created().ok(), number))
}

/// The paths by whose change `file` may become another file: itself, the folders on the way from the root, and the
/// links on the way with what they lead to, as far as they are there.
fn trail(root: &Path, file: &Path) -> Vec<PathBuf> {
    let (mut current, inside) = match file.strip_prefix(root) {
        Ok(inside) => (root.to_owned(), inside),
        Err(_) => (
            file.parent().unwrap_or(file).to_owned(),
            Path::new(file.file_name().unwrap_or_default()),
        ),
    };
    let mut names = Vec::new();
    let mut links = 0;
    let mut rest: VecDeque<OsString> = inside.iter().map(OsString::from).collect();
    while let Some(component) = rest.pop_front() {
        match Path::new(&component).components().next() {
            Some(Component::ParentDir) => {
                current.pop();
                continue;
            }
            Some(Component::Normal(name)) => current.push(name),
            _ => continue,
        }
        names.push(current.clone());
        let Ok(target) = std::fs::read_link(&current) else {
            continue;
        };
        links += 1;
        if links > MOST_LINKS {
            break;
        }
        current.pop();
        if target.is_absolute() {
            // From there only the last name is followed: watching every folder from `/` would wake us all the time.
            let folder = target.parent().unwrap_or(&target);
            current = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
            if let Some(name) = target.file_name() {
                rest.push_front(name.to_owned());
            }
        } else {
            for part in target.iter().rev() {
                rest.push_front(part.to_owned());
            }
        }
    }
    names
}

/// Why the system refuses to tell of changes, and what to do.
fn refusal(error: &notify::Error) -> (String, Option<String>) {
    let limit = |what: &str, name: &str, value: &str| {
        (
            format!("this machine's limit of {what} is reached (fs.inotify.{name})"),
            Some(format!("raise it: sudo sysctl fs.inotify.{name}={value}")),
        )
    };
    match &error.kind {
        ErrorKind::MaxFilesWatch => limit("watched folders", "max_user_watches", "524288"),
        // EMFILE, as inotify_init(2) documents it.
        ErrorKind::Io(io) if cfg!(target_os = "linux") && io.raw_os_error() == Some(24) => {
            limit("programs that watch folders", "max_user_instances", "1024")
        }
        _ => (format!("changes of files are not told ({error})"), None),
    }
}

/// Whether a folder is on a file system that others change without this machine's kernel knowing (the numbers are
/// those of statfs(2) and linux/magic.h).
#[cfg(target_os = "linux")]
fn is_silent(folder: &Path) -> bool {
    const SILENT: [u32; 9] = [
        0x6969,      // NFS
        0x517b,      // SMB
        0xff53_4d42, // CIFS
        0xfe53_4d42, // SMB2
        0x0102_1997, // 9p: WSL's and virtual machines' folders of the host
        0x6573_5546, // FUSE: sshfs, virtiofs, Docker Desktop's folders of the host
        0x786f_4256, // VirtualBox
        0x00c3_6400, // Ceph
        0x5346_414f, // AFS
    ];
    rustix::fs::statfs(folder).is_ok_and(|system| SILENT.contains(&(system.f_type as u32)))
}

/// Other systems tell of changes of network folders as well, or their watcher looks by itself.
#[cfg(not(target_os = "linux"))]
fn is_silent(_folder: &Path) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::printer::{MessageFormat, Verbosity};

    fn printer() -> Printer {
        Printer::new(MessageFormat::Human, Verbosity::Quiet)
    }

    /// The files `env.yaml` and `sub/deep/x.txt` of a folder, watched, and all links that lead to them.
    struct Watched {
        folder: tempfile::TempDir,
        files: Files,
    }

    impl Watched {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("root")).unwrap();
            let root = folder.path().join("root").canonicalize().unwrap();
            std::fs::write(root.join("env.yaml"), "1").unwrap();
            let mut watched = Watched {
                files: Files::new(&root, &printer()),
                folder,
            };
            watched.arm();
            watched.files.take();
            watched
        }

        fn root(&self) -> PathBuf {
            self.files.root.clone()
        }

        fn arm(&mut self) {
            let files = ["env.yaml", "sub/deep/x.txt"].map(|name| self.root().join(name));
            self.files.watch(files.into(), &printer()).unwrap();
        }

        /// What has changed once something was told.
        async fn told(&mut self) -> Vec<String> {
            let mut changed = Vec::new();
            while changed.is_empty() {
                tokio::time::timeout(Duration::from_secs(20), self.files.changed())
                    .await
                    .expect("nothing was told");
                self.arm();
                changed = self.files.take();
            }
            changed
        }
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(test);
    }

    async fn saves(mut watched: Watched) {
        let root = watched.root();
        let spec = root.join("env.yaml");
        std::fs::write(&spec, "22").unwrap();
        assert_eq!(watched.told().await, ["env.yaml"]);
        // As vim and many others save.
        std::fs::write(root.join("env.yaml~new"), "333").unwrap();
        std::fs::rename(root.join("env.yaml~new"), &spec).unwrap();
        assert_eq!(watched.told().await, ["env.yaml"]);
        std::fs::remove_file(&spec).unwrap();
        assert_eq!(watched.told().await, ["env.yaml"]);
        // Folders that come, and that are replaced by others of their name.
        std::fs::create_dir_all(root.join("sub/deep")).unwrap();
        std::fs::write(root.join("sub/deep/x.txt"), "1").unwrap();
        assert_eq!(watched.told().await, ["sub/deep/x.txt"]);
        std::fs::create_dir_all(root.join("other/deep")).unwrap();
        std::fs::write(root.join("other/deep/x.txt"), "22").unwrap();
        std::fs::rename(root.join("sub"), root.join("old")).unwrap();
        std::fs::rename(root.join("other"), root.join("sub")).unwrap();
        assert_eq!(watched.told().await, ["sub/deep/x.txt"]);
        std::fs::write(root.join("sub/deep/x.txt"), "333").unwrap();
        assert_eq!(watched.told().await, ["sub/deep/x.txt"]);
        // A link: what it leads to, and where it leads.
        let away = watched.folder.path().join("away");
        std::fs::create_dir(&away).unwrap();
        std::fs::write(away.join("real.yaml"), "1").unwrap();
        symlink("real.yaml", away.join("link.yaml")).unwrap();
        symlink(away.join("link.yaml"), &spec).unwrap();
        assert_eq!(watched.told().await, ["env.yaml"]);
        std::fs::write(away.join("real.yaml"), "22").unwrap();
        assert_eq!(watched.told().await, ["env.yaml"]);
        std::fs::write(away.join("other.yaml"), "333").unwrap();
        symlink("other.yaml", away.join("link.new")).unwrap();
        std::fs::rename(away.join("link.new"), away.join("link.yaml")).unwrap();
        assert_eq!(watched.told().await, ["env.yaml"]);
    }

    #[test]
    fn every_way_to_save_is_told() {
        run(saves(Watched::new()));
    }

    #[test]
    fn every_way_to_save_is_found_by_looking() {
        run(async {
            let mut watched = Watched::new();
            let full = notify::Error::new(ErrorKind::MaxFilesWatch);
            watched.files.watcher = None;
            watched.files.look_instead(&printer(), &full);
            saves(watched).await;
        });
    }

    #[test]
    fn what_nobody_reads_is_not_told() {
        run(async {
            let mut watched = Watched::new();
            for name in ["4913", "env.yaml~", ".env.yaml.swp", "#env.yaml#"] {
                std::fs::write(watched.root().join(name), "x").unwrap();
            }
            std::fs::read(watched.root().join("env.yaml")).unwrap();
            // The order of events is that of what happened, so the first that is told is the last one.
            std::fs::write(watched.root().join("env.yaml"), "last").unwrap();
            watched.files.changed().await;
            assert_eq!(watched.files.take(), ["env.yaml"]);
        });
    }

    #[test]
    fn an_empty_file_looks_half_written() {
        let mut watched = Watched::new();
        let spec = watched.root().join("env.yaml");
        assert!(!watched.files.is_half_written());
        std::fs::write(&spec, "").unwrap();
        assert!(watched.files.is_half_written());
        // Somebody means it.
        assert_eq!(watched.files.take(), ["env.yaml"]);
        assert!(!watched.files.is_half_written());
        std::fs::remove_file(&spec).unwrap();
        assert!(!watched.files.is_half_written());
    }

    #[test]
    fn limits_are_named_in_words() {
        let check = |error: notify::Error, expected: &str| {
            let (message, hint) = refusal(&error);
            assert!(message.contains(expected), "{message}");
            assert!(hint.unwrap().contains(expected));
        };
        check(
            notify::Error::new(ErrorKind::MaxFilesWatch),
            "fs.inotify.max_user_watches",
        );
        if cfg!(target_os = "linux") {
            check(
                notify::Error::io(std::io::Error::from_raw_os_error(24)),
                "fs.inotify.max_user_instances",
            );
        }
    }
}
