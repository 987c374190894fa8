//! Locks before the real conda-lock.

use std::process::Command;

use mmdev_core::lock;
use mmdev_testkit::{Project, world};

use crate::support::Place;

/// conda-lock in the project's folder: whether it was content, and what it said.
pub(crate) fn conda_lock(place: &Place, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("python3")
        .args(["-m", "conda_lock"])
        .args(arguments)
        .env("PYTHONPATH", &world().conda_lock)
        .current_dir(place.project.root())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn the_real_conda_lock_takes_what_is_locked() {
    let spec = format!(
        "channels:\n  - {}\n  - nodefaults\nplatforms: [linux-64]\ndependencies:\n  - python=3.11\n  - requests\n",
        world().channel()
    );
    // Nothing of the image is needed but its glibc, which the tag tells.
    let base = "mambaorg/micromamba:2-debian13-slim";
    let place = Place::on(Project::new().file("env.yaml", &spec), base);
    place.mmdev(&["lock"]).success();
    let text = place.project.read("conda-lock.yml");
    let locked = lock::read(&text).lock;
    assert!(locked.packages.len() > 5, "{text}");

    let arguments = [
        "render",
        "-k",
        "explicit",
        "-p",
        "linux-64",
        "conda-lock.yml",
    ];
    let (is_content, said) = conda_lock(&place, &arguments);
    assert!(is_content, "{said}");
    let rendered = place.project.read("conda-linux-64.lock");
    let mut urls: Vec<String> = rendered
        .lines()
        .filter(|line| line.starts_with("http"))
        .map(str::to_owned)
        .collect();
    urls.sort();
    let mut expected: Vec<String> = locked
        .packages
        .iter()
        .map(|package| {
            let md5 = package.hash.md5.as_deref().unwrap();
            format!("{}#{md5}", package.url)
        })
        .collect();
    expected.sort();
    assert_eq!(urls, expected);

    // Its own check finds nothing to solve, until the spec is another one. It could not solve: this conda is none.
    place.project.write("names.json", "{}");
    let check = || {
        let arguments = [
            "lock",
            "--check-input-hash",
            "--conda",
            "true",
            "-f",
            "env.yaml",
            "--lockfile",
            "conda-lock.yml",
            "--pypi_to_conda_lookup_file",
            "names.json",
            "-p",
            "linux-64",
        ];
        conda_lock(&place, &arguments)
    };
    let (is_content, said) = check();
    assert!(is_content && said.contains("Skipping solve"), "{said}");
    assert_eq!(place.project.read("conda-lock.yml"), text);
    let changed = spec.replace("requests", "requests<2");
    place.project.write("env.yaml", &changed);
    let (is_content, said) = check();
    assert!(!is_content && !said.contains("Skipping solve"), "{said}");
}
