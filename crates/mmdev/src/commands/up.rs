//! `mmdev up`: a running container of the project's image, with its lifecycle commands through.

use mmdev_core::container::config::DevContainer;
use mmdev_core::container::identity::{PLAN_HASH, PROJECT};
use mmdev_core::container::lifecycle::LifecycleCommand;
use mmdev_core::container::metadata;
use mmdev_core::container::plan::{Inputs, create_plan};
use mmdev_core::container::user::{self, Decision, Host, ImageAccounts, RemoteUser};
use mmdev_core::reconcile::{Action, Goal};
use mmdev_docker::{BuildRequest, ContainerInfo, ContextFile, Engine, EngineKind, ImageInfo};
use tokio::process::Command;

use super::build::{self, build_image, decide, observe, remove_image};
use super::hand_over::hand_over;
use super::lifecycle::{self, Inside, exec_user};
use crate::agent::Way;
use crate::engine;
use crate::error::{Error, Result, Status};
use crate::json::Message;
use crate::printer::Printer;
use crate::settings::Request;
use crate::target::{HOST, Target};

/// A container that is up.
pub(crate) struct Running {
    /// The container.
    pub(crate) container: ContainerInfo,
    /// What its devcontainer.json and its image say together.
    pub(crate) config: DevContainer,
    /// The remote user, as exec takes it.
    pub(crate) user: String,
}

/// In which way a container is to be up.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    /// One that is there makes place for a new one.
    pub(crate) replace: bool,
    /// Somebody goes in: `postAttachCommand` runs. A program that `run` runs is nobody.
    pub(crate) attach: bool,
}

/// Starts the project's container, and builds what is not built.
pub(crate) fn up(printer: &Printer, request: &Request, recreate: bool) -> Result {
    let (_lock, target) = build::prepare(printer, request)?;
    let arguments: &[&str] = match recreate {
        true => &["--remove-existing-container"],
        false => &[],
    };
    if let Some(status) = hand_over(printer, &target, "up", arguments)? {
        return Ok(status);
    }
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        let manner = Manner {
            replace: recreate,
            attach: true,
        };
        let running = bring_up(printer, request, &engine, &target, manner).await?;
        printer.message(&Message::ContainerReady {
            container: &running.container.id,
            user: &running.user,
            workspace: &target.workspace.folder,
        });
        printer.status(
            "Ready",
            &format!("{} in {}", target.workspace.folder, running.container.name),
        );
        printer.note("\nNext: mmdev shell, or mmdev run -- CMD; mmdev down stops it.");
        Ok(Status::Done)
    }))
}

/// Executes what the reconciler decided, up to a container that runs.
pub(crate) async fn bring_up(
    printer: &Printer,
    request: &Request,
    engine: &Engine,
    target: &Target,
    manner: Manner,
) -> Result<Running> {
    let observed = observe(engine, target).await?;
    for action in decide(target, &observed, Goal::Container, manner.replace) {
        match action {
            Action::Build { .. } => build_image(printer, request, engine, target).await?,
            Action::Create { .. } => create(printer, engine, target).await?,
            Action::Start { container } => {
                engine.start(&container).await?;
                printer.status("Started", &target.identity.project);
            }
            Action::Unpause { container } => {
                engine.unpause(&container).await?;
                printer.status("Resumed", &target.identity.project);
            }
            Action::Behind { .. } => {
                printer.warning("the container was made from an older image");
                printer.hint(
                    "mmdev up --recreate replaces it; what was installed in it by hand is lost",
                );
            }
            Action::RemoveContainer { container } => {
                engine.stop(&container, STOP_SECONDS).await?;
                engine.remove(&container).await?;
                printer.status("Removed", &target.identity.project);
            }
            Action::RemoveImage { image } => remove_image(printer, engine, &image).await?,
            Action::Write(_) | Action::Remove { .. } | Action::Leave { .. } => {}
        }
    }
    let observation = engine.observe(&target.identity).await?;
    let Some(container) = observation.containers.into_iter().next() else {
        return Err(Error::world(anyhow::anyhow!(
            "the container went away while it was started"
        )));
    };
    let image = engine.inspect_image(&container.image_id).await?;
    let config = merged(target, &image);
    let remote = user::remote_user(&config, &image.user);
    let inside = Inside {
        container: &container,
        config: &config,
        remote: &remote,
    };
    lifecycle::run(printer, engine, target, manner.attach, &inside).await?;
    Ok(Running {
        user: exec_user(&remote),
        container,
        config,
    })
}

/// How long a container may take to stop.
pub(crate) const STOP_SECONDS: u16 = 10;

/// What the image's metadata and devcontainer.json say together.
fn merged(target: &Target, image: &ImageInfo) -> DevContainer {
    let entries = image
        .labels
        .get(mmdev_core::container::identity::METADATA)
        .map(|label| metadata::entries(label))
        .unwrap_or_default();
    let entries = entries
        .iter()
        .map(|entry| DevContainer::lower(entry).0)
        .collect();
    metadata::merge(entries, target.config.clone())
}

/// Creates the container and starts it.
async fn create(printer: &Printer, engine: &Engine, target: &Target) -> Result<()> {
    let image = engine.inspect_image(&target.image).await?;
    let config = merged(target, &image);
    if let Some(command) = &config.initialize_command {
        initialize(printer, target, command).await?;
    }
    let remote = user::remote_user(&config, &image.user);
    let tag = remapped(printer, engine, target, &image, &config, &remote).await?;
    let metadata = metadata::label(
        image
            .labels
            .get(mmdev_core::container::identity::METADATA)
            .map(String::as_str),
        &target.file.properties,
    );
    let (mut plan, warnings) = create_plan(&Inputs {
        config: &config,
        identity: &target.identity,
        workspace: &target.workspace,
        system: HOST,
        local_folder: &target.local_folder,
        image: &tag,
        image_command: &image.command,
        metadata: &metadata,
        spec_hash: None,
        plan_hash: Some(&target.plan_hash),
        environment: &target.environment,
        has_gpu: engine.has_gpu,
        is_podman: engine.kind == EngineKind::Podman,
        remote_user: &remote,
    });
    plan.run
        .volumes
        .extend(Way::new(engine, target).volume(printer));
    let (container, more) = engine.create(&plan).await?;
    for warning in warnings.iter().chain(&more) {
        printer.warning(warning);
    }
    if let Err(error) = engine.start(&container).await {
        // It never ran, so nothing is lost; left there, it would be started again, as it was made, for ever.
        engine.remove(&container).await?;
        return Err(error.into());
    }
    printer.status(
        "Created",
        &format!("the container of {}", target.identity.project),
    );
    Ok(())
}

/// The image with the host user's ids for the remote user, where that is needed and possible.
async fn remapped(
    printer: &Printer,
    engine: &Engine,
    target: &Target,
    image: &ImageInfo,
    config: &DevContainer,
    remote: &RemoteUser,
) -> Result<String> {
    let Some((uid, gid)) = super::doctor::user() else {
        return Ok(target.image.clone());
    };
    let accounts = engine
        .read_image_files(&target.image, &["/etc/passwd", "/etc/group"])
        .await?;
    let text = |index: usize| accounts.get(index).cloned().flatten().unwrap_or_default();
    let (passwd, group) = (text(0), text(1));
    let host = Host {
        system: HOST,
        uid,
        gid,
        rootless: engine.rootless,
    };
    let accounts = ImageAccounts {
        passwd: &passwd,
        group: &group,
    };
    let remap = match user::decide(config.update_remote_user_uid, remote, host, accounts) {
        Decision::Remap(remap) => remap,
        Decision::Nothing(reason) => {
            printer.detail(&format!("the remote user keeps its ids: {reason}"));
            return Ok(target.image.clone());
        }
        Decision::Loud { message, hint } => {
            printer.warning(&message);
            printer.hint(&hint);
            return Ok(target.image.clone());
        }
    };
    if let Some(note) = &remap.note {
        printer.warning(note);
    }
    let tag = user::remap_image_name(&target.image, &remap);
    let image_user = if image.user.is_empty() {
        "root"
    } else {
        &image.user
    };
    // An image that was pulled has none of these, and by them its remapped child is found and removed later.
    let ours = [
        (PROJECT, &target.identity.project),
        (PLAN_HASH, &target.plan_hash),
    ]
    .map(|(label, value)| (label.to_owned(), value.clone()));
    let request = BuildRequest {
        files: user::remap_context(&remap)
            .into_iter()
            .map(|(path, text)| ContextFile::new(path, text))
            .collect(),
        dockerfile: "Dockerfile".to_owned(),
        tag: tag.clone(),
        labels: image.labels.clone().into_iter().chain(ours).collect(),
        args: [
            ("BASE_IMAGE", target.image.as_str()),
            ("IMAGE_USER", image_user),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        ..BuildRequest::default()
    };
    build::run_build(printer, engine, &request).await?;
    Ok(tag)
}

/// `initializeCommand`, which runs on this machine; it ends when nobody waits for it any more.
async fn initialize(printer: &Printer, target: &Target, command: &LifecycleCommand) -> Result<()> {
    for process in command.processes() {
        let Some((program, arguments)) = process.arguments.split_first() else {
            continue;
        };
        printer.status("Running", "initializeCommand");
        let status = Command::new(program)
            .args(arguments)
            .current_dir(&target.local_folder)
            .kill_on_drop(true)
            .status()
            .await
            .map_err(|error| {
                Error::world(anyhow::Error::new(error).context(format!("cannot run {program}")))
            })?;
        if !status.success() {
            return Err(Error::problem(format!(
                "initializeCommand of devcontainer.json failed: {status}"
            )));
        }
    }
    Ok(())
}
