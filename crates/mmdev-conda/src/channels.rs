//! The service: answers with snapshots, and has the folders of channels read behind the asker's back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use mmdev_core::index::{Candidate, PackageIndex, Scope};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::Config;
use crate::address::{self, Address};
use crate::error::Error;
use crate::fetch::{Fetcher, Files};
use crate::names::{self, Mapping, Names};
use crate::shelf::{Job, Shelf};
use crate::snapshot::{NamedFiles, Snapshot};

/// How many scopes are kept put together: those of a handful of open specs.
const MOST_VIEWS: usize = 16;

/// What the channels hold, as far as it is known, and growing.
pub struct Channels {
    shared: Arc<Shared>,
}

struct Shared {
    fetcher: Fetcher,
    runtime: Handle,
    state: Mutex<State>,
    mapping: Option<Mapping>,
    conda_names: Mutex<CondaNames>,
    changes: watch::Sender<u64>,
    /// Ticks whenever a piece of work is done, whether or not it brought news.
    work_done: watch::Sender<u64>,
}

/// The mapping of names as far as it is known, and when it was last asked for.
#[derive(Default)]
struct CondaNames {
    known: Names,
    asked: Option<Instant>,
}

#[derive(Default)]
struct State {
    shelves: HashMap<Address, Shelf>,
    /// By the channels and platforms of a scope: what was put together for it, to be used again while it holds.
    views: HashMap<(Vec<String>, Vec<String>), View>,
}

/// Lists of several folders, merged.
#[derive(Default)]
struct View {
    names_of: Vec<Arc<[String]>>,
    names: Option<Arc<[String]>>,
    files: HashMap<String, (Vec<Files>, NamedFiles)>,
}

/// One folder of a scope, with the channel's name in the spec.
type Part = (String, Address);

impl Channels {
    /// A service that knows nothing yet; work runs on the tokio runtime that this is called in.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(config: Config) -> Self {
        Channels {
            shared: Arc::new(Shared {
                mapping: Mapping::new(&config).ok(),
                conda_names: Mutex::default(),
                fetcher: Fetcher::new(config),
                runtime: Handle::current(),
                state: Mutex::default(),
                changes: watch::Sender::new(0),
                work_done: watch::Sender::new(0),
            }),
        }
    }

    /// What is known of `scope` now. What is not is fetched behind the caller's back: the lists of its channels, and
    /// the files of its names. It never waits for a disk or a network.
    pub fn index(&self, scope: &Scope) -> Arc<dyn PackageIndex> {
        // Of a channel that cannot be asked nothing is ever known, nor of none, nor for no platform.
        let parts = self.parts(scope).unwrap_or_default();
        if parts.is_empty() || scope.platforms.is_empty() {
            return Arc::new(Snapshot::default());
        }
        let mut state = self.shared.state();
        let now = Instant::now();
        for (_, at) in &parts {
            let shelf = state.shelves.entry(at.clone()).or_default();
            shelf.want(&scope.names);
            self.shared.start(shelf, at, now);
        }
        Arc::new(state.snapshot(scope, &parts))
    }

    /// The conda names by PyPI names, as far as they are known now. Once a day they are asked for behind the caller's
    /// back; where they cannot be had, what was known stays.
    pub fn conda_names(&self) -> Names {
        let mut names = self.shared.conda_names();
        let now = Instant::now();
        if let Some(mapping) = &self.shared.mapping
            && names.asked.is_none_or(|asked| asked + names::FRESH <= now)
        {
            names.asked = Some(now);
            let mapping = mapping.clone();
            let shared = Arc::clone(&self.shared);
            self.shared.runtime.spawn(async move {
                shared.take_conda_names(mapping.cached());
                shared.take_conda_names(mapping.current().await.ok());
            });
        }
        Arc::clone(&names.known)
    }

    /// What is known of `scope` once its channels have answered, or have failed twice. It waits as long as that takes.
    pub async fn settled(&self, scope: &Scope) -> Arc<dyn PackageIndex> {
        let mut work_done = self.shared.work_done.subscribe();
        let parts = self.parts(scope).unwrap_or_default();
        loop {
            work_done.mark_unchanged();
            // Asking for it is what sets somebody to work.
            self.index(scope);
            let is_settled = scope.platforms.is_empty() || {
                let state = self.shared.state();
                let is_offline = self.shared.fetcher.config.offline;
                let mut shelves = parts.iter().map(|(_, at)| state.shelves.get(at));
                let now = Instant::now();
                shelves.all(|shelf| shelf.is_some_and(|shelf| shelf.is_settled(now, is_offline)))
            };
            if is_settled || work_done.changed().await.is_err() {
                return self.index(scope);
            }
        }
    }

    /// Ticks whenever an index asked for anew would know more, or a problem came or went.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// The folders of a scope, those of the most important channel first, each once.
    fn parts(&self, scope: &Scope) -> Result<Vec<Part>, Error> {
        let names = &self.shared.fetcher.config.names;
        let mut parts: Vec<Part> = Vec::new();
        for channel in &scope.channels {
            for at in address::resolve(channel, &scope.platforms, names)? {
                if !parts.iter().any(|(_, other)| *other == at) {
                    parts.push((channel.clone(), at));
                }
            }
        }
        Ok(parts)
    }

    /// What stands between mmdev and the channels of `scope` at present, each thing once. Nothing is asked for it.
    pub fn problems(&self, scope: &Scope) -> Vec<Error> {
        let parts = match self.parts(scope) {
            Ok(parts) => parts,
            Err(error) => return vec![error],
        };
        let state = self.shared.state();
        let mut problems: Vec<Error> = Vec::new();
        for (_, at) in &parts {
            let problem = state.shelves.get(at).and_then(Shelf::problem);
            problems.extend(
                problem
                    .filter(|problem| !problems.contains(problem))
                    .cloned(),
            );
        }
        problems
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves nothing half-made that could mislead: each change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn conda_names(&self) -> MutexGuard<'_, CondaNames> {
        // Each change is one assignment here, too.
        self.conda_names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn take_conda_names(&self, found: Option<Names>) {
        let Some(found) = found else { return };
        let mut names = self.conda_names();
        let is_new = names.known != found;
        if is_new {
            names.known = found;
        }
        drop(names);
        self.tick(is_new);
    }

    /// Sets somebody to work on a folder where there is work and nobody does it.
    fn start(self: &Arc<Self>, shelf: &mut Shelf, at: &Address, now: Instant) {
        if !shelf.is_busy && shelf.next(now, self.fetcher.config.offline).is_some() {
            shelf.is_busy = true;
            let work = Arc::clone(self).work(at.clone());
            self.runtime.spawn(work);
        }
    }

    /// Does what is to be done for a folder until nothing is left.
    async fn work(self: Arc<Self>, at: Address) {
        while let Some(job) = self.next_job(&at) {
            match job {
                Job::Cache(names) => {
                    let found = self.fetcher.cached(&at, &names).await;
                    let is_new = self.with_shelf(&at, |shelf| {
                        shelf.take_cached(names, found, self.fetcher.config.offline)
                    });
                    self.tick(is_new);
                }
                Job::Ask { names, is_whole } => {
                    let answer = self.fetcher.current(&at, &names, is_whole).await;
                    let (is_new, wait) = self.with_shelf(&at, |shelf| {
                        shelf.take_answer(Instant::now(), is_whole, answer)
                    });
                    self.tick(is_new);
                    if let Some(wait) = wait {
                        self.retry_after(wait, &at);
                    }
                }
            }
        }
    }

    fn next_job(&self, at: &Address) -> Option<Job> {
        let job = self.with_shelf(at, |shelf| {
            let job = shelf.next(Instant::now(), self.fetcher.config.offline);
            shelf.is_busy = job.is_some();
            job
        });
        if job.is_none() {
            self.work_done.send_modify(|count| *count += 1);
        }
        job
    }

    fn with_shelf<T>(&self, at: &Address, act: impl FnOnce(&mut Shelf) -> T) -> T {
        act(self.state().shelves.entry(at.clone()).or_default())
    }

    fn retry_after(self: &Arc<Self>, wait: std::time::Duration, at: &Address) {
        let shared = Arc::clone(self);
        let at = at.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(wait).await;
            shared.with_shelf(&at, |shelf| shared.start(shelf, &at, Instant::now()));
        });
    }

    fn tick(&self, is_new: bool) {
        if is_new {
            self.changes.send_modify(|count| *count += 1);
        }
    }
}

impl State {
    fn snapshot(&mut self, scope: &Scope, parts: &[Part]) -> Snapshot {
        let lists: Option<Vec<_>> = parts
            .iter()
            .map(|(_, at)| self.shelves.get(at)?.names().cloned())
            .collect();
        let Some(lists) = lists else {
            return Snapshot::default();
        };
        let key = (scope.channels.clone(), scope.platforms.clone());
        if self.views.len() >= MOST_VIEWS && !self.views.contains_key(&key) {
            self.views.clear();
        }
        let view = self.views.entry(key).or_default();
        let names = view.names(lists);
        let mut files = HashMap::new();
        for name in &scope.names {
            let shelves: Vec<(&Part, &Shelf)> = parts
                .iter()
                .filter_map(|part| Some((part, self.shelves.get(&part.1)?)))
                .filter(|(_, shelf)| shelf.has(name))
                .collect();
            if let Some(of_name) = view.files(name, &shelves) {
                files.insert(name.clone(), of_name);
            }
        }
        Snapshot {
            names: Some(names),
            files,
            platforms: scope.platforms.clone(),
        }
    }
}

impl View {
    /// The merged names of `lists`; the same as last time while the lists are.
    fn names(&mut self, lists: Vec<Arc<[String]>>) -> Arc<[String]> {
        let is_same = self.names_of.len() == lists.len()
            && self
                .names_of
                .iter()
                .zip(&lists)
                .all(|(a, b)| Arc::ptr_eq(a, b));
        if let Some(names) = self.names.as_ref().filter(|_| is_same) {
            return Arc::clone(names);
        }
        let mut names: Vec<String> = lists.iter().flat_map(|list| list.iter().cloned()).collect();
        names.sort_unstable();
        names.dedup();
        let names: Arc<[String]> = names.into();
        self.names_of = lists;
        self.names = Some(Arc::clone(&names));
        names
    }

    /// The files of `name` in all `shelves` that have it; `None` until all of them are known.
    fn files(&mut self, name: &str, shelves: &[(&Part, &Shelf)]) -> Option<NamedFiles> {
        let files: Vec<Files> = shelves
            .iter()
            .map(|(_, shelf)| shelf.files(name).cloned())
            .collect::<Option<_>>()?;
        if let Some((from, known)) = self.files.get(name)
            && from.len() == files.len()
            && from.iter().zip(&files).all(|(a, b)| Arc::ptr_eq(a, b))
        {
            return Some(known.clone());
        }
        let mut all: Vec<_> = shelves
            .iter()
            .zip(&files)
            .flat_map(|((part, _), files)| files.iter().map(move |file| (file, *part)))
            .collect();
        // Stable: of equal ones, that of the most important channel comes first.
        all.sort_by(|(a, _), (b, _)| {
            (&b.version, b.build_number)
                .cmp(&(&a.version, a.build_number))
                .then_with(|| a.build.cmp(&b.build))
        });
        let those = |is_removed: bool| {
            let files = all.iter().filter(|(file, _)| file.is_removed == is_removed);
            files
                .map(|(file, (channel, at))| Candidate {
                    version: file.version.to_string(),
                    build: file.build.clone(),
                    build_number: file.build_number,
                    channel: channel.clone(),
                    subdir: at.subdir.to_string(),
                })
                .collect()
        };
        let named = NamedFiles {
            candidates: those(false),
            removed: those(true),
        };
        self.files.insert(name.to_owned(), (files, named.clone()));
        Some(named)
    }
}
