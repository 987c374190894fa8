//! `mmdev export`: what is locked, in the formats of other programs.

use std::path::{Path, PathBuf};

use mmdev_core::lock::{self, About, Graph, License, Manager, PIP_UNLOCKED};
use spdx::{Expression, ParseMode};

use super::records::known;
use super::{open, platform, tops};
use crate::error::{Error, Result, Status};
use crate::files::{self, Written};
use crate::json::Message;
use crate::load::counted;
use crate::locking::Standing;
use crate::printer::Printer;
use crate::settings::Request;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// conda's explicit list.
    Explicit,
    /// A spec of exact versions.
    Spec,
    /// CycloneDX.
    Sbom,
}

/// Where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// To stdout.
    Stdout,
    /// To the file of that name, or one a platform: `{platform}` stands for it.
    Files(String),
    /// Where Snakemake looks for it.
    Pins,
}

/// Stands in the name of a file for the platform.
const PLATFORM: &str = "{platform}";

/// Exports what is locked.
pub(crate) fn export(
    printer: &Printer,
    request: &Request,
    format: Format,
    place: &Place,
    asked_platform: Option<&str>,
) -> Result {
    let (workspace, standing) = open(printer, request)?;
    let is_for_all = match place {
        Place::Stdout => false,
        Place::Files(name) => name.contains(PLATFORM),
        Place::Pins => true,
    };
    let platforms = match (is_for_all, asked_platform) {
        (true, None) => standing
            .lock
            .metadata
            .platforms
            .iter()
            .map(String::as_str)
            .collect(),
        _ => vec![platform(&standing, asked_platform)?],
    };
    if format == Format::Explicit {
        let channels = standing.lock.metadata.channels.iter();
        for variable in channels.flat_map(|channel| &channel.used_env_vars) {
            printer.warning(&format!(
                "${{{variable}}} stays in the URLs, where conda does not put its value in"
            ));
            printer.hint("envsubst puts it in, where the list is used");
        }
    }
    for platform in platforms {
        let text = match format {
            Format::Explicit => explicit(printer, &standing, platform),
            Format::Spec => lock::exact_spec(&standing.lock, platform, &standing.target.spec),
            Format::Sbom => sbom(&standing, platform),
        };
        let shown = match place {
            Place::Stdout => {
                printer.message(&Message::Export {
                    kind: match format {
                        Format::Explicit => "explicit",
                        Format::Spec => "spec",
                        Format::Sbom => "sbom",
                    },
                    platform,
                    text: &text,
                });
                printer.result(&text);
                continue;
            }
            Place::Files(name) => name.replace(PLATFORM, platform),
            Place::Pins => pin(&standing, platform)?,
        };
        let path = match place {
            Place::Pins => workspace.root.join(&shown),
            _ => PathBuf::from(&shown),
        };
        write(printer, &shown, &path, &text)?;
    }
    if format != Format::Explicit && standing.lock.metadata.custom.contains_key(PIP_UNLOCKED) {
        printer.warning("the pip section is not locked, and nothing is said of its packages");
    }
    Ok(Status::Done)
}

fn write(printer: &Printer, shown: &str, path: &Path, text: &str) -> Result<()> {
    let (verb, change) = match files::write(path, text)? {
        Written::Created => ("Created", "created"),
        Written::Changed => ("Changed", "changed"),
        Written::Unchanged => {
            printer.status("Fresh", shown);
            return Ok(());
        }
    };
    printer.message(&Message::GeneratedFile {
        path: shown,
        change,
        written: true,
    });
    printer.status(verb, shown);
    Ok(())
}

/// The path of the pins, which are of one spec file.
fn pin(standing: &Standing, platform: &str) -> Result<String> {
    match standing.target.files.as_slice() {
        [file] => Ok(lock::pin_path(&file.path, platform)),
        _ => Err(Error::invocation(format!(
            "pins are of one spec, and the environment is made of {}",
            standing.target.names()
        ))
        .with_hint("--output FILE writes them where you want them")),
    }
}

fn explicit(printer: &Printer, standing: &Standing, platform: &str) -> String {
    let packages = || standing.lock.of(platform);
    let by_pip = packages().filter(|package| package.manager == Manager::Pip);
    let is_unlocked = standing.lock.metadata.custom.contains_key(PIP_UNLOCKED);
    let left_out = match by_pip.count() {
        0 if is_unlocked => Some("the packages of the pip section".to_owned()),
        0 => None,
        count => Some(counted(count, "pip package")),
    };
    if let Some(left_out) = left_out {
        printer.warning(&format!(
            "an explicit list has no place for {left_out}: left out for {platform}"
        ));
        printer.hint("mmdev export --spec names what pip installs as well");
    }
    lock::explicit(&standing.lock, platform)
}

fn sbom(standing: &Standing, platform: &str) -> String {
    let graph = Graph::of(&standing.lock, platform);
    let records = known(&standing.lock, graph.packages().iter().copied());
    let name = standing.target.spec.name.as_ref();
    let about = About {
        name: name.map_or("environment", |name| &name.value),
        platform,
        tool_version: env!("CARGO_PKG_VERSION"),
        direct: &tops(standing, &graph),
    };
    let document = lock::sbom(&graph, about, |package| {
        let license = records.get(&package.url)?.license.clone()?;
        Some(match Expression::parse_mode(&license, ParseMode::STRICT) {
            Ok(_) => License::Expression(license),
            Err(_) => License::Name(license),
        })
    });
    // With a line end, as every text file has one.
    format!("{document:#}\n")
}
