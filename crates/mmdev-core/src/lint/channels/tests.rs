//! What is said of specs before a small index.

use expect_test::{Expect, expect};

use super::*;
use crate::spec;
use crate::text;

/// An index that holds these files and knows nothing of the names in `unknown`.
struct Files {
    names: Vec<String>,
    candidates: Vec<(String, Vec<Candidate>)>,
    unknown: &'static [&'static str],
    platforms: Vec<String>,
}

impl PackageIndex for Files {
    fn names(&self) -> Answer<&[String]> {
        Answer::Known(&self.names)
    }

    fn candidates(&self, name: &str) -> Answer<&[Candidate]> {
        if self.unknown.contains(&name) {
            return Answer::Unknown;
        }
        match self.candidates.iter().find(|(other, _)| other == name) {
            Some((_, candidates)) => Answer::Known(candidates),
            None => Answer::Absent,
        }
    }

    fn platforms(&self) -> &[String] {
        &self.platforms
    }
}

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
    let mut candidates: Vec<(String, Vec<Candidate>)> = Vec::new();
    for line in FILES.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        let [name, version, build, number, channel, subdir] = parts[..] else {
            panic!("{line}");
        };
        let candidate = Candidate {
            version: version.to_owned(),
            build: build.to_owned(),
            build_number: number.parse().unwrap(),
            channel: channel.to_owned(),
            subdir: subdir.to_owned(),
        };
        match candidates.last_mut().filter(|(last, _)| last == name) {
            Some((_, all)) => all.push(candidate),
            None => candidates.push((name.to_owned(), vec![candidate])),
        }
    }
    let mut names: Vec<String> = candidates.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    Files {
        names,
        candidates,
        unknown: &["secret"],
        platforms: ["linux-64", "win-64"].map(str::to_owned).into(),
    }
}

/// Each finding: the code, the text it is about, the message, the hint, and the lines that the fix changes.
fn render(text: &str, index: &dyn PackageIndex) -> String {
    let spec = spec::read("environment.yml", text).spec;
    let mut result = String::new();
    for diagnostic in super::check(&spec, index) {
        let about = &text[diagnostic.span.range()];
        result += &format!("{} `{about}` {}\n", diagnostic.code, diagnostic.message);
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
            let spec = spec::read("environment.yml", &fixed).spec;
            let still = super::check(&spec, index).len();
            assert!(
                still < super::check(&self::spec(text), index).len(),
                "{fixed}"
            );
        }
    }
    result
}

fn spec(text: &str) -> EnvSpec {
    spec::read("environment.yml", text).spec
}

#[track_caller]
fn check(dependencies: &[&str], expected: Expect) {
    let mut text = "channels: [conda-forge]\ndependencies:\n".to_owned();
    for dependency in dependencies {
        text += &format!("  - {dependency}\n");
    }
    expected.assert_eq(&render(&text, &files()));
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
            "pywin32",
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
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - numpy
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - numpy>=1.19
            MM701 `torch` no channel of this spec has a package `torch` for linux-64 or win-64
              hint: Did you mean `pytorch`?
              Replace `torch` by `pytorch`: - pytorch
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - 'numpy >=1.19'  # with a comment
            MM701 `"nun\x70y"` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
            MM701 `zzz-not-there` no channel of this spec has a package `zzz-not-there` for linux-64 or win-64
              hint: Add the channel that has it, or put it below `pip:` when it is on PyPI only
            MM701 `nunpy` the channel `conda-forge` has no package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - conda-forge::numpy
            MM701 `bcftools` the channel `conda-forge` has no package `bcftools` for linux-64 or win-64
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
    check(
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
            "nunpy  # [win]",
            // Windows has no such version.
            "sel(win): vs2015_runtime=99",
            "vs2015_runtime=99  # [linux]",
            // Packages without a platform are for all.
            "requests=99  # [win]",
        ],
        expect![[r#"
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - sel(linux): numpy
            MM701 `nunpy` no channel of this spec has a package `nunpy` for linux-64 or win-64
              hint: Did you mean `numpy`?
              Replace `nunpy` by `numpy`: - numpy  # [win]
            MM702 `=99` no version of `vs2015_runtime` fits `=99`
              hint: The newest is `14.44`
              Write `vs2015_runtime=14`: - sel(win): vs2015_runtime=14
            MM702 `=99` no version of `requests` fits `=99`
              hint: The newest is `2.32.5`
              Write `requests=2`: - requests=2  # [win]
        "#]],
    );
    let without_platforms = Files {
        platforms: Vec::new(),
        ..files()
    };
    let text = "dependencies:\n  - nunpy  # [win]\n  - nunpy\n";
    expect![[r#"
        MM701 `nunpy` no channel of this spec has a package `nunpy`
          hint: Did you mean `numpy`?
          Replace `nunpy` by `numpy`: - numpy
    "#]]
    .assert_eq(&render(text, &without_platforms));
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
        MM701 `bcftools` no channel of this spec has a package `bcftools` for linux-64 or win-64
          hint: The channel `bioconda` has it
    "#]]
    .assert_eq(&render(text, &files()));
    let both = text.replace("[conda-forge]", "[bioconda, conda-forge]");
    expect![[r#"
        MM702 `=0.1.19` no version of `samtools` fits `=0.1.19`
          hint: The newest is `1.22`
          Write `samtools=1.22`: - bioconda::samtools=1.22
        MM702 `=1.22` no version of `samtools` fits `=1.22`
          hint: The newest is `0.1.19`
          Write `samtools=0.1`: - conda-forge::samtools=0.1
        MM701 `numpy` the channel `bioconda` has no package `numpy` for linux-64 or win-64
          hint: The channel `conda-forge` has it
    "#]]
    .assert_eq(&render(&both, &files()));
    expect![[r#"
        Scope {
            channels: [
                "conda-forge",
                "bioconda",
            ],
            platforms: [
                "linux-64",
            ],
            names: [
                "samtools",
                "bcftools",
                "numpy",
            ],
        }"#]]
    .assert_eq(&format!(
        "{:#?}",
        scope(&spec(text), &["linux-64".to_owned()])
    ));
}

/// MM613 is about the token itself; no other message repeats it.
#[test]
fn a_token_is_not_repeated() {
    let channel = "https://conda.example/t/s3cret-token/private";
    let text = format!(
        "channels: ['{channel}']\ndependencies:\n  - '{channel}::nunpy'\n  - '{channel}::numpy=99'\n"
    );
    let mut files = files();
    for candidate in files.candidates.iter_mut().flat_map(|(_, all)| all) {
        candidate.channel = channel.to_owned();
    }
    expect![[r#"
        MM701 `nunpy` the channel `private` has no package `nunpy` for linux-64 or win-64
          hint: Did you mean `numpy`?
          Replace `nunpy` by `numpy`: - 'URL::numpy'
        MM702 `=99` no version of `numpy` fits `=99`
          hint: The newest is `2.3.4`
          Write `numpy=2`: - 'URL::numpy=2'
    "#]]
    .assert_eq(&render(&text, &files).replace(channel, "URL"));
    let elsewhere = text.replace("::nunpy", "::bcftools");
    expect![[r#"
        MM701 `bcftools` the channel `private` has no package `bcftools` for linux-64 or win-64
          hint: The channel `bioconda` has it
        MM701 `numpy` the channel `private` has no package `numpy` for linux-64 or win-64
          hint: The channel `conda-forge` has it
    "#]]
    .assert_eq(&render(&elsewhere, &self::files()).replace(channel, "URL"));
}

#[test]
fn a_spec_without_channels_is_on_conda_forge() {
    let scope = scope(
        &spec("dependencies: [conda-forge::numpy, __glibc, numpy]\n"),
        &[],
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
    assert_eq!(render("dependencies: [nunpy, python=99]\n", &Nothing), "");
}
