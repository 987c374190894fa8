//! Any text is mended as a spec, by what is held of the fixes of real specs.

#![no_main]

#[path = "../../crates/mmdev-core/tests/fixes/invariants.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;
use mmdev_core::diagnostic::Applicability;

fuzz_target!(|text: &str| {
    for least in [Applicability::Safe, Applicability::Unsafe] {
        if let Err(report) = invariants::fixed("env.yaml", text, least) {
            panic!("{report}");
        }
    }
});
