//! A requested spec: conda's structure (name, version, build) with libmamba's spelling of it.

use anyhow::{Result, anyhow};
use rattler_conda_types::{MatchSpec, ParseStrictness};

/// One requested package, as it was written and as rattler understands it.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// The package's name, in lower case.
    pub(crate) name: String,
    /// How libmamba writes it back into history and conda-meta.
    pub(crate) text: String,
    version: String,
    build: String,
    matcher: MatchSpec,
}

impl Spec {
    /// Reads a spec as the command line and env files hold it.
    ///
    /// # Errors
    /// In libmamba's words when the version is malformed, in rattler's otherwise.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.split(" #").next().unwrap_or_default().trim();
        let (head, version, build) = split(text);
        let name = head.rsplit("::").next().unwrap_or(head).trim();
        let name = name.split('[').next().unwrap_or(name).to_lowercase();
        check_version(&version)?;
        let matcher = MatchSpec::from_str(text, ParseStrictness::Lenient)
            .map_err(|error| anyhow!("Error parsing MatchSpec \"{text}\": {error}"))?;
        let written = if text.contains('[') {
            text.to_owned()
        } else if version.contains([',', '|']) {
            match build.as_str() {
                "" => format!("{head}[version=\"{version}\"]"),
                _ => format!("{head}[version=\"{version}\",build=\"{build}\"]"),
            }
        } else if build.is_empty() {
            format!("{head}{version}")
        } else {
            format!("{head}{version}={build}")
        };
        Ok(Self {
            name,
            text: written,
            version,
            build,
            matcher,
        })
    }

    /// The spec of exactly one package, `name==version=build`.
    pub(crate) fn exact(name: &str, version: &str, build: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: format!("{name}=={version}={build}"),
            version: format!("=={version}"),
            build: build.to_owned(),
            matcher: MatchSpec::from_str(name, ParseStrictness::Lenient).unwrap_or_default(),
        }
    }

    /// What the solver matches records with.
    pub(crate) fn matcher(&self) -> &MatchSpec {
        &self.matcher
    }

    /// The three fields as libmamba's problem messages show them, `mid =* *`.
    pub(crate) fn described(&self) -> String {
        let version = if self.version.is_empty() {
            "=*"
        } else {
            &self.version
        };
        let build = if self.build.is_empty() {
            "*"
        } else {
            &self.build
        };
        format!("{} {version} {build}", self.name)
    }
}

/// `name`, `version` with its operator, and `build`.
fn split(text: &str) -> (&str, String, String) {
    let Some(end) = text.find(['=', '<', '>', '!', '~', ' ', '[']) else {
        return (text, String::new(), String::new());
    };
    let (head, rest) = text.split_at(end);
    let rest = rest.trim();
    if rest.starts_with('[') {
        return (head, String::new(), String::new());
    }
    let rest = rest.split('[').next().unwrap_or(rest);
    // `name version build`: three words, the version exact when it has no operator.
    let mut words = rest.split_whitespace();
    let version = words.next().unwrap_or_default();
    let word_build: Vec<&str> = words.collect();
    if !word_build.is_empty() && !version.ends_with(',') && !word_build[0].starts_with(',') {
        return (head, version.to_owned(), word_build.join(" "));
    }
    let rest: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
    // `name=version=build` and `name==version=build`.
    let operator = rest.len() - rest.trim_start_matches('=').len();
    if operator > 0
        && let Some((version, build)) = rest[operator..].split_once('=')
        && !version.ends_with(['<', '>', '!', '~'])
    {
        return (
            head,
            format!("{}{version}", &rest[..operator]),
            build.to_owned(),
        );
    }
    (head, rest, String::new())
}

/// An operator right behind another one is what micromamba refuses with these words.
fn check_version(version: &str) -> Result<()> {
    for part in version.split([',', '|']) {
        let value = ["==", "=", ">=", "<=", "!=", "~=", ">", "<"]
            .iter()
            .find_map(|operator| part.strip_prefix(operator));
        if let Some(value) = value
            && value.starts_with(['<', '>', '!', '~'])
        {
            let bare = value.trim_start_matches(['<', '>', '!', '~', '=']);
            return Err(anyhow!(
                "Error parsing version \"{value}\". Version contains invalid characters in {}{bare}.",
                &value[..value.len() - bare.len()],
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let shown = match Spec::parse(text) {
            Ok(spec) => format!("{} | {} | {}", spec.name, spec.text, spec.described()),
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn specs_are_written_as_libmamba_writes_them() {
        check("top", expect!["top | top | top =* *"]);
        check("Base=2", expect!["base | Base=2 | base =2 *"]);
        check(
            "base >=1,<2",
            expect![[r#"base | base[version=">=1,<2"] | base >=1,<2 *"#]],
        );
        check("base==1.0=0", expect!["base | base==1.0=0 | base ==1.0 0"]);
        check(
            "base=1.0=h1_0",
            expect!["base | base=1.0=h1_0 | base =1.0 h1_0"],
        );
        check(
            "python 3.9.1 h1_0",
            expect!["python | python3.9.1=h1_0 | python 3.9.1 h1_0"],
        );
    }

    #[test]
    fn a_doubled_operator_is_refused_in_micromambas_words() {
        check(
            "base=>2",
            expect![[
                r#"error: Error parsing version ">2". Version contains invalid characters in >2."#
            ]],
        );
    }
}
