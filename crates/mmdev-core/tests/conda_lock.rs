//! Locks before the real conda-lock. `MMDEV_CONDA_LOCK` names the program (`pip install conda-lock==4.0.3`); without it
//! nothing is tried, which a line says.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test starts programs and writes files, the crate itself does not"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mmdev_core::lock::{self, Channel, Hashes, Layout, Lock, MAIN, Manager, Metadata, Package};

const SPEC: &str = "name: x
channels:
  - conda-forge
  - https://host.example/t/$TOKEN/private
  - nodefaults
dependencies:
  - zlib=1.3
  - nonsense  # [win]
  - pip
  - pip:
      - Requests[socks] >= 2 ; sys_platform == 'linux'
";

const PLATFORMS: [&str; 3] = ["linux-64", "linux-aarch64", "win-64"];

fn package(platform: &str, name: &str, version: &str, build: Option<&str>) -> Package {
    let url = match build {
        Some(build) => format!(
            "https://conda.anaconda.org/conda-forge/{platform}/{name}-{version}-{build}.conda"
        ),
        None => {
            format!("https://files.pythonhosted.org/packages/{name}-{version}-py3-none-any.whl")
        }
    };
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        build: build.map(str::to_owned),
        manager: match build {
            Some(_) => Manager::Conda,
            None => Manager::Pip,
        },
        platform: platform.to_owned(),
        dependencies: lock::dependencies(["__glibc >=2.17,<3.0.a0", "libzlib 1.3.1 hb9d3cd8_2"]),
        url,
        hash: Hashes {
            md5: build.map(|_| "c9f075ab2f33b3bbee9e62d4ad0a6cd8".to_owned()),
            sha256: Some(
                "5d7c0e5f0005f74112a34a7425179f4eb6e73c92f5d109e6af4ddeca407c92ab".to_owned(),
            ),
        },
        source: None,
        category: MAIN.to_owned(),
        optional: false,
    }
}

fn locked() -> Lock {
    let hash = |platform: &str| {
        let packages = lock::default_virtual_packages(platform);
        lock::content_hash(&[SPEC], platform, &packages).unwrap()
    };
    Lock {
        metadata: Metadata {
            content_hash: PLATFORMS
                .map(|platform| (platform.to_owned(), hash(platform)))
                .into(),
            channels: ["conda-forge", "https://host.example/t/$TOKEN/private"]
                .map(Channel::of)
                .into(),
            platforms: PLATFORMS.map(str::to_owned).into(),
            sources: vec!["env.yaml".to_owned()],
            custom: BTreeMap::from([(lock::MEANING.to_owned(), "0123456789abcdef".to_owned())]),
        },
        packages: PLATFORMS
            .iter()
            .flat_map(|platform| {
                [
                    package(platform, "zlib", "1.3.1", Some("hb9d3cd8_2")),
                    package(platform, "requests", "2.32.3", None),
                ]
            })
            .collect(),
    }
}

/// What the program says on both streams, and whether it was content.
fn conda_lock(program: &Path, folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn the_real_conda_lock_reads_what_is_written() {
    let Some(program) = std::env::var_os("MMDEV_CONDA_LOCK").map(PathBuf::from) else {
        println!("MMDEV_CONDA_LOCK is not set: no conda-lock read the locks");
        return;
    };
    let folder = std::env::temp_dir().join(format!("mmdev-conda-lock-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let lock = locked();
    let text = lock::write(&lock);
    write("env.yaml", SPEC);
    write("conda-lock.yml", &text);
    let (layout, _) = lock::layout(None, &lock, &["linux-64"], &lock::Facts::default(), 10);
    write("base-lock.yml", &layout.base_lock("conda-lock.yml"));
    let requested = BTreeMap::from([("linux-64".to_owned(), vec!["zlib=1.3".to_owned()])]);
    let delta = layout.delta_lock("conda-lock.yml", &requested);
    assert!(Layout::read(&layout.base_lock("conda-lock.yml"), &delta).is_some());
    write("delta-lock.yml", &delta);

    for (name, expected) in [
        (
            "conda-lock.yml",
            "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda#c9f075ab2f33b3bbee9e62d4ad0a6cd8\n# pip requests @ https://files.pythonhosted.org/packages/requests-2.32.3-py3-none-any.whl",
        ),
        (
            "base-lock.yml",
            "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda",
        ),
        ("delta-lock.yml", "@EXPLICIT\n"),
    ] {
        let arguments = ["render", "-k", "explicit", "-p", "linux-64", name];
        let (is_content, said) = conda_lock(&program, &folder, &arguments);
        assert!(is_content, "{name}: {said}");
        let rendered = fs::read_to_string(folder.join("conda-linux-64.lock")).unwrap();
        assert!(rendered.contains(expected), "{name}: {rendered}");
    }

    // Its own check: nothing has to be solved. Nothing could be: this conda is none, and the names of PyPI's packages
    // would come from the net.
    write("names.json", "{}");
    let check = |spec: &str| {
        write("env.yaml", spec);
        let mut arguments = vec![
            "lock",
            "--check-input-hash",
            "--conda",
            "true",
            "-f",
            "env.yaml",
        ];
        arguments.extend(["--lockfile", "conda-lock.yml"]);
        arguments.extend(["--pypi_to_conda_lookup_file", "names.json"]);
        arguments.extend(PLATFORMS.iter().flat_map(|platform| ["-p", platform]));
        conda_lock(&program, &folder, &arguments)
    };
    let (is_content, said) = check(SPEC);
    assert!(is_content && said.contains("Skipping solve"), "{said}");
    let kept = fs::read_to_string(folder.join("conda-lock.yml")).unwrap();
    assert_eq!(kept, text);
    let (is_content, said) = check(&SPEC.replace("zlib=1.3", "zlib=1.4"));
    assert!(!is_content && !said.contains("Skipping solve"), "{said}");
    fs::remove_dir_all(&folder).unwrap();
}
