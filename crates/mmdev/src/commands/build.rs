//! `mmdev build`: the image, and the executing of what the reconciler decided about images.

use std::collections::BTreeMap;

use mmdev_core::artifact::FOLDER;
use mmdev_core::container::identity::{PLAN_HASH, PROJECT};
use mmdev_core::container::run_args;
use mmdev_core::reconcile::{self, Action, Container, Goal, Image, Observed, State};
use mmdev_docker::{BuildRequest, ContextFile, Credentials, Engine};

use super::generate;
use super::hand_over::hand_over;
use crate::engine;
use crate::error::{Error, Result, Status};
use crate::files::ProjectLock;
use crate::json::Message;
use crate::load::Workspace;
use crate::locate;
use crate::locking;
use crate::plan;
use crate::plan::Writing;
use crate::printer::Printer;
use crate::progress::{BuildProgress, PullProgress};
use crate::settings::Request;
use crate::source::Source;
use crate::target::Target;

/// Builds the image of the project, if there is none.
pub(crate) fn build(printer: &Printer, request: &Request) -> Result {
    let (_lock, target) = prepare(printer, request)?;
    if let Some(status) = hand_over(printer, &target, "build", &[])? {
        return Ok(status);
    }
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        make(printer, request, &engine, &target).await?;
        Ok(Status::Done)
    }))
}

/// Builds the image of the project where it is not as the spec says.
pub(super) async fn make(
    printer: &Printer,
    request: &Request,
    engine: &Engine,
    target: &Target,
) -> Result<()> {
    let observed = observe(engine, target).await?;
    let mut actions = decide(target, &observed, Goal::Image, false);
    let is_built = |action: &Action| matches!(action, Action::Build { .. });
    if matches!(target.source, Source::Dockerfile { .. }) && !actions.iter().any(is_built) {
        // What a person's Dockerfile copies may have changed: the engine's cache knows.
        let plan_hash = target.plan_hash.clone();
        actions.insert(0, Action::Build { plan_hash });
    }
    if actions.is_empty() {
        printer.status("Fresh", &format!("{} is as the spec says", target.image));
    }
    for action in actions {
        match action {
            Action::Build { .. } => build_image(printer, request, engine, target).await?,
            Action::RemoveImage { image } => remove_image(printer, engine, &image).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Brings the project's files up to date and says what its dev container is. The lock is to be held while images and
/// containers are made, so that two processes do not make them twice.
pub(crate) fn prepare(printer: &Printer, request: &Request) -> Result<(ProjectLock, Target)> {
    let (lock, _, target) = prepare_workspace(printer, request)?;
    Ok((lock, target))
}

/// The same, with the project as it was read.
pub(super) fn prepare_workspace(
    printer: &Printer,
    request: &Request,
) -> Result<(ProjectLock, Workspace, Target)> {
    let current = locate::current_folder()?;
    let root = locate::root(&current);
    let lock = ProjectLock::acquire(&root, printer)?;
    let workspace = Workspace::read_at(&root, &current, request)?;
    let workspace = locking::made_at_first(printer, request, workspace)?.usable(printer)?;
    let writing = Writing::default();
    let plan = plan::plan(&workspace, &writing)?;
    let devcontainer = plan
        .changes
        .iter()
        .find(|change| change.path == workspace.devcontainer.path)
        .and_then(|change| change.after.clone())
        .unwrap_or_default();
    generate::apply(printer, &workspace, plan, &writing)?;
    let target = Target::new(printer, &workspace, &devcontainer)?;
    Ok((lock, workspace, target))
}

/// What of the project is in the engine.
pub(crate) async fn observe(engine: &Engine, target: &Target) -> Result<Observed> {
    let mut observation = engine.observe(&target.identity).await?;
    if let Source::Image(image) = &target.source {
        // An image from a registry has none of our labels.
        match engine.inspect_image(image).await {
            Ok(mut found) => {
                let plan = (PLAN_HASH.to_owned(), target.plan_hash.clone());
                found.labels.extend([plan]);
                observation.images.push(found);
            }
            Err(mmdev_docker::Error::NoImage { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Observed {
        files: target
            .files
            .iter()
            .map(|file| (file.path.clone(), file.text.clone()))
            .collect(),
        images: observation
            .images
            .into_iter()
            .map(|image| Image {
                id: image.id,
                labels: image.labels,
            })
            .collect(),
        containers: observation
            .containers
            .into_iter()
            .map(|container| Container {
                id: container.id,
                image: container.image_id,
                labels: container.labels,
                state: match container.state {
                    mmdev_docker::State::Running => State::Running,
                    mmdev_docker::State::Paused => State::Paused,
                    _ => State::Stopped,
                },
            })
            .collect(),
    })
}

/// What is to be done.
pub(crate) fn decide(
    target: &Target,
    observed: &Observed,
    goal: Goal,
    replace: bool,
) -> Vec<Action> {
    let desired = reconcile::Desired {
        files: &target.files,
        plan_hash: &target.plan_hash,
        goal,
        overwrite: false,
        replace,
    };
    reconcile::reconcile(desired, observed)
}

/// Builds the image of the project, or pulls it where it comes from a registry.
pub(crate) async fn build_image(
    printer: &Printer,
    request: &Request,
    engine: &Engine,
    target: &Target,
) -> Result<()> {
    let credentials = Credentials::load(&engine::environment())?;
    let (folder, dockerfile, files) = match &target.source {
        Source::Image(image) => return pull(printer, request, engine, image, &credentials).await,
        Source::Dockerfile {
            context,
            path,
            text,
        } => {
            let file = ContextFile::new(path.as_str(), text.as_str());
            (Some(context.clone()), path.clone(), vec![file])
        }
        Source::Generated { base } => {
            if request.offline {
                present(engine, base).await?;
            }
            (None, "Dockerfile".to_owned(), generated_context(target))
        }
        Source::Other(_) => (None, "Dockerfile".to_owned(), generated_context(target)),
    };
    let config = target.config.build.clone().unwrap_or_default();
    let options = run_args::parse_build_options(&config.options);
    let mut args: BTreeMap<String, String> = config.args.into_iter().collect();
    args.extend(options.args);
    let mut labels: BTreeMap<String, String> = options.labels.into_iter().collect();
    labels.insert(PROJECT.to_owned(), target.identity.project.clone());
    labels.insert(PLAN_HASH.to_owned(), target.plan_hash.clone());
    let build = BuildRequest {
        folder,
        files,
        dockerfile,
        tag: target.image.clone(),
        labels,
        args,
        target: config.target.or(options.target),
        platform: options.platform,
        network: options.network,
        extra_hosts: options.extra_hosts,
        no_cache: options.no_cache,
        cache_from: match request.offline {
            true => Vec::new(),
            false => config.cache_from,
        },
        pull: options.pull && !request.offline,
        credentials,
    };
    run_build(printer, engine, &build).await
}

/// The generated folder as a build context.
fn generated_context(target: &Target) -> Vec<ContextFile> {
    target
        .files
        .iter()
        .filter_map(|file| {
            let path = file.path.strip_prefix(FOLDER)?.strip_prefix('/')?;
            Some(ContextFile::new(path, file.text.clone()))
        })
        .collect()
}

/// Fails where the image is not on this machine: what `--offline` needs.
pub(super) async fn present(engine: &Engine, image: &str) -> Result<()> {
    match engine.inspect_image(image).await {
        Ok(_) => Ok(()),
        Err(mmdev_docker::Error::NoImage { .. }) => Err(Error::world(anyhow::anyhow!(
            "the image {image} is not on this machine, and --offline forbids to pull it"
        ))
        .with_hint(format!("docker pull {image} while there is a network"))
        .with_hint("or run the same command without --offline")),
        Err(error) => Err(error.into()),
    }
}

async fn pull(
    printer: &Printer,
    request: &Request,
    engine: &Engine,
    image: &str,
    credentials: &Credentials,
) -> Result<()> {
    if request.offline {
        return present(engine, image).await;
    }
    let mut progress = PullProgress::new(printer, image);
    engine
        .pull(image, None, credentials, &mut |event| {
            progress.report(&event);
        })
        .await?;
    progress.done();
    Ok(())
}

/// Builds one image, and shows how it gets on.
pub(crate) async fn run_build(
    printer: &Printer,
    engine: &Engine,
    build: &BuildRequest,
) -> Result<()> {
    let mut progress = BuildProgress::new(printer);
    let built = engine
        .build(build, &mut |event| progress.report(event))
        .await
        .map_err(Error::from)?;
    printer.message(&Message::BuildFinished {
        image: &build.tag,
        id: &built.id,
    });
    printer.status("Built", &build.tag);
    Ok(())
}

/// Removes an image that nothing uses any more.
pub(crate) async fn remove_image(printer: &Printer, engine: &Engine, image: &str) -> Result<()> {
    if engine.remove_image(image).await? {
        printer.detail(&format!("removed the superseded image {image}"));
    }
    Ok(())
}
