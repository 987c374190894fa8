//! The dev container that a project means on this host: everything that is known before the engine is asked.

use std::collections::BTreeMap;
use std::path::Path;

use mmdev_core::artifact::devcontainer::build_paths;
use mmdev_core::artifact::{self, File};
use mmdev_core::container::config::{self, DevContainer};
use mmdev_core::container::identity as container_identity;
use mmdev_core::container::identity::{HostSystem, Identity};
use mmdev_core::container::variables::{Local, dev_container_id};

use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::printer::Printer;
use crate::source::Source;

/// The system that this program runs on.
pub(crate) const HOST: HostSystem = if cfg!(windows) {
    HostSystem::Windows
} else if cfg!(target_os = "macos") {
    HostSystem::MacOs
} else {
    HostSystem::Linux
};

/// One project's dev container.
#[derive(Debug)]
pub(crate) struct Target {
    /// Who it is.
    pub(crate) identity: Identity,
    /// The project's folder on this host.
    pub(crate) local_folder: String,
    /// The devcontainer.json as it stands.
    pub(crate) file: config::File,
    /// The devcontainer.json with its variables filled in.
    pub(crate) config: DevContainer,
    /// Where the workspace is in the container.
    pub(crate) workspace: container_identity::Workspace,
    /// The files that the image is built from.
    pub(crate) files: Vec<File>,
    /// The hash of all that the image depends on.
    pub(crate) plan_hash: String,
    /// The name of the image.
    pub(crate) image: String,
    /// Where the image comes from: a person may have kept `build` or `image` (`"/build": false` in the record).
    pub(crate) source: Source,
    /// Whether the SSH agent and the git identity of this host go along.
    pub(crate) forward_credentials: bool,
    /// The environment of this process.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Target {
    /// The target of a project whose files are written.
    pub(crate) fn new(
        printer: &Printer,
        workspace: &Workspace,
        devcontainer: &str,
    ) -> Result<Self> {
        let local_folder = text(&workspace.root)?;
        let identity = identity(&workspace.root, &workspace.devcontainer.path)?;
        let (file, _) = config::read(devcontainer);
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let mut local = Local {
            system: HOST,
            environment: environment.clone(),
            workspace_folder: local_folder.clone(),
            container_workspace_folder: String::new(),
            dev_container_id: dev_container_id(&identity.id_labels()),
        };
        let property = |name: &str, local: &Local| {
            let text = file.properties.get(name)?.as_str()?;
            Some(local.fill(text))
        };
        let git_root = text(git_root(&workspace.root))?;
        let folder = property("workspaceFolder", &local);
        let place = |mount: Option<&str>| {
            container_identity::workspace(HOST, &git_root, &local_folder, mount, folder.as_deref())
        };
        // The mount may name the folder in the container, which is known without it.
        local.container_workspace_folder = place(None).folder;
        let mount = property("workspaceMount", &local);
        let place = place(mount.as_deref());
        let (config, messages) = file.resolve(&local);
        for message in messages {
            printer.warning(&format!("{}: {message}", workspace.devcontainer.path));
        }
        let ours = build_paths(&workspace.devcontainer.path);
        let path = workspace.root.join(&workspace.devcontainer.path);
        let source = Source::new(
            path.parent().unwrap_or(&workspace.root),
            &config,
            &ours.dockerfile,
            workspace.project.base_image.pinned(),
        )?;
        let plan_hash = source.hash(&config, artifact::plan_hash(&workspace.project));
        Ok(Target {
            image: match &source {
                Source::Image(image) => image.clone(),
                _ => identity.image_name(&plan_hash),
            },
            identity,
            local_folder,
            file,
            config,
            workspace: place,
            files: artifact::files(&workspace.project),
            plan_hash,
            source,
            forward_credentials: workspace.settings.forward_credentials != Some(false),
            environment,
        })
    }

    /// What of it is the `devcontainer` program's work, in words; nothing where mmdev does it all.
    pub(crate) fn left_to_others(&self) -> Vec<String> {
        let mut left: Vec<String> = self
            .config
            .unsupported()
            .into_iter()
            .map(|part| part.what)
            .collect();
        if let Source::Other(what) = self.source {
            left.push(what.to_owned());
        }
        left
    }

    /// The folder in the container that is the current folder here, if that is in the project.
    pub(crate) fn folder_of(&self, current: &Path) -> String {
        let inside = current.strip_prefix(&self.local_folder).ok();
        let inside = inside.and_then(Path::to_str).unwrap_or_default();
        match inside {
            "" => self.workspace.folder.clone(),
            inside => format!("{}/{}", self.workspace.folder, inside.replace('\\', "/")),
        }
    }
}

/// Who the dev container of the project at `root` is; `path` is its devcontainer.json from there.
pub(crate) fn identity(root: &Path, path: &str) -> Result<Identity> {
    Ok(Identity::new(HOST, &text(root)?, &text(&root.join(path))?))
}

fn git_root(root: &Path) -> &Path {
    root.ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(root)
}

fn text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Error::invocation(format!("the path {} is not Unicode", path.display()))
            .with_hint("move the project: a container's labels hold its path")
    })
}
