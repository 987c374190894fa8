//! Activation: which variables change and which scripts are sourced, as shell code.
//! The rules are libmamba's (its activation.cpp); only the printing differs by shell.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::context::Context;
use crate::prefix;

/// A family of shells that reads the same code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    /// bash, zsh, dash and other POSIX shells.
    Posix,
    /// fish.
    Fish,
}

/// What happens in the shell, in this order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    path: Option<String>,
    deactivate: Vec<PathBuf>,
    unset: Vec<String>,
    set: Vec<(String, String)>,
    export: Vec<(String, String)>,
    activate: Vec<PathBuf>,
}

/// The state that a change starts from.
pub(crate) struct Activator<'a> {
    context: &'a Context,
    shell: Shell,
    env: BTreeMap<String, String>,
}

impl<'a> Activator<'a> {
    /// Starts from this process's own environment.
    pub(crate) fn new(context: &'a Context, shell: Shell) -> Self {
        let env = env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            context,
            shell,
            env,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }

    fn level(&self) -> usize {
        self.get("CONDA_SHLVL")
            .and_then(|level| level.trim().parse().ok())
            .unwrap_or(0)
    }

    /// Code that activates `prefix`, on top of the active one when `stack`.
    pub(crate) fn activate(&self, prefix: &Path, stack: bool) -> Change {
        let level = self.level();
        let old = self
            .get("CONDA_PREFIX")
            .map(PathBuf::from)
            .unwrap_or_default();
        if level > 0 && old == prefix {
            return self.reactivate();
        }
        let below = level
            .checked_sub(1)
            .and_then(|below| self.get(&format!("CONDA_PREFIX_{below}")));
        if below.is_some_and(|below| Path::new(below) == prefix) {
            return self.deactivate();
        }
        let mut change = Change {
            activate: self.scripts(prefix, "activate.d"),
            ..Change::default()
        };
        let name = self.display_name(prefix);
        let modifier = self.prompt_modifier(&name);
        for (key, value) in prefix::variables(prefix) {
            if let Some(own) = self.get(&key) {
                change
                    .export
                    .push((format!("__CONDA_SHLVL_{level}_{key}"), own.to_owned()));
            }
            change.export.push((key, value));
        }
        let new_path = if level == 0 || stack {
            self.path_with(prefix, level)
        } else {
            self.path_exchanged(&old, Some(prefix))
        };
        if level > 0 && !stack {
            change.deactivate = self.scripts(&old, "deactivate.d");
            for (key, _) in prefix::variables(&old) {
                if let Some(saved) = self.get(&format!("__CONDA_SHLVL_{}_{key}", level - 1)) {
                    change.export.insert(0, (key.clone(), saved.to_owned()));
                }
                change.unset.push(key);
            }
        }
        change.put("PATH", new_path);
        change.put("CONDA_PREFIX", prefix.display().to_string());
        change.put("CONDA_SHLVL", (level + 1).to_string());
        change.put("CONDA_DEFAULT_ENV", name);
        change.put("CONDA_PROMPT_MODIFIER", modifier.clone());
        if level > 0 {
            change.put(&format!("CONDA_PREFIX_{level}"), old.display().to_string());
            if stack {
                change.put(&format!("CONDA_STACKED_{}", level + 1), "true".to_owned());
            }
        }
        self.set_prompt(&mut change, &modifier);
        change
    }

    /// Code that runs the active environment's scripts again.
    pub(crate) fn reactivate(&self) -> Change {
        let mut change = Change::default();
        let (level, Some(prefix)) = (self.level(), self.get("CONDA_PREFIX").map(PathBuf::from))
        else {
            return change;
        };
        if level == 0 {
            return change;
        }
        let name = self
            .get("CONDA_DEFAULT_ENV")
            .map_or_else(|| self.display_name(&prefix), str::to_owned);
        let modifier = self.prompt_modifier(&name);
        self.set_prompt(&mut change, &modifier);
        change.put("PATH", self.path_exchanged(&prefix, Some(&prefix)));
        change.put("CONDA_SHLVL", level.to_string());
        change.put("CONDA_PROMPT_MODIFIER", modifier);
        change.deactivate = self.scripts(&prefix, "deactivate.d");
        change.activate = self.scripts(&prefix, "activate.d");
        change
    }

    /// Code that goes back to the environment below, or to none.
    pub(crate) fn deactivate(&self) -> Change {
        let mut change = Change::default();
        let (level, Some(old)) = (self.level(), self.get("CONDA_PREFIX").map(PathBuf::from)) else {
            return change;
        };
        let Some(below) = level.checked_sub(1) else {
            return change;
        };
        change.deactivate = self.scripts(&old, "deactivate.d");
        let mut modifier = String::new();
        if below == 0 {
            change.path = Some(self.path_exchanged(&old, None));
            change.put("CONDA_PREFIX", String::new());
            change.put("CONDA_SHLVL", "0".to_owned());
            change.put("CONDA_DEFAULT_ENV", String::new());
            change.put("CONDA_PROMPT_MODIFIER", String::new());
        } else {
            let saved = format!("CONDA_PREFIX_{below}");
            let new = self.get(&saved).map(PathBuf::from).unwrap_or_default();
            let stacked = format!("CONDA_STACKED_{level}");
            change.unset.push(saved);
            change.path = Some(if self.get(&stacked).is_some() {
                change.unset.push(stacked);
                self.path_exchanged(&old, None)
            } else {
                self.path_exchanged(&old, Some(&new))
            });
            let name = self.display_name(&new);
            modifier = self.prompt_modifier(&name);
            change.put("CONDA_PREFIX", new.display().to_string());
            change.put("CONDA_SHLVL", below.to_string());
            change.put("CONDA_DEFAULT_ENV", name);
            change.put("CONDA_PROMPT_MODIFIER", modifier.clone());
            change.export.extend(prefix::variables(&new));
            change.activate = self.scripts(&new, "activate.d");
        }
        self.set_prompt(&mut change, &modifier);
        for (key, _) in prefix::variables(&old) {
            change.unset.push(key.clone());
            let saved = format!("__CONDA_SHLVL_{below}_{key}");
            if let Some(value) = self.get(&saved) {
                change.export.push((key, value.to_owned()));
                change.unset.push(saved);
            }
        }
        change
    }

    fn scripts(&self, prefix: &Path, folder: &str) -> Vec<PathBuf> {
        let extension = match self.shell {
            Shell::Posix => "sh",
            Shell::Fish => "fish",
        };
        let mut scripts: Vec<PathBuf> = fs::read_dir(prefix.join("etc/conda").join(folder))
            .map(|entries| {
                entries
                    .filter_map(|entry| Some(entry.ok()?.path()))
                    .collect()
            })
            .unwrap_or_default();
        scripts.retain(|path| path.extension().is_some_and(|found| found == extension));
        scripts.sort();
        if folder == "deactivate.d" {
            scripts.reverse();
        }
        scripts
    }

    fn display_name(&self, prefix: &Path) -> String {
        if prefix == self.context.root_prefix {
            return "base".to_owned();
        }
        let in_envs = prefix
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|name| name == "envs");
        match prefix.file_name() {
            Some(name) if in_envs => name.to_string_lossy().into_owned(),
            _ => prefix.display().to_string(),
        }
    }

    fn prompt_modifier(&self, name: &str) -> String {
        if self.context.change_ps1 {
            format!("({name}) ")
        } else {
            String::new()
        }
    }

    fn set_prompt(&self, change: &mut Change, modifier: &str) {
        if self.shell == Shell::Fish || !self.context.change_ps1 {
            return;
        }
        let mut prompt = self.get("PS1").unwrap_or_default().to_owned();
        if prompt.contains("POWERLINE_COMMAND") {
            return;
        }
        if let Some(current) = self
            .get("CONDA_PROMPT_MODIFIER")
            .filter(|text| !text.is_empty())
        {
            prompt = prompt.replace(current, "");
        }
        change
            .set
            .push(("PS1".to_owned(), format!("{modifier}{prompt}")));
    }

    fn path(&self) -> Vec<PathBuf> {
        self.get("PATH")
            .map(|path| env::split_paths(path).collect())
            .unwrap_or_default()
    }

    fn path_with(&self, prefix: &Path, level: usize) -> String {
        let mut path = self.path();
        if level == 0 && !path.iter().any(|folder| folder.ends_with("condabin")) {
            path.insert(0, self.context.root_prefix.join("condabin"));
        }
        path.insert(0, prefix.join("bin"));
        joined(path)
    }

    fn path_exchanged(&self, old: &Path, new: Option<&Path>) -> String {
        let mut path = self.path();
        path.retain(|folder| *folder != old.join("bin"));
        if let Some(new) = new {
            path.insert(0, new.join("bin"));
        }
        joined(path)
    }
}

fn joined(mut path: Vec<PathBuf>) -> String {
    path.dedup();
    let parts: Vec<String> = path
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    parts.join(":")
}

impl Change {
    /// Exports a variable; an empty value unsets it.
    fn put(&mut self, name: &str, value: String) {
        if value.is_empty() {
            self.unset.push(name.to_owned());
        } else {
            self.export.push((name.to_owned(), value));
        }
    }

    /// The change as code. Like the real program it puts values between quotes as they are: a quote in a spec's
    /// variable breaks the shell that activates, so whoever writes variables must know.
    pub(crate) fn code(&self, shell: Shell) -> String {
        let mut lines = Vec::new();
        let quote = |value: &str| quoted(value, shell);
        let export = |name: &str, value: &str| match shell {
            Shell::Posix => format!("export {name}='{value}'"),
            // fish's PATH is a list.
            Shell::Fish if name == "PATH" => {
                format!("set -gx PATH (string split : {})", quote(value))
            }
            Shell::Fish => format!("set -gx {name} \"{value}\""),
        };
        let source = |script: &PathBuf| match shell {
            Shell::Posix => format!(". {}", quote(&script.display().to_string())),
            Shell::Fish => format!("source {}", quote(&script.display().to_string())),
        };
        lines.extend(self.path.iter().map(|path| export("PATH", path)));
        lines.extend(self.deactivate.iter().map(source));
        lines.extend(self.unset.iter().map(|name| match shell {
            Shell::Posix => format!("unset {name}"),
            Shell::Fish => format!("set -e {name} || true"),
        }));
        lines.extend(self.set.iter().map(|(name, value)| match shell {
            Shell::Posix => format!("{name}='{value}'"),
            Shell::Fish => format!("set {name} \"{value}\""),
        }));
        lines.extend(self.export.iter().map(|(name, value)| export(name, value)));
        lines.extend(self.activate.iter().map(source));
        lines.push(String::new());
        lines.join("\n")
    }
}

/// `value` as one word of the shell.
pub(crate) fn quoted(value: &str, shell: Shell) -> String {
    match shell {
        Shell::Posix => format!("'{}'", value.replace('\'', "'\"'\"'")),
        Shell::Fish => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
    }
}

/// `program arguments…` run by a shell after it has activated `prefix`.
/// The program `.` sources a script; anything else replaces the shell.
pub(crate) fn command(
    context: &Context,
    prefix: &Path,
    program: &str,
    arguments: &[String],
) -> Command {
    let code = Activator::new(context, Shell::Posix)
        .activate(prefix, false)
        .code(Shell::Posix);
    let run = if program == "." {
        ". \"$1\""
    } else {
        "exec \"$@\""
    };
    // bash first: activate.d scripts of packages are often written for it.
    let shell = if find_program("bash").is_some() {
        "bash"
    } else {
        "sh"
    };
    let mut command = Command::new(shell);
    command.arg("-c").arg(format!("{code}{run}")).arg(shell);
    if program != "." {
        command.arg(program);
    }
    command.args(arguments);
    command
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
