# Run once, when the image is built: has every shell read the activation script, whoever starts it and however.
# Arguments: the names of the spec's variables.
set -eu

script=/usr/local/bin/_mmdev_activate.sh
install -m 755 /tmp/activate.sh "$script"
install -D -m 644 /tmp/activate.fish /etc/fish/conf.d/mmdev.fish
if [ -f /tmp/check.sh ]; then
    install -m 755 /tmp/check.sh /usr/local/bin/_mmdev_check.sh
fi

# Login shells of sh and bash; their /etc/profile resets PATH before.
mkdir -p /etc/profile.d
ln -s "$script" /etc/profile.d/mmdev.sh

# Interactive bash. Scripts and bash -c read BASH_ENV.
echo ". $script" >> /etc/bash.bashrc

# zsh, also where it is installed later and has no folder in /etc yet.
home=$(getent passwd "$MAMBA_USER" | cut -d: -f6)
mkdir -p /etc/skel
for folder in /etc/skel /root "$home"; do
    echo ". $script" >> "$folder/.zshenv"
    chown --reference="$folder" "$folder/.zshenv"
done
if [ -d /etc/zsh ]; then
    echo ". $script" >> /etc/zsh/zshenv
fi

# A container may run as any user (docker run --user 1234), whose home this is then: micromamba keeps a cache and its
# list of environments there, and fails where it cannot.
chmod 777 "$home"

# su and cron start programs with the variables of this file; cron sets PATH anew, so a crontab needs SHELL=/bin/bash,
# which reads BASH_ENV. A value with # would be cut off there, and none is better than half of one.
echo "BASH_ENV=$script" >> /etc/environment
for name in PATH CONDA_PREFIX CONDA_DEFAULT_ENV ENV_NAME MAMBA_ROOT_PREFIX MAMBA_EXE MAMBA_USER "$@"; do
    value=$(printenv "$name") || continue
    case $value in
        *'#'*) ;;
        *) printf '%s=%s\n' "$name" "$value" >> /etc/environment ;;
    esac
done

# sudo has a PATH of its own and passes nothing on. Whom it makes somebody else than root gets what su gives; root's
# programs stay the system's, so that apt-get and its scripts find theirs. Also where sudo is installed later.
mkdir -p /etc/sudoers.d
{
    echo "Defaults>ALL,!root secure_path=\"$PATH\""
    echo "Defaults>ALL,!root env_keep += \"BASH_ENV CONDA_PREFIX CONDA_DEFAULT_ENV ENV_NAME MAMBA_ROOT_PREFIX MAMBA_EXE MAMBA_USER $*\""
} > /etc/sudoers.d/mmdev
chmod 440 /etc/sudoers.d/mmdev

# Who starts from nothing (sudo -i, env -i) gets the spec's variables from the first file; whoever chooses another
# environment is rid of them by the second one. Every shell, fish too, reads these words alike: a backslash and a quote
# stand outside of the quotes.
for name in "$@"; do
    value=$(printenv "$name" | sed "s/[\\\\']/'\\\\&'/g")
    printf "export %s='%s'\n" "$name" "$value" >&3
    printf "test \"\$%s\" = '%s' && unset %s\n" "$name" "$value" "$name" >&4
done 3> /usr/local/bin/_mmdev_variables.sh 4> /usr/local/bin/_mmdev_no_variables.sh

# Whoever types conda or mamba is told what to type, unless an environment has them.
for name in conda mamba; do
    if ! ls "$MAMBA_ROOT_PREFIX/bin/$name" "$MAMBA_ROOT_PREFIX"/envs/*/bin/"$name" 2> /dev/null | grep -q .; then
        {
            echo '#!/bin/sh'
            echo "echo '$name is not in this image: type micromamba instead, with the same arguments' >&2"
            echo 'exit 1'
        } > "/usr/local/bin/$name"
        chmod 755 "/usr/local/bin/$name"
    fi
done
