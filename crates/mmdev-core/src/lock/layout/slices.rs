//! A layout as text: `base-lock.yml` and `delta-lock.yml`, which micromamba installs one after the other, and back.
//!
//! What the second layer removes, and what history is to know, stand in comments of `delta-lock.yml`, one line for
//! each platform, so that no name stands in a command.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Layout, Slice};
use crate::hash::sha256;
use crate::lock::read::is_name;
use crate::lock::{Lock, Manager, Metadata, Package, read, write};
use crate::match_spec;
use crate::spec::{EnvSpec, PLATFORMS};
use crate::stamp::sign;

/// What begins the lines in `delta-lock.yml` that name packages of the base to be removed.
const REMOVE: [(Manager, &str); 2] = [(Manager::Pip, "pip uninstall"), (Manager::Conda, "remove")];

impl Layout {
    /// The text of `base-lock.yml`. `source` is the name of the lock that it is a slice of.
    ///
    /// It holds nothing but the packages and their platforms: whatever else changes must not build the layer anew.
    pub fn base_lock(&self, source: &str) -> String {
        let comment = format!(
            "# The part of {} that the image's first layer installs: all that it had when it was last laid out.\n",
            source.escape_debug()
        );
        sign(&(comment + &self.text(source, |slice| &slice.base)))
    }

    /// The text of `delta-lock.yml`: what the second layer removes, and installs. `requested` has the dependencies of
    /// each platform that the spec names, as [`requested`] gives them.
    pub fn delta_lock(&self, source: &str, requested: &BTreeMap<String, Vec<String>>) -> String {
        let mut text = format!(
            "# The part of {} that the image's second layer installs: what changed since the first.\n",
            source.escape_debug()
        );
        for (platform, slice) in &self.platforms {
            for (manager, words) in REMOVE {
                let removed = slice.remove.iter().filter(|(other, _)| *other == manager);
                let names: Vec<&str> = removed.map(|(_, name)| name.as_str()).collect();
                if !names.is_empty() {
                    let _ = writeln!(text, "# {platform} {words}: {}", names.join(" "));
                }
            }
        }
        for (platform, specs) in requested {
            let quoted: Vec<String> = specs.iter().map(|spec| format!("\"{spec}\"")).collect();
            let _ = writeln!(text, "# {platform} update specs: [{}]", quoted.join(", "));
        }
        sign(&(text + &self.text(source, |slice| &slice.add)))
    }

    /// One slice of every platform in the format of a lock. micromamba wants a source and a hash in it.
    fn text(&self, source: &str, part: fn(&Slice) -> &Vec<Package>) -> String {
        let slices = self.platforms.iter().map(|(platform, slice)| {
            let packages = part(slice).clone();
            (platform.clone(), packages)
        });
        let mut lock = Lock::default();
        for (platform, packages) in slices {
            let slice = Lock {
                packages,
                ..Lock::default()
            };
            let digest = sha256(write::body(&slice));
            lock.metadata.content_hash.insert(platform.clone(), digest);
            lock.metadata.platforms.push(platform);
            lock.packages.extend(slice.packages);
        }
        lock.metadata = Metadata {
            sources: vec![source.to_owned()],
            ..lock.metadata
        };
        write::body(&lock)
    }

    /// The layout that these two texts were made from; `None` where they are not such texts any more, and everything
    /// is laid out anew.
    pub fn read(base_lock: &str, delta_lock: &str) -> Option<Self> {
        let (base, delta) = (read(base_lock), read(delta_lock));
        if !base.diagnostics.is_empty() || !delta.diagnostics.is_empty() {
            return None;
        }
        let mut layout = Layout::default();
        let platforms: BTreeSet<String> = base.lock.metadata.platforms.into_iter().collect();
        if platforms != delta.lock.metadata.platforms.into_iter().collect() {
            return None;
        }
        for platform in platforms {
            layout.platforms.insert(platform, Slice::default());
        }
        for package in base.lock.packages {
            let slice = layout.platforms.get_mut(&package.platform)?;
            slice.base.push(package);
        }
        for package in delta.lock.packages {
            let slice = layout.platforms.get_mut(&package.platform)?;
            slice.add.push(package);
        }
        for (platform, manager, names) in delta_lock.lines().filter_map(removed) {
            let slice = layout.platforms.get_mut(platform)?;
            for name in names.split(' ') {
                let is_there =
                    |package: &Package| package.manager == manager && package.name == name;
                if !is_name(name) || !slice.base.iter().any(is_there) {
                    return None;
                }
                slice.remove.push((manager, name.to_owned()));
            }
            slice.remove.sort();
        }
        Some(layout)
    }
}

/// Platform, manager and names in a line of what is removed.
fn removed(line: &str) -> Option<(&str, Manager, &str)> {
    let (platform, rest) = line.strip_prefix("# ")?.split_once(' ')?;
    let (words, names) = rest.split_once(": ")?;
    let (manager, _) = REMOVE.into_iter().find(|(_, known)| *known == words)?;
    PLATFORMS
        .contains(&platform)
        .then_some((platform, manager, names))
}

/// The MatchSpecs that `spec` names for `platform`, for the line `# update specs` of an environment's history, in which
/// conda and micromamba look for what they must not remove. They hold no `"`.
pub fn requested(spec: &EnvSpec, platform: &str) -> Vec<String> {
    let mut specs: Vec<String> = spec
        .dependencies
        .iter()
        .filter(|dependency| {
            let selector = dependency.selector.as_ref();
            selector.is_none_or(|selector| selector.applies_to(platform).unwrap_or(true))
        })
        .filter_map(|dependency| dependency.match_spec.as_ref())
        .filter(|match_spec| !match_spec.name.value.starts_with("__"))
        .map(|match_spec| {
            let text = match_spec.to_string().replace('"', "'");
            // One that is not read again would spoil the whole history.
            let is_read = match_spec::parse(&text).spec.is_some();
            match is_read && !text.contains(['\\', '\n', '\r']) {
                true => text,
                false => match_spec.name.value.clone(),
            }
        })
        .collect();
    specs.sort();
    specs.dedup();
    specs
}
