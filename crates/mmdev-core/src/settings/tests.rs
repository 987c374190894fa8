//! Settings of both formats, and what is said of those that are wrong.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::text::{LineIndex, apply};
use expect_test::{Expect, expect};

/// The settings that are set, then the diagnostics, then the text after the fixes.
fn report(text: &str, settings: &Settings, diagnostics: &[Diagnostic]) -> String {
    let fields = format!("{settings:?}");
    let fields = fields
        .trim_start_matches("Settings { ")
        .trim_end_matches(" }");
    let set: Vec<&str> = fields
        .split(", ")
        .filter(|field| !field.ends_with(": None"))
        .collect();
    let mut report = set.join(", ");
    if !report.is_empty() {
        report += "\n";
    }
    let lines = LineIndex::new(text);
    for diagnostic in diagnostics {
        let place = lines.line_column(diagnostic.span.start);
        report += &format!(
            "{}:{} {} {:?} {}",
            place.line,
            place.column,
            diagnostic.code,
            &text[diagnostic.span.range()],
            diagnostic.message
        );
        if let Some(hint) = &diagnostic.hint {
            report += &format!(" ({hint})");
        }
        report += "\n";
        if let Some(fix) = &diagnostic.fix {
            report += &format!("  {}: {}\n", fix.title, apply(text, &fix.edits).trim());
        }
    }
    report
}

fn check_json(settings: &str, expected: Expect) {
    let text = format!("{{\"customizations\": {{\"mmdev\": {settings}}}}}");
    let (settings, diagnostics) = from_devcontainer(&text);
    expected.assert_eq(&report(&text, &settings, &diagnostics));
}

fn check_toml(text: &str, expected: Expect) {
    let (settings, diagnostics) = from_toml(text, &["tool", "mmdev"]);
    let presence = if settings.is_some() { "" } else { "no table\n" };
    let report = report(text, &settings.unwrap_or_default(), &diagnostics);
    expected.assert_eq(&format!("{presence}{report}"));
}

#[test]
fn every_example_is_read_in_both_formats() {
    let mut json = serde_json::Map::new();
    let mut toml = String::new();
    for doc in documented() {
        let value: serde_json::Value = serde_json::from_str(doc.example).unwrap();
        let toml_value = doc.example.replace("\": \"", "\" = \"");
        toml += &format!("{} = {toml_value}\n", doc.toml_key());
        match doc.key.split_once('.') {
            Some((table, key)) => {
                let table = json.entry(table).or_insert_with(|| serde_json::json!({}));
                table.as_object_mut().unwrap().insert(key.to_owned(), value);
            }
            None => {
                json.insert(doc.key.to_owned(), value);
            }
        }
    }
    let json = serde_json::json!({"customizations": {"mmdev": json}}).to_string();
    let (from_json, diagnostics) = from_devcontainer(&json);
    assert_eq!(diagnostics, []);
    let (from_toml, diagnostics) = from_toml(&toml, &[]);
    assert_eq!(diagnostics, []);
    assert_eq!(Some(&from_json), from_toml.as_ref());
    assert!(!format!("{from_json:?}").contains("None"), "{from_json:?}");
}

#[test]
fn a_file_without_settings_says_nothing() {
    assert_eq!(
        from_devcontainer(r#"{"image": "x"}"#),
        (Settings::default(), vec![])
    );
    check_json(r#"{"generated": {"/build": false}}"#, expect![[r#""#]]);
    check_toml(
        "[project]\nname = 'x'\n",
        expect![[r#"
        no table
    "#]],
    );
    check_toml("\u{feff}[tool.mmdev]\n", expect![[r#""#]]);
}

#[test]
fn a_misspelt_key_is_named() {
    check_json(
        r#"{"baseImge": "debian"}"#,
        expect![[r#"
        1:31 MM606 "\"baseImge\"" `baseImge` is no setting (Did you mean `baseImage`?)
          Replace it by `baseImage`: {"customizations": {"mmdev": {"baseImage": "debian"}}}
    "#]],
    );
    check_json(
        r#"{"base-image": "debian"}"#,
        expect![[r#"
        1:31 MM606 "\"base-image\"" `base-image` is no setting (Did you mean `baseImage`?)
          Replace it by `baseImage`: {"customizations": {"mmdev": {"baseImage": "debian"}}}
    "#]],
    );
    check_json(
        r#"{"dockerfile": {"befor": []}}"#,
        expect![[r#"
        1:46 MM606 "\"befor\"" `dockerfile.befor` is no setting (Did you mean `dockerfile.before`?)
          Replace it by `before`: {"customizations": {"mmdev": {"dockerfile": {"before": []}}}}
    "#]],
    );
    check_json(
        r#"{"colour": "blue\n"}"#,
        expect![[r#"
            1:31 MM606 "\"colour\"" `colour` is no setting (The settings here are files, environments, activeEnvironment, baseImage, baseImageDigest, systemPackages, developmentPackages, platforms, channelPriority, archspec, glibc, cuda, dockerfile, extensions, check, forwardCredentials, autoLock, layers, runtime)
        "#]],
    );
    check_toml(
        "[tool.mmdev]\nsystemPackages = []\n",
        expect![[r#"
        2:1 MM606 "systemPackages" `systemPackages` is no setting (Did you mean `system-packages`?)
          Replace it by `system-packages`: [tool.mmdev]
        system-packages = []
    "#]],
    );
    check_toml(
        "[tool.mmdev.dockerfile]\nafters = []\n",
        expect![[r#"
        2:1 MM606 "afters" `dockerfile.afters` is no setting (Did you mean `dockerfile.after`?)
          Replace it by `after`: [tool.mmdev.dockerfile]
        after = []
    "#]],
    );
    check_toml(
        "[tool.mmdev]\ngenerated = {}\n",
        expect![[r#"
            2:1 MM606 "generated" `generated` is no setting (The settings here are files, environments, active-environment, base-image, base-image-digest, system-packages, development-packages, platforms, channel-priority, archspec, glibc, cuda, dockerfile, extensions, check, forward-credentials, auto-lock, layers, runtime)
        "#]],
    );
}

#[test]
fn a_wrong_type_is_refused() {
    check_json(
        r#"[]"#,
        expect![[r#"
        1:30 MM607 "[]" `mmdev` is a list where an object belongs
    "#]],
    );
    check_json(
        r#"{"files": "env.yaml", "forwardCredentials": "yes"}"#,
        expect![[r#"
            1:40 MM607 "\"env.yaml\"" `files` is a string where a list of strings belongs
              Make it a list: {"customizations": {"mmdev": {"files": ["env.yaml"], "forwardCredentials": "yes"}}}
            1:74 MM607 "\"yes\"" `forwardCredentials` is a string where a boolean belongs
        "#]],
    );
    check_json(
        r#"{"files": ["a.yaml", 1], "baseImage": null, "dockerfile": []}"#,
        expect![[r#"
            files: Some(["a.yaml"])
            1:51 MM607 "1" `files[]` is a number where a string belongs
            1:68 MM607 "null" `baseImage` is null where a string belongs
            1:88 MM607 "[]" `dockerfile` is a list where an object belongs
        "#]],
    );
    check_json(
        r#"{"environments": {"a": 1, "b": "b.yaml"}}"#,
        expect![[r#"
            environments: Some([("b", "b.yaml")])
            1:53 MM607 "1" `environments.a` is a number where a string belongs
        "#]],
    );
    check_toml(
        "[tool]\nmmdev = 1\n",
        expect![[r#"
        2:9 MM607 "1" `mmdev` is a number where an object belongs
    "#]],
    );
    check_toml(
        "[[tool.mmdev]]\n",
        expect![[r#"
        1:1 MM607 "[[tool.mmdev]]" `mmdev` is a list where an object belongs
    "#]],
    );
    check_toml(
        "\u{feff}[tool.mmdev]\nfiles = 'é.yaml'\nplatforms = 1979-05-27\n",
        expect![[r#"
            2:9 MM607 "'é.yaml'" `files` is a string where a list of strings belongs
              Make it a list: ﻿[tool.mmdev]
            files = ['é.yaml']
            platforms = 1979-05-27
            3:13 MM607 "1979-05-27" `platforms` is a date where a list of strings belongs
        "#]],
    );
}

#[test]
fn a_broken_toml_file_gives_what_can_be_read() {
    check_toml(
        "[tool.mmdev]\nbase-image = 'debian'\nfiles = [\n",
        expect![[r#"
            base_image: Some("debian")
            3:10 MM609 "" this is not TOML: unclosed array, expected `]`
        "#]],
    );
    check_toml(
        "[tool.mmdev]\nbase-image = 'debian'\nbase-image = 'ubuntu'\n",
        expect![[r#"
            base_image: Some("debian")
            3:1 MM609 "base-image" this is not TOML: duplicate key
        "#]],
    );
}

#[test]
fn nothing_that_a_shell_would_read_gets_through() {
    check_json(
        r#"{"systemPackages": ["git", "git=1:2.39-0", "libc6:arm64", "a", "Git", "git; rm -rf /", "$(id)", "-y", "git\nvim", ""]}"#,
        expect![[r#"
            system_packages: Some(["git", "git=1:2.39-0", "libc6:arm64"])
            1:88 MM608 "\"a\"" `systemPackages` holds "a", which is not a Debian package such as `git` or `git=1:2.39.5-0`
            1:93 MM608 "\"Git\"" `systemPackages` holds "Git", which is not a Debian package such as `git` or `git=1:2.39.5-0`
            1:100 MM608 "\"git; rm -rf /\"" `systemPackages` holds "git; rm -rf /", which is not a Debian package such as `git` or `git=1:2.39.5-0`
            1:117 MM608 "\"$(id)\"" `systemPackages` holds "$(id)", which is not a Debian package such as `git` or `git=1:2.39.5-0`
            1:126 MM608 "\"-y\"" `systemPackages` holds "-y", which is not a Debian package such as `git` or `git=1:2.39.5-0`
            1:132 MM608 "\"git\\nvim\"" `systemPackages` holds "git\nvim", which is not a Debian package such as `git` or `git=1:2.39.5-0`
            1:144 MM608 "\"\"" `systemPackages` holds "", which is not a Debian package such as `git` or `git=1:2.39.5-0`
        "#]],
    );
    check_json(
        r#"{"baseImage": "debian\nRUN id", "baseImageDigest": "sha256:12", "platforms": ["linux-64", "osx-arm64"]}"#,
        expect![[r#"
            platforms: Some(["linux-64"])
            1:44 MM608 "\"debian\\nRUN id\"" `baseImage` holds "debian\nRUN id", which is not an image such as `debian:bookworm-slim`
            1:81 MM608 "\"sha256:12\"" `baseImageDigest` holds "sha256:12", which is not a digest: `sha256:` and 64 hexadecimal digits
            1:120 MM608 "\"osx-arm64\"" `platforms` holds "osx-arm64", which is not a platform of a Linux container such as `linux-64` or `linux-aarch64`
        "#]],
    );
    check_json(
        r#"{"environments": {"a b": "x.yaml", "../x": "y.yaml", "ok": "../y.yaml", "": "z"}, "activeEnvironment": "-x"}"#,
        expect![[r#"
            1:48 MM608 "\"a b\"" `environments` holds "a b", which is not a name of an environment: letters, digits, `_`, `-` and `.`
            1:65 MM608 "\"../x\"" `environments` holds "../x", which is not a name of an environment: letters, digits, `_`, `-` and `.`
            1:89 MM608 "\"../y.yaml\"" `environments.ok` holds "../y.yaml", which is not a file of the project, with a path from its root and `/` between folders
            1:102 MM608 "\"\"" `environments` holds "", which is not a name of an environment: letters, digits, `_`, `-` and `.`
            1:133 MM608 "\"-x\"" `activeEnvironment` holds "-x", which is not a name of an environment: letters, digits, `_`, `-` and `.`
        "#]],
    );
    check_json(
        r#"{"files": ["/etc/passwd", "a/../../b.yaml", "C:\\x.yaml", "c:/x", "./a/../env.yaml", "."], "dockerfile": {"after": ["RUN a && b", "a\nb"]}}"#,
        expect![[r#"
            files: Some(["./a/../env.yaml"]), dockerfile_after: Some(["RUN a && b"])
            1:41 MM608 "\"/etc/passwd\"" `files` holds "/etc/passwd", which is not a file of the project, with a path from its root and `/` between folders
            1:56 MM608 "\"a/../../b.yaml\"" `files` holds "a/../../b.yaml", which is not a file of the project, with a path from its root and `/` between folders
            1:74 MM608 "\"C:\\\\x.yaml\"" `files` holds "C:\\x.yaml", which is not a file of the project, with a path from its root and `/` between folders
            1:88 MM608 "\"c:/x\"" `files` holds "c:/x", which is not a file of the project, with a path from its root and `/` between folders
            1:115 MM608 "\".\"" `files` holds ".", which is not a file of the project, with a path from its root and `/` between folders
            1:160 MM608 "\"a\\nb\"" `dockerfile.after` holds "a\nb", which is not one line (each line is an item of its own)
        "#]],
    );
    check_json(
        r#"{"extensions": ["ms-python.python", "a.b@1.2.3", "python", "a.b c", "-a.b"]}"#,
        expect![[r#"
            extensions: Some(["ms-python.python", "a.b@1.2.3"])
            1:79 MM608 "\"python\"" `extensions` holds "python", which is not the id of an extension such as `ms-python.python`
            1:89 MM608 "\"a.b c\"" `extensions` holds "a.b c", which is not the id of an extension such as `ms-python.python`
            1:98 MM608 "\"-a.b\"" `extensions` holds "-a.b", which is not the id of an extension such as `ms-python.python`
        "#]],
    );
}

#[test]
fn images_are_checked_as_docker_checks_them() {
    let is_image = |text: &str| check::image(text).is_ok();
    for image in [
        "debian",
        "mambaorg/micromamba:2.6.1-debian13-slim",
        "localhost:5000/a/b:_tag",
        "ghcr.io/a--b/c__d.e:V1",
        "registry.example.com/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        assert!(is_image(image), "{image}");
    }
    for image in [
        "",
        "Debian",
        "a//b",
        "a/",
        ":tag",
        "a:",
        "a:b c",
        "a b",
        "-a",
        "a-",
        "a___b",
        "a..b",
        "$X",
        "a@sha256:12",
        "http://a/b",
        "localhost:x/a",
        "a:b:c",
        "é",
    ] {
        assert!(!is_image(image), "{image}");
    }
}

#[test]
fn what_cannot_name_a_rule_is_refused() {
    check_json(
        r#"{"check": {"select": ["MM2", "unknown-key", "ALL", "MM 2", ""], "ignore": "MM305"}}"#,
        expect![[r#"
            check_select: Some(["MM2", "unknown-key", "ALL"])
            1:81 MM608 "\"MM 2\"" `check.select` holds "MM 2", which is not a rule: its code, the beginning of one, its name, or `ALL`
            1:89 MM608 "\"\"" `check.select` holds "", which is not a rule: its code, the beginning of one, its name, or `ALL`
            1:104 MM607 "\"MM305\"" `check.ignore` is a string where a list of strings belongs
              Make it a list: {"customizations": {"mmdev": {"check": {"select": ["MM2", "unknown-key", "ALL", "MM 2", ""], "ignore": ["MM305"]}}}}
        "#]],
    );
    check_toml(
        "[tool.mmdev.check]\nselect = ['MM2']\nignored = ['MM201']\n",
        expect![[r#"
            check_select: Some(["MM2"])
            3:1 MM606 "ignored" `check.ignored` is no setting (Did you mean `check.ignore`?)
              Replace it by `ignore`: [tool.mmdev.check]
            select = ['MM2']
            ignore = ['MM201']
        "#]],
    );
}

#[test]
fn values_are_found_in_their_files() {
    let show = |text: &str, source: Source<'_>| {
        let keys = ["baseImage", "check.ignore", "forwardCredentials", "nothing"];
        let found = keys.into_iter().flat_map(|key| written(source, key));
        found
            .map(|value| format!("{} at {}\n", value.value, &text[value.span.range()]))
            .collect::<String>()
    };
    let json = r#"{"customizations": {"mmdev": {"baseImage": "x", "baseImage": "a b", "check": {"ignore": ["MM1", 2, "x y"]}}}}"#;
    expect![[r#"
        a b at "a b"
        MM1 at "MM1"
        x y at "x y"
    "#]]
    .assert_eq(&show(
        json,
        Source::Devcontainer(&crate::syntax::jsonc::parse(json).0),
    ));
    let toml = "\u{feff}base-image = 'é'\ncheck.ignore = 'MM2'\nforward-credentials = true\n";
    expect![[r#"
        é at 'é'
        MM2 at 'MM2'
    "#]]
    .assert_eq(&show(toml, Source::Toml(toml, &[])));
    assert_eq!(written(Source::Toml(toml, &["tool"]), "baseImage"), []);
}

#[test]
fn the_active_environment_is_one_of_them() {
    check_json(
        r#"{"activeEnvironment": "c", "environments": {"a": "a.yaml", "b": "b.yaml"}}"#,
        expect![[r#"
            environments: Some([("a", "a.yaml"), ("b", "b.yaml")]), active_environment: Some("c")
            1:52 MM608 "\"c\"" no environment is called `c`: there are a, b
        "#]],
    );
}

#[test]
fn to_name_no_spec_is_to_say_nothing() {
    check_json(
        r#"{"files": [], "environments": {}, "systemPackages": []}"#,
        expect![[r#"
            system_packages: Some([])
        "#]],
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let text = format!("mmdev = {}", "[".repeat(100_000));
    let (settings, diagnostics) = from_toml(&text, &[]);
    assert!(settings.is_some());
    assert_eq!(diagnostics[0].code, TOML_SYNTAX);
    let text = format!("[tool{}]", ".a".repeat(100_000));
    assert!(!from_toml(&text, &["tool"]).1.is_empty());
}

#[test]
fn a_share_is_a_whole_number_of_hundredths() {
    let waste = |text: &str| {
        let (settings, diagnostics) = from_toml(text, &[]);
        let messages: Vec<String> = diagnostics.into_iter().map(|found| found.message).collect();
        (settings.unwrap().layers_waste, messages)
    };
    assert_eq!(waste("layers.waste = 25"), (Some(25), vec![]));
    let (settings, _) =
        from_devcontainer(r#"{"customizations": {"mmdev": {"layers": {"waste": 0}}}}"#);
    assert_eq!(settings.layers_waste, Some(0));
    for text in ["101", "-1", "2.5"] {
        let message = "`layers.waste` is a number where a whole number from 0 to 100 belongs";
        let found = waste(&format!("layers.waste = {text}"));
        assert_eq!(found, (None, vec![message.to_owned()]));
    }
}

#[test]
fn what_a_lock_counts_on() {
    let (settings, diagnostics) = from_toml(
        "channel-priority = 'flexible'\narchspec = 'x86_64_v3'\nglibc = '2.39'\ncuda = '12.9'",
        &[],
    );
    let settings = settings.unwrap();
    assert_eq!(diagnostics, []);
    assert_eq!(settings.channel_priority.as_deref(), Some("flexible"));
    assert_eq!(settings.archspec.as_deref(), Some("x86_64_v3"));
    assert_eq!(settings.glibc.as_deref(), Some("2.39"));
    assert_eq!(settings.cuda.as_deref(), Some("12.9"));
    for text in [
        "channel-priority = 'Strict'",
        "archspec = 'x86_64_v9'",
        "archspec = 'armv8'",
        "archspec = 'skylake; x'",
        "glibc = '2'",
        "cuda = '12'",
        "cuda = '12.x'",
        "runtime.base-image = 'a b'",
        "cuda = 12.9",
    ] {
        let (settings, diagnostics) = from_toml(text, &[]);
        assert_eq!(settings, Some(Settings::default()), "{text}");
        assert_eq!(diagnostics.len(), 1, "{text}");
    }
}

#[test]
fn what_a_runtime_image_keeps_is_a_plain_pattern() {
    for text in [
        "include",
        "*.a",
        "share/doc/",
        "lib/python3.?/site-packages/a-b_c+d/*",
    ] {
        assert_eq!(kept_files(text), Ok(()), "{text}");
    }
    // It stands in double quotes in a command.
    for text in [
        "",
        "/",
        "/opt/conda/include",
        "$HOME",
        "a b",
        "a\"b",
        "a`b",
        "a\\b",
        "a\nb",
    ] {
        assert!(kept_files(text).is_err(), "{text}");
    }
}

#[test]
fn the_first_source_decides() {
    let first = Settings {
        files: Some(vec![]),
        base_image: Some("a".to_owned()),
        ..Settings::default()
    };
    let second = Settings {
        files: Some(vec!["x".to_owned()]),
        forward_credentials: Some(false),
        ..Settings::default()
    };
    let expected = Settings {
        forward_credentials: Some(false),
        ..first.clone()
    };
    assert_eq!(first.or(second), expected);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(
        lines in proptest::collection::vec(
            proptest::sample::select(vec![
                "[tool.mmdev]", "[[tool.mmdev]]", "[tool]", "mmdev.files = 'é'", "files = \"a.yaml\"", "files = [1, 'x',",
                "'base-image' = 'é\u{0}'", "dockerfile.before = 'x'", "[tool.mmdev.environments]", "'é' = 'x'", "= 1", "]",
                "platforms = '''", "\u{feff}", "systemPackages = {a = 1", "environments = 1979-05-27T00:00:00Z", "#",
            ]),
            0..8,
        ),
        ending in proptest::sample::select(vec!["\n", "\r\n", "", " "]),
    ) {
        let text = lines.join(ending);
        for (_, diagnostics) in [from_toml(&text, &["tool", "mmdev"]), from_toml(&text, &[])] {
            for diagnostic in diagnostics {
                proptest::prop_assert!(text.get(diagnostic.span.range()).is_some(), "{}", text);
                if let Some(fix) = diagnostic.fix {
                    apply(&text, &fix.edits);
                }
            }
        }
    }
}
