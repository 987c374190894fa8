//! `mmdev build --target runtime`, up to where an engine is needed.

use expect_test::expect;

use crate::project::Project;

const RUNTIME: [&str; 3] = ["build", "--target", "runtime"];

const SPEC: &str = "channels: [conda-forge]\ndependencies: [python]\n";

#[test]
fn what_is_kept_is_a_pattern() {
    let project = Project::new().file("env.yaml", SPEC);
    project.check(&[&RUNTIME[..], &["--keep", "$HOME/x"]].concat(), expect![[r#"
        exit code: 2
        ----- stderr
        error: invalid value '$HOME/x' for '--keep <PATTERN>': this is not a pattern of files from the environment's folder, such as `share/doc/*`, of letters, digits and `._-+/*?`

        For more information, try '--help'.
    "#]]);
    project.check(
        &["build", "--keep", "*.a"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the following required arguments were not provided:
          --target <TARGET>

        Usage: mmdev build --target <TARGET> --keep <PATTERN>

        For more information, try '--help'.
    "#]],
    );
    project.check(
        &[&RUNTIME[..], &["--push", "r/x"]].concat(),
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the argument '--target <TARGET>' cannot be used with '--push <REF>'

        Usage: mmdev build --target <TARGET>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn an_image_of_a_person_has_no_runtime_image() {
    let record = r#""customizations": { "mmdev": { "generated": { "/build": false } } }"#;
    let text = format!("{{\n  \"image\": \"r/base:2\",\n  {record}\n}}\n");
    let project = Project::new()
        .file("env.yaml", SPEC)
        .file(".devcontainer/devcontainer.json", &text);
    project.check(&RUNTIME, expect![[r#"
        exit code: 1
        ----- stderr
             Created .devcontainer/mmdev/Dockerfile
             Created .devcontainer/mmdev/.gitattributes
             Created .devcontainer/mmdev/.gitignore
             Created .devcontainer/mmdev/activate.sh
             Created .devcontainer/mmdev/activate.fish
             Created .devcontainer/mmdev/shells.sh
             Created .devcontainer/mmdev/env.yaml
             Updated .devcontainer/devcontainer.json
        error: the runtime image is made of the generated Dockerfile, and devcontainer.json asks for another image
        hint: build it by a Dockerfile of your own: mmdev cannot know where its environment is
    "#]]);
}
