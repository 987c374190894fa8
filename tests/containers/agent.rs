//! `mmdev run` forwards the SSH agent, whatever became of the agent since the container was made.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mmdev_testkit::{Project, docker, world};

/// A real agent on a socket of its own, with one key.
struct Agent {
    process: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path, name: &str) -> Agent {
        let socket = folder.join(format!("{name}.sock"));
        let process = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let agent = Agent { process, socket };
        wait("the agent's socket", || agent.socket.exists());
        let key = folder.join(name);
        run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(&key));
        run(Command::new("ssh-add")
            .arg("-q")
            .arg(&key)
            .env("SSH_AUTH_SOCK", &agent.socket));
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.socket);
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

#[track_caller]
fn wait(what: &str, mut is_there: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_there() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A project whose container has ssh-add; its image and containers go away with it.
struct Container(Project);

impl Container {
    fn new() -> Container {
        let world = world();
        let spec = format!(
            "channels: ['{}']\ndependencies: [hello-noarch]\n",
            world.channel()
        );
        let settings = format!(
            "base-image = \"{}\"\ndevelopment-packages = [\"openssh-client\"]\n",
            world.base
        );
        Container(
            Project::new()
                .file("env.yaml", &spec)
                .file("mmdev.toml", &settings),
        )
    }

    fn mmdev(&self, agent: Option<&Agent>, arguments: &[&str]) -> Command {
        let mut command = self.0.command(env!("CARGO_BIN_EXE_mmdev"), arguments);
        command.envs(agent.map(|agent| ("SSH_AUTH_SOCK", &agent.socket)));
        command
    }

    fn printed(&self, agent: Option<&Agent>, arguments: &[&str]) -> String {
        let finished = self.0.run(&mut self.mmdev(agent, arguments));
        finished.success().stdout
    }

    /// The folder of the sockets.
    fn sockets(&self) -> PathBuf {
        let home = self.0.root().with_file_name("home");
        let agents = home.join(".local/state/mmdev/agent");
        let mut folders = agents.read_dir().unwrap();
        folders.next().unwrap().unwrap().path()
    }

    fn container(&self) -> String {
        let filter = format!(
            "label=devcontainer.local_folder={}",
            self.0.root().display()
        );
        docker(&["ps", "--all", "--quiet", "--filter", &filter])
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        for id in self.container().split_whitespace() {
            let image = docker(&["inspect", "--format", "{{.Config.Image}}", id]);
            docker(&["rm", "--force", "--volumes", id]);
            let _ = Command::new("docker").args(["rmi", &image]).output();
        }
    }
}

#[test]
fn the_agent_of_the_moment_is_reached() {
    let keys = tempfile::tempdir().unwrap();
    let container = Container::new();
    let list = ["run", "--", "ssh-add", "-l"];

    let first = Agent::start(keys.path(), "first");
    let listed = container.printed(Some(&first), &list);
    assert!(listed.contains(" first (ED25519)"), "{listed}");
    drop(first);

    // The agent went away, and another one came: the container starts all the same, and the new one is reached.
    let id = container.container();
    docker(&["stop", "--time", "0", &id]);
    let second = Agent::start(keys.path(), "second");
    let listed = container.printed(Some(&second), &list);
    assert!(listed.contains(" second (ED25519)"), "{listed}");
    assert_eq!(container.container(), id, "the container is the same one");

    // Every user of the container is the same person.
    let as_root = container
        .mmdev(Some(&second), &["run", "--", "sleep", "1000"])
        .spawn();
    let mut running = as_root.unwrap();
    let sockets = container.sockets();
    let names = || -> Vec<String> {
        let entries = sockets.read_dir().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    wait("the socket of a program that runs", || names().len() == 1);
    let socket = format!("SSH_AUTH_SOCK=/run/mmdev/{}", names()[0]);
    for user in ["0:0", "4321:4321"] {
        let listed = docker(&[
            "exec", "--user", user, "--env", &socket, &id, "ssh-add", "-l",
        ]);
        assert!(listed.contains(" second (ED25519)"), "{user}: {listed}");
    }

    // A second program has a socket of its own, and a killed one's is swept.
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(names().len(), 1, "a killed program cannot clean up");
    container.printed(Some(&second), &list);
    assert_eq!(names(), [""; 0]);

    // Ctrl-C.
    let mut running = container
        .mmdev(Some(&second), &["run", "--", "sleep", "1000"])
        .spawn()
        .unwrap();
    wait("the program", || {
        docker(&["top", &id])
            .lines()
            .filter(|line| line.ends_with("sleep 1000"))
            .count()
            == 2
    });
    run(Command::new("kill").args(["-INT", &running.id().to_string()]));
    assert_eq!(running.wait().unwrap().code(), Some(130));
    assert_eq!(names(), [""; 0]);

    // Without an agent, and where it is not wanted, nothing points at one.
    let ask = ["run", "--", "sh", "-c", "echo \"[$SSH_AUTH_SOCK]\""];
    assert_eq!(container.printed(None, &ask), "[]\n");
    let mut unwanted = container.mmdev(Some(&second), &ask);
    unwanted.env("MMDEV_FORWARD_CREDENTIALS", "0");
    assert_eq!(container.0.run(&mut unwanted).success().stdout, "[]\n");

    // The devcontainer CLI takes the container as its own.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/containers");
    let root = container.0.root().display().to_string();
    let mut up = container
        .0
        .devcontainer(&folder, ["up", "--workspace-folder", &root]);
    let answer = container.0.run(&mut up).success().stdout;
    assert!(answer.contains(&id), "{answer}");

    container.printed(None, &["down"]);
    assert_eq!(container.container(), "");
    assert!(!sockets.exists());
}
