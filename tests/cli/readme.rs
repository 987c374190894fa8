//! What README.md shows is what happens.

use std::path::Path;

use crate::lock::World;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What differs between the channel of this test and the real one.
fn without_counts(text: &str) -> String {
    let text = text
        .lines()
        .filter(|line| !line.contains("as condarc says"));
    let line = |line: &str| match line.contains(" Locked ") {
        true => line.replace(|letter: char| letter.is_ascii_digit(), ""),
        false => line.to_owned(),
    };
    text.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let command = "$ cargo mmdev -C docs/examples/quickstart generate\n";
    let (_, shown) = readme.split_once(command).unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let world = World::new();
    world.channel_at("conda-forge", "linux-64", &["python 3.11.9 h1_0"]);
    world.channel_at("conda-forge", "linux-aarch64", &["python 3.11.9 h2_0"]);
    world.channel_at(
        "conda-forge",
        "noarch",
        &["requests 2.32.3 py_0; python", "pip 25.0 py_0; python"],
    );
    let condarc = format!("channel_alias: {}\n", world.url());
    std::fs::write(world.project.home().join(".condarc"), condarc).unwrap();
    for name in ["env.yaml", "status.py"] {
        let example = repository().join("docs/examples/quickstart").join(name);
        let text = std::fs::read_to_string(example).unwrap();
        world.project.write(name, &text);
    }
    let mmdev = |arguments: &[&str]| {
        let mut command = world.project.command(arguments);
        command.env_remove("MMDEV_AUTO_LOCK").output().unwrap()
    };
    let output = mmdev(&["generate"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(without_counts(&said), without_counts(shown));
    let again = mmdev(&["generate", "--check"]);
    assert!(again.status.success(), "{again:?}");
}
