//! Why a spec cannot be satisfied, in words, with the lines that it comes from.

use mmdev_conda::solve::{Change, Unsolvable};
use mmdev_core::lint;
use mmdev_core::project::masked;

use super::target::Target;
use crate::channels;
use crate::error::Error;

/// The most lines of the solver's tree that are shown.
const MOST_LINES: usize = 30;

/// The error where channels cannot be asked.
pub(super) fn failed(problem: &mmdev_conda::Error) -> Error {
    use mmdev_conda::Error::{NoChannel, NoMatchSpec, NoPlatform};
    let error = match problem {
        NoPlatform { .. } | NoChannel { .. } | NoMatchSpec { .. } => {
            Error::problem_from(problem.clone())
        }
        _ => Error::world(problem.clone()),
    };
    error.with_hint(hint(problem))
}

/// What to do about a channel that cannot be had.
fn hint(problem: &mmdev_conda::Error) -> &'static str {
    use mmdev_conda::Error::{NoChannel, NoPlatform, NotThere, Unreadable};
    match problem {
        NoChannel { .. } | NotThere { .. } => "mend its name in `channels:`",
        NoPlatform { .. } => "mend it in `platforms:`, or give another --platform",
        Unreadable { .. } if !channels::is_about_trust(problem) => {
            "look at the network and HTTPS_PROXY; --offline takes what the cache has"
        }
        other => channels::hint(other),
    }
}

/// The error for one platform. `names` (sorted) are those that the channels have, as far as they are known.
pub(super) fn error(target: &Target, platform: &str, why: &Unsolvable, names: &[String]) -> Error {
    let asked = target.dependencies(platform);
    let mut error = Error::problem(format!("{} on {platform}", reason(target, platform, why)));
    let mut involved: Vec<usize> = why
        .missing
        .iter()
        .map(|missing| missing.dependency)
        .collect();
    involved.extend(
        why.conflict
            .iter()
            .flat_map(|conflict| &conflict.dependencies),
    );
    let width = involved
        .iter()
        .map(|index| target.place(&asked[*index]).len())
        .max()
        .unwrap_or_default();
    for index in involved {
        let asked = &asked[index];
        let place = target.place(asked);
        error
            .log
            .push(format!("{place:width$} | {}", masked(target.line(asked))));
    }
    if let Some(conflict) = &why.conflict {
        let lines: Vec<&str> = conflict.explanation.lines().collect();
        error
            .log
            .extend(lines.iter().take(MOST_LINES).map(|line| (*line).to_owned()));
        if lines.len() > MOST_LINES {
            error
                .log
                .push(format!("… and {} lines more", lines.len() - MOST_LINES));
        }
    }
    for missing in &why.missing {
        let place = target.place(&asked[missing.dependency]);
        let hint = match (missing.others.as_slice(), missing.has_version) {
            ([], _) => format!(
                "the channels have nothing called {} for {platform} ({place})",
                missing.name
            ),
            (others, true) => format!(
                "there are these builds of {}: {} ({place})",
                missing.name,
                others.join(", ")
            ),
            (others, false) => format!(
                "there are these versions of {}: {} ({place})",
                missing.name,
                others.join(", ")
            ),
        };
        error = error.with_hint(hint);
        if missing.others.is_empty()
            && let Some(hint) = did_you_mean(&missing.name, names)
        {
            error = error.with_hint(hint);
        }
    }
    for lack in why.lacks.iter().filter(|lack| lack.is_all) {
        let what = match lack.name.as_str() {
            "__cuda" => "set `cuda` to what the driver has, or choose a base image for it",
            "__glibc" => "set `glibc` to what the base image has, or choose another one",
            "__archspec" => "set `archspec` to what every machine has that runs it",
            _ => "choose a base image that has it",
        };
        error = error.with_hint(format!(
            "all that is lacking is {} {}: {what}",
            lack.name, lack.constraint
        ));
    }
    for relaxation in &why.relaxations {
        let asked = &asked[relaxation.dependency];
        let place = target.place(asked);
        error = error.with_hint(match &relaxation.change {
            Change::AnyBuild { chosen } => {
                format!(
                    "with any build of `{}` ({place}) it would do: {chosen} is chosen",
                    asked.text
                )
            }
            Change::AnyVersion { chosen } => {
                format!(
                    "with any version for `{}` ({place}) it would do: {chosen} is chosen",
                    asked.text
                )
            }
            Change::LeftOut => format!("without `{}` ({place}) the rest can be had", asked.text),
        });
    }
    error
}

/// The hint at those of `names` (sorted) that may have been meant.
pub(crate) fn did_you_mean(name: &str, names: &[String]) -> Option<String> {
    let near = lint::channels::nearest(name, names);
    (!near.is_empty()).then(|| format!("did you mean {}?", near.join(" or ")))
}

/// What stands in the way, in half a sentence.
pub(super) fn reason(target: &Target, platform: &str, why: &Unsolvable) -> String {
    let asked = target.dependencies(platform);
    let shown = |index: usize| format!("`{}` ({})", asked[index].text, target.place(&asked[index]));
    match (why.missing.as_slice(), &why.conflict) {
        ([], Some(conflict)) => match conflict.dependencies.as_slice() {
            [one] => format!("{} cannot be had", shown(*one)),
            several => {
                let shown: Vec<String> = several.iter().map(|index| shown(*index)).collect();
                format!("{} do not go together", shown.join(" and "))
            }
        },
        ([], None) => format!("{} cannot be satisfied", target.names()),
        (missing, _) => {
            let shown: Vec<String> = missing
                .iter()
                .map(|missing| shown(missing.dependency))
                .collect();
            let verb = if missing.len() == 1 { "has" } else { "have" };
            format!("{} {verb} no package", shown.join(" and "))
        }
    }
}
