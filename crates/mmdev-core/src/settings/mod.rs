//! What a person may set, as values: `customizations.mmdev`, `[tool.mmdev]` and mmdev.toml say the same things.
//!
//! One table, [`documented`], holds every key with its type, check and description. JSON spells keys in camelCase
//! (`baseImage`), TOML in kebab-case (`base-image`). A value that is refused is left out, and a diagnostic says why:
//! what a setting holds is put into a Dockerfile, so nothing gets there unchecked.

pub(crate) mod check;
mod key;
mod read;

pub use key::{SettingDoc, documented};
pub use read::{Source, from_devcontainer, from_toml, written};

use crate::diagnostic::Code;

/// A key that is no setting.
pub const UNKNOWN_SETTING: Code = Code("MM606");
/// A setting has a value of another type than it takes.
pub const WRONG_TYPE: Code = Code("MM607");
/// A setting's value is refused.
pub const REFUSED_VALUE: Code = Code("MM608");
/// The file with the settings is not TOML.
pub const TOML_SYNTAX: Code = Code("MM609");

/// The settings of one project, from one source. A field that the source does not name is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// `files`: the spec files that are merged into one environment, relative to the project's root.
    pub files: Option<Vec<String>>,
    /// `environments`: several environments, each a name and its spec file.
    pub environments: Option<Vec<(String, String)>>,
    /// `activeEnvironment`: the one that is active when there are several (ENV_NAME).
    pub active_environment: Option<String>,
    /// `baseImage`: the image that the Dockerfile starts from.
    pub base_image: Option<String>,
    /// `baseImageDigest`: the digest of that image, recorded by lock and update.
    pub base_image_digest: Option<String>,
    /// `systemPackages`: Debian packages that the project needs.
    pub system_packages: Option<Vec<String>>,
    /// `developmentPackages`: Debian packages for people; git, openssh-client, less, procps and curl unless set.
    pub development_packages: Option<Vec<String>>,
    /// `platforms`: the conda subdirs that the container is made for.
    pub platforms: Option<Vec<String>>,
    /// `dockerfile.before`: lines of a person, put before the environment.
    pub dockerfile_before: Option<Vec<String>>,
    /// `dockerfile.after`: lines of a person, put after the environment.
    pub dockerfile_after: Option<Vec<String>>,
    /// `extensions`: VS Code extensions besides those that the spec implies.
    pub extensions: Option<Vec<String>>,
    /// `check.select`: the rules that speak, as `--select` takes them.
    pub check_select: Option<Vec<String>>,
    /// `check.ignore`: the rules that are silent, as `--ignore` takes them.
    pub check_ignore: Option<Vec<String>>,
    /// `forwardCredentials`: whether `run` and `shell` forward the SSH agent and the git identity.
    pub forward_credentials: Option<bool>,
    /// `channelPriority`: which channel a package may come from.
    pub channel_priority: Option<String>,
    /// `archspec`: the microarchitecture that the container's machines have.
    pub archspec: Option<String>,
    /// `glibc`: the version of the base image's glibc.
    pub glibc: Option<String>,
    /// `cuda`: the newest CUDA that the drivers of the container's machines have.
    pub cuda: Option<String>,
    /// `autoLock`: whether a lock is made where there is none.
    pub auto_lock: Option<bool>,
    /// `layers.waste`: the most hundredths of an environment's bytes that its layers may waste.
    pub layers_waste: Option<u64>,
    /// `runtime.baseImage`: the image that the runtime image is based on.
    pub runtime_base_image: Option<String>,
    /// `runtime.keep`: what stays in the runtime image though it would be left out.
    pub runtime_keep: Option<Vec<String>>,
}

impl Settings {
    /// These settings, and those of `fallback` where these say nothing. A list is not joined with the other's: the
    /// source that comes first decides.
    #[must_use]
    pub fn or(self, fallback: Settings) -> Settings {
        Settings {
            files: self.files.or(fallback.files),
            environments: self.environments.or(fallback.environments),
            active_environment: self.active_environment.or(fallback.active_environment),
            base_image: self.base_image.or(fallback.base_image),
            base_image_digest: self.base_image_digest.or(fallback.base_image_digest),
            system_packages: self.system_packages.or(fallback.system_packages),
            development_packages: self.development_packages.or(fallback.development_packages),
            platforms: self.platforms.or(fallback.platforms),
            dockerfile_before: self.dockerfile_before.or(fallback.dockerfile_before),
            dockerfile_after: self.dockerfile_after.or(fallback.dockerfile_after),
            extensions: self.extensions.or(fallback.extensions),
            check_select: self.check_select.or(fallback.check_select),
            check_ignore: self.check_ignore.or(fallback.check_ignore),
            forward_credentials: self.forward_credentials.or(fallback.forward_credentials),
            channel_priority: self.channel_priority.or(fallback.channel_priority),
            archspec: self.archspec.or(fallback.archspec),
            glibc: self.glibc.or(fallback.glibc),
            cuda: self.cuda.or(fallback.cuda),
            auto_lock: self.auto_lock.or(fallback.auto_lock),
            layers_waste: self.layers_waste.or(fallback.layers_waste),
            runtime_base_image: self.runtime_base_image.or(fallback.runtime_base_image),
            runtime_keep: self.runtime_keep.or(fallback.runtime_keep),
        }
    }
}

/// Whether `files` and `environments` take this as the path of a spec.
pub fn is_project_file(text: &str) -> bool {
    check::project_file(text).is_ok()
}

/// Whether `runtime.keep` takes this, or what it takes.
///
/// # Errors
/// What it takes, in words.
pub fn kept_files(text: &str) -> Result<(), &'static str> {
    check::kept_files(text)
}

/// Whether `environments` takes this as the name of one.
pub fn is_environment_name(text: &str) -> bool {
    check::environment_name(text).is_ok()
}

#[cfg(test)]
mod tests;
