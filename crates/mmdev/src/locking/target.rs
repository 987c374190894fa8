//! One environment that is locked: its spec files, and where its lock stands.

use std::collections::BTreeMap;
use std::path::Path;

use mmdev_core::lock::{self, Lock, State};
use mmdev_core::project::{self, Pip};
use mmdev_core::spec::{self, EnvSpec, Selector};
use mmdev_core::text::{LineIndex, Span};
use mmdev_core::virtual_packages;

use crate::error::{Error, Result};
use crate::files;
use crate::load::Workspace;
use crate::locate;
use crate::meaning::{Machine, others};
use crate::requirements::requirements;

/// One environment, and its lock.
pub(crate) struct Target {
    /// The lock's path from the project's root, with `/`.
    pub(crate) path: String,
    /// The spec files, which are merged in this order.
    pub(crate) files: Vec<SpecFile>,
    /// What they ask for together.
    pub(crate) spec: EnvSpec,
    /// The hash of what they ask for.
    pub(crate) meaning: String,
    /// The texts of the requirements and constraints files that their pip sections name.
    requirements: BTreeMap<String, String>,
}

/// One spec file.
pub(crate) struct SpecFile {
    /// Its path from the project's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(super) spec: EnvSpec,
}

/// A dependency, and where it stands.
pub(crate) struct Asked {
    pub(crate) text: String,
    /// The index of its file.
    file: usize,
    span: Span,
}

/// The lock that is there.
#[derive(Default)]
pub(crate) struct Locked {
    /// What can be kept of it; nothing where there is none.
    pub(crate) lock: Lock,
    pub(crate) is_there: bool,
    /// Whether git left a conflict in it, so that `lock` has what both sides have, or somebody edited it, or it cannot
    /// be understood: it is made anew.
    pub(crate) is_broken: bool,
}

/// Every environment of a project.
pub(crate) fn targets(workspace: &Workspace) -> Result<Vec<Target>> {
    let machine = Machine::of(&workspace.project.base_image.reference, &workspace.settings);
    let environments = workspace.project.environments.iter();
    environments
        .map(|environment| {
            let mut files = Vec::new();
            for path in &environment.specs {
                let text = workspace.text(path);
                files.push(SpecFile {
                    path: path.clone(),
                    text: text.to_owned(),
                    spec: spec::read(locate::SPEC_NAMES[0], text).spec,
                });
            }
            let specs: Vec<EnvSpec> = files.iter().map(|file| file.spec.clone()).collect();
            let (spec, _) = spec::merge(&specs);
            let (requirements, _) = requirements(&workspace.root, &by_path(&files))?;
            let others = others(&machine, &requirements);
            Ok(Target {
                path: environment.lock_path.clone(),
                meaning: lock::meaning(&spec, &others),
                spec,
                files,
                requirements,
            })
        })
        .collect()
}

/// The specs by the paths of their files.
fn by_path(files: &[SpecFile]) -> Vec<(String, EnvSpec)> {
    let files = files.iter();
    files
        .map(|file| (file.path.clone(), file.spec.clone()))
        .collect()
}

fn applies(selector: &Option<Selector>, platform: &str) -> bool {
    let selector = selector.as_ref();
    selector.is_none_or(|selector| selector.applies_to(platform).unwrap_or(true))
}

impl Target {
    /// The spec files, to be said.
    pub(crate) fn names(&self) -> String {
        let paths: Vec<&str> = self.files.iter().map(|file| file.path.as_str()).collect();
        paths.join(" and ")
    }

    /// The spec files from the lock's folder, with `/`.
    pub(crate) fn sources(&self) -> Vec<String> {
        let folder = self.path.rsplit_once('/').map(|(folder, _)| folder);
        let up = folder.map_or(0, |folder| folder.split('/').count());
        self.files
            .iter()
            .map(|file| {
                let inside =
                    folder.and_then(|folder| file.path.strip_prefix(folder)?.strip_prefix('/'));
                match inside {
                    Some(path) => path.to_owned(),
                    None => format!("{}{}", "../".repeat(up), file.path),
                }
            })
            .collect()
    }

    /// The channels, first the most important.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &str> {
        let channels = self.spec.channels.iter().flatten();
        channels
            .map(|channel| channel.value.as_str())
            .filter(|channel| *channel != "nodefaults")
    }

    /// Stops where the spec names no channel: which one it is decides what is installed, and nobody chose it.
    pub(crate) fn check_channels(&self) -> Result<()> {
        if self.channels().next().is_some() {
            return Ok(());
        }
        let mut error = Error::problem(format!(
            "{} names no channel, and which one it is decides what is installed",
            self.names()
        ))
        .with_hint("write it down; the two lines above choose conda-forge");
        error.log = vec!["channels:".to_owned(), "  - conda-forge".to_owned()];
        Err(error)
    }

    /// The dependencies for a platform, each text once.
    pub(crate) fn entries(&self, platform: &str) -> Vec<Asked> {
        let mut all: Vec<Asked> = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            for dependency in &file.spec.dependencies {
                let text = dependency.text.value.trim();
                if applies(&dependency.selector, platform)
                    && all.iter().all(|other| other.text != text)
                {
                    all.push(Asked {
                        text: text.to_owned(),
                        file: index,
                        span: dependency.text.span,
                    });
                }
            }
        }
        all
    }

    /// What is asked for on a platform, each thing once; pip where there is a pip section.
    pub(super) fn dependencies(&self, platform: &str) -> Vec<Asked> {
        let mut all = self.entries(platform);
        let entry = self.files.iter().enumerate().find_map(|(index, file)| {
            let entry = file
                .spec
                .pip
                .iter()
                .find(|entry| applies(&entry.selector, platform))?;
            Some((index, entry.text.span))
        });
        if let Some((file, span)) = entry {
            all.push(Asked {
                text: "pip".to_owned(),
                file,
                span,
            });
        }
        all
    }

    /// Whether an entry asks for CUDA by its name or build.
    pub(crate) fn wants_cuda(&self) -> bool {
        let dependencies = self.spec.dependencies.iter();
        let mut specs = dependencies.filter_map(|dependency| dependency.match_spec.as_ref());
        specs.any(|spec| {
            let build = spec.build.as_ref().map(|build| build.value.as_str());
            virtual_packages::asks_for_cuda(&spec.name.value, build)
        })
    }

    /// `env.yaml:9`.
    pub(crate) fn place(&self, asked: &Asked) -> String {
        let file = &self.files[asked.file];
        let line = LineIndex::new(&file.text)
            .line_column(asked.span.start)
            .line;
        format!("{}:{line}", file.path)
    }

    /// The pip section on a platform.
    pub(crate) fn pip_section(&self, platform: &str) -> Pip {
        project::pip_section(&by_path(&self.files), &self.requirements, platform)
    }

    /// The entries of the pip section, each with its place.
    pub(crate) fn pip_entries(&self) -> Vec<Asked> {
        let files = self.files.iter().enumerate();
        files
            .flat_map(|(file, spec)| {
                spec.spec.pip.iter().map(move |entry| Asked {
                    text: entry.text.value.trim().to_owned(),
                    file,
                    span: entry.text.span,
                })
            })
            .collect()
    }

    /// The line of a dependency as it stands in its file.
    pub(crate) fn line(&self, asked: &Asked) -> &str {
        let text = &self.files[asked.file].text;
        let start = text[..asked.span.start].rfind('\n').map_or(0, |at| at + 1);
        text[start..].lines().next().unwrap_or_default()
    }

    /// The lock that is there.
    pub(crate) fn locked(&self, root: &Path) -> Result<Locked> {
        let Some(text) = files::read(&root.join(&self.path))? else {
            return Ok(Locked::default());
        };
        let Some(sides) = lock::both_sides(&text) else {
            let read = lock::read(&text);
            return Ok(Locked {
                lock: read.lock,
                is_there: true,
                is_broken: !read.diagnostics.is_empty(),
            });
        };
        // Both are preferred: what the solver cannot have of one it has of the other.
        let [ours, theirs] = sides.map(|side| lock::read(&side).lock);
        let mut lock = ours;
        for package in theirs.packages {
            if lock
                .packages
                .iter()
                .all(|other| other.key() != package.key())
            {
                lock.packages.push(package);
            }
        }
        for platform in theirs.metadata.platforms {
            if !lock.metadata.platforms.contains(&platform) {
                lock.metadata.platforms.push(platform);
            }
        }
        lock.sort();
        Ok(Locked {
            lock,
            is_there: true,
            is_broken: true,
        })
    }

    /// Whether the lock that is there is the spec's, and has these platforms.
    pub(crate) fn is_fresh(&self, locked: &Locked, platforms: &[String]) -> bool {
        let state = || lock::state(&locked.lock, &self.spec, &self.meaning, platforms);
        locked.is_there && !locked.is_broken && state() == State::Fresh
    }
}
