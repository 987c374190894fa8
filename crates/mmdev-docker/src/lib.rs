//! The container world, over bollard: observe, build, run, exec, copy.
//!
//! [`Engine`] is a connection to Docker or Podman; everything starts there. Nothing here reads the environment of the
//! process: [`Environment`] carries what is needed in. Plans come from `mmdev_core::container`, and nothing is left to
//! choose when they get here.

mod build;
mod connect;
mod containers;
mod context;
mod create;
mod credentials;
mod endpoint;
mod error;
mod events;
mod exec;
mod files;
mod images;
mod progress;
mod terminal;

pub use build::{BuildRequest, BuiltImage};
pub use connect::{Engine, EngineKind};
pub use containers::{ContainerInfo, Observation, State};
pub use context::ContextFile;
pub use create::is_port_free;
pub use credentials::Credentials;
pub use endpoint::{Endpoint, Environment};
pub use error::{BuildFailure, Error};
pub use exec::{ExecOutput, ExecRequest, ExecStreams, Finished, Signal};
pub use images::{ImageInfo, PullEvent, Usage};
pub use progress::BuildEvent;
pub use terminal::{RawMode, read_stdin, resizes, terminal_size};
