#!/usr/bin/env bash
# The SHELL of Dockerfiles on this image: with ARG MAMBA_DOCKERFILE_ACTIVATE=1 a RUN sees the environment.

if [[ "${MAMBA_DOCKERFILE_ACTIVATE-}" == 1 ]]; then
    source /usr/local/bin/_activate_current_env.sh || exit 1
fi
exec bash -o pipefail -c "$@"
