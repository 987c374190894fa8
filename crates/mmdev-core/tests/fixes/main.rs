//! Edits of real specs and of mutated ones: fixes end, and keep what a person wrote and meant; what is added can be
//! removed. The real ones are in the corpus.

mod amending;
#[path = "../support/corpus.rs"]
mod corpus;
mod invariants;

use std::collections::BTreeMap;

use amending::Outcome;
use corpus::own_name;
use invariants::{Look, count, missing};
use mmdev_core::amend::Section;
use mmdev_core::diagnostic::{Applicability, Severity};
use mmdev_core::lint;
use mmdev_core::text::{Edit, Span, apply};
use proptest::prelude::*;

/// The errors of a spec after its fixes that it did not have before.
fn new_errors(path: &str, before: &str, after: &str) -> Vec<String> {
    let errors = |look: &Look| {
        let errors = look.diagnostics.iter();
        let errors = errors.filter(|found| found.severity == Severity::Error);
        count(errors.map(|found| format!("{}: {}", found.code, found.message)))
    };
    missing(
        &errors(&Look::at(path, after)),
        &errors(&Look::at(path, before)),
    )
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn real_specs_keep_what_they_say() {
    let mut broken = Vec::new();
    for (name, text) in corpus::specs() {
        for least in [Applicability::Safe, Applicability::Unsafe] {
            match invariants::fixed(own_name(&name), &text, least) {
                Ok(fixed) => {
                    let new = new_errors(own_name(&name), &text, &fixed.text);
                    if !new.is_empty() {
                        broken.push(format!(
                            "{name}: {:?} bring new errors: {new:#?}",
                            fixed.applied
                        ));
                    }
                }
                Err(report) => broken.push(format!("{name}: {report}")),
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn what_is_added_to_real_specs_can_be_removed() {
    let specs = corpus::specs();
    let mut broken = Vec::new();
    let mut outcomes = BTreeMap::new();
    for (index, (name, text)) in specs.iter().enumerate() {
        let path = own_name(name);
        // As they are, and with the line ends of Windows or without the last one.
        let other = match index % 2 {
            0 => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            _ => text.trim_end().to_owned(),
        };
        let cases = [
            (text, Section::Conda),
            (text, Section::Pip),
            (&other, [Section::Conda, Section::Pip][index / 2 % 2]),
        ];
        for (text, section) in cases {
            match amending::there_and_back(path, text, section) {
                Ok(outcome) => *outcomes.entry((section, outcome)).or_insert(0) += 1,
                Err(report) => broken.push(report),
            }
        }
        broken.extend(amending::some_removed(path, text).err());
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let by_hand = |section| outcomes.get(&(section, Outcome::ByHand)).copied();
    assert_eq!(by_hand(Section::Conda), None);
    assert_eq!(by_hand(Section::Pip), None);
}

/// The examples of all rules that are specs, or the part of one that matters.
fn examples() -> Vec<&'static str> {
    let blocks = lint::rules().filter_map(|rule| {
        let (_, block) = rule.documentation.split_once("```yaml\n")?;
        block.split("```").next()
    });
    blocks.collect()
}

/// An example of a rule, with lines of others between its own, pieces cut out and put in, and other line ends.
fn any_spec() -> impl Strategy<Value = String> {
    let example = || prop::sample::select(examples());
    let lines = prop::collection::vec((example(), any::<prop::sample::Index>()), 0..6);
    let piece = "[-:#\\[\\]{},&*!|>'\"% \t\na-c<=~;0-9]{0,3}";
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, piece), 0..4);
    (example(), lines, edits, any::<bool>()).prop_map(|(text, lines, edits, crlf)| {
        let mut all: Vec<&str> = text.lines().collect();
        for (other, at) in lines {
            let line = other.lines().nth(at.index(other.lines().count()));
            all.insert(at.index(all.len() + 1), line.unwrap_or_default());
        }
        let mut text = all.join("\n") + "\n";
        for (at, length, piece) in edits {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text = apply(&text, &[Edit::replace(Span::new(start, end), piece)]);
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_specs_keep_what_they_say(text in any_spec(), safe in any::<bool>()) {
        let least = if safe { Applicability::Safe } else { Applicability::Unsafe };
        let fixed = invariants::fixed("env.yaml", &text, least);
        prop_assert!(fixed.is_ok(), "{}", fixed.err().unwrap_or_default());
    }

    #[test]
    fn what_is_added_to_mutated_specs_can_be_removed(text in any_spec(), is_pip in any::<bool>()) {
        let section = if is_pip { Section::Pip } else { Section::Conda };
        let outcome = amending::there_and_back("env.yaml", &text, section);
        prop_assert!(outcome.is_ok(), "{}", outcome.err().unwrap_or_default());
        let removed = amending::some_removed("env.yaml", &text);
        prop_assert!(removed.is_ok(), "{}", removed.err().unwrap_or_default());
    }
}
