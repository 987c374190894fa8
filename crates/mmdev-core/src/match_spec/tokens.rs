//! Where the parts of a MatchSpec's text are, however malformed it is: the ground for precise carets.

use crate::text::Span;

/// The parts of one text. Every span is in bytes of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The package's name, up to the first operator, space, bracket, `;` or separator; may be empty.
    pub(super) name: Span,
    /// From the name's end to the bracket section, environment marker, comment, or the end.
    pub(super) rest: Span,
    /// The first bracket section, with its brackets.
    pub(super) brackets: Option<Span>,
}

impl Layout {
    pub(super) fn of(text: &str) -> Self {
        let end = text.find('#').unwrap_or(text.len());
        let body = &text[..end];
        let start_of_spec = body
            .find(['[', '=', '<', '>', ' ', ';'])
            .map_or(body, |end| &body[..end])
            .rfind("::")
            .map_or(0, |colons| colons + 2);
        let start = start_of_spec + leading_space(&body[start_of_spec..]);
        let length = body[start..]
            .find(|char: char| char.is_whitespace() || "=<>!~,|;[](){}\"'≥≤≠".contains(char))
            .unwrap_or(body.len() - start);
        let name = Span::new(start, start + length);
        let after = &body[name.end..];
        let rest_end = name.end + after.find(['[', ';']).unwrap_or(after.len());
        let brackets = body[rest_end..]
            .starts_with('[')
            .then(|| body[rest_end..].find(']'))
            .flatten()
            .map(|length| Span::new(rest_end, rest_end + length + 1));
        Layout {
            name,
            rest: Span::new(name.end, rest_end),
            brackets,
        }
    }
}

fn leading_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// What a token of the version and build part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run of `=<>!~`, also with spaces between (`> =`).
    Operator,
    /// One `,` or `|`.
    Separator,
    /// One parenthesis.
    Parenthesis,
    /// Anything else up to the next of the others or a space.
    Word,
}

/// One token and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// The tokens of `text` within `span`; spaces between them are left out.
pub(super) fn tokens(text: &str, span: Span) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for (offset, char) in text[span.range()].char_indices() {
        if char.is_whitespace() {
            continue;
        }
        let kind = match char {
            '=' | '<' | '>' | '!' | '~' => Kind::Operator,
            ',' | '|' => Kind::Separator,
            '(' | ')' => Kind::Parenthesis,
            _ => Kind::Word,
        };
        let start = span.start + offset;
        let end = start + char.len_utf8();
        // `1!2.0` has an epoch: the exclamation mark belongs to the word.
        let is_epoch = char == '!'
            && text[end..].starts_with(|next: char| next.is_ascii_digit())
            && text[..start].ends_with(|previous: char| previous.is_ascii_digit());
        let kind = if is_epoch { Kind::Word } else { kind };
        match tokens.last_mut() {
            Some(last) if kind == Kind::Operator && last.kind == kind => last.span.end = end,
            Some(last) if kind == Kind::Word && last.kind == kind && last.span.end == start => {
                last.span.end = end;
            }
            _ => tokens.push(Token {
                kind,
                span: Span::new(start, end),
            }),
        }
    }
    tokens
}
