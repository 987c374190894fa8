//! A devcontainer.json that a person wrote goes on to do what it did, and has the environment.

use mmdev_testkit::world;

use super::Folder;

/// As people write them: comments, trailing commas, their own extensions, lifecycle strings.
fn theirs(image: &str) -> String {
    format!(
        r#"// For format details, see https://aka.ms/devcontainer.json.
{{
	"name": "Science", // shown in the corner
	"image": "{image}",
	"customizations": {{
		"vscode": {{
			"settings": {{ "editor.rulers": [88] }},
			"extensions": ["eamodio.gitlens", /* for SQL */ "mtxr.sqltools",],
		}},
	}},
	"containerEnv": {{ "FROM_THEM": "${{localWorkspaceFolderBasename}}" }},
	// "features": {{}},
	"postCreateCommand": "echo $FROM_THEM && python -c 'import science, attrs' > ready && echo done >> ready",
	"postStartCommand": "echo started >> ready",
}}
"#
    )
}

const SPEC: &str = "\
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - setuptools
  - wheel
  - pip:
    - -r requirements.txt
    - -e .
";

const PYPROJECT: &str = r#"[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "science"
version = "1.0"

[tool.setuptools]
py-modules = ["science"]
"#;

#[test]
fn an_adopted_file_runs_the_persons_commands_and_ours() {
    let world = world();
    let own = theirs(&world.conda_forge_base());
    let requirements = format!(
        "--index-url {}\n--trusted-host {}\nattrs\n",
        world.index(),
        world.index_host()
    );
    let path = ".devcontainer/devcontainer.json";
    let folder = Folder::new(&[
        (path, &own),
        ("env.yaml", SPEC),
        ("requirements.txt", &requirements),
        ("pyproject.toml", PYPROJECT),
        ("science.py", "ANSWER = 42\n"),
    ]);
    let asked = folder.mmdev(&["generate"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert_eq!(folder.project.read(path), own);
    folder.mmdev(&["generate", "--yes"]).success();
    let adopted = folder.project.read(path);
    for kept in [
        "// For format details, see https://aka.ms/devcontainer.json.\n{\n\t\"name\": \"Science\", // shown in the corner",
        "\"editor.rulers\": [88]",
        "\"eamodio.gitlens\", /* for SQL */ \"mtxr.sqltools\",",
        "\t\"containerEnv\": { \"FROM_THEM\": \"${localWorkspaceFolderBasename}\" },\n\t// \"features\": {},\n",
        "\t\"postStartCommand\": \"echo started >> ready\",\n",
    ] {
        assert!(adopted.contains(kept), "{kept}\n---\n{adopted}");
    }

    let up = folder.answer("up", &[]);
    assert_eq!(up["outcome"], "success", "{up}");
    assert_eq!(folder.project.read("ready"), "done\nstarted\n");
    let place = folder.exec(&["python", "-c", "import science; print(science.__file__)"]);
    assert_eq!(place, "/workspaces/project/science.py");
    assert_eq!(folder.exec(&["printenv", "FROM_THEM"]), "project");
    let place = folder.exec(&["python", "-c", "import attrs; print(attrs.__file__)"]);
    assert!(place.starts_with("/opt/conda/lib/"), "{place}");
}
