//! A MatchSpec as text that conda, micromamba and rattler read the same way.

use std::borrow::Cow;
use std::fmt;

use rattler_conda_version::version_spec::EqualityOperator;

use super::{MatchSpec, VersionSpec};
use crate::subdir::is_subdir;

impl fmt::Display for MatchSpec {
    /// The canonical form: `channel/subdir::name`, the author's version without spaces, and in brackets what has no
    /// other place that the three tools agree on. A bare URL stays as it is.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((key, url)) = self.attributes.first()
            && key.value == "url"
            && key.span.is_empty()
        {
            return formatter.write_str(&url.value);
        }
        if let Some(channel) = &self.channel {
            formatter.write_str(&channel.value)?;
            if let Some(subdir) = self.channel_subdir() {
                write!(formatter, "/{subdir}")?;
            }
            formatter.write_str("::")?;
        }
        formatter.write_str(&self.name.value)?;
        let mut brackets = Vec::new();
        self.write_version(formatter, &mut brackets)?;
        if self.channel_subdir().is_none()
            && let Some(subdir) = &self.subdir
        {
            brackets.push(("subdir", subdir.value.as_str().into()));
        }
        for (key, value) in &self.attributes {
            // A namespace has no meaning yet, and conda knows no such key.
            if key.value != "namespace" {
                brackets.push((&key.value, value.value.as_str().into()));
            }
        }
        for (index, (key, value)) in brackets.iter().enumerate() {
            let separator = if index == 0 { '[' } else { ',' };
            let quote = if value.contains('"') { '\'' } else { '"' };
            write!(formatter, "{separator}{key}={quote}{value}{quote}")?;
        }
        if !brackets.is_empty() {
            formatter.write_str("]")?;
        }
        Ok(())
    }
}

impl MatchSpec {
    /// The subdir, where it can stand behind the channel.
    fn channel_subdir(&self) -> Option<&str> {
        let subdir = self.subdir.as_ref().map(|subdir| subdir.value.as_str());
        subdir.filter(|subdir| self.channel.is_some() && is_subdir(subdir))
    }

    /// Writes version and build where all tools read them alike, or leaves them to the brackets.
    fn write_version<'spec>(
        &'spec self,
        formatter: &mut fmt::Formatter<'_>,
        brackets: &mut Vec<(&'spec str, Cow<'spec, str>)>,
    ) -> fmt::Result {
        let build = self.build.as_ref().map(|build| build.value.as_str());
        let Some(version) = &self.version else {
            brackets.extend(build.map(|build| ("build", build.into())));
            return Ok(());
        };
        let compact: String = version
            .value
            .chars()
            .filter(|char| !char.is_whitespace())
            .collect();
        // `= 1.2.` is `1.2.*`, but `=1.2.` is version 1.2 with build `.` to rattler.
        let compact = compact.trim_end_matches('.');
        let is_exact = matches!(
            self.constraint,
            Some(VersionSpec::Exact(EqualityOperator::Equals, _))
        );
        // With a build string, `=1.2` is exact to conda and rattler, and must be to micromamba.
        let bare = compact.trim_start_matches('=');
        match build {
            Some(build) if is_exact && is_plain(build) => write!(formatter, "=={bare}={build}"),
            Some(build) => {
                // In brackets `==1.2.*` is `==1.2`, behind the name it is `1.2.*`.
                let version = if is_exact {
                    format!("=={bare}")
                } else if compact.starts_with("==") && !compact.contains([',', '|']) {
                    bare.to_owned()
                } else {
                    compact.to_owned()
                };
                brackets.push(("version", version.into()));
                brackets.push(("build", build.into()));
                Ok(())
            }
            None if compact.starts_with('=') => formatter.write_str(compact),
            None => write!(formatter, " {compact}"),
        }
    }
}

fn is_plain(build: &str) -> bool {
    build
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '+'))
}
