//! What the channels of specs have: where it is kept, and how a command that runs once waits for it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use mmdev_conda::{Channels, Config, MAPPING, Mapping, Names};
use mmdev_core::index::PackageIndex;
use mmdev_core::lint::{self, Surroundings};
use mmdev_core::spec::EnvSpec;
use tokio::runtime::Runtime;

use crate::condarc;
use crate::environment;
use crate::error::{Error, Result};
use crate::printer::Printer;
use crate::progress::LastLine;

/// How long the channels of one spec may take to answer. A whole list of a big channel has tens of megabytes.
const PATIENCE: Duration = Duration::from_secs(180);

/// How channels are asked, and where what they have is kept.
pub(crate) fn config(offline: bool) -> Result<Config> {
    config_in_cache(offline).ok_or_else(|| {
        Error::invocation("neither XDG_CACHE_HOME nor HOME is set")
            .with_hint("set HOME: what channels have is kept in its .cache/mmdev")
    })
}

fn config_in_cache(offline: bool) -> Option<Config> {
    let cache = environment::cache_folder()?.join("mmdev").join("channels");
    let mut config = Config {
        offline,
        mapping: environment::text(environment::CONDA_NAMES).unwrap_or_else(|| MAPPING.to_owned()),
        ..Config::new(cache)
    };
    condarc::apply(&mut config);
    Some(config)
}

/// The conda names by PyPI names that the disk has; none where nobody has asked for them yet. No network is used.
pub(crate) fn cached_conda_names() -> Names {
    config_in_cache(true)
        .and_then(|config| Mapping::new(&config).ok()?.cached())
        .unwrap_or_default()
}

/// The conda names by PyPI names as they are today, else the best that is known, and why.
pub(crate) async fn conda_names(config: &Config) -> (Names, Option<mmdev_conda::Error>) {
    let mapping = match Mapping::new(config) {
        Ok(mapping) => mapping,
        Err(problem) => return (Names::default(), Some(problem)),
    };
    match mapping.current().await {
        Ok(names) => (names, None),
        Err(problem) => (mapping.cached().unwrap_or_default(), Some(problem)),
    }
}

/// Asks channels, and waits for what they say, for commands that run once. What keeps one from answering is a warning
/// in the end: of what is not known, nothing is said.
pub(crate) struct Asker {
    printer: Printer,
    runtime: Runtime,
    config: Config,
    channels: Channels,
    conda_names: OnceLock<Names>,
    notes: Mutex<Notes>,
}

/// What is to be said.
#[derive(Default)]
struct Notes {
    /// The channels that were asked, which was said.
    asked: BTreeSet<String>,
    problems: Vec<mmdev_conda::Error>,
    /// Whether more would have come.
    is_late: bool,
}

impl Asker {
    /// Asks nobody yet. It answers from the cache where it is `offline`.
    pub(crate) fn new(printer: &Printer, offline: bool) -> Result<Self> {
        let config = config(offline)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| {
                Error::world(anyhow::Error::new(error).context("cannot start the runtime"))
            })?;
        let channels = {
            let _inside = runtime.enter();
            Channels::new(config.clone())
        };
        Ok(Asker {
            printer: printer.clone(),
            runtime,
            config,
            channels,
            conda_names: OnceLock::new(),
            notes: Mutex::default(),
        })
    }

    /// The same with PyPI's names as they are today, if they can be had.
    pub(crate) fn surroundings(&self, around: Surroundings) -> Surroundings {
        let conda_names = self.conda_names.get_or_init(|| self.current_conda_names());
        Surroundings {
            conda_names: Arc::clone(conda_names),
            ..around
        }
    }

    fn current_conda_names(&self) -> Names {
        let _line = LastLine::new(&self.printer, "asking for PyPI's names on conda-forge");
        let (names, problem) = self.runtime.block_on(conda_names(&self.config));
        if let Some(problem) = problem {
            self.note(problem);
        }
        names
    }

    /// What the channels of a spec have of what it names; `None` where it names nothing.
    pub(crate) fn index(
        &self,
        spec: &EnvSpec,
        around: &Surroundings,
    ) -> Option<Arc<dyn PackageIndex>> {
        let scope = lint::channels::scope(spec, around);
        if scope.names.is_empty() {
            return None;
        }
        let names = scope.channels.iter();
        let names: Vec<String> = names.map(|name| mmdev_conda::shown_channel(name)).collect();
        let _line = LastLine::new(&self.printer, &format!("asking {}", names.join(", ")));
        for name in names {
            let is_new = self.notes().asked.insert(name.clone());
            if is_new && !self.config.offline && self.printer.bars().is_hidden() {
                self.printer.status("Asking", &name);
            }
        }
        let waiting = async { tokio::time::timeout(PATIENCE, self.channels.settled(&scope)).await };
        let index = self.runtime.block_on(waiting);
        for problem in self.channels.problems(&scope) {
            self.note(problem);
        }
        Some(index.unwrap_or_else(|_| {
            self.notes().is_late = true;
            self.channels.index(&scope)
        }))
    }

    /// Says what kept channels from answering since it was last said.
    pub(crate) fn say_problems(&self) {
        let Notes {
            asked,
            problems,
            is_late,
        } = std::mem::take(&mut *self.notes());
        self.notes().asked = asked;
        for problem in problems {
            self.printer.warning(&problem.to_string());
            self.printer.hint(hint(&problem));
        }
        if is_late {
            self.printer.warning(&format!(
                "the channels had not said everything after {} s",
                PATIENCE.as_secs()
            ));
            self.printer
                .hint("run it again: what has come is kept, and is not asked for again");
        }
    }

    fn note(&self, problem: mmdev_conda::Error) {
        let mut notes = self.notes();
        if !notes.problems.contains(&problem) {
            notes.problems.push(problem);
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // Each change is whole, also where its thread panicked later.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Asker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Asker")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Whether a server's certificate is vouched for by nobody that this machine trusts.
pub(crate) fn is_about_trust(problem: &mmdev_conda::Error) -> bool {
    // The libraries below have no type for it that can be reached from here.
    matches!(problem, mmdev_conda::Error::Unreadable { reason, .. } if reason.contains("certificate: UnknownIssuer"))
}

/// What to do about it.
pub(crate) fn hint(problem: &mmdev_conda::Error) -> &'static str {
    use mmdev_conda::Error::{
        BadVirtualPackage, Cancelled, Inconsistent, MappingNotCached, MappingUnreadable, NoChannel,
        NoMapping, NoMatchSpec, NoPlatform, NotCached, NotThere, PackageNotCached, Unreadable,
        Unwritable,
    };
    match problem {
        NoChannel { .. } => "mend it in `channels:`: as long as one is wrong, none is asked",
        NoPlatform { .. } => {
            "mend it in `platforms:`: as long as one is wrong, no channel is asked"
        }
        NotThere { .. } => "mend its name in `channels:`: what it lacks is not known, and not said",
        Unreadable { .. } if is_about_trust(problem) => {
            "name the file with your company's certificates: `ssl_verify` in condarc, or REQUESTS_CA_BUNDLE"
        }
        Unreadable { .. } => {
            "look at the network and HTTPS_PROXY; what the cache has of it was taken, and what nobody knows is not said"
        }
        Unwritable { .. } => {
            "make room there, or set XDG_CACHE_HOME to a folder that can be written"
        }
        NotCached { .. } | PackageNotCached { .. } | MappingNotCached => {
            "run it once without --offline"
        }
        NoMatchSpec { .. } => "mend it in `dependencies:`; mmdev check says more",
        BadVirtualPackage { .. } => "mend it in the settings",
        Inconsistent { .. } => "tell whoever keeps the channel",
        Cancelled => "run it again",
        NoMapping { .. } => "set MMDEV_CONDA_NAMES to an http or https URL, or unset it",
        MappingUnreadable { .. } => {
            "look at the network and HTTPS_PROXY, or set MMDEV_CONDA_NAMES to a mirror; what the cache has was taken"
        }
    }
}
