//! What is wrong, where, and what to do: the one currency of parser, rules, command line and editors.

use crate::text::{Edit, Span};

/// The name of a rule, such as `MM101`. Its documentation stands in [`crate::lint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

/// How bad it is. An error stops `generate`, `build` and `up`; the others do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Information,
    /// Works, but not as its author believes.
    Warning,
    /// Cannot work.
    Error,
}

/// Whether a fix may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// The meaning may change: a person decides.
    Unsafe,
    /// The meaning that the author intended is kept.
    Safe,
}

/// A repair that a machine can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative ("Replace `=>` by `>=`").
    pub title: String,
    /// The edits, all or none.
    pub edits: Vec<Edit>,
    /// Whether it may be applied without asking.
    pub applicability: Applicability,
}

/// One finding in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where, in bytes of the document as it was given.
    pub span: Span,
    /// What is wrong: one sentence without a full stop, naming the text that it is about.
    pub message: String,
    /// What to do, when that is not a fix or needs a word more.
    pub hint: Option<String>,
    /// The repair, where a machine can know it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error without a hint or a fix.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            hint: None,
            fix: None,
        }
    }

    /// A warning without a hint or a fix.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, span, message)
        }
    }

    /// A piece of information without a hint or a fix.
    pub fn information(code: Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Information,
            ..Diagnostic::error(code, span, message)
        }
    }

    /// The same with a word on what to do.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Diagnostic {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same with a repair.
    #[must_use]
    pub fn with_fix(
        self,
        title: impl Into<String>,
        edits: Vec<Edit>,
        applicability: Applicability,
    ) -> Self {
        Diagnostic {
            fix: Some(Fix {
                title: title.into(),
                edits,
                applicability,
            }),
            ..self
        }
    }
}
