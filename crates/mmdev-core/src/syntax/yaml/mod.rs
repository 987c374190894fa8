//! YAML with byte spans that recovers from mistakes: text in, a tree with comments and diagnostics out.
//!
//! The events are granit-parser's, whose verdicts agree with PyYAML's and ruamel's. Anchors, aliases and merge keys
//! are resolved here. After a mistake the guilty line is blanked and the rest is read again, so that one mistake does
//! not hide the others; every span is one of the text as it was given.

mod build;
pub(crate) mod codes;
mod explain;
mod indent;
mod loaded;
mod recover;
mod scan;
mod tabs;
#[cfg(test)]
mod tests;

pub(crate) use explain::{RENDER_FIRST, TEMPLATE};
pub use loaded::Loaded;

use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// What a text is as YAML.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The root of the first document that holds something; `None` where there is none.
    pub root: Option<Node>,
    /// Every comment, in the order of the text.
    pub comments: Vec<Comment>,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// The comment that stands behind the byte at `offset` on the same line.
    pub fn comment_behind(&self, text: &str, offset: usize) -> Option<&Comment> {
        let index = self
            .comments
            .partition_point(|comment| comment.span.start < offset);
        let comment = self.comments.get(index)?;
        let between = text.get(offset..comment.span.start)?;
        (!between.contains(['\n', '\r'])).then_some(comment)
    }
}

/// One value. An alias is the value that it stands for, with that value's span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it is written: with its quotes, without its anchor and tag. Empty for a value that is not there.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// Where the alias stands that this value was copied for (`*name`).
    pub alias: Option<Span>,
}

impl Node {
    /// A value that is written out at `span`.
    pub(crate) fn new(span: Span, kind: Kind) -> Self {
        Node {
            span,
            kind,
            alias: None,
        }
    }

    /// Where it stands: its alias, or else itself.
    pub fn place(&self) -> Span {
        self.alias.unwrap_or(self.span)
    }
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// A text, a number, a truth value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the text; merged ones (`<<`) behind them. A duplicate key is left in.
    Mapping(Vec<Entry>),
}

impl Kind {
    /// What it is, with its article, for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Kind::Null => "empty",
            Kind::Scalar(scalar) => match scalar.loaded() {
                Loaded::String => "a string",
                Loaded::Boolean => "a boolean",
                Loaded::Integer | Loaded::Float => "a number",
                Loaded::Timestamp => "a date",
            },
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }
}

/// One key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// The key's text, where it is one.
    pub fn name(&self) -> Option<&str> {
        match &self.key.kind {
            Kind::Scalar(scalar) => Some(&scalar.value),
            _ => None,
        }
    }
}

/// A value without parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, quotes and escapes resolved, lines folded.
    pub value: String,
    /// How it is written.
    pub style: Style,
    /// Whether it stands in a flow collection (`[a, b]`), where `,` and brackets end a plain scalar.
    pub in_flow: bool,
    /// Whether a `!!str` tag makes a string of it.
    pub tagged_string: bool,
}

/// The ways to write a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl Style {
    /// Whether the text stands on lines of its own, below a `|` or `>`.
    pub fn is_block(self) -> bool {
        matches!(self, Style::Literal | Style::Folded)
    }
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Where, with its `#`, without the line break.
    pub span: Span,
    /// The text after `#`.
    pub text: String,
}

/// Reads `text`. It never fails: what could not be understood is in the diagnostics.
pub fn parse(text: &str) -> Parsed {
    recover::parse(text)
}
