#!/bin/sh
# Prints what a program sees of the environment, a word for each column. Its own shell reads no file of activation.
show() { if [ "$1" = "$2" ]; then printf ' yes'; else printf ' no'; fi; }
printf probed:
show "$(command -v python)" /opt/conda/bin/python
show "${MMDEV_TEST_ACTIVATED-}" /opt/conda
show "${SAID-}" 'it'\''s 5$ "x" \y \\ z'
show "${CONDA_PREFIX-} ${CONDA_DEFAULT_ENV-}" '/opt/conda base'
echo
