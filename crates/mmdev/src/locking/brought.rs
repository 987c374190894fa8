//! A lock that was planned: writing it, and saying what it changes.

use std::collections::BTreeSet;
use std::path::Path;

use mmdev_core::lock::{self, Lock, Package};

use super::Target;
use crate::error::Result;
use crate::files::{self, Written};
use crate::json::{LockedPackage, Message};
use crate::load::counted;
use crate::printer::Printer;

/// The lock of one environment as its spec asks for it. It is on the disk once it is written.
pub(crate) struct Brought {
    /// Its environment.
    pub(crate) target: Target,
    /// What was there, which may be nothing.
    pub(crate) before: Lock,
    /// What is to be there.
    pub(crate) after: Lock,
    /// Whether it was solved for; what was there is left as it is otherwise.
    pub(super) is_made: bool,
}

impl Brought {
    /// Its text; `None` where what is there is left as it is, however it is written.
    pub(crate) fn text(&self) -> Option<String> {
        self.is_made.then(|| lock::write(&self.after))
    }

    /// Writes it below the project's root, and says what changed.
    pub(crate) fn write(&self, printer: &Printer, root: &Path) -> Result<()> {
        let Some(text) = self.text() else {
            return Ok(());
        };
        let written = files::write(&root.join(&self.target.path), &text)?;
        self.say(printer, change_word(written), true);
        Ok(())
    }

    /// Says what writing it would change.
    pub(crate) fn show(&self, printer: &Printer, root: &Path) -> Result<()> {
        let Some(text) = self.text() else {
            return Ok(());
        };
        let would = match files::read(&root.join(&self.target.path))? {
            None => Written::Created,
            Some(before) if before == text => Written::Unchanged,
            Some(_) => Written::Changed,
        };
        self.say(printer, change_word(would), false);
        Ok(())
    }

    fn say(&self, printer: &Printer, change: Option<&'static str>, written: bool) {
        let Some(change) = change else {
            printer.status("Fresh", &self.target.path);
            return;
        };
        printer.message(&Message::GeneratedFile {
            path: &self.target.path,
            change,
            written,
        });
        self.say_changes(printer, written);
        if written {
            printer.status("Locked", &self.summary());
        }
    }

    /// `conda-lock.yml: 4 packages for linux-64`.
    fn summary(&self) -> String {
        let platforms = self.after.metadata.platforms.iter();
        let counts: Vec<String> = platforms
            .map(|platform| {
                let packages = counted(self.after.of(platform).count(), "package");
                format!("{packages} for {platform}")
            })
            .collect();
        format!("{}: {}", self.target.path, counts.join(", "))
    }

    /// Says what is other than in the lock that was there; what is so on several platforms, once. Of a new platform
    /// the count says enough to a person.
    fn say_changes(&self, printer: &Printer, written: bool) {
        let mut lines = BTreeSet::new();
        for (platform, diff) in lock::diff(&self.before, &self.after) {
            let added = diff.added.into_iter().map(|package| (None, Some(package)));
            let removed = diff
                .removed
                .into_iter()
                .map(|package| (Some(package), None));
            let changed = diff
                .changed
                .into_iter()
                .map(|change| (Some(change.from), Some(change.to)));
            let mut known = self.before.metadata.platforms.iter();
            let is_known = known.any(|known| known == platform);
            for (from, to) in added.chain(removed).chain(changed) {
                self.message(printer, platform, from, to, written);
                if is_known {
                    lines.insert(line(from, to));
                }
            }
        }
        let before = self.before.pip_fixed();
        for (line, new) in self.after.pip_fixed() {
            if let Some(old) = before.get(line).filter(|old| **old != new) {
                let [old, new] = [old, new].map(lock::short_fix);
                lines.insert((format!("{line} {old} -> {new}"), "Updating"));
            }
        }
        for (what, verb) in lines {
            printer.status(verb, &what);
        }
    }

    fn message(
        &self,
        printer: &Printer,
        platform: &str,
        from: Option<&Package>,
        to: Option<&Package>,
        written: bool,
    ) {
        let Some(package) = to.or(from) else { return };
        let change = match (from, to) {
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
            (None, _) => "added",
        };
        printer.message(&Message::LockDifference {
            path: Some(&self.target.path),
            platform,
            name: &package.name,
            manager: package.manager.name(),
            change,
            from: from.map(LockedPackage::of),
            to: to.map(LockedPackage::of),
            written: Some(written),
        });
    }
}

/// What happens to a package, and the verb for it.
fn line(from: Option<&Package>, to: Option<&Package>) -> (String, &'static str) {
    let one = |package: &Package| format!("{} {}", package.name, package.version);
    match (from, to) {
        (Some(from), Some(to)) => {
            let new = match from.version == to.version {
                true => "another build",
                false => &to.version,
            };
            (format!("{} -> {new}", one(from)), "Updating")
        }
        (Some(from), None) => (one(from), "Removing"),
        (None, to) => (to.map(one).unwrap_or_default(), "Adding"),
    }
}

/// The word for what happens to a file; `None` where nothing does.
fn change_word(written: Written) -> Option<&'static str> {
    match written {
        Written::Created => Some("created"),
        Written::Changed => Some("changed"),
        Written::Unchanged => None,
    }
}
