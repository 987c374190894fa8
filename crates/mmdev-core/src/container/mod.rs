//! What a devcontainer.json means to a container engine: variables, mounts, labels, lifecycle, users.
//!
//! The way of the data: [`config::read`] gives the file as it stands, [`variables::Local`] fills in its variables,
//! [`config::DevContainer::lower`] types it, [`metadata::merge`] adds what the image says about itself, and
//! [`plan::create_plan`] makes of all that one container to create. The behaviour is that of the devcontainer CLI
//! (@devcontainers/cli 0.89), so that VS Code and its CLI find, reuse and understand what mmdev made, and the other
//! way round.

mod command;
pub mod config;
pub mod environment;
pub mod identity;
pub mod ignore;
pub mod lifecycle;
pub mod metadata;
pub mod mount;
pub mod options;
pub mod plan;
pub mod run_args;
pub mod user;
pub mod variables;
