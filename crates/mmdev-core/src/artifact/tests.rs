//! The generated files, compared whole with those in `goldens/`.

use expect_test::{Expect, ExpectFile, expect, expect_file};

use super::*;
use crate::lock::{self, PIP_UNLOCKED};
use crate::project::LockTexts;
use crate::project::fixture::{
    self, locked_project, package, pip, project, project_with, spec, variable,
};
use crate::settings::Settings;
use crate::spec::PipLine;

/// Every generated file and the keys of devcontainer.json, one after the other, without the stamps' hashes.
#[track_caller]
fn check(project: &Project, expected: ExpectFile) {
    let mut text = String::new();
    for file in files(project) {
        let (stamp, content) = file.text.split_once('\n').unwrap();
        assert!(stamp.starts_with("# mmdev: "), "{}", file.path);
        assert_eq!(stamp::verify(&file.text), stamp::Ownership::Owned);
        // The scripts are files beside the source already.
        if !file.path.contains("/activate.") && !file.path.ends_with(".sh") {
            text.push_str(&format!("==> {} <==\n{content}", file.path));
        }
    }
    text.push_str("==> devcontainer.json <==\n");
    let desired = desired(project);
    for property in desired.properties {
        let path = property.path.join(" / ");
        text.push_str(&format!("{path} = {}\n", property.value));
    }
    for members in desired.members {
        let path = members.path.join(" / ");
        text.push_str(&format!("{path} += {}\n", members.items.join(", ")));
    }
    if let Some(command) = desired.on_create {
        text.push_str(&format!("on create: {command}\n"));
    }
    expected.assert_eq(&text);
}

#[test]
fn one_spec() {
    let mut env = spec(
        Some("science"),
        &["python=3.11", "numpy >=1.26,<2", "jupyterlab"],
    );
    env.variables = vec![
        variable("CONDA_OVERRIDE_CUDA", "12.4"),
        variable("MODE", "dev"),
        variable("PRICE", r#"5$ "x" \y"#),
    ];
    check(
        &project(&[("env.yaml", env)]),
        expect_file!["goldens/one_spec.txt"],
    );
}

#[test]
fn packages_of_the_command_line() {
    let env = spec(Some("base"), &["requests=2.25.1", "python=3.9.1"]);
    check(
        &project(&[("env.yaml", env)]),
        expect_file!["goldens/command_line.txt"],
    );
}

#[test]
fn two_environments() {
    let settings = Settings {
        environments: Some(vec![
            ("env1".to_owned(), "a.yaml".to_owned()),
            ("env2".to_owned(), "b.yaml".to_owned()),
        ]),
        active_environment: Some("env2".to_owned()),
        ..Settings::default()
    };
    let mut first = spec(None, &["curl"]);
    first.variables = vec![variable("ONLY", "the first's")];
    let specs = [("a.yaml", first), ("b.yaml", spec(None, &["jq"]))];
    let (project, problems) = project_with(&specs, &settings, &[]);
    assert_eq!(problems, []);
    check(&project, expect_file!["goldens/two_environments.txt"]);
}

#[test]
fn pip_section() {
    let mut env = spec(None, &["python=3.11"]);
    env.pip = vec![
        package("rich[jupyter]>=13"),
        pip(
            PipLine::Path {
                path: ".".to_owned(),
                editable: true,
            },
            "-e .",
        ),
        pip(
            PipLine::RequirementsFile {
                path: "requirements/dev.txt".to_owned(),
            },
            "-r requirements/dev.txt",
        ),
    ];
    let files = [
        (
            "requirements/dev.txt",
            "# tools\r\npytest==8.0 \\\r\n    --hash=sha256:ab  # pinned\r\n-r base.txt\r\n-c limits.txt\r\n-e ../plugin[all]\r\n",
        ),
        ("requirements/base.txt", "--pre\nrequests\n-r dev.txt\n"),
        ("requirements/limits.txt", "urllib3<2\n"),
    ];
    let (project, problems) = project_with(&[("env.yaml", env)], &Settings::default(), &files);
    assert_eq!(problems, []);
    check(&project, expect_file!["goldens/pip_section.txt"]);
}

#[test]
fn selectors() {
    let dependencies = [
        "python",
        "pywin32 # [win]",
        "gdb # [linux]",
        "mkl # [linux64]",
        "openblas # [aarch64]",
    ];
    let env = spec(None, &dependencies);
    check(
        &project(&[("env.yaml", env)]),
        expect_file!["goldens/selectors.txt"],
    );
}

#[test]
fn ubuntu_with_system_packages() {
    let settings = Settings {
        base_image: Some("mambaorg/micromamba:2.6.1-ubuntu24.04".to_owned()),
        base_image_digest: Some(format!("sha256:{}", "0".repeat(64))),
        system_packages: Some(vec![
            "libgl1".to_owned(),
            "g++=4:13.2.0-7ubuntu1".to_owned(),
        ]),
        development_packages: Some(Vec::new()),
        dockerfile_before: Some(vec!["ARG MIRROR=x".to_owned()]),
        dockerfile_after: Some(vec!["RUN python --version".to_owned()]),
        ..Settings::default()
    };
    let specs = [("env.yaml", spec(None, &["python"]))];
    let (project, problems) = project_with(&specs, &settings, &[]);
    assert_eq!(problems, []);
    check(&project, expect_file!["goldens/ubuntu.txt"]);
}

#[test]
fn an_image_of_a_person() {
    let settings = Settings {
        base_image: Some("registry.example.com:5000/team/tools:v2".to_owned()),
        ..Settings::default()
    };
    let specs = [("envs/env.yaml", spec(None, &["conda", "mamba"]))];
    let (project, problems) = project_with(&specs, &settings, &[]);
    assert_eq!(problems, []);
    check(&project, expect_file!["goldens/own_image.txt"]);
}

/// What two projects' files differ in.
#[track_caller]
fn check_difference(one: &Project, other: &Project, expected: Expect) {
    let (one, other) = (files(one), files(other));
    let mut text = String::new();
    for (before, after) in one.iter().zip(&other) {
        let lines = before.text.lines().zip(after.text.lines()).skip(1);
        for (before, after) in lines.filter(|(before, after)| before != after) {
            text.push_str(&format!("-{before}\n+{after}\n"));
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn a_new_name_changes_no_line_that_costs_a_rebuild() {
    let one = project(&[("env.yaml", spec(Some("one"), &["python"]))]);
    let other = project(&[("env.yaml", spec(Some("other"), &["python"]))]);
    check_difference(
        &one,
        &other,
        expect![[r#"
            -# The spec is called one: `micromamba activate one` works as well.
            +# The spec is called other: `micromamba activate other` works as well.
            -RUN ln -s /opt/conda /opt/conda/envs/one
            +RUN ln -s /opt/conda /opt/conda/envs/other
        "#]],
    );
}

/// A lock of these packages as a file, without slices, that leaves lines of the pip section to pip.
fn locked(packages: &[&str], unlocked: &[&str]) -> LockTexts {
    let mut lock = lock::fixture::lock(packages);
    if !unlocked.is_empty() {
        let custom = (PIP_UNLOCKED.to_owned(), unlocked.join("\n"));
        lock.metadata.custom.extend([custom]);
    }
    LockTexts {
        lock: lock::write(&lock),
        slices: None,
    }
}

/// The same lock with the slices of `project`'s first environment.
fn after(project: &Project, texts: &LockTexts) -> LockTexts {
    let paths = slice_paths(project, &project.environments[0]);
    let files = files(project);
    let [base, delta] = paths.map(|path| {
        let found = files.iter().find(|file| file.path == path)?;
        Some(found.text.clone())
    });
    LockTexts {
        slices: Some((base.unwrap(), delta)),
        ..texts.clone()
    }
}

#[test]
fn from_a_lock() {
    let old = locked(&["python 3.11.1 h_0", "numpy 1 h_0", "zlib 1 h_0"], &[]);
    let of = |dependencies: &[&str], texts: &LockTexts| {
        let text = format!("channels: [conda-forge]\ndependencies: {dependencies:?}\n");
        let specs = [("env.yaml", crate::spec::read("env.yaml", &text).spec)];
        let locks = [("conda-lock.yml".to_owned(), texts.clone())].into();
        let settings = Settings {
            layers_waste: Some(100),
            ..Settings::default()
        };
        let (project, problems) = locked_project(&specs, &settings, &[], &locks);
        assert_eq!(problems, []);
        project
    };
    let first = of(&["python", "numpy"], &old);
    check(&first, expect_file!["goldens/locked.txt"]);
    assert_eq!(
        plan_hash(&first),
        plan_hash(&of(&["python", "numpy"], &after(&first, &old)))
    );

    let new = locked(&["python 3.11.1 h_0", "numpy 2 h_0", "six 1 h_0"], &[]);
    let second = of(&["python", "numpy", "six"], &after(&first, &new));
    check(&second, expect_file!["goldens/locked_delta.txt"]);
    assert_ne!(spec_hash(&first), spec_hash(&second));
    assert_ne!(plan_hash(&first), plan_hash(&second));

    // A slice that somebody edited is none.
    let mut edited = after(&first, &new);
    edited.slices.as_mut().unwrap().0.push_str("# mine\n");
    assert!(!of(&["python", "numpy", "six"], &edited).environments[0].has_delta());
    // Nor can a lock be used that is none.
    let broken = LockTexts::default();
    assert_eq!(of(&["python"], &broken).environments[0].locked, None);
    let elsewhere = locked(&["osx-arm64:python 3.11.1 h_0"], &[]);
    assert_eq!(of(&["python"], &elsewhere).environments[0].locked, None);
}

#[test]
fn two_environments_from_locks() {
    let settings = Settings {
        environments: Some(vec![
            ("env1".to_owned(), "envs/a.yaml".to_owned()),
            ("env2".to_owned(), "envs/b.yaml".to_owned()),
        ]),
        ..Settings::default()
    };
    let mut second = spec(None, &["python", "pip"]);
    second.variables = vec![variable("ONLY", "the second's")];
    let option = pip(PipLine::Option, "--pre");
    second.pip = vec![package("rich>=13"), option, package("sdist==1")];
    let specs = [
        ("envs/a.yaml", spec(None, &["curl"])),
        ("envs/b.yaml", second),
    ];
    let locks = [
        (
            "envs/conda-lock.yml".to_owned(),
            locked(&["curl 8 h_0"], &[]),
        ),
        (
            "envs/env2.conda-lock.yml".to_owned(),
            locked(
                &["python 3.11.1 h_0", "pip 25 h_0", "pip:rich 13"],
                &["sdist==1"],
            ),
        ),
    ];
    let (project, problems) = locked_project(&specs, &settings, &[], &locks.into());
    assert_eq!(problems, []);
    check(&project, expect_file!["goldens/two_locked.txt"]);
}

#[test]
fn one_environment_without_a_platform_decides_for_all() {
    let platform = |other: &[&str]| {
        let settings = Settings {
            environments: Some(vec![
                ("env1".to_owned(), "envs/a.yaml".to_owned()),
                ("env2".to_owned(), "envs/b.yaml".to_owned()),
            ]),
            ..Settings::default()
        };
        let specs = [
            ("envs/a.yaml", spec(None, &["curl"])),
            ("envs/b.yaml", spec(None, &["curl"])),
        ];
        let both = ["curl 8 h_0", "linux-aarch64:curl 8 h_0"];
        let locks = [
            ("envs/env1.conda-lock.yml".to_owned(), locked(&both, &[])),
            ("envs/env2.conda-lock.yml".to_owned(), locked(other, &[])),
        ];
        let (project, problems) = locked_project(&specs, &settings, &[], &locks.into());
        assert_eq!(problems, []);
        let members = desired(&project).members.into_iter();
        let mut options = members.filter(|members| members.path == ["runArgs"]);
        options
            .next()
            .map_or_else(Vec::new, |members| members.items)
    };
    assert_eq!(
        platform(&["curl 8 h_0", "linux-aarch64:curl 8 h_0"]),
        [""; 0]
    );
    assert_eq!(platform(&["curl 8 h_0"]), ["--platform=linux/amd64"]);
}

#[test]
fn pip_runs_where_something_is_left_to_it() {
    let mut env = spec(None, &["python # [linux64]", "curl"]);
    env.pip = vec![
        pip(PipLine::Option, "--pre"),
        package("sdist==1 # [linux64]"),
        pip(PipLine::Url, "-e git+https://host/a@main#egg=a"),
    ];
    let mut lock = locked(
        &[
            "python 3.11.1 h_0",
            "curl 8 h_0",
            "linux-aarch64:curl 8 h_0",
        ],
        &["sdist==1", "-e git+https://host/a@main#egg=a"],
    );
    // Of a repository pip gets what is locked.
    let mut read = lock::read(&lock.lock).lock;
    let commit = format!("{} -e git+https://host/a@main#egg=a", "0a".repeat(20));
    let custom = (lock::PIP_FIXED.to_owned(), commit);
    read.metadata.custom.extend([custom]);
    lock.lock = lock::write(&read);
    let locks = [("conda-lock.yml".to_owned(), lock)];
    let specs = [("env.yaml", env)];
    let (project, problems) = locked_project(&specs, &Settings::default(), &[], &locks.into());
    assert_eq!(problems, []);
    let files = files(&project);
    let mut text = String::new();
    for file in &files {
        let (_, content) = file.text.split_once('\n').unwrap();
        if file.path.contains("/requirements") {
            text.push_str(&format!("==> {} <==\n{content}", file.path));
        }
    }
    let dockerfile = files[0].text.lines();
    let lines = dockerfile.skip_while(|line| !line.starts_with("# What of the pip"));
    for line in lines.take_while(|line| !line.is_empty()) {
        text.push_str(&format!("{line}\n"));
    }
    expect![[r#"
        ==> .devcontainer/mmdev/requirements-x86_64.txt <==
        --pre
        sdist==1
        -e git+https://host/a@0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a#egg=a
        ==> .devcontainer/mmdev/requirements-aarch64.txt <==
        --pre
        -e git+https://host/a@0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a#egg=a
        # What of the pip section is not locked: pip resolves it when the image is built.
        RUN --mount=type=bind,from=files,source=requirements-x86_64.txt,target=/tmp/requirements-x86_64.txt \
            --mount=type=bind,from=files,source=requirements-aarch64.txt,target=/tmp/requirements-aarch64.txt \
            --mount=type=cache,id=mmdev-pkgs-2.6.1,target=/var/cache/mmdev,sharing=locked \
            umask 000 \
            && export CONDA_PKGS_DIRS=/var/cache/mmdev XDG_CACHE_HOME=/var/cache/mmdev MAMBA_USE_LOCKFILES=false PIP_ROOT_USER_ACTION=ignore \
            && mkdir -p /opt/conda/envs /opt/conda/pkgs \
            && micromamba run -n base python -m pip install --no-input -r "/tmp/requirements-$(uname -m).txt" \
            && find /opt/conda -type d ! -perm -777 -exec chmod 777 {} +
    "#]].assert_eq(&text);
}

#[test]
fn hostile_text_stays_text() {
    let path = "a\nRUN touch /hostile\n.yaml";
    let mut env = spec(
        Some("x; touch /hostile"),
        &[
            "python\nRUN touch /hostile",
            "$(touch /hostile)",
            "a\"b\\c `d`",
        ],
    );
    env.variables = vec![
        variable("A", "x\nRUN touch /hostile"),
        variable("B", "$(touch /hostile) `x` ${PATH} \\"),
        variable("C=1 D", "x"),
        variable("PATH", "/x"),
    ];
    env.channels = Some(vec![
        fixture::spanned("https://me:secret@host/x"),
        fixture::spanned("https://host/$TOKEN/x"),
    ]);
    let (project, problems) = project_with(&[(path, env)], &Settings::default(), &[]);
    let files = files(&project);
    let dockerfile = &files[0].text;
    assert!(
        dockerfile
            .lines()
            .all(|line| !line.starts_with("RUN touch"))
    );
    assert!(dockerfile.contains(r#"    B="\$(touch /hostile) `x` \${PATH} \\""#));
    assert!(!files.iter().any(|file| file.text.contains("secret")));
    let spec = files
        .iter()
        .find(|file| file.path.ends_with("/env.yaml"))
        .unwrap();
    assert!(spec.text.contains(r#"  - "a\"b\\c `d`""#));
    let messages: Vec<String> = problems
        .iter()
        .map(|problem| format!("{} {}", problem.code, problem.message))
        .collect();
    expect![[r#"
        MM613 the channel `https://***@host/x` holds a secret
        MM614 the channel `https://host/$TOKEN/x` takes a variable of this machine, which an image build does not have
        MM611 the value of the variable `A` holds a line break or a control character, which a Dockerfile cannot say
        MM611 the variable `PATH` belongs to the image and cannot be set"#]].assert_eq(&messages.join("\n"));
}

#[test]
fn a_dockerfile_of_a_person_is_told_what_it_needs() {
    let project = project(&[("env.yaml", spec(None, &["python"]))]);
    expect![[r#"
        # The build context is taken to be the project's root.
        COPY --from=mambaorg/micromamba:2.6.1-debian13-slim /bin/micromamba /bin/micromamba
        ENV MAMBA_ROOT_PREFIX=/opt/conda MAMBA_EXE=/bin/micromamba
        # umask 000: whatever user and group a container has, it can install into the folders that are made here.
        # The package cache is a mount beside the prefix, so nothing of it stays in the image.
        RUN --mount=type=bind,source=.devcontainer/mmdev/env.yaml,target=/tmp/env.yaml \
            --mount=type=cache,id=mmdev-pkgs-2.6.1,target=/var/cache/mmdev,sharing=locked \
            umask 000 \
            && export CONDA_PKGS_DIRS=/var/cache/mmdev XDG_CACHE_HOME=/var/cache/mmdev MAMBA_USE_LOCKFILES=false PIP_ROOT_USER_ACTION=ignore \
            && mkdir -p /opt/conda/envs /opt/conda/pkgs \
            && micromamba install -y -n base -f /tmp/env.yaml \
            && find /opt/conda -type d ! -perm -777 -exec chmod 777 {} +
        # For programs that no shell starts (docker exec, CMD). Shells get what activate.d adds, from the script below.
        ENV PATH=/opt/conda/bin:$PATH \
            CONDA_PREFIX=/opt/conda \
            CONDA_DEFAULT_ENV=base
    "#]].assert_eq(&(desired(&project).dockerfile_lines.join("\n") + "\n"));
}

#[test]
fn the_spec_hash_follows_what_is_installed() {
    let hash = |settings: &Settings, dependency: &str| {
        let specs = [("env.yaml", spec(None, &[dependency]))];
        spec_hash(&project_with(&specs, settings, &[]).0)
    };
    let with_vim = Settings {
        system_packages: Some(vec!["vim".to_owned()]),
        ..Settings::default()
    };
    let plain = Settings::default();
    assert_eq!(hash(&plain, "python"), hash(&with_vim, "python"));
    assert_ne!(hash(&plain, "python"), hash(&plain, "python=3.11"));
}

#[test]
fn the_plan_hash_follows_the_files() {
    let hash = |dependency: &str| plan_hash(&project(&[("env.yaml", spec(None, &[dependency]))]));
    assert_eq!(hash("python"), hash("python"));
    assert_ne!(hash("python"), hash("python=3.11"));
    assert_eq!(hash("python").len(), 12);
}
