//! Real specs become projects: what is generated says the same as what was written. `MMDEV_CORPUS` names the folder
//! that holds them; without it there is nothing to read, which a line says.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the helpers of a test are tests too"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use mmdev_core::artifact;
use mmdev_core::project::{Inputs, Packages, plan, wanted_files};
use mmdev_core::settings::Settings;
use mmdev_core::spec::{EnvSpec, read};

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads the corpus from disk, the crate itself does not"
)]
fn corpus() -> Option<Vec<(String, String)>> {
    let Some(corpus) = std::env::var_os("MMDEV_CORPUS") else {
        println!("MMDEV_CORPUS is not set: no real specs were read");
        return None;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(PathBuf::from(corpus).join("envs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "tsv"))
        .collect();
    paths.sort();
    let files = paths.into_iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    Some(files.collect())
}

fn texts<'a>(entries: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    entries.map(String::as_str).collect()
}

#[test]
fn a_normalised_spec_reads_as_what_it_was_made_from() {
    let Some(files) = corpus() else { return };
    let mut per_platform = 0;
    for (name, text) in files {
        let specs = [("env.yaml".to_owned(), read("env.yaml", &text).spec)];
        // Every file that a pip section names is there, and empty.
        let named: BTreeMap<String, String> = wanted_files(&specs, &BTreeMap::new())
            .into_iter()
            .map(|path| (path, String::new()))
            .collect();
        let settings = Settings::default();
        let (project, _) = plan(Inputs {
            locks: &BTreeMap::new(),
            specs: &specs,
            settings: &settings,
            files: &named,
        });
        let environment = project.active_environment();
        let Packages::Same(list) = &environment.packages else {
            per_platform += 1;
            continue;
        };
        let path = format!("{}/env.yaml", artifact::FOLDER);
        let files = artifact::files(&project);
        let generated = files.iter().find(|file| file.path == path).unwrap();
        let again: EnvSpec = read("env.yaml", &generated.text).spec;
        let dependencies = again.dependencies.iter().map(|entry| &entry.text.value);
        assert_eq!(
            texts(dependencies),
            texts(list.dependencies.iter()),
            "{name}"
        );
        let pip = again.pip.iter().map(|entry| &entry.text.value);
        assert_eq!(texts(pip), texts(list.pip.iter()), "{name}");
        let channels = again.channels.unwrap_or_default();
        let channels = channels.iter().map(|channel| &channel.value);
        assert_eq!(
            texts(channels),
            texts(environment.channels.iter()),
            "{name}"
        );
    }
    assert_eq!(per_platform, 2, "specs with selectors for one architecture");
}
