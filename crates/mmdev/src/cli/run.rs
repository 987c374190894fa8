//! `mmdev up` and `mmdev run`.

use clap::Args;

/// What `up` takes.
#[derive(Debug, Args)]
pub(crate) struct UpArguments {
    /// Remove the container that is there and make a new one
    #[arg(long)]
    pub(crate) recreate: bool,
}

/// What `run` takes.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The command and its arguments; they are passed on as they are
    #[arg(
        value_name = "CMD",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) command: Vec<String>,
}
