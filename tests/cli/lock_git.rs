//! What the pip section takes from git repositories, which a server of this machine has.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use expect_test::{Expect, expect};
use mmdev_testkit::Action;

use crate::lock::World;

/// A project, and a repository that is served at `HOST/repo.git`.
struct Repository {
    world: World,
    commits: Vec<String>,
}

impl Repository {
    fn new() -> Self {
        let world = World::new();
        let mut repository = Repository {
            world,
            commits: Vec::new(),
        };
        repository.git(&["init", "-q", "--bare", "-b", "main", "."]);
        repository.commit();
        repository.git(&["tag", "-a", "-m", "first", "v1"]);
        repository.publish();
        repository
    }

    fn folder(&self) -> PathBuf {
        self.world.served.path().join("repo.git")
    }

    fn git(&self, arguments: &[&str]) -> String {
        std::fs::create_dir_all(self.folder()).unwrap();
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(self.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A new commit on `main`.
    fn commit(&mut self) {
        // The hash of the empty tree.
        let tree = self.git(&["hash-object", "-t", "tree", "-w", "/dev/null"]);
        let message = format!("{}", self.commits.len());
        let mut arguments = vec!["commit-tree", "-m", &message, &tree];
        if let Some(parent) = self.commits.last() {
            arguments.extend(["-p", parent]);
        }
        let commit = self.git(&arguments);
        self.git(&["update-ref", "refs/heads/main", &commit]);
        self.commits.push(commit);
        self.publish();
    }

    fn publish(&self) {
        self.git(&["update-server-info"]);
    }

    fn spec(&self, dependencies: &str, pip: &[&str]) {
        let mut text = format!(
            "platforms: [linux-64]\ndependencies:\n  - python\n  - pip\n{dependencies}  - pip:\n"
        );
        for line in pip {
            text.push_str(&format!("    - {line}\n"));
        }
        self.world.spec(&text.replace("HOST", &self.world.url()));
    }

    /// What a command says, with names for commits.
    fn said(&self, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let mut command = self.world.project.command(arguments);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        self.named(self.world.project.shown(output))
    }

    fn named(&self, mut text: String) -> String {
        for (index, commit) in self.commits.iter().enumerate() {
            text = text.replace(commit, &format!("<{index}>"));
            text = text.replace(&commit[..12], &format!("<{index}…>"));
        }
        let url = self.world.url();
        let host = url.trim_start_matches("http://");
        text.replace(&url, "HOST").replace(host, "HOST")
    }

    /// What the lock says of the pip section.
    fn check_lock(&self, expected: Expect) {
        let lock = self.named(self.world.lock());
        let lines = lock.lines().filter(|line| line.contains("mmdev-pip-"));
        let lines: Vec<&str> = lines.map(str::trim).collect();
        expected.assert_eq(&lines.join("\n").replace("\\n", "\n"));
    }
}

#[test]
fn a_repository_is_held_at_its_commit() {
    let mut repository = Repository::new();
    let pip = [
        "git+HOST/repo.git",
        "\"a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'\"",
        "-e git+HOST/repo.git@main#egg=c",
        "git+HOST/repo.git@none",
        "hg+HOST/repo",
    ];
    repository.spec("", &pip);
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `-e git+HOST/repo.git@main#egg=c` (env.yaml:11) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'` (env.yaml:10) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `git+HOST/repo.git@none` (env.yaml:12) is not locked, and pip builds it in the container: its repository has no branch or tag `none`
        warning: `git+HOST/repo.git` (env.yaml:9) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `hg+HOST/repo` (env.yaml:13) is not locked: it is no wheel, and pip builds it in the container
              Locked conda-lock.yml: 3 packages for linux-64
    "#]].assert_eq(&repository.said(&["lock"], &[]));
    repository.check_lock(expect![[r#"
        mmdev-pip-fixed: "<0> -e git+HOST/repo.git@main#egg=c
        <0> a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'
        <0> git+HOST/repo.git"
        mmdev-pip-unlocked: "-e git+HOST/repo.git@main#egg=c
        a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'
        git+HOST/repo.git
        git+HOST/repo.git@none
        hg+HOST/repo""#]]);
    let requests = repository.world.server.requests(1);
    let asked = |path: &str| requests.iter().filter(|it| it.path.contains(path)).count();
    assert_eq!(asked("info/refs"), 1, "{requests:?}");

    // Whatever else changes, it stays, until it is to move.
    repository.commit();
    repository.spec("  - six\n", &pip[..4]);
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `-e git+HOST/repo.git@main#egg=c` (env.yaml:12) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'` (env.yaml:11) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `git+HOST/repo.git@none` (env.yaml:13) is not locked, and pip builds it in the container: its repository has no branch or tag `none`
        warning: `git+HOST/repo.git` (env.yaml:10) is locked at commit <0…>, and what that needs is not: pip builds it in the container
              Adding six 1.17.0
              Locked conda-lock.yml: 4 packages for linux-64
    "#]].assert_eq(&repository.said(&["lock"], &[]));
    repository.check_lock(expect![[r#"
        mmdev-pip-fixed: "<0> -e git+HOST/repo.git@main#egg=c
        <0> a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'
        <0> git+HOST/repo.git"
        mmdev-pip-unlocked: "-e git+HOST/repo.git@main#egg=c
        a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'
        git+HOST/repo.git
        git+HOST/repo.git@none""#]]);
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `-e git+HOST/repo.git@main#egg=c` (env.yaml:12) is locked at commit <1…>, and what that needs is not: pip builds it in the container
        warning: `a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'` (env.yaml:11) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `git+HOST/repo.git@none` (env.yaml:13) is not locked, and pip builds it in the container: its repository has no branch or tag `none`
        warning: `git+HOST/repo.git` (env.yaml:10) is locked at commit <0…>, and what that needs is not: pip builds it in the container
            Updating -e git+HOST/repo.git@main#egg=c <0…> -> <1…>
              Locked conda-lock.yml: 4 packages for linux-64
    "#]].assert_eq(&repository.said(&["update", "C"], &[]));
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `-e git+HOST/repo.git@main#egg=c` (env.yaml:12) is locked at commit <1…>, and what that needs is not: pip builds it in the container
        warning: `a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'` (env.yaml:11) is locked at commit <0…>, and what that needs is not: pip builds it in the container
        warning: `git+HOST/repo.git@none` (env.yaml:13) is not locked, and pip builds it in the container: its repository has no branch or tag `none`
        warning: `git+HOST/repo.git` (env.yaml:10) is locked at commit <1…>, and what that needs is not: pip builds it in the container
            Updating git+HOST/repo.git <0…> -> <1…>
              Locked conda-lock.yml: 4 packages for linux-64
    "#]].assert_eq(&repository.said(&["update"], &[]));
    repository.check_lock(expect![[r#"
        mmdev-pip-fixed: "<1> -e git+HOST/repo.git@main#egg=c
        <0> a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'
        <1> git+HOST/repo.git"
        mmdev-pip-unlocked: "-e git+HOST/repo.git@main#egg=c
        a[b] @ git+HOST/repo.git@v1#subdirectory=s ; python_version > '3'
        git+HOST/repo.git
        git+HOST/repo.git@none""#]]);

    // The image gets the commits.
    expect![[r#"
        exit code: 0
        ----- stderr
             Created .devcontainer/mmdev/Dockerfile
             Created .devcontainer/mmdev/.gitattributes
             Created .devcontainer/mmdev/.gitignore
             Created .devcontainer/mmdev/activate.sh
             Created .devcontainer/mmdev/activate.fish
             Created .devcontainer/mmdev/shells.sh
             Created .devcontainer/mmdev/check.sh
             Created .devcontainer/mmdev/base-lock.yml
             Created .devcontainer/mmdev/requirements.txt
             Created .devcontainer/mmdev/specs.txt
             Created .devcontainer/devcontainer.json

        Created 11 files; commit them. Teammates need only VS Code and Docker.
        Next: mmdev up, or F1 → Reopen in Container.
    "#]]
    .assert_eq(&repository.said(&["generate"], &[]));
    let requirements = repository
        .world
        .project
        .read(".devcontainer/mmdev/requirements.txt");
    expect![[r#"
        git+HOST/repo.git@<1>
        a[b] @ git+HOST/repo.git@<0>#subdirectory=s ; python_version > '3'
        -e git+HOST/repo.git@<1>#egg=c
        git+HOST/repo.git@none"#]]
    .assert_eq(&repository.named(requirements.lines().skip(1).collect::<Vec<_>>().join("\n")));

    // Where nobody can be asked, what is there stays.
    repository.spec("", &["git+HOST/repo.git", "git+HOST/repo.git@v1"]);
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/repo.git@v1` (env.yaml:10) is not locked, and pip builds it in the container: mmdev is offline
        warning: `git+HOST/repo.git` (env.yaml:9) is locked at commit <1…>, and what that needs is not: pip builds it in the container
            Removing six 1.17.0
              Locked conda-lock.yml: 3 packages for linux-64
    "#]].assert_eq(&repository.said(&["lock", "--offline"], &[]));
}

#[test]
fn a_lock_is_made_also_where_git_cannot_be_had() {
    let repository = Repository::new();
    repository.spec("", &["git+HOST/repo.git", "git+HOST/other.git"]);
    let none = [("PATH", "/nonexistent")];
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/other.git` (env.yaml:10) is not locked, and pip builds it in the container: there is no git on PATH
        warning: `git+HOST/repo.git` (env.yaml:9) is not locked, and pip builds it in the container: there is no git on PATH
              Locked conda-lock.yml: 3 packages for linux-64
    "#]].assert_eq(&repository.said(&["lock"], &none));
    repository.check_lock(expect![[r#"
        mmdev-pip-unlocked: "git+HOST/other.git
        git+HOST/repo.git""#]]);
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/other.git` (env.yaml:10) is not locked, and pip builds it in the container: git says: repository 'HOST/other.git/' not found
        warning: `git+HOST/repo.git` (env.yaml:9) is locked at commit <0…>, and what that needs is not: pip builds it in the container
              Locked conda-lock.yml: 3 packages for linux-64
    "#]].assert_eq(&repository.said(&["update"], &[]));
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/other.git` (env.yaml:10) is not locked, and pip builds it in the container: there is no git on PATH
        warning: `git+HOST/repo.git` (env.yaml:9) stays at commit <0…>: there is no git on PATH
               Fresh conda-lock.yml
    "#]].assert_eq(&repository.said(&["update"], &none));
    repository.check_lock(expect![[r#"
        mmdev-pip-fixed: <0> git+HOST/repo.git
        mmdev-pip-unlocked: "git+HOST/other.git
        git+HOST/repo.git""#]]);
}

#[test]
fn credentials_stay_in_the_environment() {
    const TOKEN: &str = "tk-0123456789";
    let repository = Repository::new();
    repository.world.server.rule(|request| {
        let is_known = request.headers.get("authorization").is_some_and(|value| {
            // `me:tk-0123456789` in base64.
            value == "Basic bWU6dGstMDEyMzQ1Njc4OQ=="
        });
        match request.path.contains("repo.git") && !is_known {
            true => Action::Status(401),
            false => Action::Serve,
        }
    });
    let host = repository.world.url().replace("http://", "");
    repository.spec(
        "",
        &[
            &format!("git+http://me:${{TOKEN}}@{host}/repo.git@v1"),
            &format!("git+http://{host}/${{TOKEN}}/repo.git"),
        ],
    );
    // A git that tells what it is started with.
    let folder = tempfile::tempdir().unwrap();
    let (program, record) = (folder.path().join("git"), folder.path().join("record"));
    let real = std::env::var("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> {}\nPATH='{real}' exec git \"$@\"\n",
        record.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{real}", folder.path().display());
    let said = |arguments: &[&str], token: &str| {
        let said = repository.said(arguments, &[("PATH", &path), ("TOKEN", token)]);
        assert!(!said.contains(TOKEN), "{said}");
        said
    };
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/${TOKEN}/repo.git` (env.yaml:10) is not locked, and pip builds it in the container: the variable TOKEN stands elsewhere than before the host's name
        warning: `git+http://me:${TOKEN}@HOST/repo.git@v1` (env.yaml:9) is not locked, and pip builds it in the container: TOKEN is not set
              Locked conda-lock.yml: 3 packages for linux-64
    "#]].assert_eq(&said(&["lock"], ""));
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/${TOKEN}/repo.git` (env.yaml:10) is not locked, and pip builds it in the container: the variable TOKEN stands elsewhere than before the host's name
        warning: `git+http://me:${TOKEN}@HOST/repo.git@v1` (env.yaml:9) is not locked, and pip builds it in the container: git says: Authentication failed for 'HOST/repo.git/'
               Fresh conda-lock.yml
    "#]].assert_eq(&said(&["update"], "wrong"));
    expect![[r#"
        exit code: 0
        ----- stderr
             Solving env.yaml for linux-64
        warning: `git+HOST/${TOKEN}/repo.git` (env.yaml:10) is not locked, and pip builds it in the container: the variable TOKEN stands elsewhere than before the host's name
        warning: `git+http://me:${TOKEN}@HOST/repo.git@v1` (env.yaml:9) is locked at commit <0…>, and what that needs is not: pip builds it in the container
              Locked conda-lock.yml: 3 packages for linux-64
    "#]]
    .assert_eq(&said(&["update", "--verbose"], TOKEN));
    repository.check_lock(expect![[r#"
        mmdev-pip-fixed: <0> git+http://me:${TOKEN}@HOST/repo.git@v1
        mmdev-pip-unlocked: "git+HOST/${TOKEN}/repo.git
        git+http://me:${TOKEN}@HOST/repo.git@v1""#]]);
    let lock = repository.world.lock();
    let record = std::fs::read_to_string(record).unwrap();
    assert!(record.contains("ls-remote"), "{record}");
    assert!(!lock.contains(TOKEN) && !record.contains(TOKEN) && !record.contains("wrong"));
}
