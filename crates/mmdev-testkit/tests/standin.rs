//! What the recorded sessions do not show of the stand-in micromamba: activation in each
//! shell, noarch packages, scripts, pip sections, selectors, and hostile input.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy.toml's leave for tests does not reach their helpers"
)]

mod support;

use expect_test::{Expect, expect};
use support::{Channel, Package, Sandbox, micromamba};

/// A `python` that says how it was called: the real one is the world's business.
const PYTHON: &str = r#"#!/bin/sh
case $* in *"pip inspect"*) echo '{"version": "1", "pip_version": "24.0", "installed": []}'; exit ;; esac
echo "python in $PWD: $*" | sed "s/mambaf[^ ]*/mambafXXXXXX/"
for argument; do
    case $argument in */mambaf*) cat "$argument" ;; esac
done
"#;

fn packages() -> Vec<Package> {
    vec![
        Package::new("act", "1.0")
            .file("etc/conda/activate.d/act.sh", "export ACT=on\n")
            .file("etc/conda/deactivate.d/act.sh", "unset ACT\n")
            .file("etc/conda/activate.d/act.fish", "set -gx ACT on\n")
            .file("etc/conda/deactivate.d/act.fish", "set -e ACT\n"),
        Package::new("tool", "1.0").file("bin/tool", "#!/bin/sh\necho tool 1.0\n"),
        Package::new("tool", "2.0").file("bin/tool", "#!/bin/sh\necho tool 2.0\n"),
        Package::new("needs-tool", "1.0").depends(&["tool <2"]),
        Package::new("moved", "1.0")
            .file("bin/moved", "#!/bin/sh\necho /placeholder/prefix\n")
            .placeholder("/placeholder/prefix"),
        Package::new("posted", "1.0").file(
            "bin/.posted-post-link.sh",
            "echo \"$PKG_NAME $PKG_VERSION $PKG_BUILDNUM\" > \"$PREFIX/posted\"\n",
        ),
        Package::new("python", "3.11.4")
            .file("bin/python", PYTHON)
            .file("bin/python3.11", "#!/bin/sh\n"),
        Package::new("pip", "24.0").depends(&["python"]),
        Package::new("pure", "1.0")
            .depends(&["python"])
            .file("site-packages/pure/__init__.py", "")
            .file("python-scripts/pure-script", "#!/bin/sh\n")
            .noarch_python(&["pure = pure.main:run"]),
        Package::new("evil", "1.0").file("../evil", "out"),
    ]
}

/// Runs each line in bash in one sandbox and compares what was said.
#[track_caller]
fn check(files: &[(&str, &str)], lines: &[&str], expected: Expect) {
    check_in("bash", files, lines, expected);
}

#[track_caller]
fn check_in(shell: &str, files: &[(&str, &str)], lines: &[&str], expected: Expect) {
    let channel = Channel::new(&packages());
    let sandbox = Sandbox::new(&micromamba());
    for (name, text) in files {
        let mut text = text.replace("CHANNEL", &channel.url);
        for (stem, hashes) in &channel.hashes {
            text = text.replace(&format!("MD5 of {stem}"), &hashes.md5);
        }
        std::fs::write(sandbox.folder().join(name), text).unwrap();
    }
    let rc = format!("channels: ['{}']\nalways_yes: true\n", channel.url);
    std::fs::write(sandbox.folder().join(".condarc"), rc).unwrap();
    let mut said = String::new();
    for line in lines {
        let line = line
            .replace("CHANNEL", &channel.url)
            .replace("HOOK", if shell == "dash" { "posix" } else { shell })
            .replace("HERE", &sandbox.folder().display().to_string());
        let (output, code) = sandbox.run_in(shell, &line);
        let output = output
            .replace(&channel.url, "CHANNEL")
            .replace(&sandbox.root().display().to_string(), "ROOT")
            .replace(&sandbox.folder().display().to_string(), "DIR");
        let output = without_noise(&output);
        said.push_str(output.trim_end());
        said.push_str(if output.trim().is_empty() { "" } else { "\n" });
        if code != 0 {
            said.push_str(&format!("[exit {code}]\n"));
        }
    }
    expected.assert_eq(&said);
}

/// What the stand-in need not say: libmamba's log around errors, the rules of its tables, and what depends on the
/// release of its command line parser or on a build after 2.8.1.
fn without_noise(output: &str) -> String {
    let mut kept = String::new();
    for line in output.lines() {
        let is_log = ["info ", "debug ", "trace "]
            .iter()
            .any(|level| line.starts_with(level) && line.contains(" libmamba "));
        if is_log || line.contains("libmamba Security Warning: ") {
            continue;
        }
        match line.split_once(": The following argument") {
            Some((_, rest)) => kept.push_str(&format!("The following argument{rest}")),
            None => kept.push_str(line),
        }
        kept.push('\n');
    }
    kept
}

/// micromamba puts a variable's value between single quotes for bash, zsh and sh as it is, and between double quotes
/// for fish: a quote must be written as the shell wants it.
const ENVIRONMENT: &str = "name: one\nchannels: [CHANNEL]\ndependencies:\n  - act\n  - tool=1.0\n\
    variables:\n  GREETING: it'\\''s $DOLLAR\n  act_level: 3\n";

const ACTIVATION: &[&str] = &[
    "micromamba create -q -f env.yaml",
    "micromamba create -q -n two tool=2.0",
    r#"show() { echo "$1: ACT=${ACT-} GREETING=${GREETING-} LEVEL=${ACT_LEVEL-} $CONDA_SHLVL ${CONDA_DEFAULT_ENV-none}"; }
    eval "$(micromamba shell hook --shell HOOK)"
    show before
    micromamba activate one
    show one; tool
    micromamba activate two
    show two; tool
    micromamba deactivate
    show back; tool
    micromamba deactivate
    show after; command -v tool; echo "$CONDA_PREFIX" "$CONDA_PROMPT_MODIFIER""#,
];

fn activation_expected() -> Expect {
    expect![[r#"
        before: ACT= GREETING= LEVEL= 0 none
        one: ACT=on GREETING=it's $DOLLAR LEVEL=3 1 one
        tool 1.0
        two: ACT= GREETING= LEVEL= 2 two
        tool 2.0
        back: ACT=on GREETING=it's $DOLLAR LEVEL=3 1 one
        tool 1.0
        after: ACT= GREETING= LEVEL= 0 none
    "#]]
}

#[test]
fn the_hook_works_under_strict_options_and_reports_failures() {
    check(
        &[("env.yaml", ENVIRONMENT)],
        &[
            "micromamba create -q -f env.yaml",
            r#"set -eu; eval "$(micromamba shell hook --shell bash)"; micromamba activate one; tool
            micromamba install -q -n one tool=2.0 && tool
            micromamba activate nothing || echo "failed: $? $CONDA_DEFAULT_ENV""#,
        ],
        expect![[r#"
            tool 1.0
            tool 2.0
            failed: 1 one
            critical libmamba Cannot activate, prefix does not exist at: 'ROOT/envs/nothing'
        "#]],
    );
}

#[test]
fn activation_in_bash() {
    check(
        &[("env.yaml", ENVIRONMENT)],
        ACTIVATION,
        activation_expected(),
    );
}

#[test]
fn activation_in_a_posix_shell() {
    check_in(
        "dash",
        &[("env.yaml", ENVIRONMENT)],
        ACTIVATION,
        activation_expected(),
    );
}

#[test]
fn activation_in_zsh() {
    check_in(
        "zsh",
        &[("env.yaml", ENVIRONMENT)],
        ACTIVATION,
        activation_expected(),
    );
}

#[test]
fn activation_in_fish() {
    check_in(
        "fish",
        &[("env.yaml", ENVIRONMENT)],
        &[
            "micromamba create -q -f env.yaml",
            "micromamba shell hook --shell fish | source
            micromamba activate one
            echo \"$ACT $GREETING $ACT_LEVEL $CONDA_SHLVL $CONDA_DEFAULT_ENV\"; tool
            micromamba deactivate
            echo \"$ACT $GREETING $CONDA_SHLVL\"; command -v tool; true",
        ],
        expect![[r#"
            on it'\''s  3 1 one
            tool 1.0
              0
        "#]],
    );
}

#[test]
fn environments_are_updated_exported_and_removed() {
    check(
        &[(
            "env.yaml",
            "channels: [CHANNEL]\ndependencies: [act, tool]\n",
        )],
        &[
            "micromamba create -q -n one 'tool<2'",
            "micromamba run -n one tool",
            "micromamba install -q -n one act && micromamba run -n one tool",
            "micromamba update -q -n one tool && micromamba run -n one tool",
            "micromamba env export -n one --no-build",
            "micromamba env export -n one --from-history",
            "micromamba env update -q -n one -f env.yaml --prune && micromamba run -n one tool",
            "micromamba install -q -n one needs-tool && micromamba run -n one tool",
            "micromamba remove -n one tool | grep -c Unlinking",
            "micromamba env remove -q -n one; ls root/envs",
        ],
        expect![[r#"
            tool 1.0
            tool 1.0
            tool 2.0
            name: one
            channels:
              - CHANNEL
            dependencies:
              - act=1.0
              - tool=2.0

            prefix: "ROOT/envs/one"
            name: one
            channels:
              - CHANNEL
            dependencies:
              - act
              - tool

            prefix: "ROOT/envs/one"
            tool 2.0
            tool 1.0
            2
        "#]],
    );
}

#[test]
fn prefixes_are_put_into_files_and_scripts_run() {
    check(
        &[],
        &[
            "micromamba create -q -n 'my env' moved posted",
            "micromamba run -n 'my env' moved",
            "cat 'root/envs/my env/posted'; ls -a 'root/envs/my env'",
        ],
        expect![[r#"
            ROOT/envs/my env
            posted 1.0 0
            .
            ..
            bin
            conda-meta
            posted
        "#]],
    );
}

#[test]
fn noarch_python_packages_get_their_places_and_entry_points() {
    check(
        &[],
        &[
            "micromamba create -q -n one pure",
            "cd root/envs/one; find . -path ./conda-meta -prune -o -type f -print | sort; expand -t 4 bin/pure",
            "micromamba remove -q -n one pure; find root/envs/one -name '*pure*'",
        ],
        expect![[r#"
            ./bin/pure
            ./bin/pure-script
            ./bin/python
            ./bin/python3.11
            ./lib/python3.11/site-packages/pure/__init__.py
            #!ROOT/envs/one/bin/python3.11
            # -*- coding: utf-8 -*-
            import re
            import sys

            from pure.main import run

            if __name__ == '__main__':
                sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])
                sys.exit(run())
        "#]],
    );
}

#[test]
fn env_files_hold_pip_sections_selectors_and_variables() {
    let text = "name: one\nchannels: [CHANNEL]\ndependencies:\n  - python\n  - sel(linux): tool=1.0\n  \
        - sel(win): nothing\n  - pip:\n    - requests==2.0\n    - -e .\nvariables: {A: b}\n";
    check(
        &[("env.yaml", text)],
        &[
            "micromamba create -q -f env.yaml",
            "micromamba list -n one | tail -n +5; cat root/envs/one/conda-meta/state",
            "ls",
        ],
        expect![[r#"
            python in DIR: -m pip install -r DIR/mambafXXXXXX --quiet --no-input
            requests==2.0
            -e .
              pip     24.0     0      CHANNEL
              python  3.11.4   0      CHANNEL
              tool    1.0      0      CHANNEL
            {
                "env_vars": {
                    "A": "b"
                }
            }
            env.yaml
            root
        "#]],
    );
}

#[test]
fn locks_are_filtered_by_platform_and_category() {
    let entry = |name: &str, more: &str| {
        format!(
            "- {{name: {name}, version: '1.0', manager: conda, url: 'CHANNEL/linux-64/{name}-1.0-0.tar.bz2', \
             dependencies: {{}}, hash: {{md5: MD5 of {name}-1.0-0}}, optional: false, {more}}}\n"
        )
    };
    let lock = format!(
        "version: 1\nmetadata:\n  content_hash: {{linux-64: x}}\n  channels: [{{url: 'CHANNEL', used_env_vars: []}}]\n  \
         platforms: [linux-64]\n  sources: [env.yaml]\npackage:\n{}{}{}",
        entry("act", "category: main, platform: linux-64"),
        entry("tool", "category: dev, platform: linux-64"),
        entry("needs-tool", "category: main, platform: osx-arm64"),
    );
    check(
        &[("conda-lock.yml", &lock)],
        &[
            "micromamba create -q -n one -f conda-lock.yml; micromamba list -n one --export",
            "micromamba create -q -n two -f conda-lock.yml --category main --category dev; \
             micromamba list -n two --export",
        ],
        expect![[r#"
            List of packages in environment: "ROOT/envs/one"

            act=1.0=0
            List of packages in environment: "ROOT/envs/two"

            act=1.0=0
            tool=1.0=0
        "#]],
    );
}

#[test]
fn hostile_input_runs_nothing_and_writes_nowhere_else() {
    check(
        &[(
            "env.yaml",
            "name: one\nchannels: [CHANNEL]\ndependencies: [tool=1.0]\n\
            variables: {\"A\": \"$(touch pwned)\"}\n",
        )],
        &[
            "micromamba create -q -f env.yaml; ls root/envs",
            r#"micromamba run -n one sh -c 'echo "$A"; echo "$1"' sh "a'; touch pwned; '""#,
            "micromamba create -q -n evil evil",
            "micromamba install -q -n evil '$(touch pwned)'",
            "micromamba install -q -n evil 'tool; touch pwned'",
            "find . -name pwned -o -name evil -type f",
        ],
        expect![[r#"
            one
            $(touch pwned)
            a'; touch pwned; '
            [exit 1]
            [exit 1]
            [exit 1]
        "#]],
    );
}

#[test]
fn wrong_invocations_are_refused() {
    check(
        &[("broken.yaml", "dependencies: [\n")],
        &[
            "micromamba activate one | sed -n 1,3p",
            "micromamba run -n nothing true",
            "micromamba shell activate nothing --shell bash",
            "micromamba install -n base --no-such-option tool",
            "micromamba create -n one -f missing.yaml",
            "micromamba create -q -n one tool==9",
            "micromamba create -n one tool==9 2>&1 | grep -A9 -e error -e critical",
            "micromamba create -n one -c CHANNEL/none --override-channels tool 2>&1 | grep -o 'not loaded' | sort -u",
        ],
        expect![[r#"

            'micromamba' is running as a subprocess and can't modify the parent shell.
            Thus you must initialize your shell before using activate and deactivate.
            critical libmamba Shell not initialized
            critical libmamba The given prefix does not exist: "ROOT/envs/nothing"
            [exit 1]
            critical libmamba Cannot activate, prefix does not exist at: 'ROOT/envs/nothing'
            [exit 1]
            The following argument was not expected: --no-such-option
            Run with --help for more information.
            [exit 109]
            error    libmamba YAML spec file 'missing.yaml' not found
            critical libmamba File not found. Aborting.
            [exit 1]
            [exit 1]
            error    libmamba Could not solve for environment specs
                The following package could not be installed
                └─ tool ==9 * does not exist (perhaps a typo or a missing channel).
            critical libmamba Could not solve for environment specs
            not loaded
        "#]],
    );
}

#[test]
fn settings_are_written_and_read() {
    check(
        &[],
        &[
            "micromamba config set channel_priority strict",
            "micromamba config append pkgs_dirs HERE/cache",
            "micromamba config get channel_priority",
            "micromamba config remove-key channel_priority; grep -c priority .condarc",
            "micromamba config get channel_priority",
            "micromamba config append channels CHANNEL; CONDA_PKGS_DIRS=$PWD/cache micromamba create -q -n one tool; ls cache",
        ],
        expect![[r#"
            channel_priority: strict
            0
            [exit 1]
            Key is not present in file
            cache
            http
            urls.txt
        "#]],
    );
}
