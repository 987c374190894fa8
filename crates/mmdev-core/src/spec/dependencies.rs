//! The entries of `dependencies:`: MatchSpecs, `sel(…)` keys, and the sections of other installers.

use super::lower::Lowering;
use super::pip_section::PipSection;
use super::{Dependency, PipEntry, Selector, SelectorStyle, codes, pip, selector};
use crate::diagnostic::{Applicability, Diagnostic, Fix, Severity};
use crate::match_spec::Problem;
use crate::syntax::yaml::{Entry, Kind, Loaded, Node, RENDER_FIRST, Scalar, Style};
use crate::text::{Edit, Span, Spanned};

impl Lowering<'_> {
    pub(super) fn dependencies(&mut self, value: &Node, key: Span) {
        let items = match &value.kind {
            Kind::Sequence(items) => items.as_slice(),
            Kind::Null => &[],
            kind => {
                let message = format!("`dependencies:` takes a list, this is {}", kind.describe());
                self.report(
                    Diagnostic::error(codes::WRONG_TYPE, value.span, message)
                        .with_hint("Put each package on a line of its own that begins with `- `"),
                );
                return;
            }
        };
        if items.is_empty() {
            self.report(
                Diagnostic::warning(
                    codes::EMPTY_DEPENDENCIES,
                    key,
                    "`dependencies:` is empty, so that nothing would be installed",
                )
                .with_hint("Add a package below it (`  - python`)"),
            );
        }
        for item in items {
            match &item.kind {
                Kind::Mapping(entries) => {
                    for entry in entries {
                        self.section(entry);
                    }
                }
                Kind::Scalar(scalar) => self.dependency(item, scalar, None),
                _ => {
                    self.list_string(item, "dependencies", Severity::Error);
                }
            }
        }
    }

    fn dependency(&mut self, node: &Node, scalar: &Scalar, selector: Option<Selector>) {
        let selector = selector.or_else(|| self.comment_selector(node));
        if scalar.loaded() != Loaded::String || scalar.value.trim().is_empty() {
            self.list_string(node, "dependencies", Severity::Error);
            return;
        }
        if let Some(pieces) = self.swallowed(node, scalar) {
            for (node, scalar) in pieces {
                self.dependency(&node, &scalar, selector.clone());
            }
            return;
        }
        // A block scalar ends in a line break, which no tool minds.
        let text = scalar.value.trim_end();
        let known = self.memory.parse(text);
        for problem in &*known.problems {
            let mut problem = problem.clone();
            if problem.hint.is_none() || is_template(&scalar.value) {
                problem.hint = template_hint(&scalar.value).or(problem.hint);
            }
            self.problem(node, scalar, problem);
        }
        let whole = Span::new(0, scalar.value.len());
        let text_start = self.inner_span(node, whole).map(|span| span.start);
        self.spec.dependencies.push(Dependency {
            text: Spanned::new(text.to_owned(), node.span),
            match_spec: known.spec,
            differently: known.differently,
            selector,
            text_start,
        });
    }

    /// The entries that a plain scalar really is, where it swallowed those below it because they are indented deeper.
    fn swallowed(&mut self, node: &Node, scalar: &Scalar) -> Option<Vec<(Node, Scalar)>> {
        let raw = &self.text[node.span.range()];
        if scalar.style != Style::Plain || !raw.contains('\n') {
            return None;
        }
        let mut pieces = Vec::new();
        let mut first_swallowed = None;
        let mut edits = Vec::new();
        let mut indent = self.entry_indent(node);
        let mut line_start = node.span.start;
        for line in raw.split_inclusive('\n') {
            let content = line.trim();
            let start = line_start + (line.len() - line.trim_start().len());
            let before = Span::new(line_start, start);
            line_start += line.len();
            let item = match content.strip_prefix("- ") {
                Some(item) if start > node.span.start => {
                    first_swallowed.get_or_insert(Span::new(start, start + content.len()));
                    if item.starts_with(['|', '>']) {
                        // Out of the entry above, the lines below it would be this one's text.
                        indent = None;
                    }
                    edits.extend(indent.map(|indent| Edit::replace(before, indent)));
                    item.trim_start()
                }
                _ => {
                    if start > node.span.start && !content.is_empty() {
                        // A line without a dash would go on with the one above it.
                        indent = None;
                    }
                    content
                }
            };
            let span = Span::new(start + content.len() - item.len(), start + content.len());
            let piece = Scalar {
                value: item.to_owned(),
                ..scalar.clone()
            };
            if !item.is_empty() {
                pieces.push((Node::new(span, Kind::Scalar(piece.clone())), piece));
            }
        }
        let found = Diagnostic::error(
            codes::ENTRY_GOES_ON,
            first_swallowed?,
            "this line is read as the rest of the entry above it, because it is indented deeper",
        );
        let advice = "Give it the indentation of the other entries";
        self.report(match indent {
            Some(_) => found.with_fix(advice, edits, Applicability::Safe),
            None => found.with_hint(advice),
        });
        Some(pieces)
    }

    /// The spaces before an entry that is alone on its line.
    fn entry_indent(&self, node: &Node) -> Option<&'_ str> {
        let before = &self.text[..node.span.start];
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let indent = line.trim_end().strip_suffix('-')?;
        indent.bytes().all(|byte| byte == b' ').then_some(indent)
    }

    /// One key of a mapping inside `dependencies:`.
    fn section(&mut self, entry: &Entry) {
        match entry.name() {
            Some("pip") => self.pip_section(entry),
            Some(key) if key.starts_with("sel(") => self.selected(key, entry),
            Some(key) => self.unknown_section(key, entry),
            None => {
                self.report(
                    Diagnostic::error(
                        codes::UNKNOWN_SECTION,
                        self.visible(&entry.key),
                        "an entry of `dependencies:` begins with `:`",
                    )
                    .with_hint("Write a package's name"),
                );
            }
        }
    }

    fn selected(&mut self, key: &str, entry: &Entry) {
        let word = key.strip_prefix("sel(").unwrap_or(key);
        let word = word.strip_suffix(')').unwrap_or(word);
        let span = self
            .inner_span(&entry.key, Span::new(4, 4 + word.len()))
            .unwrap_or(entry.key.span);
        let selector = Selector {
            text: Spanned::new(word.to_owned(), span),
            style: SelectorStyle::Key,
        };
        if !key.ends_with(')') || selector.applies_to("linux-64").is_none() {
            self.report(
                Diagnostic::error(
                    codes::SELECTOR,
                    entry.key.span,
                    format!("`{key}` is no selector that micromamba knows"),
                )
                .with_hint("Use `sel(linux)`, `sel(osx)`, `sel(unix)` or `sel(win)`"),
            );
        }
        match &entry.value.kind {
            Kind::Scalar(scalar) => self.dependency(&entry.value, scalar, Some(selector)),
            Kind::Sequence(items) => {
                self.report(
                    Diagnostic::error(
                        codes::WRONG_TYPE,
                        entry.key.span,
                        format!("`{key}:` takes one package, this is a list"),
                    )
                    .with_hint(format!("Write `- {key}: package` for each package")),
                );
                for item in items {
                    match &item.kind {
                        Kind::Scalar(scalar) => {
                            self.dependency(item, scalar, Some(selector.clone()));
                        }
                        _ => {
                            self.list_string(item, key, Severity::Error);
                        }
                    }
                }
            }
            Kind::Null => self.report(
                Diagnostic::error(
                    codes::EMPTY_ENTRY,
                    entry.key.span,
                    format!("`{key}:` has no package"),
                )
                .with_hint("Write one package behind it, on the same line"),
            ),
            Kind::Mapping(_) => self.report(
                Diagnostic::error(
                    codes::WRONG_TYPE,
                    entry.key.span,
                    format!("`{key}:` takes one package, this is a mapping"),
                )
                .with_hint(
                    "For pip, put `; sys_platform == \"linux\"` behind the requirement instead",
                ),
            ),
        }
    }

    fn unknown_section(&mut self, key: &str, entry: &Entry) {
        let diagnostic = match &entry.value.kind {
            Kind::Scalar(scalar) if is_version(&scalar.value) => {
                let sign = if scalar.value.starts_with(|char: char| char.is_ascii_digit()) {
                    "="
                } else {
                    ""
                };
                let text = format!("{key}{sign}{}", scalar.value);
                Diagnostic::error(
                    codes::UNKNOWN_SECTION,
                    entry.key.span.cover(entry.value.span),
                    format!("`:` stands between `{key}` and its version"),
                )
                .with_hint(format!("Write `{text}`"))
                .with_fix(
                    format!("Write `{text}`"),
                    vec![Edit::replace(entry.key.span.cover(entry.value.span), text)],
                    Applicability::Unsafe,
                )
            }
            _ if key == "conda" => Diagnostic::error(
                codes::UNKNOWN_SECTION,
                entry.key.span,
                "`conda:` is no section: micromamba drops what is in it, conda drops what stands before it",
            )
            .with_hint("Write its packages as entries of `dependencies:`"),
            Kind::Null => Diagnostic::error(
                codes::UNKNOWN_SECTION,
                entry.key.span,
                format!("`{key}` has a `:` behind it, so that no tool takes it for a package"),
            )
            .with_hint("Remove the `:`"),
            _ => Diagnostic::error(
                codes::UNKNOWN_SECTION,
                entry.key.span,
                format!(
                    "no tool installs a `{key}:` section: micromamba drops it, and conda refuses it"
                ),
            )
            .with_hint("Only `pip:` is known; install the others in a step of their own"),
        };
        self.report(diagnostic);
    }

    fn pip_section(&mut self, entry: &Entry) {
        let own = PipSection::of(entry);
        if let Some(first) = self.pip_section {
            let found = Diagnostic::warning(
                codes::PIP_SECTION,
                entry.key.span,
                "a second pip section: conda drops the first, micromamba installs both",
            )
            .with_hint("Put all entries under one `- pip:`");
            self.report(match first.merge(self.text, own) {
                Some(edits) => {
                    found.with_fix("Make one section of them", edits, Applicability::Safe)
                }
                None => found,
            });
        }
        self.pip_section.get_or_insert(own);
        match &entry.value.kind {
            Kind::Sequence(items) => {
                for item in items {
                    match &item.kind {
                        Kind::Scalar(scalar) => self.pip_entry(item, scalar),
                        _ => {
                            self.list_string(item, "pip", Severity::Error);
                        }
                    }
                }
            }
            Kind::Null => self.report(
                Diagnostic::error(codes::PIP_SECTION, entry.key.span, "`pip:` has no entries")
                    .with_hint("Indent its entries deeper than `- pip:`, or remove it"),
            ),
            Kind::Scalar(scalar) => {
                let in_flow = Scalar {
                    in_flow: true,
                    ..scalar.clone()
                };
                let mut diagnostic = Diagnostic::error(
                    codes::PIP_SECTION,
                    entry.value.span,
                    "`pip:` takes a list, this is a text",
                )
                .with_hint("Put each requirement on a line of its own that begins with `- `");
                let (_, problems) = pip::parse_line(scalar.value.trim_end());
                if problems.is_empty()
                    && let Some(text) = in_flow.rewrite(&scalar.value)
                {
                    diagnostic = diagnostic.with_fix(
                        "Make it a list",
                        vec![Edit::replace(entry.value.span, format!("[{text}]"))],
                        Applicability::Safe,
                    );
                }
                self.report(diagnostic);
                self.pip_entry(&entry.value, scalar);
            }
            Kind::Mapping(_) => self.report(
                Diagnostic::error(
                    codes::PIP_SECTION,
                    entry.value.span,
                    "`pip:` takes a list, this is a mapping",
                )
                .with_hint("Put each requirement on a line of its own that begins with `- `"),
            ),
        }
    }

    fn pip_entry(&mut self, node: &Node, scalar: &Scalar) {
        if scalar.loaded() != Loaded::String || scalar.value.trim().is_empty() {
            self.list_string(node, "pip", Severity::Error);
            return;
        }
        if let Some(pieces) = self.swallowed(node, scalar) {
            for (node, scalar) in pieces {
                self.pip_entry(&node, &scalar);
            }
            return;
        }
        let selector = self.comment_selector(node);
        let text = scalar.value.trim_end();
        let (line, problems) = pip::parse_line(text);
        for problem in problems {
            self.problem(node, scalar, problem);
        }
        self.spec.pip.push(PipEntry {
            text: Spanned::new(text.to_owned(), node.span),
            line,
            selector,
        });
    }

    /// conda and micromamba add pip themselves; conda asks for it to be written.
    pub(super) fn pip_must_be_listed(&mut self) {
        let Some(PipSection { key, .. }) = self.pip_section else {
            return;
        };
        let is_pip = |dependency: &Dependency| {
            dependency
                .match_spec
                .as_ref()
                .is_some_and(|spec| matches!(spec.name.value.as_str(), "pip" | "uv"))
        };
        if self.spec.pip.is_empty() || self.spec.dependencies.iter().any(is_pip) {
            return;
        }
        let mut diagnostic = Diagnostic::information(
            codes::PIP_NOT_LISTED,
            key,
            "pip is used, but is no dependency; conda adds it with a warning, at any version",
        )
        .with_hint("Add `- pip` to the dependencies");
        let line_start = self.text[..key.start].rfind('\n').map_or(0, |at| at + 1);
        let before = &self.text[line_start..key.start];
        if before.ends_with("- ") && before.trim() == "-" {
            let line_break = if self.text[..line_start].ends_with("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            diagnostic = diagnostic.with_fix(
                "Add `- pip`",
                vec![Edit::insert(line_start, format!("{before}pip{line_break}"))],
                Applicability::Safe,
            );
        }
        self.report(diagnostic);
    }

    /// The `# [linux]` behind an entry, and a word on one that is not understood.
    fn comment_selector(&mut self, node: &Node) -> Option<Selector> {
        let comment = self.parsed.comment_behind(self.text, node.place().end)?;
        let (start, expression) = selector::in_comment(&comment.text)?;
        let start = comment.span.start + 1 + start;
        let selector = Selector {
            text: Spanned::new(
                expression.to_owned(),
                Span::new(start, start + expression.len()),
            ),
            style: SelectorStyle::Comment,
        };
        if selector.applies_to("linux-64").is_none() {
            let mut diagnostic = Diagnostic::warning(
                codes::SELECTOR,
                selector.text.span,
                format!("`{expression}` is no platform selector: conda-lock drops this entry everywhere, other tools take it"),
            )
            .with_hint("Use words such as `linux`, `osx`, `win`, `linux64`, `arm64`");
            let meant = match expression {
                "macos" => Some("osx"),
                "windows" => Some("win"),
                _ => None,
            };
            diagnostic.fix = meant.map(|meant| Fix {
                title: format!("Write `{meant}`"),
                edits: vec![Edit::replace(selector.text.span, meant)],
                applicability: Applicability::Safe,
            });
            self.report(diagnostic);
        }
        Some(selector)
    }

    /// A finding in a scalar's text, put where the scalar stands.
    fn problem(&mut self, node: &Node, scalar: &Scalar, problem: Problem) {
        let applicability = problem.applicability;
        let fix = problem.repair.and_then(|repair| {
            Some(Fix {
                title: format!("Write `{repair}`"),
                edits: vec![Edit::replace(node.span, scalar.rewrite(&repair)?)],
                applicability,
            })
        });
        self.report(Diagnostic {
            code: problem.code,
            severity: problem.severity,
            span: self.inner_span(node, problem.span).unwrap_or(node.span),
            message: problem.message,
            hint: problem.hint,
            fix,
        });
    }

    /// Where in the document the bytes `inner` of a scalar's value stand; `None` where escapes or folded lines have
    /// moved them.
    pub(super) fn inner_span(&self, node: &Node, inner: Span) -> Option<Span> {
        let Kind::Scalar(scalar) = &node.kind else {
            return None;
        };
        let quote = match scalar.style {
            Style::Plain => 0,
            Style::SingleQuoted | Style::DoubleQuoted => 1,
            Style::Literal | Style::Folded => return None,
        };
        let span = inner.shifted(node.span.start + quote);
        let start = node.span.start + quote;
        let same = self.text.get(start..start + scalar.value.len()) == Some(scalar.value.as_str());
        (same && inner.end <= scalar.value.len()).then_some(span)
    }
}

/// Whether `text` holds a place that jinja or a program like it was to fill in.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// What to do about a text that a program was to fill in, where that is why it is refused.
fn template_hint(text: &str) -> Option<String> {
    let hint = if is_template(text) {
        RENDER_FIRST
    } else if text.contains('$') {
        "Write what the variable stands for: no tool fills it in here"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

/// Whether `text` begins as a version constraint does.
fn is_version(text: &str) -> bool {
    text.trim_start_matches(['=', '<', '>', '!', '~', ' '])
        .starts_with(|char: char| char.is_ascii_digit() || char == '*')
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::diagnostic::Code;
    use crate::match_spec::Memory;
    use crate::spec::EnvSpec;
    use crate::syntax::yaml;
    use crate::text::apply;

    /// A finding at the first `bad` of the first dependency, whose repair replaces it by `good >=1, <2`.
    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let parsed = yaml::parse(text);
        let mut lowering = Lowering {
            text,
            parsed: &parsed,
            memory: &mut Memory::default(),
            spec: EnvSpec::default(),
            diagnostics: Vec::new(),
            pip_section: None,
        };
        let Some(Kind::Mapping(entries)) = parsed.root.as_ref().map(|root| &root.kind) else {
            panic!("{text:?} is no mapping");
        };
        let Kind::Sequence(items) = &entries[0].value.kind else {
            panic!("{text:?} holds no list");
        };
        let Kind::Scalar(scalar) = &items[0].kind else {
            panic!("{text:?} begins with no scalar");
        };
        let start = scalar.value.find("bad").unwrap();
        let problem = Problem {
            code: Code("MM200"),
            severity: Severity::Error,
            span: Span::new(start, start + 3),
            message: "bad".to_owned(),
            hint: None,
            repair: Some(scalar.value.replace("bad", "good >=1, <2")),
            applicability: Applicability::Safe,
        };
        lowering.problem(&items[0], scalar, problem);
        let diagnostic = &lowering.diagnostics[0];
        let fixed = diagnostic.fix.as_ref().map(|fix| apply(text, &fix.edits));
        expected.assert_eq(&format!("{:?} {fixed:?}", &text[diagnostic.span.range()]));
    }

    #[test]
    fn findings_are_put_where_the_text_stands() {
        check(
            "d:\n  - é bad # c\n",
            expect![[r#""bad" Some("d:\n  - é good >=1, <2 # c\n")"#]],
        );
        check(
            "d: ['bad x', y]\n",
            expect![[r#""bad" Some("d: ['good >=1, <2 x', y]\n")"#]],
        );
        check(
            "d: [bad, y]\n",
            expect![[r#""bad" Some("d: [\"good >=1, <2\", y]\n")"#]],
        );
        check(
            "d:\n  - \"bad \\x41\"\n",
            expect![[r#""\"bad \\x41\"" Some("d:\n  - \"good >=1, <2 A\"\n")"#]],
        );
        check(
            "d:\n  - 'it''s bad'\n",
            expect![[r#""'it''s bad'" Some("d:\n  - 'it''s good >=1, <2'\n")"#]],
        );
        check(
            "d:\n  - x\n    bad\n",
            expect![[r#""x\n    bad" Some("d:\n  - x good >=1, <2\n")"#]],
        );
        check("d:\n  - |\n    bad\n", expect![[r#""bad" None"#]]);
    }
}
