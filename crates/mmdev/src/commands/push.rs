//! `mmdev build --push`: the image and its build cache in a registry. Docker's buildx builds and pushes: it has the
//! credentials of the user's Docker configuration, several platforms, and every kind of cache.

use std::path::Path;
use std::process::{Command, Stdio};

use mmdev_core::artifact::FOLDER;
use mmdev_core::container::identity::PLAN_HASH;

use super::build::prepare;
use super::hand_over::hand_over;
use crate::environment;
use crate::error::{Error, Result, Status};
use crate::files;
use crate::json::Message;
use crate::printer::Printer;
use crate::settings::Request;
use crate::source::Source;
use crate::target::Target;

/// The cache of an image's layers that stands in the image itself: nothing else has to be kept, or cleaned up.
const INLINE: &str = "type=inline";

/// What is to be pushed.
#[derive(Debug)]
pub(crate) struct Push {
    /// The image's name, with that of its registry.
    pub(crate) reference: String,
    /// The platforms; this machine's, or that of `build.options`, where none is named.
    pub(crate) platforms: Vec<String>,
    /// The caches to write instead of the one in the image.
    pub(crate) cache_to: Vec<String>,
    /// The caches to take layers from, besides the image and `build.cacheFrom`.
    pub(crate) cache_from: Vec<String>,
}

/// Builds the image of the project, and pushes it.
pub(crate) fn push(printer: &Printer, request: &Request, push: &Push) -> Result {
    if request.offline {
        return Err(Error::invocation(
            "--push takes a network, and --offline says that there is none",
        ));
    }
    let (_lock, target) = prepare(printer, request)?;
    let arguments = push.for_devcontainer();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Some(status) = hand_over(printer, &target, "build", &arguments)? {
        return Ok(status);
    }
    if let Source::Image(image) = &target.source {
        return Err(Error::problem(format!(
            "devcontainer.json asks for the image {image}: none is built that could be pushed"
        ))
        .with_hint(format!(
            "docker tag {image} {name}, then: docker push {name}",
            name = push.reference
        )));
    }
    let docker = docker()?;
    let metadata = tempfile::NamedTempFile::new()
        .map_err(|error| Error::world(anyhow::Error::new(error).context("cannot make a file")))?;
    let mut command = Command::new(docker);
    command
        .args(push.for_buildx(&target))
        .arg("--metadata-file")
        .arg(metadata.path())
        .stdin(Stdio::null())
        // What is printed there for programs is mmdev's own.
        .stdout(Stdio::null());
    if printer.is_quiet() {
        command.arg("--quiet");
    }
    let status = command.status().map_err(not_run)?;
    if !status.success() {
        return Err(push.failed(status));
    }
    let digest = digest(&files::read(metadata.path())?.unwrap_or_default());
    printer.message(&Message::ImagePushed {
        image: &push.reference,
        digest: digest.as_deref(),
    });
    let shown = digest.map_or_else(String::new, |digest| format!(" ({digest})"));
    printer.status("Pushed", &format!("{}{shown}", push.reference));
    let build = target.config.build.unwrap_or_default();
    let has_cache = push.caches().iter().any(|cache| cache == INLINE);
    if has_cache && !build.cache_from.contains(&push.reference) {
        printer.note(&format!(
            "\nNext: \"cacheFrom\": \"{}\" in `build` of devcontainer.json, and everybody takes its layers.",
            push.reference
        ));
    }
    Ok(Status::Done)
}

impl Push {
    /// The arguments of docker.
    fn for_buildx(&self, target: &Target) -> Vec<String> {
        let build = target.config.build.clone().unwrap_or_default();
        let (context, dockerfile) = match &target.source {
            Source::Dockerfile { context, path, .. } => (context.clone(), path.as_str()),
            _ => (Path::new(&target.local_folder).join(FOLDER), "Dockerfile"),
        };
        let file = context.join(dockerfile);
        let mut arguments = vec![
            "buildx".to_owned(),
            "build".to_owned(),
            "--push".to_owned(),
            format!("--tag={}", self.reference),
            format!("--file={}", file.display()),
            format!("--label={PLAN_HASH}={}", target.plan_hash),
        ];
        let args = build.args.iter();
        arguments.extend(args.map(|(name, value)| format!("--build-arg={name}={value}")));
        arguments.extend(build.target.map(|target| format!("--target={target}")));
        // As for the devcontainer CLI: whatever `docker build` takes.
        arguments.extend(match self.platforms.is_empty() {
            true => build.options,
            false => without_platform(&build.options),
        });
        let platforms = self.platforms.iter();
        arguments.extend(platforms.map(|platform| format!("--platform={platform}")));
        let image = std::iter::once(&self.reference);
        let others = self.cache_from.iter().chain(&build.cache_from);
        let others = others.filter(|other| **other != self.reference);
        arguments.extend(
            image
                .chain(others)
                .map(|from| format!("--cache-from={from}")),
        );
        let caches = self.caches().into_iter();
        arguments.extend(caches.map(|cache| format!("--cache-to={cache}")));
        arguments.push(context.display().to_string());
        arguments
    }

    /// The arguments of `devcontainer build`.
    fn for_devcontainer(&self) -> Vec<String> {
        let mut arguments: Vec<String> = ["--push", "true", "--image-name", &self.reference]
            .map(str::to_owned)
            .to_vec();
        if !self.platforms.is_empty() {
            arguments.extend(["--platform".to_owned(), self.platforms.join(",")]);
        }
        for from in std::iter::once(&self.reference).chain(&self.cache_from) {
            arguments.extend(["--cache-from".to_owned(), from.clone()]);
        }
        for to in self.caches() {
            arguments.extend(["--cache-to".to_owned(), to]);
        }
        arguments
    }

    /// What to say of a buildx that ended so.
    fn failed(&self, status: std::process::ExitStatus) -> Error {
        let error = Error::world(anyhow::anyhow!(
            "docker buildx did not build and push {}: {status}",
            self.reference
        ))
        .with_hint("it says above why; where a registry refused: docker login");
        match self.platforms.is_empty() && self.cache_to.is_empty() {
            true => error,
            false => error.with_hint(
                "several platforms and other caches may take another builder: docker buildx create --use",
            ),
        }
    }

    /// The caches to write.
    fn caches(&self) -> Vec<String> {
        match self.cache_to.is_empty() {
            true => vec![INLINE.to_owned()],
            false => self.cache_to.clone(),
        }
    }
}

/// `build.options` without the platforms in them: what was typed goes before.
fn without_platform(options: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.as_str() {
            "--platform" => {
                options.next();
            }
            option if option.starts_with("--platform=") => {}
            option => kept.push(option.to_owned()),
        }
    }
    kept
}

/// The `docker` program, with the plugin that builds.
fn docker() -> Result<std::path::PathBuf> {
    let lacking = |what: &str| {
        Error::world(anyhow::anyhow!(
            "{what} is not here, which builds and pushes"
        ))
        .with_hint(
            "install it: https://docs.docker.com/go/buildx (Debian: apt install docker-buildx)",
        )
    };
    let docker = environment::program("docker").ok_or_else(|| lacking("docker"))?;
    let version = Command::new(&docker)
        .args(["buildx", "version"])
        .stdin(Stdio::null())
        .output()
        .map_err(not_run)?;
    match version.status.success() {
        true => Ok(docker),
        false => Err(lacking("docker buildx")),
    }
}

fn not_run(error: std::io::Error) -> Error {
    Error::world(anyhow::Error::new(error).context("cannot run docker"))
}

/// The digest under which the registry has the image, from what buildx writes about a build; not every builder says it.
fn digest(metadata: &str) -> Option<String> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    Some(metadata["containerimage.digest"].as_str()?.to_owned())
}
