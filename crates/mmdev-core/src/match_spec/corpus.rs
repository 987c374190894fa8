//! Holds the reading of MatchSpecs against the recorded verdicts of conda, micromamba and rattler.

use std::fmt::Write as _;

use super::understanding::understandings;
use super::*;

/// One line of the corpus.
pub(super) struct Row {
    pub(super) spec: String,
    pub(super) verdicts: [Option<bool>; 3],
    pub(super) said: serde_json::Value,
}

/// The recorded verdicts.
pub(super) fn rows() -> Vec<Row> {
    let text = crate::corpus::text("matchspecs.jsonl");
    text.lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            Row {
                spec: row["spec"].as_str().unwrap().to_owned(),
                verdicts: ["conda", "micromamba", "rattler"].map(|tool| row[tool].as_bool()),
                said: row["said"].clone(),
            }
        })
        .collect()
}

/// The recorded verdict on a text: `None` where a tool did not say.
fn recorded(row: &Row) -> Option<bool> {
    if row.verdicts.contains(&Some(false)) {
        Some(false)
    } else if row.verdicts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

/// What rattler's own `Display` makes of our reading, where a spec has no more than channel, version and build.
fn as_rattler_prints(spec: &MatchSpec) -> String {
    let mut text = String::new();
    if let Some(channel) = &spec.channel {
        write!(text, "{}::", channel.value).unwrap();
    }
    text.push_str(&spec.name.value);
    if let Some(constraint) = &spec.constraint {
        write!(text, " {constraint}").unwrap();
    }
    let Some(build) = &spec.build else {
        return text;
    };
    let build = &build.value;
    let is_positional = spec.constraint.is_some()
        && !build.contains(|char: char| char.is_whitespace() || ":#;[],|".contains(char));
    if is_positional {
        write!(text, " {build}").unwrap();
    } else if build.contains('"') {
        write!(text, "[build='{build}']").unwrap();
    } else {
        write!(text, "[build=\"{build}\"]").unwrap();
    }
    text
}

/// How many of how many agree, and a line for each that does not.
#[derive(Default)]
struct Agreement {
    same: usize,
    all: usize,
    differences: String,
}

impl Agreement {
    fn add(&mut self, text: &str, theirs: &str, ours: &str) {
        self.all += 1;
        if theirs == ours {
            self.same += 1;
        } else {
            writeln!(
                self.differences,
                "| `{}` | {theirs} | {ours} |",
                text.replace('|', "\\|")
            )
            .unwrap();
        }
    }

    fn row(&self, what: &str) -> String {
        let percent = 100.0 * self.same as f64 / self.all.max(1) as f64;
        format!("| {what} | {} | {} | {percent:.2} % |", self.all, self.same)
    }

    /// The differences as a table, or a word that there are none.
    fn table(&self, theirs: &str, ours: &str) -> String {
        if self.differences.is_empty() {
            "None.".to_owned()
        } else {
            format!(
                "| spec | {theirs} | {ours} |\n|---|---|---|\n{}",
                self.differences.trim_end()
            )
        }
    }
}

/// How many errors name a portable spelling, and those that do not.
fn portable_spellings(rows: &[Row]) -> String {
    let (mut errors, mut without) = (0, String::new());
    for row in rows {
        for problem in parse(&row.spec).problems {
            if problem.severity != crate::diagnostic::Severity::Error {
                continue;
            }
            errors += 1;
            if problem.repair.is_none() {
                let spec = row.spec.replace('|', "\\|");
                writeln!(without, "| `{spec}` | {} |", problem.message).unwrap();
            }
        }
    }
    let count = without.lines().count();
    format!(
        "{} of {errors} errors offer the text in a spelling that all three tools take. The others:\n\n| spec | message |\n|---|---|\n{}",
        errors - count,
        without.trim_end()
    )
}

const INTRODUCTION: &str = "\
# MatchSpecs: where mmdev differs from conda, micromamba and rattler

A dependency is valid when conda, micromamba and rattler all take it, and means what rattler understands. Each tool's \
own parser is followed in `crates/mmdev-core/src/match_spec`. A test holds them against recorded verdicts on real and \
mutated specs (`matchspecs.jsonl` below `MMDEV_CORPUS`) and keeps this page: run it with `UPDATE_EXPECT=1` after a \
change, and read what it wrote.
";

const UNDERSTOOD: &str = "\
What each tool said that it understood is compared as versions and build; MM221 must speak where they differ, and only \
there. To conda and micromamba the `*` in `>=1.2.*` and `<1.2.*` is a part of the version that is less than any other, \
rattler leaves it out: they differ in the earliest pre-releases of 1.2 alone, and MM221 says nothing.";

const KNOWN: &str = "\
## Known differences outside the recorded specs

Found by comparing with conda's and rattler's own code on generated text. None is a mistake that a person makes.

| spec | difference | reason |
|---|---|---|
| `name=^(?P<x>1.*$` | conda, micromamba or rattler may refuse a regular expression that is taken here, or the other way round | the three use three engines; here only brackets, groups and repetitions are checked |
| `https://host:44x3::name` | conda refuses it, taken as conda's here; rattler refuses it as well | conda has Python's URL parser; rattler's is used for both |
| `name = 1.2 = py39_0` | here, as for conda and micromamba, the build string is `py39_0` | rattler makes it `= py39_0`, which no package has |
| more than 32 parentheses, or more than 4096 bytes | refused here | a parser that goes down the stack with each parenthesis must stop somewhere |
";

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn the_recorded_verdicts_are_ours() {
    let rows = rows();
    let word = |taken: bool| if taken { "taken" } else { "refused" };
    let mut tools: [Agreement; 3] = Default::default();
    let (mut all, mut meaning) = (Agreement::default(), Agreement::default());
    let mut unknown = String::new();
    for row in &rows {
        let verdicts = Verdicts::of(&row.spec);
        let ours = [
            verdicts.conda.is_ok(),
            verdicts.micromamba.is_ok(),
            verdicts.rattler.is_ok(),
        ];
        for (index, recorded) in row.verdicts.iter().enumerate() {
            if let Some(recorded) = recorded {
                tools[index].add(&row.spec, word(*recorded), word(ours[index]));
            }
        }
        let parsed = parse(&row.spec);
        let is_valid = parsed
            .problems
            .iter()
            .all(|problem| problem.severity != crate::diagnostic::Severity::Error);
        assert_eq!(is_valid, parsed.spec.is_some(), "{}", row.spec);
        match recorded(row) {
            Some(recorded) => all.add(&row.spec, word(recorded), word(is_valid)),
            None => writeln!(unknown, "| `{}` | {} |", row.spec, word(is_valid)).unwrap(),
        }
        if let (Some(spec), Some(true)) = (&parsed.spec, row.verdicts[2]) {
            let said = row.said["rattler"].as_str().unwrap_or_default();
            meaning.add(&row.spec, said, &as_rattler_prints(spec));
        }
    }
    let understood = compare_understandings(&rows);
    let [conda, micromamba, rattler] = tools;
    let mut page = format!("{INTRODUCTION}\n| compared | specs | same | |\n|---|---|---|---|\n");
    for (what, agreement) in [
        ("valid or not", &all),
        ("conda takes it", &conda),
        ("micromamba takes it", &micromamba),
        ("rattler takes it", &rattler),
        ("the meaning is rattler's", &meaning),
        ("understood alike or not (MM221)", &understood),
    ] {
        writeln!(page, "{}", agreement.row(what)).unwrap();
    }
    for (title, agreement) in [
        ("Verdicts", &all),
        ("conda", &conda),
        ("micromamba", &micromamba),
        ("rattler", &rattler),
    ] {
        writeln!(
            page,
            "\n## {title}: differences\n\n{}",
            agreement.table("recorded", "here")
        )
        .unwrap();
    }
    writeln!(
        page,
        "\n## Meaning: differences\n\nrattler prints the URL of a channel whose name is not plain; here the name stays as it was written.\n\n{}",
        meaning.table("rattler", "here")
    )
    .unwrap();
    writeln!(
        page,
        "\n## Understood alike or not: differences\n\n{UNDERSTOOD}\n\n{}",
        understood.table("recorded", "here")
    )
    .unwrap();
    writeln!(
        page,
        "\n## Errors without a portable spelling\n\n{}",
        portable_spellings(&rows)
    )
    .unwrap();
    writeln!(
        page,
        "\n## Not compared\n\nmicromamba could not say, because it asks the channel first.\n\n| spec | here |\n|---|---|\n{unknown}\n{KNOWN}",
    )
    .unwrap();
    expect_test::expect_file!["../../../../docs/contributing/matchspec-differences.md"]
        .assert_eq(&format!("{}\n", page.trim_end()));
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn the_canonical_form_keeps_the_meaning() {
    for row in rows() {
        let Some(spec) = parse(&row.spec).spec else {
            continue;
        };
        let canonical = spec.to_string();
        let Some(again) = parse(&canonical).spec else {
            panic!("{:?} became {canonical:?}, which is refused", row.spec);
        };
        assert_eq!(again.to_string(), canonical, "{:?}", row.spec);
        let meaning = |spec: &MatchSpec| {
            let value =
                |part: &Option<Spanned<String>>| part.as_ref().map(|part| part.value.clone());
            (
                value(&spec.channel),
                value(&spec.subdir),
                spec.name.value.clone(),
                spec.constraint.clone(),
                value(&spec.build),
            )
        };
        assert_eq!(
            meaning(&again),
            meaning(&spec),
            "{:?} became {canonical:?}",
            row.spec
        );
    }
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn a_repair_is_valid_and_every_mistake_has_its_kind() {
    for row in rows() {
        for problem in parse(&row.spec).problems {
            assert!(
                row.spec.get(problem.span.range()).is_some(),
                "{:?}",
                row.spec
            );
            assert_ne!(
                problem.code,
                codes::REFUSED,
                "{:?}: {}",
                row.spec,
                problem.message
            );
            if problem.severity == crate::diagnostic::Severity::Error {
                let (who, _) = problem.message.rsplit_once(" refuse").unwrap();
                let who = who.rsplit_once("; ").unwrap().1;
                for (tool, taken) in ["conda", "micromamba", "rattler"].iter().zip(row.verdicts) {
                    let names = who.split([' ', ',']).any(|word| word == *tool);
                    assert!(
                        taken.is_none_or(|taken| names != taken),
                        "{}",
                        problem.message
                    );
                }
            }
            if let Some(repair) = problem.repair {
                let spec = parse(&repair).spec;
                let spec = spec.unwrap_or_else(|| panic!("{:?} became {repair:?}", row.spec));
                let difference = differently(&repair, &spec);
                assert!(
                    difference.as_ref().is_none_or(|found| found.is_export),
                    "{:?} became {repair:?}, of which {difference:?}",
                    row.spec
                );
            }
        }
    }
}

/// What each tool said that it understood, as version and build in one language, by the forms in which each prints.
fn recorded_understandings(said: &serde_json::Value) -> [(String, String); 3] {
    let said = |tool: &str| said[tool].as_str().unwrap_or_default().to_owned();
    let without_name = |text: &str| {
        let text = text.rsplit("::").next().unwrap_or_default().to_owned();
        let end = text.find([' ', '=', '[']).unwrap_or(text.len());
        text[end..].to_owned()
    };
    [
        as_conda_printed(&without_name(&said("conda"))),
        as_micromamba_printed(&without_name(&said("micromamba"))),
        as_rattler_printed(&without_name(&said("rattler"))),
    ]
}

/// `=1.2`, `==1.2=build`, `[version='>=1.2',build=x*]`.
fn as_conda_printed(text: &str) -> (String, String) {
    let bracketed = |key: &str| {
        let after = text.split_once(&format!("{key}="))?.1;
        let end = match after.strip_prefix('\'') {
            Some(quoted) => return quoted.split_once('\'').map(|(value, _)| value.to_owned()),
            None => after.find([',', ']']).unwrap_or(after.len()),
        };
        Some(after[..end].to_owned())
    };
    if text.starts_with('[') {
        let version = bracketed("version").unwrap_or_default();
        return (version, bracketed("build").unwrap_or_default());
    }
    if let Some(exact) = text.strip_prefix("==") {
        let (version, build) = exact.split_once('=').unwrap_or((exact, ""));
        return (format!("=={version}"), build.to_owned());
    }
    match text.strip_prefix('=') {
        Some(version) => (
            format!("{}.*", version.trim_end_matches(".*")),
            String::new(),
        ),
        None => (String::new(), String::new()),
    }
}

/// ` =1.2 build`, where a build that looks like no plain word is a regular expression.
fn as_micromamba_printed(text: &str) -> (String, String) {
    let text = text.trim_start();
    let (version, build) = text.split_once(' ').unwrap_or((text, ""));
    let build = build
        .strip_prefix('^')
        .and_then(|build| build.strip_suffix('$'))
        .unwrap_or(build);
    let version = match version.strip_prefix('=') {
        Some("*") => String::new(),
        Some(rest) if !rest.starts_with('=') => format!("{rest}.*"),
        _ => version.to_owned(),
    };
    let build = if build == "*" { "" } else { build };
    (version, build.to_owned())
}

/// ` 1.2.* build`, ` 1.2.*[build="…"]`.
fn as_rattler_printed(text: &str) -> (String, String) {
    let (text, bracketed) = text.split_once('[').unwrap_or((text, ""));
    let bracketed = bracketed
        .split_once("build=")
        .map(|(_, build)| build.trim_matches([']', '"', '\'']));
    let text = text.trim_start();
    let (version, build) = text.split_once(' ').unwrap_or((text, ""));
    let version = if version == "*" { "" } else { version };
    (
        version.to_owned(),
        bracketed.unwrap_or(build).trim_end_matches(']').to_owned(),
    )
}

/// A version's digits are numbers and its letters have no case.
fn spelled_alike((version, build): &(String, String)) -> (String, String) {
    let mut spelled = String::new();
    let mut is_inside = false;
    for (index, char) in version.char_indices() {
        let next = version[index + 1..].chars().next();
        let is_padding = char == '0' && !is_inside && next.is_some_and(|c| c.is_ascii_digit());
        is_inside = char.is_ascii_alphanumeric() && !is_padding;
        if !is_padding {
            spelled.push(char.to_ascii_lowercase());
        }
    }
    (spelled, build.clone())
}

/// Where the tools were recorded to understand a text differently, and where the rule says so.
fn compare_understandings(rows: &[Row]) -> Agreement {
    let mut agreement = Agreement::default();
    for row in rows {
        if row.verdicts != [Some(true); 3] {
            continue;
        }
        let word = |alike: bool| if alike { "alike" } else { "differently" };
        let [conda, micromamba, rattler] = recorded_understandings(&row.said);
        let conda = spelled_alike(&conda);
        let theirs = conda == spelled_alike(&micromamba) && conda == spelled_alike(&rattler);
        let spec = parse(&row.spec).spec.unwrap();
        let found = differently(&row.spec, &spec);
        agreement.add(&row.spec, word(theirs), word(found.is_none()));
        if let Some(portable) = found.and_then(|found| found.portable) {
            let spec = parse(&portable).spec.unwrap();
            assert_eq!(
                differently(&portable, &spec),
                None,
                "{:?} became {portable:?}",
                row.spec
            );
            assert!(understandings(&portable).is_some());
        }
    }
    agreement
}
