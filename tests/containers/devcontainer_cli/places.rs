//! The devcontainer CLI reads what mmdev generates wherever a devcontainer.json may stand.

use std::path::Path;

use super::Folder;

/// Generates where `files` are there already; the CLI reads `config` and finds in it a Dockerfile
/// and a context that are there.
fn generated_at(files: &[(&str, &str)], arguments: &[&str], config: &str) -> Folder {
    let folder = Folder::quickstart(files);
    let generate: Vec<&str> = ["generate"]
        .into_iter()
        .chain(arguments.iter().copied())
        .collect();
    folder.mmdev(&generate).success();
    let path = folder.project.root().join(config);
    let read = folder.answer("read-configuration", &["--config", path.to_str().unwrap()]);
    let configuration = &read["configuration"];
    let found = configuration["configFilePath"]["fsPath"].as_str();
    assert_eq!(found, Some(format!("[TEMP]/project/{config}").as_str()));
    let build = &configuration["build"];
    let near = |key: &str| {
        path.parent()
            .unwrap()
            .join(build[key].as_str().unwrap_or("absent"))
    };
    assert!(near("dockerfile").is_file(), "{read}");
    let spec: &Path = &near("context").join("env.yaml");
    assert!(spec.is_file(), "{read}");
    // A second time, nothing is left to do.
    folder.mmdev(&["generate", "--check"]).success();
    folder
}

#[test]
fn a_devcontainer_json_is_read_wherever_it_stands() {
    generated_at(&[], &[], ".devcontainer/devcontainer.json");
    generated_at(
        &[(".devcontainer.json", "{}")],
        &["--yes"],
        ".devcontainer.json",
    );
    let named = ".devcontainer/science/devcontainer.json";
    generated_at(&[(named, "{\n\t// ours\n}\n")], &["--yes"], named);
}

#[test]
fn a_second_configuration_stands_beside_a_persons_own_and_builds() {
    let own = r#"{ "image": "debian:bookworm-slim" }"#;
    let path = ".devcontainer/devcontainer.json";
    let beside = ".devcontainer/mmdev/devcontainer.json";
    let folder = generated_at(&[(path, own)], &["--beside"], beside);
    assert_eq!(folder.project.read(path), own);
    let read = folder.answer("read-configuration", &[]);
    assert_eq!(
        read["configuration"]["image"], "debian:bookworm-slim",
        "{read}"
    );
    let beside = folder.project.root().join(beside).display().to_string();
    let built = folder.answer("build", &["--config", &beside]);
    assert_eq!(built["outcome"], "success", "{built}");
    super::remove_images(built["imageName"][0].as_str().unwrap());
}
