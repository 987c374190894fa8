//! Diagnostics for a person: the line, a caret under the text, what to do, and the repair.

use annotate_snippets::{
    AnnotationKind, Group, Level, Patch, Renderer, Snippet, normalize_untrusted_str,
};
use mmdev_core::diagnostic::{Applicability, Diagnostic, Fix, Severity};
use mmdev_core::lint;
use mmdev_core::project::{Problem, masked};
use mmdev_core::text::{Edit, LineIndex, Span};

use crate::json::{DiagnosticMessage, Message, severity};
use crate::printer::{Printer, visible};

/// A file and what was found in it.
#[derive(Debug)]
pub(crate) struct Findings {
    /// Its name as the user knows it.
    pub(crate) file: String,
    /// Its text, which the spans index.
    pub(crate) text: String,
    /// What was found.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Findings {
    /// How many findings are of that severity.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// What was found, in the order of the text.
    pub(crate) fn sorted(&self) -> Vec<&Diagnostic> {
        let mut diagnostics: Vec<&Diagnostic> = self.diagnostics.iter().collect();
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
        diagnostics
    }
}

/// Where a person reads the findings; a program reads them on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// They are what was asked for.
    Stdout,
    /// They are said besides.
    Stderr,
}

/// Says what was found in one file, in the order of its text.
pub(crate) fn print(printer: &Printer, findings: &Findings, stream: Stream) {
    if printer.is_json() {
        let lines = LineIndex::new(&findings.text);
        for diagnostic in findings.sorted() {
            printer.message(&DiagnosticMessage::new(&findings.file, &lines, diagnostic));
        }
        return;
    }
    // What is quoted may end in the log of a CI.
    let text = masked(&findings.text);
    let reports = findings
        .sorted()
        .into_iter()
        .map(|diagnostic| report(&findings.file, &text, diagnostic));
    say(printer, reports, stream);
}

/// Says what is wrong without a place in a file.
pub(crate) fn print_problem(printer: &Printer, problem: &Problem, stream: Stream) {
    printer.message(&Message::Problem {
        code: problem.code.0,
        severity: severity(problem.severity),
        message: &problem.message,
        hint: problem.hint.as_deref(),
    });
    if printer.is_json() {
        return;
    }
    let mut group = Group::with_title(
        level(problem.severity)
            .primary_title(visible(&problem.message))
            .id(problem.code.0)
            .id_url(lint::url(problem.code)),
    );
    if let Some(hint) = &problem.hint {
        group = group.element(hint_element(hint));
    }
    say(
        printer,
        std::iter::once(Renderer::styled().render(&[group])),
        stream,
    );
}

/// Writes reports in one go: a thousand files have many.
fn say(printer: &Printer, reports: impl Iterator<Item = String>, stream: Stream) {
    let text: String = reports.map(|report| report + "\n\n").collect();
    if text.is_empty() {
        return;
    }
    match stream {
        Stream::Stdout => printer.result(&text),
        Stream::Stderr => printer.report(text.strip_suffix('\n').unwrap_or(&text)),
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO.with_name("information"),
    }
}

fn hint_element(hint: &str) -> annotate_snippets::Message<'static> {
    Level::HELP
        .with_name("hint")
        .message(normalize_untrusted_str(&visible(hint)))
}

/// One finding with the lines that it is about.
fn report(file: &str, text: &str, diagnostic: &Diagnostic) -> String {
    let file = visible(file);
    let window = Window::around(text, diagnostic.span);
    let snippet = Snippet::source(window.text)
        .line_start(window.line)
        .path(file.as_str())
        .annotation(AnnotationKind::Primary.span(window.shift(diagnostic.span)));
    let mut group = level(diagnostic.severity)
        .primary_title(visible(&diagnostic.message))
        .id(diagnostic.code.0)
        .id_url(lint::url(diagnostic.code))
        .element(snippet);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(hint_element(hint));
    }
    let mut groups = vec![group];
    if let Some(fix) = &diagnostic.fix {
        groups.push(repair(text, fix));
    }
    Renderer::styled().render(&groups)
}

/// The lines as a fix would leave them.
fn repair<'a>(text: &'a str, fix: &'a Fix) -> Group<'a> {
    let name = match fix.applicability {
        Applicability::Safe => "fix",
        Applicability::Unsafe => "unsafe fix",
    };
    let title = Level::HELP
        .with_name(name)
        .secondary_title(normalize_untrusted_str(&visible(&fix.title)));
    let Some(span) = fix.edits.iter().map(|edit| edit.span).reduce(Span::cover) else {
        return Group::with_title(title);
    };
    let window = Window::around(text, span);
    let patches = fix
        .edits
        .iter()
        .map(|Edit { span, text }| Patch::new(window.shift(*span), visible(text)));
    title.element(
        Snippet::source(window.text)
            .line_start(window.line)
            .patches(patches),
    )
}

/// The whole lines around a span: a report costs the same in a file of ten lines and of ten thousand.
struct Window<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    fn around(text: &'a str, span: Span) -> Self {
        let first = text.floor_char_boundary(span.start);
        let last = text.ceil_char_boundary(span.end);
        let mut start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
        if start == 0 && text.starts_with('\u{feff}') && first >= '\u{feff}'.len_utf8() {
            start = '\u{feff}'.len_utf8();
        }
        let end = text[last..]
            .find('\n')
            .map_or(text.len(), |newline| last + newline);
        let lines = &text[start..end];
        Window {
            text: lines.strip_suffix('\r').unwrap_or(lines),
            start,
            line: 1 + text[..start].bytes().filter(|&byte| byte == b'\n').count(),
        }
    }

    fn shift(&self, span: Span) -> std::ops::Range<usize> {
        let place = |offset: usize| {
            self.text
                .floor_char_boundary(offset.saturating_sub(self.start))
        };
        place(span.start)..place(span.end).max(place(span.start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use mmdev_core::diagnostic::Code;

    fn check(text: &str, needle: &str, edit: Option<&str>, expected: Expect) {
        let start = text.find(needle).unwrap();
        let span = Span::new(start, start + needle.len());
        let mut diagnostic = Diagnostic::error(Code("MM101"), span, "`numpy=>1` is malformed")
            .with_hint("write `>=`");
        if let Some(edit) = edit {
            diagnostic = diagnostic.with_fix(
                "Replace `=>` by `>=`",
                vec![Edit::replace(span, edit)],
                Applicability::Safe,
            );
        }
        let styled = report("env.yaml", text, &diagnostic);
        expected.assert_eq(&format!("{}\n", anstream::adapter::strip_str(&styled)));
    }

    #[test]
    fn a_caret_a_hint_and_a_fix() {
        check(
            "name: x\ndependencies:\n  - numpy=>1  # é\n  - b\n",
            "=>",
            Some(">="),
            expect![[r#"
                error[MM101]: `numpy=>1` is malformed
                 --> env.yaml:3:10
                  |
                3 |   - numpy=>1  # é
                  |          ^^
                  |
                  = hint: write `>=`
                fix: Replace `=>` by `>=`
                  |
                3 -   - numpy=>1  # é
                3 +   - numpy>=1  # é
                  |
            "#]],
        );
    }

    #[test]
    fn odd_texts() {
        check(
            "\u{feff}=>",
            "=>",
            None,
            expect![[r#"
            error[MM101]: `numpy=>1` is malformed
             --> env.yaml:1:1
              |
            1 | =>
              | ^^
              |
              = hint: write `>=`
        "#]],
        );
        check(
            "a: =>\r\nb",
            "=>",
            None,
            expect![[r#"
            error[MM101]: `numpy=>1` is malformed
             --> env.yaml:1:4
              |
            1 | a: =>
              |    ^^
              |
              = hint: write `>=`
        "#]],
        );
        check(
            "a: \u{1b}[2J=>",
            "=>",
            None,
            expect![[r#"
            error[MM101]: `numpy=>1` is malformed
             --> env.yaml:1:8
              |
            1 | a: ␛[2J=>
              |        ^^
              |
              = hint: write `>=`
        "#]],
        );
        check(
            "a: ü\t数=>\n",
            "=>",
            None,
            expect![[r#"
            error[MM101]: `numpy=>1` is malformed
             --> env.yaml:1:7
              |
            1 | a: ü    数=>
              |           ^^
              |
              = hint: write `>=`
        "#]],
        );
        check(
            "a\nb\n",
            "a\nb\n",
            None,
            expect![[r#"
            error[MM101]: `numpy=>1` is malformed
             --> env.yaml:1:1
              |
            1 | / a
            2 | | b
              | |__^
              |
              = hint: write `>=`
        "#]],
        );
        check(
            "",
            "",
            None,
            expect![[r#"
            error[MM101]: `numpy=>1` is malformed
             --> env.yaml:1:1
              |
            1 |
              | ^
              |
              = hint: write `>=`
        "#]],
        );
    }
}
