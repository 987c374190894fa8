//! The pip section, run as libmamba runs it: the environment's own Python, a temporary
//! requirements file beside the spec, and that folder as the working directory.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::activate;
use crate::console;
use crate::context::Context;
use crate::specfile::PipSection;

/// Installs every section.
///
/// # Errors
/// When the folder cannot be written (the temporary file stands there), or pip fails.
pub(crate) fn install(context: &Context, prefix: &Path, sections: &[PipSection]) -> Result<()> {
    for section in sections {
        console::log(
            "warning",
            "You are using 'pip' as an additional package manager.\n\
             Be aware that packages installed with 'pip' are managed independently from 'conda-forge' channel.",
        );
        let mut file = tempfile::Builder::new()
            .prefix("mambaf")
            .tempfile_in(&section.folder)
            .with_context(|| format!("cannot make a file in {}", section.folder.display()))?;
        for line in &section.requirements {
            writeln!(file, "{line}")?;
        }
        file.flush()?;
        if !context.json && !context.quiet {
            console::note(&format!(
                "\nInstalling pip packages: {}",
                section.requirements.join(", ")
            ));
        }
        let mut arguments: Vec<String> = ["-m", "pip", "install"].map(str::to_owned).to_vec();
        if section.no_deps {
            arguments.push("--no-deps".to_owned());
        }
        arguments.extend(["-r".to_owned(), file.path().display().to_string()]);
        if context.json || context.quiet {
            arguments.push("--quiet".to_owned());
        }
        arguments.push("--no-input".to_owned());
        let python = prefix.join("bin/python").display().to_string();
        let status = activate::command(context, prefix, &python, &arguments)
            .current_dir(&section.folder)
            .status()
            .context("cannot start a shell")?;
        if !status.success() {
            bail!("pip failed to install packages");
        }
    }
    Ok(())
}
