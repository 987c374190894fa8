//! conda-lock's keys for the indexes of pip: `pip-repositories` and `allow-pypi-requests`.

use super::lower::Lowering;
use super::{PipEntry, PipLine};
use crate::diagnostic::Severity;
use crate::syntax::yaml::{Entry, Kind, Loaded};
use crate::text::Spanned;

impl Lowering<'_> {
    /// Puts conda-lock's `pip-repositories:` in front of the pip section as the options that say the same to pip. Where
    /// PyPI is not to be asked, the first is the index.
    pub(super) fn pip_repositories(&mut self, entries: &[Entry]) {
        let value = |key: &str| {
            let entry = entries.iter().find(|entry| entry.name() == Some(key))?;
            Some(&entry.value)
        };
        let Some(Kind::Sequence(items)) = value("pip-repositories").map(|node| &node.kind) else {
            return;
        };
        if self.spec.pip.is_empty() {
            return;
        }
        let mut is_index = matches!(
            value("allow-pypi-requests").map(|node| &node.kind),
            Some(Kind::Scalar(scalar)) if scalar.loaded() == Loaded::Boolean && scalar.value.eq_ignore_ascii_case("false")
        );
        let mut options = Vec::new();
        for item in items {
            let Some(url) = self.list_string(item, "pip-repositories", Severity::Warning) else {
                continue;
            };
            let option = match std::mem::take(&mut is_index) {
                true => "--index-url",
                false => "--extra-index-url",
            };
            let text = format!("{option} {}", with_braces(&url.value));
            options.push(PipEntry {
                text: Spanned::new(text, url.span),
                line: PipLine::Option,
                selector: None,
            });
        }
        self.spec.pip.splice(0..0, options);
    }
}

/// `$USER` of conda-lock as pip writes it: `${USER}`.
fn with_braces(url: &str) -> String {
    let mut parts = url.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let end = part.find(|char| !is_name(char)).unwrap_or(part.len());
        match part[..end].is_empty() {
            true => text.push_str(&format!("${part}")),
            false => text.push_str(&format!("${{{}}}{}", &part[..end], &part[end..])),
        }
    }
    text
}
