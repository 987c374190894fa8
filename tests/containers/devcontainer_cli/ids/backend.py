"""Builds an editable wheel of the folder it is in, with nothing but Python."""

import os
import zipfile


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "mine-1.0-py3-none-any.whl"
    info = "mine-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("mine.pth", os.getcwd() + "\n")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
        wheel.writestr(
            info + "/WHEEL",
            "Wheel-Version: 1.0\nGenerator: backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(info + "/RECORD", "")
    return name


build_wheel = build_editable
