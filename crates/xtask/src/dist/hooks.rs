//! The hooks for pre-commit and the GitHub Action, tried with the wheel in the place of the one that PyPI will have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::shell::{pip, python_environment, read, run, step, workspace};

/// What runs hooks, what holds GitHub's schema of actions, and what builds the package that hooks are installed as.
const PROGRAMS: [&str; 2] = ["pre-commit==4.7.0", "check-jsonschema==0.39.0"];
const SETUPTOOLS: &str = "setuptools==84.2.1";

/// A spec with a mistake that can be mended, and the same without.
const WRONG: &str = "channels: [conda-forge]\ndependencies:\n  - python=>3.12\n";
const RIGHT: &str = "channels: [conda-forge]\ndependencies:\n  - python>=3.12\n";

/// A project in a git repository, and the wheels that can be had.
struct Place {
    programs: PathBuf,
    wheels: PathBuf,
    project: PathBuf,
    runner: PathBuf,
}

/// Has both find a mistake, and the hook mend it.
pub(super) fn try_out(wheel: &Path, place: &Path, tools: &Path) -> Result<()> {
    let programs = tools.join(PROGRAMS.join("+"));
    if !programs.join("bin/check-jsonschema").exists() {
        step(&format!("pip install {}", PROGRAMS.join(" ")), || {
            run(python_environment(&programs)?.arg("install").args(PROGRAMS))
        })?;
    }
    let place = Place::new(wheel, place, programs)?;
    step("run the hooks for pre-commit", || place.hooks())?;
    step("run the steps of the GitHub Action", || place.action())
}

impl Place {
    fn new(wheel: &Path, place: &Path, programs: PathBuf) -> Result<Self> {
        let wheels = place.join("wheels");
        run(pip(&["download", "--only-binary=:all:", "--dest"])
            .arg(&wheels)
            .arg(SETUPTOOLS))?;
        let name = wheel.file_name().context("the wheel has no name")?;
        fs::copy(wheel, wheels.join(name))?;
        let (project, runner) = (place.join("hooked"), place.join("runner"));
        fs::create_dir_all(&project)?;
        fs::create_dir_all(&runner)?;
        run(Command::new("git")
            .args(["init", "--quiet"])
            .current_dir(&project))?;
        Ok(Self {
            programs,
            wheels,
            project,
            runner,
        })
    }

    /// A command in the project, for which the wheels are all that pip can have.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.project)
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", &self.wheels);
        command
    }

    fn write(&self, spec: &str) -> Result<()> {
        fs::write(self.project.join("env.yaml"), spec)?;
        run(self.command("git").args(["add", "env.yaml"]))
    }

    fn hooks(&self) -> Result<()> {
        self.write(WRONG)?;
        let try_hook = |id: &str| -> Result<(bool, String)> {
            let output = self
                .command(self.programs.join("bin/pre-commit"))
                .arg("try-repo")
                .arg(workspace())
                .args([id, "--all-files"])
                // The repository may be another user's, as in CI.
                .envs([
                    ("GIT_CONFIG_COUNT", "1"),
                    ("GIT_CONFIG_KEY_0", "safe.directory"),
                    ("GIT_CONFIG_VALUE_0", "*"),
                ])
                .output()?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            Ok((output.status.success(), said))
        };
        let (is_fine, said) = try_hook("mmdev-check")?;
        ensure!(
            !is_fine && said.contains("MM209"),
            "no mistake found:\n{said}"
        );
        let (is_fine, said) = try_hook("mmdev-check-fix")?;
        let spec = fs::read_to_string(self.project.join("env.yaml"))?;
        ensure!(!is_fine && spec == RIGHT, "not mended:\n{said}\n{spec}");
        Ok(())
    }

    /// Runs what the action runs on GitHub, without the uploading.
    fn action(&self) -> Result<()> {
        let file = workspace().join("action.yml");
        let bin = self.programs.join("bin");
        run(Command::new(bin.join("check-jsonschema"))
            .args(["--builtin-schema", "vendor.github-actions"])
            .arg(&file))?;
        let json = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        let action = read(
            Command::new(bin.join("python"))
                .args(["-c", json])
                .arg(&file),
        )?;
        let action: Value = serde_json::from_str(&action)?;
        let steps = action["runs"]["steps"].as_array().context("no steps")?;
        let scripts: Vec<&str> = steps
            .iter()
            .filter_map(|step| step["run"].as_str())
            .collect();
        let [install, sarif, check] = scripts[..] else {
            anyhow::bail!("the action has other steps than are tried here");
        };
        for (spec, is_fine) in [(WRONG, false), (RIGHT, true)] {
            self.write(spec)?;
            for script in [install, sarif] {
                ensure!(self.run_step(script)?, "a step failed:\n{script}");
            }
            let report = fs::read_to_string(self.runner.join("mmdev.sarif"))?;
            let report: Value = serde_json::from_str(&report)?;
            let results = report["runs"][0]["results"].as_array();
            let rules: Vec<&Value> = results
                .into_iter()
                .flatten()
                .map(|result| &result["ruleId"])
                .collect();
            ensure!(
                rules.iter().any(|rule| *rule == "MM209") != is_fine,
                "the report names {rules:?}"
            );
            ensure!(
                self.run_step(check)? == is_fine,
                "the action does not fail for a mistake alone"
            );
        }
        Ok(())
    }

    /// Runs a step's script as GitHub does.
    fn run_step(&self, script: &str) -> Result<bool> {
        let status = self
            .command("bash")
            .args([
                "--noprofile",
                "--norc",
                "-e",
                "-o",
                "pipefail",
                "-c",
                script,
            ])
            .env("RUNNER_TEMP", &self.runner)
            .envs([("VERSION", env!("CARGO_PKG_VERSION")), ("FORMAT", "github")])
            .env("ARGS", "--offline")
            .status()?;
        Ok(status.success())
    }
}
