//! Tests against the hashes that conda-lock 4.0.3 itself computed (`compute_content_hashes` of `make_lock_spec`).

use super::*;

const PLAIN: &str = r#"name: x
channels:
  - conda-forge
dependencies:
  - python=3.12
  - numpy >=1.26,<3
  - pandas==2.2.*
  - blas=*=openblas
  - zlib 1.3.1 hb9d3cd8_2
  - scipy=1.11|1.13.*
  - "tk[version='>=8.6', build=h*]"
  - numpy
"#;

const CHANNELS: &str = r#"channels:
  - https://user:$PASS@host.example/t/$TOKEN/private
  - pytorch/label/nightly
  - nodefaults
category: dév
dependencies:
  - conda-forge::Zlib
  - https://conda.anaconda.org/bioconda::samtools=1.2
  - pkgs/main::openssl >=3=h1
platforms: [linux-64, osx-64]
"#;

const SELECTORS: &str = r#"channels: [conda-forge]
dependencies:
  - a  # [linux]
  - b  # [osx]
  - c  # [win]
  - d  # [aarch64]
  - e  # see [issue](https://x)
  - sel(win):
    - f
"#;

const PIP: &str = r#"channels: [conda-forge, defaults]
pip-repositories:
  - https://$USER:$PASS@pypi.example/simple
dependencies:
  - pip=24
  - pip:
      - Foo_Bar[b,a] >= 1.0, <2 ; sys_platform == 'linux'
      - tool ; sys_platform == "win32" or (os_name == 'nt' and python_version < '3.9')
      - old ; python_version < "3.0"
      - hashed==1.0 --hash=sha256:abcd
      - git+https://github.com/x/y.git@v1#subdirectory=src
      - "z @ https://host/z-1.tar.gz#sha256=00"
      - -e .
      - pin===1.0
"#;

const TWO: &str = r#"channels: [defaults]
pip-repositories: ["https://$USER:$PASS@pypi.example/simple"]
dependencies: [pip=25, zlib]
category: dev
"#;

const HASHES: &[(&str, &str, &str)] = &[
    (
        PLAIN,
        "linux-64",
        "5702d653eb218d822695ab9b42e506bed3d23cce4c11cc414e3e4c45d3893882",
    ),
    (
        PLAIN,
        "linux-aarch64",
        "46a72ca25e75971398deda86e79727f18290e2df1fc7f124bdff30598440f946",
    ),
    (
        PLAIN,
        "osx-64",
        "1dd37d39aa861b26b2f4621d6df256cb29bcbefbd787064e54dd4c7b52dd7af8",
    ),
    (
        PLAIN,
        "win-64",
        "af5b15bbd6c2291c1ea9dc72c11895644bfe5b4083508a1d4386992044de7855",
    ),
    (
        CHANNELS,
        "linux-64",
        "8e806484213257d6b79065391f3a7a844dfd69fa57aadb6b9acdb120b70ec686",
    ),
    (
        CHANNELS,
        "linux-aarch64",
        "ab6a75fd92428e4fab616b04fe504bb1fbcc712d9a357b0b63aa530076ee2990",
    ),
    (
        CHANNELS,
        "osx-64",
        "4ebf82f5b1e886aa9cfab1d1a335195b4f4c4b28b3e38e77eaeffcb4c85dadaf",
    ),
    (
        CHANNELS,
        "win-64",
        "a9e9801e1c90625c14fe57f9b418066ac916eca4f42843a42a4eb7fa22448862",
    ),
    (
        SELECTORS,
        "linux-64",
        "9abb96c3074ea6c8ae8e8d80c471bb0dc50f198ae4f4701fe216bc0f1f1dec00",
    ),
    (
        SELECTORS,
        "linux-aarch64",
        "4322679bd63e83bad85cd790a04d8415fb4410d8fe5e15a552cee96b02d3dfa5",
    ),
    (
        SELECTORS,
        "osx-64",
        "0a1bd6a1c8a978f5111978ba73c9fbf10499d0799b65aad4defdbc80f4917a25",
    ),
    (
        SELECTORS,
        "win-64",
        "5769dcddabb333f72dffffc33e613f7274de006f689920cbfedde69e194b27d7",
    ),
    (
        PIP,
        "linux-64",
        "6cb20183d6a4b986b6769cc51356e4acf5f84fa094eff21fa62c9a5ec92f6ef7",
    ),
    (
        PIP,
        "linux-aarch64",
        "7eadcababb32a54ca4ed5b58c1dc8af58c9320fe0ffaf2bf0ecda43e2fa59409",
    ),
    (
        PIP,
        "osx-64",
        "707c89f5d0b44103812dd1dae1e50b51f1861c9712f905995412e1f6ee9e6156",
    ),
    (
        PIP,
        "win-64",
        "e6b764ff21cbb6be85d8aecee0aecb9c5628293161faba8446af9536071e193e",
    ),
    (
        PLAIN,
        "linux-riscv64",
        "c9c21761e1a8f3db56764324cf0e3db4c688c8fa2ee25c3c83a1e2e490e7582f",
    ),
];

#[test]
fn hashes_are_those_of_conda_lock() {
    for (spec, platform, expected) in HASHES {
        let packages = default_virtual_packages(platform);
        let found = content_hash(&[spec], platform, &packages);
        assert_eq!(
            found.as_deref(),
            Some(*expected),
            "{platform} {spec}\n{}",
            content(&[spec], platform, &packages).map_or(String::new(), |it| python_json(&it))
        );
    }
}

#[test]
fn several_files_are_one_spec() {
    let packages = default_virtual_packages("linux-64");
    assert_eq!(
        content_hash(&[PIP, TWO], "linux-64", &packages).as_deref(),
        Some("05b67792b0124e9889f5a98f1e28e1734b6b3e148897b602099f67b1ae2a432d")
    );
    // Neither list of channels is the end of the other.
    assert_eq!(content_hash(&[PIP, CHANNELS], "linux-64", &packages), None);
}

#[test]
fn virtual_packages_count() {
    // `conda-lock --without-cuda`
    let mut packages = default_virtual_packages("linux-64");
    packages.retain(|package| package.name != "__cuda");
    assert_eq!(
        content_hash(&[PLAIN], "linux-64", &packages).as_deref(),
        Some("79ed1d733d2eef6b62f9fbb6d9add14197fd3928c3146b61d2eacdf7b8c990a8")
    );
}

#[test]
fn what_conda_lock_does_not_read_has_no_hash() {
    let cases = [
        "",
        "channels: [a]\n",
        "dependencies: [a\n",
        "dependencies: [3]\n",
        "dependencies: [a==]\n",
        "dependencies: [pip: [-r x.txt]]\n",
        "dependencies: [pip: [./x]]\n",
        "dependencies: [pip: ['x @ file:///x']]\n",
        "dependencies: ['https://host/channel::x']\n",
        "channels: [nodefaults, nodefaults]\ndependencies: [a]\n",
    ];
    for text in cases {
        let found = content_hash(&[text], "linux-64", &[]);
        assert_eq!(found, None, "{text:?}");
    }
    let selector = "dependencies:\n- a # [linux]\n";
    assert_eq!(content_hash(&[selector], "linux-riscv64", &[]), None);
}
