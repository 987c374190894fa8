//! `mmdev build --target runtime`: an image for running the project's programs, made from the development image.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::HumanBytes;
use mmdev_core::artifact::{self, Activated, RUNTIME_FOLDER, Runtime};
use mmdev_core::container::run_args;
use mmdev_docker::{BuildRequest, ContextFile, Credentials, Engine, ImageInfo};

use super::build::{make, prepare_workspace, present, remove_image, run_build};
use crate::engine::{self, OwnEnd};
use crate::error::{Error, Result, Status};
use crate::json::Message;
use crate::load::Workspace;
use crate::printer::Printer;
use crate::settings::Request;
use crate::source::Source;
use crate::target::Target;

/// The label with the project's identity. Not that of the development image, which is looked for by it.
const LABEL: &str = "dev.mmdev.runtime";

/// Builds the development image where there is none, and the runtime image from it.
pub(crate) fn build(printer: &Printer, request: &Request, keep: &[String]) -> Result {
    let (_lock, workspace, target) = prepare_workspace(printer, request)?;
    if !matches!(target.source, Source::Generated { .. }) {
        return Err(Error::problem(
            "the runtime image is made of the generated Dockerfile, and devcontainer.json asks for another image",
        )
        .with_hint("build it by a Dockerfile of your own: mmdev cannot know where its environment is"));
    }
    let parent = parent(&workspace)?;
    if !Path::new(&target.local_folder)
        .join(".dockerignore")
        .exists()
    {
        printer.warning("there is no .dockerignore: all files of the project go into the image, but .git and .devcontainer");
    }
    let mut kept = workspace.settings.runtime_keep.clone().unwrap_or_default();
    kept.extend_from_slice(keep);
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        make(printer, request, &engine, &target).await?;
        if request.offline {
            present(&engine, &parent).await?;
        }
        let activated = activated(printer, &engine, &target).await?;
        let text = artifact::runtime(
            &workspace.project,
            &Runtime {
                development: &target.image,
                parent: &parent,
                system_packages: workspace
                    .settings
                    .system_packages
                    .as_deref()
                    .unwrap_or_default(),
                keep: &kept,
                workspace: &target.workspace.folder,
                variables: &activated.variables,
            },
        );
        let build = build_request(&target, text)?;
        let before = engine.inspect_image(&build.tag).await.ok();
        run_build(printer, &engine, &build).await?;
        let image = engine.inspect_image(&build.tag).await?;
        if let Some(before) = before.filter(|before| before.id != image.id) {
            // Somebody may have given it another name, and it would go with its last one.
            let is_unnamed = |image: &ImageInfo| image.tags.is_empty() && image.digests.is_empty();
            if engine
                .inspect_image(&before.id)
                .await
                .is_ok_and(|found| is_unnamed(&found))
            {
                remove_image(printer, &engine, &before.id).await?;
            }
        }
        let development_bytes = engine.inspect_image(&target.image).await?.bytes;
        printer.message(&Message::RuntimeImage {
            image: &build.tag,
            bytes: image.bytes,
            development_bytes,
        });
        let (bytes, development) = (HumanBytes(image.bytes), HumanBytes(development_bytes));
        printer.status(
            "Size",
            &format!("{bytes}, where the development image has {development}"),
        );
        Ok(Status::Done)
    }))
}

/// The image that the runtime image is based on.
fn parent(workspace: &Workspace) -> Result<String> {
    let set = workspace.settings.runtime_base_image.clone();
    let base = &workspace.project.base_image;
    set.or_else(|| base.parent()).ok_or_else(|| {
        Error::problem(format!(
            "it is not known which image without micromamba stands below {}",
            base.reference
        ))
        .with_hint(
            "name one with as new a glibc in the setting `runtime.baseImage`: debian:13-slim",
        )
    })
}

/// What activating the environment sets, which no shell will do there.
async fn activated(printer: &Printer, engine: &Engine, target: &Target) -> Result<Activated> {
    let end = OwnEnd::take();
    let shell = ["/bin/sh", "-c", artifact::ACTIVATED];
    let printed = engine.output_of(&target.image, &shell).await;
    drop(end);
    let activated = Activated::read(&String::from_utf8_lossy(&printed?)).ok_or_else(|| {
        Error::world(anyhow::anyhow!(
            "the environment of {} cannot be activated",
            target.image
        ))
        .with_hint("mmdev run -- env shows what it says")
    })?;
    for name in &activated.left_out {
        printer.warning(&format!(
            "activating the environment sets {name} to what no image can hold: it is not set in the runtime image"
        ));
    }
    Ok(activated)
}

fn build_request(target: &Target, dockerfile: String) -> Result<BuildRequest> {
    let config = target.config.build.clone().unwrap_or_default();
    let options = run_args::parse_build_options(&config.options);
    let path = format!("{RUNTIME_FOLDER}/Dockerfile");
    let (name, _) = target.image.rsplit_once(':').unwrap_or((&target.image, ""));
    Ok(BuildRequest {
        folder: Some(target.local_folder.clone().into()),
        files: vec![ContextFile::new(path.as_str(), dockerfile)],
        dockerfile: path,
        tag: format!("{name}:runtime"),
        labels: BTreeMap::from([(LABEL.to_owned(), target.identity.project.clone())]),
        platform: options.platform,
        network: options.network,
        extra_hosts: options.extra_hosts,
        no_cache: options.no_cache,
        credentials: Credentials::load(&engine::environment())?,
        ..BuildRequest::default()
    })
}
