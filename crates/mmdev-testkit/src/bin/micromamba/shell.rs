//! shell: the hook that defines the `micromamba` function, the code that it evaluates,
//! and the lines that start-up files get.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::activate::{Activator, Shell as Family, quoted};
use crate::cli::{Shell, ShellCommand};
use crate::console::{note, put};
use crate::context::{Context, absolute, home, variable};
use crate::query::shell_named;

/// The function for bash, zsh, dash: activation is evaluated in the shell itself.
const POSIX_HOOK: &str = r#"
__micromamba_evaluate() {
    __micromamba_code="$(PS1="${PS1-}" "$MAMBA_EXE" shell "$@" --shell posix)" || return
    eval "$__micromamba_code"
    unset __micromamba_code
    hash -r
}

micromamba() {
    case "${1-}" in
        activate | deactivate | reactivate)
            __micromamba_evaluate "$@"
            ;;
        install | update | upgrade | remove | uninstall)
            "$MAMBA_EXE" "$@" && __micromamba_evaluate reactivate
            ;;
        *)
            "$MAMBA_EXE" "$@"
            ;;
    esac
}

if [ -z "${CONDA_SHLVL+set}" ]; then
    export CONDA_SHLVL=0
    export PATH="$MAMBA_ROOT_PREFIX/condabin:$PATH"
    PS1="${PS1-}"
fi
"#;

/// The function for fish.
const FISH_HOOK: &str = r"
if not set -q CONDA_SHLVL
    set -gx CONDA_SHLVL 0
    set -gx PATH $MAMBA_ROOT_PREFIX/condabin $PATH
end

function micromamba --inherit-variable MAMBA_EXE
    if test (count $argv) -lt 1
        $MAMBA_EXE
        return
    end
    set -l cmd $argv[1]
    switch $cmd
        case activate deactivate reactivate
            set -l code ($MAMBA_EXE shell $argv --shell fish | string collect)
            or return 1
            eval $code
        case install update upgrade remove uninstall
            $MAMBA_EXE $argv
            or return $status
            $MAMBA_EXE shell reactivate --shell fish | source
        case '*'
            $MAMBA_EXE $argv
    end
end
";

const BLOCK_START: &str = "# >>> mamba initialize >>>";
const BLOCK_END: &str = "# <<< mamba initialize <<<";

/// `micromamba shell`.
pub(crate) fn shell(context: &Context, options: &Shell) -> Result<()> {
    let name = options.shell.clone().unwrap_or_else(guessed);
    let family = shell_named(&name)?;
    let activator = Activator::new(context, family);
    match &options.command {
        ShellCommand::Hook => put(&hook(context, family)?),
        ShellCommand::Activate { environment, stack } => {
            let prefix = match environment.as_deref() {
                Some(path) if path.contains('/') => absolute(&crate::context::expand_home(path))?,
                Some(name) => context.named(name),
                None if context.names_target() => context.target(None, true)?,
                None => context.root_prefix.clone(),
            };
            if !prefix.exists() {
                bail!(
                    "Cannot activate, prefix does not exist at: '{}'",
                    prefix.display()
                );
            }
            put(&activator.activate(&prefix, *stack).code(family));
        }
        ShellCommand::Reactivate => put(&activator.reactivate().code(family)),
        ShellCommand::Deactivate => put(&activator.deactivate().code(family)),
        ShellCommand::Init => initialise(context, &name, family)?,
        ShellCommand::Deinit => {
            let file = start_up_file(&name);
            let text = fs::read_to_string(&file).unwrap_or_default();
            fs::write(&file, without_block(&text))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    Ok(())
}

/// `micromamba activate` without the function: it cannot change its parent.
pub(crate) fn explain_missing_function() -> Result<()> {
    let shell = guessed();
    note(&format!(
        "\n'micromamba' is running as a subprocess and can't modify the parent shell.\n\
         Thus you must initialize your shell before using activate and deactivate.\n\n\
         To initialize the current {shell} shell, run:\n    \
         $ eval \"$(micromamba shell hook --shell {shell})\"\n\
         and then activate or deactivate with:\n    \
         $ micromamba activate\n\
         To automatically initialize all future ({shell}) shells, run:\n    \
         $ micromamba shell init --shell {shell} --root-prefix=~/.local/share/mamba\n\
         Otherwise, this may be an issue. In the meantime you can run commands. See:\n    \
         $ micromamba run --help\n"
    ));
    bail!("Shell not initialized")
}

fn hook(context: &Context, family: Family) -> Result<String> {
    let program = program()?.display().to_string();
    let root = context.root_prefix.display().to_string();
    let export = match family {
        Family::Posix => "export ",
        Family::Fish => "set -gx ",
    };
    let equals = match family {
        Family::Posix => "=",
        Family::Fish => " ",
    };
    let body = match family {
        Family::Posix => POSIX_HOOK,
        Family::Fish => FISH_HOOK,
    };
    Ok(format!(
        "{export}MAMBA_EXE{equals}{}\n{export}MAMBA_ROOT_PREFIX{equals}{}\n{body}",
        quoted(&program, family),
        quoted(&root, family),
    ))
}

fn initialise(context: &Context, name: &str, family: Family) -> Result<()> {
    let file = start_up_file(name);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let exe = quoted(&program()?.display().to_string(), family);
    let root = quoted(&context.root_prefix.display().to_string(), family);
    let lines = match family {
        Family::Posix => format!(
            "export MAMBA_EXE={exe};\n\
             export MAMBA_ROOT_PREFIX={root};\n\
             __mamba_setup=\"$(\"$MAMBA_EXE\" shell hook --shell {name} --root-prefix \"$MAMBA_ROOT_PREFIX\" 2> /dev/null)\"\n\
             if [ $? -eq 0 ]; then\n    eval \"$__mamba_setup\"\nelse\n    \
             alias micromamba=\"$MAMBA_EXE\"  # Fallback on help from micromamba activate\nfi\n\
             unset __mamba_setup"
        ),
        Family::Fish => format!(
            "set -gx MAMBA_EXE {exe}\nset -gx MAMBA_ROOT_PREFIX {root}\n\
             $MAMBA_EXE shell hook --shell fish --root-prefix $MAMBA_ROOT_PREFIX | source"
        ),
    };
    let text = without_block(&fs::read_to_string(&file).unwrap_or_default());
    let block = format!(
        "\n{BLOCK_START}\n# !! Contents within this block are managed by 'micromamba shell init' !!\n\
         {lines}\n{BLOCK_END}\n"
    );
    fs::write(&file, format!("{text}{block}"))
        .with_context(|| format!("cannot write {}", file.display()))?;
    note(&format!("Modified RC file \"{}\"", file.display()));
    Ok(())
}

/// A start-up file without the lines that `shell init` wrote.
fn without_block(text: &str) -> String {
    let Some(start) = text.find(BLOCK_START) else {
        return text.to_owned();
    };
    let end = text[start..]
        .find(BLOCK_END)
        .map_or(text.len(), |end| start + end + BLOCK_END.len());
    let before = text[..start].strip_suffix('\n').unwrap_or(&text[..start]);
    format!("{before}{}", text[end..].trim_start_matches('\n'))
}

fn start_up_file(shell: &str) -> PathBuf {
    match shell {
        "zsh" => variable("ZDOTDIR")
            .map_or_else(home, PathBuf::from)
            .join(".zshrc"),
        "fish" => home().join(".config/fish/config.fish"),
        "bash" => home().join(".bashrc"),
        _ => home().join(".profile"),
    }
}

fn guessed() -> String {
    let shell = variable("SHELL").unwrap_or_default();
    let name = Path::new(&shell)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| shell_named(name).is_ok())
        .unwrap_or_else(|| "bash".to_owned())
}

fn program() -> Result<PathBuf> {
    env::current_exe().context("this program's own path is not known")
}
