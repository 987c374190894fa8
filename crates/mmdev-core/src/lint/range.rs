//! Which versions constraints leave, as far as it can be proved that they leave none.

use rattler_conda_version::Version;
use rattler_conda_version::version::VersionBumpType;
use rattler_conda_version::version_spec::{
    EqualityOperator, LogicalOperator, RangeOperator, StrictRangeOperator,
};

use crate::match_spec::VersionSpec;

/// More alternatives are not looked through.
const MOST_ALTERNATIVES: usize = 64;

/// Two comparisons of `constraints`, which must all hold, that exclude each other, in their order; `None` where a
/// version may be left. Pre-releases count as versions.
pub(super) fn contradiction(constraints: &[&VersionSpec]) -> Option<[VersionSpec; 2]> {
    let mut alternatives: Vec<Vec<&VersionSpec>> = vec![Vec::new()];
    for constraint in constraints {
        let mut extended = Vec::new();
        for more in disjunction(constraint)? {
            for alternative in &alternatives {
                extended.push([alternative.as_slice(), &more].concat());
            }
        }
        alternatives = extended;
        if alternatives.len() > MOST_ALTERNATIVES {
            return None;
        }
    }
    let mut first = None;
    for alternative in alternatives {
        let pairs = (0..alternative.len())
            .flat_map(|left| (left + 1..alternative.len()).map(move |right| (left, right)));
        let mut excluding = pairs.map(|(left, right)| [alternative[left], alternative[right]]);
        let pair = excluding.find(|[left, right]| exclude(left, right))?;
        first.get_or_insert_with(|| pair.map(VersionSpec::clone));
    }
    first
}

/// The alternatives of one constraint, each of comparisons that must all hold; `None` where there are too many.
fn disjunction(constraint: &VersionSpec) -> Option<Vec<Vec<&VersionSpec>>> {
    let VersionSpec::Group(operator, parts) = constraint else {
        return Some(vec![vec![constraint]]);
    };
    let parts: Vec<_> = parts.iter().map(disjunction).collect::<Option<_>>()?;
    let alternatives = match operator {
        LogicalOperator::Or => parts.concat(),
        LogicalOperator::And => parts.into_iter().try_fold(vec![Vec::new()], |all, part| {
            let joined: Vec<Vec<&VersionSpec>> = all
                .iter()
                .flat_map(|left| part.iter().map(|right| [left.as_slice(), right].concat()))
                .collect();
            (joined.len() <= MOST_ALTERNATIVES).then_some(joined)
        })?,
    };
    (alternatives.len() <= MOST_ALTERNATIVES).then_some(alternatives)
}

/// Whether no version at all fits two comparisons.
fn exclude(left: &VersionSpec, right: &VersionSpec) -> bool {
    if let (Some(left), Some(right)) = (exact(left), exact(right)) {
        return left != right;
    }
    if let Some(version) = exact(left) {
        return !may_fit(right, version);
    }
    if let Some(version) = exact(right) {
        return !may_fit(left, version);
    }
    if let (Some(left), Some(right)) = (beginning(left), beginning(right)) {
        return !left.starts_with(&right) && !right.starts_with(&left);
    }
    are_apart(left, right)
        || are_apart(right, left)
        || is_taken_out(left, right)
        || is_taken_out(right, left)
}

fn exact(comparison: &VersionSpec) -> Option<&Version> {
    match comparison {
        VersionSpec::Exact(EqualityOperator::Equals, version) => Some(version),
        _ => None,
    }
}

/// What every fitting version begins with.
fn beginning(comparison: &VersionSpec) -> Option<Version> {
    let VersionSpec::StrictRange(operator, version) = comparison else {
        return None;
    };
    let version = version.clone().into_inner();
    match operator {
        StrictRangeOperator::StartsWith => Some(version),
        StrictRangeOperator::Compatible => version.pop_segments(1),
        _ => None,
    }
}

/// Whether a version that equals `version` fits: `1.2` equals `1.2.0`, and only that begins with `1.2.0`.
fn may_fit(comparison: &VersionSpec, version: &Version) -> bool {
    const ZEROS: usize = 4;
    (0..=ZEROS).any(|zeros| {
        version
            .extend_to_length(version.segment_count() + zeros)
            .is_ok_and(|version| comparison.matches(&version))
    })
}

/// Whether everything that fits `low` is below everything that fits `high`.
fn are_apart(low: &VersionSpec, high: &VersionSpec) -> bool {
    let (Some((low, low_is_in)), Some((high, high_is_in))) = (upper(low), lower(high)) else {
        return false;
    };
    low < high || (low == high && !(low_is_in && high_is_in))
}

/// What no fitting version is above, and whether it fits itself.
fn upper(comparison: &VersionSpec) -> Option<(Version, bool)> {
    match comparison {
        VersionSpec::Range(RangeOperator::Less, version) => Some((version.clone(), false)),
        VersionSpec::Range(RangeOperator::LessEquals, version) => Some((version.clone(), true)),
        // `1.2.*` is below 1.3, also below its pre-releases, of which the comparison is not sure.
        other => {
            let next = beginning(other)?.bump(VersionBumpType::Last).ok()?;
            Some((next, false))
        }
    }
}

/// What no fitting version is below, and whether it fits itself.
fn lower(comparison: &VersionSpec) -> Option<(Version, bool)> {
    match comparison {
        VersionSpec::Range(RangeOperator::Greater, version) => Some((version.clone(), false)),
        VersionSpec::Range(RangeOperator::GreaterEquals, version) => Some((version.clone(), true)),
        VersionSpec::StrictRange(StrictRangeOperator::Compatible, version) => {
            Some((version.clone().into_inner(), true))
        }
        // Pre-releases of 1.2 begin with it too.
        other => {
            let beginning = beginning(other)?;
            format!("{beginning}dev")
                .parse()
                .ok()
                .map(|version| (version, true))
        }
    }
}

/// Whether `all` is a beginning that `without` excludes.
fn is_taken_out(all: &VersionSpec, without: &VersionSpec) -> bool {
    match (beginning(all), without) {
        (Some(begins), VersionSpec::StrictRange(StrictRangeOperator::NotStartsWith, excluded)) => {
            begins.starts_with(&excluded.clone().into_inner())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(constraint: &str, expected: Option<[&str; 2]>) {
        let spec: VersionSpec = constraint.parse().unwrap();
        let found = contradiction(&[&spec]).map(|pair| pair.map(|one| one.to_string()));
        assert_eq!(
            found,
            expected.map(|pair| pair.map(str::to_owned)),
            "{constraint}"
        );
    }

    #[test]
    fn what_no_version_fits_is_named() {
        check(">=2,<1", Some([">=2", "<1"]));
        check(">=2,<2", Some([">=2", "<2"]));
        check(">2,<=2.0", Some([">2", "<=2.0"]));
        check("==1,==2", Some(["==1", "==2"]));
        check("==1.2,>1.2", Some(["==1.2", ">1.2"]));
        check("==1.2,1.3.*", Some(["==1.2", "1.3.*"]));
        check("1.2.*,1.3.*", Some(["1.2.*", "1.3.*"]));
        check("1.2.*,>=1.3", Some(["1.2.*", ">=1.3"]));
        check("<1.1,1.2.*", Some(["<1.1", "1.2.*"]));
        check("1.2.*,!=1.2.*", Some(["1.2.*", "!=1.2.*"]));
        check("1.2.3.*,!=1.2.*", Some(["1.2.3.*", "!=1.2.*"]));
        check("~=1.4.2,<1.4", Some(["~=1.4.2", "<1.4"]));
        check("~=1.4.2,>=1.5", Some(["~=1.4.2", ">=1.5"]));
        check("!=1,(>=2,<1|>4,<3)", Some([">=2", "<1"]));
    }

    #[test]
    fn what_a_version_may_fit_is_left() {
        for constraint in [
            ">=1,<2",
            ">=2,<=2",
            "==1,==1.0",
            "==1.2,1.2.0.*",
            "1.2.*,1.2.3.*",
            "1.2.*,<1.2",
            "1.2.*,<1.2rc1",
            "1.2.*,>1.2",
            "1.2.*,>1.2.99",
            "<1|>2",
            ">=2,(<1|<3)",
            "!=1,==1.1",
            "*",
            "1.2.*,!=1.2.3.*",
            "!=1,!=2",
            "1!1.2.*,>5",
            "==1.2.*",
            "3.10.*,<3.11",
            "3.*,>=3.9,!=3.9.7",
        ] {
            check(constraint, None);
        }
    }
}
