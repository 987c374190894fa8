//! A tiny image, and what every test starts with.

use std::collections::BTreeMap;
use std::time::Duration;

use mmdev_core::container::config::DevContainer;
use mmdev_core::container::identity::{HostSystem, Identity, Workspace};
use mmdev_core::container::plan::{CreatePlan, Inputs, create_plan};
use mmdev_docker::{BuildEvent, BuildRequest, ContextFile, Engine, Environment, Error};

/// The tiny image: busybox and nothing else.
pub(crate) const BASE: &str = "mmdev-ctest-base:latest";
/// Nothing here takes so long on a sound machine.
pub(crate) const LONG: Duration = Duration::from_secs(120);

/// A connection to the engine that this machine has.
pub(crate) async fn engine() -> Engine {
    let environment = Environment::from_variables(|name| std::env::var(name).ok());
    match Engine::connect(&environment).await {
        Ok(engine) => engine,
        Err(error) => panic!(
            "these tests need a container engine: {error}\nhint: {}",
            error.hint().unwrap_or_default()
        ),
    }
}

/// A connection, and the tiny image.
pub(crate) async fn engine_with_base() -> Engine {
    let engine = engine().await;
    let busybox = ["/bin/busybox", "/usr/bin/busybox"]
        .iter()
        .find_map(|path| std::fs::read(path).ok())
        .expect("these tests need busybox\nhint: sudo apt-get install busybox-static");
    let dockerfile = "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n\
        COPY passwd group /etc/\nRUN mkdir -p /home/user /tmp && chown 2000:2000 /home/user && chmod 1777 /tmp\n\
        RUN ln -s passwd /etc/link && ln -s /etc/group /etc/absolute\nCMD [\"sh\"]\n";
    let request = BuildRequest {
        files: vec![
            ContextFile::new("Dockerfile", dockerfile),
            ContextFile {
                mode: 0o755,
                ..ContextFile::new("busybox", busybox)
            },
            ContextFile::new(
                "passwd",
                "root:x:0:0::/root:/bin/sh\nuser:x:2000:2000::/home/user:/bin/sh\n",
            ),
            ContextFile::new("group", "root:x:0:\nuser:x:2000:\n"),
        ],
        dockerfile: "Dockerfile".to_owned(),
        tag: BASE.to_owned(),
        ..BuildRequest::default()
    };
    engine.build(&request, &mut |_| {}).await.unwrap();
    engine
}

/// A build of one Dockerfile.
pub(crate) fn request(name: &str, dockerfile: &str) -> BuildRequest {
    BuildRequest {
        files: vec![ContextFile::new("Dockerfile", dockerfile)],
        dockerfile: "Dockerfile".to_owned(),
        tag: format!("mmdev-ctest-{name}:latest"),
        ..BuildRequest::default()
    }
}

/// Builds and gives what happened.
pub(crate) async fn build(
    engine: &Engine,
    request: &BuildRequest,
) -> (Result<String, Error>, Vec<BuildEvent>) {
    let mut events = Vec::new();
    let result = engine
        .build(request, &mut |event| events.push(event))
        .await
        .map(|image| image.id);
    (result, events)
}

/// A text that no other test and no other run has.
pub(crate) fn unique(name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let random = folder
        .path()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .to_lowercase();
    let random: String = random.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("mmdev-ctest-{name}-{random}")
}

/// The plan of a devcontainer.json on the tiny image, for a folder of its own.
pub(crate) fn plan(text: &str, folder: &str) -> CreatePlan {
    let (file, diagnostics) = mmdev_core::container::config::read(text);
    assert_eq!(diagnostics, []);
    let (config, _) = DevContainer::lower(&file.properties);
    let (plan, warnings) = create_plan(&Inputs {
        config: &config,
        identity: &identity(folder),
        workspace: &Workspace {
            mount: None,
            folder: "/".to_owned(),
        },
        system: HostSystem::Linux,
        local_folder: folder,
        image: BASE,
        image_command: &[],
        metadata: &mmdev_core::container::metadata::label(None, &file.properties),
        spec_hash: None,
        plan_hash: Some("plan"),
        environment: &BTreeMap::new(),
        has_gpu: false,
        is_podman: false,
        remote_user: &mmdev_core::container::user::remote_user(&config, ""),
    });
    assert_eq!(warnings, Vec::<String>::new());
    plan
}

/// The identity of a folder.
pub(crate) fn identity(folder: &str) -> Identity {
    let file = format!("{folder}/.devcontainer/devcontainer.json");
    Identity::new(HostSystem::Linux, folder, &file)
}

/// A running container that is removed whatever becomes of the test.
pub(crate) struct Running {
    pub(crate) id: String,
    pub(crate) warnings: Vec<String>,
}

impl Running {
    pub(crate) async fn start(engine: &Engine, plan: &CreatePlan) -> Running {
        let (id, warnings) = engine.create(plan).await.unwrap();
        let running = Running { id, warnings };
        engine.start(&running.id).await.unwrap();
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.id.clone();
        // A drop cannot wait in the test's own runtime.
        let remover = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async { engine().await.remove(&id).await.unwrap() });
        });
        let _ = remover.join();
    }
}
