//! What packages the channels of a spec have: the one question that the core asks of the world.
//!
//! Whoever asks gets an answer at once, from what is known by then. What nobody knows yet is [`Answer::Unknown`], and
//! nothing is ever said against a dependency because of it.

/// An answer from an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<T> {
    /// The channels have it, and this is all of it.
    Known(T),
    /// Every channel of the spec was asked, and none has it.
    Absent,
    /// Not every channel could be asked, or none was asked yet.
    Unknown,
}

/// One package file on a channel, as far as a pin can ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The version as the record has it.
    pub version: String,
    /// The build string.
    pub build: String,
    /// The build number.
    pub build_number: u64,
    /// The channel, as the spec names it.
    pub channel: String,
    /// The subdir that it stands in: a platform or `noarch`.
    pub subdir: String,
}

/// The packages of the channels and platforms of one spec.
///
/// It is an immutable snapshot: two questions to one index never contradict each other.
pub trait PackageIndex: Send + Sync {
    /// Every package name, sorted, each once. [`Answer::Known`] only when the lists of all channels are known.
    fn names(&self) -> Answer<&[String]>;

    /// The package files of `name` (in lower case) on all channels for all platforms of the spec, newest version
    /// first.
    fn candidates(&self, name: &str) -> Answer<&[Candidate]>;

    /// The files of `name` that the channels had and have taken back, which no tool installs; newest version first.
    /// The build number of such a file is not known, and 0.
    fn removed(&self, _name: &str) -> &[Candidate] {
        &[]
    }

    /// The platforms that it is about, without `noarch`; none where that is not known, and then nothing is said of
    /// an entry with a selector.
    fn platforms(&self) -> &[String] {
        &[]
    }
}

/// What an index is to be about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Scope {
    /// The channels as the spec names them, first the most important; credentials in URLs are kept.
    pub channels: Vec<String>,
    /// The conda subdirs, without `noarch`, which always counts.
    pub platforms: Vec<String>,
    /// The names whose package files matter.
    pub names: Vec<String>,
}
