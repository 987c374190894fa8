//! Real specs become projects: what is generated says the same as what was written. They are in the
//! corpus.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the helpers of a test are tests too"
)]

#[path = "support/corpus.rs"]
mod corpus;

use std::collections::BTreeMap;

use mmdev_core::artifact;
use mmdev_core::project::{Inputs, Packages, plan, wanted_files};
use mmdev_core::settings::Settings;
use mmdev_core::spec::{EnvSpec, read};

fn texts<'a>(entries: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    entries.map(String::as_str).collect()
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn a_normalised_spec_reads_as_what_it_was_made_from() {
    let files = corpus::specs();
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
