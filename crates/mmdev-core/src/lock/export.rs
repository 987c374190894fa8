//! What a lock has for one platform, in the formats of other programs: conda's explicit list and a spec of exact
//! versions.

use std::fmt::Write;

use super::scalar::value;
use super::{Graph, Lock, Manager, Package, without_secrets};
use crate::spec::{EnvSpec, PipLine};

/// conda's explicit list: the URL of every conda package with its MD5 (all that read such lists know it; SHA-256 where
/// it is not known), each after what it needs, because micromamba installs in the order of the list. pip's packages
/// have no place in it.
pub fn explicit(lock: &Lock, platform: &str) -> String {
    let sources = lock.metadata.sources.join(" and ");
    let of = if sources.is_empty() {
        "the spec"
    } else {
        &sources
    };
    let mut text = format!(
        "# The conda packages of {} on {platform}, as they are locked.\n# platform: {platform}\n@EXPLICIT\n",
        one_line(of)
    );
    for package in Graph::of(lock, platform).in_order() {
        if package.manager == Manager::Conda {
            let hash = match (&package.hash.md5, &package.hash.sha256) {
                (Some(md5), _) => format!("#{md5}"),
                (None, Some(sha256)) => format!("#sha256:{sha256}"),
                (None, None) => String::new(),
            };
            let _ = writeln!(text, "{}{hash}", address(package));
        }
    }
    text
}

/// Where Snakemake looks for the explicit list of a spec file: `envs/a.yaml` has `envs/a.linux-64.pin.txt`.
pub fn pin_path(spec: &str, platform: &str) -> String {
    let name = spec.rfind('/').map_or(0, |slash| slash + 1);
    // A name that begins with its only dot has no suffix.
    let stem = match spec[name..].rfind('.') {
        Some(dot) if dot > 0 => &spec[..name + dot],
        _ => spec,
    };
    format!("{stem}.{platform}.pin.txt")
}

/// The URL of a package's file, without credentials and whatever would end a line.
pub(super) fn address(package: &Package) -> String {
    let url = package.url.split('#').next().unwrap_or_default();
    let mut address = String::with_capacity(url.len());
    for char in without_secrets(url).chars() {
        match char.is_whitespace() || char.is_control() {
            true => {
                let mut bytes = [0; 4];
                for byte in char.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(address, "%{byte:02X}");
                }
            }
            false => address.push(char),
        }
    }
    address
}

/// A spec that asks for exactly what `lock` has for `platform`, with the name, the pip options and the variables of
/// the `spec` that it was made from.
pub fn exact_spec(lock: &Lock, platform: &str, spec: &EnvSpec) -> String {
    let graph = Graph::of(lock, platform);
    let by = |manager| {
        let packages = graph.packages().iter();
        packages.filter(move |package| package.manager == manager)
    };
    let mut text = format!("# The exact packages on {platform}, as they are locked.\n");
    if let Some(name) = &spec.name {
        line(&mut text, 0, "name: ", &name.value);
    }
    text += "channels:\n";
    for channel in &lock.metadata.channels {
        line(&mut text, 2, "- ", &channel.url);
    }
    text += "dependencies:\n";
    for package in by(Manager::Conda) {
        let build = package.build.as_deref().unwrap_or_default();
        let exact = format!("{}={}={build}", package.name, package.version);
        line(&mut text, 2, "- ", exact.trim_end_matches('='));
    }
    let options = spec
        .pip
        .iter()
        .filter(|entry| entry.line == PipLine::Option);
    let options = options.map(|entry| option(&entry.text.value));
    let exact = by(Manager::Pip).map(|package| match &package.source {
        Some(source) => format!("{} @ {}", package.name, without_secrets(source)),
        None => format!("{}=={}", package.name, package.version),
    });
    if by(Manager::Pip).next().is_some() {
        text += "  - pip:\n";
        for entry in options.chain(exact) {
            line(&mut text, 6, "- ", &entry);
        }
    }
    if !spec.variables.is_empty() {
        text += "variables:\n";
        for variable in &spec.variables {
            let key = format!("{}: ", value(&variable.name.value, 0, 0));
            line(&mut text, 2, &key, &variable.value.value);
        }
    }
    text
}

fn line(text: &mut String, indent: usize, key: &str, entry: &str) {
    let value = value(entry, indent + key.len(), indent + 2);
    let _ = writeln!(text, "{:indent$}{key}{value}", "");
}

/// An option for pip, whose URL may hold credentials.
fn option(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().map(without_secrets).collect();
    words.join(" ")
}

fn one_line(text: &str) -> String {
    text.split(char::is_control).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::fixture::lock;
    use super::*;
    use crate::spec;

    #[test]
    fn a_list_is_in_the_order_of_installation() {
        let mut lock = lock(&[
            "python 3.12.1 h_0 > zlib",
            "numpy 2.1.0 h_0 > python",
            "zlib 1.3 h_0",
            "pip:requests 2.0",
            "osx-arm64:zlib 1.3 h_0",
        ]);
        lock.packages[0].hash.md5 = None;
        lock.packages[0].url =
            "https://me:secret@host/t/tk-1/c/linux-64/numpy 2\n.conda#0123".to_owned();
        expect![[r#"
            # The conda packages of env.yaml on linux-64, as they are locked.
            # platform: linux-64
            @EXPLICIT
            https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3-h_0.conda#fd7b2a3df8e883ed7e3d9f8646f43f97
            https://conda.anaconda.org/conda-forge/linux-64/python-3.12.1-h_0.conda#4a16fcfdcbc2c08a2fc2d6e76543f3e6
            https://host/c/linux-64/numpy%202%0A.conda#sha256:98cedfc0eead4cfc31d301243635e0b49877d6771422ef5e9cd059e7d7d65eee
        "#]].assert_eq(&explicit(&lock, "linux-64"));
        assert_eq!(explicit(&lock, "win-64").lines().count(), 3);
    }

    #[test]
    fn snakemake_finds_the_list_by_its_name() {
        let cases = [
            ("env.yaml", "env.linux-64.pin.txt"),
            (
                "workflow/envs/a.b.yaml",
                "workflow/envs/a.b.linux-64.pin.txt",
            ),
            ("a.d/env", "a.d/env.linux-64.pin.txt"),
            ("x/.env", "x/.env.linux-64.pin.txt"),
        ];
        for (spec, expected) in cases {
            assert_eq!(pin_path(spec, "linux-64"), expected, "{spec}");
        }
    }

    #[test]
    fn an_exact_spec_is_a_spec() {
        let mut lock = lock(&[
            "python 3.12.1 h_0",
            "pip 25.0 h_0",
            "pip:a 2.0",
            "pip:b 1.0",
        ]);
        lock.packages[3].source = Some("git+https://me:secret@host/b.git@0123".to_owned());
        let original = spec::read(
            "env.yaml",
            "name: 'yes'\ndependencies:\n- python\n- pip\n- pip:\n  - --extra-index-url https://me:x@host/simple\n  - a\nvariables:\n  A: '1'\n  B: 'x: y'\n",
        )
        .spec;
        let text = exact_spec(&lock, "linux-64", &original);
        expect![[r#"
            # The exact packages on linux-64, as they are locked.
            name: 'yes'
            channels:
              - conda-forge
            dependencies:
              - pip=25.0=h_0
              - python=3.12.1=h_0
              - pip:
                  - --extra-index-url https://host/simple
                  - a==2.0
                  - b @ git+https://host/b.git@0123
            variables:
              A: '1'
              B: 'x: y'
        "#]]
        .assert_eq(&text);
        let read = spec::read("env.yaml", &text);
        assert_eq!(read.diagnostics, []);
        assert_eq!(read.spec.dependencies.len(), 2);
        assert_eq!(read.spec.variables[0].value.value, "1");
    }
}
