//! Packages of the pip section that a channel of the spec has as conda packages.

use super::{PIP_HAS_CONDA_PACKAGE, Sources, is_for, match_specs, shown};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::index::{Answer, Candidate, PackageIndex};
use crate::lint::Surroundings;
use crate::lint::context::Context;
use crate::lint::suppress::line_around;
use crate::match_spec::{self, Pin};
use crate::spec::{EnvSpec, PipEntry, PipLine, bare_channel};
use crate::syntax::yaml::{Kind, Node};
use crate::text::{Edit, Span};

/// The channels that the mapping is about: of a name that it lacks, a package there is probably another thing.
const MAPPED: [&str; 2] = ["conda-forge", "defaults"];

/// The conda names that the packages of the pip section may have.
pub(super) fn conda_names<'a>(
    spec: &'a EnvSpec,
    around: &'a Surroundings,
) -> impl Iterator<Item = &'a str> {
    spec.pip
        .iter()
        .filter_map(|entry| Some(conda_name(entry, around)?.0))
}

/// The conda name of a pip package, and whether the mapping says it. Without a mapping nothing is known: `docker`,
/// `redis` and `graphviz` are programs on conda-forge, and their Python packages have other names.
fn conda_name<'a>(entry: &'a PipEntry, around: &'a Surroundings) -> Option<(&'a str, bool)> {
    let PipLine::Package { name } = &entry.line else {
        return None;
    };
    match around.conda_names.get(name) {
        Some(conda_name) => Some((conda_name, true)),
        None => (!around.conda_names.is_empty()).then_some((name, false)),
    }
}

/// What could be said of each entry of the pip section.
pub(super) fn check(
    context: &Context<'_>,
    sources: &Sources<'_>,
    index: &dyn PackageIndex,
) -> Vec<Diagnostic> {
    let spec = context.spec();
    // Whoever names another index or forbids wheels wants what pip makes of it. An export says what is installed, and
    // by whom: another build of one package would make another environment of it.
    let has_option = spec.pip.iter().any(|entry| entry.line == PipLine::Option);
    if has_option || match_specs(spec).any(|other| other.build.is_some()) {
        return Vec::new();
    }
    let found = spec.pip.iter().filter_map(|entry| {
        let (name, is_sure) = conda_name(entry, context.around)?;
        let is_there_already = match_specs(spec).any(|other| other.name.value == name);
        let Answer::Known(candidates) = index.candidates(name) else {
            return None;
        };
        let files: Vec<&Candidate> = candidates
            .iter()
            .filter(|file| sources.serve_all(file))
            .filter(|file| is_sure || !MAPPED.contains(&bare_channel(&file.channel)))
            .collect();
        let first = files.first().filter(|_| !is_there_already)?;
        let pin = constraint(&entry.text.value)?;
        let conda_text = format!("{name}{pin}");
        let parsed = match_spec::parse(&conda_text).spec?;
        let asked = Pin::of(&parsed)?;
        let mut platforms = index.platforms().iter().filter(|platform| {
            let selector = entry.selector.as_ref();
            selector.is_none_or(|selector| selector.applies_to(platform) != Some(false))
        });
        let fits_on = |platform: &String| {
            let files = files.iter().copied();
            let files: Vec<_> = files.filter(|file| is_for(&file.subdir, platform)).collect();
            asked.fits_any(&files)
        };
        if !asked.fits_any(&files) || !platforms.all(fits_on) {
            return None;
        }
        let (channel, pip_name) = (shown(&first.channel), package_name(&entry.text.value));
        let message = match pip_name.eq_ignore_ascii_case(name) {
            true => format!("the channel `{channel}` has `{name}` as a conda package"),
            false => {
                format!("the channel `{channel}` has `{pip_name}` as the conda package `{name}`")
            }
        };
        let diagnostic =
            Diagnostic::information(PIP_HAS_CONDA_PACKAGE, entry.text.span, message).with_hint(
                "Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice",
            );
        let edits = is_plain(&pin).then(|| moved(context, entry, &conda_text)).flatten();
        Some(match edits {
            Some(edits) => diagnostic.with_fix(
                format!("Move it to `dependencies:` as `{conda_text}`"),
                edits,
                Applicability::Unsafe,
            ),
            None => diagnostic,
        })
    });
    found.collect()
}

fn package_name(text: &str) -> &str {
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    let text = text.trim();
    &text[..text.find(|char| !is_of_name(char)).unwrap_or(text.len())]
}

/// What a requirement asks of the version, without spaces; `None` where it asks for something that conda has no word
/// for (extras, a marker, a URL, options).
fn constraint(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = &text[package_name(text).len()..];
    let rest: String = rest.split_whitespace().collect();
    let rest = rest.trim_start_matches('(').trim_end_matches(')');
    let is_version = |char: char| char.is_ascii_alphanumeric() || "=<>!~,.*+-_".contains(char);
    let is_one = rest.is_empty() || rest.starts_with(['=', '<', '>', '!', '~']);
    (is_one && rest.chars().all(is_version) && !rest.contains("===")).then(|| rest.to_owned())
}

/// Whether conda means the same by it without a doubt: nothing, `==1.2` or `>=1`.
fn is_plain(pin: &str) -> bool {
    let version = pin.strip_prefix("==").or_else(|| pin.strip_prefix(">="));
    match version {
        Some(version) => version
            .chars()
            .all(|char| char.is_ascii_digit() || char == '.'),
        None => pin.is_empty(),
    }
}

/// The edits that move an entry with its comment up to `dependencies:`, below the one before the pip section; `None`
/// unless each of them has a line of its own.
fn moved(context: &Context<'_>, entry: &PipEntry, conda_text: &str) -> Option<Vec<Edit>> {
    let text = context.file.text;
    let place = entry.text.span;
    let line = line_of(text, place)?;
    let section = Section::around(context, place)?;
    let above = line_of(text, section.above)?;
    let first = match section.entries {
        // An empty section is a mistake, and goes as well, unless somebody wrote something about it.
        1 if text[section.start..place.start].contains('#') => return None,
        1 => line_around(text, section.start).start,
        _ => line.start,
    };
    let last = (line.end + 1).min(text.len());
    let dash = &text[above.start..section.above.start];
    let comment = text[place.end..line.end].trim_end();
    let line_break = match text[..above.end].ends_with('\r') {
        true => "\r\n",
        false => "\n",
    };
    Some(vec![
        Edit::insert(
            above.end + 1,
            format!("{dash}{conda_text}{comment}{line_break}"),
        ),
        Edit::delete(Span::new(first, last)),
    ])
}

/// The line of an item of a list; `None` where it holds anything besides that item and a comment.
fn line_of(text: &str, item: Span) -> Option<Span> {
    let line = line_around(text, item.start);
    let before = text[line.start..item.start].trim();
    let behind = text.get(item.end..line.end)?.trim();
    let is_alone = before == "-" && (behind.is_empty() || behind.starts_with('#'));
    is_alone.then_some(line)
}

/// The pip section that holds an entry.
struct Section {
    /// The entry of `dependencies:` above it.
    above: Span,
    /// Its first byte.
    start: usize,
    /// How many entries it has.
    entries: usize,
}

impl Section {
    fn around(context: &Context<'_>, entry: Span) -> Option<Self> {
        let root = context.file.tree.root.as_ref()?;
        let items = list_in(root, "dependencies")?;
        items.windows(2).find_map(|pair| {
            let [above, section] = pair else { return None };
            let entries = list_in(section, "pip")?;
            let is_it = entries.iter().any(|other| other.place() == entry);
            let is_simple = matches!(above.kind, Kind::Scalar(_))
                && matches!(&section.kind, Kind::Mapping(keys) if keys.len() == 1);
            (is_it && is_simple).then(|| Section {
                above: above.place(),
                start: section.span.start,
                entries: entries.len(),
            })
        })
    }
}

/// The list below the one `key` of that name.
fn list_in<'a>(node: &'a Node, key: &str) -> Option<&'a [Node]> {
    let Kind::Mapping(entries) = &node.kind else {
        return None;
    };
    let mut values = entries.iter().filter(|entry| entry.name() == Some(key));
    match (&values.next()?.value.kind, values.next()) {
        (Kind::Sequence(items), None) => Some(items),
        _ => None,
    }
}
