//! Small made-up packages, one for each thing that an installer can get wrong.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::package::{Kind, PLACEHOLDER, Package, Replace};

/// Writes all of them into `channel`.
pub(crate) fn write(channel: &Path) -> Result<()> {
    for package in packages()? {
        package.write(channel)?;
    }
    Ok(())
}

fn packages() -> Result<Vec<Package>> {
    let mut packages = vec![
        // Prefix replacement in a text file, in a shebang line's file too.
        Package::new("prefix-text", "1.0", "0", Kind::Native)
            .entry(
                "bin/prefix-text",
                format!("#!/bin/sh\nexec cat '{PLACEHOLDER}/share/prefix-text/home'\n").into(),
                true,
                Some(Replace::Text),
            )
            .entry(
                "share/prefix-text/home",
                format!("{PLACEHOLDER}\n").into(),
                false,
                Some(Replace::Text),
            ),
        // Prefix replacement in a compiled program.
        Package::new("prefix-binary", "1.0", "0", Kind::Native).entry(
            "bin/prefix-binary",
            compile(&format!(
                "#include <stdio.h>\nstatic const char prefix[] = \"{PLACEHOLDER}\";\n\
                 int main(void) {{ volatile const char *p = prefix; puts((const char *)p); return 0; }}\n"
            ))?,
            true,
            Some(Replace::Binary),
        ),
        // A program with nothing to replace.
        Package::new("hello-compiled", "1.0", "0", Kind::Native).entry(
            "bin/hello-compiled",
            compile("#include <stdio.h>\nint main(void) { puts(\"hello from C\"); return 0; }\n")?,
            true,
            None,
        ),
        // Variables that only activation can set.
        Package::new("activation", "1.0", "0", Kind::Noarch)
            .text(
                "etc/conda/activate.d/activation.sh",
                "export MMDEV_TEST_ACTIVATED=\"$CONDA_PREFIX\"\n",
            )
            .text(
                "etc/conda/deactivate.d/activation.sh",
                "unset MMDEV_TEST_ACTIVATED\n",
            )
            .text(
                "etc/conda/activate.d/activation.fish",
                "set -gx MMDEV_TEST_ACTIVATED $CONDA_PREFIX\n",
            )
            .text(
                "etc/conda/deactivate.d/activation.fish",
                "set -e MMDEV_TEST_ACTIVATED\n",
            ),
        Package::new("post-link", "1.0", "0", Kind::Native)
            .script(
                "bin/.post-link-post-link.sh",
                "#!/bin/bash\necho \"$PKG_NAME $PKG_VERSION\" > \"$PREFIX/share/post-link.ran\"\n",
            )
            .script(
                "bin/.pre-unlink-post-link.sh",
                "#!/bin/bash\nrm -f \"$PREFIX/share/post-link.ran\"\n",
            )
            .text("share/post-link/readme", "its post-link script writes share/post-link.ran\n"),
        Package::new(
            "hello-noarch",
            "1.0",
            "pyhd_0",
            Kind::NoarchPython {
                entry_points: vec!["hello-noarch = hello_noarch:main".to_owned()],
            },
        )
        .depends(&["python >=3.9"])
        .text(
            "site-packages/hello_noarch/__init__.py",
            "\"\"\"A module with an entry point.\"\"\"\n\n\ndef main():\n    print(\"hello from noarch python\")\n",
        ),
        Package::new("noarch-data", "1.0", "0", Kind::Noarch)
            .text("share/noarch-data/data.txt", "data\n"),
        // Two packages that can never stand in one environment.
        Package::new("wants-old", "1.0", "0", Kind::Noarch)
            .depends(&["versions <2"])
            .text("share/wants-old/readme", "wants versions <2\n"),
        Package::new("wants-new", "1.0", "0", Kind::Noarch)
            .depends(&["versions >=2"])
            .text("share/wants-new/readme", "wants versions >=2\n"),
        Package::new("forbids-versions-2", "1.0", "0", Kind::Noarch)
            .constrains(&["versions <2"])
            .text("share/forbids-versions-2/readme", "constrains versions <2\n"),
        // Two packages that own one path.
        Package::new("clobber-a", "1.0", "0", Kind::Noarch).text("share/clobber", "a\n"),
        Package::new("clobber-b", "1.0", "0", Kind::Noarch).text("share/clobber", "b\n"),
        Package::new("needs-what-is-absent", "1.0", "0", Kind::Noarch)
            .depends(&["no-such-package"])
            .text("share/needs-what-is-absent/readme", "cannot be solved\n"),
        Package::new("needs-glibc-99", "1.0", "0", Kind::Noarch)
            .depends(&["__glibc >=99"])
            .text("share/needs-glibc-99/readme", "cannot be solved\n"),
    ];
    for version in ["1.0", "1.1", "1.10", "2.0", "2.1rc1"] {
        packages.push(
            Package::new("versions", version, "0", Kind::Noarch)
                .text("share/versions/version", &format!("{version}\n")),
        );
    }
    for build in ["mkl_0", "openblas_0"] {
        packages.push(
            Package::new("builds", "1.0", build, Kind::Native)
                .text("share/builds/build", &format!("{build}\n")),
        );
    }
    Ok(packages)
}

/// Compiles C. Statically, so that a program made on a newer Debian runs in
/// the older one of the test image.
fn compile(source: &str) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let source_file = folder.path().join("main.c");
    let program = folder.path().join("main");
    fs::write(&source_file, source)?;
    let status = Command::new("gcc")
        .args(["-O1", "-s", "-static", "-o"])
        .args([&program, &source_file])
        .status()
        .context("cannot run gcc")?;
    ensure!(status.success(), "gcc failed");
    Ok(fs::read(program)?)
}
