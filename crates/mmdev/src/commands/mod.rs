//! What the commands do, one file each. They take plain settings and a printer, never the command line's types.

pub(crate) mod add;
pub(crate) mod amend;
pub(crate) mod base_image;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod eject;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod hand_over;
pub(crate) mod init;
pub(crate) mod lifecycle;
pub(crate) mod lock;
pub(crate) mod lock_all;
pub(crate) mod lsp;
pub(crate) mod push;
pub(crate) mod query;
pub(crate) mod remove;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod runtime;
pub(crate) mod size;
pub(crate) mod status;
pub(crate) mod up;
pub(crate) mod update;
pub(crate) mod watch;
