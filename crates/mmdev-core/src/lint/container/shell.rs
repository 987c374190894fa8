//! The programs that lifecycle commands call, as far as their text shows.

use super::literal;
use crate::container::lifecycle::Stage;
use crate::syntax::jsonc::{Document, Kind, Value};
use crate::text::Span;

/// One call of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// The property that it stands in.
    pub(crate) property: &'static str,
    /// The program and its arguments, without quotes.
    pub(crate) words: Vec<String>,
    /// Whether a shell function of conda or micromamba may be there: a script that defines it was read before, or the
    /// shell reads the user's files.
    pub(crate) has_functions: bool,
    /// Where it stands.
    pub(crate) span: Span,
}

impl Invocation {
    /// The name of the program, without its folder.
    pub(crate) fn program(&self) -> &str {
        let path = self.words.first().map_or("", String::as_str);
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The first argument that is no option; with `env` also the next one (`env update`).
    pub(crate) fn subcommand(&self) -> Option<String> {
        let is_command = |word: &&String| !word.starts_with('-');
        let mut commands = self.words.iter().skip(1).filter(is_command);
        let first = commands.next()?;
        match (first.as_str(), commands.next()) {
            ("env", Some(second)) => Some(format!("env {second}")),
            _ => Some(first.clone()),
        }
    }
}

/// The calls in all lifecycle commands that run in the container, in the order of their stages.
pub(super) fn invocations(document: &Document<'_>) -> Vec<Invocation> {
    let mut found = Vec::new();
    for stage in Stage::ALL {
        let Some(value) = document.at(&[stage.property()]) else {
            continue;
        };
        let mut reader = Reader {
            text: document.text(),
            property: stage.property(),
            found: &mut found,
        };
        match &value.kind {
            Kind::Object(members) => {
                for member in members {
                    reader.command(&member.value);
                }
            }
            _ => reader.command(value),
        }
    }
    found
}

struct Reader<'a> {
    text: &'a str,
    property: &'static str,
    found: &'a mut Vec<Invocation>,
}

impl Reader<'_> {
    /// A string is for a shell, a list of strings is not.
    fn command(&mut self, value: &Value) {
        match &value.kind {
            Kind::String(script) => self.script(script, value.span, false),
            Kind::Array(items) => {
                let words = items.iter().filter_map(Value::as_str);
                self.call(words.map(str::to_owned).collect(), value.span, false);
            }
            _ => {}
        }
    }

    fn script(&mut self, script: &str, span: Span, has_functions: bool) {
        let mut has_functions = has_functions;
        for call in calls(script) {
            let place = literal(self.text, span, &script[call.span.range()]).unwrap_or(span);
            has_functions |= defines_functions(&call.words);
            self.call(call.words, place, has_functions);
        }
    }

    fn call(&mut self, words: Vec<String>, span: Span, has_functions: bool) {
        let program = words.iter().position(|word| !is_prefix(word));
        let Some(words) = program.map(|at| &words[at..]) else {
            return;
        };
        if let Some((script, reads_files)) = script_of_shell(words) {
            self.script(script, span, has_functions || reads_files);
            return;
        }
        self.found.push(Invocation {
            property: self.property,
            words: words.to_vec(),
            has_functions,
            span,
        });
    }
}

/// Words that stand before a program's name.
fn is_prefix(word: &str) -> bool {
    let is_variable = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let known = [
        "!", "command", "do", "else", "env", "exec", "if", "nohup", "sudo", "then", "time", "while",
    ];
    is_variable || known.contains(&word)
}

/// The script of `bash -lc SCRIPT`, and whether that shell reads files of the user, in which functions are defined.
fn script_of_shell(words: &[String]) -> Option<(&str, bool)> {
    let (program, arguments) = words.split_first()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    if !["sh", "bash", "zsh", "dash"].contains(&name) {
        return None;
    }
    let is_flag = |word: &&String| word.starts_with('-');
    let count = arguments.iter().take_while(is_flag).count();
    let (flags, rest) = arguments.split_at(count);
    let has = |flag: char| {
        let mut short = flags.iter().filter(|word| !word.starts_with("--"));
        short.any(|word| word.contains(flag))
    };
    let is_login = flags.iter().any(|word| word == "--login");
    let script = rest.first().filter(|_| has('c'))?;
    Some((script, has('i') || has('l') || is_login))
}

/// Whether a call reads a script that defines the functions: `. /opt/conda/etc/profile.d/conda.sh`, `eval "$(… hook)"`.
fn defines_functions(words: &[String]) -> bool {
    match words.first().map(String::as_str) {
        Some("." | "source") => true,
        Some("eval") => words.iter().any(|word| word.contains("hook")),
        _ => false,
    }
}

/// The words of one call in a script, and where it stands there.
struct Call {
    words: Vec<String>,
    span: Span,
}

/// The calls of a script, by its quotes and separators alone: what is substituted in quotes is not looked into.
fn calls(script: &str) -> Vec<Call> {
    let mut found = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let (mut start, mut end) = (0, 0);
    let mut chars = script.char_indices();
    while let Some((at, char)) = chars.next() {
        let is_separator = matches!(char, ';' | '&' | '|' | '\n' | '(' | ')' | '{' | '}');
        if quote.is_none() && (is_separator || char.is_whitespace()) {
            words.extend(word.take());
            if is_separator && !words.is_empty() {
                found.push(Call {
                    words: std::mem::take(&mut words),
                    span: Span::new(start, end),
                });
            }
            continue;
        }
        if words.is_empty() && word.is_none() {
            start = at;
        }
        let own = word.get_or_insert_default();
        end = at + char.len_utf8();
        match (char, quote) {
            ('\\', None | Some('"')) => {
                if let Some((at, escaped)) = chars.next() {
                    own.push(escaped);
                    end = at + escaped.len_utf8();
                }
            }
            (char, Some(open)) if char == open => quote = None,
            ('"' | '\'', None) => quote = Some(char),
            (char, _) => own.push(char),
        }
    }
    words.extend(word);
    if !words.is_empty() {
        found.push(Call {
            words,
            span: Span::new(start, end),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::jsonc;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let (document, diagnostics) = jsonc::parse(text);
        assert_eq!(diagnostics, []);
        let shown: String = invocations(&document)
            .iter()
            .map(|call| {
                let functions = if call.has_functions {
                    " +functions"
                } else {
                    ""
                };
                let place = &text[call.span.range()];
                format!(
                    "{}: {:?}{functions} at {place}\n",
                    call.property, call.words
                )
            })
            .collect();
        expected.assert_eq(&shown);
    }

    #[test]
    fn calls_of_all_three_forms() {
        check(
            r#"{
                "initializeCommand": "on the host",
                "postCreateCommand": {"a": "cd x && A=1 sudo 'b c' \"d\"; e", "b": ["f", "g h"], "c": 1},
                "onCreateCommand": "echo 'x; y' >> ~/.bashrc | (tee\tz)",
                "postStartCommand": ["bash", "-c", "a; b"],
                "postAttachCommand": ""
            }"#,
            expect![[r#"
                onCreateCommand: ["echo", "x; y", ">>", "~/.bashrc"] at echo 'x; y' >> ~/.bashrc
                onCreateCommand: ["tee", "z"] at "echo 'x; y' >> ~/.bashrc | (tee\tz)"
                postCreateCommand: ["cd", "x"] at cd x
                postCreateCommand: ["b c", "d"] at "cd x && A=1 sudo 'b c' \"d\"; e"
                postCreateCommand: ["e"] at e
                postCreateCommand: ["f", "g h"] at ["f", "g h"]
                postStartCommand: ["a"] at ["bash", "-c", "a; b"]
                postStartCommand: ["b"] at ["bash", "-c", "a; b"]
            "#]],
        );
    }

    #[test]
    fn functions_come_from_scripts_and_from_the_users_files() {
        check(
            r#"{
                "onCreateCommand": "conda activate x && . /opt/conda.sh && conda activate y",
                "updateContentCommand": "eval \"$(micromamba shell hook -s bash)\"; micromamba activate",
                "postCreateCommand": "bash -lc 'conda activate x'; bash -c 'conda activate y'; bash x.sh",
                "postStartCommand": ["bash", "-i", "-c", "conda activate \"é"]
            }"#,
            expect![[r#"
                onCreateCommand: ["conda", "activate", "x"] at conda activate x
                onCreateCommand: [".", "/opt/conda.sh"] +functions at . /opt/conda.sh
                onCreateCommand: ["conda", "activate", "y"] +functions at conda activate y
                updateContentCommand: ["eval", "$(micromamba shell hook -s bash)"] +functions at "eval \"$(micromamba shell hook -s bash)\"; micromamba activate"
                updateContentCommand: ["micromamba", "activate"] +functions at micromamba activate
                postCreateCommand: ["conda", "activate", "x"] +functions at conda activate x
                postCreateCommand: ["conda", "activate", "y"] at conda activate y
                postCreateCommand: ["bash", "x.sh"] at bash x.sh
                postStartCommand: ["conda", "activate", "é"] +functions at ["bash", "-i", "-c", "conda activate \"é"]
            "#]],
        );
    }
}
