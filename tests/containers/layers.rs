//! Images that are installed from a lock: whatever the path to it, the prefix is the lock, and a change costs what
//! changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mmdev_core::lock::{self, Hashes, Lock, Manager, Package};
use mmdev_testkit::{JsonLines, Project, docker, world};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{LEAN, Place};

/// A project that is locked for the machines of these tests, with its dependencies.
struct Locked {
    place: Place,
    /// The layers of the image that was built when all was last laid out, and the slice of then.
    laid_out: Option<(Vec<String>, String)>,
}

impl Locked {
    fn new(settings: &str) -> Self {
        let project = Project::new().file("mmdev.toml", &format!("{LEAN}{settings}"));
        // By its tag it is known which glibc the image has.
        let base = format!("{}-bookworm", world().base);
        docker(&["tag", &world().base, &base]);
        Locked {
            place: Place::on(project, &base),
            laid_out: None,
        }
    }

    fn spec(&self, dependencies: &[impl AsRef<str>]) {
        let mut text = format!("channels: [{}]\ndependencies:\n", world().channel());
        for dependency in dependencies {
            text.push_str(&format!("  - {}\n", dependency.as_ref()));
        }
        // The machine that runs the tests is enough.
        let platform = match std::env::consts::ARCH {
            "aarch64" => "linux-aarch64",
            _ => "linux-64",
        };
        text.push_str(&format!("platforms: [{platform}]\n"));
        self.place.project.write("env.yaml", &text);
    }

    fn lock(&self) -> Lock {
        lock::read(&self.place.project.read("conda-lock.yml")).lock
    }

    /// What a terminal says that opens in a container of this image.
    fn opened(&self, image: &str) -> String {
        let mount = format!("{}:/work", self.place.project.root().display());
        docker(&[
            "run",
            "--rm",
            "--tty",
            "--volume",
            &mount,
            "--workdir",
            "/work",
            image,
            "bash",
            "-ic",
            "true",
        ])
    }

    /// Builds, and looks at everything that must be so. Whether all was laid out anew.
    #[track_caller]
    fn build(&mut self) -> bool {
        let built = self.place.mmdev(&["build"]).success().stderr;
        let image = self.place.image();
        let container = docker(&["create", &image]);
        let differences = differences(&container, &self.lock());
        docker(&["rm", &container]);
        assert!(differences.is_empty(), "{differences:#?}\n{built}");
        let layers = layers(&image);
        let slice = self.place.project.read(".devcontainer/mmdev/base-lock.yml");
        if let Some((laid_out, before)) = &self.laid_out
            && *before == slice
        {
            // The last layer of then is the activation of shells, which comes after what is added.
            let kept = &laid_out[..laid_out.len() - 1];
            assert!(layers.starts_with(kept), "{kept:#?}\n{layers:#?}\n{built}");
            return false;
        }
        let delta = Path::new(".devcontainer/mmdev/delta-lock.yml");
        assert!(!self.place.project.root().join(delta).exists());
        self.laid_out = Some((layers, slice));
        true
    }
}

fn layers(image: &str) -> Vec<String> {
    let text = docker(&["inspect", "--format", "{{json .RootFS.Layers}}", image]);
    serde_json::from_str(&text).unwrap()
}

/// A prefix of an image, copied to this machine.
struct Prefix(tempfile::TempDir);

impl Prefix {
    fn of(container: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("prefix").display().to_string();
        docker(&["cp", &format!("{container}:/opt/conda"), &target]);
        Prefix(folder)
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("prefix")
    }

    /// The records of conda-meta.
    fn records(&self) -> Vec<Value> {
        let entries = fs::read_dir(self.root().join("conda-meta")).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        files
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
            .collect()
    }

    /// Every file and link below a folder, from the root.
    fn files(&self, folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(self.root().join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.files(&path, found);
            } else {
                found.insert(path.display().to_string());
            }
        }
    }
}

/// What of a container's prefix is not as the lock says: records, what they need, and every file of every package.
fn differences(container: &str, lock: &Lock) -> Vec<String> {
    let prefix = Prefix::of(container);
    let mut wrong = Vec::new();
    let mut wanted: BTreeMap<&str, _> = lock
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package))
        .collect();
    // Each path, and the hashes that it may have.
    let mut paths: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    let records = prefix.records();
    for record in &records {
        let text = |key: &str| record[key].as_str().unwrap_or_default();
        let Some(package) = wanted.remove(text("name")) else {
            wrong.push(format!("{} is not in the lock", text("name")));
            continue;
        };
        let depends = record["depends"].as_array().unwrap().iter();
        let found = (
            text("version"),
            Some(text("build")),
            text("url"),
            lock::dependencies(depends.filter_map(Value::as_str)),
        );
        let locked = (
            package.version.as_str(),
            package.build.as_deref(),
            package.url.as_str(),
            package.dependencies.clone(),
        );
        if found != locked {
            wrong.push(format!("{found:?}, and the lock has {locked:?}"));
        }
        for entry in record["paths_data"]["paths"].as_array().unwrap() {
            let hash = ["sha256_in_prefix", "sha256"];
            let hash = hash.iter().find_map(|key| entry[*key].as_str());
            let path = entry["_path"].as_str().unwrap().to_owned();
            paths
                .entry(path)
                .or_default()
                .insert(hash.map(str::to_owned));
        }
    }
    wrong.extend(wanted.keys().map(|name| format!("{name} is not installed")));
    let mut there = BTreeSet::new();
    prefix.files(Path::new(""), &mut there);
    for (path, hashes) in &paths {
        if !there.remove(path) {
            wrong.push(format!("{path} is missing"));
            continue;
        }
        let file = prefix.root().join(path);
        if file.is_symlink() || hashes.contains(&None) {
            continue;
        }
        let bytes = fs::read(file).unwrap();
        let hash: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if !hashes.contains(&Some(hash)) {
            wrong.push(format!("{path} has other bytes"));
        }
    }
    // What belongs to the prefix itself, and what a post-link script writes.
    let known = ["conda-meta/", "envs/", "pkgs/", "share/post-link.ran"];
    let left = there.iter().filter(|path| {
        let is_known = known.iter().any(|start| path.starts_with(start));
        !is_known && !path.contains("__pycache__")
    });
    wrong.extend(left.map(|path| format!("{path} belongs to no package")));
    wrong
}

#[test]
fn a_change_costs_what_changed_and_the_prefix_is_the_lock() {
    let mut project = Locked::new("");
    let base = [
        "python=3.11",
        "requests",
        "versions=1.0",
        "clobber-a",
        "clobber-b",
    ];
    project.spec(&base);
    // Nobody has to ask for the lock.
    let mut first = project.place.command(&["build"]);
    first.env_remove("MMDEV_AUTO_LOCK");
    project.place.project.run(&mut first).success();
    assert!(project.build());

    let added = [&base[..], &["six"]].concat();
    project.spec(&added);
    assert!(!project.build());
    let bumped = added.join("\n").replace("versions=1.0", "versions=1.1");
    project.spec(&bumped.split('\n').collect::<Vec<_>>());
    assert!(!project.build());

    // Both have share/clobber: it is the other one's again.
    let removed = bumped
        .replace("clobber-b\n", "")
        .replace("versions=1.1\n", "");
    project.spec(&removed.split('\n').collect::<Vec<_>>());
    assert!(!project.build());
    let read = ["cat", "/opt/conda/share/clobber"];
    let image = project.place.image();
    assert_eq!(docker(&[&["run", "--rm", &image], &read[..]].concat()), "a");

    // History knows what was asked for: only what six needed goes with it, and that is nothing.
    let script = "micromamba remove -y -n base six >&2; ls /opt/conda/conda-meta";
    let left = docker(&["run", "--rm", &image, "sh", "-euc", script]);
    assert!(!left.contains("six-"), "{left}");
    for name in ["requests-", "urllib3-", "clobber-a-", "python-"] {
        assert!(left.contains(name), "{left}");
    }

    // What is asked for may change alone.
    project.spec(
        &[removed.as_str(), "idna"]
            .join("\n")
            .split('\n')
            .collect::<Vec<_>>(),
    );
    assert!(!project.build());

    // In the end all can be laid out anew.
    project.place.mmdev(&["lock", "--compact"]).success();
    assert!(project.build());

    // Who opens a terminal in a container that a newer lock has left behind is told so.
    let image = project.place.image();
    assert_eq!(project.opened(&image), "");
    project.spec(&["python=3.11", "hello-compiled"]);
    project.place.mmdev(&["generate"]).success();
    let told = "1 package of this container is not as in conda-lock.yml: F1 → Rebuild Container, or mmdev up --recreate.";
    assert_eq!(project.opened(&image), told);
}

/// Any edits, one after the other: the same every time, and none of them is chosen by hand.
#[test]
fn any_sequence_of_edits_ends_with_the_lock() {
    let choices: [&[&str]; 8] = [
        &["hello-compiled"],
        &["versions=1.0", "versions=1.1", "versions=2.0"],
        &["prefix-text"],
        &["prefix-binary"],
        &["post-link"],
        &["clobber-a"],
        &["clobber-b"],
        &["builds=1.0=mkl_0", "builds=1.0=openblas_0"],
    ];
    let mut project = Locked::new("layers.waste = 60\n");
    let mut random: u64 = 20_261_125;
    let mut next = |below: usize| {
        // Knuth's MMIX generator, of which the upper bits are good.
        random = random.wrapping_mul(6_364_136_223_846_793_005);
        random = random.wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut chosen: Vec<usize> = choices.iter().map(|_| 1).collect();
    let mut laid_out = 0;
    for round in 0..6 {
        if round > 0 {
            for _ in 0..=next(3) {
                let index = next(choices.len());
                chosen[index] = next(choices[index].len() + 1);
            }
        }
        let wanted = chosen.iter().zip(choices);
        let wanted =
            wanted.filter_map(|(chosen, names)| names.get(chosen.checked_sub(1)?).copied());
        project.spec(&wanted.collect::<Vec<_>>());
        if round == 0 {
            project.place.mmdev(&["lock"]).success();
        }
        laid_out += usize::from(project.build());
    }
    assert!((1..6).contains(&laid_out), "{laid_out} of 6");
}

#[test]
fn wheels_of_a_lock_come_and_go() {
    let project = Locked::new("");
    let place = &project.place;
    project.spec(&["python=3.11", "pip"]);
    place.mmdev(&["lock"]).success();
    let conda = project.lock();
    // A lock as conda-lock makes it: what the spec means is not in it.
    let with = |name: &str| {
        let index = world().www.join(format!("simple/{name}/index.html"));
        let index = fs::read_to_string(index).unwrap();
        let link = index
            .split('"')
            .find(|text| text.contains(".whl#sha256="))
            .unwrap();
        let (path, sha256) = link.split_once("#sha256=").unwrap();
        let file = path.rsplit('/').next().unwrap();
        let mut lock = conda.clone();
        lock.metadata.custom.remove(lock::MEANING);
        lock.packages.push(Package {
            name: name.to_owned(),
            version: file.split('-').nth(1).unwrap().to_owned(),
            build: None,
            manager: Manager::Pip,
            platform: conda.packages[0].platform.clone(),
            dependencies: BTreeMap::new(),
            url: path.replace("../..", world().channel().trim_end_matches("/channel")),
            hash: Hashes {
                md5: None,
                sha256: Some(sha256.to_owned()),
            },
            source: None,
            category: lock::MAIN.to_owned(),
            optional: false,
            size: Some(60_000),
        });
        lock.sort();
        place.project.write("conda-lock.yml", &lock::write(&lock));
        let pip = format!("  - pip:\n    - {name}\nplatforms");
        project.spec(&["python=3.11", "pip"]);
        let spec = place.project.read("env.yaml").replace("platforms", &pip);
        place.project.write("env.yaml", &spec);
        let before = place.images();
        place.mmdev(&["build", "--locked"]).success();
        let mut images = place.images().into_iter();
        let image = images.find(|image| !before.contains(image)).unwrap();
        let there = docker(&["run", "--rm", &image, "sh", "-c", IMPORTED]);
        (there, layers(&image))
    };
    const IMPORTED: &str = "for name in attrs six; do python -c \"import $name\" 2> /dev/null && echo $name; done; true";
    let (there, first) = with("attrs");
    assert_eq!(there, "attrs");
    place.mmdev(&["up"]).success();
    let (there, second) = with("six");
    assert_eq!(there, "six");
    // The container that runs goes the same way.
    let container = &place.containers()[0];
    assert_eq!(docker(&["exec", container, "sh", "-c", IMPORTED]), "attrs");
    let said = place.mmdev(&["watch", "--once"]).success().stderr;
    let synced = "Synced the running container: 1 removed, 1 installed";
    assert!(said.contains(synced), "{said}");
    assert_eq!(docker(&["exec", container, "sh", "-c", IMPORTED]), "six");
    assert!(second.starts_with(&first[..first.len() - 1]), "{second:#?}");
}

#[test]
fn a_clone_with_any_umask_takes_every_layer_from_the_cache() {
    let mut project = Locked::new("");
    project.spec(&["hello-compiled", "versions=1.0"]);
    project.place.mmdev(&["lock"]).success();
    project.build();
    project.spec(&["hello-compiled", "versions=1.1"]);
    project.build();
    let folder = project.place.project.root().join(".devcontainer/mmdev");
    for umask in [0o002, 0o022, 0o077] {
        for entry in fs::read_dir(&folder).unwrap() {
            let mode = fs::Permissions::from_mode(0o666 & !umask);
            fs::set_permissions(entry.unwrap().path(), mode).unwrap();
        }
        let folder = folder.display().to_string();
        let arguments = ["build", "--progress=plain", &folder];
        let mut command = project.place.project.command("docker", arguments);
        let log = project
            .place
            .project
            .run(command.env("DOCKER_BUILDKIT", "1"));
        let log = log.success().stderr;
        let steps: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("] RUN "))
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert!(steps.len() > 2, "{log}");
        for step in steps {
            assert!(log.contains(&format!("{step} CACHED")), "{umask:o} {log}");
        }
    }
}

#[test]
fn a_watch_locks_and_brings_the_running_container_to_the_lock() {
    let project = Locked::new("");
    let place = &project.place;
    project.spec(&["hello-compiled", "versions=1.0", "clobber-a", "clobber-b"]);
    place.mmdev(&["lock"]).success();
    place.mmdev(&["up"]).success();
    let containers = place.containers();
    let words = ["watch", "--message-format", "json"];
    let mut watch = JsonLines::start(&mut place.command(&words));
    watch.until_state("ready");

    project.spec(&["hello-compiled", "versions=1.1", "clobber-a", "prefix-text"]);
    let synced = watch.until(&[("reason", "container-synced")]);
    assert_eq!(
        (&synced["removed"], &synced["installed"]),
        (&2.into(), &2.into())
    );
    let lock = project.lock();
    assert_eq!(differences(&containers[0], &lock), [""; 0]);
    let built = watch.until(&[("reason", "watch-built")]);
    assert_eq!(built["built"], true);
    watch.until_state("ready");
    assert_eq!(place.containers(), containers);

    // What cannot be locked is said, and nothing changes.
    project.spec(&["hello-compiled", "versions=9"]);
    let state = watch.until_state("problems");
    let message = state["message"].as_str().unwrap();
    assert!(
        message.contains("`versions=9` (env.yaml:4) has no package"),
        "{message}"
    );
    assert_eq!(project.lock(), lock);
    assert_eq!(differences(&containers[0], &lock), [""; 0]);

    // A person who goes back goes on.
    project.spec(&["hello-compiled", "versions=1.1", "clobber-a", "prefix-text"]);
    watch.until_state("ready");
    watch.interrupt();
    assert_eq!(watch.end(), Some(130));
}

#[test]
fn a_sync_takes_everything_to_another_python_and_skips_an_environment_that_is_not_there() {
    let project = Locked::new("");
    let place = &project.place;
    project.spec(&["python=3.9", "hello-noarch"]);
    place.mmdev(&["lock"]).success();
    place.mmdev(&["up"]).success();
    let containers = place.containers();

    project.spec(&["python=3.11", "hello-noarch"]);
    let tools = place.project.read("env.yaml");
    place.project.write("tools.yaml", &tools);
    let settings = format!("{LEAN}environments = {{ base = 'env.yaml', tools = 'tools.yaml' }}\n");
    place.project.write("mmdev.toml", &settings);
    place.mmdev(&["lock"]).success();
    let said = place.mmdev(&["watch", "--once"]).success().stderr;
    let skipped =
        "Skipped `tools`, which the running container does not have yet: mmdev up --recreate";
    assert!(said.contains(skipped), "{said}");
    assert!(said.contains("Synced the running container: "), "{said}");
    assert_eq!(place.containers(), containers);
    let lock = lock::read(&place.project.read("conda-lock.yml")).lock;
    assert_eq!(differences(&containers[0], &lock), [""; 0]);
    let hello = docker(&["exec", &containers[0], "/opt/conda/bin/hello-noarch"]);
    assert_eq!(hello, "hello from noarch python");
    assert_eq!(
        docker(&["exec", &containers[0], "ls", "/var/lib/mmdev/sync"]),
        "lock"
    );
}
