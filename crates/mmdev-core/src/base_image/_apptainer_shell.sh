#!/usr/bin/env bash
# For `apptainer shell --shell /usr/local/bin/_apptainer_shell.sh`: an interactive shell with the environment, whatever
# home Apptainer brings from its host.
exec bash --rcfile /etc/skel/.bashrc -i
