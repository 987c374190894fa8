//! uv, which resolves pip sections: the one on this machine, else one from PyPI, which is kept in mmdev's cache.

use std::ffi::OsStr;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use mmdev_core::hash::sha256;
use mmdev_core::lock::uv::{OLDEST, Question};
use serde_json::Value;
use tokio::process::Command;

use crate::download;
use crate::environment;
use crate::error::{Error, Result};
use crate::printer::Printer;

/// The uv that is taken from PyPI where the machine has none.
const VERSION: &str = "0.13.9";

/// PyPI's files of uv (PEP 691).
const INDEX: &str = "https://pypi.org/simple/uv/";

/// The variables of uv's own that it keeps: how servers are reached, and where things are. Of all others none may
/// change what it chooses.
const KEPT: [&str; 9] = [
    "UV_HTTP_RETRIES",
    "UV_HTTP_TIMEOUT",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_NATIVE_TLS",
    "UV_PYTHON_BIN_DIR",
    "UV_PYTHON_INSTALL_DIR",
    "UV_PYTHON_INSTALL_MIRROR",
    "UV_SYSTEM_CERTS",
];

/// How long one resolution may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// How long it may take to say which version it is, and whether there is a Python.
const MOMENT: Duration = Duration::from_secs(20);

/// A uv that runs here.
#[derive(Debug)]
pub(crate) struct Uv {
    program: PathBuf,
    /// What it keeps of indexes.
    cache: PathBuf,
    is_offline: bool,
    /// Whether it finds a Python, which it asks a few questions before it resolves for any. Otherwise it downloads
    /// one.
    has_python: bool,
}

impl Uv {
    /// The uv on PATH, beside mmdev or in the cache, unless it is too old, else PyPI's.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(crate) async fn find(
        printer: &Printer,
        is_offline: bool,
    ) -> std::result::Result<Self, String> {
        let folder = environment::cache_folder().ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
        let folder = folder.join("mmdev");
        let file = format!("uv{}", std::env::consts::EXE_SUFFIX);
        let own = folder.join("uv").join(VERSION).join(&file);
        let beside = std::env::current_exe().ok();
        let beside = beside.and_then(|program| Some(program.parent()?.join(&file)));
        let found = [environment::program("uv"), beside, Some(own.clone())];
        let mut new = None;
        for program in found.into_iter().flatten() {
            if new.is_none() && is_new(&program).await {
                new = Some(program);
            }
        }
        let program = match new {
            Some(program) => program,
            None if is_offline => {
                return Err("there is no uv on PATH, and mmdev is offline".to_owned());
            }
            None => {
                printer.status("Downloading", &format!("uv {VERSION} from PyPI"));
                fetch(&own).await.map_err(|error| format!("{error:#}"))?;
                own
            }
        };
        let find = ["python", "find", "--no-config", "--no-project"];
        let has_python = said(&program, &[&find[..], &["--no-python-downloads"]].concat()).await;
        Ok(Uv {
            program,
            cache: folder.join("uv").join("cache"),
            is_offline,
            has_python: has_python.is_some(),
        })
    }

    /// Runs it in `folder`: whether it was content, and what it said. Dropping the future ends it.
    ///
    /// # Errors
    /// If it cannot be run, or does not come to an end.
    pub(crate) async fn run(
        &self,
        folder: &Path,
        question: &Question,
        arguments: &[String],
    ) -> Result<(bool, String)> {
        let mut command = command(&self.program);
        command
            .args(arguments)
            .arg("--cache-dir")
            .arg(&self.cache)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if self.is_offline {
            command.arg("--offline");
        }
        if self.has_python || self.is_offline {
            command.arg("--no-python-downloads");
        }
        // As everything else here, it believes the certificates that the machine believes.
        for name in ["UV_NATIVE_TLS", "UV_SYSTEM_CERTS"] {
            if std::env::var_os(name).is_none() {
                command.env(name, "true");
            }
        }
        command.envs(&question.variables);
        if let Some(version) = question.macos() {
            command.env("MACOSX_DEPLOYMENT_TARGET", version);
        }
        let failed = |error| {
            let what = format!("cannot run {}", self.program.display());
            Error::world(anyhow::Error::new(error).context(what))
        };
        let output = tokio::time::timeout(PATIENCE, command.output());
        let Ok(output) = output.await else {
            let limit = PATIENCE.as_secs() / 60;
            let problem = anyhow::anyhow!("uv did not come to an end within {limit} minutes");
            return Err(Error::world(problem).with_hint("look at the network and HTTPS_PROXY"));
        };
        let output = output.map_err(failed)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.success(), said))
    }
}

/// Whether a variable is one by which people set uv up for themselves.
fn is_ambient(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    // `UV_INDEX_NAME_PASSWORD` is a credential.
    let is_credential = name.starts_with("UV_INDEX_")
        && (name.ends_with("_USERNAME") || name.ends_with("_PASSWORD"));
    name.starts_with("UV_") && !is_credential && !KEPT.contains(&name.as_ref())
}

/// A uv to be run, without what people set up for themselves. Dropping what waits for it ends it.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if is_ambient(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// What a uv says to a question that it answers at once; `None` where it does not.
async fn said(program: &Path, arguments: &[&str]) -> Option<String> {
    let asked = command(program).args(arguments).output();
    let output = tokio::time::timeout(MOMENT, asked).await.ok()?.ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(said)
}

/// Whether a program is a uv, and not older than it may be.
async fn is_new(program: &Path) -> bool {
    let said = said(program, &["--version"]).await;
    let version = said
        .as_deref()
        .and_then(|said| said.split_whitespace().nth(1));
    version.is_some_and(|version| numbers(version) >= numbers(OLDEST))
}

fn numbers(version: &str) -> Vec<u32> {
    let parts = version.split('.');
    parts.map_while(|part| part.parse().ok()).collect()
}

/// Puts PyPI's uv at `path`.
async fn fetch(path: &Path) -> anyhow::Result<()> {
    let list = download::bytes(INDEX, "application/vnd.pypi.simple.v1+json").await?;
    let list: Value = serde_json::from_slice(&list).context("PyPI's list of uv cannot be read")?;
    let files = list["files"].as_array();
    let file = files.into_iter().flatten().find(|file| {
        let name = file["filename"].as_str().unwrap_or_default();
        is_for(name, std::env::consts::OS, std::env::consts::ARCH)
    });
    let Some(file) = file else {
        bail!("PyPI has no uv {VERSION} for this machine");
    };
    let (Some(url), Some(digits)) = (file["url"].as_str(), file["hashes"]["sha256"].as_str())
    else {
        bail!("PyPI's list of uv cannot be read");
    };
    let wheel = download::bytes(url, "*/*").await?;
    let actual = sha256(&wheel);
    ensure!(
        actual == digits,
        "the checksum of {url} is {actual}, and should be {digits}"
    );
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let inside = format!("uv-{VERSION}.data/scripts/{file_name}");
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).context("PyPI's uv is no wheel")?;
    let mut program = Vec::new();
    archive
        .by_name(&inside)
        .context("PyPI's uv holds no program")?
        .read_to_end(&mut program)?;
    keep(path, &program).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a program whole or not at all.
fn keep(path: &Path, program: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(program)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(0o755);
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Whether a file of PyPI's is the uv for a machine. On Linux it is the one that needs no libc.
fn is_for(file: &str, system: &str, machine: &str) -> bool {
    let Some(tags) = file.strip_prefix(&format!("uv-{VERSION}-py3-none-")) else {
        return false;
    };
    let Some(tags) = tags.strip_suffix(".whl") else {
        return false;
    };
    let machine = match (system, machine) {
        ("macos", "aarch64") => "arm64",
        ("windows", "x86_64") => "amd64",
        ("windows", "aarch64") => "arm64",
        ("windows", "x86") => "win32",
        ("linux", "x86") => "i686",
        (_, other) => other,
    };
    let system = match system {
        "linux" => "musllinux_",
        "macos" => "macosx_",
        "windows" => "win",
        other => other,
    };
    tags.split('.')
        .any(|tag| tag.starts_with(system) && tag.ends_with(machine))
}

/// Writes the files of a wheel into `folder`.
///
/// # Errors
/// If they cannot be written.
pub(crate) fn write_stubs(question: &Question, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for stub in question.stubs() {
        let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join(&stub.file))?);
        for (path, text) in &stub.content {
            archive.start_file(path.as_str(), stored)?;
            archive.write_all(text.as_bytes())?;
        }
        archive.finish()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_has_its_file() {
        let files = [
            "uv-0.13.9-py3-none-linux_armv6l.whl",
            "uv-0.13.9-py3-none-macosx_10_12_x86_64.whl",
            "uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
            "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
            "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "uv-0.13.9-py3-none-musllinux_1_1_i686.whl",
            "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
            "uv-0.13.9-py3-none-win32.whl",
            "uv-0.13.9-py3-none-win_amd64.whl",
            "uv-0.13.9-py3-none-win_arm64.whl",
            "uv-0.13.9.tar.gz",
            "uv-0.13.8-py3-none-musllinux_1_1_x86_64.whl",
        ];
        let check = |system: &str, machine: &str, expected: &str| {
            let found: Vec<&str> = files
                .into_iter()
                .filter(|file| is_for(file, system, machine))
                .collect();
            assert_eq!(found, [expected], "{system} {machine}");
        };
        check("linux", "x86_64", files[6]);
        check("linux", "aarch64", files[3]);
        check("linux", "x86", files[5]);
        check("macos", "x86_64", files[1]);
        check("macos", "aarch64", files[2]);
        check("windows", "x86_64", files[8]);
        check("windows", "aarch64", files[9]);
    }

    #[test]
    fn what_people_set_up_for_themselves_is_not_passed_on() {
        for name in [
            "UV_INDEX_URL",
            "UV_EXCLUDE_NEWER",
            "UV_CONFIG_FILE",
            "UV_PYTHON",
        ] {
            assert!(is_ambient(OsStr::new(name)), "{name}");
        }
        for name in [
            "PATH",
            "HTTPS_PROXY",
            "NETRC",
            "SSL_CERT_FILE",
            "UV_INDEX_CORP_PASSWORD",
            "UV_KEYRING_PROVIDER",
        ] {
            assert!(!is_ambient(OsStr::new(name)), "{name}");
        }
        assert!(numbers("0.13.9") > numbers(OLDEST) && numbers("0.7.22") < numbers(OLDEST));
    }
}
