//! The pip section of an environment: resolved by uv around what conda provides, and told where that cannot be.

mod why;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use mmdev_conda::Names;
use mmdev_core::lock::uv::{self, Failure, NoAnswer, Question};
use mmdev_core::lock::{self, Lock, Manager, Package};
use mmdev_core::virtual_packages::VirtualPackage;

use self::why::shown;
pub(super) use self::why::{Why, error, reason};
use super::commits::Commits;
use super::make::Maker;
use super::{Target, Update};
use crate::channels;
use crate::environment;
use crate::error::{Error, Result};
use crate::printer::Printer;
use crate::uv::{Uv, write_stubs};

/// What resolves the pip section on every platform.
pub(super) struct Resolver<'a> {
    printer: &'a Printer,
    target: &'a Target,
    before: &'a Lock,
    update: &'a Update,
    is_offline: bool,
    /// `None` where nothing is to be resolved.
    tools: Option<&'a Tools>,
    /// Of the lines that name git repositories.
    pub(super) commits: Commits,
    /// What is to be said in the end, each thing once.
    notes: Mutex<BTreeSet<String>>,
}

/// What every pip section is resolved with.
pub(super) struct Tools {
    /// uv, or why there is none.
    uv: std::result::Result<Uv, String>,
    /// What PyPI's packages are called by conda.
    names: Names,
}

impl Tools {
    /// Looks for uv, and for PyPI's names where there is one.
    pub(super) async fn find(printer: &Printer, is_offline: bool) -> Result<Self> {
        let uv = Uv::find(printer, is_offline).await;
        if uv.is_err() {
            let names = Names::default();
            return Ok(Tools { uv, names });
        }
        let (names, problem) = channels::conda_names(&channels::config(is_offline)?).await;
        if let Some(problem) = problem.filter(|_| !is_offline) {
            printer.warning(&format!(
                "which packages of PyPI conda provides is told by their names alone: {problem}"
            ));
        }
        Ok(Tools { uv, names })
    }
}

/// A pip section that was resolved.
#[derive(Default)]
pub(super) struct Resolved {
    /// Its packages, without those of conda.
    pub(super) packages: Vec<Package>,
    /// The lines that are left to pip.
    pub(super) unlocked: Vec<String>,
    /// What is known of some of these.
    pub(super) fixed: BTreeMap<String, String>,
}

/// Packages, and lines by their index, each with a constraint for something newer.
type Answer = (Vec<Package>, Vec<(usize, Option<String>)>);

impl<'a> Resolver<'a> {
    /// Has what is needed looked for where there is something to be resolved.
    pub(super) async fn new(
        maker: &'a Maker<'a>,
        target: &'a Target,
        before: &'a Lock,
        platforms: &[String],
    ) -> Result<Self> {
        let mut resolver = Resolver {
            printer: maker.printer,
            target,
            before,
            update: maker.update,
            is_offline: maker.request.offline,
            tools: None,
            commits: Commits::find(maker, target, before, platforms).await,
            notes: Mutex::default(),
        };
        let is_for_uv = |line: &String| uv::is_for_uv(line) && uv::is_requirement(line);
        let is_wanted =
            |platform: &String| target.pip_section(platform).lines.iter().any(is_for_uv);
        if !platforms.iter().any(is_wanted) {
            return Ok(resolver);
        }
        let tools = maker.pip().await?;
        if let Err(reason) = &tools.uv {
            resolver.note(format!(
                "the pip section of {} is not locked, and pip resolves it when the image is built: {reason}",
                target.names()
            ));
        }
        resolver.tools = Some(tools);
        Ok(resolver)
    }

    /// The pip section on one platform that provides `virtual_packages` and has `conda`'s packages.
    pub(super) async fn resolve(
        &self,
        platform: &str,
        virtual_packages: &[VirtualPackage],
        conda: &[Package],
    ) -> Result<std::result::Result<Resolved, Why>> {
        let section = self.target.pip_section(platform);
        let (lines, foreign): (Vec<String>, Vec<String>) = section
            .lines
            .into_iter()
            .partition(|line| uv::is_for_uv(line));
        for line in &foreign {
            self.note_unwheeled(line);
        }
        let mut resolved = Resolved {
            packages: Vec::new(),
            unlocked: foreign,
            fixed: BTreeMap::new(),
        };
        let requirements = lines.iter().filter(|line| uv::is_requirement(line));
        let requirements: Vec<String> = requirements.cloned().collect();
        let python = conda.iter().find(|package| package.name == "python");
        if requirements.is_empty() {
            return Ok(Ok(resolved));
        }
        let uv = self.tools.and_then(|tools| tools.uv.as_ref().ok());
        let (Some(uv), Some(python)) = (uv, python) else {
            // That there is no uv is said already.
            if python.is_none() {
                self.note(format!(
                    "the pip section of {} is not locked for {platform}, which has no python",
                    self.target.names()
                ));
            }
            resolved.unlocked.extend(requirements);
            return Ok(Ok(resolved));
        };
        let variables = uv::variables(lines.iter().chain(&section.constraints)).into_iter();
        let keep = self
            .before
            .of(platform)
            .filter(|package| package.manager == Manager::Pip && self.update.keeps(&package.name));
        let mut question = Question {
            variables: variables
                .filter_map(|name| Some((name.to_owned(), environment::text(name)?)))
                .collect(),
            constraints: section.constraints,
            platform: platform.to_owned(),
            is_refreshed: *self.update != Update::Nothing && !self.is_offline,
            python: python.version.clone(),
            virtual_packages: virtual_packages.to_vec(),
            provided: self.provided(conda),
            keep: keep
                .map(|package| (package.name.clone(), package.version.clone()))
                .collect(),
            lines,
        };
        if question.arguments().is_none() {
            self.note(format!(
                "the pip section of {} is not locked for {platform}, which uv does not know",
                self.target.names()
            ));
            resolved.unlocked.extend(requirements);
            return Ok(Ok(resolved));
        }
        // uv takes an old version whose needs have wheels rather than a new one that needs something to be built.
        // pip would not, so such entries are left to it as well, and the rest is asked for again.
        loop {
            let builders = match self.ask(uv, &question).await? {
                Ok((packages, newer)) => {
                    resolved.packages = packages;
                    self.builders(uv, &question, newer, &mut resolved.fixed)
                        .await?
                }
                // What is wanted may have been published since.
                Err(Why::Uv(failure, _))
                    if !matches!(failure, Failure::NeedsBuild { .. })
                        && !question.is_refreshed
                        && !self.is_offline =>
                {
                    question.is_refreshed = true;
                    continue;
                }
                Err(Why::Uv(Failure::NeedsBuild { name }, _)) => {
                    let lines = question.lines.iter().enumerate();
                    let lines = lines.filter(|(_, line)| uv::is_requirement(line));
                    let all: Vec<usize> = lines.map(|(index, _)| index).collect();
                    let alone = all.iter().map(|index| (*index, None)).collect();
                    let fixed = &mut resolved.fixed;
                    let builders = self.builders(uv, &question, alone, fixed).await?;
                    if builders.is_empty() {
                        self.note(format!(
                            "the pip section of {} is not locked on {platform}: together its entries need `{name}`, which has no wheel",
                            self.target.names()
                        ));
                        all
                    } else {
                        builders
                    }
                }
                Err(why) => return Ok(Err(why)),
            };
            if builders.is_empty() {
                return Ok(Ok(resolved));
            }
            resolved.packages.clear();
            for index in builders.into_iter().rev() {
                resolved.unlocked.push(question.lines.remove(index));
            }
            if !question.lines.iter().any(|line| uv::is_requirement(line)) {
                return Ok(Ok(resolved));
            }
        }
    }

    /// Those of the lines that by themselves, and in the version that is given, need something that has to be built. What
    /// pip is to take for them goes into `fixed`.
    async fn builders(
        &self,
        uv: &Uv,
        question: &Question,
        candidates: Vec<(usize, Option<String>)>,
        fixed: &mut BTreeMap<String, String>,
    ) -> Result<Vec<usize>> {
        let mut builders = Vec::new();
        for (index, constraint) in candidates {
            let line = &question.lines[index];
            let mut alone = question.clone();
            let others = |other: &String| other == line || !uv::is_requirement(other);
            alone.lines.retain(others);
            alone.constraints.extend(constraint);
            alone.keep.clear();
            let arguments = question.arguments();
            let arguments: Vec<_> = arguments.into_iter().flatten().take(1).collect();
            let said = self.run(uv, &alone, &arguments).await?;
            if let Err(Failure::NeedsBuild { name }) = said {
                let why = match uv::is_about(line, &name) {
                    true => "has no wheel".to_owned(),
                    false => format!("needs `{name}`, which has no wheel"),
                };
                let shown = shown(self.target, line);
                match self.fix(uv, line, &alone).await? {
                    None => self.note_foreign(line, &why),
                    Some(fix) => {
                        self.note(format!(
                            "{shown} is locked at {}, and what that needs is not: it {why}, and pip builds it in the container",
                            lock::short_fix(&fix)
                        ));
                        fixed.insert(line.clone(), fix);
                    }
                }
                builders.push(index);
            }
        }
        Ok(builders)
    }

    /// What pip is to take for a line that is asked for `alone`: what the lock has of it, or the newest. A line with
    /// hashes says enough itself.
    async fn fix(&self, uv: &Uv, line: &str, alone: &Question) -> Result<Option<String>> {
        // Where an archive of a URL is asked for, uv would build it.
        let is_safe = alone.constraints.iter().all(|line| uv::is_for_uv(line));
        if line.contains(" --hash") || !is_safe || lock::fixed_line(line, "==0").is_none() {
            return Ok(None);
        }
        let is_kept = lock::line_name(line).is_some_and(|name| self.update.keeps(&name));
        let known = self.before.pip_fixed().get(line).copied();
        if let Some(known) = known.filter(|_| is_kept) {
            return Ok(Some(known.to_owned()));
        }
        let arguments: Vec<_> = alone.arguments_for_file().into_iter().collect();
        let Ok(folder) = self.run(uv, alone, &arguments).await? else {
            return Ok(None);
        };
        let pylock = std::fs::read_to_string(folder.path().join(uv::PYLOCK));
        let pylock = pylock.map_err(|error| cannot_ask(error.into()))?;
        Ok(uv::file_of(alone, &pylock))
    }

    /// What uv says to a question: the packages, and the lines for which there is something newer, with that as a
    /// constraint.
    async fn ask(&self, uv: &Uv, question: &Question) -> Result<std::result::Result<Answer, Why>> {
        let arguments = question.arguments().into_iter().flatten();
        let arguments: Vec<_> = arguments.chain(question.arguments_for_newest()).collect();
        let folder = match self.run(uv, question, &arguments).await? {
            Ok(folder) => folder,
            Err(failure) => return Ok(Err(Why::Uv(failure, Box::new(question.clone())))),
        };
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.path().join(name));
            text.map_err(|error| cannot_ask(error.into()))
        };
        let (list, pylock, newest) = (read(uv::LIST)?, read(uv::PYLOCK)?, read(uv::NEWEST)?);
        match uv::packages(question, &list, &pylock) {
            Ok(packages) => {
                let newer = uv::newer(question, &packages, &newest).into_iter();
                let newer = newer
                    .map(|(index, name, version)| (index, Some(format!("{name}=={version}"))))
                    .collect();
                Ok(Ok((packages, newer)))
            }
            Err(NoAnswer::Hash { name, version }) => Ok(Err(Why::Hash { name, version })),
            Err(NoAnswer::Unreadable(reason)) => {
                let problem = anyhow::anyhow!("its answer cannot be read: {reason}");
                Err(cannot_ask(problem))
            }
        }
    }

    /// Runs uv once for each list of arguments, until one fails, in a folder of its own that holds what it wrote.
    async fn run(
        &self,
        uv: &Uv,
        question: &Question,
        arguments: &[Vec<String>],
    ) -> Result<std::result::Result<tempfile::TempDir, Failure>> {
        let folder = tempfile::Builder::new().prefix("mmdev-uv-").tempdir();
        let folder = folder.map_err(|error| cannot_ask(error.into()))?;
        write(question, folder.path()).map_err(cannot_ask)?;
        for arguments in arguments {
            let (is_content, said) = uv.run(folder.path(), question, arguments).await?;
            if !is_content {
                return match uv::failure(question, &said) {
                    Failure::Failed { why } => Err(self.failed(question, why)),
                    failure => Ok(Err(failure)),
                };
            }
            for (name, extra) in uv::lost_extras(&said) {
                self.note(format!(
                    "`{name}[{extra}]` is wanted, and conda's {name} knows no extras: add what belongs to `{extra}` to the spec"
                ));
            }
        }
        Ok(Ok(folder))
    }

    /// The error where uv came to no result.
    fn failed(&self, question: &Question, why: Vec<String>) -> Error {
        let mut error = Error::world(anyhow::anyhow!(
            "uv could not ask for the pip section of {} on {}",
            self.target.names(),
            question.platform
        ));
        for name in why::unset(question) {
            error = error.with_hint(format!("set {name}, which the pip section names"));
        }
        error = error.with_hint(
            if why.iter().any(|line| line.contains("No interpreter found")) {
                "install Python, of any version: uv asks it a few questions"
            } else if self.is_offline {
                "run it once without --offline"
            } else {
                "look at the network and HTTPS_PROXY"
            },
        );
        error.log = why;
        error
    }

    /// What conda's packages are to Python: versions by PyPI's names.
    fn provided(&self, conda: &[Package]) -> BTreeMap<String, String> {
        let mut by_conda: HashMap<&str, Vec<&str>> = HashMap::new();
        let names = self.tools.iter().flat_map(|tools| tools.names.iter());
        for (name, conda) in names {
            by_conda.entry(conda).or_default().push(name);
        }
        let mut provided = BTreeMap::new();
        for package in conda.iter().filter(|package| package.name != "python") {
            let needs = &package.dependencies;
            let is_python = needs.contains_key("python") || needs.contains_key("python_abi");
            let own = uv::normalized(&package.name);
            let names = by_conda.get(package.name.as_str());
            let names = match names {
                Some(names) => names.clone(),
                None if is_python => vec![own.as_str()],
                None => continue,
            };
            for name in names {
                provided.insert(name.to_owned(), package.version.clone());
            }
        }
        provided
    }

    /// Says of a line that is no wheel what the lock has of it.
    fn note_unwheeled(&self, line: &str) {
        let Some(held) = self.commits.get(line) else {
            return self.note_foreign(line, "is no wheel");
        };
        let shown = shown(self.target, line);
        let short = held.commit.as_deref().and_then(|commit| commit.get(..12));
        self.note(match (short, &held.why) {
            (Some(commit), None) => format!(
                "{shown} is locked at commit {commit}, and what that needs is not: pip builds it in the container"
            ),
            (Some(commit), Some(why)) => format!(
                "{shown} stays at commit {commit}: {why}"
            ),
            (None, why) => format!(
                "{shown} is not locked, and pip builds it in the container: {}",
                why.as_deref().unwrap_or_default()
            ),
        });
    }

    fn note_foreign(&self, line: &str, why: &str) {
        self.note(format!(
            "{} is not locked: it {why}, and pip builds it in the container",
            shown(self.target, line)
        ));
    }

    fn note(&self, text: String) {
        // Each change is whole, also where its thread panicked later.
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(text);
    }

    /// Says what is left to be known.
    pub(super) fn say_notes(&self) {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        for note in notes {
            self.printer.warning(&note);
        }
        if self.tools.is_some_and(|tools| tools.uv.is_err()) {
            self.printer
                .hint("install uv (`pipx install uv`), and run `mmdev update`");
        }
    }
}

fn cannot_ask(problem: anyhow::Error) -> Error {
    Error::world(problem.context("cannot ask uv"))
}

/// Writes what uv is to find.
fn write(question: &Question, folder: &Path) -> anyhow::Result<()> {
    for (name, text) in question.files() {
        std::fs::write(folder.join(name), text)?;
    }
    write_stubs(question, &folder.join(uv::PROVIDED))
}
