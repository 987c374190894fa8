//! Any bytes are read as a spec and checked: nothing panics, and what is found stands in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmdev_core::lint::{self, Selection, SpecFile, Surroundings};
use mmdev_core::spec;
use mmdev_core::syntax::yaml;
use mmdev_core::text::apply;

fuzz_target!(|bytes: &[u8]| {
    let (text, _) = spec::read_bytes("env.yaml", bytes.to_vec());
    let tree = yaml::parse(&text);
    let read = spec::read_parsed("env.yaml", &text, &tree);
    let file = SpecFile {
        path: "env.yaml",
        text: &text,
        tree: &tree,
        read: &read,
    };
    let around = Surroundings {
        selection: Selection::new(&["ALL".to_owned()], &[]).unwrap_or_default(),
        ..Surroundings::default()
    };
    for found in lint::spec(&file, &around, None) {
        let place = text.get(found.span.range());
        assert!(place.is_some(), "{found:?} stands nowhere in {text:?}");
        if let Some(fix) = &found.fix {
            apply(&text, &fix.edits);
        }
    }
    for dependency in &read.spec.dependencies {
        let place = text.get(dependency.text.span.range());
        assert!(place.is_some(), "{dependency:?} stands nowhere in {text:?}");
    }
});
