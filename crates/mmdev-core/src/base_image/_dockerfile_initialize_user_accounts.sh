#!/usr/bin/env bash
# Makes the image's user, and has interactive shells of this, root and every later user activate the environment.
set -eu

for home in /root /etc/skel; do
    mkdir -p "$home"
    echo 'source /usr/local/bin/_activate_current_env.sh' >> "$home/.bashrc"
done

# The parent's user of that name serves, if its ids are the wanted ones: `ubuntu` or `root` can be the image's user.
if [[ "$(id -u "$MAMBA_USER" 2> /dev/null):$(id -g "$MAMBA_USER" 2> /dev/null)" != "$MAMBA_USER_ID:$MAMBA_USER_GID" ]]; then
    if taken=$(getent passwd "$MAMBA_USER_ID") && [[ "${taken%%:*}" != "$MAMBA_USER" ]]; then
        echo "ERROR: the id $MAMBA_USER_ID belongs to ${taken%%:*} in the parent image: choose another MAMBA_USER_ID." >&2
        exit 1
    fi
    if getent passwd "$MAMBA_USER" > /dev/null; then
        echo "ERROR: the parent image has a user $MAMBA_USER with other ids: choose another MAMBA_USER, or those ids." >&2
        exit 1
    fi
    # A group that has the id already serves as well. -l: a huge id would make a huge /var/log/lastlog.
    if ! getent group "$MAMBA_USER_GID" > /dev/null; then
        groupadd -g "$MAMBA_USER_GID" "$MAMBA_USER"
    fi
    useradd -l -m -s /bin/bash -u "$MAMBA_USER_ID" -g "$MAMBA_USER_GID" "$MAMBA_USER"
fi
echo "$MAMBA_USER" > /etc/arg_mamba_user

# `docker run --user 1234:1234` gets this home too, and micromamba keeps caches in it: a home that cannot be written is
# one in which nothing can be installed.
user_home=$(getent passwd "$MAMBA_USER" | cut -d : -f 6)
chmod a+rwx /home
if [[ "$user_home" == /home/* ]]; then
    chmod -R a+rwX "$user_home"
fi
chmod a+rw /etc/arg_mamba_user
