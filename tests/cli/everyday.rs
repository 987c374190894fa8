//! What needs no project: help, completions, explain, wrong invocations.

use expect_test::expect;

use crate::project::Project;

#[test]
fn help() {
    Project::new().check(&["--help"], expect![[r#"
        exit code: 0
        ----- stdout
        From a conda environment spec (env.yaml) to a development container that just works

        Usage: mmdev [OPTIONS] [COMMAND]

        Commands:
          init         Start a project: write env.yaml with PACKAGES if there is none, and generate
          generate     Write the dev container's files from the spec
          check        Say what is wrong with specs, and mend it
          add          Put packages into the spec, with a version that fits, and lock
          remove       Take packages out of the spec, and lock
          lock         Solve the spec, and write the exact records to conda-lock.yml beside it
          update       Move what is locked forward within the spec
          tree         Show what is locked as a tree: what each package needs, or what needs it
          why          Say why a package is locked: by which dependencies of the spec
          diff         Say what differs between two locks: packages, versions, size
          outdated     Say which dependencies have newer versions, within the spec and beyond it
          search       Say what channels have of a package: versions, builds, dependencies, size, licence
          export       Write what is locked for other programs: an explicit list, a spec of exact versions,
                       a bill of materials
          build        Build the image
          up           Build what is not built and start the container
          run          Run a command in the container, in the environment; starts it if needed
          shell        Open a shell in the container
          down         Stop and remove the container
          status       Say what is there: files, image, container
          size         Say where the bytes of an image are: by layer, package and file
          watch        Follow the spec: on every save, files and image are brought in line with it
          clean        Remove the project's superseded images, and empty mmdev's package cache
          doctor       Look for what may be in the way on this machine
          explain      Explain a rule, such as MM101
          rules        List the rules
          lsp          Serve an editor: the language server, on stdin and stdout
          eject        Leave plain files that mmdev no longer owns
          base-image   Make a micromamba base image on another image
          completions  Write completions for a shell

        Options:
              --list     List the commands, with the external ones (`mmdev-NAME` on PATH)
          -h, --help     Print help
          -V, --version  Print version

        Global options:
          -C <DIR>                       Change to DIR before doing anything
          -f, --file <FILE>              A spec file; several are merged into one environment
              --env <NAME[=FILE]>        An environment of its own from FILE; NAME alone chooses the active
                                         one
              --base <IMAGE>             The image that the Dockerfile starts from [env: MMDEV_BASE]
          -q, --quiet                    Say only warnings and errors
          -v, --verbose                  Say more
              --color <WHEN>             Colours [env: MMDEV_COLOR] [default: auto] [possible values: auto,
                                         always, never]
              --offline                  Pull and download nothing; builds take from the engine's cache what
                                         they can [env: MMDEV_OFFLINE]
              --locked                   Fail where a lock would have to change
              --frozen                   As --locked and --offline together
              --message-format <FORMAT>  What stdout is: text, one JSON object a line
                                         (docs/reference/json.md), or, from `check` alone, a report [env:
                                         MMDEV_MESSAGE_FORMAT] [default: human] [possible values: human,
                                         json, concise, github, sarif]

        `mmdev generate` and `mmdev check` need no Docker. See `mmdev COMMAND --help` for more.
    "#]]);
    Project::new().check(&["run", "--help"], expect![[r#"
        exit code: 0
        ----- stdout
        Run a command in the container, in the environment; starts it if needed

        Usage: mmdev run [OPTIONS] <CMD>...

        Arguments:
          <CMD>...  The command and its arguments; they are passed on as they are

        Options:
          -h, --help  Print help

        Global options:
          -C <DIR>                       Change to DIR before doing anything
          -f, --file <FILE>              A spec file; several are merged into one environment
              --env <NAME[=FILE]>        An environment of its own from FILE; NAME alone chooses the active
                                         one
              --base <IMAGE>             The image that the Dockerfile starts from [env: MMDEV_BASE]
          -q, --quiet                    Say only warnings and errors
          -v, --verbose                  Say more
              --color <WHEN>             Colours [env: MMDEV_COLOR] [default: auto] [possible values: auto,
                                         always, never]
              --offline                  Pull and download nothing; builds take from the engine's cache what
                                         they can [env: MMDEV_OFFLINE]
              --locked                   Fail where a lock would have to change
              --frozen                   As --locked and --offline together
              --message-format <FORMAT>  What stdout is: text, one JSON object a line
                                         (docs/reference/json.md), or, from `check` alone, a report [env:
                                         MMDEV_MESSAGE_FORMAT] [default: human] [possible values: human,
                                         json, concise, github, sarif]
    "#]]);
    Project::new().check(&[], expect![[r#"
        exit code: 2
        ----- stderr
        From a conda environment spec (env.yaml) to a development container that just works

        Usage: mmdev [OPTIONS] [COMMAND]

        Commands:
          init         Start a project: write env.yaml with PACKAGES if there is none, and generate
          generate     Write the dev container's files from the spec
          check        Say what is wrong with specs, and mend it
          add          Put packages into the spec, with a version that fits, and lock
          remove       Take packages out of the spec, and lock
          lock         Solve the spec, and write the exact records to conda-lock.yml beside it
          update       Move what is locked forward within the spec
          tree         Show what is locked as a tree: what each package needs, or what needs it
          why          Say why a package is locked: by which dependencies of the spec
          diff         Say what differs between two locks: packages, versions, size
          outdated     Say which dependencies have newer versions, within the spec and beyond it
          search       Say what channels have of a package: versions, builds, dependencies, size, licence
          export       Write what is locked for other programs: an explicit list, a spec of exact versions,
                       a bill of materials
          build        Build the image
          up           Build what is not built and start the container
          run          Run a command in the container, in the environment; starts it if needed
          shell        Open a shell in the container
          down         Stop and remove the container
          status       Say what is there: files, image, container
          size         Say where the bytes of an image are: by layer, package and file
          watch        Follow the spec: on every save, files and image are brought in line with it
          clean        Remove the project's superseded images, and empty mmdev's package cache
          doctor       Look for what may be in the way on this machine
          explain      Explain a rule, such as MM101
          rules        List the rules
          lsp          Serve an editor: the language server, on stdin and stdout
          eject        Leave plain files that mmdev no longer owns
          base-image   Make a micromamba base image on another image
          completions  Write completions for a shell

        Options:
              --list     List the commands, with the external ones (`mmdev-NAME` on PATH)
          -h, --help     Print help
          -V, --version  Print version

        Global options:
          -C <DIR>                       Change to DIR before doing anything
          -f, --file <FILE>              A spec file; several are merged into one environment
              --env <NAME[=FILE]>        An environment of its own from FILE; NAME alone chooses the active
                                         one
              --base <IMAGE>             The image that the Dockerfile starts from [env: MMDEV_BASE]
          -q, --quiet                    Say only warnings and errors
          -v, --verbose                  Say more
              --color <WHEN>             Colours [env: MMDEV_COLOR] [default: auto] [possible values: auto,
                                         always, never]
              --offline                  Pull and download nothing; builds take from the engine's cache what
                                         they can [env: MMDEV_OFFLINE]
              --locked                   Fail where a lock would have to change
              --frozen                   As --locked and --offline together
              --message-format <FORMAT>  What stdout is: text, one JSON object a line
                                         (docs/reference/json.md), or, from `check` alone, a report [env:
                                         MMDEV_MESSAGE_FORMAT] [default: human] [possible values: human,
                                         json, concise, github, sarif]

        `mmdev generate` and `mmdev check` need no Docker. See `mmdev COMMAND --help` for more.
    "#]]);
}

#[test]
fn wrong_invocations() {
    let project = Project::new();
    project.check(
        &["generate", "--check", "--diff"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: the argument '--check' cannot be used with '--diff'

        Usage: mmdev generate --check

        For more information, try '--help'.
    "#]],
    );
    project.check(
        &["-C", "nowhere", "check"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: cannot change to nowhere: No such file or directory (os error 2)
    "#]],
    );
    project.check(
        &["--env", "=x", "check"],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: invalid value '=x' for '--env <NAME[=FILE]>': the name before `=` is missing

        For more information, try '--help'.
    "#]],
    );
    project.check(
        &["-C", "."],
        expect![[r#"
        exit code: 2
        ----- stderr
        error: a command is missing
        hint: mmdev --list
    "#]],
    );
}

#[test]
fn explain() {
    let project = Project::new();
    project.check(&["explain", "mm001"], expect![[r#"
        exit code: 0
        ----- stdout
        MM001 yaml-syntax (error)

        The file is not valid YAML.

        What it finds
        A place where the text stops being YAML: an indentation that fits no list, a quote or bracket that is never closed, a `:` without a space, a text that begins with `>`, `*` or `@`, a template (`{{ … }}`) that was never rendered.

        Why
        conda, micromamba and conda-lock read the file with a YAML library and stop at the first such place. mmdev blanks the guilty line and reads on, so that one mistake does not hide the others.

        Example
        ```yaml
        dependencies:
          - python=3.11
         - pip
        ```

        How to mend it
        Give all entries of one list the same indentation, close every quote and bracket, put a space behind each `:`, and quote what begins with a special character. Where a dash is doubled or lacks its space, and where an entry can belong to one list only, the fix does.
    "#]]);
    project.check(
        &["explain", "MM0O1"],
        expect![[r#"
            exit code: 2
            ----- stderr
            error: there is no rule `MM0O1`
            hint: did you mean MM001? mmdev explain MM001
            hint: list all rules: mmdev rules
        "#]],
    );
    project.check(
        &["explain", "MM01x", "--message-format", "json"],
        expect![[r#"
            exit code: 2
            ----- stdout
            {"format":1,"reason":"error","message":"there is no rule `MM01x`","hints":["did you mean MM001? mmdev explain MM001","list all rules: mmdev rules"],"exit_code":2}
            ----- stderr
            error: there is no rule `MM01x`
            hint: did you mean MM001? mmdev explain MM001
            hint: list all rules: mmdev rules
        "#]],
    );
}

#[test]
fn completions_are_for_every_shell() {
    let project = Project::new();
    for (shell, needle) in [
        ("bash", "complete -F _mmdev"),
        ("zsh", "#compdef mmdev"),
        ("fish", "complete -c mmdev"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[mmdev]"),
    ] {
        let output = project.command(&["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains(needle), "{shell}: {script}");
    }
}
