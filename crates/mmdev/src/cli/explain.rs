//! `mmdev explain`.

use clap::Args;

/// What `explain` takes.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The rule's code, such as MM101, or its name
    pub(crate) code: String,
}
