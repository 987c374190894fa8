# Run when a terminal opens: says in a line that this container is not what the project's files say. It changes
# nothing, and where it cannot tell it is silent.

# The project is the folder that the terminal opens in, or one above it.
project=$PWD
while [ ! -f "$project/@FOLDER@/specs.txt" ]; do
    [ -n "$project" ] || exit 0
    project=${project%/*}
done
owned=$project/@FOLDER@
prefix=${CONDA_PREFIX:-/opt/conda}
[ -d "$prefix/conda-meta" ] || exit 0

# The lines of a spec without comments and in no order, as specs.txt has their hash.
outline() {
    LC_ALL=C sed -e '1s/^\xef\xbb\xbf//' -e 's/\r$//' -e 's/^[[:blank:]]*#.*//' -e 's/[[:blank:]]#.*//' \
        -e 's/^[[:blank:]]*//' -e 's/[[:blank:]]*$//' -e '/^$/d' "$1" | LC_ALL=C sort | sha256sum | cut -c -16
}

while read -r hash path; do
    [ "$hash" != '#' ] && [ -r "$project/$path" ] || continue
    if [ "$(outline "$project/$path")" != "$hash" ]; then
        echo "$path may have changed after @LOCK@ was written: packages may be old. Run mmdev generate." >&2
        exit 0
    fi
done < "$owned/specs.txt"

machine=$(uname -m)
case $machine in
    x86_64) platform=linux-64 ;;
    *) platform=linux-$machine ;;
esac
set -- part=base "$owned/@FILES@base-lock.yml"
if [ -f "$owned/@FILES@delta-lock.yml" ]; then
    set -- part=delta "$owned/@FILES@delta-lock.yml" "$@"
fi

# How many packages of the lock are not in the prefix, or in another version or build.
differing=$(
    {
        ls "$prefix/conda-meta" | sed -n 's/\.json$//p'
        ls -d "$prefix"/lib/python3*/site-packages/*.dist-info 2> /dev/null | sed -e 's|.*/||' -e 's/\.dist-info$//'
    } | LC_ALL=C awk -v machine="$machine" -v platform="$platform" '
        function pip(name) { gsub(/[-_.]+/, "_", name); return tolower(name) }
        !part { at = match($0, /-[^-]*$/); there[$0]; there[pip(substr($0, 1, at - 1)) substr($0, at)]; next }
        $1 == "#" && $2 == machine && $3 == "remove:" { for (i = 4; i <= NF; i++) gone["conda " $i] }
        $1 == "#" && $2 == machine && $3 == "pip" { for (i = 5; i <= NF; i++) gone["pip " $i] }
        /^- name: / { name = $3 }
        /^  version: / { version = $2; gsub(/["\047]/, "", version) }
        /^  manager: / { manager = $2 }
        /^  platform: / { is_here = $2 == platform }
        /^  url: / && is_here && !(part == "base" && (manager " " name) in gone) {
            package = $2
            gsub(/["\047]|.*\/|\.conda$|\.tar\.bz2$/, "", package)
            if (manager == "pip") package = pip(name) "-" version
            if (!(package in there)) differing++
        }
        END { print differing + 0 }
    ' - "$@" 2> /dev/null
)
case $differing in
    '' | 0) exit 0 ;;
    1) differing='1 package of this container is' ;;
    *) differing="$differing packages of this container are" ;;
esac
echo "$differing not as in @LOCK@: F1 → Rebuild Container, or mmdev up --recreate." >&2
