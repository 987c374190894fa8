# shellcheck shell=bash
# To be sourced by bash: defines micromamba's function and activates $ENV_NAME.
# MAMBA_SKIP_ACTIVATE=1 defines the function only.

if ! _hook="$("$MAMBA_EXE" shell hook --shell bash)"; then
    unset _hook
    return 1
fi
eval "$_hook"
unset _hook

# conda and mamba bring functions of their own, where they are installed.
for _script in conda mamba; do
    if [[ -r "$MAMBA_ROOT_PREFIX/etc/profile.d/$_script.sh" ]]; then
        source "$MAMBA_ROOT_PREFIX/etc/profile.d/$_script.sh"
    fi
done
unset _script

if [[ "${MAMBA_SKIP_ACTIVATE-}" != 1 ]]; then
    micromamba activate "${ENV_NAME:-base}"
fi
