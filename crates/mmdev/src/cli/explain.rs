//! `mmdev explain`.

use clap::Args;

/// What `explain` takes.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The rule's code, such as MM101, or its name; all rules are listed without one
    pub(crate) code: Option<String>,
}
