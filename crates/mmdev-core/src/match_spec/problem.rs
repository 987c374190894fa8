//! What can be wrong with a MatchSpec, and the codes of it.

use crate::diagnostic::{Applicability, Code, Severity};
use crate::text::Span;

/// One thing that is wrong with a MatchSpec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule.
    pub code: Code,
    /// How bad it is: an error where a tool refuses the text.
    pub severity: Severity,
    /// Where, in bytes of the MatchSpec's text.
    pub span: Span,
    /// What is wrong and which tool says so: one sentence without a full stop.
    pub message: String,
    /// What to do, when that is not the repair or needs a word more.
    pub hint: Option<String>,
    /// The whole text after a repair that all three tools take, where a machine can know it.
    pub repair: Option<String>,
    /// Whether the repair keeps what the author intended, so that it may be made without asking. One that takes away
    /// what was written, or guesses what is missing, is a person's to decide.
    pub applicability: Applicability,
}

/// Whether the repair of one kind of mistake keeps what the author intended, as a rule.
pub(super) fn applicability(code: Code) -> Applicability {
    match code {
        codes::LOOK_ALIKE
        | codes::STRAY_QUOTE
        | codes::UNKNOWN_OPERATOR
        | codes::STRAY_SEPARATOR
        | codes::MISSING_COMMA
        | codes::UPPER_CASE_NAME => Applicability::Safe,
        _ => Applicability::Unsafe,
    }
}

/// The codes of what is wrong with a MatchSpec, one for each kind of mistake.
pub mod codes {
    use crate::diagnostic::Code;

    /// There is no package name, or it holds what a name cannot hold.
    pub const PACKAGE_NAME: Code = Code("MM201");
    /// A character that only looks like one of conda's language (`≥`, `—`, `“`).
    pub const LOOK_ALIKE: Code = Code("MM202");
    /// A quote that does not belong there.
    pub const STRAY_QUOTE: Code = Code("MM203");
    /// `; python_version < "3"`, which is pip's language.
    pub const ENVIRONMENT_MARKER: Code = Code("MM204");
    /// A bracket or parenthesis without its partner.
    pub const UNBALANCED_BRACKET: Code = Code("MM205");
    /// `name[extra]`, which is pip's language.
    pub const EXTRAS: Code = Code("MM206");
    /// `[key=value]` with a key or value that a tool refuses.
    pub const BRACKET_ATTRIBUTE: Code = Code("MM207");
    /// A URL that is no package file.
    pub const PACKAGE_URL: Code = Code("MM208");
    /// `=>`, `===`, `> =` and the like.
    pub const UNKNOWN_OPERATOR: Code = Code("MM209");
    /// An operator without a version.
    pub const MISSING_VERSION: Code = Code("MM210");
    /// A comma or `|` that joins nothing.
    pub const STRAY_SEPARATOR: Code = Code("MM211");
    /// A space where a comma must stand.
    pub const MISSING_COMMA: Code = Code("MM212");
    /// `1..2` or `1.2.`.
    pub const EMPTY_VERSION_PART: Code = Code("MM213");
    /// `1.*.2`: a `*` that is not at the end.
    pub const INNER_GLOB: Code = Code("MM214");
    /// A version that is otherwise malformed.
    pub const MALFORMED_VERSION: Code = Code("MM215");
    /// A build string that a tool refuses.
    pub const MALFORMED_BUILD: Code = Code("MM216");
    /// `-r FILE` or another of pip's options among the conda dependencies.
    pub const PIP_OPTION: Code = Code("MM217");
    /// `numpy:1.8`, which names a package `1.8`.
    pub const COLON: Code = Code("MM218");
    /// A package name in upper case, which every tool reads in lower case.
    pub const UPPER_CASE_NAME: Code = Code("MM219");
    /// A tool refuses the text for a reason of its own.
    pub const REFUSED: Code = Code("MM220");
}
