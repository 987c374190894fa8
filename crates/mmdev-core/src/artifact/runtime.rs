//! The Dockerfile of the runtime image: the environment of the development image and the project's files, for running
//! them and nothing else. It is made from the development image, whose own Dockerfile and layers stay as they are.

use std::fmt::Write as _;

use super::dockerfile;
use super::quote::env_value;
use crate::project::{Project, ROOT_PREFIX};

/// The folder of the build context that holds the Dockerfile, beside the project's files.
pub const RUNTIME_FOLDER: &str = ".mmdev-runtime";

/// Who runs the program unless somebody says otherwise: the public image's user. A number, which Kubernetes can tell
/// from root's, and which needs no user file.
const USER: u32 = 57_439;

/// What a program does not need to run: what it is, and where it is in an environment; `*` is any text. As in the
/// recipes by which images with conda environments are made small; what goes wrong without is to be kept by a person.
const DROPPED: [(&str, &str); 17] = [
    ("package cache", "pkgs/*"),
    ("settings of micromamba", ".mambarc"),
    ("settings of micromamba", ".condarc"),
    ("static libraries", "*.a"),
    ("static libraries", "*.la"),
    ("headers", "include/*"),
    ("build files", "lib/pkgconfig/*"),
    ("build files", "lib/cmake/*"),
    ("build files", "share/pkgconfig/*"),
    ("manuals", "man/*"),
    ("manuals", "share/man/*"),
    ("manuals", "share/doc/*"),
    ("manuals", "share/info/*"),
    ("manuals", "share/gtk-doc/*"),
    ("tests", "lib/python*/test/*"),
    ("tests", "lib/python*/site-packages/*/tests/*"),
    ("compiled copies of Python files", "*/__pycache__/*.pyc"),
];

/// What a file of an environment is that the runtime image leaves out, by its path from the prefix.
pub fn dropped(path: &str) -> Option<&'static str> {
    let mut dropped = DROPPED.iter();
    let found = dropped.find(|(_, pattern)| matches(pattern.as_bytes(), path.as_bytes()));
    found.map(|(what, _)| *what)
}

/// Whether a pattern of [`DROPPED`] is that of a path, as `find -path` says.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((b'*', rest)) => (0..=path.len()).any(|end| matches(rest, &path[end..])),
        Some((first, rest)) => path
            .split_first()
            .is_some_and(|(byte, path)| byte == first && matches(rest, path)),
    }
}

/// What is known besides the project.
#[derive(Debug, Clone, Copy)]
pub struct Runtime<'a> {
    /// The development image.
    pub development: &'a str,
    /// The image that the runtime image is based on.
    pub parent: &'a str,
    /// The Debian packages that the project needs.
    pub system_packages: &'a [String],
    /// What stays though it would be left out: `*` and `?` as in the shell, from the prefix or from any folder.
    pub keep: &'a [String],
    /// The project's folder in the image.
    pub workspace: &'a str,
    /// What activating the environment sets besides PATH and the spec's variables.
    pub variables: &'a [(String, String)],
}

/// The Dockerfile. Its context is the project's folder, with [`RUNTIME_FOLDER`] in it.
pub fn runtime(project: &Project, runtime: &Runtime<'_>) -> String {
    let Runtime {
        development,
        parent,
        workspace,
        ..
    } = runtime;
    let mut text = format!(
        "# What the environment needs to run, root's and read-only.
FROM {development} AS environment
USER root
RUN for prefix in {}; do \\
{}    done \\
    && find {ROOT_PREFIX} ! -user 0 -exec chown -h 0:0 {{}} + \\
    && find {ROOT_PREFIX} ! -type l -exec chmod a+rX,go-w {{}} +

# The project's files without git's, the dev container's, and this Dockerfile.
FROM {development} AS workspace
USER root
COPY . /workspace/
RUN rm -rf /workspace/{RUNTIME_FOLDER} /workspace/.devcontainer /workspace/.devcontainer.json /workspace/.git \\
    && find /workspace ! -type l -exec chmod a+rX,go-w {{}} +

FROM {parent}
",
        prefixes(project),
        removal(runtime.keep)
    );
    if !runtime.system_packages.is_empty() {
        let _ = write!(
            text,
            "USER root
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {} \\
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
",
            runtime.system_packages.join(" ")
        );
    }
    let _ = write!(
        text,
        "COPY --from=environment {ROOT_PREFIX} {ROOT_PREFIX}
COPY --from=workspace [\"/workspace\", {}]
",
        // The frontend fills in variables after it has read the list.
        serde_json::Value::from(workspace.replace('$', "\\$"))
    );
    let variables = dockerfile::variables(project);
    let variables = variables
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    variables.for_each(|line| text += &format!("{line}\n"));
    for (name, value) in runtime.variables {
        let _ = writeln!(text, "ENV {name}={}", env_value(value));
    }
    let _ = write!(
        text,
        "# No user file names this user, so no home is known; compiled copies have no place to go.
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1
WORKDIR {}
USER {USER}:{USER}
",
        env_value(workspace)
    );
    text
}

/// The prefixes; the root prefix is there in any case.
fn prefixes(project: &Project) -> String {
    let mut prefixes = vec![ROOT_PREFIX];
    let environments = project.environments.iter();
    prefixes.extend(
        environments
            .map(|environment| environment.prefix.as_str())
            .filter(|prefix| *prefix != ROOT_PREFIX),
    );
    prefixes.join(" ")
}

/// The command that removes from `$prefix` what is left out; a folder goes when it has become empty.
fn removal(keep: &[String]) -> String {
    let any = |patterns: Vec<String>| {
        let tests = patterns.iter();
        let tests: Vec<String> = tests
            .map(|pattern| format!("-path \"{pattern}\""))
            .collect();
        tests.join(" \\\n            -o ")
    };
    let dropped = DROPPED.iter();
    let dropped = dropped
        .map(|(_, pattern)| format!("$prefix/{pattern}"))
        .chain(["*/__pycache__".to_owned()])
        .collect();
    let mut text = format!(
        "        find \"$prefix\" \\( ! -type d -o -type d -empty \\) \\
            \\( {} \\) \\\n",
        any(dropped)
    );
    if !keep.is_empty() {
        let kept = keep.iter().flat_map(|pattern| {
            let pattern = pattern.trim_end_matches('/');
            // In the prefix or in any of its folders, and what is in a folder of that name.
            [format!("*/{pattern}"), format!("*/{pattern}/*")]
        });
        let _ = writeln!(text, "            ! \\( {} \\) \\", any(kept.collect()));
    }
    text + "            -delete || exit 1; \\\n"
}

/// The script that prints what activating the environment changes, for a shell of the development image.
pub const ACTIVATED: &str =
    "env -0; printf 'mmdev-activated\\0'; . /usr/local/bin/_mmdev_activate.sh; env -0";

/// What activation sets that an image can set as well, and what it cannot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activated {
    /// Names and values, sorted.
    pub variables: Vec<(String, String)>,
    /// The names of what is left out.
    pub left_out: Vec<String>,
}

impl Activated {
    /// Reads what [`ACTIVATED`] printed.
    pub fn read(printed: &str) -> Option<Self> {
        let (before, after) = printed.split_once("mmdev-activated\0")?;
        let before: Vec<&str> = before.split_terminator('\0').collect();
        let mut activated = Activated::default();
        for line in after.split_terminator('\0') {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            if before.contains(&line) || is_own(name) {
                continue;
            }
            if name == "PATH" {
                if folders(value) != folders(path(&before)) {
                    activated.left_out.push(name.to_owned());
                }
            } else if is_plain(name, value) {
                activated
                    .variables
                    .push((name.to_owned(), value.to_owned()));
            } else {
                activated.left_out.push(name.to_owned());
            }
        }
        activated.variables.sort();
        activated.left_out.sort();
        Some(activated)
    }
}

fn path<'a>(lines: &[&'a str]) -> &'a str {
    let mut lines = lines.iter();
    lines
        .find_map(|line| line.strip_prefix("PATH="))
        .unwrap_or_default()
}

/// The folders of PATH in which programs of the environment may be, without micromamba's own.
fn folders(path: &str) -> std::collections::BTreeSet<&str> {
    let folders = path.split(':');
    folders
        .filter(|folder| !folder.ends_with("/condabin"))
        .collect()
}

/// Whether a variable is the shell's or micromamba's own.
fn is_own(name: &str) -> bool {
    ["HOME", "PWD", "OLDPWD", "SHLVL", "PS1", "_"].contains(&name)
        || ["CONDA_", "MAMBA_", "_"]
            .iter()
            .any(|start| name.starts_with(start))
}

fn is_plain(name: &str, value: &str) -> bool {
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name && !value.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::project::fixture;

    #[test]
    fn the_dockerfile() {
        let mut env = fixture::spec(Some("science"), &["python=3.12"]);
        env.variables = vec![fixture::variable("MODE", "dev")];
        let project = fixture::project(&[("env.yaml", env)]);
        let text = runtime(
            &project,
            &Runtime {
                development: "mmdev-science-0f:1",
                parent: "debian:13-slim",
                system_packages: &["graphviz".to_owned()],
                keep: &["*.a".to_owned(), "share/doc/".to_owned()],
                workspace: "/workspaces/a $b",
                variables: &[("GDAL_DATA".to_owned(), "/opt/conda/share/gdal".to_owned())],
            },
        );
        expect![[r##"
            # What the environment needs to run, root's and read-only.
            FROM mmdev-science-0f:1 AS environment
            USER root
            RUN for prefix in /opt/conda; do \
                    find "$prefix" \( ! -type d -o -type d -empty \) \
                        \( -path "$prefix/pkgs/*" \
                        -o -path "$prefix/.mambarc" \
                        -o -path "$prefix/.condarc" \
                        -o -path "$prefix/*.a" \
                        -o -path "$prefix/*.la" \
                        -o -path "$prefix/include/*" \
                        -o -path "$prefix/lib/pkgconfig/*" \
                        -o -path "$prefix/lib/cmake/*" \
                        -o -path "$prefix/share/pkgconfig/*" \
                        -o -path "$prefix/man/*" \
                        -o -path "$prefix/share/man/*" \
                        -o -path "$prefix/share/doc/*" \
                        -o -path "$prefix/share/info/*" \
                        -o -path "$prefix/share/gtk-doc/*" \
                        -o -path "$prefix/lib/python*/test/*" \
                        -o -path "$prefix/lib/python*/site-packages/*/tests/*" \
                        -o -path "$prefix/*/__pycache__/*.pyc" \
                        -o -path "*/__pycache__" \) \
                        ! \( -path "*/*.a" \
                        -o -path "*/*.a/*" \
                        -o -path "*/share/doc" \
                        -o -path "*/share/doc/*" \) \
                        -delete || exit 1; \
                done \
                && find /opt/conda ! -user 0 -exec chown -h 0:0 {} + \
                && find /opt/conda ! -type l -exec chmod a+rX,go-w {} +

            # The project's files without git's, the dev container's, and this Dockerfile.
            FROM mmdev-science-0f:1 AS workspace
            USER root
            COPY . /workspace/
            RUN rm -rf /workspace/.mmdev-runtime /workspace/.devcontainer /workspace/.devcontainer.json /workspace/.git \
                && find /workspace ! -type l -exec chmod a+rX,go-w {} +

            FROM debian:13-slim
            USER root
            RUN apt-get update \
                && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends graphviz \
                && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
            COPY --from=environment /opt/conda /opt/conda
            COPY --from=workspace ["/workspace", "/workspaces/a \\$b"]
            ENV PATH=/opt/conda/bin:$PATH \
                CONDA_PREFIX=/opt/conda \
                CONDA_DEFAULT_ENV=base \
                MODE="dev"
            ENV GDAL_DATA="/opt/conda/share/gdal"
            # No user file names this user, so no home is known; compiled copies have no place to go.
            ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1
            WORKDIR "/workspaces/a \$b"
            USER 57439:57439
        "##]].assert_eq(&text);
    }

    #[test]
    fn what_activation_sets_is_read() {
        let before = "PATH=/opt/conda/bin:/bin\0MODE=dev\0HOME=/root\0";
        let after = "PATH=/opt/conda/bin:/opt/conda/condabin:/bin\0MODE=dev\0HOME=/home/x\0CONDA_SHLVL=1\0\
            PROJ_DATA=/opt/conda/share/proj\0_CONDA_SET_X=\0TWO=a\nB=c\0GDAL_DATA=a=b\0";
        let read = |after: &str| Activated::read(&format!("{before}mmdev-activated\0{after}"));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read(after),
            Some(Activated {
                variables: vec![
                    pair("GDAL_DATA", "a=b"),
                    pair("PROJ_DATA", "/opt/conda/share/proj")
                ],
                left_out: vec!["TWO".to_owned()],
            })
        );
        let more = read("PATH=/opt/conda/x/bin:/opt/conda/bin:/bin\0").unwrap();
        assert_eq!(more.left_out, ["PATH"]);
        assert_eq!(Activated::read(before), None);
    }

    #[test]
    fn what_is_left_out() {
        let check =
            |path: &str, expected: Option<&str>| assert_eq!(dropped(path), expected, "{path}");
        check("lib/libz.a", Some("static libraries"));
        check("lib/libz.so.1", None);
        check("lib/a.alpha", None);
        check("include/zlib.h", Some("headers"));
        check("lib/python3.12/site-packages/numpy/include/x.h", None);
        check(
            "lib/python3.12/site-packages/numpy/tests/a.py",
            Some("tests"),
        );
        check("lib/python3.12/site-packages/numpy/testing/a.py", None);
        check("lib/python3.12/test/x/a.py", Some("tests"));
        check(
            "lib/python3.12/__pycache__/os.cpython-312.pyc",
            Some("compiled copies of Python files"),
        );
        check("lib/python3.12/only.pyc", None);
        check("conda-meta/python-3.12.1-0.json", None);
    }
}
