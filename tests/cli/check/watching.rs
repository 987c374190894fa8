//! `check --watch`.

use expect_test::expect;
use mmdev_testkit::JsonLines;

use crate::project::Project;

#[test]
fn every_change_is_checked() {
    let project = Project::new()
        .file(
            "env.yaml",
            "channels: [conda-forge]\ndependencies: [python=3.12]\n",
        )
        .file(
            "ci/env.yaml",
            "channels: [conda-forge]\ndependencies: [python=3.12]\n",
        );
    let arguments = ["check", "--watch", "--message-format", "json"];
    let mut watch = JsonLines::start(&mut project.command(&arguments));
    let mut round = || {
        let line = watch.until(&[("reason", "check-finished")]);
        format!("{} of {}", line["errors"], line["files"])
    };
    expect!["0 of 2"].assert_eq(&round());
    project.write(
        "ci/env.yaml",
        "channels: [conda-forge]\ndependencies: [\"a==\"]\n",
    );
    expect!["1 of 2"].assert_eq(&round());
    project.write("mmdev.toml", "base-imag = 'x'\n");
    expect!["1 of 3"].assert_eq(&round());
    std::fs::remove_file(project.root().join("ci/env.yaml")).unwrap();
    expect!["0 of 2"].assert_eq(&round());
    watch.interrupt();
    assert_eq!(watch.end(), Some(130));
}
