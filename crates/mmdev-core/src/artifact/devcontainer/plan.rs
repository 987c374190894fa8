//! Deciding what happens to one devcontainer.json.

use super::merge::{BASE_IMAGE, Merge, dotted, wrong_type};
use super::record::{self, Record};
use super::{
    BESIDE_PATH, BuildPaths, Change, Desired, FOLDER, Instruction, Mode, Outcome, Plan, Property,
    build_paths, place,
};
use crate::artifact::LOCK_ARGUMENT;
use crate::diagnostic::{Diagnostic, Severity};
use crate::syntax::jsonc::{self, Document, Editor, Value};
use serde_json::{Value as Json, json};

/// The first lines of a file that mmdev creates.
const HEADER: &str = "\
// Made by mmdev. Edit freely: mmdev changes only the keys that customizations.mmdev.generated
// names, and reports those of them that you changed.
";
/// The line of them that holds without mmdev as well.
const HEADER_REFERENCE: &str = "\
// Every key is described at https://containers.dev/implementors/json_reference
";

/// Whose file it is, by what it builds on.
enum Kind<'document> {
    /// A record names `/build`.
    Kept,
    /// A person's, on an image.
    Image(&'document str),
    /// A person's, with a Dockerfile of its own; the name of that, if it says one.
    Build(Option<&'document str>),
    /// A person's, on services of docker compose.
    Compose,
    /// A person's, on nothing yet.
    Bare,
}

/// What should happen to the devcontainer.json at `path` (relative to the project's root), which says `text` now.
///
/// [`Outcome::Adopt`] of a file with an `image` changes the settings: compute `desired` with [`image_to_adopt`] as the
/// base image before planning, so that the Dockerfile and this file agree.
pub fn plan(path: &str, text: Option<&str>, desired: &Desired, mode: Mode) -> Plan {
    let Some(text) = text else {
        return create(path, desired);
    };
    let (document, mut diagnostics) = jsonc::parse(text);
    match plan_existing(path, &document, desired, mode) {
        Ok((outcome, diagnostics)) => Plan {
            outcome,
            diagnostics,
        },
        Err(found) => {
            diagnostics.extend(found.map(|found| *found));
            Plan {
                outcome: Outcome::Invalid,
                diagnostics,
            }
        }
    }
}

/// The image that adopting the devcontainer.json in `text` would make `customizations.mmdev.baseImage`: its `image`,
/// if it can be a Dockerfile's, and the file is not mmdev's already.
pub fn image_to_adopt(text: &str) -> Option<String> {
    let (document, diagnostics) = jsonc::parse(text);
    if has_error(&diagnostics) || document.at(&BASE_IMAGE).is_some() {
        return None;
    }
    let record = read_record(&document).ok()?;
    match classify(&document, &record).ok()? {
        Kind::Image(image) if !has_variable(image) => Some(image.to_owned()),
        _ => None,
    }
}

type Planned = Result<(Outcome, Vec<Diagnostic>), Option<Box<Diagnostic>>>;

fn plan_existing(path: &str, document: &Document<'_>, desired: &Desired, mode: Mode) -> Planned {
    // Without an editor the text does not parse, and the caller has said so.
    let editor = Editor::new(document.text()).map_err(|_| None)?;
    let record = read_record(document).map_err(Some)?;
    let kind = classify(document, &record).map_err(Some)?;
    let is_kept = matches!(kind, Kind::Kept);
    let mut merge = Merge::new(document, editor, record, mode, !is_kept);
    match kind {
        Kind::Kept | Kind::Bare => {}
        // The record is gone, but the Dockerfile is none of a person's.
        Kind::Build(Some(dockerfile)) if is_generated(path, dockerfile) => {}
        Kind::Image(image) if has_variable(image) && document.at(&BASE_IMAGE).is_none() => {
            let reason = format!(
                "`image` of {path} is {}, and the variable in it has no value in a Dockerfile",
                Json::from(image)
            );
            return manual(reason, vec![name_base_image(path)]);
        }
        Kind::Image(image) => adopt_image(&mut merge, path, document, image, desired),
        Kind::Build(dockerfile) => return manual_build(path, dockerfile, desired),
        Kind::Compose => return manual_compose(path, document),
    }
    let (change, diagnostics) = merge.run(&build(path, desired), desired).map_err(Some)?;
    let outcome = match (is_kept, change.text == document.text()) {
        (false, _) => Outcome::Adopt(change),
        (true, true) => Outcome::Unchanged,
        (true, false) => Outcome::Update(change),
    };
    Ok((outcome, diagnostics))
}

fn create(path: &str, desired: &Desired) -> Plan {
    // Editors offer a second configuration by its name.
    let suffix = if path == BESIDE_PATH { " (mmdev)" } else { "" };
    let name = Json::from(format!("{}{suffix}", desired.name));
    let skeleton = format!("{HEADER}{HEADER_REFERENCE}{{\n  \"name\": {name}\n}}\n");
    match plan(path, Some(&skeleton), desired, Mode::Merge) {
        Plan {
            outcome: Outcome::Adopt(Change { text, .. }),
            diagnostics,
        } => Plan {
            outcome: Outcome::Create { text },
            diagnostics,
        },
        other => other,
    }
}

/// The file without what makes it mmdev's: the record of the keys that it wrote, and the comment that speaks of it.
/// `None` where the text is not JSON.
pub fn eject(text: &str) -> Option<String> {
    let mut editor = Editor::new(text).ok()?;
    editor.remove(&["customizations", "mmdev", "generated"]);
    let text = editor.text();
    for header in [HEADER.to_owned(), HEADER.replace('\n', "\r\n")] {
        if text.contains(&header) {
            return Some(text.replacen(&header, "", 1));
        }
    }
    Some(text.to_owned())
}

fn build(path: &str, desired: &Desired) -> Vec<Property> {
    let BuildPaths {
        dockerfile,
        context,
    } = build_paths(path);
    let mut properties = vec![
        Property::new(&["build", "dockerfile"], dockerfile),
        Property::new(&["build", "context"], context),
    ];
    let lock = desired.lock.as_deref();
    properties.extend(lock.map(|lock| Property::new(&["build", "args", LOCK_ARGUMENT], lock)));
    properties
}

/// Whether the devcontainer.json at `path` means the Dockerfile that mmdev makes when it says `dockerfile`.
fn is_generated(path: &str, dockerfile: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    place::join(folder, dockerfile) == format!("{FOLDER}/Dockerfile")
}

fn read_record(document: &Document<'_>) -> Result<Record, Box<Diagnostic>> {
    for depth in 0..record::PATH.len() {
        let around = &record::PATH[..depth];
        let value = document.at(around);
        if let Some(value) = value.filter(|value| value.as_object().is_none()) {
            return Err(wrong_type(document, around, value.type_name(), "an object"));
        }
    }
    document
        .at(&record::PATH)
        .map_or_else(|| Ok(Record::default()), Record::read)
}

fn classify<'document>(
    document: &'document Document<'_>,
    record: &Record,
) -> Result<Kind<'document>, Box<Diagnostic>> {
    if record.knows_build() {
        return Ok(Kind::Kept);
    }
    let value = |name: &str| document.at(&[name]);
    let wrong = |name: &str, value: &Value, expected| {
        wrong_type(document, &[name], value.type_name(), expected)
    };
    if value("dockerComposeFile").is_some() {
        return Ok(Kind::Compose);
    }
    // `dockerFile` is the form of before 2020; the tools still read it.
    if let Some(dockerfile) = value("dockerFile") {
        return Ok(Kind::Build(dockerfile.as_str()));
    }
    if let Some(build) = value("build") {
        if build.as_object().is_none() {
            return Err(wrong("build", build, "an object"));
        }
        // Without a Dockerfile in it (arguments alone), tools read `image`.
        if let Some(dockerfile) = build.get("dockerfile") {
            return Ok(Kind::Build(dockerfile.value.as_str()));
        }
    }
    match value("image") {
        None => Ok(Kind::Bare),
        Some(value) => match value.as_str() {
            Some(image) => Ok(Kind::Image(image)),
            None => Err(wrong("image", value, "a string")),
        },
    }
}

/// `image` becomes `build` in its place, and a setting says what the Dockerfile begins with, unless one does already.
fn adopt_image(
    merge: &mut Merge<'_>,
    path: &str,
    document: &Document<'_>,
    image: &str,
    desired: &Desired,
) {
    let BuildPaths {
        dockerfile,
        context,
    } = build_paths(path);
    let build = json!({ "dockerfile": dockerfile, "context": context });
    merge.replace_image(&build);
    let name = dotted(&BASE_IMAGE);
    let asked = desired
        .properties
        .iter()
        .find(|property| property.path == BASE_IMAGE)
        .map(|property| property.value.clone());
    let quoted = Json::from(image);
    match asked.or_else(|| document.at(&BASE_IMAGE).map(Value::to_json)) {
        None => {
            merge.set_base_image(image);
            merge.say(format!(
                "`image` {quoted} becomes `{name}`, and `build` takes its place"
            ));
        }
        Some(base) => merge.say(format!(
            "`build` takes the place of `image` {quoted}, because `{name}` is {base}"
        )),
    }
}

fn manual(reason: String, instructions: Vec<Instruction>) -> Planned {
    let outcome = Outcome::Manual {
        reason,
        instructions,
    };
    Ok((outcome, Vec::new()))
}

/// The lines after which an `image` that no Dockerfile can name stands in nobody's way.
fn name_base_image(path: &str) -> Instruction {
    let lines = "\
\"customizations\": {
  \"mmdev\": {
    \"baseImage\": \"IMAGE\"
  }
}
";
    Instruction {
        file: path.to_owned(),
        lines: lines.to_owned(),
    }
}

/// The lines after which mmdev knows that `build` is the person's, and keeps the rest.
fn leave_build(path: &str) -> Instruction {
    let lines = "\
\"customizations\": {
  \"mmdev\": {
    \"generated\": {
      \"/build\": false
    }
  }
}
";
    Instruction {
        file: path.to_owned(),
        lines: lines.to_owned(),
    }
}

fn manual_build(path: &str, dockerfile: Option<&str>, desired: &Desired) -> Planned {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let file = dockerfile.map(|name| {
        if has_variable(name) {
            name.to_owned()
        } else {
            place::join(folder, name)
        }
    });
    let name = file.clone().unwrap_or_else(|| "a Dockerfile".to_owned());
    let mut instructions = Vec::new();
    if !desired.dockerfile_lines.is_empty() {
        instructions.push(Instruction {
            file: file.unwrap_or_else(|| "Dockerfile".to_owned()),
            lines: desired.dockerfile_lines.join("\n") + "\n",
        });
    }
    instructions.push(leave_build(path));
    manual(
        format!("{path} builds {name}, and mmdev never edits a person's Dockerfile"),
        instructions,
    )
}

fn manual_compose(path: &str, document: &Document<'_>) -> Planned {
    let files = document.at(&["dockerComposeFile"]);
    // Paths in all compose files are relative to the first one's folder.
    let first = files
        .and_then(|files| {
            files
                .as_str()
                .or_else(|| files.as_array()?.first()?.as_str())
        })
        .unwrap_or("docker-compose.yml");
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let file = if has_variable(first) {
        first.replace("${localWorkspaceFolder}/", "")
    } else {
        place::join(folder, first)
    };
    let compose_folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let context = place::relative(compose_folder, FOLDER);
    let service = document
        .at(&["service"])
        .and_then(Value::as_str)
        .unwrap_or("app");
    let lines = format!(
        "services:\n  {service}:\n    build:\n      context: {context}\n      dockerfile: Dockerfile\n"
    );
    manual(
        format!("{path} starts services of {file}, and mmdev never edits a person's compose file"),
        vec![Instruction { file, lines }, leave_build(path)],
    )
}

/// devcontainer.json has variables (`${localEnv:X}`, a template's `${templateOption:x}`), a `FROM` line has not these.
fn has_variable(text: &str) -> bool {
    text.contains("${")
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}
