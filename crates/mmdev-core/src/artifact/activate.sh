# Activates the environment in the shell that reads this: sh, bash or zsh, once, however it was started.
# MAMBA_SKIP_ACTIVATE=1 leaves the shell alone; ENV_NAME chooses another environment.

_mmdev_activate() {
    # Whoever is in no user file (docker exec --user 1234) has / for a home, and micromamba wants to write there.
    if [ "${HOME:-/}" = / ] && [ ! -w / ] && [ -w "/home/${MAMBA_USER-}" ]; then
        export HOME="/home/${MAMBA_USER-}"
    fi
    # sudo -i, cron and env -i pass on nothing of what the image sets.
    if [ -z "${MAMBA_ROOT_PREFIX-}" ] && [ "${ENV_NAME:-@ENV_NAME@}" = @ENV_NAME@ ] && [ -r /usr/local/bin/_mmdev_variables.sh ]; then
        . /usr/local/bin/_mmdev_variables.sh
    fi
    export MAMBA_EXE="${MAMBA_EXE:-/bin/micromamba}" MAMBA_ROOT_PREFIX="${MAMBA_ROOT_PREFIX:-/opt/conda}"
    if [ "${CONDA_SHLVL:-0}" -gt 0 ]; then
        # Active already, in the program that started this shell; but /etc/profile may have reset PATH since.
        case ":$PATH:" in
            *":$CONDA_PREFIX/bin:"*) ;;
            *) export PATH="$CONDA_PREFIX/bin:$PATH" ;;
        esac
        case $- in
            *i*) _mmdev_hook ;;
            *) _mmdev_hook_later ;;
        esac
        return 0
    fi
    # The image's PATH and variables are one environment's; activating puts the right one in front.
    _mmdev_drop
    if [ "${ENV_NAME:-@ENV_NAME@}" != @ENV_NAME@ ] && [ -r /usr/local/bin/_mmdev_no_variables.sh ]; then
        . /usr/local/bin/_mmdev_no_variables.sh
    fi
    case $0 in
        # The image's own scripts activate by themselves.
        */_entrypoint.sh | */_dockerfile_shell.sh) return 0 ;;
    esac
    _mmdev_hook && micromamba activate "${ENV_NAME:-@ENV_NAME@}"
}

# Takes the environment that the image's PATH names out of it.
_mmdev_drop() {
    _mmdev_path=":$PATH:"
    case $_mmdev_path in
        *":${CONDA_PREFIX:-/opt/conda}/bin:"*)
            _mmdev_path="${_mmdev_path%%":${CONDA_PREFIX:-/opt/conda}/bin:"*}:${_mmdev_path#*":${CONDA_PREFIX:-/opt/conda}/bin:"}"
            _mmdev_path="${_mmdev_path#:}"
            PATH="${_mmdev_path%:}"
            ;;
    esac
    unset _mmdev_path
}

_mmdev_hook() {
    if [ -n "${ZSH_VERSION-}" ]; then
        eval "$("$MAMBA_EXE" shell hook --shell zsh)"
    elif [ -n "${BASH_VERSION-}" ]; then
        eval "$("$MAMBA_EXE" shell hook --shell bash)"
    else
        eval "$("$MAMBA_EXE" shell hook --shell posix)"
    fi
}

# The hook takes micromamba longer than a script may take to start, and few scripts change the environment.
_mmdev_hook_later() {
    if [ -n "${ZSH_VERSION-}" ]; then
        micromamba() { eval "$("$MAMBA_EXE" shell hook --shell zsh)" && micromamba "$@"; }
    elif [ -n "${BASH_VERSION-}" ]; then
        micromamba() { eval "$("$MAMBA_EXE" shell hook --shell bash)" && micromamba "$@"; }
    else
        micromamba() { eval "$("$MAMBA_EXE" shell hook --shell posix)" && micromamba "$@"; }
    fi
}

# RUN comes here by the image's own shell script, whose argument is the command. MAMBA_DOCKERFILE_ACTIVATE=0 leaves it
# alone; and what a dev container Feature installs is the system's, which needs the system's python and openssl.
case $0 in
    */_dockerfile_shell.sh)
        case "${MAMBA_DOCKERFILE_ACTIVATE-} $*" in
            '0 '* | *devcontainer-features-install.sh*)
                _mmdev_drop
                unset CONDA_PREFIX CONDA_DEFAULT_ENV BASH_ENV
                export MAMBA_SKIP_ACTIVATE=1
                ;;
        esac
        ;;
esac

# A script that activate.d starts reads this too, and must not start over.
if [ "${MAMBA_SKIP_ACTIVATE-}" != 1 ] && [ -z "${_MMDEV_ACTIVATING-}" ]; then
    # Packages' scripts may read unset variables, print and read: what started this shell must not notice.
    case $- in
        *u*) _mmdev_options='set -u' && set +u ;;
        *) _mmdev_options=: ;;
    esac
    export _MMDEV_ACTIVATING=1
    { _mmdev_activate || :; } < /dev/null >&2
    case $- in
        *i*)
            if [ -z "${_MMDEV_CHECKED-}" ] && [ -t 2 ] && [ -x /usr/local/bin/_mmdev_check.sh ]; then
                export _MMDEV_CHECKED=1
                sh /usr/local/bin/_mmdev_check.sh
            fi
            ;;
    esac
    unset _MMDEV_ACTIVATING
    eval "$_mmdev_options"
    unset _mmdev_options
fi
unset -f _mmdev_activate _mmdev_drop _mmdev_hook _mmdev_hook_later
