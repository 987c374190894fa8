//! What the channels of specs have: where it is kept, and how a command that runs once waits for it.

use std::sync::Arc;
use std::time::Duration;

use mmdev_conda::{Channels, Config, MAPPING, Mapping, Names};
use mmdev_core::index::{PackageIndex, Scope};
use tokio::runtime::Runtime;

use crate::environment;
use crate::error::{Error, Result};
use crate::printer::Printer;
use crate::progress::LastLine;

/// How long channels may take to answer, all of them together. A whole list of a big channel has tens of megabytes.
const PATIENCE: Duration = Duration::from_secs(180);

/// How channels are asked, and where what they have is kept.
pub(crate) fn config(offline: bool) -> Result<Config> {
    config_in_cache(offline).ok_or_else(|| {
        Error::invocation("neither XDG_CACHE_HOME nor HOME is set")
            .with_hint("set HOME: what channels have is kept in its .cache/mmdev")
    })
}

fn config_in_cache(offline: bool) -> Option<Config> {
    Some(Config {
        cache: environment::cache_folder()?.join("mmdev").join("channels"),
        offline,
        mapping: environment::text(environment::CONDA_NAMES).unwrap_or_else(|| MAPPING.to_owned()),
    })
}

/// The conda names by PyPI names that the disk has; none where nobody has asked for them yet. No network is used.
pub(crate) fn cached_conda_names() -> Names {
    config_in_cache(true)
        .and_then(|config| Mapping::new(&config).ok()?.cached())
        .unwrap_or_default()
}

/// Asks channels, and waits for what they say. What keeps one from answering is a warning: of what is not known,
/// nothing is said.
pub(crate) struct Asker<'a> {
    printer: &'a Printer,
    runtime: Runtime,
    config: Config,
    channels: Channels,
}

impl<'a> Asker<'a> {
    /// Asks nobody yet. It answers from the cache where it is `offline`.
    pub(crate) fn new(printer: &'a Printer, offline: bool) -> Result<Self> {
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
            printer,
            runtime,
            config,
            channels,
        })
    }

    /// The conda names by PyPI names, of today if they can be had.
    pub(crate) fn conda_names(&self) -> Names {
        let mapping = match Mapping::new(&self.config) {
            Ok(mapping) => mapping,
            Err(error) => {
                self.say(&error);
                return Names::default();
            }
        };
        let progress = LastLine::new(self.printer, "PyPI's names on conda-forge");
        let current = self.runtime.block_on(mapping.current());
        drop(progress);
        current.unwrap_or_else(|error| {
            self.say(&error);
            mapping.cached().unwrap_or_default()
        })
    }

    /// What the channels of each scope have.
    pub(crate) fn indices(&self, scopes: &[Scope]) -> Vec<Arc<dyn PackageIndex>> {
        let mut names: Vec<String> = Vec::new();
        for channel in scopes.iter().flat_map(|scope| &scope.channels) {
            let name = mmdev_conda::shown_channel(channel);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let names = names.join(", ");
        if self.printer.bars().is_hidden() && !self.config.offline && !names.is_empty() {
            self.printer.status("Asking", &names);
        }
        let progress = LastLine::new(self.printer, &format!("asking {names}"));
        let (indices, is_late) = self.runtime.block_on(self.settled(scopes));
        drop(progress);
        let mut said: Vec<mmdev_conda::Error> = Vec::new();
        for problem in scopes
            .iter()
            .flat_map(|scope| self.channels.problems(scope))
        {
            if !said.contains(&problem) {
                self.say(&problem);
                said.push(problem);
            }
        }
        if is_late {
            self.printer.warning(&format!(
                "the channels had not said everything after {} s; of what is not known, nothing is said",
                PATIENCE.as_secs()
            ));
            self.printer
                .hint("run it again: what has come is kept, and is not asked for again");
        }
        indices
    }

    /// The index of each scope, and whether more would have come.
    async fn settled(&self, scopes: &[Scope]) -> (Vec<Arc<dyn PackageIndex>>, bool) {
        // All of them at once, so that the slowest one alone is waited for.
        for scope in scopes {
            self.channels.index(scope);
        }
        let waiting = async {
            for scope in scopes {
                self.channels.settled(scope).await;
            }
        };
        let is_late = tokio::time::timeout(PATIENCE, waiting).await.is_err();
        let indices = scopes.iter().map(|scope| self.channels.index(scope));
        (indices.collect(), is_late)
    }

    fn say(&self, problem: &mmdev_conda::Error) {
        self.printer.warning(&problem.to_string());
        self.printer.hint(hint(problem));
    }
}

/// What to do about it.
pub(crate) fn hint(problem: &mmdev_conda::Error) -> &'static str {
    use mmdev_conda::Error::{
        BadVirtualPackage, Cancelled, Inconsistent, MappingNotCached, MappingUnreadable, NoChannel,
        NoMapping, NoMatchSpec, NoPlatform, NotCached, NotThere, PackageNotCached, Unreadable,
    };
    match problem {
        NoChannel { .. } => "mend it in `channels:`: as long as one is wrong, none is asked",
        NoPlatform { .. } => {
            "mend it in `platforms:`: as long as one is wrong, no channel is asked"
        }
        NotThere { .. } => "mend its name in `channels:`: what it lacks is not known, and not said",
        Unreadable { .. } => {
            "look at the network and HTTPS_PROXY; what the cache has of it was taken, and what nobody knows is not said"
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
