//! What should be, free of any host: from specs, settings and the files that they name.
//!
//! [`plan`] is pure and total: what a person wrote wrongly comes back as [`Problem`]s beside the project that could be
//! understood. A project with an error among its problems is shown, not written.

mod base;
mod check;
mod environment;
mod locked;
mod requirements;

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::lock::uv;
use crate::settings::Settings;
use crate::spec::EnvSpec;
use crate::subdir::machine;
use crate::text::{Span, shortened};

pub use base::{BaseImage, DEFAULT_BASE_IMAGE};
pub use check::masked;
pub(crate) use check::{entries, hide_secrets};
pub(crate) use environment::DEFAULT_CHANNEL;
pub use environment::pip_section;
pub use locked::{LockTexts, Locked};
pub use requirements::{Pip, requirement_lines, wanted_files};

/// A name, path or variable that cannot be used.
pub const BAD_NAME: Code = Code("MM611");
/// Two environments of one name, or an active environment that does not exist.
pub const ENVIRONMENT_CLASH: Code = Code("MM612");
/// A secret in a channel or package URL.
pub const SECRET_IN_URL: Code = Code("MM613");
/// A channel or package that only this machine has.
pub const LOCAL_CHANNEL: Code = Code("MM614");
/// A file that the spec names and that is not there.
pub const MISSING_FILE: Code = Code("MM615");
/// Two specs that are merged say different things.
pub const MERGE_CONFLICT: Code = Code("MM616");
/// A base image or system package that cannot be used.
pub const BAD_SETTING: Code = Code("MM617");
/// A base image on which no conda package runs.
pub const MUSL_BASE_IMAGE: Code = Code("MM622");

/// The Debian packages for people that a development image has unless `developmentPackages` says otherwise.
/// VS Code's source control needs git and ssh, its terminal less, and its extensions ps.
pub const DEVELOPMENT_PACKAGES: [&str; 5] = ["git", "openssh-client", "less", "procps", "curl"];

/// The folder of the root prefix in micromamba images (`MAMBA_ROOT_PREFIX`).
pub const ROOT_PREFIX: &str = "/opt/conda";

/// The conda subdirs that an image is made for when neither settings nor spec say so.
pub const DEFAULT_PLATFORMS: [&str; 2] = ["linux-64", "linux-aarch64"];

/// What [`plan`] reads.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The specs with their paths relative to the project's root, `/` between folders. Without
    /// `settings.environments` they are merged into one environment, in this order.
    pub specs: &'a [(String, EnvSpec)],
    /// The settings, merged from every source.
    pub settings: &'a Settings,
    /// The text of the requirements and constraints files that pip sections name ([`wanted_files`]), by path relative
    /// to the project's root.
    pub files: &'a BTreeMap<String, String>,
    /// The locks that are there, by [`Environment::lock_path`].
    pub locks: &'a BTreeMap<String, LockTexts>,
}

/// What should be: everything that the generated files and the image depend on, and nothing of any host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The image that the Dockerfile starts from.
    pub base_image: BaseImage,
    /// The environments; never empty.
    pub environments: Vec<Environment>,
    /// The index of the environment that is active.
    pub active: usize,
    /// Debian packages, sorted, that are installed before the environments.
    pub system_packages: Vec<String>,
    /// The conda subdirs that the image is made for.
    pub platforms: Vec<String>,
    /// A person's own Dockerfile lines before the environments.
    pub dockerfile_before: Vec<String>,
    /// A person's own Dockerfile lines after the environments.
    pub dockerfile_after: Vec<String>,
    /// VS Code extensions.
    pub extensions: Vec<String>,
}

impl Project {
    /// The environment that is active where nothing else is asked for.
    pub fn active_environment(&self) -> &Environment {
        &self.environments[self.active]
    }
}

/// One environment of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The name that micromamba knows it by: `base` for the root prefix.
    pub name: String,
    /// The spec's own name where the environment is the root prefix and is called otherwise there.
    pub alias: Option<String>,
    /// The folder that holds it.
    pub prefix: String,
    /// The paths of its specs.
    pub specs: Vec<String>,
    /// The channels, first the most important.
    pub channels: Vec<String>,
    /// What is installed when the image is built.
    pub packages: Packages,
    /// Where its lock is, or would be, relative to the project's root.
    pub lock_path: String,
    /// What is installed from its lock; without, `packages` are solved when the image is built.
    pub locked: Option<Locked>,
    /// The lines of the constraints files that its pip section names.
    pub constraints: Vec<String>,
    /// `variables:`, sorted, names valid and values of one line.
    pub variables: Vec<(String, String)>,
    /// The arguments of the `pip install` for what comes from the workspace itself (`-e .`): it runs when the container
    /// is created, because an image build does not see the workspace. Paths are relative to the project's root.
    pub workspace_packages: Vec<String>,
}

impl Environment {
    /// Whether it is installed in two layers.
    pub fn has_delta(&self) -> bool {
        let locked = self.locked.as_ref();
        locked.is_some_and(|locked| locked.layout.has_delta())
    }

    /// What pip resolves besides the lock, for each platform where that differs: the lines of the pip section that are
    /// not locked, with what is locked of them, and its options. A platform on which all is locked is
    /// left out; empty where none is left, or nothing is locked.
    pub fn unlocked_pip(&self) -> Vec<(Option<&str>, Vec<String>)> {
        let Some(locked) = &self.locked else {
            return Vec::new();
        };
        let is_unlocked = |line: &&String| locked.unlocked_pip.contains(line);
        let lists = self.packages.lists().into_iter();
        lists
            .filter(|(_, list)| list.pip.iter().any(|line| is_unlocked(&line)))
            .map(|(platform, list)| {
                let lines = list.pip.iter();
                let lines = lines.filter(|line| is_unlocked(line) || !uv::is_requirement(line));
                (platform, lines.map(|line| locked.pip_line(line)).collect())
            })
            .collect()
    }
}

/// What is installed, after selectors are resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packages {
    /// The same on every platform of the project.
    Same(PackageList),
    /// One list a platform (conda subdir), because selectors made a difference.
    PerPlatform(Vec<(String, PackageList)>),
}

impl Packages {
    /// Every list, with the platform that it is for where that matters.
    pub fn lists(&self) -> Vec<(Option<&str>, &PackageList)> {
        match self {
            Packages::Same(list) => vec![(None, list)],
            Packages::PerPlatform(lists) => lists
                .iter()
                .map(|(platform, list)| (Some(platform.as_str()), list))
                .collect(),
        }
    }
}

/// The entries of one normalised spec.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageList {
    /// MatchSpecs as the spec wrote them, sorted.
    pub dependencies: Vec<String>,
    /// Lines of a requirements file, `-r` resolved.
    pub pip: Vec<String>,
}

impl PackageList {
    /// The names of its packages, as far as they have one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.dependencies
            .iter()
            .chain(&self.pip)
            .map(|text| check::package_name(text))
    }
}

/// Something that a person has to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file that it stands in, relative to the project's root; `None` for settings.
    pub path: Option<String>,
    /// The bytes of that file, where they are known.
    pub span: Option<Span>,
    /// The rule.
    pub code: Code,
    /// How bad it is; an error means that the project must not be written or built.
    pub severity: Severity,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What to do, in the imperative.
    pub hint: Option<String>,
}

impl Problem {
    pub(crate) fn error(code: Code, message: impl Into<String>) -> Self {
        let mut message = message.into();
        shortened(&mut message);
        Problem {
            path: None,
            span: None,
            code,
            severity: Severity::Error,
            message,
            hint: None,
        }
    }

    pub(crate) fn warning(code: Code, message: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, message)
        }
    }

    pub(crate) fn at(self, path: &str, span: Option<Span>) -> Self {
        Problem {
            path: Some(path.to_owned()),
            span,
            ..self
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Problem {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same as a finding of its file: at the file's beginning where its place is not known.
    pub fn into_diagnostic(self) -> Diagnostic {
        Diagnostic {
            code: self.code,
            severity: self.severity,
            span: self.span.unwrap_or(Span::empty(0)),
            message: self.message,
            hint: self.hint,
            fix: None,
        }
    }
}

/// From specs and settings to the project, and what a person has to mend.
pub fn plan(inputs: Inputs) -> (Project, Vec<Problem>) {
    let mut problems = Vec::new();
    let settings = inputs.settings;
    let base_image = base::plan(settings, &mut problems);
    let platforms = platforms(inputs, &mut problems);
    let environments = environment::plan(inputs, &platforms, &mut problems);
    let active = active(settings, &environments, &mut problems);
    let system_packages = base::system_packages(settings, &base_image, &mut problems);
    let extensions = extensions(settings, &environments);
    let project = Project {
        base_image,
        environments,
        active,
        system_packages,
        platforms,
        dockerfile_before: settings.dockerfile_before.clone().unwrap_or_default(),
        dockerfile_after: settings.dockerfile_after.clone().unwrap_or_default(),
        extensions,
    };
    (project, problems)
}

/// The base image that settings mean, without what is wrong with them.
pub fn base_image(settings: &Settings) -> BaseImage {
    base::plan(settings, &mut Vec::new())
}

/// A container is Linux: of the platforms that settings or specs name, those of Linux count.
fn platforms(inputs: Inputs, problems: &mut Vec<Problem>) -> Vec<String> {
    let from_specs = inputs
        .specs
        .iter()
        .flat_map(|(_, spec)| spec.platforms.iter().map(|platform| &platform.value));
    let named: Vec<&String> = match &inputs.settings.platforms {
        Some(platforms) => platforms.iter().collect(),
        None => from_specs.collect(),
    };
    let mut platforms: Vec<String> = Vec::new();
    for platform in &named {
        let known = machine(platform).is_some();
        if known && !platforms.contains(*platform) {
            platforms.push((*platform).clone());
        } else if !known && platform.starts_with("linux") {
            problems.push(
                Problem::warning(
                    BAD_SETTING,
                    format!("no micromamba image exists for the platform `{platform}`"),
                )
                .hint("Name linux-64, linux-aarch64 or linux-ppc64le"),
            );
        }
    }
    if platforms.is_empty() {
        platforms = DEFAULT_PLATFORMS.map(str::to_owned).to_vec();
    }
    platforms
}

fn active(settings: &Settings, environments: &[Environment], problems: &mut Vec<Problem>) -> usize {
    let Some(wanted) = &settings.active_environment else {
        return 0;
    };
    let found = environments.iter().position(|environment| {
        &environment.name == wanted || environment.alias.as_ref() == Some(wanted)
    });
    found.unwrap_or_else(|| {
        let names: Vec<&str> = environments
            .iter()
            .map(|environment| environment.name.as_str())
            .collect();
        problems.push(
            Problem::error(
                ENVIRONMENT_CLASH,
                format!("the active environment `{wanted}` is not one of this project's"),
            )
            .hint(format!("Name one of: {}", names.join(", "))),
        );
        0
    })
}

/// The extensions of the settings, and those that the packages ask for.
fn extensions(settings: &Settings, environments: &[Environment]) -> Vec<String> {
    let has = |names: &[&str]| {
        environments
            .iter()
            .flat_map(|environment| environment.packages.lists())
            .any(|(_, list)| list.names().any(|name| names.contains(&name)))
    };
    let mut extensions = Vec::new();
    if has(&["python"]) {
        extensions.push("ms-python.python".to_owned());
    }
    if has(&["jupyter", "jupyterlab", "notebook", "ipykernel"]) {
        extensions.push("ms-toolsai.jupyter".to_owned());
    }
    for extension in settings.extensions.iter().flatten() {
        if !extensions.contains(extension) {
            extensions.push(extension.clone());
        }
    }
    extensions
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
