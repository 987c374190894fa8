//! A .dockerignore file: which paths of a folder belong to the build context.
//!
//! The language is Docker's (https://docs.docker.com/build/concepts/context/#dockerignore-files): one pattern a line,
//! `*`, `?`, `[a-z]` within one part of a path, `**` across parts, `!` takes paths in again, the last match counts, and
//! what is below a match is matched too.

/// The patterns of one .dockerignore.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IgnoreFile {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    takes_in: bool,
    pattern: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Exactly(char),
    /// `?`
    One,
    /// `*`
    Part,
    /// `**` at the end, or before something other than a slash.
    Anything,
    /// `**/`
    Folders,
    /// `[a-z]`, or `[^a-z]`.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl IgnoreFile {
    /// Reads the file. A pattern that Docker would refuse (an open bracket) matches only itself.
    pub fn parse(text: &str) -> IgnoreFile {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let rules = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| rule(line.trim()))
            .collect();
        IgnoreFile { rules }
    }

    /// Whether a path (relative to the context, with slashes) stays out of the context.
    pub fn ignores(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        // A path is matched when it matches, or a folder above it does.
        let ends: Vec<usize> = path
            .iter()
            .enumerate()
            .filter(|(_, character)| **character == '/')
            .map(|(index, _)| index)
            .chain([path.len()])
            .collect();
        self.rules.iter().fold(false, |ignored, rule| {
            let matched = || {
                let reached = reached(&rule.pattern, &path);
                ends.iter().any(|&end| reached[end])
            };
            // A rule that changes nothing need not be tried.
            if rule.takes_in == ignored && matched() {
                !rule.takes_in
            } else {
                ignored
            }
        })
    }

    /// Whether a folder and everything below it stays out, so that nobody need look into it.
    pub fn ignores_whole_folder(&self, path: &str) -> bool {
        self.ignores(path) && !self.rules.iter().any(|rule| rule.takes_in)
    }
}

fn rule(line: &str) -> Option<Rule> {
    let (takes_in, pattern) = match line.strip_prefix('!') {
        Some(pattern) => (true, pattern.trim()),
        None => (false, line),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let pattern = tokens(&parts.join("/"));
    (!pattern.is_empty()).then_some(Rule { takes_in, pattern })
}

fn tokens(pattern: &str) -> Vec<Token> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::new();
    let mut index = 0;
    while index < characters.len() {
        let (token, length) = match characters[index..] {
            ['*', '*', '/', ..] => (Token::Folders, 3),
            ['*', '*', ..] => (Token::Anything, 2),
            ['*', ..] => (Token::Part, 1),
            ['?', ..] => (Token::One, 1),
            ['\\', escaped, ..] => (Token::Exactly(escaped), 2),
            ['[', ..] => class(&characters[index..]).unwrap_or((Token::Exactly('['), 1)),
            [character, ..] => (Token::Exactly(character), 1),
            [] => break,
        };
        tokens.push(token);
        index += length;
    }
    tokens
}

/// `[^a-z]` at the start of `characters`, and its length.
fn class(characters: &[char]) -> Option<(Token, usize)> {
    let negated = characters.get(1) == Some(&'^');
    let mut index = 1 + usize::from(negated);
    let mut ranges = Vec::new();
    let next = |index: &mut usize| -> Option<char> {
        if characters.get(*index) == Some(&'\\') {
            *index += 1;
        }
        let character = *characters.get(*index)?;
        *index += 1;
        Some(character)
    };
    while ranges.is_empty() || characters.get(index)? != &']' {
        let low = next(&mut index)?;
        let high = if characters.get(index) == Some(&'-') {
            index += 1;
            next(&mut index)?
        } else {
            low
        };
        ranges.push((low, high));
    }
    Some((Token::Class { negated, ranges }, index + 1))
}

/// The places of the path at which the whole pattern can end. All of them go along together, so that no pattern is slow.
fn reached(pattern: &[Token], path: &[char]) -> Vec<bool> {
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for token in pattern {
        let mut next = vec![false; path.len() + 1];
        match token {
            Token::Part | Token::Anything => {
                for place in 0..=path.len() {
                    let goes_on = place > 0
                        && next[place - 1]
                        && (*token == Token::Anything || path[place - 1] != '/');
                    next[place] = reached[place] || goes_on;
                }
            }
            Token::Folders => {
                let mut began = false;
                for place in 0..=path.len() {
                    let after_slash = place > 0 && path[place - 1] == '/';
                    next[place] = reached[place] || (began && after_slash);
                    began |= reached[place];
                }
            }
            one => {
                for place in 1..=path.len() {
                    next[place] = reached[place - 1] && fits(one, path[place - 1]);
                }
            }
        }
        reached = next;
    }
    reached
}

fn fits(token: &Token, character: char) -> bool {
    match token {
        Token::Exactly(exactly) => *exactly == character,
        Token::One => character != '/',
        Token::Class { negated, ranges } => {
            let inside = ranges
                .iter()
                .any(|(low, high)| (*low..=*high).contains(&character));
            character != '/' && inside != *negated
        }
        Token::Part | Token::Anything | Token::Folders => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(file: &str, paths: &[&str], expected: Expect) {
        let file = IgnoreFile::parse(file);
        let kept: Vec<&str> = paths
            .iter()
            .copied()
            .filter(|path| !file.ignores(path))
            .collect();
        expected.assert_eq(&kept.join(" "));
    }

    #[test]
    fn patterns_match_as_in_docker() {
        let paths = &["a", "a/b", "x/a", "b.md", "x/b.md", "é.txt", "ab", "x/y/z"];
        check("a", paths, expect!["x/a b.md x/b.md é.txt ab x/y/z"]);
        check("/a/", paths, expect!["x/a b.md x/b.md é.txt ab x/y/z"]);
        check("*.md", paths, expect!["a a/b x/a x/b.md é.txt ab x/y/z"]);
        check("**/*.md", paths, expect!["a a/b x/a é.txt ab x/y/z"]);
        check("**/a", paths, expect!["b.md x/b.md é.txt ab x/y/z"]);
        check("*/a", paths, expect!["a a/b b.md x/b.md é.txt ab x/y/z"]);
        check("?.txt\n[a-b]", paths, expect!["x/a b.md x/b.md ab x/y/z"]);
        check("[^a]*", paths, expect!["a a/b ab"]);
        check("x/**", paths, expect!["a a/b b.md é.txt ab"]);
        check("**", paths, expect![""]);
        check("*\n!x/y\n!*.md", paths, expect!["b.md x/y/z"]);
        check("!a\na", paths, expect!["x/a b.md x/b.md é.txt ab x/y/z"]);
        check(
            "# a\n\n  ab  \n./x/../a/./b",
            paths,
            expect!["a x/a b.md x/b.md é.txt x/y/z"],
        );
        check(
            "[\n\\a\n!",
            paths,
            expect!["x/a b.md x/b.md é.txt ab x/y/z"],
        );
    }

    #[test]
    fn hostile_patterns_are_not_slow() {
        let file = IgnoreFile::parse(&"**/a*".repeat(200));
        assert!(!file.ignores(&"b/".repeat(1000)));
        assert!(file.ignores(&"a/".repeat(1000)));
    }

    #[test]
    fn a_folder_is_left_out_whole_unless_something_is_taken_in_again() {
        assert!(IgnoreFile::parse("data").ignores_whole_folder("data"));
        assert!(!IgnoreFile::parse("data\n!data/x").ignores_whole_folder("data"));
        assert!(!IgnoreFile::default().ignores_whole_folder("data"));
    }
}
