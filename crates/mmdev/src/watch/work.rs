//! What takes time: building the image, replacing the container, looking at what the engine has. Each is a future that
//! can be dropped at any time; the engine stops then as well.

use std::rc::Rc;
use std::time::Duration;

use mmdev_core::container::identity::PLAN_HASH;
use mmdev_core::reconcile::{Action, Goal};
use mmdev_docker::Engine;

use super::handed_over;
use super::state::Standing;
use crate::commands::build::{build_image, decide, observe, remove_image};
use crate::commands::up::{Manner, bring_up};
use crate::engine;
use crate::error::Result;
use crate::json::Message;
use crate::printer::Printer;
use crate::settings::Request;
use crate::target::Target;

/// What is to be done.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// The dev container.
    pub(super) target: Rc<Target>,
    /// Whether a container that is behind is replaced, and one that is not there is made after a build (`--recreate`).
    pub(super) recreate: bool,
    /// Whether the container is behind though its image is not: devcontainer.json says something else of it.
    pub(super) is_other: bool,
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
    /// How it stands to the image.
    pub(super) standing: Standing,
    /// Its id; `None` where there is none.
    pub(super) id: Option<String>,
    /// Whether it says from which plan it was made. What VS Code and the `devcontainer` program make does not.
    pub(super) is_labelled: bool,
}

impl Found {
    /// The same as behind, where there is one.
    pub(super) fn behind(self) -> Found {
        let standing = match self.standing {
            Standing::Absent => Standing::Absent,
            _ => Standing::Behind,
        };
        Found { standing, ..self }
    }
}

/// Builds the image if there is none, removes those that it supersedes, and replaces the container where that is wanted.
pub(super) async fn work(printer: &Printer, request: &Request, job: Job) -> Result<Done> {
    let engine = engine::connect().await?;
    if let Some(done) = handed_over::work(printer, &engine, &job).await? {
        return Ok(done);
    }
    let target = &*job.target;
    let observed = observe(&engine, target).await?;
    let mut built = false;
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
    if job.is_other || (built && !container.is_labelled) {
        container = container.behind();
    }
    let wanted = match container.standing {
        Standing::Behind => job.recreate,
        Standing::Absent => job.recreate && built,
        Standing::Current => false,
    };
    if wanted {
        recreate(printer, request, &engine, target).await?;
        container = find(&engine, target).await?;
    }
    Ok(Done {
        built,
        container,
        recreated: wanted,
        features: None,
    })
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
        standing: match (container, is_behind) {
            (None, _) => Standing::Absent,
            (Some(_), true) => Standing::Behind,
            (Some(_), false) => Standing::Current,
        },
        id: container.map(|container| container.id.clone()),
        is_labelled: container.is_some_and(|container| container.labels.contains_key(PLAN_HASH)),
    })
}
