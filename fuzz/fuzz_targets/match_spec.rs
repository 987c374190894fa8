//! Any text is read as a MatchSpec: it has a meaning or an error, never both, and what is wrong stands in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmdev_core::diagnostic::Severity;
use mmdev_core::match_spec;

fuzz_target!(|text: &str| {
    let parsed = match_spec::parse(text);
    let is_refused = parsed
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    assert_eq!(parsed.spec.is_none(), is_refused, "{text:?}: {parsed:#?}");
    for problem in &parsed.problems {
        let place = text.get(problem.span.range());
        assert!(place.is_some(), "{problem:?} stands nowhere in {text:?}");
    }
    if let Some(spec) = &parsed.spec {
        let place = text.get(spec.name.span.range());
        assert!(place.is_some(), "the name stands nowhere in {text:?}");
    }
});
