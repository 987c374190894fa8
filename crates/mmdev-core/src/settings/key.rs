//! Every setting: its key, type, default, check and description, from which the reference page is made.

use super::Settings;
use super::check::{self, Check};

/// One setting, as a person reads of it.
#[derive(Debug)]
pub struct SettingDoc {
    /// The key in JSON, in camelCase, with a dot before a key inside an object: `dockerfile.before`.
    pub key: &'static str,
    /// What holds when nobody sets it, in words.
    pub default: &'static str,
    /// What it does, in Markdown.
    pub description: &'static str,
    /// A value, as JSON.
    pub example: &'static str,
    pub(super) slot: Slot,
}

type Field<T> = fn(&mut Settings) -> &mut Option<T>;

/// Where the value goes, and what it must be.
#[derive(Debug)]
pub(super) enum Slot {
    Text(Field<String>, Check),
    Flag(Field<bool>),
    /// A whole number of hundredths.
    Share(Field<u64>),
    List(Field<Vec<String>>, Check),
    /// Names and texts, each with its check.
    Table(Field<Vec<(String, String)>>, Check, Check),
}

impl SettingDoc {
    /// The key in TOML, in kebab-case: `dockerfile.before`, `base-image`.
    pub fn toml_key(&self) -> String {
        let mut key = String::new();
        for char in self.key.chars() {
            if char.is_ascii_uppercase() {
                key.push('-');
            }
            key.push(char.to_ascii_lowercase());
        }
        key
    }

    /// The type, with its article: "a string".
    pub fn type_name(&self) -> &'static str {
        match self.slot {
            Slot::Text(..) => "a string",
            Slot::Flag(_) => "a boolean",
            Slot::Share(_) => "a whole number from 0 to 100",
            Slot::List(..) => "a list of strings",
            Slot::Table(..) => "an object of strings",
        }
    }
}

/// Every setting, in the order of the reference page.
pub fn documented() -> &'static [SettingDoc] {
    &SETTINGS
}

static SETTINGS: [SettingDoc; 22] = [
    SettingDoc {
        key: "files",
        default: "env.yaml, env.yml, environment.yml or environment.yaml at the root",
        description: "The spec files, with paths from the project's root. Several are merged into one environment, \
                      a later one going before an earlier one, as conda-lock and micromamba merge them.",
        example: r#"["env.yaml", "env-dev.yaml"]"#,
        slot: Slot::List(|settings| &mut settings.files, check::project_file),
    },
    SettingDoc {
        key: "environments",
        default: "one environment, in the root prefix",
        description: "Several environments in one container: the name of each, and its spec file.",
        example: r#"{"train": "train.yaml", "serve": "serve.yaml"}"#,
        slot: Slot::Table(
            |settings| &mut settings.environments,
            check::environment_name,
            check::project_file,
        ),
    },
    SettingDoc {
        key: "activeEnvironment",
        default: "the first of `environments`",
        description: "The environment that is active where several are. `ENV_NAME` in the container names another.",
        example: r#""train""#,
        slot: Slot::Text(
            |settings| &mut settings.active_environment,
            check::environment_name,
        ),
    },
    SettingDoc {
        key: "baseImage",
        default: "the public micromamba image",
        description: "The image that the Dockerfile starts from: a micromamba image, or one made with \
                      `mmdev base-image build`.",
        example: r#""mambaorg/micromamba:2-debian13-slim""#,
        slot: Slot::Text(|settings| &mut settings.base_image, check::image),
    },
    SettingDoc {
        key: "baseImageDigest",
        default: "not pinned",
        description: "The digest of the base image, so that everybody builds on the same bytes.",
        example: r#""sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef""#,
        slot: Slot::Text(
            |settings| &mut settings.base_image_digest,
            check::image_digest,
        ),
    },
    SettingDoc {
        key: "systemPackages",
        default: "none",
        description: "Debian packages that the project needs to run, installed before the environment.",
        example: r#"["libgl1", "graphviz"]"#,
        slot: Slot::List(
            |settings| &mut settings.system_packages,
            check::debian_package,
        ),
    },
    SettingDoc {
        key: "developmentPackages",
        default: "git, openssh-client, less, procps and curl",
        description: "Debian packages for the people who work in the container. An empty list installs none.",
        example: r#"["git", "openssh-client", "vim"]"#,
        slot: Slot::List(
            |settings| &mut settings.development_packages,
            check::debian_package,
        ),
    },
    SettingDoc {
        key: "platforms",
        default: "the platforms that the spec names, else the one of the machine that builds",
        description: "The conda platforms that the container is made for.",
        example: r#"["linux-64", "linux-aarch64"]"#,
        slot: Slot::List(|settings| &mut settings.platforms, check::platform),
    },
    SettingDoc {
        key: "channelPriority",
        default: "`strict`",
        description: "Which channel a package may come from when it is locked. `strict`: only the most important one \
                      that has a package of its name. `flexible`: the most important one that has a record that can \
                      be used, whatever its version. `disabled`: any; the newest version counts.",
        example: r#""flexible""#,
        slot: Slot::Text(
            |settings| &mut settings.channel_priority,
            check::channel_priority,
        ),
    },
    SettingDoc {
        key: "archspec",
        default: "`x86_64` on linux-64, `aarch64` on linux-aarch64",
        description: "The microarchitecture that every machine has on which the container runs (`__archspec`), for \
                      packages that are built for newer processors. It counts for the platform of its family.",
        example: r#""x86_64_v3""#,
        slot: Slot::Text(|settings| &mut settings.archspec, check::archspec),
    },
    SettingDoc {
        key: "glibc",
        default: "that of the base image, where its tag names a known release of Debian or Ubuntu; else 2.28, as conda-lock \
                  has it",
        description: "The version of the glibc in the base image (`__glibc`), as `ldd --version` there says it.",
        example: r#""2.39""#,
        slot: Slot::Text(|settings| &mut settings.glibc, check::glibc),
    },
    SettingDoc {
        key: "cuda",
        default: "the CUDA of a base image that names one; else 11.4, as conda-lock has it, where a dependency asks for CUDA",
        description: "The newest CUDA that the driver of every machine has on which the container runs (`__cuda`), as \
                      `nvidia-smi` shows it.",
        example: r#""12.9""#,
        slot: Slot::Text(|settings| &mut settings.cuda, check::cuda),
    },
    SettingDoc {
        key: "dockerfile.before",
        default: "none",
        description: "Lines for the Dockerfile, put before the environment: what changes seldom.",
        example: r#"["ENV UV_LINK_MODE=copy"]"#,
        slot: Slot::List(|settings| &mut settings.dockerfile_before, check::line),
    },
    SettingDoc {
        key: "dockerfile.after",
        default: "none",
        description: "Lines for the Dockerfile, put after the environment: what needs it.",
        example: r#"["RUN python -m nltk.downloader punkt"]"#,
        slot: Slot::List(|settings| &mut settings.dockerfile_after, check::line),
    },
    SettingDoc {
        key: "extensions",
        default: "those that the spec implies: Python's with python, Jupyter's with jupyter",
        description: "Extensions for VS Code besides those that the spec implies.",
        example: r#"["charliermarsh.ruff"]"#,
        slot: Slot::List(|settings| &mut settings.extensions, check::extension),
    },
    SettingDoc {
        key: "check.select",
        default: "the rules that are on by default",
        description: "The rules that speak in the project's files, in `mmdev check` and in editors: codes (`MM201`), the \
                      beginnings of codes (`MM2`), names of rules (`unknown-key`) or `ALL`.",
        example: r#"["ALL"]"#,
        slot: Slot::List(|settings| &mut settings.check_select, check::rule),
    },
    SettingDoc {
        key: "check.ignore",
        default: "none",
        description: "The rules that are silent, named as in `check.select`. Where both name a rule, the longer word \
                      decides, and between equal words this one.",
        example: r#"["MM305"]"#,
        slot: Slot::List(|settings| &mut settings.check_ignore, check::rule),
    },
    SettingDoc {
        key: "forwardCredentials",
        default: "true",
        description: "Whether `mmdev run` and `mmdev shell` forward the SSH agent and the git identity of the host.",
        example: "false",
        slot: Slot::Flag(|settings| &mut settings.forward_credentials),
    },
    SettingDoc {
        key: "autoLock",
        default: "true",
        description: "Whether a lock is made where there is none, before files are generated. Without one the image \
                      is solved whenever it is built. A lock that is there counts in any case.",
        example: "false",
        slot: Slot::Flag(|settings| &mut settings.auto_lock),
    },
    SettingDoc {
        key: "layers.waste",
        default: "10",
        description: "How many hundredths of an environment's bytes its layers may waste before everything is laid out \
                      anew, where it is installed from a lock: packages of the big layer that were replaced, and those \
                      that every change installs once more. `mmdev lock --compact` lays out anew at once.",
        example: "25",
        slot: Slot::Share(|settings| &mut settings.layers_waste),
    },
    SettingDoc {
        key: "runtime.baseImage",
        default: "the Debian or Ubuntu that the public micromamba image is based on",
        description: "The image that `mmdev build --target runtime` puts the environment on: any with glibc, not older \
                      than that of `baseImage`. It needs no shell.",
        example: r#""gcr.io/distroless/base-debian12""#,
        slot: Slot::Text(|settings| &mut settings.runtime_base_image, check::image),
    },
    SettingDoc {
        key: "runtime.keep",
        default: "none",
        description: "What stays in the runtime image though it is left out elsewhere: patterns from the environment's \
                      folder or from any folder in it, of files or whole folders, in which `*` is any text.",
        example: r#"["include", "*.a"]"#,
        slot: Slot::List(|settings| &mut settings.runtime_keep, check::kept_files),
    },
];
