//! `mmdev status`, `mmdev down` and `mmdev clean`: what is there, and taking it away.

use indicatif::HumanBytes;
use mmdev_core::artifact;
use mmdev_core::project::Project;
use mmdev_core::reconcile::{Action, Goal, State};

use mmdev_docker::{BuildEvent, BuildRequest, ContextFile, Engine};

use super::build::{decide, observe};
use super::up::STOP_SECONDS;
use crate::agent;
use crate::changes::ChangeKind;
use crate::devcontainer::Devcontainer;
use crate::engine;
use crate::error::{Result, Status};
use crate::files::ProjectLock;
use crate::json::Message;
use crate::load::{Workspace, counted};
use crate::locate;
use crate::plan::Writing;
use crate::plan::{self, Plan};
use crate::printer::Printer;
use crate::settings::Request;
use crate::target::{self, Target};

/// Reads the project and says what its dev container is; nothing is written.
pub(super) fn read(printer: &Printer, request: &Request) -> Result<(Workspace, Plan, Target)> {
    let workspace = Workspace::read(request)?.usable(printer)?;
    let plan = plan::plan(&workspace, &Writing::default())?;
    let devcontainer = plan
        .changes
        .iter()
        .find(|change| change.path == workspace.devcontainer.path)
        .and_then(|change| change.after.clone())
        .unwrap_or_default();
    let target = Target::new(printer, &workspace, &devcontainer)?;
    Ok((workspace, plan, target))
}

/// Says whether files, image and container are as the spec says.
pub(crate) fn status(printer: &Printer, request: &Request) -> Result {
    let (_, plan, target) = read(printer, request)?;
    let changed = plan
        .changes
        .iter()
        .filter(|change| change.kind() != ChangeKind::Unchanged)
        .count()
        + plan.conflicts.len()
        + usize::from(plan.broken.is_some());
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        let observed = observe(&engine, &target).await?;
        let actions = decide(&target, &observed, Goal::Container, false);
        let built = !actions
            .iter()
            .any(|action| matches!(action, Action::Build { .. }));
        let behind = actions
            .iter()
            .any(|action| matches!(action, Action::Behind { .. }));
        let usage = engine.usage(&target.identity.project).await?;
        let container = observed.containers.first();
        let state = match container.map(|container| container.state) {
            None => "absent",
            Some(State::Running) => "running",
            Some(State::Paused) => "paused",
            Some(State::Stopped) => "stopped",
        };
        printer.message(&Message::Status {
            files: if changed == 0 { "fresh" } else { "stale" },
            image: &target.image,
            built,
            container: container.map(|container| container.id.as_str()),
            state,
            behind,
            bytes: usage.bytes,
        });
        let files = match changed {
            0 => "as the spec says".to_owned(),
            _ => format!(
                "{} not as the spec says: mmdev generate",
                counted(changed, "file")
            ),
        };
        let image = if built {
            ""
        } else {
            ", not built: mmdev build"
        };
        let way = match container.map(|container| container.state) {
            Some(State::Running) => "",
            _ => ": mmdev up",
        };
        let note = if behind {
            ", made from an older image: mmdev up --recreate"
        } else {
            ""
        };
        printer.result(&format!(
            "files      {files}\nimage      {}{image}\ncontainer  {state}{way}{note}\nspace      {} in {}\n",
            target.image,
            HumanBytes(usage.bytes),
            counted(usage.images, "image"),
        ));
        Ok(Status::Done)
    }))
}

/// Stops and removes the project's container. What is in the workspace stays.
pub(crate) fn down(printer: &Printer) -> Result {
    // A spec that is broken at the moment is no reason to keep a container.
    let root = locate::root(&locate::current_folder()?);
    let _lock = ProjectLock::acquire(&root, printer)?;
    let identity = target::identity(&root, &Devcontainer::find(&root, false)?.path)?;
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        let containers = engine.observe(&identity).await?.containers;
        if containers.is_empty() {
            printer.note("No container is there.");
        }
        for container in containers {
            engine.stop(&container.id, STOP_SECONDS).await?;
            engine.remove(&container.id).await?;
            printer.status("Removed", &container.name);
        }
        agent::clear(&identity.project);
        Ok(Status::Done)
    }))
}

/// Removes the project's superseded images, and empties the package cache of its builds. What is not mmdev's stays.
pub(crate) fn clean(printer: &Printer, request: &Request) -> Result {
    let (workspace, _, target) = read(printer, request)?;
    let _lock = ProjectLock::acquire(&workspace.root, printer)?;
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        let removed = engine
            .remove_superseded(&target.identity.project, &[&target.image])
            .await?;
        for image in &removed {
            let name = image.tags.first().unwrap_or(&image.id);
            printer.status("Removed", name);
        }
        empty_package_cache(printer, &engine, &workspace.project).await?;
        Ok(Status::Done)
    }))
}

/// Empties the package cache with a build, which leaves no image behind.
async fn empty_package_cache(printer: &Printer, engine: &Engine, project: &Project) -> Result<()> {
    let base = project.base_image.pinned();
    if matches!(
        engine.inspect_image(&base).await,
        Err(mmdev_docker::Error::NoImage { .. })
    ) {
        printer.warning(&format!(
            "the package cache stays: {base}, with which it is emptied, is not on this machine"
        ));
        printer.hint(
            "docker builder prune --filter type=exec.cachemount empties the caches of all builds, not only mmdev's",
        );
        return Ok(());
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let tag = format!("mmdev-clean:{}", std::process::id());
    let build = BuildRequest {
        files: vec![ContextFile::new(
            "Dockerfile",
            artifact::cache_cleaner(project),
        )],
        dockerfile: "Dockerfile".to_owned(),
        tag: tag.clone(),
        args: [("NOW".to_owned(), now.as_nanos().to_string())].into(),
        ..BuildRequest::default()
    };
    let mut bytes = 0;
    engine
        .build(&build, &mut |event| {
            if let BuildEvent::Log { line, .. } = event {
                let freed = line.trim().strip_prefix(artifact::FREED);
                bytes = freed.and_then(|freed| freed.parse().ok()).unwrap_or(bytes);
            }
        })
        .await?;
    engine.remove_image(&tag).await?;
    printer.status(
        "Freed",
        &format!(
            "{} of package cache; projects on the same base image share it",
            HumanBytes(bytes)
        ),
    );
    Ok(())
}
