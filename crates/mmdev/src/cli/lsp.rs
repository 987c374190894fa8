//! `mmdev lsp`.

use clap::Args;

/// What `lsp` takes.
#[derive(Debug, Args)]
pub(crate) struct LspArguments {
    /// Use stdin and stdout, as it does anyway; some editors say so
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}
