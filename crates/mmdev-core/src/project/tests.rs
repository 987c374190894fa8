//! What plans come out of odd specs and settings, and what a person is told.

use expect_test::{Expect, expect};

use super::fixture::{package, pip, project, project_with, spanned, spec};
use super::*;
use crate::spec::PipLine;
use crate::spec::pip::parse_line;

#[track_caller]
fn check_problems(problems: &[Problem], expected: Expect) {
    let mut text = String::new();
    for problem in problems {
        text.push_str(&format!(
            "{:?} {} {}: {}\n",
            problem.severity,
            problem.code,
            problem.path.as_deref().unwrap_or("settings"),
            problem.message
        ));
    }
    expected.assert_eq(&text);
}

#[test]
fn several_specs_merge_into_one_environment() {
    let mut first = spec(Some("first"), &["python", "numpy"]);
    first.variables = vec![fixture::variable("A", "1"), fixture::variable("B", "2")];
    let mut second = spec(Some("second"), &["numpy", "pandas"]);
    second.channels = Some(vec![spanned("bioconda"), spanned("conda-forge")]);
    second.variables = vec![fixture::variable("A", "1"), fixture::variable("B", "3")];
    let specs = [("a.yaml", first), ("b.yaml", second)];
    let (project, problems) = project_with(&specs, &Settings::default(), &[]);
    let environment = project.active_environment();
    assert_eq!(environment.prefix, "/opt/conda");
    assert_eq!(environment.alias.as_deref(), Some("first"));
    assert_eq!(environment.channels, ["conda-forge", "bioconda"]);
    let Packages::Same(list) = &environment.packages else {
        panic!("no selector was used")
    };
    assert_eq!(list.dependencies, ["numpy", "pandas", "python"]);
    let variables = [("A", "1"), ("B", "2")].map(|(name, value)| (name.into(), value.into()));
    assert_eq!(environment.variables, variables);
    check_problems(
        &problems,
        expect![[r#"
            Warning MM616 settings: the specs have different names, `first` and `second`: the first is used
            Warning MM616 settings: the specs give the variable `B` different values: the first is used
        "#]],
    );
}

#[test]
fn environments_need_names_of_their_own() {
    let named = |name: &str, path: &str| (name.to_owned(), path.to_owned());
    let settings = Settings {
        environments: Some(vec![
            named("", "a.yaml"),
            named("", "sub/b.yml"),
            named("B", "c.yaml"),
            named("../x", "c.yaml"),
            named("y", "missing.yaml"),
        ]),
        active_environment: Some("z".to_owned()),
        ..Settings::default()
    };
    let specs = [
        ("a.yaml", spec(Some("own"), &["python"])),
        ("sub/b.yml", spec(None, &["python"])),
        ("c.yaml", spec(None, &["python"])),
    ];
    let (project, problems) = project_with(&specs, &settings, &[]);
    let places: Vec<&str> = project
        .environments
        .iter()
        .map(|environment| environment.prefix.as_str())
        .collect();
    assert_eq!(
        places,
        ["/opt/conda/envs/own", "/opt/conda/envs/b", "/opt/conda"]
    );
    check_problems(
        &problems,
        expect![[r#"
            Error MM615 settings: the environment `y` has no spec: `missing.yaml` is not there
            Error MM612 settings: two environments are called `B`: sub/b.yml and c.yaml
            Error MM611 settings: `../x` cannot name an environment
            Error MM612 settings: the active environment `z` is not one of this project's
        "#]],
    );
}

#[test]
fn settings_that_cannot_be() {
    let settings = Settings {
        base_image: Some("debian:x y".to_owned()),
        base_image_digest: Some("sha256:1".to_owned()),
        system_packages: Some(
            [
                "libgl1",
                "x; reboot",
                "-o=Evil",
                "git-",
                "Git",
                "g++",
                "libc6:arm64=2.36-9+deb12u4",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        development_packages: Some(Vec::new()),
        platforms: Some(
            ["osx-arm64", "linux-aarch64", "linux-s390x"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ..Settings::default()
    };
    let (project, problems) = project_with(&[("e.yaml", spec(None, &[]))], &settings, &[]);
    assert_eq!(project.base_image.reference, DEFAULT_BASE_IMAGE);
    assert_eq!(project.base_image.digest, None);
    assert_eq!(
        project.system_packages,
        ["g++", "libc6:arm64=2.36-9+deb12u4", "libgl1"]
    );
    assert_eq!(project.platforms, ["linux-aarch64"]);
    check_problems(
        &problems,
        expect![[r#"
            Error MM617 settings: `debian:x y` is no image reference
            Error MM617 settings: `sha256:1` is no digest
            Warning MM617 settings: no micromamba image exists for the platform `linux-s390x`
            Error MM617 settings: `x; reboot` is no Debian package
            Error MM617 settings: `-o=Evil` is no Debian package
            Error MM617 settings: `git-` is no Debian package
            Error MM617 settings: `Git` is no Debian package
        "#]],
    );
}

#[test]
fn a_dependency_is_not_taken_from_this_machine() {
    let text = "channels: [conda-forge]\ndependencies: [/tmp/a-1.0-0.conda, 'C:\\p\\a-1.0-0.conda', \
        'file:///c/noarch/a-1.0-0.conda', 'numpy[url=/tmp/a-1.0-0.conda]', '/c::a', 'a[channel=/c]', '$C::a', \
        'https://h/noarch/a-1.0-0.conda', 'a>', python]\n";
    let read = crate::spec::read("env.yaml", text);
    let (project, problems) = project_with(&[("env.yaml", read.spec)], &Settings::default(), &[]);
    let Packages::Same(list) = &project.active_environment().packages else {
        panic!("no selector was used")
    };
    expect![[r#"
        a>
        https://h/noarch/a-1.0-0.conda
        python"#]]
    .assert_eq(&list.dependencies.join("\n"));
    check_problems(
        &problems,
        expect![[r#"
        Error MM614 env.yaml: the package `/tmp/a-1.0-0.conda` is a file of this machine, which an image build does not see
        Error MM614 env.yaml: the package `C:\p\a-1.0-0.conda` is a file of this machine, which an image build does not see
        Error MM614 env.yaml: the package `file:///c/noarch/a-1.0-0.conda` is a file of this machine, which an image build does not see
        Error MM614 env.yaml: the package `/tmp/a-1.0-0.conda` is a file of this machine, which an image build does not see
        Error MM614 env.yaml: the channel `/c` is a folder of this machine, which an image build does not see
        Error MM614 env.yaml: the channel `/c` is a folder of this machine, which an image build does not see
        Error MM614 env.yaml: the channel `$C` takes a variable of this machine, which an image build does not have
    "#]],
    );
}

#[test]
fn a_pip_section_stays_inside_the_project() {
    let path = |path: &str| PipLine::Path {
        path: path.to_owned(),
        editable: false,
    };
    let file = |path: &str| PipLine::RequirementsFile {
        path: path.to_owned(),
    };
    let mut env = spec(None, &["python"]);
    env.pip = vec![
        pip(path("../lib"), "../lib"),
        pip(path("../../lib"), "../../lib"),
        pip(path("/home/me/lib"), "/home/me/lib"),
        pip(path("--evil/x"), "--evil/x"),
        pip(file("missing.txt"), "-r missing.txt"),
        pip(file("../../etc/passwd"), "-r ../../etc/passwd"),
        pip(file("bad.txt"), "-r bad.txt"),
        package("a\n--index-url x"),
    ];
    let specs = [("envs/env.yaml", env)];
    let owned: Vec<(String, EnvSpec)> = specs
        .iter()
        .map(|(path, spec)| ((*path).to_owned(), spec.clone()))
        .collect();
    assert_eq!(
        wanted_files(&owned, &BTreeMap::new()),
        ["envs/bad.txt", "envs/missing.txt"]
    );
    let files = [("envs/bad.txt", "--index-url https://me:pw@host/simple\n")];
    let (project, problems) = project_with(&specs, &Settings::default(), &files);
    let environment = project.active_environment();
    assert_eq!(environment.workspace_packages, ["./lib", "./envs/--evil/x"]);
    check_problems(
        &problems,
        expect![[r#"
            Error MM614 envs/env.yaml: `/home/me/lib` is outside the project, where no container finds it
            Error MM611 envs/env.yaml: the pip entry `a\n--index-url x` holds a line break or a control character
            Error MM614 envs/env.yaml: `../../lib` is outside the project, where no container finds it
            Error MM615 envs/env.yaml: the file `envs/missing.txt` is not there
            Error MM615 envs/env.yaml: the file `../../etc/passwd` is outside the project
            Error MM613 envs/bad.txt: the pip entry `--index-url https://***@host/simple` holds a secret
        "#]],
    );
}

#[test]
fn what_comes_from_the_workspace_is_looked_for_where_the_rest_is() {
    let arguments = |lines: &[&str]| {
        let mut env = spec(None, &["python"]);
        env.pip = lines
            .iter()
            .map(|line| pip(parse_line(line).0, line))
            .collect();
        let files = [("more.txt", "--trusted-host pip.corp\n--pre\nattrs\n")];
        let (project, problems) = project_with(&[("env.yaml", env)], &Settings::default(), &files);
        assert!(problems.is_empty(), "{problems:?}");
        project.active_environment().workspace_packages.join(" ")
    };
    assert_eq!(
        arguments(&["--index-url=http://pip.corp/simple", "-r more.txt", "-e ."]),
        "--index-url=http://pip.corp/simple --trusted-host pip.corp --pre -e ."
    );
    assert_eq!(arguments(&["-i https://${ME}@pip.corp", "./lib"]), "./lib");
    assert_eq!(arguments(&["-r https://pip.corp/r.txt", "./lib"]), "./lib");
    assert_eq!(arguments(&["--pre", "attrs"]), "");
}

#[test]
fn a_base_image_is_known_by_its_reference() {
    let known = |reference: &str| {
        let base = BaseImage {
            reference: reference.to_owned(),
            digest: None,
        };
        let version = base.micromamba_version().map(str::to_owned);
        (base.is_public(), version, base.may_hold_uid_1000())
    };
    let version = |text: &str| Some(text.to_owned());
    assert_eq!(known(DEFAULT_BASE_IMAGE), (true, version("2.6.1"), false));
    assert_eq!(
        known("docker.io/mambaorg/micromamba:2-ubuntu24.04"),
        (true, version("2"), true)
    );
    assert_eq!(known("mambaorg/micromamba"), (true, None, false));
    assert_eq!(known("host:5000/micromamba"), (false, None, true));
    assert_eq!(
        known("host:5000/my-micromamba:2.6"),
        (false, version("2.6"), true)
    );
    assert_eq!(known("debian:12"), (false, None, true));
}

#[test]
fn the_parent_of_a_public_base_image_is_known_by_its_tag() {
    let parent = |reference: &str| {
        let base = BaseImage {
            reference: reference.to_owned(),
            digest: None,
        };
        base.parent()
    };
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(parent(DEFAULT_BASE_IMAGE), known("debian:13-slim"));
    assert_eq!(parent("mambaorg/micromamba:2"), known("debian:13-slim"));
    assert_eq!(
        parent("mambaorg/micromamba:2-ubuntu24.04"),
        known("ubuntu:24.04")
    );
    assert_eq!(parent("mambaorg/micromamba:2-cuda12.9.1-ubuntu24.04"), None);
    assert_eq!(parent("mambaorg/micromamba:jammy"), None);
    assert_eq!(parent("mambaorg/micromamba:2-debian"), None);
    assert_eq!(parent("debian:12"), None);
}

#[test]
fn an_empty_spec_is_a_project() {
    let project = project(&[("env.yaml", EnvSpec::default())]);
    assert_eq!(project.active_environment().channels, ["conda-forge"]);
    assert_eq!(project.extensions, [""; 0]);
}
