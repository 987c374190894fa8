//! The options of a pip section, as pip understands several of them, for uv, which takes some in files and others as
//! arguments.

use crate::spec::pip::options;

/// What the options of all lines say together.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// The index; the last one that is named counts.
    index: Option<String>,
    extra: Vec<String>,
    find_links: Vec<String>,
    is_without_index: bool,
    /// `--no-binary` and `--only-binary`, in their order.
    formats: Vec<String>,
    /// Whether pre-releases are taken as well.
    pub(super) is_pre: bool,
    /// Hosts without a certificate that anybody knows.
    pub(super) trusted: Vec<String>,
}

impl Options {
    pub(super) fn of(lines: &[String]) -> Self {
        let mut all = Options::default();
        let alone = lines.iter().filter(|line| line.starts_with('-'));
        for (name, value) in alone.flat_map(|line| options(line)) {
            match name {
                "--index-url" | "--pypi-url" => all.index = Some(value),
                "--extra-index-url" => all.extra.push(value),
                // A folder of this machine is none of the container's.
                "--find-links" if value.contains("://") => all.find_links.push(value),
                "--no-index" => all.is_without_index = true,
                "--no-binary" | "--only-binary" => all.formats.push(format!("{name} {value}")),
                "--pre" => all.is_pre = true,
                "--trusted-host" => all.trusted.push(value),
                // Of the others none changes what is chosen among wheels.
                _ => {}
            }
        }
        all
    }

    /// The lines of a requirements file that uv understands.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        if self.is_without_index {
            lines.push("--no-index".to_owned());
        }
        lines.extend(self.index.iter().map(|url| format!("--index-url {url}")));
        lines.extend(
            self.extra
                .iter()
                .map(|url| format!("--extra-index-url {url}")),
        );
        lines.extend(
            self.find_links
                .iter()
                .map(|url| format!("--find-links {url}")),
        );
        lines.extend(self.formats.iter().cloned());
        lines
    }

    /// The places where packages are looked for.
    pub(super) fn places(&self) -> impl Iterator<Item = &String> {
        self.index.iter().chain(&self.extra).chain(&self.find_links)
    }
}
