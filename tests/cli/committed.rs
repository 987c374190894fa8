//! What is generated is committed, checked out by others, and checked in CI.

use mmdev_testkit::{Finished, Project};

/// The identity and the settings that git takes from no one's home here.
const GIT: &[&str] = &["-c", "user.name=dev", "-c", "user.email=dev@example.org"];

fn git(project: &Project, arguments: &[&str]) -> Finished {
    let all = GIT.iter().chain(arguments);
    project.run(&mut project.command("git", all)).success()
}

fn mmdev(project: &Project, arguments: &[&str]) -> Finished {
    project.run(&mut project.command(env!("CARGO_BIN_EXE_mmdev"), arguments))
}

/// A repository with a spec and what is generated from it, committed.
fn committed() -> Project {
    let spec = "name: science\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11 # ours\n";
    let project = Project::new().file("env.yaml", spec);
    mmdev(&project, &["generate"]).success();
    git(&project, &["init", "--quiet"]);
    git(&project, &["add", "--all"]);
    git(&project, &["commit", "--quiet", "--message", "all"]);
    project
}

/// Clones into `checkout` as a machine with this setting of core.autocrlf does.
fn clone(project: &Project, autocrlf: &str) {
    let setting = format!("core.autocrlf={autocrlf}");
    git(
        project,
        &["clone", "--quiet", "--config", &setting, ".", "checkout"],
    );
}

#[test]
fn a_checkout_is_up_to_date_whatever_git_does_to_line_ends() {
    for (autocrlf, is_crlf) in [("true", true), ("input", false), ("false", false)] {
        let project = committed();
        clone(&project, autocrlf);
        // git has changed what it may change, and nothing that the build reads.
        for path in ["env.yaml", ".devcontainer/devcontainer.json"] {
            let text = project.read(&format!("checkout/{path}"));
            assert_eq!(text.contains("\r\n"), is_crlf, "{path} with {autocrlf}");
        }
        for path in ["Dockerfile", "env.yaml", "activate.sh", "shells.sh"] {
            let text = project.read(&format!("checkout/.devcontainer/mmdev/{path}"));
            assert!(!text.contains('\r'), "{path} with {autocrlf}");
        }
        let checked = mmdev(&project, &["-C", "checkout", "generate", "--check"]);
        assert_eq!(checked.code, Some(0), "{autocrlf}: {checked:?}");
        mmdev(&project, &["-C", "checkout", "generate"]).success();
        let status = git(&project, &["-C", "checkout", "status", "--porcelain"]);
        assert_eq!(status.stdout, "", "{autocrlf}");
    }
}

#[test]
fn what_a_checkout_with_crlf_generates_differs_by_nothing_else() {
    let project = committed();
    clone(&project, "true");
    let spec = project.read("checkout/env.yaml");
    project.write("checkout/env.yaml", &format!("{spec}  - numpy\r\n"));
    let checked = mmdev(&project, &["-C", "checkout", "generate", "--check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    mmdev(&project, &["-C", "checkout", "generate"]).success();
    let changed = git(&project, &["-C", "checkout", "diff", "--numstat"]).stdout;
    assert_eq!(
        changed,
        "2\t1\t.devcontainer/mmdev/env.yaml\n1\t0\tenv.yaml\n"
    );
}

#[test]
fn ci_hears_that_a_spec_was_committed_without_its_files() {
    let project = committed();
    let spec = project.read("env.yaml");
    project.write("env.yaml", &spec.replace("# ours", "# theirs"));
    let checked = mmdev(&project, &["generate", "--check"]);
    assert_eq!(
        checked.code,
        Some(0),
        "a comment changes nothing: {checked:?}"
    );
    project.write("env.yaml", &spec.replace("3.11", "3.12"));
    let checked = mmdev(&project, &["generate", "--check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(
        checked.stderr.contains(".devcontainer/mmdev/env.yaml"),
        "{checked:?}"
    );
    let status = git(&project, &["status", "--porcelain"]);
    assert_eq!(status.stdout, " M env.yaml\n", "a check writes nothing");
}
