# Activates the environment in the fish that reads this, once, however it was started.
# MAMBA_SKIP_ACTIVATE=1 leaves the shell alone; ENV_NAME chooses another environment.

if test "$MAMBA_SKIP_ACTIVATE" != 1
    # sudo -i and env -i pass on nothing of what the image sets.
    if not set -q MAMBA_ROOT_PREFIX; and test -r /usr/local/bin/_mmdev_variables.sh
        set -q ENV_NAME; and test "$ENV_NAME" != @ENV_NAME@; or source /usr/local/bin/_mmdev_variables.sh
    end
    set -q MAMBA_EXE; or set -gx MAMBA_EXE /bin/micromamba
    set -q MAMBA_ROOT_PREFIX; or set -gx MAMBA_ROOT_PREFIX /opt/conda
    set -q ENV_NAME; or set -gx ENV_NAME @ENV_NAME@
    if not set -q CONDA_SHLVL; or test "$CONDA_SHLVL" = 0
        # The image's PATH and variables are one environment's; activating puts the right one in front.
        if set -l place (contains -i -- $CONDA_PREFIX/bin $PATH)
            set -e PATH[$place]
        end
        if test "$ENV_NAME" != @ENV_NAME@; and test -r /usr/local/bin/_mmdev_no_variables.sh
            function unset
                set -e $argv
            end
            source /usr/local/bin/_mmdev_no_variables.sh
            functions -e unset
        end
        $MAMBA_EXE shell hook --shell fish | source
        micromamba activate $ENV_NAME >&2
    else
        # Active already, in the program that started this shell; but something may have reset PATH since.
        contains -- $CONDA_PREFIX/bin $PATH; or set -gx PATH $CONDA_PREFIX/bin $PATH
        # The hook takes micromamba longer than a script may take to start, and few scripts change the environment.
        if status is-interactive
            $MAMBA_EXE shell hook --shell fish | source
        else
            function micromamba
                $MAMBA_EXE shell hook --shell fish | source
                micromamba $argv
            end
        end
    end
    if status is-interactive; and not set -q _MMDEV_CHECKED; and isatty stderr; and test -x /usr/local/bin/_mmdev_check.sh
        set -gx _MMDEV_CHECKED 1
        sh /usr/local/bin/_mmdev_check.sh
    end
end
