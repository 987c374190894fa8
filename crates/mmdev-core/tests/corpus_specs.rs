//! Real specs: what is one and what is not, and how many give which diagnostics. They are in the corpus.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the helpers of a test are tests too"
)]

#[path = "support/corpus.rs"]
mod corpus;

use std::collections::{BTreeMap, BTreeSet};

use corpus::own_name;
use expect_test::expect_file;
use mmdev_core::diagnostic::{Applicability, Diagnostic, Severity};
use mmdev_core::editor::Document;
use mmdev_core::index::{Answer, Candidate, PackageIndex};
use mmdev_core::lint::Surroundings;
use mmdev_core::spec::{EnvSpec, ReadSpec, SpecKind, read};

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn specs_are_told_from_other_files() {
    let (specs, others) = (corpus::specs(), corpus::files("envs-notconda"));
    assert_eq!((specs.len(), others.len()), (712, 11));
    let wrong: Vec<String> = specs
        .iter()
        .filter_map(|(name, text)| match read(own_name(name), text).kind {
            SpecKind::Spec => None,
            SpecKind::NotASpec { reason } => Some(format!("{name}: {reason}")),
        })
        .collect();
    assert!(wrong.is_empty(), "taken for no specs: {wrong:#?}");
    let wrong: Vec<&String> = others
        .iter()
        .filter(|(name, text)| read(own_name(name), text).kind == SpecKind::Spec)
        .map(|(name, _)| name)
        .collect();
    assert!(wrong.is_empty(), "taken for specs: {wrong:#?}");
}

#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn every_entry_is_read() {
    let specs = corpus::specs();
    let mut dependencies = 0;
    let mut pip = 0;
    for (name, text) in &specs {
        let ReadSpec { spec, .. } = read(own_name(name), text);
        dependencies += spec.dependencies.len();
        pip += spec.pip.len();
        for entry in &spec.dependencies {
            let raw = &text[entry.text.span.range()];
            assert!(
                raw.contains(&entry.text.value),
                "{name}: {:?} stands at {raw:?}",
                entry.text.value
            );
        }
    }
    // PyYAML finds 20,198 and 2,754 in the 702 files that it reads, each of them the same text; the others are in the
    // ten files that are not YAML. Two `pip-repositories` of conda-lock's count as options of a pip section.
    assert_eq!((dependencies, pip), (20_306, 2_780));
}

/// A safe fix mends its finding and breaks nothing.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn safe_fixes_mend() {
    let specs = corpus::specs();
    let mut applied = 0;
    for (name, text) in &specs {
        let before = read(own_name(name), text).diagnostics;
        let errors = |diagnostics: &[Diagnostic]| {
            diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == Severity::Error)
                .count()
        };
        for diagnostic in &before {
            let Some(fix) = &diagnostic.fix else { continue };
            if fix.applicability != Applicability::Safe {
                continue;
            }
            let fixed = mmdev_core::text::apply(text, &fix.edits);
            let after = read(own_name(name), &fixed).diagnostics;
            let count = |diagnostics: &[Diagnostic]| {
                diagnostics
                    .iter()
                    .filter(|other| other.code == diagnostic.code)
                    .count()
            };
            assert!(
                count(&after) < count(&before) && errors(&after) <= errors(&before),
                "{name}: {diagnostic:?} is not mended in {fixed}"
            );
            applied += 1;
        }
    }
    assert!(applied >= 70, "only {applied} safe fixes were offered");
}

/// A spec as text, without where it stands.
fn without_places(spec: &EnvSpec) -> String {
    let mut text = format!("{spec:?}");
    for (place, end) in [("Span {", '}'), ("text_start: Some(", ')')] {
        let mut parts = text.split(place);
        let first = parts.next().unwrap_or_default().to_owned();
        text = parts.fold(first, |text, part| text + part.split_once(end).unwrap().1);
    }
    text
}

/// Formatting keeps what a spec means and every comment, and once is enough.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn formatting_keeps_the_meaning() {
    let specs = corpus::specs();
    let comments = |text: &str| -> Vec<String> {
        let comments = mmdev_core::syntax::yaml::parse(text).comments.into_iter();
        comments
            .map(|comment| comment.text.trim_end().to_owned())
            .collect()
    };
    let mut changed = 0;
    let mut refused = 0;
    for (name, text) in &specs {
        let own = own_name(name);
        let document = Document::new(own, text.clone());
        let edits = document.format();
        let formatted = mmdev_core::text::apply(text, &edits);
        let (before, after) = (read(own, text), read(own, &formatted));
        assert_eq!(
            without_places(&before.spec),
            without_places(&after.spec),
            "{name}"
        );
        assert_eq!(comments(text), comments(&formatted), "{name}");
        assert!(Document::new(own, formatted).format().is_empty(), "{name}");
        changed += usize::from(!edits.is_empty());
        let is_broken = !mmdev_core::syntax::yaml::parse(text).diagnostics.is_empty();
        assert!(!is_broken || edits.is_empty(), "{name}");
        let is_tidy = text.lines().all(|line| line.trim_end() == line) && text.ends_with('\n');
        if edits.is_empty() && !is_tidy && !is_broken {
            println!("left alone: {name}");
            refused += 1;
        }
    }
    println!("{changed} of {} formatted, {refused} refused", specs.len());
    assert!(
        changed > 250 && refused == 0,
        "{changed} formatted, {refused} refused"
    );
}

/// What the findings of each code are, seen in the files themselves.
const LOOKED_AT: &[(&str, &str)] = &[
    (
        "MM001",
        "Right: PyYAML refuses the same files. Templates (cookiecutter, jinja), a `- pip:` that is indented too deep, `-- pip:`, a test's `invalid`, a requirement wrapped onto a line with too little indentation.",
    ),
    (
        "MM006",
        "Right: a `>>>>>>> Pin dependencies` that was committed.",
    ),
    (
        "MM101",
        "Right: `extras`, `local_dependencies` and `optional_dependencies` belong to other programs (QIIME 2's build, unidep); conda prints the same.",
    ),
    (
        "MM102",
        "Right: `channels:` and `name:` with nothing behind them, and a test file with a mapping inside `pip:`.",
    ),
    (
        "MM104",
        "Right: two test files of conda and snakemake whose `dependencies:` are empty.",
    ),
    (
        "MM105",
        "Right, conda refuses them: paths from exporting an environment without a name, templates, and two tests of micromamba, which takes spaces.",
    ),
    (
        "MM106",
        "Right: a bare `-`, and one with only a comment behind it, in pip sections of geopandas.",
    ),
    (
        "MM107",
        "Right: a test file of trivy whose dependency is the number 1.",
    ),
    (
        "MM108",
        "Right: `pip:` at the top level with seven packages that are never installed.",
    ),
    (
        "MM109",
        "Right: `pip:` with a text where a list belongs (repo2docker, pangeo, unidep's own dialect, a test of trivy), and unidep's and a template's several pip sections.",
    ),
    (
        "MM110",
        "Right: `conda:` sections of SageMaker Studio Lab and unidep.",
    ),
    (
        "MM111",
        "Right: `# [py27]`, which conda-lock cannot know, and unidep's own `# [macos]`.",
    ),
    (
        "MM114",
        "Right: `linux-arm64`, which conda calls `linux-aarch64`.",
    ),
    (
        "MM115",
        "Right: PyYAML finds the key in the same 38 files; all name a folder of one machine.",
    ),
    (
        "MM116",
        "Right: a pip section and no `pip` among the dependencies; where one has `pip`, it is inside the pip section.",
    ),
    (
        "MM201",
        "Right: a test file of trivy with bare operators, and a template's `{{ local-package }}`.",
    ),
    (
        "MM203",
        "Right: templates of nf-core, `{{ bioconda if bioconda else 'YOUR-TOOL-HERE' }}`.",
    ),
    (
        "MM206",
        "Right: rattler refuses `sqlalchemy[asyncio]`, `dask[dataframe]` and `black[jupyter]`; conda and micromamba install them without the extra.",
    ),
    (
        "MM209",
        "Right: `=>` for `>=`, in openff's installer and a test file of trivy.",
    ),
    (
        "MM212",
        "Right: unidep's own `>=1.0.0<2.0.0`, and two entries run together on one line.",
    ),
    ("MM215", "Right: a template's `{{ … }}` behind `==`."),
    (
        "MM218",
        "Right: `conda-forge:r-base=4.3.2`, which is meant for `::`.",
    ),
    (
        "MM219",
        "Right: `Django`, `Jinja2`, `MDAnalysis` and the like, which every tool reads in lower case.",
    ),
    (
        "MM401",
        "Right: a test template of conda, and a requirement that a `#` cuts short (the file is broken, MM001).",
    ),
    (
        "MM404",
        "Right: `-r URL [--no-deps]`; pip 23 was run on it and passes over the rest.",
    ),
    (
        "MM405",
        "Right: pip refuses `multiqc=1.6`, `fiona=~1.9`, `python-crontab 2.3.*`.",
    ),
];

/// The table in docs/contributing/corpus-specs.md; `UPDATE_EXPECT=1` writes it anew.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn the_table_of_diagnostics_is_true() {
    let specs = corpus::specs();
    let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut findings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut clean = 0;
    for (name, text) in &specs {
        let ReadSpec { diagnostics, .. } = read(own_name(name), text);
        clean += usize::from(diagnostics.is_empty());
        for diagnostic in &diagnostics {
            let code = diagnostic.code.0;
            files.entry(code).or_default().insert(name);
            *findings.entry(code).or_default() += 1;
            // `--nocapture` shows them, to be looked at.
            println!(
                "{code} {:?} {name}: {:?}: {}",
                diagnostic.severity,
                &text[diagnostic.span.range()],
                diagnostic.message
            );
        }
    }
    let mut table = format!(
        "# What real specs give\n\n\
         Of {} specs gathered from public repositories, {clean} give no diagnostic.\n\n\
         Every finding was looked at in its file. What was seen stands in the last column; a false alarm is a bug.\n\n\
         | code | name | specs | findings | what was seen |\n|---|---|---|---|---|\n",
        specs.len()
    );
    for (code, files) in &files {
        let name = mmdev_core::lint::rule(code).map_or("(unknown)", |rule| rule.name);
        let seen = LOOKED_AT
            .iter()
            .find(|(looked_at, _)| looked_at == code)
            .map_or("not looked at yet", |(_, seen)| seen);
        table += &format!(
            "| {code} | {name} | {} | {} | {seen} |\n",
            files.len(),
            findings[code]
        );
    }
    table += &before_conda_forge(&specs);
    expect_file!["../../../docs/contributing/corpus-specs.md"].assert_eq(&table);
}

/// A channel of which the names alone are known, sorted.
struct Names(Vec<String>);

impl PackageIndex for Names {
    fn names(&self) -> Answer<&[String]> {
        Answer::Known(&self.0)
    }

    fn candidates(&self, name: &str) -> Answer<&[Candidate]> {
        match self.0.binary_search_by(|other| other.as_str().cmp(name)) {
            Ok(_) => Answer::Unknown,
            Err(_) => Answer::Absent,
        }
    }
}

/// What MM701 says of the specs that are on conda-forge alone, before that channel's own names.
fn before_conda_forge(specs: &[(String, String)]) -> String {
    let names = corpus::text("names/conda-forge.txt");
    let mut index = Names(names.lines().map(str::to_owned).collect());
    index.0.sort();
    let (mut count, mut dependencies) = (0, 0);
    let mut findings: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (name, text) in specs {
        let document = Document::new(own_name(name), text.clone());
        let spec = read(own_name(name), text).spec;
        let mut others = spec.channels.iter().flatten().map(|channel| &channel.value);
        let is_alone = others.all(|channel| channel == "conda-forge" || channel == "nodefaults");
        if !is_alone || spec.channels.as_ref().is_none_or(Vec::is_empty) {
            continue;
        }
        count += 1;
        dependencies += spec.dependencies.len();
        for diagnostic in document.diagnostics(&Surroundings::default(), Some(&index)) {
            if diagnostic.code.0 != "MM701" {
                continue;
            }
            let package = text[diagnostic.span.range()].to_owned();
            let hint = diagnostic.hint.unwrap_or_default();
            findings.entry(package).or_insert((0, hint)).0 += 1;
        }
    }
    let findings: String = findings
        .iter()
        .map(|(package, (count, hint))| format!("- `{package}`, {count} times. {hint}\n"))
        .collect();
    let names = index.0.len();
    format!(
        "
## What conda-forge does not have

{count} of these specs name no other channel than conda-forge, with {dependencies} dependencies. Before a list of {names} names
of conda-forge, MM701 finds:

{findings}
pep8 was renamed to pycodestyle in 2016. Whether the channel's own index still has files of the old name cannot be seen
from the list.
"
    )
}
