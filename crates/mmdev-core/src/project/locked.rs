//! Environments that are installed from a lock: how its packages are laid into layers.

use std::collections::BTreeMap;

use super::Inputs;
use crate::diagnostic::Severity;
use crate::lock::{self, Decision, Layout};
use crate::spec::EnvSpec;
use crate::stamp::{self, Ownership};

/// The most hundredths of an environment's bytes that may be wasted unless `layers.waste` says otherwise.
const WASTE: u64 = 10;

/// A lock, and what was made of it last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockTexts {
    /// The text of the lock.
    pub lock: String,
    /// The texts of `base-lock.yml` and, where there is one, `delta-lock.yml`. Without them everything is laid out anew.
    pub slices: Option<(String, Option<String>)>,
}

/// What is installed from a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The packages in layers, for those platforms of the project that the lock has.
    pub layout: Layout,
    /// Why they are laid out so.
    pub decision: Decision,
    /// The lines of the pip section that the lock leaves to pip, which resolves them when the image is built.
    pub unlocked_pip: Vec<String>,
    /// What pip is to take for some of them.
    pub pip_fixed: BTreeMap<String, String>,
}

impl Locked {
    /// A line of the pip section as pip gets it: with what is locked of it.
    pub(super) fn pip_line(&self, line: &str) -> String {
        let fix = self.pip_fixed.get(line);
        let fixed = fix.and_then(|fix| lock::fixed_line(line, fix));
        fixed.unwrap_or_else(|| line.to_owned())
    }
}

/// What is installed from the lock at `path`; `None` where there is none, or none that can be understood, or it has no
/// platform of the project.
pub(super) fn plan(
    inputs: Inputs,
    path: &str,
    merged: &EnvSpec,
    platforms: &[String],
) -> Option<Locked> {
    let texts = inputs.locks.get(path)?;
    let read = lock::read(&texts.lock);
    let is_broken = |severity| severity == Severity::Error;
    if read
        .diagnostics
        .iter()
        .any(|found| is_broken(found.severity))
    {
        return None;
    }
    let requested: BTreeMap<String, Vec<String>> = platforms
        .iter()
        .filter(|platform| read.lock.metadata.platforms.contains(platform))
        .map(|platform| (platform.clone(), lock::requested(merged, platform)))
        .collect();
    if requested.is_empty() {
        return None;
    }
    let previous = texts.slices.as_ref().and_then(|(base, delta)| {
        let is_ours = |text: &&str| stamp::verify(text) == Ownership::Owned;
        let base = Some(base.as_str()).filter(is_ours)?;
        // What was added to the base follows from the lock: a conflict of git in it does no harm.
        let delta = delta.as_deref().filter(is_ours);
        Layout::read(base, delta).or_else(|| Layout::read(base, None))
    });
    let share = inputs.settings.layers_waste.unwrap_or(WASTE);
    let (layout, decision) = lock::layout(previous.as_ref(), &read.lock, &requested, share);
    Some(Locked {
        layout,
        decision,
        unlocked_pip: read.lock.unlocked_pip().map(str::to_owned).collect(),
        pip_fixed: read
            .lock
            .pip_fixed()
            .into_iter()
            .map(|(line, fix)| (line.to_owned(), fix.to_owned()))
            .collect(),
    })
}
