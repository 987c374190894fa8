# Brings an environment from what base-lock.yml says to what delta-lock.yml says; both stand beside this script.
# Argument: its prefix.
set -eu

prefix=$1
here=$(dirname "$0")
machine=$(uname -m)
case $machine in
    x86_64) platform=linux-64 ;;
    *) platform=linux-$machine ;;
esac

# What stands in a comment of delta-lock.yml for this machine: `# x86_64 remove: numpy scipy`.
words() {
    sed -n "s/^# $machine $1: //p" "$here/delta-lock.yml"
}

# The packages that stay, and have a file that one of $gone has, too: it goes with that one.
losers() {
    awk -v gone=" $gone " '
        FNR == 1 {
            name = FILENAME
            sub(/.*\//, "", name)
            sub(/-[^-]*-[^-]*$/, "", name)
            is_gone = index(gone, " " name " ") > 0
            inside = 0
        }
        /^ *"files": \[$/ { inside = 1; next }
        /^ *\]/ { inside = 0 }
        !inside || is_gone == (pass == 2) { next }
        { sub(/,$/, "") }
        pass == 1 { lost[$0]; next }
        $0 in lost && !(name in said) { said[name]; printf "%s ", name }
    ' pass=1 "$prefix"/conda-meta/*.json pass=2 "$prefix"/conda-meta/*.json
}

changes=$here/changes-lock.yml
cp "$here/delta-lock.yml" "$changes"

names=$(words 'pip uninstall')
if [ -n "$names" ]; then
    # shellcheck disable=SC2086 # They are words.
    "$prefix/bin/python" -m pip uninstall -y $names
fi

gone=$(words remove)
if [ -n "$gone" ]; then
    again=
    # In an assignment of its own, because set -e passes over what fails in a condition.
    more=$(losers)
    while [ -n "$more" ]; do
        again="$again $more"
        gone="$gone $more"
        more=$(losers)
    done
    # By force: what needs them has them back in a moment.
    # shellcheck disable=SC2086
    micromamba remove -y --force -p "$prefix" $gone
    if [ -n "$again" ]; then
        sed -i 's/^package: \[\]$/package:/' "$changes"
        awk -v again=" $again " '
            /^- name: / { is_again = index(again, " " $3 " ") }
            is_again
        ' "$here/base-lock.yml" >> "$changes"
    fi
fi

if grep -q "^  platform: $platform$" "$changes"; then
    micromamba install -y -p "$prefix" -f "$changes"
fi
rm "$changes"

# So that a later `micromamba remove` knows what was asked for.
echo "# update specs: $(words 'update specs')" >> "$prefix/conda-meta/history"
