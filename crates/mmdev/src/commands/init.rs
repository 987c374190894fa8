//! `mmdev init`: a spec where there is none, and the dev container's files from it.

use std::path::Path;

use mmdev_core::diagnostic::Severity;
use mmdev_core::spec;

use crate::error::{Error, Result};
use crate::files;
use crate::json::Message;
use crate::load;
use crate::locate;
use crate::printer::Printer;
use crate::render::{self, Findings, Stream};
use crate::settings::Request;

use super::generate;
use crate::plan::Writing;

/// The spec that is written where there is none.
const SPEC: &str = locate::SPEC_NAMES[0];

/// Starts a project in the current folder.
pub(crate) fn init(
    printer: &Printer,
    request: &Request,
    packages: &[String],
    writing: &Writing,
) -> Result {
    let root = locate::current_folder()?;
    let named = !request.files.is_empty() || !request.environments.is_empty();
    let here = if named {
        Vec::new()
    } else {
        load::specs_at(&root)?
    };
    if !packages.is_empty()
        && let Some(spec) = here.first()
    {
        return Err(Error::invocation(format!(
            "{spec} is already here; `init` with packages writes a new spec"
        ))
        .with_hint(format!("mmdev add {}", packages.join(" "))));
    }
    if !packages.is_empty() && named {
        return Err(
            Error::invocation("packages and files cannot be given together")
                .with_hint("leave out the packages, or -f and --env"),
        );
    }
    let mut created = 0;
    if here.is_empty() && !named {
        write_spec(printer, &root, packages)?;
        created = 1;
    }
    generate::write(printer, request, &root, writing, created)
}

fn write_spec(printer: &Printer, root: &Path, packages: &[String]) -> Result<()> {
    let path = root.join(SPEC);
    if path.exists() {
        return Err(
            Error::problem(format!("{SPEC} is here, and it is no conda spec"))
                .with_hint("rename it, or write the spec to environment.yml yourself"),
        );
    }
    let text = spec_text(root, packages);
    let read = spec::read(SPEC, &text);
    let findings = Findings {
        file: SPEC.to_owned(),
        text,
        diagnostics: read.diagnostics,
    };
    render::print(printer, &findings, Stream::Stderr);
    if findings.count(Severity::Error) > 0 {
        return Err(Error::invocation(format!(
            "{SPEC} was not written: a package above is no MatchSpec"
        ))
        .with_hint("quote what the shell would change: mmdev init \"numpy>=2\""));
    }
    files::write(&path, &findings.text)?;
    printer.message(&Message::GeneratedFile {
        path: SPEC,
        change: "created",
        written: true,
    });
    printer.status("Created", SPEC);
    Ok(())
}

/// A new spec: channel conda-forge, and the packages or, without any, python.
fn spec_text(root: &Path, packages: &[String]) -> String {
    let mut text = format!(
        "name: {}\nchannels:\n  - conda-forge\ndependencies:\n",
        environment_name(root)
    );
    if packages.is_empty() {
        text.push_str("  - python\n");
    }
    for package in packages {
        text.push_str(&format!("  - {}\n", scalar(package.trim())));
    }
    text
}

/// The folder's name as an environment's: conda allows neither spaces nor `/:#` there. `base` would make `conda env
/// update` change a person's own root prefix, so it is never made up.
fn environment_name(root: &Path) -> String {
    let folder = root
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let name: String = folder
        .chars()
        .map(|character| match character {
            'a'..='z' | '0'..='9' | '-' | '_' => character,
            _ => '-',
        })
        .collect();
    let name = name.trim_matches(['-', '_']);
    // A name of digits alone would be a number in YAML, and so would `1e5`.
    if name.starts_with(|character: char| character.is_ascii_lowercase())
        && !RESERVED.contains(&name)
    {
        name.to_owned()
    } else {
        format!("env-{name}").trim_end_matches('-').to_owned()
    }
}

/// What is a name to nobody: conda's own, and words that YAML 1.1 reads as values.
const RESERVED: [&str; 10] = [
    "base", "root", "true", "false", "null", "yes", "no", "on", "off", "y",
];

/// `text` as a YAML scalar: plain where that says the same to every loader, else in double quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|character: char| character.is_ascii_alphabetic())
        && text.chars().all(|character| {
            character.is_ascii_alphanumeric() || "._-=<>!~*+|, /".contains(character)
        })
        && !RESERVED.contains(&text);
    if plain {
        text.to_owned()
    } else {
        // JSON's strings are YAML's double-quoted scalars.
        serde_json::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn every_text_is_one_scalar() {
        let packages = [
            "python=3.9.1",
            "numpy >=1.2,<2",
            "conda-forge::x[build=\"*_0\"]",
            "evil\n  - other: x",
            "a #b",
            "*",
            "no",
        ]
        .map(str::to_owned);
        expect![[r#"
            name: my-app
            channels:
              - conda-forge
            dependencies:
              - python=3.9.1
              - numpy >=1.2,<2
              - "conda-forge::x[build=\"*_0\"]"
              - "evil\n  - other: x"
              - "a #b"
              - "*"
              - "no"
        "#]]
        .assert_eq(&spec_text(Path::new("/x/My App"), &packages));
    }

    #[test]
    fn folders_give_names() {
        let check = |folder: &str| environment_name(Path::new(folder));
        assert_eq!(check("/x/My App (1)"), "my-app--1");
        assert_eq!(check("/x/1e5"), "env-1e5");
        assert_eq!(check("/x/base"), "env-base");
        assert_eq!(check("/x/数"), "env");
        assert_eq!(check("/"), "env");
    }
}
