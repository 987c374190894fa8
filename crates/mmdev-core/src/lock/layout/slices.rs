//! A layout as text: `base-lock.yml` and `delta-lock.yml`, which micromamba installs one after the other, and back.
//!
//! What the second layer removes, and what history is to know, stand in comments, one line for each machine, so that no
//! name stands in a command. `uname -m` tells the shell which lines are its own.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Layout, Slice};
use crate::hash::sha256;
use crate::lock::read::is_name;
use crate::lock::{Lock, Manager, Package, read, write};
use crate::match_spec;
use crate::spec::EnvSpec;
use crate::subdir::machine;

/// What begins the lines in `delta-lock.yml` that name packages of the base to be removed.
const REMOVE: [(Manager, &str); 2] = [(Manager::Pip, "pip uninstall"), (Manager::Conda, "remove")];

/// What begins the lines with the MatchSpecs that the spec names, as in an environment's history.
const REQUESTED: &str = "update specs";

impl Layout {
    /// The text of `base-lock.yml`. `source` is the name of the lock that it is a slice of.
    ///
    /// It holds nothing but the packages and what was asked for when they were laid out: whatever else changes must not
    /// build the layer anew.
    pub fn base_lock(&self, source: &str) -> String {
        let mut text = format!(
            "# The part of {} that the image's first layer installs: all that it had when it was last laid out.\n",
            source.escape_debug()
        );
        for (platform, slice) in &self.platforms {
            push_requested(&mut text, platform, &slice.base_requested);
        }
        text + &self.text(source, |slice| &slice.base)
    }

    /// The text of `delta-lock.yml`: what the second layer removes, and installs. `None` where there is no such layer.
    pub fn delta_lock(&self, source: &str) -> Option<String> {
        if !self.has_delta() {
            return None;
        }
        let mut text = format!(
            "# The part of {} that the image's second layer installs: what changed since the first.\n",
            source.escape_debug()
        );
        for (platform, slice) in &self.platforms {
            for (manager, words) in REMOVE {
                let removed = slice.remove.iter().filter(|(other, _)| *other == manager);
                let names: Vec<&str> = removed.map(|(_, name)| name.as_str()).collect();
                if !names.is_empty() {
                    push_line(&mut text, platform, words, &names.join(" "));
                }
            }
            push_requested(&mut text, platform, &slice.requested);
        }
        Some(text + &self.text(source, |slice| &slice.add))
    }

    /// One slice of every platform in the format of a lock. micromamba wants a source and a hash in it.
    fn text(&self, source: &str, part: fn(&Slice) -> &Vec<Package>) -> String {
        let mut lock = Lock::default();
        for (platform, slice) in &self.platforms {
            let slice = Lock {
                packages: part(slice).clone(),
                ..Lock::default()
            };
            let digest = sha256(write::body(&slice));
            lock.metadata.content_hash.insert(platform.clone(), digest);
            lock.metadata.platforms.push(platform.clone());
            lock.packages.extend(slice.packages);
        }
        lock.metadata.sources.push(source.to_owned());
        write::body(&lock)
    }

    /// The layout that these texts were made from, stamped or not; `None` where they are not such texts any more, and
    /// everything is laid out anew.
    pub fn read(base_lock: &str, delta_lock: Option<&str>) -> Option<Self> {
        let base = read(base_lock);
        let delta = delta_lock.map(read);
        let found = delta.iter().chain([&base]);
        if !found.into_iter().all(|read| read.diagnostics.is_empty()) {
            return None;
        }
        let mut layout = Layout::default();
        let platforms: BTreeSet<String> = base.lock.metadata.platforms.into_iter().collect();
        for platform in &platforms {
            layout.platforms.insert(platform.clone(), Slice::default());
        }
        for package in base.lock.packages {
            let slice = layout.platforms.get_mut(&package.platform)?;
            slice.base.push(package);
        }
        for (platform, slice) in &mut layout.platforms {
            slice.base_requested = requested_in(base_lock, platform)?;
            slice.requested.clone_from(&slice.base_requested);
        }
        let (Some(delta), Some(text)) = (delta, delta_lock) else {
            return Some(layout);
        };
        if platforms != delta.lock.metadata.platforms.into_iter().collect() {
            return None;
        }
        for package in delta.lock.packages {
            let slice = layout.platforms.get_mut(&package.platform)?;
            slice.add.push(package);
        }
        for (platform, slice) in &mut layout.platforms {
            slice.requested = requested_in(text, platform)?;
            for (manager, words) in REMOVE {
                let names = line(text, platform, words).unwrap_or_default();
                for name in names.split_terminator(' ') {
                    let is_there =
                        |package: &Package| package.manager == manager && package.name == name;
                    if !is_name(name) || !slice.base.iter().any(is_there) {
                        return None;
                    }
                    slice.remove.push((manager, name.to_owned()));
                }
            }
            slice.remove.sort();
        }
        Some(layout)
    }
}

fn push_line(text: &mut String, platform: &str, words: &str, rest: &str) {
    let _ = writeln!(
        text,
        "# {} {words}: {rest}",
        machine(platform).unwrap_or(platform)
    );
}

fn push_requested(text: &mut String, platform: &str, specs: &[String]) {
    let quoted: Vec<String> = specs.iter().map(|spec| format!("\"{spec}\"")).collect();
    push_line(
        text,
        platform,
        REQUESTED,
        &format!("[{}]", quoted.join(", ")),
    );
}

/// What stands behind `words` in the line of a platform.
fn line<'text>(text: &'text str, platform: &str, words: &str) -> Option<&'text str> {
    let start = format!("# {} {words}: ", machine(platform).unwrap_or(platform));
    text.lines().find_map(|line| line.strip_prefix(&start))
}

fn requested_in(text: &str, platform: &str) -> Option<Vec<String>> {
    serde_json::from_str(line(text, platform, REQUESTED)?).ok()
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
