//! What README.md shows is what happens.

use std::path::Path;

use crate::project::Project;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let command = "$ cargo mmdev -C docs/examples/quickstart generate\n";
    let (_, shown) = readme.split_once(command).unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let mut project = Project::new();
    for name in ["env.yaml", "status.py"] {
        let example = repository().join("docs/examples/quickstart").join(name);
        project = project.file(name, &std::fs::read_to_string(example).unwrap());
    }
    let output = project.command(&["generate"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), shown);
    let again = project.command(&["generate", "--check"]).output().unwrap();
    assert!(again.status.success(), "{again:?}");
}
