//! Which rules are to speak.

use super::{Rule, rule, rules};
use crate::diagnostic::Code;
use crate::settings::Settings;

/// Findings that nobody can choose not to see: what they are about was not read, or is left out of the container.
const VITAL: [&str; 8] = [
    "MM001", "MM006", "MM601", "MM609", "MM611", "MM612", "MM613", "MM614",
];

/// Which rules are to speak. Of two words that name a rule the longer one decides, as in ruff: `--select MM2 --ignore
/// MM201` is all of MM2 but one. The default is every rule that is on by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
}

/// A word that names no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// The word.
    pub word: String,
    /// The code that it was probably meant to be.
    pub nearest: Option<&'static str>,
}

impl Selection {
    /// Selects by words: a code (`MM201`), the beginning of one (`MM2`), a rule's name (`unknown-key`), or `ALL`. With
    /// nothing to `select` the rules that are on by default are selected.
    ///
    /// # Errors
    /// The first word that names no rule.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, UnknownRule> {
        Ok(Selection {
            select: select
                .iter()
                .map(|word| prefix(word))
                .collect::<Result<_, _>>()?,
            ignore: ignore
                .iter()
                .map(|word| prefix(word))
                .collect::<Result<_, _>>()?,
        })
    }

    /// What `check.select` and `check.ignore` choose. Of a word that names no rule [`container`](super::container)
    /// says so, with its place; here it chooses nothing.
    pub fn of(settings: &Settings) -> Self {
        let known = |words: &Option<Vec<String>>| {
            let words = words.iter().flatten();
            words.filter_map(|word| prefix(word).ok()).collect()
        };
        Selection {
            select: known(&settings.check_select),
            ignore: known(&settings.check_ignore),
        }
    }

    /// This selection, and what `fallback` selects or ignores where this one says nothing: as settings are joined.
    #[must_use]
    pub fn or(mut self, fallback: &Selection) -> Self {
        for (words, others) in [
            (&mut self.select, &fallback.select),
            (&mut self.ignore, &fallback.ignore),
        ] {
            if words.is_empty() {
                words.clone_from(others);
            }
        }
        self
    }

    /// Whether the rule of that code is to speak.
    pub fn takes(&self, code: Code) -> bool {
        self.takes_where(code, || rule(code.0).is_none_or(|rule| rule.is_default))
    }

    /// The same for a rule that need not be looked for.
    pub(super) fn takes_rule(&self, rule: &Rule) -> bool {
        self.takes_where(rule.code, || rule.is_default)
    }

    fn takes_where(&self, code: Code, is_default: impl Fn() -> bool) -> bool {
        if is_vital(code) {
            return true;
        }
        let longest = |words: &[String]| {
            let fitting = words
                .iter()
                .filter(|word| code.0.starts_with(word.as_str()));
            fitting.map(String::len).max()
        };
        let selected = match self.select.is_empty() {
            true => is_default().then_some(0),
            false => longest(&self.select),
        };
        match (selected, longest(&self.ignore)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(selected), Some(ignored)) => selected > ignored,
        }
    }
}

/// Whether a finding of that code cannot be left unsaid.
pub(super) fn is_vital(code: Code) -> bool {
    VITAL.contains(&code.0)
}

/// The beginning of the codes that a word names.
fn prefix(word: &str) -> Result<String, UnknownRule> {
    let word = word.trim();
    let upper = word.to_ascii_uppercase();
    if upper == "ALL" {
        return Ok(String::new());
    }
    if upper.len() > 2 && rules().any(|rule| rule.code.0.starts_with(&upper)) {
        return Ok(upper);
    }
    if let Some(named) = rules().find(|rule| rule.name.eq_ignore_ascii_case(word)) {
        return Ok(named.code.0.to_owned());
    }
    Err(UnknownRule {
        word: word.to_owned(),
        nearest: nearest(word),
    })
}

/// The code of the rule that a misspelt code or name was probably meant to be.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let digits = word.strip_prefix("mm").unwrap_or_default();
    if digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // Of numbers none is nearer than another.
        return None;
    }
    rules()
        .flat_map(|rule| [(rule.code.0, 1, rule.code.0), (rule.name, 2, rule.code.0)])
        .filter_map(|(text, most, code)| {
            let distance = strsim::damerau_levenshtein(&text.to_lowercase(), &word);
            (distance <= most).then_some((distance, code))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn takes(select: &[&str], ignore: &[&str], code: &'static str) -> bool {
        let words = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        Selection::new(&words(select), &words(ignore))
            .unwrap()
            .takes(Code(code))
    }

    #[test]
    fn the_longer_word_decides() {
        assert!(takes(&[], &[], "MM201"));
        assert!(!takes(&[], &["MM2"], "MM201"));
        assert!(!takes(&["MM1"], &[], "MM201"));
        assert!(takes(&["MM201"], &["MM2"], "MM201"));
        assert!(!takes(&["MM2"], &["MM201"], "MM201"));
        assert!(!takes(&["MM2"], &["mm2"], "MM201"), "ignored as well");
        assert!(takes(&["ALL"], &[], "MM201"));
        assert!(!takes(&["ALL"], &["unknown-key"], "MM101"));
    }

    #[test]
    fn each_list_goes_before_the_one_below() {
        let selection = |select: &[&str], ignore: &[&str]| {
            let words = |words: &[&str]| -> Vec<String> {
                words.iter().map(|word| (*word).to_owned()).collect()
            };
            Selection::new(&words(select), &words(ignore)).unwrap()
        };
        let below = selection(&["MM1"], &["MM101"]);
        assert_eq!(selection(&[], &[]).or(&below), below);
        assert_eq!(
            selection(&["MM2"], &[]).or(&below),
            selection(&["MM2"], &["MM101"])
        );
    }

    #[test]
    fn what_was_not_read_is_always_said() {
        assert!(takes(&["MM2"], &["ALL"], "MM001"));
    }

    #[test]
    fn a_word_that_names_no_rule_is_refused() {
        let refused = |word: &str| Selection::new(&[word.to_owned()], &[]).unwrap_err().nearest;
        assert_eq!(refused("unknow-key"), Some("MM101"));
        assert_eq!(refused("MM2O1"), Some("MM201"));
        assert_eq!(refused("MM299"), None, "of numbers none is nearer");
        assert_eq!(refused("E501"), None);
        assert_eq!(refused(""), None);
        assert_eq!(refused("MM"), None);
    }
}
