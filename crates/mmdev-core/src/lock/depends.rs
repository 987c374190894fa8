//! A record's `depends` as a lock holds them: one constraint for each name.

use std::collections::BTreeMap;

use crate::match_spec;

/// The names in `depends`, the MatchSpecs of a record, and what each asks for. A name that stands there twice asks for
/// both: conda-lock merges them as well, but keeps the version alone, and an installer that has no build string to
/// compare may break what the record asked for.
pub fn dependencies<'a>(depends: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
    let mut merged = BTreeMap::<String, (Vec<String>, Option<String>)>::new();
    for text in depends {
        let Some((name, version, build)) = parts(text) else {
            continue;
        };
        let (versions, builds) = merged.entry(name).or_default();
        if let Some(version) = version
            && version != "*"
            && !versions.contains(&version)
        {
            versions.push(version);
        }
        // Two build strings have no common language; the first is kept.
        if builds.is_none() {
            *builds = build;
        }
    }
    merged
        .into_iter()
        .map(|(name, (versions, build))| {
            let version = match versions.as_slice() {
                [] => None,
                [one] => Some(one.clone()),
                several => Some(all_of(several)),
            };
            let constraint = match (version, build) {
                (None, None) => String::new(),
                (Some(version), None) => version,
                (version, Some(build)) => {
                    format!("{} {build}", version.as_deref().unwrap_or("*"))
                }
            };
            (name, constraint)
        })
        .collect()
}

/// Several constraints as one.
fn all_of(versions: &[String]) -> String {
    let parts: Vec<String> = versions
        .iter()
        .map(|version| match version.contains('|') {
            true => format!("({version})"),
            false => version.clone(),
        })
        .collect();
    parts.join(",")
}

/// Name, version and build string of one MatchSpec. A record writes them with spaces between; what is written in
/// another way is read as everywhere.
fn parts(text: &str) -> Option<(String, Option<String>, Option<String>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_plain = |name: &str| {
        name.chars()
            .all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.'))
    };
    match words.as_slice() {
        [name] if is_plain(name) => Some(((*name).to_owned(), None, None)),
        [name, version] if is_plain(name) && !version.contains(['[', '(']) => {
            Some(((*name).to_owned(), Some((*version).to_owned()), None))
        }
        [name, version, build] if is_plain(name) && !version.ends_with(['<', '>', '=', ',']) => {
            Some((
                (*name).to_owned(),
                Some((*version).to_owned()),
                Some((*build).to_owned()),
            ))
        }
        [] => None,
        _ => {
            let spec = match_spec::parse(text).spec?;
            // `x=1.2=b` is exactly 1.2, and behind a space the sign would make `1.2.*` of it.
            let is_exact = spec.build.is_some();
            let version = spec.version.map(|version| {
                let compact: String = version.value.split_whitespace().collect();
                match is_exact {
                    true => compact.trim_start_matches('=').to_owned(),
                    false => compact,
                }
            });
            let build = spec.build.map(|build| build.value);
            Some((spec.name.value, version, build))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_one_constraint() {
        let cases: &[(&[&str], &str)] = &[
            (&[], ""),
            (&["python"], "python:"),
            (
                &["python >=3.11,<3.12.0a0", "python_abi 3.11.* *_cp311"],
                "python:>=3.11,<3.12.0a0 python_abi:3.11.* *_cp311",
            ),
            (
                &["numpy >=1.19", "numpy >=1.21,<3"],
                "numpy:>=1.19,>=1.21,<3",
            ),
            (&["numpy >=1.19", "numpy"], "numpy:>=1.19"),
            (&["x 1.*|2.*", "x !=2.1"], "x:(1.*|2.*),!=2.1"),
            (&["x * mpi_*", "x >=2"], "x:>=2 mpi_*"),
            (&["x * mpi_*"], "x:* mpi_*"),
            (&["x >=2 a", "x >=2 b"], "x:>=2 a"),
            (&["x >= 2"], "x:>=2"),
            (&["x[version='>=2',build=b]"], "x:>=2 b"),
            (&["conda-forge::x=1.2=b_0"], "x:1.2 b_0"),
            (&["_low_level ", "  "], "_low_level:"),
        ];
        for (depends, expected) in cases {
            let found: Vec<String> = dependencies(depends.iter().copied())
                .into_iter()
                .map(|(name, constraint)| format!("{name}:{constraint}"))
                .collect();
            assert_eq!(found.join(" "), *expected, "{depends:?}");
        }
    }
}
