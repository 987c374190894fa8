//! What is known of the world around a spec, for the rules: the settings of its project, the specs that are merged with
//! it, what its pip section names, a notebook, the day.
//!
//! It is asked for with each spec of thousands, and with each keystroke in one. So what was read is kept for as long as
//! the files that it comes from look the same, and what only a walk through the tree tells is kept for a while.

mod locks;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use mmdev_conda::Names;
use mmdev_core::artifact::devcontainer::DEFAULT_PATH;
use mmdev_core::lint::{self, Date, Selection, Surroundings};
use mmdev_core::project;
use mmdev_core::settings::Settings;
use mmdev_core::spec::{self, EnvSpec};
use tokio::sync::watch;

use self::locks::Locks;
use crate::channels;
use crate::files;
use crate::locate::{self, Place};
use crate::meaning::Machine;
use crate::settings::normalised;
use crate::settings_files;

/// How long it holds where a project's root is, and which notebook it has: to see that, folders have to be walked.
const TREE_HOLDS: Duration = Duration::from_secs(30);

/// Files and folders that are looked at for a notebook. In a tree of more, no notebook is known.
const MOST_ENTRIES: usize = 10_000;

/// How deep a notebook may lie in a project that is a Git work tree, and in others: a spec in a home folder is not all
/// that a person has.
const DEPTHS: (usize, usize) = (8, 2);

/// The surroundings of the spec at `path`, but for what it names itself ([`missing_paths`]): of the project that it
/// belongs to, and PyPI's names as the disk has them.
pub(crate) fn around(path: &Path) -> Surroundings {
    static PROJECTS: LazyLock<Projects> = LazyLock::new(Projects::default);
    static CONDA_NAMES: LazyLock<Names> = LazyLock::new(channels::cached_conda_names);
    Surroundings {
        conda_names: CONDA_NAMES.clone(),
        ..PROJECTS.around(path)
    }
}

/// The paths that `spec`, which stands at `path`, names and that are not there.
pub(crate) fn missing_paths(path: &Path, spec: &EnvSpec) -> BTreeSet<String> {
    let folder = path.parent().unwrap_or(path);
    let named = lint::paths_of(spec).into_iter();
    named
        .filter(|named| look_of(&folder.join(named)).is_none())
        .collect()
}

/// The projects that were asked about.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    known: Mutex<Known>,
    locks: Locks,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Known {
    /// Where folders are.
    places: HashMap<PathBuf, Lasting<Place>>,
    /// The projects, by their roots.
    projects: HashMap<PathBuf, Arc<Project>>,
    /// The notebooks of projects, by their roots; while one is being looked for, what was known before.
    notebooks: HashMap<PathBuf, Lasting<Option<String>>>,
    /// The paths that specs name and that are not there.
    missing_paths: HashMap<PathBuf, Read<BTreeSet<String>>>,
}

/// Something that holds for a while.
#[derive(Debug)]
struct Lasting<T> {
    value: T,
    since: Instant,
}

impl<T> Lasting<T> {
    fn new(value: T) -> Self {
        Lasting {
            value,
            since: Instant::now(),
        }
    }

    fn holds(&self) -> bool {
        self.since.elapsed() < TREE_HOLDS
    }
}

/// Something that holds while files look as they did.
#[derive(Debug)]
struct Read<T> {
    value: T,
    from: Vec<(PathBuf, Look)>,
}

impl<T> Read<T> {
    fn holds(&self) -> bool {
        self.from.iter().all(|(path, look)| look_of(path) == *look)
    }
}

/// When a file was last changed, and its length; `None` where there is none.
type Look = Option<(SystemTime, u64)>;

fn look_of(path: &Path) -> Look {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// What the files of a project say of all its specs.
type Project = Read<Everywhere>;

#[derive(Debug)]
struct Everywhere {
    selection: Selection,
    platforms: Vec<String>,
    /// The specs that are merged into one environment, by their paths from the root.
    merged: Vec<(String, EnvSpec)>,
    /// The locks of specs that the settings name, both by their paths from the root.
    lock_paths: Vec<(String, String)>,
    /// The reference of the base image.
    machine: Machine,
}

impl Everywhere {
    /// The specs that the one at `path` is merged with, itself among them, and how many stand before it.
    fn merged_with(&self, path: &Path, root: &Path) -> Option<(&[(String, EnvSpec)], usize)> {
        let is_this = |other: &str| normalised(&root.join(other)) == path;
        let before = self.merged.iter().position(|(other, _)| is_this(other))?;
        Some((&self.merged, before))
    }
}

impl Projects {
    /// Ticks when the surroundings of some spec are others than [`Projects::around_at_once`] said.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The surroundings of the spec at `path`, but for PyPI's names, which no project says, and what it names itself.
    pub(crate) fn around(&self, path: &Path) -> Surroundings {
        let path = normalised(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let root = self.root(&path);
        if self.is_notebook_unknown(&root) {
            let notebook = find_notebook(&root);
            self.known()
                .notebooks
                .insert(root.clone(), Lasting::new(notebook));
        }
        self.surroundings(&path, &root)
    }

    /// The same as far as it is known without a walk through the tree, which is begun if need be; with the paths that
    /// the spec names on the disk.
    pub(crate) fn around_at_once(self: &Arc<Self>, path: &Path) -> Surroundings {
        let path = normalised(path);
        let root = self.root(&path);
        if self.is_notebook_unknown(&root) {
            let mut known = self.known();
            let before = known.notebooks.remove(&root).and_then(|last| last.value);
            known
                .notebooks
                .insert(root.clone(), Lasting::new(before.clone()));
            drop(known);
            let projects = Arc::clone(self);
            let root = root.clone();
            std::thread::spawn(move || {
                let notebook = find_notebook(&root);
                if notebook != before {
                    projects
                        .known()
                        .notebooks
                        .insert(root, Lasting::new(notebook));
                    projects.changes.send_modify(|count| *count += 1);
                }
            });
        }
        Surroundings {
            missing_paths: self.missing_paths(&path),
            ..self.surroundings(&path, &root)
        }
    }

    fn surroundings(&self, path: &Path, root: &Path) -> Surroundings {
        let project = self.project(root);
        let mut merged_with = Vec::new();
        if let Some((specs, own)) = project.value.merged_with(path, root) {
            merged_with.extend_from_slice(&specs[..own]);
            merged_with.extend_from_slice(&specs[own + 1..]);
        }
        Surroundings {
            selection: project.value.selection.clone(),
            merged_with,
            platforms: project.value.platforms.clone(),
            notebook: self.notebook(root),
            today: today(),
            lock: self.locks.of(path, root, &project.value),
            ..Surroundings::default()
        }
    }

    /// Looks whether a lock is another one by now, which [`Projects::changes`] says.
    pub(crate) fn look_at_locks(&self) {
        if self.locks.forget_changed() {
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// What is known. Nobody holds it while reading a file.
    fn known(&self) -> MutexGuard<'_, Known> {
        // Each entry is whole, also after a panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn root(&self, path: &Path) -> PathBuf {
        let folder = path.parent().unwrap_or(path);
        self.place(folder).settings_root(folder).to_owned()
    }

    fn place(&self, folder: &Path) -> Place {
        if let Some(place) = self
            .known()
            .places
            .get(folder)
            .filter(|place| place.holds())
        {
            return place.value.clone();
        }
        let parent = folder.parent().map(|parent| self.place(parent));
        let place = Place::new(folder, parent.as_ref());
        let lasting = Lasting::new(place.clone());
        self.known().places.insert(folder.to_owned(), lasting);
        place
    }

    fn project(&self, root: &Path) -> Arc<Project> {
        let known = self.known().projects.get(root).cloned();
        if let Some(project) = known.filter(|project| project.holds()) {
            return project;
        }
        let project = Arc::new(read_project(root));
        let mut known = self.known();
        known.projects.insert(root.to_owned(), Arc::clone(&project));
        project
    }

    fn is_notebook_unknown(&self, root: &Path) -> bool {
        let known = self.known();
        !known.notebooks.get(root).is_some_and(Lasting::holds)
    }

    fn notebook(&self, root: &Path) -> Option<String> {
        self.known().notebooks.get(root)?.value.clone()
    }

    /// The spec is read from the disk: what an editor has not saved names paths that nobody looks for yet.
    fn missing_paths(&self, path: &Path) -> BTreeSet<String> {
        let look = look_of(path);
        if look.is_none() {
            return BTreeSet::new();
        }
        if let Some(known) = self.known().missing_paths.get(path)
            && known.holds()
        {
            return known.value.clone();
        }
        let folder = path.parent().unwrap_or(path);
        let named = read_spec(path, may_name_paths);
        let named = named.map_or_else(Vec::new, |spec| lint::paths_of(&spec));
        let mut from = vec![(path.to_owned(), look)];
        from.extend(named.iter().map(|named| {
            let path = folder.join(named);
            let look = look_of(&path);
            (path, look)
        }));
        let looks = from.iter().skip(1).zip(named);
        let missing: BTreeSet<String> = looks
            .filter(|((_, look), _)| look.is_none())
            .map(|(_, named)| named)
            .collect();
        let value = missing.clone();
        let mut known = self.known();
        known
            .missing_paths
            .insert(path.to_owned(), Read { value, from });
        missing
    }
}

fn read_project(root: &Path) -> Project {
    let look = |path: PathBuf| {
        let look = look_of(&path);
        (path, look)
    };
    // Before they are read, so that a change in between is seen.
    let settings_files = [
        ".devcontainer",
        DEFAULT_PATH,
        ".devcontainer.json",
        "pyproject.toml",
        "mmdev.toml",
    ];
    let mut from: Vec<(PathBuf, Look)> = settings_files
        .map(|file| look(root.join(file)))
        .into_iter()
        .collect();
    let (settings, devcontainer) = settings_files::at(root);
    from.extend(devcontainer.map(|path| look(root.join(path))));
    let environments = settings.environments.iter().flatten();
    let mut paths: Vec<String> = environments.map(|(_, path)| path.clone()).collect();
    let is_merged = paths.is_empty();
    if is_merged {
        let files = settings.files.clone().unwrap_or_default();
        paths = files.into_iter().collect();
    }
    let mut specs = Vec::new();
    if paths.len() > 1 {
        for path in paths {
            let file = look(root.join(&path));
            specs.extend(read_spec(&file.0, |_| true).map(|spec| (path, spec)));
            from.push(file);
        }
    }
    let lock_paths = match specs.is_empty() {
        true => Vec::new(),
        false => lock_paths(&specs, &settings),
    };
    Read {
        value: Everywhere {
            selection: Selection::of(&settings),
            merged: if is_merged { specs } else { Vec::new() },
            lock_paths,
            machine: Machine::of(&project::base_image(&settings).reference, &settings),
            platforms: settings.platforms.unwrap_or_default(),
        },
        from,
    }
}

/// Where the locks of a project's specs stand.
fn lock_paths(specs: &[(String, EnvSpec)], settings: &Settings) -> Vec<(String, String)> {
    let inputs = project::Inputs {
        specs,
        settings,
        files: &BTreeMap::new(),
        locks: &BTreeMap::new(),
    };
    let (project, _) = project::plan(inputs);
    let environments = project.environments.into_iter();
    environments
        .flat_map(|environment| {
            let lock_path = environment.lock_path;
            let specs = environment.specs.into_iter();
            specs.map(move |spec| (spec, lock_path.clone()))
        })
        .collect()
}

/// The spec at `path`, where its bytes are such that it is worth reading.
fn read_spec(path: &Path, is_wanted: impl FnOnce(&[u8]) -> bool) -> Option<EnvSpec> {
    let bytes = files::read_bytes(path).ok()??;
    is_wanted(&bytes).then(|| spec::read_bytes(locate::SPEC_NAMES[0], bytes).1.spec)
}

/// Whether a spec may hold a pip section with paths. Most do not, and are not read a second time for it.
fn may_name_paths(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let is_path = |line: &str| {
        let entry = line.trim_start().trim_start_matches(['-', ' ', '"', '\'']);
        entry.contains(['/', '\\', '['])
            || entry.starts_with(['.', 'e'])
            || [".whl", ".zip", ".t"]
                .iter()
                .any(|archive| entry.contains(archive))
    };
    text.split_once("pip:")
        .is_some_and(|(_, below)| below.lines().any(is_path))
}

/// The first notebook of a project, by its path from the root. What is hidden or ignored by git is none of it.
fn find_notebook(root: &Path) -> Option<String> {
    let is_work_tree = root.join(".git").exists();
    let depth = if is_work_tree { DEPTHS.0 } else { DEPTHS.1 };
    let walk = ignore::WalkBuilder::new(root)
        // Elsewhere nobody wrote down what is ignored, and looking for it costs more than the walk.
        .standard_filters(is_work_tree)
        .hidden(true)
        .require_git(false)
        .max_depth(Some(depth))
        .sort_by_file_name(OsStr::cmp)
        .build();
    let notebook = walk.take(MOST_ENTRIES).flatten().find(|entry| {
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        is_file && entry.path().extension() == Some(OsStr::new("ipynb"))
    })?;
    let inside = notebook.path().strip_prefix(root).ok()?;
    let names: Option<Vec<&str>> = inside.iter().map(OsStr::to_str).collect();
    Some(names?.join("/"))
}

/// The day, in UTC.
fn today() -> Option<Date> {
    let today = time::OffsetDateTime::now_utc().date();
    Some(Date {
        year: u16::try_from(today.year()).ok()?,
        month: today.month().into(),
        day: today.day(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdev_core::diagnostic::Code;
    use mmdev_core::lint::Locked;

    /// A folder that is a Git work tree with these files.
    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        for (file, text) in files {
            write(folder.path(), file, text);
        }
        folder
    }

    fn write(folder: &Path, file: &str, text: &str) {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    const SPEC: &str = "dependencies: [python]\n";

    #[test]
    fn settings_are_read_again_when_their_files_change() {
        let folder = tree(&[
            ("env.yaml", SPEC),
            ("mmdev.toml", "check.ignore = ['MM1']\n"),
        ]);
        let projects = Projects::default();
        let takes = |code| {
            let around = projects.around(&folder.path().join("env.yaml"));
            around.selection.takes(Code(code))
        };
        assert!(!takes("MM101") && takes("MM201"));
        write(folder.path(), "mmdev.toml", "check.ignore = ['MM201']\n");
        assert!(takes("MM101") && !takes("MM201"));
        let json = r#"{"customizations": {"mmdev": {"check": {"select": ["MM3"]}}}}"#;
        write(folder.path(), ".devcontainer/devcontainer.json", json);
        assert!(takes("MM305") && !takes("MM101") && !takes("MM201"));
    }

    #[test]
    fn the_settings_of_a_project_count_in_its_folders() {
        let folder = tree(&[
            ("mmdev.toml", "check.ignore = ['MM1']\n"),
            ("docs/environment.yml", SPEC),
            ("other/environment.yml", SPEC),
            ("other/pyproject.toml", "[tool.mmdev]\n"),
            ("a.ipynb", ""),
        ]);
        let projects = Projects::default();
        let of_docs = projects.around(&folder.path().join("docs/environment.yml"));
        assert!(!of_docs.selection.takes(Code("MM101")));
        assert_eq!(of_docs.notebook.as_deref(), Some("a.ipynb"));
        let of_other = projects.around(&folder.path().join("other/environment.yml"));
        assert!(of_other.selection.takes(Code("MM101")));
        assert_eq!(of_other.notebook, None);
    }

    #[test]
    fn the_specs_of_one_environment_know_of_each_other() {
        let folder = tree(&[
            ("env.yaml", "dependencies: [a]\n"),
            ("x/dev.yaml", "dependencies: [b]\n"),
            ("other.yaml", SPEC),
            (
                "mmdev.toml",
                "files = ['./env.yaml', 'x/dev.yaml', 'gone.yaml']\nplatforms = ['linux-64']\n",
            ),
        ]);
        let projects = Projects::default();
        let merged = |path: &str| {
            let around = projects.around(&folder.path().join(path));
            assert_eq!(around.platforms, ["linux-64"]);
            let merged = around.merged_with.into_iter();
            let shown = merged.map(|(path, spec)| {
                let names = spec.dependencies.iter();
                let names: Vec<_> = names
                    .map(|dependency| dependency.text.value.clone())
                    .collect();
                format!("{path}: {}", names.join(" "))
            });
            shown.collect::<Vec<_>>()
        };
        assert_eq!(merged("env.yaml"), ["x/dev.yaml: b"]);
        assert_eq!(merged("x/../x/dev.yaml"), ["./env.yaml: a"]);
        assert_eq!(merged("other.yaml"), [""; 0]);
        write(folder.path(), "x/dev.yaml", "dependencies: [b, c]\n");
        assert_eq!(merged("env.yaml"), ["x/dev.yaml: b c"]);
    }

    #[test]
    fn a_notebook_is_found_where_git_and_people_see_it() {
        let folder = tree(&[
            ("env.yaml", SPEC),
            (".gitignore", "out/\n"),
            (".hidden/a.ipynb", ""),
            ("out/b.ipynb", ""),
            ("z/y/c.ipynb", ""),
            ("z/z.ipynb", ""),
        ]);
        let notebook = || {
            Projects::default()
                .around(&folder.path().join("env.yaml"))
                .notebook
        };
        assert_eq!(notebook().as_deref(), Some("z/y/c.ipynb"));
        std::fs::remove_dir_all(folder.path().join("z")).unwrap();
        assert_eq!(notebook(), None);
        write(folder.path(), "a/b/c/d.ipynb", "");
        assert!(notebook().is_some());
        for gone in [".git", "out"] {
            std::fs::remove_dir_all(folder.path().join(gone)).unwrap();
        }
        assert_eq!(notebook(), None, "too deep outside of a work tree");
    }

    #[test]
    fn paths_of_the_pip_section_are_looked_for() {
        let spec = "dependencies:\n  - pip:\n    - -e ./here\n    - ./gone\n    - ../up\n";
        let folder = tree(&[("x/env.yaml", spec), ("x/here/setup.py", "")]);
        let path = folder.path().join("x/env.yaml");
        let projects = Arc::new(Projects::default());
        let missing = || {
            let around = projects.around_at_once(&path);
            let missing: Vec<String> = around.missing_paths.into_iter().collect();
            let (_, read) = spec::read_bytes("env.yaml", std::fs::read(&path).unwrap());
            assert!(missing_paths(&path, &read.spec).iter().eq(&missing));
            missing
        };
        assert_eq!(missing(), ["../up", "./gone"]);
        write(folder.path(), "x/gone/setup.py", "");
        assert_eq!(missing(), ["../up"]);
        write(folder.path(), "x/env.yaml", SPEC);
        assert_eq!(missing(), [""; 0]);
    }

    #[test]
    fn a_lock_is_known_to_the_specs_that_it_names() {
        let lock = |source: &str| {
            format!(
                "version: 1\nmetadata:\n  content_hash: {{linux-64: a}}\n  channels: [{{url: x, used_env_vars: []}}]\n  platforms: [linux-64]\n  sources: [{source}]\npackage: []\n"
            )
        };
        let folder = tree(&[
            ("env.yaml", SPEC),
            ("conda-lock.yml", &lock("env.yaml")),
            ("x/docs.yaml", SPEC),
            ("x/docs.conda-lock.yml", &lock("docs.yaml")),
            ("x/other.yaml", SPEC),
            ("y/env.yaml", SPEC),
            ("y/conda-lock.yml", "version: 2\n"),
            ("z/env.yaml", SPEC),
            (
                ".devcontainer/devcontainer.json",
                r#"{"customizations": {"mmdev": {"environments": {"a": "env.yaml", "docs": "x/docs.yaml"}}}}"#,
            ),
        ]);
        let projects = Projects::default();
        let locked = |path: &str| match projects.around(&folder.path().join(path)).lock {
            Locked::Unknown => "unknown".to_owned(),
            Locked::Missing(path) => format!("no {path}"),
            Locked::There(lock) => format!("{} {}", lock.path, lock.is_whole),
        };
        assert_eq!(locked("env.yaml"), "conda-lock.yml true");
        assert_eq!(locked("x/docs.yaml"), "x/docs.conda-lock.yml true");
        assert_eq!(locked("x/other.yaml"), "no x/other.conda-lock.yml");
        assert_eq!(locked("y/env.yaml"), "unknown", "it cannot be understood");
        assert_eq!(locked("z/env.yaml"), "no z/conda-lock.yml");
        let mut changes = projects.changes();
        projects.look_at_locks();
        assert!(!changes.has_changed().unwrap());
        write(folder.path(), "conda-lock.yml", &lock("env.yaml, dev.yaml"));
        projects.look_at_locks();
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        assert_eq!(locked("env.yaml"), "conda-lock.yml false");
        write(folder.path(), "conda-lock.yml", &lock("other.yaml"));
        assert_eq!(locked("env.yaml"), "unknown");
    }

    #[test]
    fn who_types_does_not_wait_for_a_notebook() {
        let folder = tree(&[("env.yaml", SPEC), ("a.ipynb", "")]);
        let projects = Arc::new(Projects::default());
        let mut changes = projects.changes();
        let path = folder.path().join("env.yaml");
        projects.around_at_once(&path);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(changes.changed()).unwrap();
        let notebook = projects.around_at_once(&path).notebook;
        assert_eq!(notebook.as_deref(), Some("a.ipynb"));
    }

    #[test]
    fn the_day_is_known() {
        assert!(today().is_some_and(|today| today.year > 2025 && today.month <= 12));
    }
}
