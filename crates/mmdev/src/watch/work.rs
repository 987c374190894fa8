//! What takes time: building the image, replacing the container, looking at what the engine has. Each is a future that
//! can be dropped at any time; the engine stops then as well.

use std::rc::Rc;
use std::time::Duration;

use mmdev_core::reconcile::{Action, Goal, State};
use mmdev_docker::Engine;

use super::handed_over;
use crate::commands::build::{build_image, decide, observe, remove_image};
use crate::commands::up::{Manner, bring_up};
use crate::engine;
use crate::error::Result;
use crate::json::Message;
use crate::printer::Printer;
use crate::settings::Request;
use crate::source::Source;
use crate::sync::{self, LockedPrefix, Outcome};
use crate::target::Target;

/// What is to be done.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// The dev container.
    pub(super) target: Rc<Target>,
    /// Whether a container that is behind is replaced, and one that is not there is made after a build (`--recreate`).
    pub(super) recreate: bool,
    /// The container that is behind though its labels do not say so.
    pub(super) outdated: Option<String>,
    /// The environments that have a lock.
    pub(super) locked: Rc<[LockedPrefix]>,
}

/// What was done.
#[derive(Debug, Clone)]
pub(super) struct Done {
    /// Whether an image was built; else there was one already.
    pub(super) built: bool,
    /// The container that is there now.
    pub(super) container: Found,
    /// Whether a new container was made.
    pub(super) recreated: bool,
    /// What the dev container Features took.
    pub(super) features: Option<Duration>,
}

/// The project's container.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its id; `None` where there is none.
    pub(super) id: Option<String>,
    /// Whether its labels say that it was made from an older image.
    pub(super) is_behind: bool,
}

impl Found {
    /// Whether it is to make place for a new one.
    pub(super) fn is_superseded(&self, job: &Job) -> bool {
        self.id.is_some() && (self.is_behind || self.id == job.outdated)
    }
}

/// Builds the image if there is none, removes those that it supersedes, and replaces the container where that is wanted.
pub(super) async fn work(printer: &Printer, request: &Request, job: Job) -> Result<Done> {
    let engine = engine::connect().await?;
    let target = &*job.target;
    let observed = observe(&engine, target).await?;
    let mut built = false;
    let running = observed.containers.iter();
    let mut running = running.filter(|container| container.state == State::Running);
    if let (Some(container), Source::Generated { .. }) = (running.next(), &target.source)
        && !job.recreate
    {
        sync_running(printer, &engine, &container.id, &job.locked).await;
    }
    if let Some(done) = handed_over::work(printer, &engine, &job).await? {
        return Ok(done);
    }
    for action in decide(target, &observed, Goal::Image, false) {
        match action {
            Action::Build { .. } => {
                build_image(printer, request, &engine, target).await?;
                built = true;
            }
            Action::RemoveImage { image } => remove_image(printer, &engine, &image).await?,
            _ => {}
        }
    }
    let mut container = find(&engine, target).await?;
    let is_absent = container.id.is_none();
    let recreated = job.recreate && (container.is_superseded(&job) || (built && is_absent));
    if recreated {
        recreate(printer, request, &engine, target).await?;
        container = find(&engine, target).await?;
    }
    Ok(Done {
        built,
        container,
        recreated,
        features: None,
    })
}

/// Brings the packages of the running container to the lock, at once: the image is built behind it. Where that cannot be
/// done it is said, and the image is built all the same.
async fn sync_running(
    printer: &Printer,
    engine: &Engine,
    container: &str,
    locked: &[LockedPrefix],
) {
    let outcomes = match sync::sync(printer, engine, container, locked).await {
        Ok(outcomes) => outcomes,
        Err(error) => return printer.error(&error),
    };
    let (mut all_removed, mut all_installed) = (0, 0);
    for (environment, outcome) in locked.iter().zip(outcomes) {
        match outcome {
            Outcome::Synced { removed, installed } => {
                all_removed += removed;
                all_installed += installed;
            }
            Outcome::Absent => {
                let name = &environment.name;
                let text = format!(
                    "`{name}`, which the running container does not have yet: mmdev up --recreate"
                );
                printer.status("Skipped", &text);
            }
            Outcome::Failed(error) => printer.error(&error),
        }
    }
    if all_removed + all_installed > 0 {
        printer.message(&Message::ContainerSynced {
            container,
            removed: all_removed,
            installed: all_installed,
        });
        let text =
            format!("the running container: {all_removed} removed, {all_installed} installed");
        printer.status("Synced", &text);
    }
}

async fn recreate(
    printer: &Printer,
    request: &Request,
    engine: &Engine,
    target: &Target,
) -> Result<()> {
    let manner = Manner {
        replace: true,
        attach: false,
    };
    let running = bring_up(printer, request, engine, target, manner).await?;
    printer.message(&Message::ContainerReady {
        container: &running.container.id,
        user: &running.user,
        workspace: &target.workspace.folder,
    });
    Ok(())
}

/// The container, and whether the image is there.
pub(super) async fn look(target: Rc<Target>) -> Result<(Found, bool)> {
    let engine = engine::connect().await?;
    let observed = observe(&engine, &target).await?;
    let actions = decide(&target, &observed, Goal::Image, false);
    let is_missing = actions
        .iter()
        .any(|action| matches!(action, Action::Build { .. }));
    // What the `devcontainer` program builds is not known by a label.
    let is_there = !is_missing || !target.left_to_others().is_empty();
    Ok((find(&engine, &target).await?, is_there))
}

/// The container of the project, as the engine has it now.
pub(super) async fn find(engine: &Engine, target: &Target) -> Result<Found> {
    let observed = observe(engine, target).await?;
    let actions = decide(target, &observed, Goal::Container, false);
    let is_behind = actions
        .iter()
        .any(|action| matches!(action, Action::Behind { .. }));
    let container = observed.containers.first();
    Ok(Found {
        id: container.map(|container| container.id.clone()),
        is_behind,
    })
}
