//! What is going to change, shown as libmamba shows it, and then done.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use rattler::install::PythonInfo;
use rattler_conda_types::Subdir;
use serde_json::json;

use crate::cache::Cache;
use crate::console::{self, Align, Table, human_size};
use crate::context::Context;
use crate::link::{Linker, rattler_prefix};
use crate::package::Package;
use crate::prefix::Entry;
use crate::spec::Spec;

/// The packages to unlink and to link, in order.
#[derive(Default)]
pub(crate) struct Transaction {
    /// Unlinked first, dependents before what they need.
    pub(crate) remove: Vec<Package>,
    /// Linked then, dependencies first.
    pub(crate) install: Vec<Package>,
    /// Specs that history and the screen show as asked for.
    pub(crate) update_specs: Vec<String>,
    /// Specs that history and the screen show as removed.
    pub(crate) remove_specs: Vec<String>,
    /// What conda-meta calls the requested spec of a name.
    pub(crate) requested: BTreeMap<String, Spec>,
    /// Whether .py files are left uncompiled.
    pub(crate) no_pyc: bool,
}

impl Transaction {
    /// The difference between what is there and what should be.
    pub(crate) fn between(installed: &BTreeMap<String, Package>, wanted: Vec<Package>) -> Self {
        let mut remove = Vec::new();
        let mut install = Vec::new();
        let mut gone = installed.clone();
        for package in wanted {
            match gone.remove(package.name()) {
                Some(old) if is_same(&old, &package) => {}
                old => {
                    remove.extend(old);
                    install.push(package);
                }
            }
        }
        remove.extend(gone.into_values());
        let mut remove = crate::solve::in_link_order(remove);
        remove.reverse();
        Self {
            remove,
            install,
            ..Self::default()
        }
    }

    /// Whether nothing is to be done.
    pub(crate) fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.install.is_empty()
    }

    /// Shows the plan, asks, and does it. `false` when the person said no or nothing was to do.
    pub(crate) fn execute(
        &self,
        context: &Context,
        prefix: &Path,
        installed: &BTreeMap<String, Package>,
    ) -> Result<bool> {
        let cache = Cache::new(context);
        if !context.json && !context.quiet {
            console::put(&self.shown(prefix, &cache));
        }
        if context.dry_run || self.is_empty() {
            if context.json {
                console::note(&self.as_json(prefix, context.dry_run).to_string());
            }
            return Ok(true);
        }
        if !context.json && !console::confirm("Confirm changes", context.yes) {
            console::note("Aborted.");
            return Ok(false);
        }
        let say = |line: String| {
            if !context.json && !context.quiet {
                console::note(&line);
            }
        };
        say("\nTransaction starting".to_owned());
        let mut sources = Vec::new();
        for package in &self.install {
            sources.push(cache.provide(context, package)?);
        }
        crate::prefix::create(prefix)?;
        let linker = Linker {
            context,
            prefix,
            home: rattler_prefix(prefix)?,
            python: self.python_after(installed)?,
            compiles: !self.no_pyc,
        };
        let mut entry = Entry {
            update: self.update_specs.clone(),
            remove: self.remove_specs.clone(),
            ..Entry::default()
        };
        for package in &self.remove {
            say(format!("Unlinking {}", package.stem()));
            linker.unlink(package)?;
            entry.unlinked.push(package.dist());
        }
        let mut modules = Vec::new();
        for (package, source) in self.install.iter().zip(&sources) {
            say(format!("Linking {}", package.stem()));
            let requested = self
                .requested
                .get(package.name())
                .map_or("", |spec| spec.text.as_str());
            modules.push((package.clone(), linker.link(package, source, requested)?));
            entry.linked.push(package.dist());
        }
        modules.retain(|(_, paths)| !paths.is_empty());
        linker.compile(&modules)?;
        entry.write(prefix)?;
        say("\nTransaction finished\n".to_owned());
        if context.json {
            console::note(&self.as_json(prefix, false).to_string());
        }
        Ok(true)
    }

    fn python_after(&self, installed: &BTreeMap<String, Package>) -> Result<Option<PythonInfo>> {
        let new = self
            .install
            .iter()
            .find(|package| package.name() == "python");
        let Some(python) = new.or_else(|| installed.get("python")) else {
            return Ok(None);
        };
        Ok(Some(PythonInfo::from_python_record(
            &python.record.package_record,
            Subdir::current().unwrap_or(Subdir::Linux64),
        )?))
    }

    fn as_json(&self, prefix: &Path, dry_run: bool) -> serde_json::Value {
        let list = |packages: &[Package]| {
            packages
                .iter()
                .map(|package| {
                    json!({
                        "name": package.name(),
                        "version": package.version(),
                        "build_string": package.build(),
                        "channel": package.channel(),
                        "url": package.record.url.as_str(),
                    })
                })
                .collect::<Vec<_>>()
        };
        json!({
            "success": true,
            "dry_run": dry_run,
            "prefix": prefix.display().to_string(),
            "actions": { "LINK": list(&self.install), "UNLINK": list(&self.remove) },
        })
    }

    fn shown(&self, prefix: &Path, cache: &Cache) -> String {
        let mut text = format!("Transaction\n\n  Prefix: {}\n\n", prefix.display());
        if self.is_empty() {
            text.push_str(if !self.update_specs.is_empty() {
                "  All requested packages already installed\n\n"
            } else if !self.remove_specs.is_empty() {
                "  Failure: packages to remove not found in the environment:\n\n"
            } else {
                "  Nothing to do\n\n"
            });
            if self.update_specs.is_empty() {
                for spec in &self.remove_specs {
                    text.push_str(&format!("  - {spec}\n"));
                }
            }
            return text;
        }
        for (title, specs) in [
            ("Updating", &self.update_specs),
            ("Removing", &self.remove_specs),
        ] {
            if !specs.is_empty() {
                text.push_str(&format!("  {title} specs:\n\n"));
                for spec in specs {
                    text.push_str(&format!("   - {spec}\n"));
                }
            }
        }
        text.push('\n');
        if self.update_specs.is_empty() && self.remove_specs.is_empty() {
            text.push_str("  No specs added or removed.\n\n");
        }
        text.push_str(&self.table(cache));
        text
    }

    fn table(&self, cache: &Cache) -> String {
        let mut table = Table::new(&[
            ("Package", Align::Left, 2),
            ("Version", Align::Right, 2),
            ("Build", Align::Left, 2),
            ("Channel", Align::Left, 2),
            ("Size", Align::Right, 5),
        ]);
        let mut total = 0;
        let mut groups: BTreeMap<Kind, Vec<Vec<String>>> = BTreeMap::new();
        let mut by_name: BTreeMap<&str, (Option<&Package>, Option<&Package>)> = BTreeMap::new();
        for package in &self.remove {
            by_name.entry(package.name()).or_default().0 = Some(package);
        }
        for package in &self.install {
            by_name.entry(package.name()).or_default().1 = Some(package);
        }
        for (old, new) in by_name.values() {
            let kind = Kind::of(*old, *new);
            let rows = groups.entry(kind).or_default();
            if let Some(old) = old.filter(|_| kind != Kind::Reinstall) {
                rows.push(row("-", old, cache, &mut 0));
            }
            if let Some(new) = new {
                rows.push(row(
                    if kind == Kind::Reinstall { "o" } else { "+" },
                    new,
                    cache,
                    &mut total,
                ));
            }
        }
        let mut summary = "\n  Summary:\n\n".to_owned();
        for (kind, rows) in groups {
            let count = rows.len() / if kind.has_two_rows() { 2 } else { 1 };
            summary.push_str(&format!("  {kind:?}: {count} packages\n"));
            table.section(&format!("{kind:?}:"), rows);
        }
        format!(
            "{}{summary}\n  Total download: {}\n\n",
            table.render(),
            human_size(total)
        )
    }
}

/// The sections of the table, in libmamba's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Install,
    Remove,
    Change,
    Reinstall,
    Upgrade,
    Downgrade,
}

impl Kind {
    fn of(old: Option<&Package>, new: Option<&Package>) -> Self {
        match (old, new) {
            (Some(_), None) => Self::Remove,
            (Some(old), Some(new)) => {
                let version = |package: &Package| package.record.package_record.version.clone();
                match version(new).cmp(&version(old)) {
                    std::cmp::Ordering::Greater => Self::Upgrade,
                    std::cmp::Ordering::Less => Self::Downgrade,
                    std::cmp::Ordering::Equal if old.build() == new.build() => Self::Reinstall,
                    std::cmp::Ordering::Equal => Self::Change,
                }
            }
            (None, _) => Self::Install,
        }
    }

    fn has_two_rows(self) -> bool {
        matches!(self, Self::Change | Self::Upgrade | Self::Downgrade)
    }
}

fn row(sign: &str, package: &Package, cache: &Cache, total: &mut u64) -> Vec<String> {
    let size = match package.record.package_record.size.unwrap_or(0) {
        0 => String::new(),
        _ if cache.has(package) => "Cached".to_owned(),
        size => {
            *total += size;
            human_size(size)
        }
    };
    vec![
        format!("{sign} {}", package.name()),
        package.version(),
        package.build(),
        without_scheme(&package.channel()),
        size,
    ]
}

/// The table leaves `http://` out, conda-meta and `micromamba list` do not.
fn without_scheme(channel: &str) -> String {
    let address = channel.split_once("://");
    address.map_or(channel, |(_, rest)| rest).to_owned()
}

fn is_same(old: &Package, new: &Package) -> bool {
    old.stem() == new.stem() && old.record.url == new.record.url
}
