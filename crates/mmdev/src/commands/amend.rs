//! What `add` and `remove` have in common: the specs of an environment get other texts, and the locks that go with
//! them. Both are planned before anything is written, so that what cannot be solved leaves everything as it was.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mmdev_core::amend::{self, Listed, Section};
use mmdev_core::spec::{self, EnvSpec, MISSING_DEPENDENCIES};
use mmdev_core::text::LineIndex;

use crate::changes;
use crate::error::{Error, Result};
use crate::files::{self, ProjectLock};
use crate::json::Message;
use crate::load::Workspace;
use crate::locate;
use crate::locking::{self, Brought, Wish};
use crate::printer::Printer;
use crate::settings::Request;

/// How far a change goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Nothing is written.
    pub(crate) is_dry: bool,
    /// Whether the locks are brought along.
    pub(crate) locks: bool,
}

/// The specs of the active environment, which are to get other texts.
pub(super) struct Amendment<'a> {
    pub(super) printer: &'a Printer,
    pub(super) request: &'a Request,
    pub(super) options: Options,
    /// In the order in which they are merged.
    pub(super) files: Vec<File>,
    pub(super) root: PathBuf,
    pub(super) current: PathBuf,
    /// From reading to writing no other mmdev writes.
    _guard: Option<ProjectLock>,
}

/// A spec file, as it is and as it is to be.
pub(super) struct File {
    /// Its path from the root, with `/`.
    pub(super) path: String,
    /// What it says.
    pub(super) spec: EnvSpec,
    before: String,
    after: String,
}

impl File {
    /// Gives it the text that `edit` makes of the one that it has by now; an error where a person has to do `what`.
    pub(super) fn edit(
        &mut self,
        edit: impl FnOnce(&str, &str) -> Option<String>,
        what: &str,
    ) -> Result<()> {
        let Some(after) = edit(locate::SPEC_NAMES[0], &self.after) else {
            return Err(Error::problem(format!(
                "{} is written in a way that is not edited here: nothing was written",
                self.path
            ))
            .with_hint(format!("{what} yourself, then: mmdev lock")));
        };
        self.after = after;
        Ok(())
    }

    /// Takes back what was edited.
    pub(super) fn reset(&mut self) {
        self.after.clone_from(&self.before);
    }

    /// The line of a byte, from 1.
    fn line(&self, offset: usize) -> usize {
        LineIndex::new(&self.before).line_column(offset).line
    }

    /// What a section of it is called.
    fn place(&self, section: Section) -> String {
        match section {
            Section::Conda => self.path.clone(),
            Section::Pip => format!("the pip section of {}", self.path),
        }
    }

    fn is_other(&self) -> bool {
        self.after != self.before
    }
}

impl<'a> Amendment<'a> {
    /// Reads the specs, which may have no dependencies yet.
    pub(super) fn begin(
        printer: &'a Printer,
        request: &'a Request,
        options: Options,
    ) -> Result<Self> {
        if options.locks && request.locked {
            return Err(Error::invocation(format!(
                "mmdev {} changes locks, and --locked says that they stay",
                request.command
            ))
            .with_hint("--no-lock changes the spec alone"));
        }
        let current = locate::current_folder()?;
        let root = locate::root(&current);
        let guard = match options.is_dry {
            true => None,
            false => Some(ProjectLock::acquire(&root, printer)?),
        };
        let mut workspace = Workspace::read_at(&root, &current, request)?;
        for findings in &mut workspace.findings {
            findings
                .diagnostics
                .retain(|diagnostic| diagnostic.code != MISSING_DEPENDENCIES);
        }
        let workspace = workspace.lockable(printer)?;
        let paths = &workspace.project.active_environment().specs;
        let files = paths.iter().map(|path| {
            let text = workspace.text(path);
            File {
                path: path.clone(),
                spec: spec::read(locate::SPEC_NAMES[0], text).spec,
                before: text.to_owned(),
                after: text.to_owned(),
            }
        });
        Ok(Amendment {
            printer,
            request,
            options,
            files: files.collect(),
            root,
            current,
            _guard: guard,
        })
    }

    /// Whether any spec gets another text.
    pub(super) fn is_any(&self) -> bool {
        self.files.iter().any(File::is_other)
    }

    /// The locks of the specs as they are to be, if they are wanted. It is an error if the specs would have errors.
    pub(super) fn locks(&self) -> Result<Vec<Brought>> {
        let request = self.overlaid();
        let workspace = self.workspace(&request)?;
        if !self.options.locks {
            return Ok(Vec::new());
        }
        locking::plan(self.printer, &request, &workspace, &Wish::default())
    }

    /// The locks of the specs as they are to be, which let through what `planned` chose for them as they were last.
    pub(super) fn narrowed(&self, planned: Vec<Brought>) -> Result<Vec<Brought>> {
        let request = self.overlaid();
        let workspace = self.workspace(&request)?;
        locking::narrowed(self.printer, &request, &workspace, planned)
    }

    fn overlaid(&self) -> Request {
        let texts = self.files.iter();
        let overlay: BTreeMap<String, String> = texts
            .map(|file| (file.path.clone(), file.after.clone()))
            .collect();
        Request {
            overlay,
            ..self.request.clone()
        }
    }

    fn workspace(&self, request: &Request) -> Result<Workspace> {
        Workspace::read_at(&self.root, &self.current, request)?.lockable(self.printer)
    }

    /// Writes specs and locks, or shows what would be written, and says what changed.
    pub(super) fn finish(&self, locks: &[Brought]) -> Result<()> {
        if self.options.is_dry {
            for file in &self.files {
                self.show(file);
                self.say(file);
            }
            for lock in locks {
                lock.show(self.printer, &self.root)?;
            }
            self.printer.note("nothing was written (--dry-run)");
            return Ok(());
        }
        self.write()?;
        for file in &self.files {
            self.say(file);
        }
        for lock in locks {
            if let Err(error) = lock.write(self.printer, &self.root) {
                self.take_back();
                return Err(error);
            }
        }
        if !self.options.locks {
            for target in locking::outdated(&self.workspace(&self.overlaid())?)? {
                let path = target.path;
                self.printer
                    .note(&format!("{path} is as it was: mmdev lock brings it along"));
            }
        }
        Ok(())
    }

    fn write(&self) -> Result<()> {
        for file in &self.files {
            let path = self.root.join(&file.path);
            if files::read(&path)?.as_deref() != Some(&file.before) {
                self.take_back();
                return Err(Error::problem(format!(
                    "{} has changed meanwhile: nothing was written",
                    file.path
                ))
                .with_hint("run it again"));
            }
            if let Err(error) = files::write(&path, &file.after) {
                self.take_back();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Gives the specs that were written the texts that they had.
    fn take_back(&self) {
        for file in self.files.iter().filter(|file| file.is_other()) {
            let path = self.root.join(&file.path);
            let is_ours = files::read(&path).is_ok_and(|text| text.as_ref() == Some(&file.after));
            if !is_ours {
                continue;
            }
            match files::write(&path, &file.before) {
                Ok(_) => self.printer.status("Restored", &file.path),
                Err(error) => self.printer.warning(&error.message()),
            }
        }
    }

    fn show(&self, file: &File) {
        if file.is_other() {
            let change = changes::Change {
                path: file.path.clone(),
                before: Some(file.before.clone()),
                after: Some(file.after.clone()),
            };
            self.printer.result(&change.diff());
        }
    }

    /// Says what is other in a spec, as read out of it.
    fn say(&self, file: &File) {
        let after = spec::read(locate::SPEC_NAMES[0], &file.after).spec;
        let known: Vec<&str> = channels(&file.spec).collect();
        for channel in channels(&after).filter(|channel| !known.contains(channel)) {
            self.message(file, "channels", channel, (None, Some(channel)));
            let what = format!("channel {channel} to {}", file.path);
            self.printer.status("Adding", &what);
        }
        for change in amend::changes(&file.spec, &after) {
            let Some(listed) = change.after.or(change.before) else {
                continue;
            };
            let [before, after] = [change.before, change.after]
                .map(|listed| listed.map(|listed| listed.text.value.as_str()));
            let place = file.place(listed.section);
            match (before, after) {
                (Some(before), Some(after)) => {
                    let what = format!("{before} -> {after} in {place}");
                    self.printer.status("Changing", &what);
                }
                (Some(before), None) => {
                    let what = format!("{before} from {place}");
                    self.printer.status("Removing", &what);
                }
                (None, after) => {
                    let what = format!("{} to {place}", after.unwrap_or_default());
                    self.printer.status("Adding", &what);
                }
            }
            let section = section_word(listed.section);
            self.message(file, section, &listed.name(), (before, after));
        }
    }

    fn message(
        &self,
        file: &File,
        section: &'static str,
        name: &str,
        (before, after): (Option<&str>, Option<&str>),
    ) {
        let change = match (before, after) {
            (Some(before), Some(after)) if before == after => "kept",
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "removed",
            (None, _) => "added",
        };
        self.printer.message(&Message::SpecChange {
            file: &file.path,
            section,
            change,
            name,
            before,
            after,
            written: !self.options.is_dry && change != "kept",
        });
    }

    /// Says that a dependency is there already, and stays as it is.
    pub(super) fn keep(&self, file: &File, there: &Listed<'_>) {
        let text = there.text.value.as_str();
        let section = section_word(there.section);
        self.message(file, section, &there.name(), (Some(text), Some(text)));
        let line = file.line(there.text.span.start);
        let place = file.place(there.section);
        self.printer
            .status("Kept", &format!("{text} in {place} (line {line})"));
    }
}

/// The word for a section in JSON.
fn section_word(section: Section) -> &'static str {
    match section {
        Section::Conda => "conda",
        Section::Pip => "pip",
    }
}

fn channels(spec: &EnvSpec) -> impl Iterator<Item = &str> {
    let channels = spec.channels.iter().flatten();
    channels.map(|channel| channel.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{MessageFormat, Verbosity};

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| File {
            path: name.to_owned(),
            spec: EnvSpec::default(),
            before: "dependencies: [a]\n".to_owned(),
            after: "dependencies: [a, b]\n".to_owned(),
        };
        let amendment = Amendment {
            printer: &Printer::new(MessageFormat::Human, Verbosity::Quiet),
            request: &Request::default(),
            options: Options {
                is_dry: false,
                locks: true,
            },
            files: vec![file("one.yaml"), file("two.yaml")],
            root: folder.path().to_owned(),
            current: folder.path().to_owned(),
            _guard: None,
        };
        let paths = ["one.yaml", "two.yaml"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], "dependencies: [a]\n").unwrap();
        std::fs::write(&paths[1], "newer").unwrap();
        let refused = amendment.finish(&[]).unwrap_err();
        assert_eq!(
            refused.message(),
            "two.yaml has changed meanwhile: nothing was written"
        );
        let texts = || {
            paths
                .clone()
                .map(|path| std::fs::read_to_string(path).unwrap())
        };
        assert_eq!(texts(), ["dependencies: [a]\n", "newer"]);
        std::fs::write(&paths[1], "dependencies: [a]\n").unwrap();
        amendment.finish(&[]).unwrap();
        assert_eq!(texts(), ["dependencies: [a, b]\n"; 2]);
    }
}
