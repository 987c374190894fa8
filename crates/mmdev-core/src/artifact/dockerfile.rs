//! The Dockerfile: what Docker 20.10's embedded frontend knows and no more, short enough to be read at a glance.
//!
//! Order: what changes seldom and costs much stands first. Nothing in it differs by host, so everybody shares every
//! layer. Nothing of a spec stands in a `RUN` line but environment names, which are checked to be plain words; the
//! packages travel in a mounted file, the variables in `ENV` lines.

use super::quote::env_value;
use super::{
    BASE_LOCK, CHECK_SH, DELTA_LOCK, DELTA_SH, FOLDER, File, LOCK_ARGUMENT, VARIABLES,
    constraints_file, file_of, machine_suffix, own_variables, requirements_file, spec_file,
};
use crate::hash::sha256;
use crate::project::{Environment, Locked, Packages, Project, ROOT_PREFIX};

/// The free user id to which an image's own user moves who holds the one that most hosts' users have.
const FREE_ID: u32 = 57_400;

/// What stands before the step that installs what changed.
const DELTA_COMMENT: &str = "\
# What changed since: what delta-lock.yml removes and adds. `mmdev lock --compact` makes one layer of both.
";

const INSTALL_COMMENT: &str = "\
# umask 000: whatever user and group a container has, it can install into the folders that are made here.
# The package cache is a mount beside the prefix, so nothing of it stays in the image.
";

/// `read` are the files beside it that it reads.
pub(super) fn render(project: &Project, read: &[File]) -> String {
    let mut text = String::new();
    for section in [
        head(project, read),
        system_packages(project),
        uid_1000(project),
        own_lines(&project.dockerfile_before),
        solver_variables(project),
    ] {
        text.push_str(&section);
    }
    text.push_str(&environments(project));
    for section in [
        variables(project),
        shells(project),
        lock_label(project),
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
    let text = environments(project)
        .replace("type=bind,from=files,", "type=bind,")
        .replace("type=bind,source=", &format!("type=bind,source={FOLDER}/"));
    lines.extend(text.lines().map(str::to_owned));
    lines.extend(variables(project).lines().map(str::to_owned));
    lines.retain(|line| !line.is_empty());
    lines
}

/// What makes the environments: first what is big and stable of each.
fn environments(project: &Project) -> String {
    let mut text = String::new();
    for environment in &project.environments {
        text.push_str(&match &environment.locked {
            Some(locked) => base(project, environment, locked),
            None => install(project, environment),
        });
    }
    let at = text.find("\nRUN --mount").map(|at| at + 1);
    text.insert_str(
        at.unwrap_or_default(),
        if at.is_some() { INSTALL_COMMENT } else { "" },
    );
    for environment in &project.environments {
        text.push_str(&delta(project, environment));
        text.push_str(&unlocked_pip(project, environment));
        text.push_str(&state(project, environment));
    }
    text
}

fn head(project: &Project, read: &[File]) -> String {
    let specs: Vec<String> = project
        .environments
        .iter()
        .flat_map(|environment| &environment.specs)
        .map(|path| path.escape_debug().to_string())
        .collect();
    let mut text = format!(
        "# Generated from {}: change that or customizations.mmdev, then run `mmdev generate`.\n\
         {}FROM {}\n\nUSER root\n",
        specs.join(", "),
        stage(project, read),
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

/// The files under the same modes for everybody: BuildKit's cache key holds those of a mounted file, and a checkout has
/// them by the umask of the person who made it.
fn stage(project: &Project, read: &[File]) -> String {
    if !is_locked(project) {
        return String::new();
    }
    let names: Vec<&str> = read
        .iter()
        .filter_map(|file| file.path.rsplit('/').next())
        .collect();
    format!(
        "
# With the same modes for everybody, whatever the umask: they count for the build cache.
FROM scratch AS files
COPY --chmod=644 {} /

",
        names.join(" ")
    )
}

/// Whether an environment is installed from a lock.
fn is_locked(project: &Project) -> bool {
    let mut environments = project.environments.iter();
    environments.any(|environment| environment.locked.is_some())
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
    let mut files = Vec::new();
    for (platform, _) in &lists {
        let target = format!("env{}.yaml", machine_suffix(*platform));
        files.push((spec_file(project, environment, *platform), target));
    }
    if !environment.constraints.is_empty() {
        let source = constraints_file(project, environment);
        files.push((source, "constraints.txt".to_owned()));
    }
    let file = match environment.packages {
        Packages::Same(_) => "/tmp/env.yaml",
        Packages::PerPlatform(_) => "\"/tmp/env-$(uname -m).yaml\"",
    };
    let command = if is_root_prefix { "install" } else { "create" };
    let command = format!("micromamba {command} -y -n {} -f {file}", environment.name);
    run(project, environment, &files, &[command])
}

/// The first layer of an environment that is installed from its lock.
fn base(project: &Project, environment: &Environment, locked: &Locked) -> String {
    let Environment { name, prefix, .. } = environment;
    let is_root_prefix = prefix == ROOT_PREFIX;
    let mut slices = locked.layout.platforms.values();
    if slices.all(|slice| slice.base.is_empty()) {
        // micromamba refuses to install nothing.
        return match is_root_prefix {
            true => format!("\nRUN mkdir -m 777 -p {ROOT_PREFIX}/envs\n"),
            false => {
                let command = format!("micromamba create -y -n {name}");
                run(project, environment, &[], &[command])
            }
        };
    }
    let command = if is_root_prefix { "install" } else { "create" };
    let commands = [
        format!("micromamba {command} -y -n {name} -f /tmp/{BASE_LOCK}"),
        format!(
            "sed -n \"s/^# $(uname -m) update/# update/p\" /tmp/{BASE_LOCK} >> {prefix}/conda-meta/history"
        ),
    ];
    let file = file_of(project, environment, BASE_LOCK);
    run(
        project,
        environment,
        &[(file, BASE_LOCK.to_owned())],
        &commands,
    )
}

/// The second layer, where there is one.
fn delta(project: &Project, environment: &Environment) -> String {
    if !environment.has_delta() {
        return String::new();
    }
    let slice = |name: &str| (file_of(project, environment, name), name.to_owned());
    let script = (DELTA_SH.to_owned(), DELTA_SH.to_owned());
    let files = [slice(BASE_LOCK), slice(DELTA_LOCK), script];
    let command = format!("sh /tmp/{DELTA_SH} {}", environment.prefix);
    let text = run(project, environment, &files, &[command]);
    text.replacen('\n', &format!("\n{DELTA_COMMENT}"), 1)
}

/// The pip section where the lock leaves it to pip.
fn unlocked_pip(project: &Project, environment: &Environment) -> String {
    let lists = environment.unlocked_pip();
    let mut files = Vec::new();
    for (platform, _) in &lists {
        let target = format!("requirements{}.txt", machine_suffix(*platform));
        files.push((requirements_file(project, environment, *platform), target));
    }
    let suffix = match lists.as_slice() {
        [] => return String::new(),
        [(None, _)] => "",
        _ => "-$(uname -m)",
    };
    if !environment.constraints.is_empty() {
        let source = constraints_file(project, environment);
        files.push((source, "constraints.txt".to_owned()));
    }
    let requirements = format!("\"/tmp/requirements{suffix}.txt\"");
    let mut command = format!(
        "micromamba run -n {} python -m pip install --no-input -r {requirements}",
        environment.name
    );
    if lists.len() < environment.packages.lists().len() {
        // A platform without such lines has no file, and may have no python.
        command = format!("if [ -e {requirements} ]; then {command}; fi");
    }
    let text = run(project, environment, &files, &[command]);
    text.replacen(
        '\n',
        "\n# What of the pip section is not locked: pip resolves it when the image is built.\n",
        1,
    )
}

/// The variables that micromamba sets when it activates an environment; our stamp is no JSON.
fn state(project: &Project, environment: &Environment) -> String {
    if environment.locked.is_none() || own_variables(project, environment).is_empty() {
        return String::new();
    }
    format!(
        "
RUN --mount=type=bind,from=files,source={},target=/tmp/{VARIABLES} \\
    umask 000 && grep -v '^#' /tmp/{VARIABLES} > {}/conda-meta/state
",
        file_of(project, environment, VARIABLES),
        environment.prefix
    )
}

/// One step that changes an environment, with the files of [`FOLDER`] that it reads under /tmp.
fn run(
    project: &Project,
    environment: &Environment,
    files: &[(String, String)],
    commands: &[String],
) -> String {
    let from = if is_locked(project) {
        "from=files,"
    } else {
        ""
    };
    let mut mounts: Vec<String> = files
        .iter()
        .map(|(source, target)| {
            format!("--mount=type=bind,{from}source={source},target=/tmp/{target}")
        })
        .collect();
    mounts.push(format!(
        "--mount=type=cache,id={},target=/var/cache/mmdev,sharing=locked",
        cache_id(project)
    ));
    format!(
        "
RUN {} \\
    umask 000 \\
    && export CONDA_PKGS_DIRS=/var/cache/mmdev XDG_CACHE_HOME=/var/cache/mmdev MAMBA_USE_LOCKFILES=false PIP_ROOT_USER_ACTION=ignore \\
    && mkdir -p {ROOT_PREFIX}/envs {ROOT_PREFIX}/pkgs \\
    && {} \\
    && find {} -type d ! -perm -777 -exec chmod 777 {{}} +
",
        mounts.join(" \\\n    "),
        commands.join(" \\\n    && "),
        environment.prefix
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

pub(super) fn variables(project: &Project) -> String {
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
    let from = if is_locked(project) {
        "from=files,"
    } else {
        ""
    };
    let mut scripts = vec!["activate.sh", "activate.fish", "shells.sh"];
    if active.locked.is_some() {
        scripts.push(CHECK_SH);
    }
    let mount =
        |name: &&str| format!("--mount=type=bind,{from}source={name},target=/tmp/{name} \\\n    ");
    let mounts: String = scripts.iter().map(mount).collect();
    let mut text = format!(
        "
# Every shell activates the environment: see activate.sh.
RUN {mounts}sh /tmp/shells.sh{names}
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

/// What makes of another lock another devcontainer.json, and of that another image.
fn lock_label(project: &Project) -> String {
    if !is_locked(project) {
        return String::new();
    }
    format!(
        "
# devcontainer.json gives it, so that editors offer to rebuild when the lock is another one.
ARG {LOCK_ARGUMENT}
LABEL dev.mmdev.lock=${LOCK_ARGUMENT}
"
    )
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
