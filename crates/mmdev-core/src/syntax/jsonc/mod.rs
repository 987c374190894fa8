//! Reading and editing JSON with comments without moving a byte that is not edited.
//!
//! What is taken is what every reader of devcontainer.json takes: JSON (RFC 8259) with `//` and `/* */` comments and
//! trailing commas. What looser parsers take besides (single quotes, bare names, missing commas, hexadecimal numbers)
//! is a diagnostic, because the next program to read the file may not take it.
//!
//! A byte order mark is allowed and kept. All positions are bytes of the text as it was given.

mod edit;
mod editor;

pub use edit::Obstacle;
pub use editor::Editor;

use crate::diagnostic::{Applicability, Code, Diagnostic};
use crate::text::{Edit, Span, Spanned};
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token as ParserToken;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, ast};

/// The text is not JSON with comments.
pub const SYNTAX: Code = Code("MM601");
/// One object names a key twice.
pub const DUPLICATE_KEY: Code = Code("MM602");

const BYTE_ORDER_MARK: char = '\u{feff}';

/// One value and the bytes where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// From its first byte to its last: for an object, both braces.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string, without quotes and escapes.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, in the order of the text, with keys that stand twice.
    Object(Vec<Member>),
}

/// One `"name": value` of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The name without quotes; its span includes them.
    pub name: Spanned<String>,
    /// The value.
    pub value: Value,
}

impl Member {
    /// From the name's first quote to the value's last byte.
    pub fn span(&self) -> Span {
        self.name.span.cover(self.value.span)
    }
}

impl Value {
    /// The member `name` of an object. Of a name that stands twice it is the last one, as JSON readers have it.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.as_object()?
            .iter()
            .rev()
            .find(|member| member.name.value == name)
    }

    /// The value at `path`, one object key a step.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Value> {
        path.iter()
            .try_fold(self, |value, name| Some(&value.get(name.as_ref())?.value))
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, for a message: "a string", "an object".
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    /// The same without positions and comments. A number that is too big for a float becomes a string.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Bool(value) => Json::Bool(*value),
            Kind::Number(text) => text
                .parse()
                .map_or_else(|_| Json::String(text.clone()), Json::Number),
            Kind::String(text) => Json::String(text.clone()),
            Kind::Array(items) => items.iter().map(Value::to_json).collect(),
            Kind::Object(members) => members
                .iter()
                .map(|member| (member.name.value.clone(), member.value.to_json()))
                .collect(),
        }
    }
}

/// A text that was read. Its edits are computed by [`Document::set`] and its siblings.
#[derive(Debug, Clone)]
pub struct Document<'text> {
    text: &'text str,
    root: Option<Value>,
    tokens: Vec<Token>,
}

/// What an edit must know of the bytes between values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Token {
    kind: TokenKind,
    span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum TokenKind {
    Comma,
    Comment,
    Other,
}

impl<'text> Document<'text> {
    /// The text as it was given.
    pub fn text(&self) -> &'text str {
        self.text
    }

    /// The value; nothing if the text does not parse, or holds only comments.
    pub fn root(&self) -> Option<&Value> {
        self.root.as_ref()
    }

    /// Where its comments stand, with their `//` or `/*`.
    pub fn comments(&self) -> impl Iterator<Item = Span> {
        self.tokens
            .iter()
            .filter(|token| token.kind == TokenKind::Comment)
            .map(|token| token.span)
    }

    /// The value at `path`, one object key a step.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Value> {
        self.root.as_ref()?.at(path)
    }
}

/// Reads `text`. Without an error among the diagnostics, the document has a root.
pub fn parse(text: &str) -> (Document<'_>, Vec<Diagnostic>) {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let offset = text.len() - body.len();
    let mut document = Document {
        text,
        root: None,
        tokens: Vec::new(),
    };
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let mut diagnostics = Vec::new();
    match jsonc_parser::parse_to_ast(body, &collect, &strict()) {
        Err(error) => diagnostics.push(
            conflict_marker(body, offset).unwrap_or_else(|| syntax_error(&error, body, offset)),
        ),
        Ok(result) => {
            document.tokens = result
                .tokens
                .unwrap_or_default()
                .iter()
                .map(|token| convert_token(token, offset))
                .collect();
            document.root = result.value.map(|value| convert(value, offset));
            match &document.root {
                None => diagnostics.push(
                    Diagnostic::error(
                        SYNTAX,
                        Span::new(offset, text.len()),
                        "the file holds no JSON value",
                    )
                    .with_hint("Delete the file, or write `{}` into it"),
                ),
                Some(root) => {
                    find_duplicate_keys(root, &mut diagnostics);
                    diagnostics.extend(odd_white_space(&document));
                    diagnostics.extend(control_character(&document));
                }
            }
        }
    }
    (document, diagnostics)
}

/// jsonc-parser's defaults are loose in every respect.
fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn syntax_error(error: &ParseError, body: &str, offset: usize) -> Diagnostic {
    let range = error.range();
    let start = body.floor_char_boundary(range.start.min(body.len()));
    let end = body.ceil_char_boundary(range.end.clamp(start, body.len()));
    // An unclosed bracket is reported over all that follows it: its first byte says where it stands.
    let (end, unclosed) = match error.kind() {
        ParseErrorKind::UnterminatedArray | ParseErrorKind::UnterminatedObject => {
            (end.min(start + 1), true)
        }
        _ => (end, false),
    };
    let span = Span::new(start, end).shifted(offset);
    let reason = lower_first(&error.kind().to_string());
    let diagnostic = Diagnostic::error(SYNTAX, span, format!("this is not JSON: {reason}"));
    match error.kind() {
        ParseErrorKind::ExpectedComma => diagnostic.with_fix(
            "Insert a comma",
            vec![Edit::insert(span.start, ",")],
            Applicability::Safe,
        ),
        ParseErrorKind::SingleQuotedStringsNotAllowed
        | ParseErrorKind::ExpectedStringObjectProperty
        | ParseErrorKind::UnexpectedWord => diagnostic.with_hint("Use double quotes"),
        _ if unclosed => diagnostic.with_hint("Close it"),
        _ => diagnostic,
    }
}

/// Git's marker explains every error after it.
fn conflict_marker(body: &str, offset: usize) -> Option<Diagnostic> {
    const MARKER: &str = "<<<<<<< ";
    let start = if body.starts_with(MARKER) {
        0
    } else {
        body.find(&format!("\n{MARKER}"))? + 1
    };
    let span = Span::new(start, start + MARKER.trim_end().len()).shifted(offset);
    Some(
        Diagnostic::error(SYNTAX, span, "a merge conflict is left in the file").with_hint(
            "Keep one of the two sides, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>",
        ),
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

fn convert_token(token: &jsonc_parser::tokens::TokenAndRange<'_>, offset: usize) -> Token {
    Token {
        kind: match token.token {
            ParserToken::Comma => TokenKind::Comma,
            ParserToken::CommentLine(_) | ParserToken::CommentBlock(_) => TokenKind::Comment,
            _ => TokenKind::Other,
        },
        span: Span::new(token.range.start, token.range.end).shifted(offset),
    }
}

fn convert(value: ast::Value<'_>, offset: usize) -> Value {
    let place =
        |range: jsonc_parser::common::Range| Span::new(range.start, range.end).shifted(offset);
    let (range, kind) = match value {
        ast::Value::NullKeyword(null) => (null.range, Kind::Null),
        ast::Value::BooleanLit(literal) => (literal.range, Kind::Bool(literal.value)),
        ast::Value::NumberLit(literal) => (literal.range, Kind::Number(literal.value.to_owned())),
        ast::Value::StringLit(literal) => (literal.range, Kind::String(literal.value.into_owned())),
        ast::Value::Array(array) => (
            array.range,
            Kind::Array(
                array
                    .elements
                    .into_iter()
                    .map(|item| convert(item, offset))
                    .collect(),
            ),
        ),
        ast::Value::Object(object) => (
            object.range,
            Kind::Object(
                object
                    .properties
                    .into_iter()
                    .map(|property| Member {
                        name: Spanned::new(
                            property.name.as_str().to_owned(),
                            place(match &property.name {
                                ast::ObjectPropName::String(name) => name.range,
                                ast::ObjectPropName::Word(name) => name.range,
                            }),
                        ),
                        value: convert(property.value, offset),
                    })
                    .collect(),
            ),
        ),
    };
    Value {
        span: place(range),
        kind,
    }
}

fn find_duplicate_keys(value: &Value, diagnostics: &mut Vec<Diagnostic>) {
    match &value.kind {
        Kind::Array(items) => {
            for item in items {
                find_duplicate_keys(item, diagnostics);
            }
        }
        Kind::Object(members) => {
            let mut seen = std::collections::HashSet::new();
            for member in members {
                if !seen.insert(member.name.value.as_str()) {
                    diagnostics.push(
                        Diagnostic::warning(
                            DUPLICATE_KEY,
                            member.name.span,
                            format!("`{}` stands twice in this object", member.name.value),
                        )
                        .with_hint("Remove one: readers take the last and ignore the others"),
                    );
                }
                find_duplicate_keys(&member.value, diagnostics);
            }
        }
        _ => {}
    }
}

/// The parser takes every Unicode space between tokens; JSON knows four.
fn odd_white_space(document: &Document<'_>) -> Option<Diagnostic> {
    let is_odd = |char: char| !matches!(char, ' ' | '\t' | '\n' | '\r' | BYTE_ORDER_MARK);
    let mut position = 0;
    let ends = [document.text.len()];
    let starts = document.tokens.iter().map(|token| token.span.start);
    let next = document.tokens.iter().map(|token| token.span.end);
    for (start, end) in starts.chain(ends).zip(next.chain(ends)) {
        let gap = &document.text[position..start];
        if let Some((index, char)) = gap.char_indices().find(|&(_, char)| is_odd(char)) {
            let start = position + index;
            return Some(
                Diagnostic::error(
                    SYNTAX,
                    Span::new(start, start + char.len_utf8()),
                    format!(
                        "this is not JSON: U+{:04X} is no white space here",
                        char as u32
                    ),
                )
                .with_fix(
                    "Replace it by a space",
                    vec![Edit::replace(
                        Span::new(start, start + char.len_utf8()),
                        " ",
                    )],
                    Applicability::Safe,
                ),
            );
        }
        position = end;
    }
    None
}

/// JSON has line breaks, tabs and the like in strings as escapes only; the parser takes them as they are.
fn control_character(document: &Document<'_>) -> Option<Diagnostic> {
    let strings = document
        .tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Other);
    let mut places = strings.filter_map(|token| {
        let text = &document.text[token.span.range()];
        let (index, char) = text.char_indices().find(|(_, char)| *char < ' ')?;
        Some((token.span.start + index, char))
    });
    let (start, char) = places.next()?;
    let span = Span::new(start, start + 1);
    if char == '\n' || char == '\r' {
        let message = "this is not JSON: a string goes on over the end of its line";
        let hint = "Close it on its line, or write the line break as `\\n`";
        return Some(Diagnostic::error(SYNTAX, span, message).with_hint(hint));
    }
    // As serde_json writes it, without the quotes.
    let escape = serde_json::Value::from(char.to_string()).to_string();
    let escape = escape.trim_matches('"');
    let message = format!(
        "this is not JSON: U+{:04X} stands in a string",
        u32::from(char)
    );
    Some(Diagnostic::error(SYNTAX, span, message).with_fix(
        format!("Write it as `{escape}`"),
        vec![Edit::replace(span, escape)],
        Applicability::Safe,
    ))
}

#[cfg(test)]
mod tests;
