//! `mmdev add`: dependencies into the spec, with a pin that the channels give them, and the lock that goes with it.

use std::path::PathBuf;

use mmdev_core::amend::{self, Addition, PinStyle, Platform, Section};
use mmdev_core::diagnostic::{Applicability, Severity};
use mmdev_core::lock::Manager;
use mmdev_core::match_spec::{self, Problem};
use mmdev_core::spec::{self, PipLine};

use super::amend::{Amendment, Options};
use crate::error::{Error, Result, Status};
use crate::locking::Brought;
use crate::printer::Printer;
use crate::settings::{Request, relative};

/// What is to be added.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// MatchSpecs, or requirements for pip.
    pub(crate) packages: Vec<String>,
    /// Where to.
    pub(crate) section: Section,
    /// Channels for the spec.
    pub(crate) channels: Vec<String>,
    /// The platforms that the packages are for, if not for all.
    pub(crate) platform: Option<Platform>,
    /// The spec that gets what is new, where several are merged.
    pub(crate) to: Option<PathBuf>,
}

/// One package of the command line.
struct Package {
    addition: Addition,
    /// Whether it has its version: its text says one, or it is there already.
    is_pinned: bool,
    /// The index of its file.
    file: usize,
}

/// Adds to the specs of the active environment.
pub(crate) fn add(
    printer: &Printer,
    request: &Request,
    wanted: &Wanted,
    options: Options,
) -> Result {
    let asked = wanted
        .packages
        .iter()
        .map(|text| read(text.trim(), wanted))
        .collect::<Result<Vec<_>>>()?;
    let mut amendment = Amendment::begin(printer, request, options)?;
    let main = main_file(&amendment, wanted)?;
    let mut packages: Vec<Package> = Vec::new();
    for (addition, is_pinned) in asked {
        let mut files = amendment.files.iter().enumerate();
        let there = files.find_map(|(index, file)| {
            let there = amend::there(&file.spec, &addition)?;
            Some((index, file, there))
        });
        match there {
            Some((_, file, there)) if amend::is_said(&there, &addition) => {
                amendment.keep(file, &there);
            }
            // What is there has the versions that a person chose, if any.
            Some((file, ..)) => packages.push(Package {
                file,
                addition,
                is_pinned: true,
            }),
            None => packages.push(Package {
                file: main,
                addition,
                is_pinned,
            }),
        }
    }
    if !options.locks {
        let bare = packages.iter().find(|package| package.needs_pin());
        if let Some(package) = bare {
            let text = &package.addition.text;
            return Err(Error::invocation(format!(
                "{text} has no version, and without the channels none can be chosen"
            ))
            .with_hint(format!("give one: mmdev add {text}=1.2 --no-lock")));
        }
    }
    edit(&mut amendment, main, wanted, &packages)?;
    if !amendment.is_any() {
        return Ok(Status::Done);
    }
    let mut locks = amendment
        .locks()
        .map_err(|error| explained(error, &packages))?;
    if packages.iter().any(Package::needs_pin) {
        pin(&mut packages, &amendment, &locks)?;
        for file in &mut amendment.files {
            file.reset();
        }
        edit(&mut amendment, main, wanted, &packages)?;
        locks = amendment.narrowed(locks)?;
    }
    amendment.finish(&locks)?;
    warn(&amendment, &packages);
    Ok(Status::Done)
}

impl Package {
    /// Whether the channels are to choose its version: pip chooses for itself, and nobody pins what only installs.
    fn needs_pin(&self) -> bool {
        let is_installer = || matches!(self.addition.name().as_str(), "pip" | "uv");
        !self.is_pinned && self.addition.section == Section::Conda && !is_installer()
    }
}

/// Understands what was typed, and says whether it is more than a name.
fn read(text: &str, wanted: &Wanted) -> Result<(Addition, bool)> {
    let mut addition = Addition {
        section: wanted.section,
        text: text.to_owned(),
        platform: wanted.platform,
    };
    let (problems, is_pinned) = match wanted.section {
        Section::Conda => {
            let parsed = match_spec::parse(text);
            let is_pinned = parsed.spec.is_some_and(|spec| {
                spec.version.is_some() || spec.build.is_some() || !spec.attributes.is_empty()
            });
            (parsed.problems, is_pinned)
        }
        Section::Pip => {
            let (line, problems) = spec::pip::parse_line(text);
            if matches!(line, PipLine::Option | PipLine::Malformed)
                && problems
                    .iter()
                    .all(|problem| problem.severity < Severity::Error)
            {
                return Err(Error::invocation(format!("`{text}` is no package for pip")));
            }
            let is_name = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
            (problems, !text.chars().all(is_name))
        }
    };
    let is_error = |problem: &&Problem| problem.severity == Severity::Error;
    if let Some(problem) = problems.iter().find(is_error) {
        let error = Error::invocation(match problem.message.contains(text) {
            true => problem.message.clone(),
            false => format!("`{text}`: {}", problem.message),
        });
        return Err(match (&problem.repair, &problem.hint) {
            (Some(repair), _) => error.with_hint(format!("mmdev add \"{repair}\"")),
            (None, Some(hint)) => error.with_hint(hint.clone()),
            (None, None) => error,
        });
    }
    // `NumPy` is written as `numpy`.
    let is_sure = |problem: &&Problem| problem.applicability == Applicability::Safe;
    if let Some(repair) = problems
        .iter()
        .filter(is_sure)
        .find_map(|one| one.repair.clone())
    {
        addition.text = repair;
    }
    let text = addition.text.as_str();
    if let (Section::Pip, Some(platform)) = (wanted.section, wanted.platform) {
        addition.text = spec::pip::with_marker(text, platform.marker());
    }
    Ok((addition, is_pinned))
}

/// The index of the spec that gets what is new.
fn main_file(amendment: &Amendment<'_>, wanted: &Wanted) -> Result<usize> {
    let Some(to) = &wanted.to else {
        return Ok(0);
    };
    let path = relative(&amendment.root, &amendment.current, to)?;
    let mut files = amendment.files.iter();
    files.position(|file| file.path == path).ok_or_else(|| {
        let paths: Vec<&str> = amendment
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        Error::invocation(format!("{path} is no spec of this environment"))
            .with_hint(format!("it is made of {}", paths.join(", ")))
    })
}

fn edit(
    amendment: &mut Amendment<'_>,
    main: usize,
    wanted: &Wanted,
    packages: &[Package],
) -> Result<()> {
    for channel in &wanted.channels {
        amendment.files[main].edit(
            |name, text| amend::add_channel(name, text, channel),
            &format!("write `- {channel}` below `channels:`"),
        )?;
    }
    for package in packages {
        let addition = &package.addition;
        let list = match addition.section {
            Section::Conda => "dependencies:",
            Section::Pip => "- pip:",
        };
        amendment.files[package.file].edit(
            |name, text| amend::add(name, text, addition),
            &format!("write `- {}` below `{list}`", addition.text),
        )?;
    }
    Ok(())
}

/// Gives each package without a version the pin of what was chosen for it.
fn pin(packages: &mut [Package], amendment: &Amendment<'_>, locks: &[Brought]) -> Result<()> {
    for package in packages.iter_mut().filter(|package| package.needs_pin()) {
        let file = &amendment.files[package.file];
        let name = package.addition.name();
        let locked = locks
            .iter()
            .filter(|lock| lock.target.files.iter().any(|spec| spec.path == file.path))
            .flat_map(|lock| &lock.after.packages)
            .filter(|locked| locked.manager == Manager::Conda && locked.name == name);
        let mut versions: Vec<&str> = locked.map(|locked| locked.version.as_str()).collect();
        versions.dedup();
        if versions.is_empty() {
            let text = &package.addition.text;
            return Err(Error::invocation(format!(
                "nothing is locked for the platform of {text}, so that no version was chosen"
            ))
            .with_hint(format!(
                "give one: mmdev add {text}=1.2{}",
                match package.addition.platform {
                    Some(platform) => format!(" --platform {platform}"),
                    None => String::new(),
                }
            )));
        }
        let style = PinStyle::of(&file.spec);
        package.addition.text = amend::pin(&package.addition.text, &versions, style);
    }
    Ok(())
}

/// The error with what to do without the channels.
fn explained(error: Error, packages: &[Package]) -> Error {
    match error.status {
        Status::World => error.with_hint(match packages.iter().find(|one| one.needs_pin()) {
            Some(package) => format!(
                "--no-lock changes the spec alone, with a version that you give ({}=1.2)",
                package.addition.text
            ),
            None => "--no-lock changes the spec alone".to_owned(),
        }),
        _ => error,
    }
}

/// Says what of the same name stands in the other section: pip installs over what conda has installed.
fn warn(amendment: &Amendment<'_>, packages: &[Package]) {
    for package in packages {
        let name = package.addition.name();
        let (other, where_) = match package.addition.section {
            Section::Conda => (Section::Pip, "in the pip section"),
            Section::Pip => (Section::Conda, "among conda's dependencies"),
        };
        let mut files = amendment.files.iter();
        if files.any(|file| amend::called(&file.spec, other, &name).next().is_some()) {
            amendment.printer.warning(&format!(
                "{name} stands {where_} too: pip installs its own over conda's"
            ));
        }
        if !package.is_pinned && package.addition.section == Section::Pip {
            amendment.printer.note(&format!(
                "{name} has no version; \"{name}>=1.2\" gives it a lower bound"
            ));
        }
    }
}
