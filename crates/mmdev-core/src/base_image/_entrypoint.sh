#!/usr/bin/env bash
# The image's entrypoint: runs its arguments in the activated environment.

# Files in the image belong to the user it was built with: another name here would not be that user. An image that
# micromamba was added to by hand may not say who that is.
if built_for=$(cat /etc/arg_mamba_user 2> /dev/null) && [[ "$MAMBA_USER" != "$built_for" ]]; then
    echo "ERROR: MAMBA_USER is '$MAMBA_USER', but this image was built for '$built_for'." >&2
    echo "Build it with --build-arg MAMBA_USER=$MAMBA_USER to have another user, or run it with --user." >&2
    exit 1
fi

# docker run --user 1234 names a user who is in no file.
if [[ "$(id -u)" -gt 0 ]]; then
    if [[ -z "${USER-}" ]] && ! USER=$(id -un 2> /dev/null); then
        USER=$MAMBA_USER
    fi
    export USER
    if [[ "$HOME" == / ]]; then
        export HOME="/home/$USER"
    fi
fi

source /usr/local/bin/_activate_current_env.sh || exit 1
exec "$@"
