//! Bringing a running container's prefixes to the lock, by the same script as the image's second layer.

use std::hash::{BuildHasher, Hasher, RandomState};

use mmdev_core::artifact;
use mmdev_core::lock::{Installed, Layout};
use mmdev_docker::{ContextFile, Engine, ExecRequest};
use tokio::sync::Mutex;

use crate::error::{Error, Result};
use crate::load::Workspace;
use crate::printer::Printer;

/// The folder of the container, from its root, in which every sync has a folder while it lasts.
const FOLDER: &str = "var/lib/mmdev/sync";

/// How often a prefix is listed anew that somebody else changes.
const TRIES: usize = 5;

/// An environment whose packages are locked.
#[derive(Debug, Clone)]
pub(crate) struct LockedPrefix {
    /// The environment's name.
    pub(crate) name: String,
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
                name: environment.name.clone(),
                prefix: environment.prefix.clone(),
                layout: environment.locked.as_ref()?.layout.clone(),
            })
        })
        .collect()
}

/// What became of one environment.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is as its lock says; so many packages were removed and installed for that.
    Synced { removed: usize, installed: usize },
    /// The container has no such prefix: only a new one will.
    Absent,
    /// It could not be brought there.
    Failed(Error),
}

/// Two syncs of one container would disturb one another, and one that nobody waits for any more goes on in there. Those
/// of other processes are waited for in the container.
static SYNCING: Mutex<()> = Mutex::const_new(());

/// Brings the prefixes of a container that runs to their locks, and says of each what became of it. Dropping it leaves
/// what has begun to come to its end.
pub(crate) async fn sync(
    printer: &Printer,
    engine: &Engine,
    container: &str,
    prefixes: &[LockedPrefix],
) -> Result<Vec<Outcome>> {
    let (printer, engine, container) = (printer.clone(), engine.clone(), container.to_owned());
    let prefixes = prefixes.to_vec();
    let work = tokio::spawn(async move {
        let _guard = SYNCING.lock().await;
        let mut outcomes = Vec::new();
        for locked in &prefixes {
            outcomes.push(bring(&printer, &engine, &container, locked).await?);
        }
        Ok(outcomes)
    });
    work.await
        .map_err(|error| Error::world(anyhow::Error::new(error)))?
}

async fn bring(
    printer: &Printer,
    engine: &Engine,
    container: &str,
    locked: &LockedPrefix,
) -> Result<Outcome> {
    let prefix = locked.prefix.as_str();
    let run = |words: &[&str]| ExecRequest {
        container: container.to_owned(),
        command: [&["sh"], words, &[prefix]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        // As in the build: what root makes there, everybody may change.
        user: Some("0:0".to_owned()),
        ..ExecRequest::default()
    };
    for _ in 0..TRIES {
        let list = run(&["-c", Installed::LIST, "sh"]);
        let listing = engine.exec_output(&list).await?.stdout;
        let Some(installed) = Installed::read(&String::from_utf8_lossy(&listing)) else {
            return Ok(Outcome::Absent);
        };
        let Some(layout) = locked.layout.for_prefix(&installed) else {
            return Ok(Outcome::Synced {
                removed: 0,
                installed: 0,
            });
        };
        let (removed, installed) = layout.delta_counts();
        let text = format!("the running container: {removed} to remove, {installed} to install");
        printer.status("Syncing", &text);
        // The hasher's keys are random.
        let folder = format!(
            "{FOLDER}/{:016x}",
            RandomState::new().build_hasher().finish()
        );
        let files: Vec<ContextFile> = artifact::sync_files(&layout, &listing)
            .into_iter()
            .map(|(name, bytes)| ContextFile::new(format!("{folder}/{name}"), bytes))
            .collect();
        engine.write_files(container, &files).await?;
        let script = format!("/{folder}/{}", artifact::SYNC);
        let finished = engine.exec_output(&run(&[&script])).await?;
        match finished.exit_code {
            0 => {
                return Ok(Outcome::Synced { removed, installed });
            }
            artifact::SYNC_OVERTAKEN => {}
            _ => {
                let said = String::from_utf8_lossy(&finished.stderr).into_owned();
                return Ok(failed(locked, said.lines().map(str::to_owned).collect()));
            }
        }
    }
    let said = format!("another program goes on changing {prefix}");
    Ok(failed(locked, vec![said]))
}

fn failed(locked: &LockedPrefix, log: Vec<String>) -> Outcome {
    let message = format!(
        "the packages of `{}` in the running container could not be brought to the lock",
        locked.name
    );
    let mut error = Error::world(anyhow::anyhow!(message))
        .with_hint("mmdev up --recreate makes a new one of the image");
    error.log = log;
    Outcome::Failed(error)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::{Command, Output};

    use super::*;

    fn sh(words: &[&str], prefix: &Path) -> Output {
        let mut command = Command::new("sh");
        command.args(words).arg(prefix).output().unwrap()
    }

    fn list(prefix: &Path) -> Vec<u8> {
        sh(&["-c", Installed::LIST, "sh"], prefix).stdout
    }

    /// A prefix in which pip and conda have installed something, and what is beside it.
    fn prefix() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("prefix");
        let site = prefix.join("lib/python3.12/site-packages");
        for name in ["rich-14.0", "tool-1"] {
            fs::create_dir_all(site.join(format!("{name}.dist-info"))).unwrap();
        }
        fs::create_dir_all(prefix.join("conda-meta")).unwrap();
        fs::write(prefix.join("conda-meta/history"), "").unwrap();
        let record = r#"{"files": ["lib/python3.12/site-packages/rich-14.0.dist-info/METADATA"]}"#;
        fs::write(prefix.join("conda-meta/rich-14.0-py_0.json"), record).unwrap();
        std::os::unix::fs::symlink("python3.12", prefix.join("lib/python3.1")).unwrap();
        folder
    }

    #[test]
    fn a_prefix_is_listed() {
        let folder = prefix();
        let listing = String::from_utf8(list(&folder.path().join("prefix"))).unwrap();
        let (_machine, rest) = listing.split_once('\n').unwrap();
        expect_test::expect![[r#"
            history
            rich-14.0-py_0.json
            lib/python3.12/site-packages/rich-14.0.dist-info
            lib/python3.12/site-packages/tool-1.dist-info
            "lib/python3.12/site-packages/rich-14.0.dist-info/METADATA"
        "#]]
        .assert_eq(rest);
        let nowhere = list(&folder.path().join("nowhere"));
        assert_eq!(Installed::read(&String::from_utf8(nowhere).unwrap()), None);
    }

    #[test]
    fn a_sync_is_alone_and_does_nothing_where_it_was_overtaken() {
        let folder = prefix();
        let prefix = folder.path().join("prefix");
        let listing = list(&prefix);
        let run = |name: &str| {
            let run = folder.path().join(name);
            fs::create_dir(&run).unwrap();
            for (name, bytes) in artifact::sync_files(&Layout::default(), &listing) {
                fs::write(run.join(name), bytes).unwrap();
            }
            let delta = "flock --nonblock \"$(dirname \"$0\")/../lock\" true || touch \"$1/conda-meta/alone\"";
            fs::write(run.join("delta.sh"), delta).unwrap();
            let ended = sh(&[run.join(artifact::SYNC).to_str().unwrap()], &prefix);
            assert!(!run.exists());
            assert_eq!(ended.stderr, b"", "{ended:?}");
            ended.status.code().map(i64::from)
        };
        let alone = prefix.join("conda-meta/alone");
        assert_eq!(run("first"), Some(0));
        assert!(alone.exists());
        assert_eq!(run("second"), Some(artifact::SYNC_OVERTAKEN));
        fs::remove_file(alone).unwrap();
        assert_eq!(run("third"), Some(0), "nothing is left of the others");
    }
}
