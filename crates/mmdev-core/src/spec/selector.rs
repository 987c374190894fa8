//! Platform selectors: `sel(linux):` keys as micromamba reads them, `# [linux]` comments as CEP 24 and conda-lock do.

use super::{Selector, SelectorStyle};
use crate::subdir::PLATFORMS;

/// The longest selector that is read. It bounds the depth of nested parentheses.
const MAXIMUM_LENGTH: usize = 200;

impl Selector {
    /// Whether the entry is for `platform`, a subdir such as `linux-64`; `None` where the selector is not understood,
    /// which a diagnostic has said: conda and micromamba then take an entry with a comment, and micromamba stops at
    /// a key.
    pub fn applies_to(&self, platform: &str) -> Option<bool> {
        match self.style {
            SelectorStyle::Key => key_applies(&self.text.value, platform),
            SelectorStyle::Comment => comment_applies(&self.text.value, platform),
        }
    }
}

/// micromamba takes exactly these four words, without a space around them (libmamba, `eval_selector`).
fn key_applies(word: &str, platform: &str) -> Option<bool> {
    let is_windows = platform.starts_with("win");
    Some(match word {
        "unix" => !is_windows,
        "linux" => platform.starts_with("linux"),
        "osx" => platform.starts_with("osx"),
        "win" => is_windows,
        _ => return None,
    })
}

/// CEP 24: words of conda-build 25.1 and `osx64`, joined by `and`, `or` and parentheses; `not` and subdirs, which
/// people write too, are understood as well.
fn comment_applies(expression: &str, platform: &str) -> Option<bool> {
    if expression.len() > MAXIMUM_LENGTH {
        return None;
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        platform,
    };
    let value = reader.either()?;
    reader.words.is_empty().then_some(value)
}

struct Reader<'words> {
    words: &'words [&'words str],
    platform: &'words str,
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }

    fn either(&mut self) -> Option<bool> {
        let mut value = self.both()?;
        while self.take("or") {
            value |= self.both()?;
        }
        Some(value)
    }

    fn both(&mut self) -> Option<bool> {
        let mut value = self.one()?;
        while self.take("and") {
            value &= self.one()?;
        }
        Some(value)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("not") {
            return self.one().map(|value| !value);
        }
        if self.take("(") {
            let value = self.either()?;
            return self.take(")").then_some(value);
        }
        let (word, rest) = self.words.split_first()?;
        self.words = rest;
        word_applies(word, self.platform)
    }
}

fn word_applies(word: &str, platform: &str) -> Option<bool> {
    let (system, machine) = platform.split_once('-').unwrap_or((platform, ""));
    Some(match word {
        "unix" => system != "win",
        "linux" | "osx" | "win" | "emscripten" | "wasi" | "freebsd" => system == word,
        "linux32" | "linux64" | "osx64" | "win32" | "win64" => {
            let (word_system, bits) = word.split_at(word.len() - 2);
            system == word_system && machine == bits
        }
        "x86" => matches!(machine, "32" | "64"),
        "x86_64" | "x64" => machine == "64",
        "armv6l" | "armv7l" | "aarch64" | "ppc64le" | "s390x" | "riscv64" => machine == word,
        "arm64" => machine == "arm64",
        _ if PLATFORMS.contains(&word) => platform == word,
        _ => return None,
    })
}

/// The expression of a `# [linux]` comment (given without its `#`) and where it starts in it; `None` for any other
/// comment: `# [see issue 3]` is prose, and so is a bracket behind other words.
pub(super) fn in_comment(comment: &str) -> Option<(usize, &str)> {
    let trimmed = comment.trim_start();
    let rest = trimmed.strip_prefix('[')?;
    let (expression, behind) = rest.split_once(']')?;
    let start = comment.len() - rest.len();
    let is_expression = !expression.trim().is_empty()
        && expression.chars().all(|char| {
            char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '(' | ')' | ' ')
        });
    let mut words = expression
        .split([' ', '(', ')'])
        .filter(|word| !word.is_empty());
    // Two words without `and` or `or` between them are prose.
    let mut last_was_operand = false;
    let is_prose = words.any(|word| {
        let is_operand = !matches!(word, "and" | "or" | "not");
        let two = is_operand && last_was_operand;
        last_was_operand = is_operand;
        two
    });
    (is_expression && !is_prose && !behind.starts_with(['(', ':'])).then_some((start, expression))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Span, Spanned};

    #[track_caller]
    fn check(style: SelectorStyle, text: &str, expected: [Option<bool>; 4]) {
        let selector = Selector {
            text: Spanned::new(text.to_owned(), Span::default()),
            style,
        };
        assert_eq!(
            ["linux-64", "linux-aarch64", "osx-arm64", "win-64"]
                .map(|platform| selector.applies_to(platform)),
            expected,
            "{text}"
        );
    }

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    #[test]
    fn keys_are_micromambas_four_words() {
        check(SelectorStyle::Key, "linux", [YES, YES, NO, NO]);
        check(SelectorStyle::Key, "unix", [YES, YES, YES, NO]);
        check(SelectorStyle::Key, "osx", [NO, NO, YES, NO]);
        check(SelectorStyle::Key, "win", [NO, NO, NO, YES]);
        check(SelectorStyle::Key, "linux64", [None; 4]);
        check(SelectorStyle::Key, " linux", [None; 4]);
        check(SelectorStyle::Key, "", [None; 4]);
    }

    #[test]
    fn comments_are_expressions() {
        check(SelectorStyle::Comment, "linux64", [YES, NO, NO, NO]);
        check(SelectorStyle::Comment, "aarch64", [NO, YES, NO, NO]);
        check(SelectorStyle::Comment, "arm64", [NO, NO, YES, NO]);
        check(SelectorStyle::Comment, "osx-arm64", [NO, NO, YES, NO]);
        check(SelectorStyle::Comment, "osx64", [NO; 4]);
        check(
            SelectorStyle::Comment,
            "unix and not osx",
            [YES, YES, NO, NO],
        );
        check(
            SelectorStyle::Comment,
            "win or (linux and x86_64)",
            [YES, NO, NO, YES],
        );
        check(
            SelectorStyle::Comment,
            "not (win or osx)",
            [YES, YES, NO, NO],
        );
        check(SelectorStyle::Comment, "py37", [None; 4]);
        check(SelectorStyle::Comment, "linux and", [None; 4]);
        check(SelectorStyle::Comment, "linux)", [None; 4]);
        check(SelectorStyle::Comment, &"(".repeat(100_000), [None; 4]);
    }

    #[test]
    fn a_selector_is_told_from_prose() {
        for (comment, expected) in [
            (" [linux]", Some((2, "linux"))),
            ("[win]", Some((1, "win"))),
            (" [unix] needed there", Some((2, "unix"))),
            (" [py37]", Some((2, "py37"))),
            (" see [linux]", None),
            (" [see the docs]", None),
            (" [#12]", None),
            (" [docs](https://example.com)", None),
            (" []", None),
            (" [linux", None),
        ] {
            assert_eq!(in_comment(comment), expected, "{comment}");
        }
    }
}
