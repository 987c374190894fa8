//! Any text is a lock, or the spec of one: reading ends well, and what was understood is written so that it is read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmdev_core::lock::{both_sides, content_hash, default_virtual_packages, read, write};

fuzz_target!(|text: &str| {
    let found = read(text);
    for diagnostic in &found.diagnostics {
        assert!(
            text.get(diagnostic.span.range()).is_some(),
            "{diagnostic:?}"
        );
    }
    both_sides(text);
    content_hash(&[text], "linux-64", &default_virtual_packages("linux-64"));
    let again = read(&write(&found.lock));
    assert_eq!(again.lock, found.lock);
});
