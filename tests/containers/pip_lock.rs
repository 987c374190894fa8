//! The pip section before the real uv, on an index of this machine, and once on PyPI.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};
use mmdev_core::lock::{self, Manager};

use mmdev_testkit::{
    Action, FaultyServer, Finished, HttpServer, Project, bridge_address, docker, world,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::conda_lock::conda_lock;
use crate::support::{LEAN, Place, Running, runs_with, wait_until};

/// A channel and indexes that are served, and a project that uses them.
struct Shop {
    place: Place,
    served: tempfile::TempDir,
    server: HttpServer,
}

impl Shop {
    fn new() -> Self {
        let served = tempfile::tempdir().unwrap();
        let shop = Shop {
            // Nothing of the image is needed but its glibc, which the tag tells.
            place: Place::on(Project::new(), "mambaorg/micromamba:2-debian12-slim"),
            server: HttpServer::start(served.path()),
            served,
        };
        let python = "python 3.12.4 h_0_cpython";
        shop.channel(
            "linux-64",
            &[python, "pytorch 2.1.0 py312_0; python >=3.12"],
        );
        shop.channel("linux-aarch64", &[python]);
        shop.channel(
            "noarch",
            &[
                "pip 24.0 py_0; python",
                "numpy 1.26.4 py_0; python",
                "uvicorn 0.30.1 py_0; python",
            ],
        );
        shop.write(
            "names.json",
            json!({ "pytorch": ["torch"] }).to_string().as_bytes(),
        );
        shop
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.served.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// `name version build; depends, …`
    fn channel(&self, subdir: &str, lines: &[&str]) {
        let records = lines.iter().map(|line| {
            let (head, depends) = line.split_once("; ").unwrap_or((line, ""));
            let [name, version, build] = head.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let depends: Vec<&str> = depends.split_terminator(", ").collect();
            let record = json!({
                "name": name, "version": version, "build": build, "build_number": 0,
                "subdir": subdir, "depends": depends, "md5": "0".repeat(32), "sha256": "0".repeat(64),
            });
            (format!("{name}-{version}-{build}.conda"), record)
        });
        let records: serde_json::Map<String, Value> = records.collect();
        let repodata = json!({
            "info": { "subdir": subdir }, "packages": {}, "packages.conda": records,
        });
        let path = format!("channel/{subdir}/repodata.json");
        self.write(&path, repodata.to_string().as_bytes());
    }

    /// Publishes `file`, a wheel that requires these, on an index.
    fn wheel(&self, index: &str, file: &str, requires: &[&str]) {
        let mut parts = file.split('-');
        let (name, version) = (parts.next().unwrap(), parts.next().unwrap());
        let folder = format!("{name}-{version}.dist-info");
        let mut metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        for requirement in requires {
            metadata.push_str(&format!("Requires-Dist: {requirement}\n"));
        }
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (name, text) in [
            ("METADATA", metadata.as_str()),
            (
                "WHEEL",
                "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n",
            ),
            ("RECORD", ""),
        ] {
            archive
                .start_file(format!("{folder}/{name}"), options)
                .unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        self.publish(index, file, &archive.finish().unwrap().into_inner());
    }

    fn publish(&self, index: &str, file: &str, bytes: &[u8]) {
        let name = file.split('-').next().unwrap().replace('_', "-");
        let page = format!("{index}/{name}/index.html");
        let known = std::fs::read_to_string(self.served.path().join(&page)).unwrap_or_default();
        let digest: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let link = format!(
            "<a href=\"{}#sha256={digest}\">{file}</a><br>\n",
            file.replace('+', "%2B")
        );
        self.write(&page, (known + &link).as_bytes());
        self.write(&format!("{index}/{name}/{file}"), bytes);
    }

    /// The URL of an index.
    fn index(&self, name: &str) -> String {
        format!("{}/{name}", self.server.url())
    }

    /// Writes the spec: entries of the pip section, and what else it says.
    fn spec(&self, conda: &str, pip: &[&str], rest: &str) {
        let mut text = format!(
            "channels:\n  - {}/channel\n  - nodefaults\ndependencies:\n",
            self.server.url()
        );
        for dependency in conda.split_whitespace() {
            text.push_str(&format!("  - {dependency}\n"));
        }
        text.push_str("  - pip:\n");
        for entry in pip {
            text.push_str(&format!("    - {entry}\n"));
        }
        self.place.project.write("env.yaml", &(text + rest));
    }

    /// mmdev with the world's uv on PATH.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        let uv = world().uv.parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(uv).chain(std::env::split_paths(&path));
        command
            .env("PATH", std::env::join_paths(path).unwrap())
            .env(
                "MMDEV_CONDA_NAMES",
                format!("{}/names.json", self.server.url()),
            )
            // What people set up for themselves changes nothing.
            .env("UV_EXCLUDE_NEWER", "2001-01-01")
            .env("UV_INDEX_URL", "http://127.0.0.1:1/simple");
        command
    }

    fn lock(&self, arguments: &[&str]) -> Finished {
        let arguments = [&["lock"], arguments].concat();
        self.place.project.run(&mut self.command(&arguments))
    }

    /// What was said.
    #[track_caller]
    fn said(&self, finished: Finished, expected: Expect) {
        let text = format!(
            "exit code: {:?}\n{}{}",
            finished.code, finished.stdout, finished.stderr
        );
        expected.assert_eq(&text.replace(&self.server.url(), "HOST"));
    }

    /// The pip packages that are locked, and the lines that are not.
    fn locked(&self) -> String {
        let text = self.place.project.read("conda-lock.yml");
        let read = lock::read(&text);
        assert_eq!(read.diagnostics, []);
        let mut shown = String::new();
        for package in read
            .lock
            .packages
            .iter()
            .filter(|it| it.manager == Manager::Pip)
        {
            let needs: Vec<&str> = package.dependencies.keys().map(String::as_str).collect();
            assert_eq!(package.hash.sha256.as_deref().map(str::len), Some(64));
            shown.push_str(&format!(
                "{} {} {} {} {needs:?}\n",
                package.platform, package.name, package.version, package.url
            ));
        }
        for line in read.lock.unlocked_pip() {
            shown.push_str(&format!("not locked: {line}\n"));
        }
        shown.replace(&self.server.url(), "HOST")
    }
}

/// A wheel for both machines of containers.
fn for_both(shop: &Shop, index: &str, stem: &str, requires: &[&str]) {
    for machine in ["x86_64", "aarch64"] {
        let file = format!("{stem}-cp312-cp312-manylinux_2_17_{machine}.whl");
        shop.wheel(index, &file, requires);
    }
}

#[test]
fn a_pip_section_is_locked_around_what_conda_provides() {
    let shop = Shop::new();
    for_both(&shop, "simple", "torch-2.1.0", &["numpy", "typing_ext>=4"]);
    shop.wheel(
        "cu121",
        "torch-2.1.0+cu121-cp312-cp312-linux_x86_64.whl",
        &["numpy<2", "nvidia_x"],
    );
    shop.wheel("cu121", "nvidia_x-12.1-py3-none-manylinux1_x86_64.whl", &[]);
    shop.wheel("simple", "typing_ext-4.1-py3-none-any.whl", &[]);
    // The best of all indexes is taken, whichever is asked first.
    shop.wheel("cu121", "typing_ext-4.0-py3-none-any.whl", &[]);
    // Newer than what conda has, and with needs of its own: neither counts.
    shop.wheel("simple", "numpy-2.0-py3-none-any.whl", &["nothing_has_it"]);
    shop.place.project.write(
        "more/base.txt",
        "# why\ntyping-ext \\\n  >=4 # so\n-c pins.txt\n",
    );
    shop.place
        .project
        .write("more/pins.txt", "typing-ext<4.2\n");
    let index = format!("--index-url {}", shop.index("simple"));
    let extra = format!("--extra-index-url={}", shop.index("cu121"));
    let pip = [
        &index,
        &extra,
        "torch>=2",
        "-r more/base.txt",
        "numpy>=1.20",
    ];
    shop.spec("python=3.12 numpy", &pip, "platforms: [linux-64]\n");
    shop.said(
        shop.lock(&[]),
        expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
              Locked conda-lock.yml: 6 packages for linux-64
    "#]],
    );
    expect![[r#"
        linux-64 nvidia-x 12.1 HOST/cu121/nvidia-x/nvidia_x-12.1-py3-none-manylinux1_x86_64.whl []
        linux-64 torch 2.1.0+cu121 HOST/cu121/torch/torch-2.1.0%2Bcu121-cp312-cp312-linux_x86_64.whl ["numpy", "nvidia-x"]
        linux-64 typing-ext 4.1 HOST/simple/typing-ext/typing_ext-4.1-py3-none-any.whl []
    "#]].assert_eq(&shop.locked());

    // Nothing changed, and nobody is asked.
    let before = shop.place.project.read("conda-lock.yml");
    shop.said(
        shop.lock(&["--check"]),
        expect![[r#"
        exit code: Some(0)
               Fresh conda-lock.yml
    "#]],
    );
    shop.said(
        shop.lock(&[]),
        expect![[r#"
        exit code: Some(0)
               Fresh conda-lock.yml
    "#]],
    );

    // What is locked stays when newer files come and the spec has one entry more.
    shop.wheel("simple", "typing_ext-4.1.1-py3-none-any.whl", &[]);
    shop.wheel("simple", "six-1.0-py3-none-any.whl", &[]);
    let pip = [
        &index,
        &extra,
        "torch>=2",
        "-r more/base.txt",
        "numpy>=1.20",
        "six",
    ];
    shop.spec("python=3.12 numpy", &pip, "platforms: [linux-64]\n");
    shop.said(
        shop.lock(&[]),
        expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
              Adding six 1.0
              Locked conda-lock.yml: 7 packages for linux-64
    "#]],
    );
    let after = shop.place.project.read("conda-lock.yml");
    let new = after.lines().filter(|line| !before.contains(line)).count();
    assert!(new < 12, "{after}");

    // A requirements file is a part of the spec; a comment in it is none.
    shop.place
        .project
        .write("more/pins.txt", "# as it was\ntyping-ext<4.2\n");
    shop.said(
        shop.lock(&["--check"]),
        expect![[r#"
        exit code: Some(0)
               Fresh conda-lock.yml
    "#]],
    );
    shop.place
        .project
        .write("more/pins.txt", "typing-ext==4.1.1\n");
    shop.said(
        shop.lock(&[]),
        expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
            Updating typing-ext 4.1 -> 4.1.1
              Locked conda-lock.yml: 7 packages for linux-64
    "#]],
    );

    // What is newer waits until somebody asks for it.
    shop.wheel("cu121", "nvidia_x-12.2-py3-none-manylinux1_x86_64.whl", &[]);
    shop.said(
        shop.lock(&[]),
        expect![[r#"
        exit code: Some(0)
               Fresh conda-lock.yml
    "#]],
    );
    let update = shop.place.project.run(&mut shop.command(&["update"]));
    shop.said(
        update,
        expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
            Updating nvidia-x 12.1 -> 12.2
              Locked conda-lock.yml: 7 packages for linux-64
    "#]],
    );

    // The real conda-lock reads it.
    let arguments = ["render", "-k", "env", "-p", "linux-64", "conda-lock.yml"];
    let (is_content, said) = conda_lock(&shop.place, &arguments);
    assert!(is_content, "{said}");
    let rendered = shop.place.project.read("conda-linux-64.lock.yml");
    for words in ["torch == 2.1.0+cu121 --hash=sha256:", "nvidia-x == 12.2 "] {
        assert!(rendered.contains(words), "{rendered}");
    }
}

#[test]
fn conda_has_packages_by_other_names() {
    let shop = Shop::new();
    shop.wheel("simple", "torch-9-py3-none-any.whl", &[]);
    shop.wheel("simple", "vision-1-py3-none-any.whl", &["torch"]);
    shop.wheel(
        "simple",
        "serving-1-py3-none-any.whl",
        &["uvicorn[standard]"],
    );
    let index = format!("--index-url {}", shop.index("simple"));
    let rest = "platforms: [linux-64]\n";
    shop.spec(
        "python pytorch uvicorn",
        &[&index, "torch", "vision", "serving"],
        rest,
    );
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
        warning: `uvicorn[standard]` is wanted, and conda's uvicorn knows no extras: add what belongs to `standard` to the spec
              Locked conda-lock.yml: 6 packages for linux-64
    "#]]);
    expect![[r#"
        linux-64 serving 1 HOST/simple/serving/serving-1-py3-none-any.whl ["uvicorn"]
        linux-64 vision 1 HOST/simple/vision/vision-1-py3-none-any.whl ["torch"]
    "#]]
    .assert_eq(&shop.locked());
    shop.said(
        shop.lock(&["--check"]),
        expect![[r#"
        exit code: Some(0)
               Fresh conda-lock.yml
    "#]],
    );
}

#[test]
fn a_platform_without_a_wheel_is_named() {
    let shop = Shop::new();
    shop.wheel(
        "simple",
        "fast-1.2-cp312-cp312-manylinux_2_17_x86_64.whl",
        &[],
    );
    shop.wheel("simple", "slow-1-py3-none-any.whl", &["fast"]);
    let index = format!("--index-url {}", shop.index("simple"));
    shop.spec("python", &[&index, "slow"], "");
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64, linux-aarch64
        warning: `fast 1.2` of the pip section has no wheel for linux-aarch64 and python 3.12.4: only linux-64 is locked, which is emulated on Apple Silicon (slower)
              Locked conda-lock.yml: 4 packages for linux-64
    "#]]);
    expect![[r#"
        linux-64 fast 1.2 HOST/simple/fast/fast-1.2-cp312-cp312-manylinux_2_17_x86_64.whl []
        linux-64 slow 1 HOST/simple/slow/slow-1-py3-none-any.whl ["fast"]
    "#]]
    .assert_eq(&shop.locked());
    shop.spec(
        "python",
        &[&index, "fast"],
        "platforms: [linux-64, linux-aarch64]\n",
    );
    shop.said(
        shop.lock(&[]),
        expect![[r#"
            exit code: Some(1)
                 Solving env.yaml for linux-64, linux-aarch64
                env.yaml:8 |     - fast
            error: `fast 1.2` of the pip section has no wheel for linux-aarch64 and python 3.12.4
            hint: ask for another version, or name the platforms that it has in `platforms:`
        "#]],
    );
}

#[test]
fn what_cannot_be_resolved_is_explained() {
    let shop = Shop::new();
    shop.wheel("simple", "frame-3-py3-none-any.whl", &["numpy>=2"]);
    let index = format!("--index-url {}", shop.index("simple"));
    let rest = "platforms: [linux-64]\n";
    shop.spec("python numpy", &[&index, "frame"], rest);
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(1)
             Solving env.yaml for linux-64
            env.yaml:9 |     - frame
            Because all versions of frame depend on numpy>=2 and numpy==1.26.4 (conda's), we can conclude that all versions of frame cannot be used.
            And because you require frame, we can conclude that your requirements are unsatisfiable.
        error: the pip section of env.yaml cannot be resolved on linux-64
        hint: conda's packages are chosen first: change them in `dependencies:`, or what pip asks for
    "#]]);
    shop.spec("python", &[&index, "gone>=1"], rest);
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(1)
             Solving env.yaml for linux-64
            env.yaml:8 |     - gone>=1
            Because gone was not found in the package registry and you require gone>=1, we can conclude that your requirements are unsatisfiable.
        error: the pip section of env.yaml cannot be resolved on linux-64
        hint: mend its name, or name the index that has it (`--extra-index-url`)
    "#]]);
    let hash = format!("numpy==3 --hash=sha256:{}", "0".repeat(64));
    shop.wheel("simple", "numpy-3-py3-none-any.whl", &[]);
    shop.spec("python", &[&index, &hash], rest);
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(1)
             Solving env.yaml for linux-64
            env.yaml:8 |     - numpy==3 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
        error: no wheel of `numpy 3` for linux-64 has a hash that the pip section allows
        hint: add the hash of a wheel that fits, or leave the hashes out: the lock has its own
    "#]]);
    shop.spec(
        "python",
        &["--index-url http://127.0.0.1:1/simple", "frame"],
        rest,
    );
    let mut command = shop.command(&["lock"]);
    let finished = shop.place.project.run(command.env("UV_HTTP_RETRIES", "0"));
    shop.said(
        finished,
        expect![[r#"
        exit code: Some(3)
             Solving env.yaml for linux-64
            Failed to fetch: http://127.0.0.1:1/simple/frame/
            error sending request for url (http://127.0.0.1:1/simple/frame/)
            client error (Connect)
            tcp connect error
            Connection refused (os error 111)
        error: uv could not ask for the pip section of env.yaml on linux-64
        hint: look at the network and HTTPS_PROXY
    "#]],
    );
    assert!(!Path::new(&shop.place.project.root().join("conda-lock.yml")).exists());
}

#[test]
fn foreign_code_runs_in_the_container_alone() {
    let shop = Shop::new();
    shop.publish("simple", "source-1.0.tar.gz", b"never unpacked");
    shop.wheel("simple", "user-1-py3-none-any.whl", &[]);
    // An old version that needs nothing is not what pip would take.
    shop.wheel("simple", "user-2-py3-none-any.whl", &["source"]);
    shop.wheel("simple", "plain-1-py3-none-any.whl", &[]);
    let index = format!("--index-url {}", shop.index("simple"));
    let hg = "hg+https://hg.invalid/x/y@v1";
    let archive = "z @ https://files.invalid/z-1.zip";
    let rest = "platforms: [linux-64]\n";
    shop.spec(
        "python",
        &[&index, "plain", "user", "source", hg, archive],
        rest,
    );
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
        warning: `hg+https://hg.invalid/x/y@v1` (env.yaml:11) is not locked: it is no wheel, and pip builds it in the container
        warning: `source` (env.yaml:10) is locked at source-1.0.tar.gz, and what that needs is not: it has no wheel, and pip builds it in the container
        warning: `user` (env.yaml:9) is locked at 2, and what that needs is not: it needs `source`, which has no wheel, and pip builds it in the container
        warning: `z @ https://files.invalid/z-1.zip` (env.yaml:12) is not locked: it is no wheel, and pip builds it in the container
              Locked conda-lock.yml: 3 packages for linux-64
    "#]]);
    expect![[r#"
        linux-64 plain 1 HOST/simple/plain/plain-1-py3-none-any.whl []
        not locked: hg+https://hg.invalid/x/y@v1
        not locked: source
        not locked: user
        not locked: z @ https://files.invalid/z-1.zip
    "#]]
    .assert_eq(&shop.locked());
    shop.said(
        shop.lock(&["--check"]),
        expect![[r#"
        exit code: Some(0)
               Fresh conda-lock.yml
    "#]],
    );

    // What is known of such entries stays until it is to move.
    shop.publish("simple", "source-2.0.tar.gz", b"nor this one");
    shop.spec(
        "python numpy",
        &[&index, "plain", "user", "source", hg, archive],
        rest,
    );
    shop.said(shop.lock(&[]), expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
        warning: `hg+https://hg.invalid/x/y@v1` (env.yaml:12) is not locked: it is no wheel, and pip builds it in the container
        warning: `source` (env.yaml:11) is locked at source-1.0.tar.gz, and what that needs is not: it has no wheel, and pip builds it in the container
        warning: `user` (env.yaml:10) is locked at 2, and what that needs is not: it needs `source`, which has no wheel, and pip builds it in the container
        warning: `z @ https://files.invalid/z-1.zip` (env.yaml:13) is not locked: it is no wheel, and pip builds it in the container
              Adding numpy 1.26.4
              Locked conda-lock.yml: 4 packages for linux-64
    "#]]);
    let update = |name| {
        let mut command = shop.command(&["update", name]);
        shop.place.project.run(&mut command)
    };
    shop.said(update("source"), expect![[r#"
        exit code: Some(0)
             Solving env.yaml for linux-64
        warning: `hg+https://hg.invalid/x/y@v1` (env.yaml:12) is not locked: it is no wheel, and pip builds it in the container
        warning: `source` (env.yaml:11) is locked at source-2.0.tar.gz, and what that needs is not: it has no wheel, and pip builds it in the container
        warning: `user` (env.yaml:10) is locked at 2, and what that needs is not: it needs `source`, which has no wheel, and pip builds it in the container
        warning: `z @ https://files.invalid/z-1.zip` (env.yaml:13) is not locked: it is no wheel, and pip builds it in the container
            Updating source source-1.0.tar.gz -> source-2.0.tar.gz
              Locked conda-lock.yml: 4 packages for linux-64
    "#]]);
    let generated = shop
        .place
        .project
        .run(&mut shop.command(&["generate", "-q"]));
    assert_eq!(generated.code, Some(0), "{}", generated.stderr);
    let requirements = shop
        .place
        .project
        .read(".devcontainer/mmdev/requirements.txt");
    let requirements = requirements.replace(&shop.server.url(), "HOST");
    let lines: Vec<&str> = requirements.lines().skip(1).collect();
    expect![[r#"
        --index-url HOST/simple
        user==2
        source @ HOST/simple/source/source-2.0.tar.gz#sha256=76caaf3e111277dcefff9f9717e5f0c22a2824cf37bdd4c875c8645f3de57b19
        hg+https://hg.invalid/x/y@v1
        z @ https://files.invalid/z-1.zip"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn credentials_stay_in_the_environment() {
    const TOKEN: &str = "tk-0123456789";
    let shop = Shop::new();
    shop.wheel("simple", "inner-1-py3-none-any.whl", &[]);
    let guard = FaultyServer::start(shop.served.path().to_owned());
    // Whoever knows the token gets the page, which another server types.
    let pages = shop.server.url();
    guard.rule(move |request| {
        let is_known = request.headers.get("authorization").is_some_and(|value| {
            // `me:tk-0123456789` in base64.
            value == "Basic bWU6dGstMDEyMzQ1Njc4OQ=="
        });
        match (is_known, request.path.ends_with(".whl")) {
            (false, _) => Action::Status(401),
            (true, true) => Action::Serve,
            (true, false) => Action::Moved(format!("{pages}{}", request.path)),
        }
    });
    let page = shop.served.path().join("simple/inner/index.html");
    let text = std::fs::read_to_string(&page).unwrap();
    let link = format!("href=\"{}/simple/inner/", guard.url());
    std::fs::write(&page, text.replace("href=\"", &link)).unwrap();
    let host = guard.url().replace("http://", "");
    let repositories = format!(
        "platforms: [linux-64]\nallow-pypi-requests: false\npip-repositories:\n  - http://me:$TOKEN@{host}/simple\n"
    );
    shop.spec("python", &["inner"], &repositories);
    let lock = |token: Option<&str>| {
        let mut command = shop.command(&["lock", "-v"]);
        command.envs(token.map(|token| ("TOKEN", token)));
        let finished = shop.place.project.run(&mut command);
        let all = format!("{finished:?}");
        assert!(!all.contains(TOKEN) && !all.contains("wrong-one"), "{all}");
        finished
    };
    let hide = |mut finished: Finished| {
        finished.stderr = finished.stderr.replace(&host, "GUARD");
        finished
    };
    shop.said(
        hide(lock(None)),
        expect![[r#"
            exit code: Some(1)
                 Solving env.yaml for linux-64
                env.yaml:7 |     - inner
                Because inner was not found in the package registry and you require inner, we can conclude that your requirements are unsatisfiable.
            error: the pip section of env.yaml cannot be resolved on linux-64
            hint: set TOKEN, if that index asks who you are
            hint: mend its name, or name the index that has it (`--extra-index-url`)
        "#]],
    );
    shop.said(
        hide(lock(Some("wrong-one"))),
        expect![[r#"
            exit code: Some(1)
                 Solving env.yaml for linux-64
                env.yaml:7 |     - inner
                Because inner was not found in the package registry and you require inner, we can conclude that your requirements are unsatisfiable.
            error: the pip section of env.yaml cannot be resolved on linux-64
            hint: mend TOKEN, if that index asks who you are
            hint: mend its name, or name the index that has it (`--extra-index-url`)
        "#]],
    );
    shop.said(
        hide(lock(Some(TOKEN))),
        expect![[r#"
            exit code: Some(0)
                 Solving env.yaml for linux-64
                  Locked conda-lock.yml: 3 packages for linux-64
        "#]],
    );
    let text = shop.place.project.read("conda-lock.yml");
    assert!(!text.contains(TOKEN), "{text}");
    expect![[r#"
        linux-64 inner 1 http://me:${TOKEN}@GUARD/simple/inner/inner-1-py3-none-any.whl []
    "#]]
    .assert_eq(&shop.locked().replace(&host, "GUARD"));
}

#[test]
fn images_have_what_is_locked_and_what_is_not() {
    // A source archive, and a page that names it, for this machine and for builds.
    let served = tempfile::tempdir().unwrap();
    let source = served.path().join("tiny-1.0");
    std::fs::create_dir(&source).unwrap();
    // It tells where it runs: the folder is this machine's.
    let setup = format!(
        "import pathlib\nhere = pathlib.Path('{}')\nif here.is_dir(): (here / 'ran').touch()\nfrom setuptools import setup\nsetup(name='tiny', version='1.0', py_modules=['tiny'])\n",
        served.path().display()
    );
    std::fs::write(source.join("setup.py"), setup).unwrap();
    std::fs::write(source.join("tiny.py"), "SIZE = 1\n").unwrap();
    let packed = Command::new("tar")
        .args(["czf", "tiny-1.0.tar.gz", "tiny-1.0"])
        .current_dir(served.path())
        .status()
        .unwrap();
    assert!(packed.success());
    let page = "<a href=\"tiny-1.0.tar.gz\">tiny-1.0.tar.gz</a>";
    std::fs::write(served.path().join("links.html"), page).unwrap();
    let server = HttpServer::bind(served.path(), bridge_address().unwrap().into(), 0).unwrap();

    let base = format!("{}-bookworm", world().base);
    docker(&["tag", &world().base, &base]);
    let platform = match std::env::consts::ARCH {
        "aarch64" => "linux-aarch64",
        _ => "linux-64",
    };
    let spec = format!(
        "channels: [{}]\nplatforms: [{platform}]\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n    - --index-url {}\n    - --trusted-host {}\n    - --find-links {}/links.html\n    - attrs\n    - tiny\n",
        world().channel(),
        world().index(),
        world().index_host(),
        server.url()
    );
    let project = Project::new()
        .file("env.yaml", &spec)
        .file("mmdev.toml", LEAN);
    let place = Place::on(project, &base);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let uv = world().uv.parent().unwrap().to_owned();
    let path = std::iter::once(uv).chain(std::env::split_paths(&path));
    let mut command = place.command(&["lock"]);
    command.env("PATH", std::env::join_paths(path).unwrap());
    place.project.run(&mut command).success();
    let lock = lock::read(&place.project.read("conda-lock.yml")).lock;
    let wheels = lock.packages.iter().filter(|it| it.manager == Manager::Pip);
    let wheels: Vec<&str> = wheels.map(|it| it.name.as_str()).collect();
    assert_eq!(wheels, ["attrs"]);
    assert_eq!(lock.unlocked_pip().collect::<Vec<_>>(), ["tiny"]);
    let archive = format!("{}/tiny-1.0.tar.gz#sha256=", server.url());
    let fixed = lock.pip_fixed();
    assert!(fixed["tiny"].starts_with(&archive), "{fixed:?}");
    assert!(!served.path().join("ran").exists());

    place.mmdev(&["build", "--locked"]).success();
    let script = "import attr, tiny; print(attr.__name__, tiny.SIZE)";
    let printed = docker(&["run", "--rm", &place.image(), "python", "-c", script]);
    assert_eq!(printed, "attr 1");
}

#[test]
fn ctrl_c_ends_uv_as_well() {
    let shop = Shop::new();
    let guard = FaultyServer::start(shop.served.path().to_owned());
    guard.rule(|_| Action::Wait);
    let index = format!("--index-url {}/simple", guard.url());
    shop.spec("python", &[&index, "six"], "platforms: [linux-64]\n");
    let home = shop.place.project.root().parent().unwrap().join("home");
    let cache = home.join(".cache/mmdev/uv/cache");
    let runs = || runs_with(cache.to_str().unwrap());
    let mut running = Running::start(&mut shop.command(&["lock"]));
    // It is asked, so uv runs.
    guard.requests(1);
    assert!(runs());
    let id = running.0.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    wait_until("uv ends", || !runs());
    assert!(!shop.place.project.root().join("conda-lock.yml").exists());
}

#[test]
fn without_uv_it_comes_from_pypi() {
    let shop = Shop::new();
    shop.spec("python", &["six==1.16.0"], "platforms: [linux-64]\n");
    let python = shop.place.project.run(
        &mut shop
            .place
            .project
            .command("python3", ["-c", "import sys; print(sys.base_prefix)"]),
    );
    let lock = |arguments: &[&str]| {
        let mut command = shop.command(&[&["lock"], arguments].concat());
        command
            .env("PATH", format!("{}/bin", python.stdout.trim()))
            .env_remove("UV_INDEX_URL");
        for name in ["SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        shop.place.project.run(&mut command)
    };
    let first = lock(&[]).success();
    assert!(first.stderr.contains("Downloading uv"), "{}", first.stderr);
    assert!(
        shop.locked().contains("six 1.16.0 https://"),
        "{}",
        shop.locked()
    );
    // It is there now.
    std::fs::remove_file(shop.place.project.root().join("conda-lock.yml")).unwrap();
    let second = lock(&[]).success();
    assert!(
        !second.stderr.contains("Downloading uv"),
        "{}",
        second.stderr
    );
    assert!(
        shop.locked().contains("six 1.16.0 https://"),
        "{}",
        shop.locked()
    );
}
