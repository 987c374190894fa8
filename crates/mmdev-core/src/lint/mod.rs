//! The rules: one code, one documentation, one place; and how findings are chosen, silenced and mended.
//!
//! [`spec`] says everything that is wrong with one spec: what the readers found, and what each rule's own check finds.
//! The command line and the editors show what it returns. `mmdev explain` and docs/rules come out of the same rules.

pub mod channels;
mod container;
mod context;
mod entries;
mod fix;
mod known;
mod locked;
mod range;
mod rules;
mod select;
mod suppress;
#[cfg(test)]
pub(crate) mod testing;

pub use container::{ContainerFile, container, unsilenced};
pub use context::{Date, SpecFile, Surroundings, paths_of};
pub use fix::{Fixed, compatible, fix, fix_all};
pub use locked::{Locked, SpecLock};
pub use select::{Selection, UnknownRule};
pub use suppress::Suppressions;

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::index::PackageIndex;
use crate::lock;
use crate::project;
use crate::spec::{SpecKind, codes};
use crate::syntax::yaml;
use crate::text::shortened;
use container::ContainerContext;
use context::Context;

/// What one code stands for.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The code, which never changes its meaning.
    pub code: Code,
    /// The name in kebab-case (`unknown-key`).
    pub name: &'static str,
    /// The worst that it reports. One finding may be milder where less depends on it.
    pub severity: Severity,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Whether it speaks where nobody selects rules.
    pub is_default: bool,
    /// The surest fix that it has. One finding may have none.
    pub fix: Option<Applicability>,
    /// Who finds it.
    pub(crate) check: Check,
    /// Markdown below a title: what it finds, why (which tool does what), an example, how to mend it.
    pub documentation: &'static str,
}

/// Who finds what a rule is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// The readers (`syntax`, `match_spec`, `spec`, `settings`, `project`) find it while they read: without it they
    /// could not say what they understood.
    Reading,
    /// One look at the index, which serves all rules of its group ([`channels::check`]).
    Index,
    /// The comments that silence rules, once all others have spoken ([`Suppressions`]).
    Suppression,
    /// This, in one spec that was read.
    Spec(fn(&Context<'_>) -> Vec<Diagnostic>),
    /// This, in one file that says what the container is.
    Container(fn(&ContainerContext<'_>) -> Vec<Diagnostic>),
}

/// Rules of one kind.
#[derive(Debug)]
pub struct Group {
    /// The first digit of their codes.
    pub digit: char,
    /// What they are about.
    pub title: &'static str,
    /// The rules, by code.
    pub rules: &'static [&'static Rule],
}

impl Rule {
    /// Where its documentation stands for people.
    pub fn url(&self) -> String {
        url(self.code)
    }
}

/// Where the documentation of a code stands for people.
pub fn url(code: Code) -> String {
    format!(
        concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules/{}.md"),
        code
    )
}

/// Every group of rules, by the digit of its codes.
pub fn groups() -> &'static [Group] {
    rules::GROUPS
}

/// Every rule, by code.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    groups().iter().flat_map(|group| group.rules).copied()
}

/// The rule of a code such as `MM101`, in any case of letters.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.code.0.eq_ignore_ascii_case(code))
}

/// What is wrong with one spec, in the order of its text, without what comments silence and nobody selected. With an
/// index also what its channels do not have. Nothing where the file is no spec.
pub fn spec(
    file: &SpecFile<'_>,
    around: &Surroundings,
    index: Option<&dyn PackageIndex>,
) -> Vec<Diagnostic> {
    if file.read.kind != SpecKind::Spec {
        return Vec::new();
    }
    let context = Context {
        file: *file,
        around,
        index,
    };
    let mut found = file.read.diagnostics.clone();
    for rule in rules() {
        if let Check::Spec(check) = rule.check
            && around.selection.takes_rule(rule)
        {
            found.extend(check(&context));
        }
    }
    // One look at the index serves all of its rules.
    found.extend(channels::check(&context));
    let read = &file.read.diagnostics;
    let has_found = |code| read.iter().any(|finding| finding.code == code);
    if has_found(yaml::codes::CONFLICT_MARKER) || file.text.contains("{%") {
        // Only one of several parts will be left, and which is not known: what is there twice is there once.
        for finding in &mut found {
            finding.fix = None;
        }
    } else if has_found(codes::ENTRY_GOES_ON) {
        // Lines that belong to the entry above them are not to be edited as entries of their own before they are.
        for finding in &mut found[read.len()..] {
            finding.fix = None;
        }
    }
    let suppressions = Suppressions::in_spec(file.text, file.tree);
    // What is about the container or a lock is found by those who see all of a project.
    let spoke = |rule: &Rule| match rule.check {
        Check::Index => channels::can_speak(rule.code, &context),
        Check::Reading => !["MM6", "MM8"]
            .iter()
            .any(|group| rule.code.0.starts_with(group)),
        Check::Container(_) => false,
        Check::Spec(_) if rule.code.0.starts_with("MM8") => around.lock.there().is_some(),
        Check::Suppression | Check::Spec(_) => true,
    };
    in_order(suppressions.keep(found, &around.selection, spoke))
}

/// What is wrong with a lock itself, in the order of its text, without what comments silence and nobody selected.
pub fn lock(text: &str, selection: &Selection) -> Vec<Diagnostic> {
    let found = lock::read(text).diagnostics;
    // A lock is long, and its first line speaks of mmdev.
    let suppressions = match text.contains("ignore[") {
        true => Suppressions::in_spec(text, &yaml::parse(text)),
        false => Suppressions::default(),
    };
    let spoke =
        |rule: &Rule| matches!(rule.check, Check::Reading) && rule.code.0.starts_with("MM8");
    in_order(suppressions.keep(found, selection, spoke))
}

/// Findings in the order of their text, each once, in words that may be shown: without secrets, and not too long.
fn in_order(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    for Diagnostic {
        message, hint, fix, ..
    } in &mut found
    {
        let title = fix.as_mut().map(|fix| &mut fix.title);
        for words in [Some(message), hint.as_mut(), title].into_iter().flatten() {
            project::hide_secrets(words);
            shortened(words);
        }
    }
    found.sort_by(|left, right| {
        (left.span, left.code, &left.message).cmp(&(right.span, right.code, &right.message))
    });
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_documented_alike() {
        let all: Vec<&Rule> = rules().collect();
        assert!(
            all.windows(2).all(|pair| pair[0].code < pair[1].code),
            "rules stand in the order of their codes, each once"
        );
        for group in groups() {
            for rule in group.rules {
                let Rule { code, name, .. } = rule;
                assert!(
                    code.0.len() == 5
                        && code.0.starts_with("MM")
                        && code.0.chars().nth(2) == Some(group.digit),
                    "{code} is MM and three digits, of which the first is its group's"
                );
                assert!(
                    !name.is_empty()
                        && name
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                    "{code}'s name {name} is in kebab-case"
                );
                assert!(
                    !rule.summary.contains('\n') && rule.summary.ends_with('.'),
                    "{code}'s summary is one sentence"
                );
                for section in [
                    "## What it finds",
                    "## Why",
                    "## Example",
                    "## How to mend it",
                ] {
                    assert!(
                        rule.documentation.contains(section),
                        "{code}'s documentation lacks {section}"
                    );
                }
            }
        }
    }

    #[test]
    fn examples_of_the_container_are_found_by_their_rules() {
        for rule in rules().filter(|rule| matches!(rule.check, Check::Container(_))) {
            let (_, example) = rule.documentation.split_once("## Example").unwrap();
            let (_, block) = example.split_once("```json\n").unwrap();
            let example = block.split("```").next().unwrap();
            let file = ContainerFile::Devcontainer(example);
            let found = container(file, Vec::new(), &testing::everything().selection);
            assert!(
                found.iter().any(|diagnostic| diagnostic.code == rule.code),
                "{} is not found in its own example:\n{example}\n{found:#?}",
                rule.code
            );
        }
    }

    /// The first example of a rule's page is one: a YAML block is a spec, or the part of one that matters. It is judged
    /// before channels that have little.
    #[test]
    fn examples_are_found_by_their_rules_with_their_fixes() {
        let index = testing::Files::new(
            &["linux-64", "linux-aarch64"],
            "
            numpy 2.3.4 0 0 conda-forge noarch
            numpy 1.26.4 0 0 conda-forge noarch
            python 3.14.0 0 0 conda-forge noarch
            pytorch 2.8.0 0 0 conda-forge noarch
            mkl 2025.2.0 0 0 conda-forge linux-64
            pandas 2.3.0 0 0 conda-forge noarch
            removed pandas 2.2.9 0 0 conda-forge noarch
            ",
        );
        let around = Surroundings {
            conda_names: testing::conda_names(&[("torch", "pytorch")]),
            ..testing::of_examples()
        };
        let mut problems = Vec::new();
        for rule in rules() {
            let Some(example) = testing::example(rule) else {
                continue;
            };
            let index = matches!(rule.check, Check::Index).then_some(&index as &dyn PackageIndex);
            let found = testing::found_before(example, &around, index);
            let own: Vec<&Diagnostic> = found
                .iter()
                .filter(|diagnostic| diagnostic.code == rule.code)
                .collect();
            // What only a whole project or a lock shows has its tests there.
            let is_elsewhere = matches!(rule.check, Check::Reading) && rule.code.0 > "MM6";
            if own.is_empty() && (is_elsewhere || rule.code.0 > "MM8") {
                continue;
            }
            if own.is_empty() {
                problems.push(format!("{} is not found in its own example", rule.code));
                continue;
            }
            let fixes = own.iter().filter_map(|diagnostic| diagnostic.fix.as_ref());
            let surest = fixes.map(|fix| fix.applicability).max();
            if surest.is_some() && surest != rule.fix {
                problems.push(format!("{} {surest:?}", rule.code));
            }
        }
        assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    }

    /// What the page of a rule says of its fix is true of the page's example.
    #[test]
    fn pages_promise_what_fixes_do() {
        for rule in rules() {
            let (_, advice) = rule.documentation.split_once("## How to mend it").unwrap();
            if !advice.to_lowercase().contains("the fix") {
                continue;
            }
            assert!(rule.fix.is_some(), "{} promises a fix", rule.code);
            let Some(example) = testing::example(rule) else {
                continue;
            };
            let around = testing::of_examples();
            let fixed = fix("env.yaml", example, &around, None, Applicability::Unsafe);
            assert!(
                fixed.applied.contains(&rule.code) || matches!(rule.check, Check::Index),
                "{} mends nothing in its example",
                rule.code
            );
        }
    }

    #[test]
    fn messages_have_no_secret_and_an_end() {
        let long = "x".repeat(100_000);
        let text = format!(
            "channels: ['http://me:pw@host/c', 'https://host/t/tk-1/c']\ndependencies: ['{long}>', {long}]\n"
        );
        let found = testing::found(&text, &testing::everything());
        let codes: Vec<&str> = found.iter().map(|found| found.code.0).collect();
        assert_eq!(codes, ["MM305", "MM613", "MM613", "MM220", "MM220"]);
        for Diagnostic { message, .. } in found {
            let is_open = message.contains("pw") || message.contains("tk-1");
            assert!(!is_open && message.len() < 1000, "{message}");
        }
    }

    #[test]
    fn a_rule_is_found_in_any_case() {
        assert_eq!(rule("mm001").map(|rule| rule.name), Some("yaml-syntax"));
        assert!(rule("MM999").is_none());
    }
}
