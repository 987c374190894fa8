//! Files that say what the container is: devcontainer.json, the TOML files with settings, and Dockerfiles.

mod comments;
mod dockerfile;
mod shell;

use super::{Check, Rule, Selection, Suppressions, in_order, rules, select};
use crate::artifact::FOLDER;
use crate::artifact::stamp::{self, Ownership};
use crate::diagnostic::Diagnostic;
use crate::project::BaseImage;
use crate::settings::{self, Source};
use crate::syntax::jsonc;
use crate::text::{Edit, Span, Spanned};

pub(super) use shell::Invocation;

/// A file that says what the container is.
#[derive(Debug, Clone, Copy)]
pub enum ContainerFile<'a> {
    /// A devcontainer.json with this text.
    Devcontainer(&'a str),
    /// A TOML file with this text and settings in this table, as [`settings::from_toml`] takes it.
    Toml(&'a str, &'a [&'a str]),
    /// A Dockerfile with this text, of which this stage is built; the last one where none is named.
    Dockerfile(&'a str, Option<&'a str>),
}

/// What is wrong with a file that says what the container is, in the order of its text: what its readers `found`, and
/// what the rules' own checks find, without what comments silence and nobody selected. Nothing is said of files that
/// mmdev generated.
pub fn container(
    file: ContainerFile<'_>,
    mut found: Vec<Diagnostic>,
    selection: &Selection,
) -> Vec<Diagnostic> {
    let document;
    let context = match file {
        ContainerFile::Devcontainer(text) => {
            document = jsonc::parse(text).0;
            ContainerContext::of_devcontainer(&document)
        }
        ContainerFile::Toml(text, table) => {
            ContainerContext::of_settings(text, Source::Toml(text, table))
        }
        ContainerFile::Dockerfile(text, _) if stamp::verify(text) != Ownership::Foreign => {
            return Vec::new();
        }
        ContainerFile::Dockerfile(text, target) => ContainerContext::of_dockerfile(text, target),
    };
    let (comments, first) = comments::comments(file);
    found.extend(context.unknown_rules.iter().map(unknown_rule));
    for rule in rules() {
        if let Check::Container(check) = rule.check
            && selection.takes(rule.code)
        {
            found.extend(check(&context));
        }
    }
    let suppressions = Suppressions::in_comments(file.text(), comments.into_iter(), first);
    // Its readers may speak elsewhere besides.
    let spoke = |rule: &Rule| matches!(rule.check, Check::Container(_));
    in_order(suppressions.keep(found, selection, spoke))
}

/// What is left of `found` in such a file without what comments silence and nobody selected.
pub fn unsilenced(
    file: ContainerFile<'_>,
    found: Vec<Diagnostic>,
    selection: &Selection,
) -> Vec<Diagnostic> {
    let (comments, first) = comments::comments(file);
    Suppressions::in_comments(file.text(), comments.into_iter(), first).filter(found, selection)
}

impl<'a> ContainerFile<'a> {
    /// Its text.
    pub fn text(self) -> &'a str {
        match self {
            ContainerFile::Devcontainer(text)
            | ContainerFile::Toml(text, _)
            | ContainerFile::Dockerfile(text, _) => text,
        }
    }
}

/// What a rule's check may look at.
pub(crate) struct ContainerContext<'a> {
    pub(crate) text: &'a str,
    /// The images that the container is made from.
    pub(crate) images: Vec<NamedImage>,
    /// The calls of programs in lifecycle commands that run in the container.
    pub(crate) invocations: Vec<Invocation>,
    /// Whether the container is known to have micromamba and no conda, as those that mmdev makes.
    pub(crate) has_micromamba_alone: bool,
    /// Who works in the container, and the property that says it.
    pub(crate) remote_user: Option<(&'static str, Spanned<String>)>,
    /// Words in `check.select` and `check.ignore` that name no rule.
    unknown_rules: Vec<(&'static str, Spanned<String>)>,
}

/// An image, where it is named.
pub(crate) struct NamedImage {
    /// As it is written, with its digest.
    pub(crate) reference: Spanned<String>,
    /// Whether the environment is made on it, and not only something that is copied from.
    pub(crate) holds_environment: bool,
    /// Whether mmdev is to install the environment there.
    pub(crate) is_mmdevs: bool,
    /// Whether a setting beside it names its digest.
    pub(crate) is_pinned_elsewhere: bool,
}

impl NamedImage {
    /// It, in parts.
    pub(crate) fn image(&self) -> BaseImage {
        let (reference, digest) = match self.reference.value.split_once('@') {
            Some((reference, digest)) => (reference, Some(digest.to_owned())),
            None => (self.reference.value.as_str(), None),
        };
        BaseImage {
            reference: reference.to_owned(),
            digest,
        }
    }

    /// The edit that names another image in its place; `None` where it is not written as it is read.
    pub(crate) fn replaced(&self, text: &str, by: &str) -> Option<Edit> {
        let span = literal(text, self.reference.span, &self.reference.value)?;
        Some(Edit::replace(span, by))
    }
}

impl<'a> ContainerContext<'a> {
    fn of_settings(text: &'a str, source: Source<'_>) -> Self {
        let is_pinned_elsewhere = !settings::written(source, "baseImageDigest").is_empty();
        let images = settings::written(source, "baseImage").into_iter();
        let unknown = ["check.select", "check.ignore"]
            .into_iter()
            .flat_map(|key| {
                let words = settings::written(source, key).into_iter();
                words
                    .filter(|word| settings::check::rule(&word.value).is_ok())
                    .filter(|word| Selection::new(std::slice::from_ref(&word.value), &[]).is_err())
                    .map(move |word| (key, word))
            });
        ContainerContext {
            text,
            images: images
                .map(|reference| NamedImage {
                    reference,
                    holds_environment: true,
                    is_mmdevs: true,
                    is_pinned_elsewhere,
                })
                .collect(),
            invocations: Vec::new(),
            has_micromamba_alone: false,
            remote_user: None,
            unknown_rules: unknown.collect(),
        }
    }

    fn of_devcontainer(document: &'a jsonc::Document<'a>) -> Self {
        let mut context = Self::of_settings(document.text(), Source::Devcontainer(document));
        let string = |path: &[&str]| {
            let value = document.at(path)?;
            Some(Spanned::new(value.as_str()?.to_owned(), value.span))
        };
        let dockerfile = string(&["build", "dockerfile"]).or_else(|| string(&["dockerFile"]));
        let is_composed = document.at(&["dockerComposeFile"]).is_some();
        // Where a setting names the image, mmdev puts `build` in the place of this one.
        if context.images.is_empty()
            && dockerfile.is_none()
            && !is_composed
            && let Some(reference) = string(&["image"])
        {
            context.images.push(NamedImage {
                is_mmdevs: !reference.value.contains("${"),
                reference,
                holds_environment: true,
                is_pinned_elsewhere: false,
            });
        }
        let folder = FOLDER.rsplit('/').next().unwrap_or(FOLDER);
        let is_generated = dockerfile
            .is_some_and(|dockerfile| dockerfile.value.contains(&format!("{folder}/Dockerfile")));
        let mut images = context.images.iter().map(NamedImage::image);
        let is_public = images.any(|image| image.is_public());
        context.has_micromamba_alone = is_public || (is_generated && context.images.is_empty());
        let mut users = ["remoteUser", "containerUser"].into_iter();
        context.remote_user = users.find_map(|property| Some((property, string(&[property])?)));
        context.invocations = shell::invocations(document);
        context
    }

    fn of_dockerfile(text: &'a str, target: Option<&str>) -> Self {
        let images = dockerfile::images(text, target).into_iter();
        ContainerContext {
            text,
            images: images
                .map(|(reference, holds_environment)| NamedImage {
                    reference,
                    holds_environment,
                    is_mmdevs: false,
                    is_pinned_elsewhere: false,
                })
                .collect(),
            invocations: Vec::new(),
            has_micromamba_alone: false,
            remote_user: None,
            unknown_rules: Vec::new(),
        }
    }
}

fn unknown_rule((key, word): &(&'static str, Spanned<String>)) -> Diagnostic {
    let message = format!("`{key}` names `{}`, and there is no such rule", word.value);
    let found = Diagnostic::warning(settings::REFUSED_VALUE, word.span, message);
    match select::nearest(&word.value) {
        Some(near) => found.with_hint(format!("Did you mean {near}?")),
        None => found.with_hint("`mmdev rules` lists all rules"),
    }
}

/// Where `value` stands in the text at `span`, if it stands there as it is, and once.
fn literal(text: &str, span: Span, value: &str) -> Option<Span> {
    let mut places = text[span.range()].match_indices(value);
    let (at, _) = places.next()?;
    places
        .next()
        .is_none()
        .then(|| Span::new(span.start + at, span.start + at + value.len()))
}

#[cfg(test)]
mod tests;
