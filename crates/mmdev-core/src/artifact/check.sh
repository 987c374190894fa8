# Run when a terminal opens: says in a line that this container is not what the project's files say. It changes
# nothing, and where it cannot tell it is silent.

# The project is the folder that the terminal opens in, or one above it.
project=$PWD
while [ ! -f "$project/.devcontainer/mmdev/sources.txt" ]; do
    [ -n "$project" ] || exit 0
    project=${project%/*}
done
owned=$project/.devcontainer/mmdev
prefix=${CONDA_PREFIX:-/opt/conda}

# The lines of a spec in no order and without comments, which are no change.
meaning() {
    LC_ALL=C sed -e '1s/^\xef\xbb\xbf//' -e 's/\r$//' -e 's/^[[:blank:]]*#.*//' -e 's/[[:blank:]]#.*//' \
        -e 's/^[[:blank:]]*//' -e 's/[[:blank:]]*$//' -e '/^$/d' "$1" | LC_ALL=C sort | sha256sum | cut -c -16
}

lock=
changed=
while read -r what hash path; do
    case $what in
        lock) lock=$hash ;;
        spec) [ ! -r "$project/$path" ] || [ "$(meaning "$project/$path")" = "$hash" ] || changed=$path ;;
    esac
done < "$owned/sources.txt"
if [ -n "$changed" ]; then
    echo "$changed changed after @LOCK@ was written; this container has the old packages. Run mmdev lock." >&2
    exit 0
fi

# Who installs something by hand in a container of this lock is told nothing.
if [ "$lock" = "$(cat "$prefix/conda-meta/mmdev-lock" 2> /dev/null)" ]; then
    exit 0
fi
case $(uname -m) in
    x86_64) platform=linux-64 ;;
    *) platform=linux-$(uname -m) ;;
esac

# How many packages of the lock are not in the prefix, or in another version or build.
differing=$(
    {
        ls "$prefix/conda-meta" | sed -n 's/\.json$//p'
        ls -d "$prefix"/lib/python3*/site-packages/*.dist-info 2> /dev/null | sed -e 's|.*/||' -e 's/\.dist-info$//'
    } | LC_ALL=C awk -v platform="$platform" '
        function pip(name) { gsub(/[-_.]+/, "_", name); return tolower(name) }
        FNR == 1 { file++ }
        file == 1 { at = match($0, /-[^-]*$/); there[$0]; there[pip(substr($0, 1, at - 1)) substr($0, at)]; next }
        $1 == "#" && $2 == platform && $3 == "remove:" { for (i = 4; i <= NF; i++) removed["conda " $i] }
        $1 == "#" && $2 == platform && $3 == "pip" { for (i = 5; i <= NF; i++) removed["pip " $i] }
        /^- name: / { name = $3 }
        /^  version: / { version = $2; gsub(/["\047]/, "", version) }
        /^  manager: / { manager = $2 }
        /^  platform: / { is_here = $2 == platform }
        /^  url: / && is_here && !(file == 3 && (manager " " name) in removed) {
            stem = $2
            gsub(/["\047]|.*\/|\.conda$|\.tar\.bz2$/, "", stem)
            if (manager == "pip") stem = pip(name) "-" version
            if (!(stem in there)) differing++
        }
        END { print differing + 0 }
    ' - "$owned/@FILES@delta-lock.yml" "$owned/@FILES@base-lock.yml" 2> /dev/null
)
case $differing in
    '' | 0) exit 0 ;;
    1) differing="1 package differs" ;;
    *) differing="$differing packages differ" ;;
esac
echo "This container was built from an older lock ($differing): F1 → Rebuild Container, or mmdev up --recreate." >&2
