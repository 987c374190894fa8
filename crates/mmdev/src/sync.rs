//! Bringing a running container's prefixes to the lock, by the same script as the image's second layer.

use mmdev_core::artifact;
use mmdev_core::lock::{Installed, Layout};
use mmdev_docker::{ContextFile, Engine, ExecRequest};
use tokio::sync::Mutex;

use crate::error::{Error, Result};
use crate::load::Workspace;

/// The folder of the container, from its root, in which the files of a sync stand while it lasts.
const FOLDER: &str = "var/lib/mmdev/sync";

/// An environment whose packages are locked.
#[derive(Debug, Clone)]
pub(crate) struct LockedPrefix {
    /// The folder in the container.
    prefix: String,
    layout: Layout,
}

/// The environments of a project that have a lock.
pub(crate) fn locked_prefixes(workspace: &Workspace) -> Vec<LockedPrefix> {
    let environments = workspace.project.environments.iter();
    environments
        .filter_map(|environment| {
            Some(LockedPrefix {
                prefix: environment.prefix.clone(),
                layout: environment.locked.as_ref()?.layout.clone(),
            })
        })
        .collect()
}

/// How many packages a sync has removed and installed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) removed: usize,
    pub(crate) installed: usize,
}

/// Two syncs of one container would disturb one another, and one that nobody waits for any more goes on in there.
static SYNCING: Mutex<()> = Mutex::const_new(());

/// Brings the prefixes of a container that runs to their locks. Dropping it leaves what has begun to come to its end.
pub(crate) async fn sync(
    engine: &Engine,
    container: &str,
    prefixes: &[LockedPrefix],
) -> Result<Synced> {
    let (engine, container) = (engine.clone(), container.to_owned());
    let prefixes = prefixes.to_vec();
    let work = tokio::spawn(async move {
        let _guard = SYNCING.lock().await;
        let mut all = Synced::default();
        for locked in &prefixes {
            let one = bring(&engine, &container, locked).await?;
            all.removed += one.removed;
            all.installed += one.installed;
        }
        Ok(all)
    });
    work.await
        .map_err(|error| Error::world(anyhow::Error::new(error)))?
}

async fn bring(engine: &Engine, container: &str, locked: &LockedPrefix) -> Result<Synced> {
    let prefix = locked.prefix.as_str();
    let run = |script: &str, words: &[&str]| ExecRequest {
        container: container.to_owned(),
        command: [&["sh", "-c", script, "sh"], words]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        // As in the build: what root makes there, everybody may change.
        user: Some("0:0".to_owned()),
        ..ExecRequest::default()
    };
    let listed = engine.exec_output(&run(Installed::LIST, &[prefix])).await?;
    let installed = Installed::read(&String::from_utf8_lossy(&listed.stdout));
    let Some(layout) = locked.layout.for_prefix(&installed) else {
        return Ok(Synced::default());
    };
    let files: Vec<ContextFile> = artifact::sync_files(&layout)
        .into_iter()
        .map(|(name, text)| ContextFile::new(format!("{FOLDER}/{name}"), text))
        .collect();
    engine.write_files(container, &files).await?;
    let script = format!(
        "umask 000; sh /{FOLDER}/{} \"$1\"; status=$?; rm -r /{FOLDER}; exit $status",
        artifact::SYNC
    );
    let finished = engine.exec_output(&run(&script, &[prefix])).await?;
    if finished.exit_code != 0 {
        let mut error = Error::world(anyhow::anyhow!(
            "the packages of the running container could not be brought to the lock"
        ))
        .with_hint("mmdev up --recreate makes a new one of the image");
        let said = String::from_utf8_lossy(&finished.stderr).into_owned();
        error.log = said.lines().map(str::to_owned).collect();
        return Err(error);
    }
    let (removed, installed) = layout.delta_counts();
    Ok(Synced { removed, installed })
}
