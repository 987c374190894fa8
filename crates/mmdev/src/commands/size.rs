//! `mmdev size`: where the bytes of an image are. The engine sends the whole image, which needs no program in it.

use indicatif::HumanBytes;
use mmdev_core::lock::Manager;
use mmdev_core::size::{self, ImageFile, Sizes};
use mmdev_docker::Engine;

use super::build::observe;
use super::query::table::{Cell, table};
use super::status;
use crate::engine::{self, OwnEnd};
use crate::error::{Error, Result, Status};
use crate::json::Message;
use crate::load::counted;
use crate::printer::{FAINT, LITERAL, Printer, visible};
use crate::settings::Request;
use crate::target::Target;

/// How many of each kind are shown.
const SHOWN: usize = 15;

/// Says where the bytes of an image are; that of the project where none is named.
pub(crate) fn size(
    printer: &Printer,
    request: &Request,
    image: Option<&str>,
    is_whole: bool,
) -> Result {
    let target = match image {
        Some(_) => None,
        None => Some(status::read(printer, request)?.2),
    };
    engine::block_on(engine::interruptible(async {
        let engine = engine::connect().await?;
        let image = match (&target, image) {
            (Some(target), _) => image_of(&engine, target).await?,
            (None, image) => named(&engine, image.unwrap_or_default()).await?,
        };
        let steps = engine.history(&image).await?;
        let files = files(&engine, &image).await?;
        let sizes = Sizes::of(&files);
        let limit = if is_whole { usize::MAX } else { SHOWN };
        say(printer, &image, &steps, &sizes, limit);
        Ok(Status::Done)
    }))
}

/// The image of that name.
async fn named(engine: &Engine, image: &str) -> Result<String> {
    match engine.inspect_image(image).await {
        Ok(_) => Ok(image.to_owned()),
        Err(error @ mmdev_docker::Error::NoImage { .. }) => {
            Err(Error::world(error).with_hint(format!("docker pull {image}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// The image that the project has.
async fn image_of(engine: &Engine, target: &Target) -> Result<String> {
    let absent = |how: &str| {
        Error::world(anyhow::anyhow!("the image of this project is not built")).with_hint(how)
    };
    if !target.left_to_others().is_empty() {
        // The devcontainer program gives its images names of its own; the container knows it.
        let containers = observe(engine, target).await?.containers;
        let container = containers.into_iter().next();
        return container
            .map(|container| container.image)
            .ok_or_else(|| absent("mmdev up"));
    }
    match engine.inspect_image(&target.image).await {
        Ok(_) => Ok(target.image.clone()),
        Err(mmdev_docker::Error::NoImage { .. }) => Err(absent("mmdev build")),
        Err(error) => Err(error.into()),
    }
}

/// All files of an image. The container that shows them goes in any case.
async fn files(engine: &Engine, image: &str) -> Result<Vec<ImageFile>> {
    let container = engine.open_image(image).await?;
    let end = OwnEnd::take();
    let files = tokio::select! {
        files = engine.list_files(&container, size::is_read) => files.map_err(Error::from),
        _ = tokio::signal::ctrl_c() => Err(Error::interrupted()),
    };
    engine.remove(&container).await?;
    drop(end);
    files
}

fn say(printer: &Printer, image: &str, steps: &[(String, u64)], sizes: &Sizes<'_>, limit: usize) {
    let total: u64 = steps.iter().map(|(_, bytes)| bytes).sum();
    let (conda, conda_count) = sizes.total(Manager::Conda);
    let (pip, pip_count) = sizes.total(Manager::Pip);
    printer.message(&Message::ImageSize {
        image,
        bytes: total,
        conda,
        pip,
        unowned: sizes.unowned,
        system: sizes.system,
    });
    let mut text = format!(
        "{LITERAL}{}{LITERAL:#}  {}\n",
        HumanBytes(total),
        visible(image)
    );
    let parts = [
        (conda, counted(conda_count, "conda package")),
        (pip, counted(pip_count, "package") + " of pip"),
        (sizes.unowned, "other files in environments".to_owned()),
        (sizes.system, "everything else".to_owned()),
    ];
    let parts = parts.iter().filter(|(bytes, _)| *bytes > 0);
    text += &rows(parts.map(|(bytes, what)| vec![size_cell(*bytes), Cell::plain(what)]));

    let smallest = smallest_shown(steps.iter().map(|(_, bytes)| *bytes), limit);
    let steps = steps.iter().filter(|(_, bytes)| *bytes >= smallest);
    let steps: Vec<(String, u64)> = steps
        .map(|(step, bytes)| (size::step(step), *bytes))
        .collect();
    for (step, bytes) in &steps {
        let bytes = *bytes;
        printer.message(&Message::LayerSize { step, bytes });
    }
    text += "\nlayers, the first one first\n";
    text += &rows(steps.iter().map(|(step, bytes)| {
        let step = match step.as_str() {
            "" => Cell::styled("of another image", FAINT),
            step => Cell::plain(step),
        };
        vec![size_cell(*bytes), step]
    }));

    let packages = &sizes.packages[..sizes.packages.len().min(limit)];
    for package in packages {
        printer.message(&Message::PackageSize {
            name: &package.name,
            version: &package.version,
            manager: package.manager.name(),
            prefix: &package.prefix,
            bytes: package.bytes,
            files: package.files,
        });
    }
    if !packages.is_empty() {
        text += "\npackages\n";
    }
    text += &rows(packages.iter().map(|package| {
        vec![
            size_cell(package.bytes),
            Cell::plain(&package.name),
            Cell::plain(&package.version),
            Cell::plain(counted(package.files, "file")),
            Cell::styled(where_from(package), FAINT),
        ]
    }));

    for (what, &(bytes, files)) in &sizes.left_out {
        printer.message(&Message::RuntimeSaving { what, bytes, files });
    }
    if !sizes.left_out.is_empty() {
        text += "\nleft out of environments by mmdev build --target runtime\n";
    }
    text += &rows(sizes.left_out.iter().map(|(what, &(bytes, files))| {
        vec![
            size_cell(bytes),
            Cell::plain(what),
            Cell::plain(counted(files, "file")),
        ]
    }));

    let files = &sizes.files[..sizes.files.len().min(limit)];
    let package = |file: &size::FileSize<'_>| {
        let package = file.package.and_then(|at| sizes.packages.get(at));
        package.map(|package| package.name.as_str())
    };
    for file in files {
        printer.message(&Message::FileSize {
            path: &format!("/{}", file.path),
            bytes: file.bytes,
            package: package(file),
        });
    }
    text += "\nfiles\n";
    text += &rows(files.iter().map(|file| {
        vec![
            size_cell(file.bytes),
            Cell::plain(format!("/{}", file.path)),
            Cell::styled(package(file).unwrap_or_default(), FAINT),
        ]
    }));
    printer.result(&text);
    if limit == SHOWN && (sizes.packages.len() > limit || sizes.files.len() > limit) {
        printer.note(&format!(
            "\nThe largest {SHOWN} of each are shown; all of them: --all"
        ));
    }
}

/// What is to be added to a package's name and version, so that it is known.
fn where_from(package: &size::PackageSize) -> String {
    let pip = if package.manager == Manager::Pip {
        "pip, "
    } else {
        ""
    };
    format!("{pip}/{}", package.prefix)
}

/// How many bytes something has at least that is among the `limit` largest. What has none is not shown.
fn smallest_shown(bytes: impl Iterator<Item = u64>, limit: usize) -> u64 {
    let mut bytes: Vec<u64> = bytes.filter(|bytes| *bytes > 0).collect();
    bytes.sort_by_key(|bytes| std::cmp::Reverse(*bytes));
    bytes
        .get(limit.min(bytes.len()).saturating_sub(1))
        .copied()
        .unwrap_or(1)
}

fn size_cell(bytes: u64) -> Cell {
    Cell::plain(format!("{:>11}", HumanBytes(bytes).to_string()))
}

fn rows(rows: impl Iterator<Item = Vec<Cell>>) -> String {
    table("", &rows.collect::<Vec<_>>())
}
