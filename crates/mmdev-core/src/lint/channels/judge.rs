//! One entry of `dependencies:` before what its channels have.

use std::collections::{BTreeMap, BTreeSet};

use super::repair::{Near, asked, listed, versions, with_version, without_build};
use super::{
    NEWER_EXISTS, NO_BUILD_FOR_PLATFORM, NO_VERSION, REMOVED_OR_BROKEN, Sources, UNKNOWN_PACKAGE,
    all_of, is_broken, is_for, is_virtual, near, shown,
};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::index::{Answer, Candidate, PackageIndex};
use crate::lint::context::Context;
use crate::match_spec::{self, MatchSpec, Pin};
use crate::spec::{Dependency, is_same_channel};
use crate::text::{Edit, Span};

/// What is to be said of each entry, which is one thing at most.
pub(super) fn check(
    context: &Context<'_>,
    sources: &Sources<'_>,
    index: &dyn PackageIndex,
) -> Vec<Diagnostic> {
    let are_platforms_chosen =
        !context.around.platforms.is_empty() || !context.spec().platforms.is_empty();
    let judge = |dependency: &Dependency| {
        let judge = Judge {
            dependency,
            match_spec: dependency.match_spec.as_ref()?,
            index,
            sources,
            conda_names: &context.around.conda_names,
            are_platforms_chosen,
        };
        judge.judge()
    };
    let dependencies = context.spec().dependencies.iter();
    dependencies.filter_map(judge).collect()
}

/// One entry before an index.
struct Judge<'a> {
    dependency: &'a Dependency,
    match_spec: &'a MatchSpec,
    index: &'a dyn PackageIndex,
    sources: &'a Sources<'a>,
    /// Conda names by PyPI names.
    conda_names: &'a BTreeMap<String, String>,
    /// Whether the spec or the settings say for which platforms the environment is.
    are_platforms_chosen: bool,
}

impl<'a> Judge<'a> {
    fn judge(&self) -> Option<Diagnostic> {
        if !self.is_for_a_channel() || !self.is_for_a_platform() {
            return None;
        }
        let name = &self.match_spec.name.value;
        let all = match self.index.candidates(name) {
            Answer::Known(candidates) => candidates,
            Answer::Absent => &[],
            Answer::Unknown => return None,
        };
        if let Some(channel) = &self.match_spec.channel
            && !self.sources.are_specs(&channel.value)
            && !all
                .iter()
                .any(|candidate| is_same_channel(&candidate.channel, &channel.value))
        {
            // Whether the index was asked about that channel at all cannot be seen.
            return None;
        }
        let from_here = |files: &'a [Candidate]| -> Vec<&'a Candidate> {
            let files = files.iter();
            files.filter(|file| self.may_come_from(file)).collect()
        };
        let candidates = from_here(all);
        let removed = from_here(self.index.removed(name));
        if candidates.is_empty() {
            return Some(match removed.first() {
                Some(file) => self.all_removed(file),
                None => self.unknown_package(all.first()),
            });
        }
        let pin = Pin::of(self.match_spec)?;
        let mine = self.for_this(&candidates);
        if !mine.is_empty() && !pin.fits_any(&candidates) {
            return Some(self.nothing_fits(&pin, &mine, &removed));
        }
        self.no_build_for_platform(&pin, &candidates)
            .or_else(|| self.only_broken(&pin, &mine))
            .or_else(|| self.newer_exists(&pin, &mine))
    }

    /// Whether it asks a channel for a package by name, and nothing that only the file itself tells.
    fn is_for_a_channel(&self) -> bool {
        let asks_otherwise = ["url", "fn", "namespace"]
            .iter()
            .any(|key| self.match_spec.attribute(key).is_some());
        !is_virtual(&self.match_spec.name.value)
            && !asks_otherwise
            && self.match_spec.subdir.is_none()
    }

    /// An entry for Windows is not judged by what Linux has.
    fn is_for_a_platform(&self) -> bool {
        self.dependency.selector.is_none() || !self.platforms().is_empty()
    }

    /// The platforms of the index that the entry is for.
    fn platforms(&self) -> Vec<&'a str> {
        let selector = self.dependency.selector.as_ref();
        let platforms = self.index.platforms().iter().map(String::as_str);
        platforms
            .filter(|platform| {
                selector.is_none_or(|selector| selector.applies_to(platform) == Some(true))
            })
            .collect()
    }

    /// The files for the platforms that the entry is for.
    fn for_this(&self, candidates: &[&'a Candidate]) -> Vec<&'a Candidate> {
        let selector = self.dependency.selector.as_ref();
        let is_for_this = |file: &&Candidate| {
            file.subdir == "noarch"
                || selector.is_none_or(|selector| selector.applies_to(&file.subdir) != Some(false))
        };
        candidates.iter().copied().filter(is_for_this).collect()
    }

    fn may_come_from(&self, candidate: &Candidate) -> bool {
        match &self.match_spec.channel {
            Some(channel) => is_same_channel(&candidate.channel, &channel.value),
            None => self.sources.serve_all(candidate),
        }
    }

    /// Who does not have it, at the beginning of a message.
    fn nobody(&self) -> String {
        match &self.match_spec.channel {
            Some(channel) => format!("the channel `{}` has no", shown(&channel.value)),
            None => "no channel of this spec has a".to_owned(),
        }
    }

    /// Where a part of the entry stands; the whole entry where that cannot be told.
    fn place(&self, inner: Span) -> Span {
        self.dependency
            .place(inner)
            .unwrap_or(self.dependency.text.span)
    }

    /// The text of the MatchSpec.
    fn text(&self) -> &'a str {
        self.dependency.text.value.trim_end()
    }

    /// What is asked for besides a name, and where.
    fn asked(&self) -> (Span, &'a str) {
        let text = self.text();
        let inner = asked(self.match_spec).unwrap_or(Span::new(0, text.len()));
        (self.place(inner), text.get(inner.range()).unwrap_or(text))
    }

    /// `elsewhere` is a file of that name on a channel that the entry does not ask.
    fn unknown_package(&self, elsewhere: Option<&Candidate>) -> Diagnostic {
        let name = &self.match_spec.name;
        let platforms = self.index.platforms().join(" or ");
        let of = match platforms.is_empty() {
            true => String::new(),
            false => format!(" for {platforms}"),
        };
        let message = format!("{} package `{}`{of}", self.nobody(), name.value);
        let diagnostic = Diagnostic::error(UNKNOWN_PACKAGE, self.place(name.span), message);
        if let Some(elsewhere) = elsewhere {
            let channel = shown(&elsewhere.channel);
            return diagnostic.with_hint(format!("The channel `{channel}` has it"));
        }
        let near = match self.index.names() {
            Answer::Known(names) => near::names(&name.value, names, self.conda_names),
            Answer::Absent | Answer::Unknown => Vec::new(),
        };
        let Some(best) = near.first() else {
            return diagnostic.with_hint(
                "Add the channel that has it, or put it below `pip:` when it is on PyPI only",
            );
        };
        let diagnostic = diagnostic.with_hint(format!("Did you mean `{}`?", near.join("` or `")));
        match self.dependency.place(name.span) {
            Some(place) => diagnostic.with_fix(
                format!("Replace `{}` by `{best}`", name.value),
                vec![Edit::replace(place, *best)],
                Applicability::Unsafe,
            ),
            None => diagnostic,
        }
    }

    /// `file` is one of the removed ones, which are all that there were.
    fn all_removed(&self, file: &Candidate) -> Diagnostic {
        let name = &self.match_spec.name;
        let channel = shown(&file.channel);
        Diagnostic::error(
            REMOVED_OR_BROKEN,
            self.place(name.span),
            format!(
                "the channel `{channel}` has taken back every file of `{}`",
                name.value
            ),
        )
        .with_hint("No tool installs what a channel has taken back: take another package")
    }

    /// None of `files`, of which there is at least one, fits the pin.
    fn nothing_fits(
        &self,
        pin: &Pin<'_>,
        files: &[&Candidate],
        removed: &[&Candidate],
    ) -> Diagnostic {
        let name = &self.match_spec.name.value;
        let (place, asked) = self.asked();
        let Instead { what, hint, text } = self.instead(pin, files);
        // A build number is not known of what was removed.
        let once_fitted = removed
            .iter()
            .find(|file| !pin.has_build_number() && pin.fits_any(&[file]));
        let diagnostic = match once_fitted {
            Some(file) => {
                let channel = shown(&file.channel);
                let message = format!(
                    "the channel `{channel}` has taken back what fits `{asked}` of `{name}`"
                );
                Diagnostic::error(REMOVED_OR_BROKEN, place, message)
            }
            None => {
                let message = format!("no {what} of `{name}` fits `{asked}`");
                Diagnostic::error(NO_VERSION, place, message)
            }
        };
        self.with_fix(diagnostic.with_hint(hint), text, |pin| pin.fits_any(files))
    }

    /// What `files`, of which there is at least one, have instead of what the pin asks for.
    fn instead(&self, pin: &Pin<'_>, files: &[&Candidate]) -> Instead {
        let versions = versions(files);
        let fitting = versions.iter().find(|version| pin.fits_version(version));
        if let Some(newest) = fitting {
            let of_version = files.iter().filter(|file| file.version == *newest);
            let builds = listed(of_version.map(|file| file.build.as_str()));
            return Instead {
                what: "build",
                hint: format!("Version `{newest}` has {builds}"),
                text: without_build(self.match_spec, self.text()),
            };
        }
        let near = Near::of(self.match_spec, &versions);
        let with_best = |best| with_version(self.match_spec, self.text(), best);
        Instead {
            what: "version",
            hint: near.hint(),
            text: near.best.and_then(with_best),
        }
    }

    /// Platforms for which none of `candidates` fits, although others have one.
    fn no_build_for_platform(
        &self,
        pin: &Pin<'_>,
        candidates: &[&'a Candidate],
    ) -> Option<Diagnostic> {
        let on = |platform: &str| -> Vec<&'a Candidate> {
            let files = candidates.iter().copied();
            files
                .filter(|file| is_for(&file.subdir, platform))
                .collect()
        };
        let platforms = self.platforms();
        let (there, missing): (Vec<&str>, Vec<&str>) = platforms
            .iter()
            .partition(|platform| pin.fits_any(&on(platform)));
        let is_export = pin.has_build() && !there.is_empty() && !self.are_platforms_chosen;
        // Nobody said that the spec is for more than the one platform that it was exported on.
        if missing.is_empty() || is_export {
            return None;
        }
        let name = &self.match_spec.name;
        let those = all_of(&missing);
        let has_any = missing.iter().any(|platform| !on(platform).is_empty());
        let (place, message) = match has_any {
            false => {
                let message = format!("{} package `{}` for {those}", self.nobody(), name.value);
                (self.place(name.span), message)
            }
            true => {
                let (place, asked) = self.asked();
                let message = format!("nothing of `{}` fits `{asked}` for {those}", name.value);
                (place, message)
            }
        };
        let diagnostic = match (there.is_empty(), self.are_platforms_chosen) {
            (true, _) => Diagnostic::error(NO_BUILD_FOR_PLATFORM, place, message),
            (false, true) => Diagnostic::warning(NO_BUILD_FOR_PLATFORM, place, message),
            (false, false) => Diagnostic::information(NO_BUILD_FOR_PLATFORM, place, message),
        };
        let first = missing.iter().find(|platform| !on(platform).is_empty());
        let hint = match first {
            Some(platform) => {
                let Instead { hint, .. } = self.instead(pin, &on(platform));
                format!("On {platform}: {}", lower_first(&hint))
            }
            None => {
                let subdirs: BTreeSet<&str> =
                    candidates.iter().map(|file| file.subdir.as_str()).collect();
                let having = all_of(&subdirs.into_iter().collect::<Vec<_>>());
                format!(
                    "It is there for {having} alone: name no other in `platforms:`, or take another package"
                )
            }
        };
        let mut common = candidates.to_vec();
        common.retain(|file| {
            let has = |platform: &&str| {
                let mut files = candidates.iter();
                files.any(|other| other.version == file.version && is_for(&other.subdir, platform))
            };
            platforms.iter().all(has)
        });
        let repaired = self.instead(pin, &common).text;
        Some(self.with_fix(diagnostic.with_hint(hint), repaired, |pin| {
            platforms.iter().all(|platform| pin.fits_any(&on(platform)))
        }))
    }

    /// All of `files` that fit stand on a label for what is broken.
    fn only_broken(&self, pin: &Pin<'_>, files: &[&'a Candidate]) -> Option<Diagnostic> {
        let (broken, sound): (Vec<_>, Vec<_>) =
            files.iter().partition(|file| is_broken(&file.channel));
        if broken.is_empty() || pin.fits_any(&sound) {
            return None;
        }
        let name = &self.match_spec.name.value;
        let (place, asked) = self.asked();
        let channel = shown(&broken.first()?.channel);
        let what = match asked == self.text() {
            true => format!("has `{asked}`"),
            false => format!("has what fits `{asked}` of `{name}`"),
        };
        let message = format!("only the channel `{channel}` {what}, and it is called broken there");
        let diagnostic = Diagnostic::warning(REMOVED_OR_BROKEN, place, message);
        if sound.is_empty() {
            return Some(diagnostic.with_hint("Take another package"));
        }
        let Instead { hint, text, .. } = self.instead(pin, &sound);
        Some(self.with_fix(diagnostic.with_hint(hint), text, |pin| pin.fits_any(&sound)))
    }

    /// The newest version of `files` that every platform has is one that the pin keeps out.
    fn newer_exists(&self, pin: &Pin<'_>, files: &[&'a Candidate]) -> Option<Diagnostic> {
        if pin.has_build() {
            return None;
        }
        let platforms = self.platforms();
        let is_everywhere = |version: &str| {
            platforms.iter().all(|platform| {
                let mut files = files.iter();
                files.any(|file| file.version == version && is_for(&file.subdir, platform))
            })
        };
        let newest = versions(files)
            .into_iter()
            // What is newer than all that fits, newest first.
            .take_while(|version| !pin.fits_version(version))
            .find(|version| !is_prerelease(version) && is_everywhere(version))?;
        let name = &self.match_spec.name.value;
        let (place, asked) = self.asked();
        let message = format!("`{name}` has version `{newest}`, which `{asked}` keeps out");
        let diagnostic = Diagnostic::information(NEWER_EXISTS, place, message);
        let repaired = with_version(self.match_spec, self.text(), newest);
        let is_newest = |pin: &Pin<'_>| pin.fits_version(newest);
        Some(self.with_fix(diagnostic, repaired, is_newest))
    }

    /// The diagnostic with a fix, where `repaired` is a MatchSpec that is right.
    fn with_fix(
        &self,
        diagnostic: Diagnostic,
        repaired: Option<String>,
        is_right: impl Fn(&Pin<'_>) -> bool,
    ) -> Diagnostic {
        let whole = Span::new(0, self.text().len());
        let (Some(repaired), Some(place)) = (repaired, self.dependency.place(whole)) else {
            return diagnostic;
        };
        let parsed = match_spec::parse(&repaired).spec;
        if !parsed
            .as_ref()
            .and_then(Pin::of)
            .is_some_and(|pin| is_right(&pin))
        {
            return diagnostic;
        }
        // The channel stays as it is, and its URL may hold a token.
        let shown = repaired.rsplit("::").next().unwrap_or(&repaired);
        diagnostic.with_fix(
            format!("Write `{shown}`"),
            vec![Edit::replace(place, repaired)],
            Applicability::Unsafe,
        )
    }
}

/// What there is instead of what a pin asks for.
struct Instead {
    /// What the pin asks for in vain.
    what: &'static str,
    /// What there is.
    hint: String,
    /// The text of the MatchSpec that asks for that, where it is clear.
    text: Option<String>,
}

/// Whether a version is one to try out (`2.0rc1`, `3.0.0.dev1`, `1.0a2`).
fn is_prerelease(version: &str) -> bool {
    let mut parts = version.split(['.', '-', '_', '+', '!']);
    parts.any(|part| {
        let letters = part.trim_start_matches(|char: char| char.is_ascii_digit());
        let word = letters.trim_end_matches(|char: char| char.is_ascii_digit());
        match word.to_ascii_lowercase().as_str() {
            "rc" | "dev" | "alpha" | "beta" | "pre" => true,
            // `1.1.1b` is a release of OpenSSL's.
            "a" | "b" => word.len() < letters.len(),
            _ => false,
        }
    })
}

/// A sentence that goes on behind a colon.
fn lower_first(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}
