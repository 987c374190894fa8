//! Where the image of a dev container comes from: mmdev's own Dockerfile, a registry, or a Dockerfile of a person.

use std::path::{Path, PathBuf};

use mmdev_core::container::config::{Build, DevContainer};
use mmdev_core::hash::sha256;

use crate::error::{Error, Result};
use crate::files;

/// The origin of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// It is built from the generated files, on this base image.
    Generated {
        /// As `FROM` names it.
        base: String,
    },
    /// It is this image (`image`).
    Image(String),
    /// It is built from a Dockerfile of a person.
    Dockerfile {
        /// The build context on this host.
        context: PathBuf,
        /// The Dockerfile's path in the context, with `/`.
        path: String,
        /// Its text.
        text: String,
    },
    /// It cannot be had by mmdev; what devcontainer.json asks for, in words.
    Other(&'static str),
}

impl Source {
    /// The source that a devcontainer.json in `folder` names. `generated` is the name that it would have for mmdev's own
    /// Dockerfile. As in the devcontainer CLI, `build` goes before `image`.
    ///
    /// # Errors
    /// `build` names a file or folder that cannot be read.
    pub(crate) fn new(
        folder: &Path,
        config: &DevContainer,
        generated: &str,
        base: String,
    ) -> Result<Source> {
        Ok(match (&config.build, &config.image) {
            (Some(build), _) if build.dockerfile == generated => Source::Generated { base },
            (Some(build), _) => return own(folder, build),
            (None, Some(image)) if !image.is_empty() => Source::Image(image.clone()),
            (None, _) => Source::Other("neither `image` nor `build`"),
        })
    }

    /// The hash of what the image depends on; `generated` is that of the generated files. As for the devcontainer CLI, a
    /// change of a file that a person's Dockerfile copies is no reason for a new container.
    pub(crate) fn hash(&self, config: &DevContainer, generated: String) -> String {
        // Every property of `build` but where layers may be taken from changes the image, and Debug names each.
        let build = config.build.clone().map(|build| Build {
            cache_from: Vec::new(),
            ..build
        });
        let build = format!("{build:?}");
        let said = match self {
            Source::Other(_) => return generated,
            Source::Generated { .. } if is_plain(config) => return generated,
            Source::Generated { .. } => format!("{build}\n{generated}"),
            Source::Image(image) => format!("image\n{image}"),
            Source::Dockerfile { text, .. } => format!("{build}\n{text}"),
        };
        sha256(said)
    }
}

/// Whether a person added nothing to mmdev's own `build`.
fn is_plain(config: &DevContainer) -> bool {
    let Some(build) = &config.build else {
        return true;
    };
    build.args.is_empty() && build.target.is_none() && build.options.is_empty()
}

fn own(folder: &Path, build: &Build) -> Result<Source> {
    let found = |path: &str| {
        folder.join(path).canonicalize().map_err(|error| {
            let path = folder.join(path);
            Error::problem(format!(
                "devcontainer.json builds from {}: {error}",
                path.display()
            ))
            .with_hint("mend `build`: its paths start from the folder of devcontainer.json")
        })
    };
    let dockerfile = found(&build.dockerfile)?;
    let context = found(build.context.as_deref().unwrap_or("."))?;
    let inside = dockerfile.strip_prefix(&context).ok();
    let Some(path) = inside.and_then(Path::to_str) else {
        return Ok(Source::Other("a Dockerfile outside of its build context"));
    };
    Ok(Source::Dockerfile {
        text: files::read(&dockerfile)?.unwrap_or_default(),
        path: path.replace('\\', "/"),
        context,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mmdev_core::container::config;
    use mmdev_core::container::identity::HostSystem;
    use mmdev_core::container::variables::Local;

    #[test]
    fn the_source_is_what_devcontainer_json_names() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap();
        let folder = root.join(".devcontainer");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(root.join("Dockerfile"), "FROM x\n").unwrap();
        let local = Local {
            system: HostSystem::Linux,
            environment: Default::default(),
            workspace_folder: "/w".to_owned(),
            container_workspace_folder: "/w".to_owned(),
            dev_container_id: "id".to_owned(),
        };
        let source = |text: &str| {
            let (file, _) = config::read(text);
            let (config, _) = file.resolve(&local);
            let source = Source::new(&folder, &config, "mmdev/Dockerfile", "b".to_owned()).unwrap();
            let hash = source.hash(&config, "plan".to_owned());
            (source, hash)
        };
        let build = |more: &str| source(&format!("{{\"build\": {{{more}}}, \"image\": \"y\"}}"));

        let (generated, hash) = build("\"dockerfile\": \"mmdev/Dockerfile\"");
        assert_eq!(
            generated,
            Source::Generated {
                base: "b".to_owned()
            }
        );
        assert_eq!(hash, "plan");
        let (_, hash) = build(r#""dockerfile": "mmdev/Dockerfile", "args": {"A": "1"}"#);
        assert_ne!(hash, "plan");
        let args = r#""dockerfile": "mmdev/Dockerfile", "args": {"A": "1"}, "cacheFrom": "r/x:1""#;
        assert_eq!(build(args).1, hash);
        let (image, hash) = source("{\"image\": \"y:1\"}");
        assert_eq!(image, Source::Image("y:1".to_owned()));
        assert_ne!(hash, source("{\"image\": \"y:2\"}").1);
        assert!(matches!(source("{}").0, Source::Other(_)));

        const OWN: &str = "\"dockerfile\": \"../Dockerfile\", \"context\": \"..\"";
        let (own, hash) = build(OWN);
        let expected = Source::Dockerfile {
            context: root.clone(),
            path: "Dockerfile".to_owned(),
            text: "FROM x\n".to_owned(),
        };
        assert_eq!(own, expected);
        assert_ne!(hash, build(&format!("{OWN}, \"target\": \"t\"")).1);
        std::fs::write(root.join("Dockerfile"), "FROM z\n").unwrap();
        assert_ne!(hash, build(OWN).1);
        let (outside, _) = build("\"dockerfile\": \"../Dockerfile\"");
        assert!(matches!(outside, Source::Other(_)));
    }
}
