//! Every environment variable that mmdev reads, in one place. docs/reference/environment.md is made from it.

use std::path::PathBuf;

use crate::error::{Error, Result};

/// `-f`, one path or several as in PATH.
pub(crate) const FILES: &str = "MMDEV_FILES";
/// `--base`.
pub(crate) const BASE: &str = "MMDEV_BASE";
/// `--offline`.
pub(crate) const OFFLINE: &str = "MMDEV_OFFLINE";
/// `--color`.
pub(crate) const COLOR: &str = "MMDEV_COLOR";
/// `--message-format`.
pub(crate) const MESSAGE_FORMAT: &str = "MMDEV_MESSAGE_FORMAT";
/// `forwardCredentials` of the settings.
pub(crate) const FORWARD_CREDENTIALS: &str = "MMDEV_FORWARD_CREDENTIALS";
/// `autoLock` of the settings.
pub(crate) const AUTO_LOCK: &str = "MMDEV_AUTO_LOCK";
/// The URL of the mapping from PyPI's names to conda's.
pub(crate) const CONDA_NAMES: &str = "MMDEV_CONDA_NAMES";
/// What external subcommands find: the path of this program.
pub(crate) const PROGRAM: &str = "MMDEV";
/// The socket of the SSH agent.
pub(crate) const SSH_AUTH_SOCK: &str = "SSH_AUTH_SOCK";
/// The folder for what programs keep (XDG Base Directory Specification).
const XDG_STATE_HOME: &str = "XDG_STATE_HOME";
/// The folder for what programs can make again (XDG Base Directory Specification).
const XDG_CACHE_HOME: &str = "XDG_CACHE_HOME";
/// The folder for what people set (XDG Base Directory Specification).
pub(crate) const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// A configuration file of conda's.
pub(crate) const CONDARC: &str = "CONDARC";
/// A configuration file of mamba's.
pub(crate) const MAMBARC: &str = "MAMBARC";
/// Conda's installation, which may have a configuration.
pub(crate) const CONDA_ROOT: &str = "CONDA_ROOT";
/// The active environment, which may have a configuration.
pub(crate) const CONDA_PREFIX: &str = "CONDA_PREFIX";
/// Mamba's installation, which may have a configuration.
pub(crate) const MAMBA_ROOT_PREFIX: &str = "MAMBA_ROOT_PREFIX";
/// `channel_alias` of condarc.
pub(crate) const CONDA_CHANNEL_ALIAS: &str = "CONDA_CHANNEL_ALIAS";
/// `ssl_verify` of condarc.
pub(crate) const CONDA_SSL_VERIFY: &str = "CONDA_SSL_VERIFY";
/// The file with certificates for programs that use Python's requests.
pub(crate) const REQUESTS_CA_BUNDLE: &str = "REQUESTS_CA_BUNDLE";
/// The file with certificates for curl, which requests knows too.
pub(crate) const CURL_CA_BUNDLE: &str = "CURL_CA_BUNDLE";
/// rattler's file with credentials.
pub(crate) const RATTLER_AUTH_FILE: &str = "RATTLER_AUTH_FILE";
/// The netrc file.
pub(crate) const NETRC: &str = "NETRC";
/// The folders that hold programs.
pub(crate) const PATH: &str = "PATH";

/// One variable, as the reference describes it.
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it does, in a sentence.
    pub(crate) meaning: &'static str,
}

/// All of them, those of mmdev's own first.
pub(crate) const VARIABLES: &[Variable] = &[
    Variable {
        name: FILES,
        meaning: "The spec files that are merged into one environment, separated as in `PATH`; as `-f`.",
    },
    Variable {
        name: PROGRAM,
        meaning: "Not read but set, for external subcommands: the path of the `mmdev` that runs them.",
    },
    Variable {
        name: BASE,
        meaning: "The image that the Dockerfile starts from; as `--base`.",
    },
    Variable {
        name: OFFLINE,
        meaning: "`1` or `true`: pull and download nothing; as `--offline`.",
    },
    Variable {
        name: COLOR,
        meaning: "`auto`, `always` or `never`; as `--color`.",
    },
    Variable {
        name: MESSAGE_FORMAT,
        meaning: "`human` or `json`, and for `check` also `concise`, `github` or `sarif`; as `--message-format`.",
    },
    Variable {
        name: AUTO_LOCK,
        meaning: "`0` or `false`: no lock is made where there is none; `1` or `true`: one is, whatever the settings say.",
    },
    Variable {
        name: FORWARD_CREDENTIALS,
        meaning: "`0` or `false`: `run` and `shell` forward neither the SSH agent nor the git identity.",
    },
    Variable {
        name: CONDA_NAMES,
        meaning: "The URL of the mapping from PyPI's names to conda's, where the public one (prefix.dev's parselmouth) is mirrored: a JSON object with a list of PyPI names, or null, for each conda name.",
    },
    Variable {
        name: "NO_COLOR",
        meaning: "Not empty: no colours, unless `--color` says so (no-color.org).",
    },
    Variable {
        name: "CLICOLOR_FORCE",
        meaning: "Not `0`: colours even where the output is no terminal, unless `--color` says so.",
    },
    Variable {
        name: "TERM",
        meaning: "`dumb`: no colours and no moving progress bars.",
    },
    Variable {
        name: PATH,
        meaning: "Where external subcommands (`mmdev-NAME`) and the programs `docker`, `devcontainer`, `git` and `uv` are looked for.",
    },
    Variable {
        name: SSH_AUTH_SOCK,
        meaning: "The socket of the SSH agent that `run` and `shell` forward.",
    },
    Variable {
        name: XDG_STATE_HOME,
        meaning: "Where `mmdev/agent` is, the folder of the sockets by which containers reach the SSH agent, and `mmdev/watch`, where `watch` keeps its state; `~/.local/state` unless set.",
    },
    Variable {
        name: XDG_CACHE_HOME,
        meaning: "Where `mmdev/channels` is, what `lsp` and `check --channels` know of channels and of PyPI's names, and `mmdev/uv`, what `lock` needs for pip sections; `~/.cache` unless set.",
    },
    Variable {
        name: "DOCKER_HOST",
        meaning: "The address of the container engine; `DOCKER_CONTEXT`, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` mean what they mean to `docker`.",
    },
    Variable {
        name: "DOCKER_CONFIG",
        meaning: "The folder of Docker's configuration, with contexts and credentials; `~/.docker` unless set.",
    },
    Variable {
        name: "HTTPS_PROXY",
        meaning: "The proxy for downloads (`base-image build`, `lock`, `lsp`, `check --channels`); with `HTTP_PROXY` and `NO_PROXY`.",
    },
    Variable {
        name: CONDARC,
        meaning: "A configuration file of conda's; `MAMBARC` one of mamba's. Those of `CONDA_ROOT`, `MAMBA_ROOT_PREFIX`, `CONDA_PREFIX` and `XDG_CONFIG_HOME` are read, too: [what of them counts](../guide/channels.md).",
    },
    Variable {
        name: CONDA_CHANNEL_ALIAS,
        meaning: "`channel_alias` of condarc, and `CONDA_SSL_VERIFY` its `ssl_verify`.",
    },
    Variable {
        name: "SSL_CERT_FILE",
        meaning: "A file with the certificates that count in place of the machine's; `SSL_CERT_DIR` a folder. `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE` name a file with more.",
    },
    Variable {
        name: RATTLER_AUTH_FILE,
        meaning: "A file with credentials for channels as `rattler auth login` and `pixi auth login` write it; it goes before `~/.rattler/credentials.json`.",
    },
    Variable {
        name: NETRC,
        meaning: "The netrc file with credentials for channels; `~/.netrc` unless set.",
    },
    Variable {
        name: "RUST_BACKTRACE",
        meaning: "`1`: a bug in mmdev shows where it came from.",
    },
];

/// The paths in a variable that is a list as PATH is; none where it is not set.
pub(crate) fn paths(name: &str) -> Vec<PathBuf> {
    let value = std::env::var_os(name).unwrap_or_default();
    std::env::split_paths(&value)
        .filter(|path| !path.as_os_str().is_empty())
        .collect()
}

/// The program of that name that PATH finds.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let mut folders = paths(PATH).into_iter();
    folders.find_map(|folder| Some(folder.join(&file)).filter(|path| path.is_file()))
}

/// The folder for what programs keep; a relative one is to be ignored, as the specification says.
pub(crate) fn state_folder() -> Option<PathBuf> {
    absolute(XDG_STATE_HOME).or_else(|| Some(absolute("HOME")?.join(".local/state")))
}

/// The folder for what programs can make again.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    absolute(XDG_CACHE_HOME).or_else(|| Some(absolute("HOME")?.join(".cache")))
}

/// The path in a variable; `None` where it is not set or relative.
pub(crate) fn absolute(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os(name)?);
    path.is_absolute().then_some(path)
}

/// A variable's text; `None` where it is not set or empty.
pub(crate) fn text(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that says yes or no; `None` where it is not set or empty.
pub(crate) fn flag(name: &str) -> Result<Option<bool>> {
    let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match value.to_string_lossy().to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(Some(true)),
        "0" | "false" | "no" | "off" => Ok(Some(false)),
        other => Err(Error::invocation(format!(
            "{name} is `{other}`, which is neither yes nor no"
        ))
        .with_hint(format!("set {name}=1 or {name}=0"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_every_variable() {
        let mut page = String::from(
            "# Environment variables\n\nAn option on the command line goes before the variable, the variable before the settings of the project.\n\n| variable | meaning |\n|---|---|\n",
        );
        for variable in VARIABLES {
            page.push_str(&format!("| `{}` | {} |\n", variable.name, variable.meaning));
        }
        expect_test::expect_file!["../../../docs/reference/environment.md"].assert_eq(&page);
    }
}
