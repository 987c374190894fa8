//! The port to the world: all that the server asks for besides the documents that the editor sends.

use std::sync::Arc;

use mmdev_core::index::{PackageIndex, Scope};
use mmdev_core::lint::Surroundings;
use tokio::sync::watch;

/// The world as the server sees it. Every method answers at once.
pub trait Host: Send + Sync + 'static {
    /// What is known by now of the packages in `scope`. What is not known yet is begun to be fetched.
    fn index(&self, scope: &Scope) -> Arc<dyn PackageIndex>;

    /// What is known by now of the project around the spec at `path`.
    fn surroundings(&self, path: &str) -> Arc<Surroundings>;

    /// Ticks whenever an index that is asked for anew would know more.
    fn index_changes(&self) -> watch::Receiver<u64>;
}
