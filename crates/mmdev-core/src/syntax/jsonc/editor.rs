//! Several edits one after the other, given back as edits of the text that came first.

use super::{Document, Obstacle, Value, parse};
use crate::diagnostic::{Diagnostic, Severity};
use crate::text::{Edit, Span, apply};
use serde_json::Value as Json;

/// A text that is being edited. Every step sees what the steps before it made.
#[derive(Debug, Clone)]
pub struct Editor {
    original_length: usize,
    text: String,
    pieces: Vec<Piece>,
}

/// A run of the text: bytes of the original, or this many new ones.
#[derive(Debug, Clone)]
enum Piece {
    Kept(Span),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Piece::Kept(span) => span.len(),
            Piece::New(text) => text.len(),
        }
    }

    fn part(&self, from: usize, to: usize) -> Option<Piece> {
        (from < to).then(|| match self {
            Piece::Kept(span) => Piece::Kept(Span::new(span.start + from, span.start + to)),
            Piece::New(text) => Piece::New(text[from..to].to_owned()),
        })
    }
}

impl Editor {
    /// Begins with `text`; a text that does not parse is refused with what is wrong in it.
    pub fn new(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let (_, diagnostics) = parse(text);
        if diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
        {
            return Err(diagnostics);
        }
        Ok(Editor {
            original_length: text.len(),
            text: text.to_owned(),
            pieces: vec![Piece::Kept(Span::new(0, text.len()))],
        })
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value at `path` as it is now.
    pub fn get<S: AsRef<str>>(&self, path: &[S]) -> Option<Value> {
        self.document().at(path).cloned()
    }

    /// See [`Document::set`].
    pub fn set<S: AsRef<str>>(&mut self, path: &[S], value: &Json) -> Result<(), Obstacle> {
        let edits = self.document().set(path, value)?;
        self.apply(&edits);
        Ok(())
    }

    /// See [`Document::append`].
    pub fn append<S: AsRef<str>>(&mut self, path: &[S], item: &Json) -> Result<(), Obstacle> {
        let edits = self.document().append(path, item)?;
        self.apply(&edits);
        Ok(())
    }

    /// See [`Document::replace_member`].
    pub fn replace_member<S: AsRef<str>>(&mut self, path: &[S], name: &str, value: &Json) {
        let edits = self.document().replace_member(path, name, value);
        self.apply(&edits);
    }

    /// Removes every member at `path`, and then the objects and arrays around it that this left without an entry or
    /// a comment.
    pub fn remove<S: AsRef<str>>(&mut self, path: &[S]) {
        let Some((_, parent)) = path.split_last() else {
            return;
        };
        while self.document().at(path).is_some() {
            let edits = self.document().remove(path);
            self.apply(&edits);
        }
        self.remove_if_empty(parent);
    }

    /// Removes the items of the array at `path` that equal `item`, and the array when that leaves it empty.
    pub fn remove_item<S: AsRef<str>>(&mut self, path: &[S], item: &Json) {
        let position = |editor: &Editor| {
            let array = editor.get(path)?;
            array.as_array()?.iter().position(|i| i.to_json() == *item)
        };
        while let Some(index) = position(self) {
            let edits = self.document().remove_item(path, index);
            self.apply(&edits);
        }
        self.remove_if_empty(path);
    }

    /// The edits of the first text that lead to this one, in order and apart from each other.
    pub fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut position = 0;
        let mut pending = String::new();
        let end = Piece::Kept(Span::empty(self.original_length));
        for piece in self.pieces.iter().chain([&end]) {
            match piece {
                Piece::New(text) => pending.push_str(text),
                Piece::Kept(span) => {
                    if span.start > position || !pending.is_empty() {
                        let replaced = Span::new(position, span.start);
                        edits.push(Edit::replace(replaced, std::mem::take(&mut pending)));
                    }
                    position = span.end;
                }
            }
        }
        edits
    }

    fn document(&self) -> Document<'_> {
        parse(&self.text).0
    }

    fn remove_if_empty<S: AsRef<str>>(&mut self, path: &[S]) {
        let Some(value) = self.get(path) else { return };
        if value.as_object().is_none() && value.as_array().is_none() {
            return;
        }
        let inside = Span::new(value.span.start + 1, value.span.end - 1);
        if !path.is_empty() && self.text[inside.range()].trim().is_empty() {
            self.remove(path);
        }
    }

    fn apply(&mut self, edits: &[Edit]) {
        let mut sorted: Vec<&Edit> = edits.iter().collect();
        sorted.sort_by_key(|edit| edit.span);
        for edit in sorted.into_iter().rev() {
            self.splice(edit);
        }
        self.text = apply(&self.text, edits);
    }

    fn splice(&mut self, edit: &Edit) {
        let mut pieces = Vec::with_capacity(self.pieces.len() + 2);
        let mut new = (!edit.text.is_empty()).then(|| Piece::New(edit.text.clone()));
        let mut position = 0;
        for piece in &self.pieces {
            let (start, end) = (position, position + piece.len());
            position = end;
            pieces.extend(piece.part(0, edit.span.start.clamp(start, end) - start));
            if edit.span.start <= end {
                pieces.extend(new.take());
            }
            pieces.extend(piece.part(edit.span.end.clamp(start, end) - start, end - start));
        }
        pieces.extend(new);
        self.pieces = pieces;
    }
}
