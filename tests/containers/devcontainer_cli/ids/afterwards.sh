# Does in the workspace and in the populated environment what people do, and prints who does it and what fails.
failed=
try() {
    what=$1
    shift
    "$@" > /tmp/said 2>&1 || failed="$failed, no $what"
}
edits() { echo more >> host-file && echo made > container-file; }
at_home() { mkdir -p "$HOME/.cache" && echo x > "$HOME/.cache/afterwards"; }
installs() { micromamba install -qy -c conda-forge prefix-text && prefix-text; }
# What another user id has installed goes, too.
replaces() { micromamba install -qy -c conda-forge versions=1.1 && grep 1.1 /opt/conda/share/versions/version; }
removes() { micromamba remove -qy prefix-text && [ ! -e /opt/conda/bin/prefix-text ]; }
pips() { pip install -q --no-deps --index-url "$1" --trusted-host "$2" attrs -e . && (cd / && python -c 'import attrs, mine'); }
compiles() { python -c 'import py_compile, this; py_compile.compile(this.__file__, doraise=True)'; }
notes() { echo '# by hand' >> /opt/conda/conda-meta/history; }
try workspace edits
try home at_home
try install installs
try replace replaces
try remove removes
try pip pips "$1" "$2"
try .pyc compiles
try history notes
try clean micromamba clean -qay
echo "$(id -u):$(id -g) $(whoami 2> /dev/null || echo nameless) $HOME${failed:-, all succeeds}"
