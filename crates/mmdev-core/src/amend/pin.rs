//! Which pin a new dependency gets, from the versions that were chosen for it.

use std::str::FromStr;

use rattler_conda_version::Version;

use crate::match_spec::{self, Pin};
use crate::spec::EnvSpec;

/// What breaks its users with every minor version: a pin on the major one would promise too much.
const MINOR_BREAKS: [&str; 3] = ["perl", "python", "r-base"];

/// From here on a major version is a year, which says nothing about what breaks.
const FIRST_YEAR: u64 = 1990;

/// How a spec writes its pins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinStyle {
    /// `numpy=2.1`, and not a range.
    is_equal: bool,
    /// ` >=2.1`, and not `>=2.1`.
    is_spaced: bool,
}

impl PinStyle {
    /// The style of most of its entries; ranges where it has no pins. python is pinned in one way everywhere, and
    /// does not count.
    pub fn of(spec: &EnvSpec) -> Self {
        let (mut equal, mut ranges, mut spaced) = (0, 0, 0);
        for dependency in &spec.dependencies {
            let Some(match_spec) = &dependency.match_spec else {
                continue;
            };
            let Some(version) = &match_spec.version else {
                continue;
            };
            if MINOR_BREAKS.contains(&match_spec.name.value.as_str()) {
                continue;
            }
            if version.value.contains(['<', '>', '~', '!']) {
                ranges += 1;
                let before = dependency.text.value.get(..version.span.start);
                spaced += usize::from(before.is_some_and(|before| before.ends_with(' ')));
            } else if version
                .value
                .starts_with(|char: char| char == '=' || char.is_ascii_digit())
            {
                equal += 1;
            }
        }
        PinStyle {
            is_equal: equal > ranges,
            is_spaced: 2 * spaced >= ranges,
        }
    }
}

/// The MatchSpec for the package `name`, which may have a channel before it: it lets through the `versions` that were
/// chosen on the platforms, and those that should do as well. `numpy >=2.1,<3`, or `numpy=2.1` where that is the style.
///
/// The range goes up to the next major version (the next minor one of `0.x`, and of the languages). A version that
/// begins with a year has no upper bound, and one that is not made of numbers is its own lower bound.
pub fn pin(name: &str, versions: &[&str], style: PinStyle) -> String {
    let mut sorted: Vec<&str> = versions.to_vec();
    sorted.sort_by_cached_key(|version| Version::from_str(version).ok());
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else {
        return name.to_owned();
    };
    let space = if style.is_spaced { " " } else { "" };
    let bare = name.rsplit("::").next().unwrap_or(name);
    let constraint = numbers(first)
        .zip(numbers(last))
        .and_then(|(first, last)| by_numbers(bare, first, last, style));
    let text = match constraint {
        Some(constraint) if constraint.starts_with('=') => format!("{name}{constraint}"),
        Some(constraint) => format!("{name}{space}{constraint}"),
        None => String::new(),
    };
    match fits_all(&text, versions) {
        true => text,
        // `2.0rc1` is older than 2.0.
        false => format!("{name}{space}>={first}"),
    }
}

/// The first two numbers of a version.
type Numbers = (u64, Option<u64>);

fn by_numbers(name: &str, first: Numbers, last: Numbers, style: PinStyle) -> Option<String> {
    let shown = match first {
        (major, Some(minor)) => format!("{major}.{minor}"),
        (major, None) => major.to_string(),
    };
    let breaks_at_minor = MINOR_BREAKS.contains(&name);
    if first.0 >= FIRST_YEAR {
        return Some(format!(">={shown}"));
    }
    if first == last && (style.is_equal || breaks_at_minor) {
        return Some(format!("={shown}"));
    }
    let next = match last {
        (major, Some(minor)) if major == 0 || breaks_at_minor => {
            format!("{major}.{}", minor.checked_add(1)?)
        }
        (major, _) => major.checked_add(1)?.to_string(),
    };
    Some(format!(">={shown},<{next}"))
}

/// `None` where one of the first two parts is no number.
fn numbers(version: &str) -> Option<Numbers> {
    let mut parts = version.split('+').next()?.split('.');
    let number = |part: &str| {
        let are_digits = part.bytes().all(|byte| byte.is_ascii_digit());
        are_digits.then(|| part.parse().ok()).flatten()
    };
    let major = number(parts.next()?)?;
    let minor = match parts.next() {
        Some(part) => Some(number(part)?),
        None => None,
    };
    Some((major, minor))
}

/// Whether all tools take `text`, and it lets through all `versions`.
fn fits_all(text: &str, versions: &[&str]) -> bool {
    let parsed = match_spec::parse(text);
    let spec = parsed.spec.filter(|_| parsed.problems.is_empty());
    let pin = spec.as_ref().and_then(Pin::of);
    pin.is_some_and(|pin| versions.iter().all(|version| pin.fits_version(version)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::read;

    fn style(entries: &str) -> PinStyle {
        PinStyle::of(&read("env.yaml", &format!("dependencies: [{entries}]")).spec)
    }

    #[test]
    fn the_style_is_that_of_most_entries() {
        let check = |entries: &str, expected: &str| {
            assert_eq!(pin("a", &["2.1.3"], style(entries)), expected, "{entries}");
        };
        check("", "a >=2.1,<3");
        check("python=3.12, b", "a >=2.1,<3");
        check("b=1, c", "a=2.1");
        check("b==1.0, 'c>2'", "a>=2.1,<3");
        check("b=1=x, c 1.2.*, 'd>2'", "a=2.1");
        check("'b>=1', 'c>=2'", "a>=2.1,<3");
        check("'b>=1', 'c >=2,<3', 'd <4'", "a >=2.1,<3");
    }

    #[test]
    fn pins_let_through_what_was_chosen_and_what_should_do() {
        let check = |name: &str, versions: &[&str], range: &str, equal: &str| {
            assert_eq!(pin(name, versions, style("")), range);
            assert_eq!(pin(name, versions, style("b=1")), equal);
        };
        check("a", &["0.5.1"], "a >=0.5,<0.6", "a=0.5");
        check("a", &["9"], "a >=9,<10", "a=9");
        check("x::a", &["2.1.3"], "x::a >=2.1,<3", "x::a=2.1");
        check("a", &["2.10.0", "2.9"], "a >=2.9,<3", "a >=2.9,<3");
        check("a", &["1.9", "2.0"], "a >=1.9,<3", "a >=1.9,<3");
        check("python", &["3.13.1"], "python=3.13", "python=3.13");
        check(
            "python",
            &["3.12.1", "3.13.1"],
            "python >=3.12,<3.14",
            "python >=3.12,<3.14",
        );
        check(
            "certifi",
            &["2024.8.30"],
            "certifi >=2024.8",
            "certifi >=2024.8",
        );
        check("tzdata", &["2025b"], "tzdata >=2025b", "tzdata >=2025b");
        check("jpeg", &["9e"], "jpeg >=9e", "jpeg >=9e");
        check("a", &["2.0.0rc1"], "a >=2.0.0rc1", "a=2.0");
        check("a", &["1!2.0"], "a >=1!2.0", "a >=1!2.0");
        check("openssl", &["1.1.1w"], "openssl >=1.1,<2", "openssl=1.1");
        check("r-a", &["1_2"], "r-a >=1_2", "r-a >=1_2");
        let huge = "18446744073709551615.1";
        check("a", &[huge], &format!("a >={huge}"), &format!("a >={huge}"));
    }
}
