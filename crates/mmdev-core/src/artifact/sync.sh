# Runs delta.sh, which stands beside this script, while no other sync of this container runs.
# Argument: the prefix. Ends with 75 where that is not as `listing` says any more.
set -u

prefix=$1
here=$(dirname "$0")
# The kernel takes the lock from who dies. All that is started here holds it, too.
if command -v flock > /dev/null; then
    exec 9> "$here/../lock"
    flock 9
fi

if [ "$(sh "$here/list.sh" "$prefix")" = "$(cat "$here/listing")" ]; then
    # As in the build: whatever user and group a container has, it can install into the folders that are made here.
    umask 000
    sh "$here/delta.sh" "$prefix"
    status=$?
else
    status=75
fi
rm -r "$here"
exit $status
