//! What is said of specs before a small index.

use expect_test::{Expect, expect};

use super::*;
use crate::diagnostic::{Applicability, Severity};
use crate::index::PackageIndex;
use crate::lint::Selection;
use crate::lint::testing::{self, Files};
use crate::spec;
use crate::text;

/// Name, version, build, build number, channel and subdir of each file, newest first.
const FILES: &str = "\
black 24.10.0 py312h7900ff3_0 0 conda-forge linux-64
blas 2.126 openblas 26 conda-forge linux-64
blas 2.126 mkl 26 conda-forge linux-64
blas 1.1 openblas 1 conda-forge linux-64
bcftools 1.21 h8b25389_0 0 bioconda linux-64
numpy 2.3.4 py314h2b28147_0 0 conda-forge linux-64
numpy 2.3.4 py313hf6604e3_0 0 conda-forge linux-64
numpy 2.3.4 py312h33ff503_0 0 conda-forge linux-64
numpy 1.26.4 py312heda63a1_0 0 conda-forge linux-64
numpy 1.26.4 py39h474f0d3_0 0 conda-forge linux-64
numpy 1.26.0 py39h474f0d3_0 0 conda-forge linux-64
numpy 1.19.5 py39hd249d9e_3 3 conda-forge linux-64
odd not!a!version 0 0 conda-forge linux-64
python 3.14.0 h32b2ec7_102_cp314 102 conda-forge linux-64
python 3.13.9 hc97d973_101_cp313 101 conda-forge linux-64
python 3.9.18 h0755675_1_cpython 1 conda-forge linux-64
pywin32 311 py313h5ea7bf4_0 0 conda-forge win-64
pytorch 2.8.0 cpu_mkl_py313_0 0 conda-forge linux-64
requests 2.32.5 pyhd8ed1ab_0 0 conda-forge noarch
samtools 1.22 h96c455f_0 0 bioconda linux-64
samtools 0.1.19 2 2 conda-forge linux-64
sdl2 2.32 h54a6638_0 0 conda-forge linux-64
vs2015_runtime 14.44 h38c0c73_26 26 conda-forge win-64
";

fn files() -> Files {
    Files::new(&["linux-64"], FILES)
}

/// Each finding of these rules: the code, how bad it is where that is no error, the text it is about, the message, the
/// hint, and the lines that the fix changes.
fn render(text: &str, around: &Surroundings, index: &dyn PackageIndex) -> String {
    let found = |text: &str| {
        let mut found = testing::found_before(text, around, Some(index));
        found.retain(|diagnostic| diagnostic.code.0.starts_with("MM7"));
        found
    };
    let mut result = String::new();
    let all = found(text);
    for diagnostic in &all {
        let about = &text[diagnostic.span.range()];
        let severity = match diagnostic.severity {
            Severity::Error => String::new(),
            other => format!(" {other:?}:"),
        };
        let Diagnostic { code, message, .. } = diagnostic;
        result += &format!("{code}{severity} `{about}` {message}\n");
        if let Some(hint) = &diagnostic.hint {
            result += &format!("  hint: {hint}\n");
        }
        if let Some(fix) = &diagnostic.fix {
            assert_eq!(fix.applicability, Applicability::Unsafe);
            let fixed = text::apply(text, &fix.edits);
            let changed = fixed
                .lines()
                .zip(text.lines())
                .find(|(new, old)| new != old);
            result += &format!("  {}: {}\n", fix.title, changed.unwrap().0.trim());
            assert!(found(&fixed).len() < all.len(), "{fixed}");
        }
    }
    result
}

fn spec(text: &str) -> EnvSpec {
    spec::read("environment.yml", text).spec
}

#[track_caller]
fn check(dependencies: &[&str], expected: Expect) {
    check_before(&files(), dependencies, expected);
}

#[track_caller]
fn check_before(index: &Files, dependencies: &[&str], expected: Expect) {
    let mut text = "channels: [conda-forge]\ndependencies:\n".to_owned();
    for dependency in dependencies {
        text += &format!("  - {dependency}\n");
    }
    expected.assert_eq(&render(&text, &Surroundings::default(), index));
}

#[track_caller]
fn check_with(around: &Surroundings, index: &Files, text: &str, expected: Expect) {
    expected.assert_eq(&render(text, around, index));
}

#[test]
fn what_the_channels_have_is_right() {
    check(
        &[
            "numpy",
            "NumPy",
            "numpy >=1.19,<2",
            "numpy=1.26.4=py312heda63a1_0",
            "numpy=1.26.*=py39*",
            "numpy=1.26.4=*_0",
            "numpy 1.19.5 py39hd249d9e_3",
            "numpy[build_number='>=3']",
            "numpy[version='>=2',build_number=0]",
            "conda-forge::numpy",
            "https://conda.anaconda.org/conda-forge::numpy",
            "requests=2.32",
            "'python=3.9'",
            "python",
            "blas=*=openblas",
            "odd=7",
        ],
        expect![""],
    );
}

#[test]
fn what_nobody_knows_is_not_judged() {
    check(
        &[
            "secret=99",
            "__cuda >=12",
            "numpy[md5=00000000000000000000000000000000]",
            "numpy=99[md5=00000000000000000000000000000000]",
            "numpy=99=^py.*$",
            "conda-forge/osx-64::nothing",
            "nobody::numpy",
            "https://conda.anaconda.org/conda-forge/linux-64/nothing-1-0.conda",
            "=nonsense=",
        ],
        expect![""],
    );
}

#[test]
fn unknown_packages() {
    check(
        &[
            "nunpy",
            "nunpy>=1.19",
            "torch",
            "'nunpy >=1.19'  # with a comment",
            "\"nun\\x70y\"",
            "zzz-not-there",
            "conda-forge::nunpy",
            "conda-forge::bcftools",
        ],
        expect![[r#"
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - numpy
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - numpy>=1.19
            MM701 `torch` no channel of this spec has a package `torch` for linux-64
              hint: Did you mean `pytorch`?
              Replace `torch` by `pytorch`: - pytorch
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - 'numpy >=1.19'  # with a comment
            MM701 `"nun\x70y"` no channel of this spec has a package `nunpy` for linux-64
              hint: Did you mean `numpy`?
            MM701 `zzz-not-there` no channel of this spec has a package `zzz-not-there` for linux-64
              hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
            MM701 `nunpy` the channel `conda-forge` has no package `nunpy` for linux-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - conda-forge::numpy
            MM701 `bcftools` the channel `conda-forge` has no package `bcftools` for linux-64
              hint: The channel `bioconda` has it
        "#]],
    );
}

#[test]
fn pins_that_nothing_fits() {
    check(
        &[
            "python=3.15",
            "python==3.9.99",
            "python>=3.15",
            "python 3.15.*",
            "python <3",
            "python >=3.10,<3.13",
            "python=3.9.18=0_madeup",
            "python 3.9.18 0_madeup",
            "numpy=2.3.4=py39_0",
            "numpy=1.26=py310*",
            "numpy=1.99=py39_0",
            "numpy[build_number=7]",
            "numpy[version='==1.18']",
            "'numpy==1.26.9'",
            "numpy~=1.99.0",
            "blas=*=netlib",
            "requests=99",
            "numpy=>9",
        ],
        expect![[r#"
            MM702 `=3.15` no version of `python` fits `=3.15`
              hint: The newest is `3.14.0`
              Write `python=3.14`: - python=3.14
            MM702 `==3.9.99` no version of `python` fits `==3.9.99`
              hint: Near it: `3.9.18` and `3.13.9`; the newest is `3.14.0`
              Write `python==3.9.18`: - python==3.9.18
            MM702 `>=3.15` no version of `python` fits `>=3.15`
              hint: The newest is `3.14.0`
              Write `python>=3.14`: - python>=3.14
            MM702 `3.15.*` no version of `python` fits `3.15.*`
              hint: The newest is `3.14.0`
              Write `python 3.14.*`: - python 3.14.*
            MM702 `<3` no version of `python` fits `<3`
              hint: Near it: `3.9.18`; the newest is `3.14.0`
            MM702 `>=3.10,<3.13` no version of `python` fits `>=3.10,<3.13`
              hint: Near it: `3.9.18` and `3.13.9`; the newest is `3.14.0`
            MM702 `=3.9.18=0_madeup` no build of `python` fits `=3.9.18=0_madeup`
              hint: Version `3.9.18` has the build `h0755675_1_cpython`
              Write `python=3.9.18`: - python=3.9.18
            MM702 `3.9.18 0_madeup` no build of `python` fits `3.9.18 0_madeup`
              hint: Version `3.9.18` has the build `h0755675_1_cpython`
              Write `python 3.9.18`: - python 3.9.18
            MM702 `=2.3.4=py39_0` no build of `numpy` fits `=2.3.4=py39_0`
              hint: Version `2.3.4` has the builds `py314h2b28147_0`, `py313hf6604e3_0` and 1 more
              Write `numpy=2.3.4`: - numpy=2.3.4
            MM702 `=1.26=py310*` no build of `numpy` fits `=1.26=py310*`
              hint: Version `1.26.0` has the build `py39h474f0d3_0`
              Write `numpy=1.26`: - numpy=1.26
            MM702 `=1.99=py39_0` no version of `numpy` fits `=1.99=py39_0`
              hint: Near it: `1.26.4`; the newest is `2.3.4`
            MM702 `build_number=7` no build of `numpy` fits `build_number=7`
              hint: Version `2.3.4` has the builds `py314h2b28147_0`, `py313hf6604e3_0` and 1 more
            MM702 `==1.18` no version of `numpy` fits `==1.18`
              hint: Near it: `1.19.5`; the newest is `2.3.4`
              Write `numpy[version='==1.19.5']`: - numpy[version='==1.19.5']
            MM702 `==1.26.9` no version of `numpy` fits `==1.26.9`
              hint: Near it: `1.26.4`; the newest is `2.3.4`
              Write `numpy==1.26.4`: - 'numpy==1.26.4'
            MM702 `~=1.99.0` no version of `numpy` fits `~=1.99.0`
              hint: Near it: `1.26.4`; the newest is `2.3.4`
              Write `numpy~=1.26.4`: - numpy~=1.26.4
            MM702 `=*=netlib` no build of `blas` fits `=*=netlib`
              hint: Version `2.126` has the builds `openblas` and `mkl`
              Write `blas=*`: - blas=*
            MM702 `=99` no version of `requests` fits `=99`
              hint: The newest is `2.32.5`
              Write `requests=2`: - requests=2
        "#]],
    );
}

#[test]
fn selectors_and_platforms() {
    check_before(
        &Files::new(&["linux-64", "win-64"], FILES),
        &[
            // Only Windows has it, and only Windows gets it.
            "sel(win): vs2015_runtime",
            "vs2015_runtime  # [win]",
            // Linux gets it, and only Windows has it: some platform of the spec has the package.
            "vs2015_runtime  # [linux]",
            // No platform of the index is a Mac.
            "sel(osx): nothing-for-macs",
            "nothing-for-macs  # [osx]",
            "sel(linux): nunpy",
            "reqests  # [win]",
            // Windows has no such version.
            "sel(win): vs2015_runtime=99",
            "vs2015_runtime=99  # [linux]",
            // Packages without a platform are for all.
            "requests=99  # [win]",
        ],
        expect![[r#"
            MM703 `vs2015_runtime` no channel of this spec has a package `vs2015_runtime` for linux-64
              hint: It is there for win-64 alone: name no other in `platforms:`, or take another package
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - sel(linux): numpy
            MM701 `reqests` no channel of this spec has a package `reqests` for linux-64 or win-64
              hint: Did you mean `requests`?
              Replace `reqests` by `requests`: - requests  # [win]
            MM702 `=99` no version of `vs2015_runtime` fits `=99`
              hint: The newest is `14.44`
              Write `vs2015_runtime=14`: - sel(win): vs2015_runtime=14
            MM703 `vs2015_runtime` no channel of this spec has a package `vs2015_runtime` for linux-64
              hint: It is there for win-64 alone: name no other in `platforms:`, or take another package
            MM702 `=99` no version of `requests` fits `=99`
              hint: The newest is `2.32.5`
              Write `requests=2`: - requests=2  # [win]
        "#]],
    );
    let without_platforms = Files::new(&[], FILES);
    let text = "dependencies:\n  - nunpy  # [win]\n  - nunpy\n";
    expect![[r#"
        MM701 `nunpy` no channel of this spec has a package `nunpy`
          hint: Did you mean `numpy`?
          Replace `nunpy` by `numpy`: - numpy
    "#]]
    .assert_eq(&render(text, &Surroundings::default(), &without_platforms));
}

const LINUX: [&str; 2] = ["linux-64", "linux-aarch64"];

/// Of packages for two platforms.
const TWO: &str = "\
numpy 2.3.4 py314_0 0 conda-forge linux-64
numpy 2.3.4 py314_1 1 conda-forge linux-aarch64
numpy 2.2.0 py313_0 0 conda-forge linux-64
numpy 1.26.4 py312_0 0 conda-forge linux-64
numpy 1.26.0 py312_0 0 conda-forge linux-64
numpy 1.26.0 py312_1 1 conda-forge linux-aarch64
mkl 2025.2 0 0 conda-forge linux-64
requests 2.32.5 pyhd8ed1ab_0 0 conda-forge noarch
winonly 1.0 0 0 conda-forge win-64
";

#[test]
fn platforms_that_do_not_have_it() {
    let text = "\
platforms: [linux-64, linux-aarch64]
dependencies:
  - numpy
  - numpy =1.26.0
  - numpy >=1.26.1,<2
  - numpy=1.26.4
  - 'numpy==2.2.0'  # why
  - numpy=2.3.4=py314_0
  - numpy=2.3.4=py314*
  - requests=2.32
  - mkl
  - mkl=2025
  - sel(linux): mkl
  - mkl  # [x86_64]
  - mkl  # [aarch64]
  - conda-forge::mkl
  - numpy=1.26.4  # [aarch64]
  - numpy=1.26.4  # [x86_64]
";
    let index = Files::new(&LINUX, TWO);
    check_with(
        &Surroundings::default(),
        &index,
        text,
        expect![[r#"
            MM703 Warning: `>=1.26.1,<2` nothing of `numpy` fits `>=1.26.1,<2` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
            MM703 Warning: `=1.26.4` nothing of `numpy` fits `=1.26.4` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
              Write `numpy=1.26.0`: - numpy=1.26.0
            MM703 Warning: `==2.2.0` nothing of `numpy` fits `==2.2.0` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
              Write `numpy==2.3.4`: - 'numpy==2.3.4'  # why
            MM703 Warning: `=2.3.4=py314_0` nothing of `numpy` fits `=2.3.4=py314_0` for linux-aarch64
              hint: On linux-aarch64: version `2.3.4` has the build `py314_1`
              Write `numpy=2.3.4`: - numpy=2.3.4
            MM703 Warning: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 Warning: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 Warning: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 Warning: `mkl` the channel `conda-forge` has no package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 `=1.26.4` nothing of `numpy` fits `=1.26.4` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
              Write `numpy=1.26.0`: - numpy=1.26.0  # [aarch64]
        "#]],
    );
    // Nobody said that it is to be for both: the build string of one is no mistake.
    let unsaid = text.split_once('\n').unwrap().1;
    check_with(
        &Surroundings::default(),
        &index,
        unsaid,
        expect![[r#"
            MM703 Information: `>=1.26.1,<2` nothing of `numpy` fits `>=1.26.1,<2` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
            MM703 Information: `=1.26.4` nothing of `numpy` fits `=1.26.4` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
              Write `numpy=1.26.0`: - numpy=1.26.0
            MM703 Information: `==2.2.0` nothing of `numpy` fits `==2.2.0` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
              Write `numpy==2.3.4`: - 'numpy==2.3.4'  # why
            MM703 Information: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 Information: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 Information: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 Information: `mkl` the channel `conda-forge` has no package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
            MM703 `=1.26.4` nothing of `numpy` fits `=1.26.4` for linux-aarch64
              hint: On linux-aarch64: near it: `1.26.0`; the newest is `2.3.4`
              Write `numpy=1.26.0`: - numpy=1.26.0  # [aarch64]
        "#]],
    );
    let around = Surroundings {
        platforms: LINUX.map(str::to_owned).into(),
        ..Surroundings::default()
    };
    let text = "dependencies: [mkl]\n";
    check_with(
        &around,
        &index,
        text,
        expect![[r#"
            MM703 Warning: `mkl` no channel of this spec has a package `mkl` for linux-aarch64
              hint: It is there for linux-64 alone: name no other in `platforms:`, or take another package
        "#]],
    );
}

#[test]
fn files_that_were_taken_back() {
    let index = Files::new(
        &["linux-64"],
        "
        removed numpy 2.3.5 py314_0 0 conda-forge linux-64
        numpy 2.3.4 py314_0 0 conda-forge linux-64
        numpy 2.3.4 py313_0 0 conda-forge linux-64
        removed numpy 2.3.4 py312_0 0 conda-forge linux-64
        removed gone 1.0 0 0 conda-forge linux-64
        removed other 1.0 0 0 elsewhere linux-64
        other 2.0 0 0 conda-forge linux-64
        samtools 1.22 0 0 bioconda linux-64
        tensorflow 2.1.0 0 0 conda-forge linux-64
        tensorflow 2.0.0 0 0 conda-forge/label/broken linux-64
        tensorflow 1.14.0 py37_0 0 conda-forge/label/broken linux-64
        tensorflow 1.14.0 py36_0 0 conda-forge linux-64
        lost 1.0 0 0 conda-forge/label/broken linux-64
        ",
    );
    let text = "\
channels: [conda-forge, conda-forge/label/broken]
dependencies:
  - numpy=2.3.5
  - numpy=2.3.4=py312_0
  - numpy[version='2.3.5',build_number=0]
  - numpy=2.3
  - gone
  - conda-forge::gone=1
  - elsewhere::other
  - other=1
  - bioconda::samtools
  - samtools
  - tensorflow=2.0
  - tensorflow=1.14.0=py37_0
  - tensorflow=1.14.0
  - tensorflow
  - lost
";
    check_with(
        &Surroundings::default(),
        &index,
        text,
        expect![[r#"
            MM704 `=2.3.5` the channel `conda-forge` has taken back what fits `=2.3.5` of `numpy`
              hint: The newest is `2.3.4`
              Write `numpy=2.3.4`: - numpy=2.3.4
            MM704 `=2.3.4=py312_0` the channel `conda-forge` has taken back what fits `=2.3.4=py312_0` of `numpy`
              hint: Version `2.3.4` has the builds `py314_0` and `py313_0`
              Write `numpy=2.3.4`: - numpy=2.3.4
            MM702 `2.3.5',build_number=0` no version of `numpy` fits `2.3.5',build_number=0`
              hint: The newest is `2.3.4`
              Write `numpy[version='2.3.4',build_number=0]`: - numpy[version='2.3.4',build_number=0]
            MM704 `gone` the channel `conda-forge` has taken back every file of `gone`
              hint: No tool installs what a channel has taken back: take another package
            MM704 `gone` the channel `conda-forge` has taken back every file of `gone`
              hint: No tool installs what a channel has taken back: take another package
            MM702 `=1` no version of `other` fits `=1`
              hint: The newest is `2.0`
              Write `other=2`: - other=2
            MM701 `samtools` no channel of this spec has a package `samtools` for linux-64
              hint: The channel `bioconda` has it
            MM704 Warning: `=2.0` only the channel `conda-forge/label/broken` has what fits `=2.0` of `tensorflow`, and it is called broken there
              hint: Near it: `1.14.0`; the newest is `2.1.0`
              Write `tensorflow=2.1`: - tensorflow=2.1
            MM704 Warning: `=1.14.0=py37_0` only the channel `conda-forge/label/broken` has what fits `=1.14.0=py37_0` of `tensorflow`, and it is called broken there
              hint: Version `1.14.0` has the build `py36_0`
              Write `tensorflow=1.14.0`: - tensorflow=1.14.0
            MM704 Warning: `lost` only the channel `conda-forge/label/broken` has `lost`, and it is called broken there
              hint: Take another package
        "#]],
    );
}

#[test]
fn newer_versions() {
    let around = Surroundings {
        selection: Selection::new(&["MM705".to_owned()], &[]).unwrap(),
        ..Surroundings::default()
    };
    let index = Files::new(
        &LINUX,
        "
        new 4.0.0rc1 0 0 conda-forge noarch
        new 3.0.0.dev2 0 0 conda-forge noarch
        new 2.1.0 0 0 conda-forge linux-64
        new 2.0.0 0 0 conda-forge noarch
        new 1.26.4 0 0 conda-forge noarch
        new 1.25.0 0 0 conda-forge noarch
        openssl 3.0.0b1 0 0 conda-forge noarch
        openssl 1.1.1w 0 0 conda-forge noarch
        openssl 1.1.1b 0 0 conda-forge noarch
        ",
    );
    let text = "\
dependencies:
  - new
  - new=2
  - new>=1.25
  - new=2.1.0  # [x86_64]
  - new=4.0.0rc1
  - new=3.0.0.dev2
  - new=2.0.0=0
  - new[build_number=0]
  - new==1.26.4
  - new=1.26
  - new=1.25  # and why
  - new 1.26.*
  - new >=1.25,<2
  - new<2
  - new[version='~=1.25']
  - new=1.26  # [x86_64]
  - openssl=1.1.1b
";
    check_with(
        &around,
        &index,
        text,
        expect![[r#"
        MM705 Information: `==1.26.4` `new` has version `2.0.0`, which `==1.26.4` keeps out
          Write `new==2.0.0`: - new==2.0.0
        MM705 Information: `=1.26` `new` has version `2.0.0`, which `=1.26` keeps out
          Write `new=2.0`: - new=2.0
        MM705 Information: `=1.25` `new` has version `2.0.0`, which `=1.25` keeps out
          Write `new=2.0`: - new=2.0  # and why
        MM705 Information: `1.26.*` `new` has version `2.0.0`, which `1.26.*` keeps out
          Write `new 2.0.*`: - new 2.0.*
        MM705 Information: `>=1.25,<2` `new` has version `2.0.0`, which `>=1.25,<2` keeps out
        MM705 Information: `<2` `new` has version `2.0.0`, which `<2` keeps out
        MM705 Information: `~=1.25` `new` has version `2.0.0`, which `~=1.25` keeps out
          Write `new[version='~=2.0']`: - new[version='~=2.0']
        MM705 Information: `=1.26` `new` has version `2.1.0`, which `=1.26` keeps out
          Write `new=2.1`: - new=2.1  # [x86_64]
        MM705 Information: `=1.1.1b` `openssl` has version `1.1.1w`, which `=1.1.1b` keeps out
          Write `openssl=1.1.1w`: - openssl=1.1.1w
    "#]],
    );
}

#[test]
fn pip_packages_that_channels_have() {
    let names = [
        ("torch", "pytorch"),
        ("pyyaml", "pyyaml"),
        ("requests", "requests"),
        ("scikit-learn", "scikit-learn"),
        ("docker", "docker-py"),
        ("mkl", "mkl"),
        ("pandas", "pandas"),
        ("secret", "secret"),
    ];
    let around = Surroundings {
        conda_names: testing::conda_names(&names),
        ..Surroundings::default()
    };
    let index = Files::new(
        &LINUX,
        "
        docker 20.10 0 0 conda-forge noarch
        docker-py 7.1.0 0 0 conda-forge noarch
        graphviz 12 0 0 conda-forge noarch
        mkl 2025.2 0 0 conda-forge linux-64
        multiqc 1.30 0 0 bioconda noarch
        onlyhere 1 0 0 nvidia noarch
        pandas 2.3.0 0 0 conda-forge noarch
        pytorch 2.8.0 0 0 conda-forge noarch
        pyyaml 6.0.2 0 0 conda-forge noarch
        requests 2.32.5 0 0 conda-forge noarch
        scikit-learn 1.7.0 0 0 conda-forge noarch
        ",
    );
    let text = "\
channels: [conda-forge, bioconda]
dependencies:
  - nvidia::onlyhere
  - pandas
  - pip  # below
  # from PyPI
  - pip:
    - torch
    - PyYAML==6.0.2  # why
    - 'scikit_learn>=1.5'
    - requests >= 2, < 3
    - requests[socks]
    - requests; python_version < '3.9'
    - requests @ https://example.com/requests.zip
    - requests==1.0
    - docker
    - graphviz
    - multiqc
    - onlyhere
    - mkl
    - mkl  # [x86_64]
    - pandas
    - secret
    - ./here
";
    check_with(
        &around,
        &index,
        text,
        expect![[r#"
            MM701 `pip` no channel of this spec has a package `pip` for linux-64 or linux-aarch64
              hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
            MM706 Information: `torch` the channel `conda-forge` has `torch` as the conda package `pytorch`
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
              Move it to `dependencies:` as `pytorch`: - pytorch
            MM706 Information: `PyYAML==6.0.2` the channel `conda-forge` has `pyyaml` as a conda package
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
              Move it to `dependencies:` as `pyyaml==6.0.2`: - pyyaml==6.0.2  # why
            MM706 Information: `'scikit_learn>=1.5'` the channel `conda-forge` has `scikit_learn` as the conda package `scikit-learn`
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
              Move it to `dependencies:` as `scikit-learn>=1.5`: - scikit-learn>=1.5
            MM706 Information: `requests >= 2, < 3` the channel `conda-forge` has `requests` as a conda package
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
            MM706 Information: `docker` the channel `conda-forge` has `docker` as the conda package `docker-py`
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
              Move it to `dependencies:` as `docker-py`: - docker-py
            MM706 Information: `multiqc` the channel `bioconda` has `multiqc` as a conda package
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
              Move it to `dependencies:` as `multiqc`: - multiqc
            MM706 Information: `mkl` the channel `conda-forge` has `mkl` as a conda package
              hint: Move it to `dependencies:`: conda then knows what it needs, and nothing is installed twice
              Move it to `dependencies:` as `mkl`: - mkl  # [x86_64]
        "#]],
    );
    // Without the mapping nobody can tell.
    check_with(
        &Surroundings::default(),
        &index,
        text,
        expect![[r#"
        MM701 `pip` no channel of this spec has a package `pip` for linux-64 or linux-aarch64
          hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
    "#]],
    );
    // An export is left as it is.
    let export = text.replace("- pandas\n", "- pandas=2.3.0=0\n");
    check_with(
        &around,
        &index,
        &export,
        expect![[r#"
        MM701 `pip` no channel of this spec has a package `pip` for linux-64 or linux-aarch64
          hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
    "#]],
    );
    let other_index = text.replace(
        "- torch",
        "- --extra-index-url https://example.com\n    - torch",
    );
    check_with(
        &around,
        &index,
        &other_index,
        expect![[r#"
        MM701 `pip` no channel of this spec has a package `pip` for linux-64 or linux-aarch64
          hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
    "#]],
    );
    for (before, expected) in [
        (
            "dependencies:\n- pip\n- pip:\n  - torch\n",
            expect![[r#""dependencies:\n- pip\n- pytorch\n""#]],
        ),
        (
            "dependencies:\r\n  - pip\r\n  - pip:\r\n      - torch # a\r\n      - x\r\nname: a\r\n",
            expect![[
                r#""dependencies:\r\n  - pip\r\n  - pytorch # a\r\n  - pip:\r\n      - x\r\nname: a\r\n""#
            ]],
        ),
        (
            "dependencies:\n- pip\n- pip:\n  - x\n  - torch",
            expect![[r#""dependencies:\n- pip\n- pytorch\n- pip:\n  - x\n""#]],
        ),
        (
            "dependencies:\n- pip\n- pip:\n  - torch",
            expect![[r#""dependencies:\n- pip\n- pytorch\n""#]],
        ),
        // A comment would be lost, an entry shares its line, or nothing stands above.
        (
            "dependencies:\n- pip\n- pip:  # a\n  - torch\n",
            expect![[r#""no fix""#]],
        ),
        (
            "dependencies: [pip, pip: [torch, x]]\n",
            expect![[r#""no fix""#]],
        ),
        (
            "dependencies:\n- pip\n- pip: [torch, x]\n",
            expect![[r#""no fix""#]],
        ),
        (
            "dependencies:\n- pip:\n  - torch\n  - x\n",
            expect![[r#""no fix""#]],
        ),
        (
            "dependencies:\n- {sel(linux): a}\n- pip:\n  - torch\n  - x\n",
            expect![[r#""no fix""#]],
        ),
    ] {
        let found = testing::found_before(before, &around, Some(&index));
        let fix = found
            .iter()
            .find(|found| found.code == PIP_HAS_CONDA_PACKAGE);
        let after = match &fix.unwrap().fix {
            Some(fix) => text::apply(before, &fix.edits),
            None => "no fix".to_owned(),
        };
        expected.assert_eq(&format!("{after:?}"));
    }
}

#[test]
fn specs_that_are_merged_share_their_channels() {
    let around = Surroundings {
        merged_with: vec![("base.yaml".to_owned(), spec("channels: [bioconda]\n"))],
        ..Surroundings::default()
    };
    let text = "dependencies: [bcftools]\n";
    assert_eq!(scope(&spec(text), &around).channels, ["bioconda"]);
    assert_eq!(render(text, &around, &files()), "");
    let text = "channels: [conda-forge]\ndependencies: [bcftools, bioconda::samtools]\n";
    let channels = scope(&spec(text), &around).channels;
    assert_eq!(channels, ["conda-forge", "bioconda"]);
    assert_eq!(render(text, &around, &files()), "");
}

#[test]
fn channels_of_single_entries() {
    let text = "\
channels: [conda-forge]
dependencies:
  - bioconda::samtools=1.22
  - bioconda::samtools=0.1.19
  - conda-forge::samtools=1.22
  - samtools=1.22
  - bcftools
  - bioconda::numpy
";
    expect![[r#"
        MM702 `=0.1.19` no version of `samtools` fits `=0.1.19`
          hint: The newest is `1.22`
          Write `samtools=1.22`: - bioconda::samtools=1.22
        MM702 `=1.22` no version of `samtools` fits `=1.22`
          hint: The newest is `0.1.19`
          Write `samtools=0.1`: - conda-forge::samtools=0.1
        MM702 `=1.22` no version of `samtools` fits `=1.22`
          hint: The newest is `0.1.19`
          Write `samtools=0.1`: - samtools=0.1
        MM701 `bcftools` no channel of this spec has a package `bcftools` for linux-64
          hint: The channel `bioconda` has it
    "#]]
    .assert_eq(&render(text, &Surroundings::default(), &files()));
    let both = text.replace("[conda-forge]", "[bioconda, conda-forge]");
    expect![[r#"
        MM702 `=0.1.19` no version of `samtools` fits `=0.1.19`
          hint: The newest is `1.22`
          Write `samtools=1.22`: - bioconda::samtools=1.22
        MM702 `=1.22` no version of `samtools` fits `=1.22`
          hint: The newest is `0.1.19`
          Write `samtools=0.1`: - conda-forge::samtools=0.1
        MM701 `numpy` the channel `bioconda` has no package `numpy` for linux-64
          hint: The channel `conda-forge` has it
    "#]]
    .assert_eq(&render(&both, &Surroundings::default(), &files()));
    expect![[r#"
        Scope {
            channels: [
                "conda-forge",
                "bioconda",
            ],
            platforms: [
                "linux-64",
                "linux-aarch64",
            ],
            names: [
                "samtools",
                "bcftools",
                "numpy",
            ],
        }"#]]
    .assert_eq(&format!(
        "{:#?}",
        scope(&spec(text), &Surroundings::default())
    ));
}

/// MM613 is about the token itself; no other message repeats it.
#[test]
fn a_token_is_not_repeated() {
    let channel = "https://conda.example/t/s3cret-token/private";
    let text = format!(
        "channels: ['{channel}']\ndependencies:\n  - '{channel}::nunpy'\n  - '{channel}::numpy=99'\n"
    );
    let files = Files::new(&["linux-64"], &FILES.replace("conda-forge", channel));
    expect![[r#"
        MM701 `nunpy` the channel `private` has no package `nunpy` for linux-64
          hint: Did you mean `numpy`?
          Replace `nunpy` by `numpy`: - 'URL::numpy'
        MM702 `=99` no version of `numpy` fits `=99`
          hint: The newest is `2.3.4`
          Write `numpy=2`: - 'URL::numpy=2'
    "#]]
    .assert_eq(&render(&text, &Surroundings::default(), &files).replace(channel, "URL"));
    let elsewhere = text.replace("::nunpy", "::bcftools");
    expect![[r#"
        MM701 `bcftools` the channel `private` has no package `bcftools` for linux-64
          hint: The channel `bioconda` has it
        MM701 `numpy` the channel `private` has no package `numpy` for linux-64
          hint: The channel `conda-forge` has it
    "#]]
    .assert_eq(
        &render(&elsewhere, &Surroundings::default(), &self::files()).replace(channel, "URL"),
    );
}

#[test]
fn a_spec_without_channels_is_on_conda_forge() {
    let scope = scope(
        &spec("dependencies: [conda-forge::numpy, __glibc, numpy]\n"),
        &Surroundings::default(),
    );
    assert_eq!(scope.channels, ["conda-forge"]);
    assert_eq!(scope.names, ["numpy"]);
}

#[test]
fn an_index_that_knows_nothing_says_nothing() {
    struct Nothing;
    impl PackageIndex for Nothing {
        fn names(&self) -> Answer<&[String]> {
            Answer::Unknown
        }
        fn candidates(&self, _: &str) -> Answer<&[Candidate]> {
            Answer::Unknown
        }
    }
    let text = "dependencies: [nunpy, python=99]\n";
    assert_eq!(render(text, &Surroundings::default(), &Nothing), "");
    // Nor is a comment called unused that silences what channels say.
    let text = "dependencies:\n  - numpy  # mmdev: ignore[MM701, MM706]\n";
    let unused = |index: &dyn PackageIndex| -> Vec<&str> {
        let found = testing::found_before(text, &Surroundings::default(), Some(index));
        let unused = found.iter().filter(|found| found.code.0 == "MM502");
        unused.map(|found| &text[found.span.range()]).collect()
    };
    assert!(unused(&Nothing).is_empty());
    assert_eq!(unused(&files()), ["MM701"]);
}
