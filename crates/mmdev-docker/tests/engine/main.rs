//! Everything here talks to a real container engine. A missing one is an error with a hint, never a skip.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod build;
mod connect;
mod containers;
mod exec;
mod support;
