#!/usr/bin/env bash
# Makes an empty root prefix that every user may install into.
set -eu

mkdir -p "$MAMBA_ROOT_PREFIX/conda-meta"
chmod -R a+rwx "$MAMBA_ROOT_PREFIX"
