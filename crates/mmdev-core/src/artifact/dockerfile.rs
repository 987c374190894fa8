//! The Dockerfile: what Docker 20.10's embedded frontend knows and no more, short enough to be read at a glance.
//!
//! Order: what changes seldom and costs much stands first. Nothing in it differs by host, so everybody shares every
//! layer. Nothing of a spec stands in a `RUN` line but environment names, which are checked to be plain words; the
//! packages travel in a mounted file, the variables in `ENV` lines.

use super::quote::env_value;
use super::{FOLDER, constraints_file, spec_file};
use crate::hash::sha256;
use crate::project::{Environment, Packages, Project, ROOT_PREFIX};
use crate::subdir::machine;

/// The free user id to which an image's own user moves who holds the one that most hosts' users have.
const FREE_ID: u32 = 57_400;

const INSTALL_COMMENT: &str = "\
# umask 000: whatever user and group a container has, it can install into the folders that are made here.
# The package cache is a mount beside the prefix, so nothing of it stays in the image.
";

pub(super) fn render(project: &Project) -> String {
    let mut text = String::new();
    for section in [
        head(project),
        system_packages(project),
        uid_1000(project),
        own_lines(&project.dockerfile_before),
        solver_variables(project),
    ] {
        text.push_str(&section);
    }
    for environment in &project.environments {
        text.push_str(&install(project, environment));
    }
    for section in [
        variables(project),
        shells(project),
        own_lines(&project.dockerfile_after),
        "\nUSER $MAMBA_USER\n".to_owned(),
    ] {
        text.push_str(&section);
    }
    text
}

/// The lines that a Dockerfile of a person needs for the same environments: they are shown, never written. Activation
/// in every shell is left out, because only mmdev's own build context holds the scripts.
pub(super) fn lines_for_another(project: &Project) -> Vec<String> {
    let mut lines = vec![
        "# The build context is taken to be the project's root.".to_owned(),
        format!(
            "COPY --from={} /bin/micromamba /bin/micromamba",
            project.base_image.pinned()
        ),
        format!("ENV MAMBA_ROOT_PREFIX={ROOT_PREFIX} MAMBA_EXE=/bin/micromamba"),
    ];
    for environment in &project.environments {
        let text = install(project, environment)
            .replace("type=bind,source=", &format!("type=bind,source={FOLDER}/"));
        lines.extend(text.lines().map(str::to_owned));
    }
    lines.extend(variables(project).lines().map(str::to_owned));
    lines.retain(|line| !line.is_empty());
    lines
}

fn head(project: &Project) -> String {
    let specs: Vec<String> = project
        .environments
        .iter()
        .flat_map(|environment| &environment.specs)
        .map(|path| path.escape_debug().to_string())
        .collect();
    let mut text = format!(
        "# Generated from {}: change that or customizations.mmdev, then run `mmdev generate`.\n\
         FROM {}\n\nUSER root\n",
        specs.join(", "),
        project.base_image.pinned()
    );
    if !project.base_image.is_public() {
        let reference = &project.base_image.reference;
        text.push_str(&format!(
            "\nRUN command -v micromamba > /dev/null \\\n    || {{ echo '{reference} has no micromamba. \
             Make an image that has: mmdev base-image build --from {reference}' >&2; exit 1; }}\n"
        ));
    }
    text
}

fn system_packages(project: &Project) -> String {
    if project.system_packages.is_empty() {
        return String::new();
    }
    let packages = project.system_packages.join(" \\\n        ");
    format!(
        "
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
        {packages} \\
    && rm -rf /var/lib/apt/lists/*
"
    )
}

fn uid_1000(project: &Project) -> String {
    if !project.base_image.may_hold_uid_1000() {
        return String::new();
    }
    format!(
        "
# Most hosts' users have id 1000. An image user who has it too (ubuntu) makes room, or the remote user could not take it.
RUN user=\"$(getent passwd 1000)\"; user=\"${{user%%:*}}\"; group=\"$(getent group 1000)\"; group=\"${{group%%:*}}\"; \\
    if [ -n \"$user\" ] && [ \"$user\" != \"$MAMBA_USER\" ]; then usermod -u {FREE_ID} \"$user\" || exit 1; fi; \\
    if [ -n \"$group\" ] && [ \"$group\" != \"$(id -gn \"$MAMBA_USER\")\" ]; then groupmod -g {FREE_ID} \"$group\" || exit 1; fi
"
    )
}

fn install(project: &Project, environment: &Environment) -> String {
    let is_root_prefix = environment.prefix == ROOT_PREFIX;
    let lists = environment.packages.lists();
    let is_empty = lists.iter().all(|(_, list)| list.dependencies.is_empty());
    if is_empty && is_root_prefix {
        // micromamba refuses to install nothing.
        return format!("\nRUN mkdir -m 777 -p {ROOT_PREFIX}/envs\n");
    }
    let mut mounts = Vec::new();
    for (platform, _) in &lists {
        let machine = platform.and_then(machine);
        let suffix = machine.map_or(String::new(), |machine| format!("-{machine}"));
        let source = spec_file(project, environment, *platform);
        mounts.push(format!(
            "--mount=type=bind,source={source},target=/tmp/env{suffix}.yaml"
        ));
    }
    if !environment.constraints.is_empty() {
        let source = constraints_file(project, environment);
        mounts.push(format!(
            "--mount=type=bind,source={source},target=/tmp/constraints.txt"
        ));
    }
    mounts.push(format!(
        "--mount=type=cache,id={},target=/var/cache/mmdev,sharing=locked",
        cache_id(project)
    ));
    let file = match environment.packages {
        Packages::Same(_) => "/tmp/env.yaml",
        Packages::PerPlatform(_) => "\"/tmp/env-$(uname -m).yaml\"",
    };
    let command = if is_root_prefix { "install" } else { "create" };
    let Environment { name, prefix, .. } = environment;
    let is_first = project.environments.first() == Some(environment);
    let comment = if is_first { INSTALL_COMMENT } else { "" };
    format!(
        "
{comment}RUN {} \\
    umask 000 \\
    && export CONDA_PKGS_DIRS=/var/cache/mmdev XDG_CACHE_HOME=/var/cache/mmdev MAMBA_USE_LOCKFILES=false PIP_ROOT_USER_ACTION=ignore \\
    && mkdir -p {ROOT_PREFIX}/envs {ROOT_PREFIX}/pkgs \\
    && micromamba {command} -y -n {name} -f {file} \\
    && find {prefix} -type d ! -perm -777 -exec chmod 777 {{}} +
",
        mounts.join(" \\\n    ")
    )
}

/// What the log of [`cache_cleaner`]'s build says before the number of bytes that became free.
pub const FREED: &str = "mmdev-freed ";

/// A Dockerfile whose build empties the package cache that builds of this project fill, and no other cache. An engine
/// can be asked to drop cache mounts, but not to drop only some: its filters know neither their ids nor their targets. The build argument NOW is to be another one each time, or the step
/// is taken from the build cache. (With `no-cache` BuildKit empties the mount before the step can count.)
pub fn cache_cleaner(project: &Project) -> String {
    format!(
        "FROM {}
USER root
ARG NOW
RUN --mount=type=cache,id={},target=/var/cache/mmdev,sharing=locked \\
    echo \"{FREED}$(du -sb /var/cache/mmdev | cut -f 1)\" && find /var/cache/mmdev -mindepth 1 -delete
",
        project.base_image.pinned(),
        cache_id(project)
    )
}

/// A cache that another version of micromamba has filled may hold what this one cannot read.
fn cache_id(project: &Project) -> String {
    let key = match project.base_image.micromamba_version() {
        Some(version) => version.to_owned(),
        None => sha256(project.base_image.pinned())[..12].to_owned(),
    };
    format!("mmdev-pkgs-{key}")
}

/// CONDA_OVERRIDE_CUDA and its like decide what is installed, so they stand before. The public images set the first
/// one to nothing, and an environment for a GPU would be solved without one.
fn solver_variables(project: &Project) -> String {
    let active = project.active_environment();
    let lines: String = active
        .variables
        .iter()
        .filter(|(name, _)| is_for_solver(name))
        .map(|(name, value)| format!("ENV {name}={}\n", env_value(value)))
        .collect();
    if lines.is_empty() {
        return lines;
    }
    format!("\n# The solver reads it.\n{lines}")
}

fn is_for_solver(name: &str) -> bool {
    name.starts_with("CONDA_OVERRIDE_")
}

fn variables(project: &Project) -> String {
    let active = project.active_environment();
    let mut text = format!(
        "
# For programs that no shell starts (docker exec, CMD). Shells get what activate.d adds, from the script below.
ENV PATH={prefix}/bin:$PATH \\
    CONDA_PREFIX={prefix} \\
    CONDA_DEFAULT_ENV={name}",
        prefix = active.prefix,
        name = active.name
    );
    if active.name != "base" {
        text.push_str(&format!(" \\\n    ENV_NAME={}", active.name));
    }
    for (name, value) in &active.variables {
        if is_for_solver(name) {
            continue;
        }
        text.push_str(&format!(" \\\n    {name}={}", env_value(value)));
    }
    text.push('\n');
    text
}

fn shells(project: &Project) -> String {
    let active = project.active_environment();
    let names: String = active
        .variables
        .iter()
        .map(|(name, _)| format!(" {name}"))
        .collect();
    let mut text = format!(
        "
# Every shell activates the environment: see activate.sh.
RUN --mount=type=bind,source=activate.sh,target=/tmp/activate.sh \\
    --mount=type=bind,source=activate.fish,target=/tmp/activate.fish \\
    --mount=type=bind,source=shells.sh,target=/tmp/shells.sh \\
    sh /tmp/shells.sh{names}
"
    );
    if let Some(alias) = &active.alias {
        text.push_str(&format!(
            "# The spec is called {alias}: `micromamba activate {alias}` works as well.\n\
             RUN ln -s {ROOT_PREFIX} {ROOT_PREFIX}/envs/{alias}\n"
        ));
    }
    text.push_str("ENV BASH_ENV=/usr/local/bin/_mmdev_activate.sh\n");
    text
}

fn own_lines(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "\n# From customizations.mmdev.dockerfile.\n{}\n",
        lines.join("\n")
    )
}
