//! The JSON lines of `--message-format json`. docs/reference/json.md describes them; a change that a reader could
//! trip over raises [`FORMAT`].

use mmdev_core::diagnostic::{Diagnostic, Severity};
use mmdev_core::lock::Package;
use mmdev_core::text::LineIndex;
use serde::Serialize;

/// The version of the format, in every line.
pub(crate) const FORMAT: u32 = 1;

/// A finding in a file. It is the one line without a `reason`.
#[derive(Debug, Serialize)]
pub(crate) struct DiagnosticMessage<'a> {
    file: &'a str,
    code: &'a str,
    severity: &'static str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    fixable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<FixMessage<'a>>,
}

/// What a fix does.
#[derive(Debug, Serialize)]
struct FixMessage<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<EditMessage<'a>>,
}

/// One replacement.
#[derive(Debug, Serialize)]
struct EditMessage<'a> {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
}

impl<'a> DiagnosticMessage<'a> {
    /// The message for one finding in the file of that name.
    pub(crate) fn new(file: &'a str, lines: &LineIndex<'_>, diagnostic: &'a Diagnostic) -> Self {
        let start = lines.line_column(diagnostic.span.start);
        let end = lines.line_column(diagnostic.span.end);
        DiagnosticMessage {
            file,
            code: diagnostic.code.0,
            severity: severity(diagnostic.severity),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            message: &diagnostic.message,
            hint: diagnostic.hint.as_deref(),
            fixable: diagnostic.fix.is_some(),
            fix: diagnostic.fix.as_ref().map(|fix| FixMessage {
                title: &fix.title,
                safe: fix.applicability == mmdev_core::diagnostic::Applicability::Safe,
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| {
                        let start = lines.line_column(edit.span.start);
                        let end = lines.line_column(edit.span.end);
                        EditMessage {
                            line: start.line,
                            column: start.column,
                            end_line: end.line,
                            end_column: end.column,
                            text: &edit.text,
                        }
                    })
                    .collect(),
            }),
        }
    }
}

/// The word for a severity, here and on a terminal.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    }
}

/// Everything else that is said.
#[derive(Debug, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub(crate) enum Message<'a> {
    /// `check` has read everything.
    CheckFinished {
        /// How many files were read.
        files: usize,
        /// How many errors they have.
        errors: usize,
        /// How many warnings they have.
        warnings: usize,
        /// How many findings are information.
        remarks: usize,
        /// How many findings `--fix` mends.
        safe_fixes: usize,
        /// How many more `--unsafe-fixes` mends.
        unsafe_fixes: usize,
        /// How many fixes were applied.
        fixed: usize,
    },
    /// `check` has applied the fixes of a file, or would.
    FixedFile {
        /// The file, as findings name it.
        file: &'a str,
        /// The rule of each fix.
        codes: &'a [&'static str],
        /// Whether it was written; false for `--diff`.
        written: bool,
    },
    /// How many findings a rule has, from `check --statistics`.
    RuleCount {
        /// Its code.
        code: &'a str,
        /// Its name.
        name: &'static str,
        /// How many.
        count: usize,
        /// How many of them have a fix.
        fixable: usize,
    },
    /// A dependency or channel of a spec is other than before, from `add` and `remove`.
    SpecChange {
        /// The spec, from the project's root, with `/`.
        file: &'a str,
        /// `conda`, `pip` or `channels`.
        section: &'static str,
        /// `added`, `changed`, `removed`, or `kept`: it was there already.
        change: &'static str,
        /// The package or channel.
        name: &'a str,
        /// The text that was there.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<&'a str>,
        /// The text that is there.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<&'a str>,
        /// Whether it was written; false for `--dry-run`.
        written: bool,
    },
    /// A file of the project was, or would be, written.
    GeneratedFile {
        /// Its path, from the project's root, with `/`.
        path: &'a str,
        /// `created`, `changed` or `deleted`.
        change: &'static str,
        /// Whether it was written; false for `--check`, `--diff` and `--dry-run`.
        written: bool,
    },
    /// The command stopped.
    Error {
        /// What happened.
        message: &'a str,
        /// What to do.
        hints: &'a [String],
        /// The exit code that follows.
        exit_code: u8,
    },
    /// Something wrong without a place in a file.
    Problem {
        /// The rule.
        code: &'a str,
        /// How bad it is.
        severity: &'static str,
        /// What is wrong.
        message: &'a str,
        /// What to do.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'a str>,
    },
    /// What became of the lock of one spec, from `lock --all`.
    SpecLocked {
        /// The spec.
        spec: &'a str,
        /// Its lock, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        lock: Option<&'a str>,
        /// `fresh`, `solved`, `alike` (as another spec) or `failed`.
        state: &'static str,
        /// Why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str>,
        /// What to do.
        hints: &'a [String],
    },
    /// `lock --all` is through.
    AllLocked {
        /// How many specs there are.
        specs: usize,
        /// How many locks were their specs' already.
        fresh: usize,
        /// How many were solved for.
        solved: usize,
        /// How many ask for the same as one of these.
        alike: usize,
        /// How many could not be locked.
        failed: usize,
    },
    /// A line of `tree`, a package below the one of the level before.
    TreePackage {
        /// Its name.
        name: &'a str,
        /// Its version.
        version: &'a str,
        /// Its build string.
        #[serde(skip_serializing_if = "Option::is_none")]
        build: Option<&'a str>,
        /// `conda` or `pip`.
        manager: &'static str,
        /// The platform.
        platform: &'a str,
        /// How deep it stands; 0 at the top.
        level: usize,
        /// What the package above asks for; with `--invert` what this one asks of it.
        constraint: &'a str,
        /// Whether what is below it was told before.
        repeated: bool,
    },
    /// A chain of dependencies from the spec to a package, from `why`.
    Chain {
        /// The package.
        package: &'a str,
        /// The platform.
        platform: &'a str,
        /// The entry of the spec that it begins with.
        #[serde(skip_serializing_if = "Option::is_none")]
        entry: Option<&'a str>,
        /// Where the entry stands.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<&'a str>,
        /// The packages, the spec's own first.
        steps: Vec<ChainStep<'a>>,
    },
    /// A package that differs between two locks, from `diff` and from what changes a lock.
    LockDifference {
        /// The lock that is changed, from the project's root, with `/`.
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<&'a str>,
        /// The platform.
        platform: &'a str,
        /// Its name.
        name: &'a str,
        /// `conda` or `pip`.
        manager: &'static str,
        /// `added`, `removed` or `changed`.
        change: &'static str,
        /// What the older lock has.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<LockedPackage>,
        /// What the newer lock has.
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<LockedPackage>,
        /// Whether the lock was changed; false for `--dry-run`.
        #[serde(skip_serializing_if = "Option::is_none")]
        written: Option<bool>,
    },
    /// A dependency that has newer versions, from `outdated`.
    Outdated {
        /// Its name.
        name: &'a str,
        /// The platforms on which it is so.
        platforms: &'a [String],
        /// The version that is locked.
        locked: &'a str,
        /// The newest version that the spec allows.
        #[serde(skip_serializing_if = "Option::is_none")]
        allowed: Option<&'a str>,
        /// The newest version.
        newest: &'a str,
    },
    /// A package file of a channel, from `search`.
    FoundPackage {
        /// Its name.
        name: &'a str,
        /// Its version.
        version: &'a str,
        /// Its build string.
        build: &'a str,
        /// Its build number.
        build_number: u64,
        /// The subdir that it stands in.
        subdir: &'a str,
        /// The channel.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<&'a str>,
        /// Where it is.
        url: &'a str,
        /// Its bytes.
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
        /// Its licence.
        #[serde(skip_serializing_if = "Option::is_none")]
        license: Option<&'a str>,
        /// What it needs.
        depends: &'a [String],
        /// What others must be if they are there.
        constrains: &'a [String],
        /// When it was built, in milliseconds since 1970.
        #[serde(skip_serializing_if = "Option::is_none")]
        timestamp: Option<i64>,
    },
    /// What `export` would write to stdout.
    Export {
        /// `explicit`, `spec` or `sbom`.
        kind: &'static str,
        /// The platform.
        platform: &'a str,
        /// The text.
        text: &'a str,
    },
    /// A build got on.
    BuildProgress {
        /// The step's number.
        step: usize,
        /// What it does.
        name: &'a str,
        /// `started`, `log`, `done`, `cached` or `failed`.
        state: &'static str,
        /// The line that it printed, or why it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
    },
    /// A build ended well.
    BuildFinished {
        /// The image's name.
        image: &'a str,
        /// Its id.
        id: &'a str,
    },
    /// An image and its build cache are in a registry.
    ImagePushed {
        /// The image's name.
        image: &'a str,
        /// Its digest there, where the builder said it.
        #[serde(skip_serializing_if = "Option::is_none")]
        digest: Option<&'a str>,
    },
    /// A container runs, and its lifecycle commands are through.
    ContainerReady {
        /// Its id.
        container: &'a str,
        /// The remote user.
        user: &'a str,
        /// The workspace's folder in it.
        workspace: &'a str,
    },
    /// What `status` saw.
    Status {
        /// `fresh` or `stale`: whether the files are as the spec says.
        files: &'static str,
        /// The image's name.
        image: &'a str,
        /// Whether it is there.
        built: bool,
        /// The container's id.
        #[serde(skip_serializing_if = "Option::is_none")]
        container: Option<&'a str>,
        /// `running`, `paused`, `stopped` or `absent`.
        state: &'static str,
        /// Whether it was made from an older image.
        behind: bool,
        /// What the project's images take, in bytes.
        bytes: u64,
    },
    /// One thing that `doctor` looked at.
    Doctor {
        /// What it is.
        subject: &'static str,
        /// `good`, `attention` or `bad`.
        state: &'static str,
        /// What was seen.
        message: &'a str,
        /// What to do.
        advice: &'a [String],
    },
    /// A rule, from `rules` and `explain`.
    Rule {
        /// Its code.
        code: &'static str,
        /// Its name.
        name: &'static str,
        /// What its group is about.
        group: &'static str,
        /// The worst that it reports.
        severity: &'static str,
        /// Whether it speaks where nobody selects rules.
        default: bool,
        /// Whether it has a fix, `safe` or `unsafe`.
        #[serde(skip_serializing_if = "Option::is_none")]
        fix: Option<&'static str>,
        /// What it finds.
        summary: &'static str,
        /// Where its documentation stands for people.
        url: String,
        /// Markdown, from `explain`.
        #[serde(skip_serializing_if = "Option::is_none")]
        documentation: Option<&'static str>,
    },
    /// A command, from `--list`.
    Command {
        /// What is typed after `mmdev`.
        name: &'a str,
        /// What a built-in one does.
        #[serde(skip_serializing_if = "Option::is_none")]
        about: Option<&'a str>,
        /// Where an external one is.
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<&'a str>,
    },
    /// `watch` saw that files have changed, and judged the change.
    WatchChange {
        /// The files, from the project's root.
        files: &'a [String],
        /// `nothing`, `regenerate`, `recreate` or `rebuild`.
        change: &'static str,
    },
    /// `watch` has brought the packages of the running container to the lock.
    ContainerSynced {
        /// The container's id.
        container: &'a str,
        /// How many packages were removed.
        removed: usize,
        /// How many were installed; one that was replaced counts in both.
        installed: usize,
    },
    /// `watch` has an image of the spec as it was saved.
    WatchBuilt {
        /// The image's name.
        image: &'a str,
        /// Whether it was built; else it was there already.
        built: bool,
        /// The time from the save.
        seconds: f64,
        /// Whether a new container took the place of the one that was there.
        recreated: bool,
        /// What the dev container Features took of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        features_seconds: Option<f64>,
    },
    /// How `watch` stands.
    WatchState {
        /// `ready`, `problems`, `building`, `failed`, `waiting` or `stopped`.
        state: &'static str,
        /// How many errors the project has.
        errors: usize,
        /// How many warnings it has.
        warnings: usize,
        /// `absent`, `current` or `behind`.
        container: &'static str,
        /// The image that was built last.
        image: Option<&'a str>,
        /// What was last said to a person.
        message: &'a str,
        /// The process.
        pid: u32,
        /// The time, in seconds since 1970.
        updated: u64,
    },
    /// The runtime image is built.
    RuntimeImage {
        /// Its name.
        image: &'a str,
        /// Its bytes.
        bytes: u64,
        /// The bytes of the development image.
        development_bytes: u64,
    },
    /// What of environments a runtime image leaves out, from `size`.
    RuntimeSaving {
        /// What it is.
        what: &'static str,
        /// The bytes.
        bytes: u64,
        /// How many files these are.
        files: usize,
    },
    /// What an image takes, from `size`.
    ImageSize {
        /// The image.
        image: &'a str,
        /// The bytes that its steps added.
        bytes: u64,
        /// The bytes of the files of conda packages.
        conda: u64,
        /// The bytes of what pip installed.
        pip: u64,
        /// The bytes in environments that no package has.
        unowned: u64,
        /// The bytes outside of environments.
        system: u64,
    },
    /// One step that made an image, from `size`.
    LayerSize {
        /// What it did, shortened.
        step: &'a str,
        /// The bytes that it added.
        bytes: u64,
    },
    /// One package of an image, from `size`.
    PackageSize {
        /// Its name.
        name: &'a str,
        /// Its version.
        version: &'a str,
        /// `conda` or `pip`.
        manager: &'static str,
        /// The folder of its environment.
        prefix: &'a str,
        /// The bytes of its files.
        bytes: u64,
        /// How many files it has.
        files: usize,
    },
    /// One file of an image, from `size`.
    FileSize {
        /// Its path.
        path: &'a str,
        /// Its bytes.
        bytes: u64,
        /// The package whose it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        package: Option<&'a str>,
    },
    /// Something works, but not as its author believes.
    Warning {
        /// What it is.
        message: &'a str,
    },
}

/// One side of a [`Message::LockDifference`].
#[derive(Debug, Serialize)]
pub(crate) struct LockedPackage {
    /// The version.
    pub(crate) version: String,
    /// The build string of a conda package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) build: Option<String>,
    /// The file's bytes, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
}

impl LockedPackage {
    /// What a lock says of `package`.
    pub(crate) fn of(package: &Package) -> Self {
        LockedPackage {
            version: package.version.clone(),
            build: package.build.clone(),
            size: package.size,
        }
    }
}

/// One package of a [`Message::Chain`].
#[derive(Debug, Serialize)]
pub(crate) struct ChainStep<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its version.
    pub(crate) version: &'a str,
    /// What the one before asks for.
    pub(crate) constraint: &'a str,
}

/// One line: the message with the format's version.
pub(crate) fn line(message: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Versioned<'a, M> {
        format: u32,
        #[serde(flatten)]
        message: &'a M,
    }
    let versioned = Versioned {
        format: FORMAT,
        message,
    };
    match serde_json::to_string(&versioned) {
        Ok(line) => line + "\n",
        // Only a map with keys that are no strings can fail, and no message has one.
        Err(error) => unreachable!("a message is JSON: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use mmdev_core::diagnostic::{Applicability, Code};
    use mmdev_core::text::{Edit, Span};

    #[test]
    fn columns_are_characters_from_one() {
        let text = "é: =>1\nb";
        let start = text.find("=>").unwrap();
        let span = Span::new(start, start + 2);
        let diagnostic = Diagnostic::error(Code("MM101"), span, "no `=>`").with_fix(
            "Replace `=>` by `>=`",
            vec![Edit::replace(span, ">=")],
            Applicability::Safe,
        );
        let lines = LineIndex::new(text);
        expect![[r#"
            {"format":1,"file":"env.yaml","code":"MM101","severity":"error","line":1,"column":4,"end_line":1,"end_column":6,"message":"no `=>`","fixable":true,"fix":{"title":"Replace `=>` by `>=`","safe":true,"edits":[{"line":1,"column":4,"end_line":1,"end_column":6,"text":">="}]}}
        "#]]
        .assert_eq(&line(&DiagnosticMessage::new("env.yaml", &lines, &diagnostic)));
    }
}
