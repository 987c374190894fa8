//! Which packages of a channel a name that it does not have was probably meant to be.

use std::collections::BTreeMap;

use crate::lint::known::pypi;

/// How many are worth saying.
const MOST: usize = 3;

/// Names of old, and names that programs import, which PyPI has too.
const OTHER_NAMES: [(&str, &str); 2] = [("bs4", "beautifulsoup4"), ("pep8", "pycodestyle")];

/// The most likely of `names` (sorted, in lower case), best first; none where nothing is near. `conda_names` are those
/// of PyPI's names, as far as they are known.
pub(super) fn names<'names>(
    name: &str,
    names: &'names [String],
    conda_names: &BTreeMap<String, String>,
) -> Vec<&'names str> {
    let find = |wanted: &str| {
        names
            .binary_search_by(|other| other.as_str().cmp(wanted))
            .ok()
            .map(|index| names[index].as_str())
    };
    let mut found: Vec<&str> = Vec::new();
    let of_pypi = conda_names.get(&name.replace(['_', '.'], "-")).cloned();
    for other in of_pypi.into_iter().chain(other_forms(name)) {
        if let Some(other) = find(&other)
            && other != name
            && !found.contains(&other)
        {
            found.push(other);
        }
    }
    let most = furthest(name);
    let letters = letters(name);
    let mut near: Vec<(usize, &str)> = names
        .iter()
        .map(String::as_str)
        // Cheap tests first: a channel has tens of thousands of names.
        .filter(|other| other.len().abs_diff(name.len()) <= most && *other != name)
        .filter(|other| (self::letters(other) ^ letters).count_ones() as usize <= 2 * most)
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .filter(|(distance, other)| *distance <= most && !is_another_short_name(name, other))
        .collect();
    near.sort_unstable();
    for (_, other) in near {
        if !found.contains(&other) {
            found.push(other);
        }
    }
    found.truncate(MOST);
    found
}

/// Mistakes in a short name make another one.
fn furthest(name: &str) -> usize {
    match name.len() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// Of four letters three are too few to tell that the fourth was a slip.
fn is_another_short_name(name: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    name.len() <= 4 && name.len() == other.len() && sorted(name) != sorted(other)
}

/// What the same package may be called in another place.
fn other_forms(name: &str) -> Vec<String> {
    let mut forms: Vec<String> = OTHER_NAMES
        .iter()
        .filter(|(other, _)| *other == name)
        .map(|(_, conda)| (*conda).to_owned())
        .chain(pypi::conda_name(name).map(str::to_owned))
        .collect();
    forms.extend([name.replace('_', "-"), name.replace('-', "_")]);
    forms.extend([name.replace(['-', '_'], "")]);
    for affix in ["python-", "py", "r-"] {
        forms.extend(name.strip_prefix(affix).map(str::to_owned));
        forms.push(format!("{affix}{name}"));
    }
    for affix in ["-python", "-py"] {
        forms.extend(name.strip_suffix(affix).map(str::to_owned));
        forms.push(format!("{name}{affix}"));
    }
    forms
}

/// The characters that a name has, as bits: what two names differ in costs an edit for each two bits at least.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |set, byte| set | 1 << (byte % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        let names: Vec<String> = [
            "beautifulsoup4",
            "docker-py",
            "numba",
            "numpy",
            "numpydoc",
            "opencv",
            "pandas",
            "python-build",
            "pytorch",
            "pyyaml",
            "r-ggplot2",
            "scikit-learn",
            "typing_extensions",
            "xarray",
            "zlib",
        ]
        .map(str::to_owned)
        .into();
        let conda_names = BTreeMap::from([("docker".to_owned(), "docker-py".to_owned())]);
        assert_eq!(self::names(name, &names, &conda_names), expected, "{name}");
    }

    #[test]
    fn misspelt_names_are_understood_and_others_left_alone() {
        check("nunpy", &["numpy"]);
        check("numy", &["numpy"]);
        check("pnadas", &["pandas"]);
        check("scikit_learn", &["scikit-learn"]);
        check("scikitlearn", &["scikit-learn"]);
        check("sklearn", &["scikit-learn"]);
        check("torch", &["pytorch"]);
        check("typing-extensions", &["typing_extensions"]);
        check("opencv-python", &["opencv"]);
        check("ggplot2", &["r-ggplot2"]);
        check("build", &["python-build"]);
        check("docker", &["docker-py"]);
        check("bs4", &["beautifulsoup4"]);
        check("yaml", &["pyyaml"]);
        check("zlbi", &["zlib"]);
        check("zlab", &[]);
        check("zzz", &[]);
        check("tensorflow", &[]);
        check("", &[]);
        // The list may keep a name whose files are gone.
        check("numpy", &[]);
    }
}
