//! Half-typed specs are checked like any others: nothing panics, and what is found stands in the text.
//! `cargo xtask bench typing` tries all of them in a release build; here every eleventh is enough.

#[path = "../support/corpus.rs"]
mod corpus;
mod half_typed;

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn half_typed_specs_are_checked() {
    let around = half_typed::everything();
    let mut silent = 0;
    let mut tried = 0;
    for half in half_typed::texts().step_by(11) {
        let found = half_typed::diagnose(&half.name, &half.text, &around);
        for diagnostic in &found {
            assert!(
                half.text.get(diagnostic.span.range()).is_some(),
                "{}, {}: {diagnostic:?} stands nowhere",
                half.name,
                half.what
            );
        }
        silent += usize::from(found.is_empty());
        tried += 1;
    }
    assert!(
        silent < tried / 2,
        "nothing is found in {silent} of {tried} texts"
    );
}
