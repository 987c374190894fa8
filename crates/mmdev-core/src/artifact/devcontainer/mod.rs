//! devcontainer.json: created where there is none, else merged into what a person wrote.
//!
//! # How a key is known to be mmdev's
//! `customizations.mmdev.generated` is the committed record of what mmdev wrote last, one entry a line, so that two
//! branches merge. Its keys are JSON Pointers (RFC 6901) into the file:
//! ```json
//! "generated": {
//!     "/build/dockerfile": "1f3c9a07",
//!     "/remoteUser": false,
//!     "/customizations/vscode/extensions": ["ms-python.python"]
//! }
//! ```
//! - A string is the hash of the value that mmdev wrote: the first 8 hexadecimal digits of the SHA-256 of its JSON
//!   text without white space and with sorted keys. A value with another hash was changed by a person: it is reported
//!   and left. A value that is no longer wanted, and still has the hash, is removed.
//! - `false` leaves the key, and all below it, to the person. A person may write it; mmdev never takes it away.
//! - A list holds the members that mmdev added to an array. The other members are the person's.
//!
//! # Whose file it is
//! A file whose record says something about `/build` is kept up to date. Any other was written by a person: it is
//! adopted whole, after the caller has shown the difference and asked, or not at all. An `image` becomes the setting
//! `customizations.mmdev.baseImage`. A Dockerfile or a compose file of a person is never edited: the lines to add are
//! named, among them `"/build": false`. After that mmdev keeps all but `build` where compose builds the generated
//! Dockerfile, and only what lies under `customizations` where a person's Dockerfile makes the image.

mod merge;
mod place;
mod plan;
mod record;

pub use place::{BESIDE_PATH, BuildPaths, DEFAULT_PATH, Discovered, FOLDER, build_paths, discover};
pub use plan::{eject, image_to_adopt, plan};

use crate::diagnostic::{Code, Diagnostic};
use crate::text::Edit;
use serde_json::Value as Json;

/// A value of devcontainer.json has a type that no reader of it understands.
pub const WRONG_TYPE: Code = Code("MM603");
/// A person changed a key that mmdev wrote.
pub const CHANGED_BY_HAND: Code = Code("MM604");
/// Both lifecycle properties that mmdev could use are taken.
pub const LIFECYCLE_TAKEN: Code = Code("MM605");

/// What mmdev wants to say in a devcontainer.json. `build.dockerfile` and `build.context` need not be named: they
/// depend on the place of the file, and [`plan`] adds them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Desired {
    /// `name` of a file that is created. A file that is there keeps its name, or its lack of one.
    pub name: String,
    /// The keys that mmdev owns, in the order in which a created file has them. Name leaves, not objects in which a
    /// person may want a key of their own: `["build", "target"]`, not `["build"]`.
    pub properties: Vec<Property>,
    /// Members of arrays that a person may add to.
    pub members: Vec<Members>,
    /// What runs once in a new container (a lifecycle command: string, array or object). It takes `onCreateCommand`,
    /// or `updateContentCommand` if a person has the first.
    pub on_create: Option<Json>,
    /// The lines that a Dockerfile of a person needs for the same environment. They are shown and never written.
    pub dockerfile_lines: Vec<String>,
    /// The short hash of the locks, which is a build argument: editors offer a rebuild when this file changes, and see
    /// no lock.
    pub lock: Option<String>,
}

/// One key that mmdev owns.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Where it stands, one object key a step.
    pub path: Vec<String>,
    /// What it says.
    pub value: Json,
    /// What happens where a person's file already says something else.
    pub elsewise: Elsewise,
}

/// What happens to a value of a person that differs from mmdev's when mmdev first comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewise {
    /// Adopting a file replaces it; in a file that mmdev keeps it is reported and left.
    Replace,
    /// The person's value stays, without a word: `remoteUser`.
    Keep,
}

impl Property {
    /// A key that must say this for the container to work.
    pub fn new(path: &[&str], value: impl Into<Json>) -> Self {
        Property {
            path: path.iter().map(|&name| name.to_owned()).collect(),
            value: value.into(),
            elsewise: Elsewise::Replace,
        }
    }

    /// A key for which a person's own value is as good.
    pub fn unless_set(path: &[&str], value: impl Into<Json>) -> Self {
        Property {
            elsewise: Elsewise::Keep,
            ..Property::new(path, value)
        }
    }
}

/// Members that mmdev wants in an array of strings.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    /// Where the array stands, one object key a step.
    pub path: Vec<String>,
    /// The members. Extension ids are compared without case, and a person's `-publisher.name` counts as an answer.
    pub items: Vec<String>,
}

/// What to do with keys that a person changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are reported and left.
    Merge,
    /// They are overwritten (`--force`); `false` in the record still holds.
    Force,
}

/// What should happen to one devcontainer.json.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The action.
    pub outcome: Outcome,
    /// What there is to say about the file that is there, in its own positions. What is merely odd in its JSON is said
    /// by [`crate::settings::from_devcontainer`], which reads the file first.
    pub diagnostics: Vec<Diagnostic>,
}

/// The action for one devcontainer.json.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// There is no file: write this.
    Create {
        /// All of it.
        text: String,
    },
    /// It says everything already.
    Unchanged,
    /// It is kept by mmdev, and these edits bring it up to date.
    Update(Change),
    /// A person wrote it: show the difference and ask.
    Adopt(Change),
    /// A person must do it, because it means editing a file that is theirs.
    Manual {
        /// Why, in one sentence without a full stop.
        reason: String,
        /// What to add where.
        instructions: Vec<Instruction>,
    },
    /// It cannot be understood; the plan's diagnostics say why.
    Invalid,
}

/// A new text for a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// All of the new text.
    pub text: String,
    /// The edits of the old text that lead to it; every byte outside them is unchanged.
    pub edits: Vec<Edit>,
    /// What changes, a clause a change.
    pub summary: Vec<String>,
}

/// Lines for a person to add.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// The file, relative to the project's root; as a person's file says it where it holds a variable.
    pub file: String,
    /// The lines, with line ends.
    pub lines: String,
}

#[cfg(test)]
mod tests;
