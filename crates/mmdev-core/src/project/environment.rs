//! From specs to the environments of the image: merged, their selectors resolved, their entries judged.

use std::collections::BTreeMap;

use super::check;
use super::locked;
use super::requirements::{self, Pip};
use super::{
    BAD_NAME, ENVIRONMENT_CLASH, Environment, Inputs, MERGE_CONFLICT, MISSING_FILE, PackageList,
    Packages, Problem, ROOT_PREFIX,
};
use crate::lock;
use crate::settings;
use crate::spec::{self, EnvSpec, Selector};

/// The channel of a spec that names none. conda would take `defaults`, micromamba none at all; conda-forge is what
/// nearly every spec that works in both means.
pub(crate) const DEFAULT_CHANNEL: &str = "conda-forge";

/// One spec with its path.
type Source<'a> = (&'a str, &'a EnvSpec);

/// The environments, at least one.
pub(super) fn plan(
    inputs: Inputs,
    platforms: &[String],
    problems: &mut Vec<Problem>,
) -> Vec<Environment> {
    let groups = groups(inputs, problems);
    let is_single = groups.len() == 1;
    let named_by_nobody = is_single && groups.iter().all(|(name, _)| name.is_none());
    let mut environments: Vec<Environment> = Vec::new();
    for (name, sources) in groups {
        let identity = identity(name, &sources, is_single, problems);
        let lock_path = match (environments.as_slice(), sources.as_slice()) {
            ([], [(path, _)]) if named_by_nobody => lock::path_of(path),
            ([], _) => beside(&sources, lock::FILE_NAME),
            _ => beside(&sources, &format!("{}.{}", identity.name, lock::FILE_NAME)),
        };
        let environment = lower(inputs, &sources, platforms, identity, lock_path, problems);
        // Their files differ by name alone, and some hosts' file systems do not tell `A` from `a`.
        if let Some(twin) = environments
            .iter()
            .find(|other| other.name.eq_ignore_ascii_case(&environment.name))
        {
            problems.push(
                Problem::error(
                    ENVIRONMENT_CLASH,
                    format!(
                        "two environments are called `{}`: {} and {}",
                        environment.name,
                        twin.specs.join(", "),
                        environment.specs.join(", ")
                    ),
                )
                .hint("Give one of them another name in customizations.mmdev.environments"),
            );
            continue;
        }
        environments.push(environment);
    }
    environments
}

/// The specs of each environment with the name that the settings give it.
fn groups<'a>(
    inputs: Inputs<'a>,
    problems: &mut Vec<Problem>,
) -> Vec<(Option<&'a str>, Vec<Source<'a>>)> {
    let all = || -> Vec<Source<'a>> {
        inputs
            .specs
            .iter()
            .map(|(path, spec)| (path.as_str(), spec))
            .collect()
    };
    let named = inputs.settings.environments.as_deref().unwrap_or_default();
    if named.is_empty() {
        return vec![(None, all())];
    }
    let mut groups = Vec::new();
    for (name, path) in named {
        let found = all().into_iter().find(|(other, _)| other == path);
        let Some(source) = found else {
            problems.push(
                Problem::error(
                    MISSING_FILE,
                    format!("the environment `{name}` has no spec: `{path}` is not there"),
                )
                .hint("Create the file, or mend customizations.mmdev.environments"),
            );
            continue;
        };
        groups.push(((!name.is_empty()).then_some(name.as_str()), vec![source]));
    }
    if groups.is_empty() {
        groups.push((None, all()));
    }
    groups
}

/// The path of a file called `name` in the folder of the first spec.
fn beside(sources: &[Source], name: &str) -> String {
    let folder = sources.first().and_then(|(path, _)| path.rsplit_once('/'));
    match folder {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

/// The name, alias and prefix of an environment.
struct Identity {
    name: String,
    alias: Option<String>,
    prefix: String,
}

fn identity(
    given: Option<&str>,
    sources: &[Source],
    is_single: bool,
    problems: &mut Vec<Problem>,
) -> Identity {
    let own = sources
        .iter()
        .find_map(|(path, spec)| spec.name.as_ref().map(|name| (*path, name)));
    let name = match (given, own) {
        (Some(given), _) => Some(given.to_owned()),
        (None, Some((_, own))) => Some(own.value.clone()),
        (None, None) if is_single => None,
        (None, None) => sources.first().map(|(path, _)| stem(path).to_owned()),
    };
    let name = name.filter(|name| {
        let valid = settings::check::environment_name(name).is_ok();
        // A name that is a mistake in any tool has its own diagnostic (MM105).
        let is_said = is_single && name.contains(['/', ':', '#', ' ']);
        if !valid && !is_said {
            let problem = name_problem(name, is_single);
            problems.push(match own {
                Some((path, own)) if given.is_none() => problem.at(path, Some(own.span)),
                _ => problem,
            });
        }
        valid
    });
    if is_single {
        return Identity {
            name: "base".to_owned(),
            // `root` is micromamba's and conda's second name of the root prefix already.
            alias: name.filter(|name| name != "base" && name != "root"),
            prefix: ROOT_PREFIX.to_owned(),
        };
    }
    let name = name.unwrap_or_else(|| "base".to_owned());
    let prefix = if name == "base" {
        ROOT_PREFIX.to_owned()
    } else {
        format!("{ROOT_PREFIX}/envs/{name}")
    };
    Identity {
        name,
        alias: None,
        prefix,
    }
}

/// A name alone makes no folder where the environment is the root prefix: it is missed as a second name only.
fn name_problem(name: &str, is_single: bool) -> Problem {
    let problem = if is_single {
        let message =
            format!("the environment is `base` alone: `{name}` cannot be its second name");
        Problem::warning(BAD_NAME, message)
    } else {
        Problem::error(BAD_NAME, format!("`{name}` cannot name an environment"))
    };
    problem.hint("Use letters, digits, `_`, `-` and `.`")
}

/// The file's name without its folder and what follows the last dot.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

fn lower(
    inputs: Inputs,
    sources: &[Source],
    platforms: &[String],
    identity: Identity,
    lock_path: String,
    problems: &mut Vec<Problem>,
) -> Environment {
    for (path, spec) in sources {
        let found = check::entries(spec).into_iter();
        problems.extend(found.map(|problem| Problem {
            path: Some((*path).to_owned()),
            ..problem
        }));
    }
    let specs: Vec<EnvSpec> = sources.iter().map(|(_, spec)| (*spec).clone()).collect();
    let (merged, conflicts) = spec::merge(&specs);
    problems.extend(
        conflicts
            .into_iter()
            .map(|message| Problem::warning(MERGE_CONFLICT, message)),
    );
    let mut lists: Vec<(String, PackageList)> = Vec::new();
    let mut found = Pip::default();
    for (index, platform) in platforms.iter().enumerate() {
        // What is wrong is wrong on every platform: it is said once.
        let mut unsaid = Vec::new();
        let said = if index == 0 {
            &mut *problems
        } else {
            &mut unsaid
        };
        let (list, pip) = packages(inputs, sources, &merged, platform, said);
        if index == 0 {
            found = pip;
        }
        lists.push((platform.clone(), list));
    }
    let same = lists.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let packages = if same {
        Packages::Same(lists.pop().map(|(_, list)| list).unwrap_or_default())
    } else {
        Packages::PerPlatform(lists)
    };
    Environment {
        name: identity.name,
        alias: identity.alias,
        prefix: identity.prefix,
        specs: sources.iter().map(|(path, _)| (*path).to_owned()).collect(),
        channels: channels(&merged),
        packages,
        workspace_packages: found.workspace,
        constraints: found.constraints,
        variables: variables(&merged),
        locked: locked::plan(inputs, &lock_path, &merged, platforms),
        lock_path,
    }
}

/// The entries for one platform. Bad ones are left out; [`check::entries`] says why.
fn packages(
    inputs: Inputs,
    sources: &[Source],
    merged: &EnvSpec,
    platform: &str,
    problems: &mut Vec<Problem>,
) -> (PackageList, Pip) {
    let mut dependencies: Vec<String> = Vec::new();
    for dependency in &merged.dependencies {
        let text = &dependency.text.value;
        let is_wanted = applies(dependency.selector.as_ref(), platform)
            && check::entry("", text)
                .or_else(|| check::dependency(dependency))
                .is_none();
        if is_wanted && !dependencies.contains(text) {
            dependencies.push(text.clone());
        }
    }
    let mut pip = pip_of(inputs.files, sources.iter().copied(), platform, problems);
    // pip adds itself nowhere: conda warns without it, micromamba installs it, and so do we, visibly.
    let has_pip = !pip.lines.is_empty() || !pip.workspace.is_empty();
    let names_installer = dependencies
        .iter()
        .any(|text| matches!(check::package_name(text), "pip" | "uv"));
    if has_pip && !names_installer {
        dependencies.push("pip".to_owned());
    }
    // Their order means nothing to a solver, so that a spec in another order is the same project.
    dependencies.sort();
    pip.workspace = pip.workspace_arguments();
    let list = PackageList {
        dependencies,
        pip: std::mem::take(&mut pip.lines),
    };
    (list, pip)
}

/// The pip section of an environment on one platform. What is wrong in it is left out: [`plan`](super::plan) says it.
pub fn pip_section(
    specs: &[(String, EnvSpec)],
    files: &BTreeMap<String, String>,
    platform: &str,
) -> Pip {
    let sources = specs.iter().map(|(path, spec)| (path.as_str(), spec));
    pip_of(files, sources, platform, &mut Vec::new())
}

/// The pip section of `sources` for one platform.
fn pip_of<'a>(
    files: &BTreeMap<String, String>,
    sources: impl Iterator<Item = Source<'a>>,
    platform: &str,
    problems: &mut Vec<Problem>,
) -> Pip {
    // Paths are relative to the spec that names them, so a merged one does not serve.
    let mut pip = Pip::default();
    for (path, spec) in sources {
        for entry in &spec.pip {
            if applies(entry.selector.as_ref(), platform) {
                requirements::resolve(files, path, entry, &mut pip, problems);
            }
        }
    }
    pip
}

/// Whether an entry is for `platform`. A selector that nobody understands has its own diagnostic, and hides nothing.
fn applies(selector: Option<&Selector>, platform: &str) -> bool {
    selector.is_none_or(|selector| selector.applies_to(platform).unwrap_or(true))
}

fn channels(merged: &EnvSpec) -> Vec<String> {
    match &merged.channels {
        None => vec![DEFAULT_CHANNEL.to_owned()],
        Some(channels) => channels
            .iter()
            .map(|channel| channel.value.clone())
            .filter(|channel| check::channel(channel).is_none())
            .collect(),
    }
}

/// They are sorted: a mapping has no order, and no value takes another.
fn variables(merged: &EnvSpec) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = merged
        .variables
        .iter()
        .map(|variable| (variable.name.value.clone(), variable.value.value.clone()))
        .filter(|(name, value)| check::can_be_set(name, value))
        .collect();
    variables.sort();
    variables
}
