//! Real containers: a Docker daemon, images, a channel, the real devcontainer CLI.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod activation;
mod agent;
mod base_image;
mod conda_lock;
mod devcontainer_cli;
mod hostile;
mod image;
mod layers;
mod pip_lock;
mod proxy;
mod push;
mod run;
mod runtime;
mod seed;
mod size;
mod support;
mod the_world;
mod up;
mod watch;
