//! Version constraints and build strings in words.

use rattler_conda_version::version_spec::{
    EqualityOperator, LogicalOperator, RangeOperator, StrictRangeOperator,
};

use crate::match_spec::VersionSpec;

/// What a version constraint lets through.
pub(super) fn version(constraint: &VersionSpec) -> String {
    use RangeOperator::{Greater, GreaterEquals, Less, LessEquals};
    use StrictRangeOperator::{Compatible, NotCompatible, NotStartsWith, StartsWith};
    match constraint {
        VersionSpec::None => "no version at all".to_owned(),
        VersionSpec::Any => "any version".to_owned(),
        VersionSpec::Range(Greater, version) => format!("newer than {version}"),
        VersionSpec::Range(GreaterEquals, version) => format!("{version} or newer"),
        VersionSpec::Range(Less, version) => format!("older than {version}"),
        VersionSpec::Range(LessEquals, version) => format!("{version} or older"),
        VersionSpec::StrictRange(StartsWith, version) => {
            format!("{version} or any {version}.*")
        }
        VersionSpec::StrictRange(NotStartsWith, version) => {
            format!("neither {version} nor any {version}.*")
        }
        VersionSpec::StrictRange(Compatible, version) => {
            format!("compatible with {version}: as new or newer, only its last part differs")
        }
        VersionSpec::StrictRange(NotCompatible, version) => {
            format!("not compatible with {version}")
        }
        VersionSpec::Exact(EqualityOperator::Equals, version) => format!("exactly {version}"),
        VersionSpec::Exact(EqualityOperator::NotEquals, version) => format!("not {version}"),
        VersionSpec::Group(operator, parts) => {
            let (word, other) = match operator {
                LogicalOperator::And => (" and ", LogicalOperator::Or),
                LogicalOperator::Or => (", or ", LogicalOperator::And),
            };
            let parts: Vec<String> = parts
                .iter()
                .map(|part| match part {
                    VersionSpec::Group(inner, _) if *inner == other => {
                        format!("({})", self::version(part))
                    }
                    _ => self::version(part),
                })
                .collect();
            parts.join(word)
        }
    }
}

/// What a build string lets through.
pub(super) fn build(pattern: &str) -> String {
    let inner = pattern.trim_matches('*');
    if pattern == "*" {
        "any".to_owned()
    } else if pattern.starts_with('^') || inner.contains('*') {
        format!("those that match `{pattern}`")
    } else if pattern.starts_with('*') && pattern.ends_with('*') {
        format!("those with `{inner}` in them")
    } else if pattern.starts_with('*') {
        format!("those that end with `{inner}`")
    } else if pattern.ends_with('*') {
        format!("those that begin with `{inner}`")
    } else {
        format!("exactly `{pattern}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::match_spec::parse;

    #[test]
    fn pins_in_words() {
        for (text, expected) in [
            ("numpy *", "any version"),
            ("numpy=1.26", "1.26 or any 1.26.*"),
            ("numpy==1.26", "exactly 1.26"),
            ("numpy >=1.26,<2", "1.26 or newer and older than 2"),
            ("numpy !=1.26.*", "neither 1.26 nor any 1.26.*"),
            ("numpy !=1.26", "not 1.26"),
            (
                "numpy ~=1.4.2",
                "compatible with 1.4.2: as new or newer, only its last part differs",
            ),
            ("numpy >1|<=0.5", "newer than 1, or 0.5 or older"),
            (
                "numpy >1,<2|>3",
                "(newer than 1 and older than 2), or newer than 3",
            ),
            ("numpy=1.26=py312_0", "exactly 1.26"),
        ] {
            let spec = parse(text).spec.unwrap();
            assert_eq!(version(&spec.constraint.unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn builds_in_words() {
        for (text, expected) in [
            ("*", "any"),
            ("py312_0", "exactly `py312_0`"),
            ("*_cpython", "those that end with `_cpython`"),
            ("cuda*", "those that begin with `cuda`"),
            ("*mkl*", "those with `mkl` in them"),
            ("py*_0", "those that match `py*_0`"),
            ("^py.*$", "those that match `^py.*$`"),
        ] {
            assert_eq!(build(text), expected, "{text}");
        }
    }
}
