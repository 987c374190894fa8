//! Specs as people and programs really write them, odd but seen: what each is understood as.

use super::check;
use expect_test::expect;

#[test]
fn a_block_scalar_ends_with_its_text() {
    check(
        "dependencies:\n  - |\n    numpy\n  - scipy # [win]\n  - >\n    a=1\n    b\n\n  # c\n  - pip:\n    - |\n      requests\n    - six\n",
        expect![[r#"
            dependency "numpy" 24..29
            dependency "scipy" 34..39 for Comment "win" 43..46
            dependency "a=1 b" 58..67
            pip "requests" 98..106
            pip "six" 113..116
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "dependencies:\n  - |\n    numpy\n  - scipy # [win]\n  - >\n    a=1\n    b\n\n  # c\n  - pip\n  - pip:\n    - |\n      requests\n    - six\n"
        "#]],
    );
}

#[test]
fn templates_and_variables_of_shells() {
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python={{ python_version }}\n  - numpy\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python={{ python_version }}" 50..77
            dependency "numpy" 82..87
            MM215 Error "{{": `{{` is no version: a version cannot hold `{`; conda and rattler refuse it, micromamba takes it
        "#]],
    );
    check(
        "{% set name = 'x' %}\nname: x\nchannels: [conda-forge]\ndependencies:\n  - {{ pkg }}\n{% if cuda %}\n  - cudatoolkit\n{% endif %}\n",
        expect![[r#"
            name "x" 27..28
            channel "conda-forge" 40..51
            dependency "cudatoolkit" 99..110
            MM001 Error "{% set name = 'x' %}": this is a template, not YAML: `{{ … }}` or `{% … %}` stands here
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=${PYTHON_VERSION}\n  - numpy=$NUMPY\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python=${PYTHON_VERSION}" 50..74
            dependency "numpy=$NUMPY" 79..91
            MM215 Error "${PYTHON_VERSION}": `${PYTHON_VERSION}` is no version: a version cannot hold `$`; conda, micromamba and rattler refuse it
            MM215 Error "$NUMPY": `$NUMPY` is no version: a version cannot hold `$`; conda, micromamba and rattler refuse it
        "#]],
    );
    check(
        "name: x\ndependencies:\n  - python\n{% if os %}\n  - gcc\n{% endif %}\n",
        expect![[r#"
            name "x" 6..7
            dependency "python" 26..32
            dependency "gcc" 49..52
            MM001 Error "{% if os %}": this is a template, not YAML: `{{ … }}` or `{% … %}` stands here
        "#]],
    );
}

#[test]
fn what_windows_writes() {
    check(
        "name: x\nprefix: C:\\Users\\me\\envs\\x\nchannels:\n  - file:///C:/channel\n  - C:\\channel\ndependencies:\n  - C:\\pkgs\\numpy-1.0-0.tar.bz2\n  - python\nvariables:\n  P: C:\\data\n  Q: \"C:\\data\"\n",
        expect![[r#"
            name "x" 6..7
            prefix "C:\\Users\\me\\envs\\x" 16..34
            channel "file:///C:/channel" 49..67
            channel "C:\\channel" 72..82
            dependency "C:\\pkgs\\numpy-1.0-0.tar.bz2" 101..128
            dependency "python" 133..139
            "P" 153..154="C:\\data" 156..163
            MM115 Information "prefix": `prefix:` belongs to one machine and is not used here
              fix (Safe): Remove the line: "name: x\nchannels:\n  - file:///C:/channel\n  - C:\\channel\ndependencies:\n  - C:\\pkgs\\numpy-1.0-0.tar.bz2\n  - python\nvariables:\n  P: C:\\data\n  Q: \"C:\\data\"\n"
            MM001 Error "\"C:\\data\"": not YAML: a `\` in double quotes begins an escape, and this is none that YAML has
        "#]],
    );
    check(
        "name: x\rchannels: [conda-forge]\rdependencies:\r  - python\r  - numpy=1\r",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python" 50..56
            dependency "numpy=1" 61..68
        "#]],
    );
    check(
        "name: x\r\r\nchannels: [conda-forge]\r\r\ndependencies:\r\r\n  - python\r\r\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 21..32
            dependency "python" 56..62
        "#]],
    );
    check(
        "n\u{0}a\u{0}m\u{0}e\u{0}:\u{0} \u{0}x\u{0}\n\u{0}c\u{0}h\u{0}a\u{0}n\u{0}n\u{0}e\u{0}l\u{0}s\u{0}:\u{0} \u{0}[\u{0}c\u{0}o\u{0}n\u{0}d\u{0}a\u{0}-\u{0}f\u{0}o\u{0}r\u{0}g\u{0}e\u{0}]\u{0}\n\u{0}d\u{0}e\u{0}p\u{0}e\u{0}n\u{0}d\u{0}e\u{0}n\u{0}c\u{0}i\u{0}e\u{0}s\u{0}:\u{0}\n\u{0}",
        expect![[r#"
            MM001 Error "\0": this is not text: a zero byte stands here, as in UTF-16 or in a program
        "#]],
    );
}

#[test]
fn characters_that_only_look_like_yaml() {
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  -\u{a0}python\n  - numpy\u{a0}>=1\n\u{a0} - scipy\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "numpy\u{a0}>=1" 62..72
            dependency "scipy" 78..83
            MM202 Error "\u{a0}": the character U+00A0 does not belong here; conda refuses it, micromamba and rattler take it
              fix (Safe): Write `numpy >=1`: "name: x\nchannels: [conda-forge]\ndependencies:\n  -\u{a0}python\n  - numpy >=1\n\u{a0} - scipy\n"
            MM001 Error "\u{a0}": not YAML: the character U+00A0 stands where only a space can
              fix (Safe): Write a space instead: "name: x\nchannels: [conda-forge]\ndependencies:\n  -\u{a0}python\n  - numpy\u{a0}>=1\n  - scipy\n"
        "#]],
    );
    check(
        "name:\u{a0}x\ndependencies:\n  - python\n",
        expect![[r#"
        name "x" 7..8
        dependency "python" 27..33
        MM001 Error "\u{a0}": not YAML: the character U+00A0 stands where only a space can
          fix (Safe): Write a space instead: "name: x\ndependencies:\n  - python\n"
    "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - \u{200b}python\n  - num\u{200b}py\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "\u{200b}python" 50..59
            dependency "num\u{200b}py" 64..72
            MM202 Error "\u{200b}": the character U+200B does not belong here; conda and rattler refuse it, micromamba takes it
              fix (Safe): Write `python`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - python\n  - num\u{200b}py\n"
            MM202 Error "\u{200b}": the character U+200B does not belong here; conda and rattler refuse it, micromamba takes it
              fix (Safe): Write `numpy`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - \u{200b}python\n  - numpy\n"
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy\u{ff1d}1.0\n  - python\u{ff1e}=3\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "numpy＝1.0" 50..61
            dependency "python＞=3" 66..77
            MM202 Error "＝": `＝` only looks like `=`; conda and rattler refuse it, micromamba takes it
              fix (Safe): Write `numpy=1.0`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy=1.0\n  - python＞=3\n"
            MM202 Error "＞": `＞` only looks like `>`; conda and rattler refuse it, micromamba takes it
              fix (Safe): Write `python>=3`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy＝1.0\n  - python>=3\n"
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - \u{201c}numpy>=1\u{201d}\n  - python\u{2011}dateutil\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "“numpy>=1”" 50..64
            dependency "python‑dateutil" 69..86
            MM202 Error "“": the character U+201C does not belong here; conda and rattler refuse it, micromamba takes it
              fix (Safe): Write `numpy>=1`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy>=1\n  - python‑dateutil\n"
            MM202 Error "‑": `‑` only looks like `-`; conda and rattler refuse it, micromamba takes it
              fix (Safe): Write `python-dateutil`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - “numpy>=1”\n  - python-dateutil\n"
        "#]],
    );
    check(
        "name: 🐍env\nchannels: [conda-forge]\ndependencies:\n  - 🐍\n  - python\n",
        expect![[r#"
            name "🐍env" 6..13
            channel "conda-forge" 25..36
            dependency "🐍" 56..60
            dependency "python" 65..71
            MM201 Error "🐍": a package name cannot hold `🐍`; conda and rattler refuse it, micromamba takes it
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - py\u{1b}[31mthon\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "py\u{1b}[31mthon" 50..61
            MM001 Error "\u{1b}": not YAML: the control character U+001B stands here
            MM205 Error "[": `[` is never closed; conda, micromamba and rattler refuse it
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - py\u{0}thon\n",
        expect![[r#"
            MM001 Error "\0": this is not text: a zero byte stands here, as in UTF-16 or in a program
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python\u{2028}  - numpy\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python\u{2028}  - numpy" 50..68
            MM215 Error "-": `-` is no version: `-` has an empty part; conda, micromamba and rattler refuse it
        "#]],
    );
}

#[test]
fn comments_everywhere() {
    check(
        "# top\nname: x # n\n# c\nchannels: # c\n  # a\n  - conda-forge # b\n  # d\ndependencies: # e\n  # f\n  - python=3.10 # comment\n\n  # - numpy\n  - pip: # g\n    # h\n    - requests # i\n# end",
        expect![[r##"
            name "x" 12..13
            channel "conda-forge" 46..57
            dependency "python=3.10" 96..107
            pip "requests" 158..166
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "# top\nname: x # n\n# c\nchannels: # c\n  # a\n  - conda-forge # b\n  # d\ndependencies: # e\n  # f\n  - python=3.10 # comment\n\n  # - numpy\n  - pip\n  - pip: # g\n    # h\n    - requests # i\n# end"
        "##]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.10 # comment\n  - numpy=1.2#nocomment\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python=3.10" 50..61
            dependency "numpy=1.2#nocomment" 76..95
            MM220 Error "numpy=1.2#nocomment": `numpy=1.2#nocomment` is no MatchSpec: a version cannot hold `#`; micromamba refuses it, conda and rattler take it
        "#]],
    );
    check(
        "# nothing\n# here\n",
        expect![[r#"
        MM004 Error "": the file is empty
    "#]],
    );
}

#[test]
fn other_ways_to_write_the_same() {
    check(
        "{\"name\": \"x\", \"channels\": [\"conda-forge\"], \"dependencies\": [\"python=3.11\", {\"pip\": [\"requests\"]}]}\n",
        expect![[r#"
            name "x" 9..12
            channel "conda-forge" 27..40
            dependency "python=3.11" 60..73
            pip "requests" 84..94
            MM116 Information "\"pip\"": pip is used, but is no dependency; conda adds it with a warning, at any version
        "#]],
    );
    check(
        "{name: x, channels: [a], dependencies: [python=3.11, {pip: [a, b]}]}",
        expect![[r#"
            name "x" 7..8
            channel "a" 21..22
            dependency "python=3.11" 40..51
            pip "a" 60..61
            pip "b" 63..64
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
        "#]],
    );
    check(
        "%YAML 1.1\n---\nname: x\nchannels: [conda-forge]\ndependencies:\n  - python\n",
        expect![[r#"
            name "x" 20..21
            channel "conda-forge" 33..44
            dependency "python" 64..70
        "#]],
    );
    check(
        "---\nname: x\nchannels: [conda-forge]\ndependencies:\n  - python\n...\n",
        expect![[r#"
            name "x" 10..11
            channel "conda-forge" 23..34
            dependency "python" 54..60
        "#]],
    );
    check(
        "\"name\": \"x\"\n'dependencies':\n  - \"python\"\n",
        expect![[r#"
            name "x" 8..11
            dependency "python" 32..40
        "#]],
    );
    check(
        "dependencies:\n  - &py python=3.11\n  - *py\n",
        expect![[r#"
            dependency "python=3.11" 22..33
            dependency "python=3.11" 22..33
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - >-\n    python\n    =3.11\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python =3.11" 57..73
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - _libgcc_mutex=0.1=conda_forge\n  - ca-certificates=2024.2.2=hbcca054_0\nprefix: /home/me/miniconda3/envs/x\n",
        expect![[r#"
            name "x" 6..7
            prefix "/home/me/miniconda3/envs/x" 128..154
            channel "conda-forge" 19..30
            dependency "_libgcc_mutex=0.1=conda_forge" 50..79
            dependency "ca-certificates=2024.2.2=hbcca054_0" 84..119
            MM115 Information "prefix": `prefix:` belongs to one machine and is not used here
              fix (Safe): Remove the line: "name: x\nchannels: [conda-forge]\ndependencies:\n  - _libgcc_mutex=0.1=conda_forge\n  - ca-certificates=2024.2.2=hbcca054_0\n"
        "#]],
    );
}

#[test]
fn other_ways_to_write_pip() {
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python\n  - pip\n    - requests\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python" 50..56
            dependency "pip" 61..64
            dependency "requests" 71..79
            MM118 Error "- requests": this line is read as the rest of the entry above it, because it is indented deeper
              fix (Safe): Give it the indentation of the other entries: "name: x\nchannels: [conda-forge]\ndependencies:\n  - python\n  - pip\n  - requests\n"
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python\n  - pip:\n  - requests==2.0\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python" 50..56
            dependency "requests==2.0" 70..83
            MM109 Error "pip": `pip:` has no entries
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - pip: requests\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            pip "requests" 55..63
            MM116 Information "pip": pip is used, but is no dependency; conda adds it with a warning, at any version
              fix (Safe): Add `- pip`: "name: x\nchannels: [conda-forge]\ndependencies:\n  - pip\n  - pip: requests\n"
            MM109 Error "requests": `pip:` takes a list, this is a text
              fix (Safe): Make it a list: "name: x\nchannels: [conda-forge]\ndependencies:\n  - pip: [requests]\n"
        "#]],
    );
}

#[test]
fn lists_that_are_none() {
    check(
        "name: x\ndependencies:\n  python: 3.11\n  numpy: '>=1'\n",
        expect![[r#"
            name "x" 6..7
            MM102 Error "python: 3.11\n  numpy: '>=1'": `dependencies:` takes a list, this is a mapping
        "#]],
    );
    check(
        "- python\n- numpy\n",
        expect![[r#"
        no spec: it is a list, not a mapping
    "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - [python, numpy]\n  - - scipy\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            MM102 Error "[python, numpy]": an entry of `dependencies:` is text, this is a list
            MM102 Error "- scipy": an entry of `dependencies:` is text, this is a list
        "#]],
    );
    check(
        "dependencies:\n- python\n  - numpy\n- scipy\n",
        expect![[r#"
            dependency "python" 16..22
            dependency "numpy" 27..32
            dependency "scipy" 35..40
            MM118 Error "- numpy": this line is read as the rest of the entry above it, because it is indented deeper
              fix (Safe): Give it the indentation of the other entries: "dependencies:\n- python\n- numpy\n- scipy\n"
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - |\n    python\n    numpy\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            dependency "python\nnumpy" 56..72
            MM220 Error "python\n    numpy": a line break stands in the MatchSpec; conda refuses it, micromamba and rattler take it
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  -python\n  -numpy\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            MM102 Error "-python\n  -numpy": `dependencies:` takes a list, this is a string
        "#]],
    );
    check(
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - linux: gcc\n  - win: m2w64\n",
        expect![[r#"
            name "x" 6..7
            channel "conda-forge" 19..30
            MM110 Error "linux": no tool installs a `linux:` section: micromamba drops it, and conda refuses it
            MM110 Error "win": no tool installs a `win:` section: micromamba drops it, and conda refuses it
        "#]],
    );
    check(
        "dependencies: [a]\nvariables:\n  - A=1\n  - B=2\n",
        expect![[r#"
            dependency "a" 15..16
            MM102 Error "- A=1\n  - B=2": `variables:` takes a mapping, this is a list
        "#]],
    );
    check(
        "channels:\n  - name: conda-forge\n  - priority: strict\ndependencies: [a]\n",
        expect![[r#"
            dependency "a" 68..69
            MM102 Error "name: conda-forge": an entry of `channels:` is text, this is a mapping
            MM102 Error "priority: strict": an entry of `channels:` is text, this is a mapping
        "#]],
    );
}

#[test]
fn names_of_every_kind() {
    check(
        "name: 3.10\ndependencies:\n  - python\n",
        expect![[r#"
        name "3.10" 6..10
        dependency "python" 29..35
        MM107 Warning "3.10": without quotes, `name:` is a number, not text
          fix (Safe): Quote it: "name: \"3.10\"\ndependencies:\n  - python\n"
    "#]],
    );
    check(
        "name: données\ndependencies: [python]\n",
        expect![[r#"
        name "données" 6..14
        dependency "python" 30..36
    "#]],
    );
    check(
        "name: envs/qc/fastqc\nchannels: [bioconda]\ndependencies: [fastqc=0.12.1]\n",
        expect![[r#"
            name "envs/qc/fastqc" 6..20
            channel "bioconda" 32..40
            dependency "fastqc=0.12.1" 57..70
            MM105 Error "/": the name `envs/qc/fastqc` contains `/`
        "#]],
    );
    check(
        "name: ''\nchannels: []\ndependencies: []\n",
        expect![[r#"
        name "" 6..8
        MM105 Error "''": `` is no name for an environment
        MM104 Warning "dependencies": `dependencies:` is empty, so that nothing would be installed
    "#]],
    );
}

#[test]
fn of_two_keys_that_were_meant_to_be_one_neither_is_renamed() {
    check(
        "dependecies: [a]\ndependency: [b]\n",
        expect![[r#"
        dependency "a" 14..15
        dependency "b" 30..31
        MM101 Error "dependecies": no tool knows the key `dependecies`, it is ignored
        MM101 Error "dependency": no tool knows the key `dependency`, it is ignored
    "#]],
    );
}
