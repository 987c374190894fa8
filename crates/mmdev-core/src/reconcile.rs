//! Deciding the actions from what should be and what is.
//!
//! The decision is pure and whole: who executes the actions has nothing left to choose, `--dry-run` prints them, and
//! `status` is what is left to do. Executing them and observing again leaves none.

use std::collections::BTreeMap;

use crate::artifact::stamp::{self, Ownership};
use crate::artifact::{FOLDER, File};
use crate::container::identity::PLAN_HASH;
use crate::lock;

/// How far to go. Each goal holds those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// The generated files are written.
    Files,
    /// There is an image of them.
    Image,
    /// A container of that image runs.
    Container,
}

/// What should be.
#[derive(Debug, Clone, Copy)]
pub struct Desired<'a> {
    /// The files of [`FOLDER`], all of them.
    pub files: &'a [File],
    /// The project's [`plan_hash`](crate::artifact::plan_hash).
    pub plan_hash: &'a str,
    /// How far to go.
    pub goal: Goal,
    /// Whether files that a person changed are overwritten (`--force`).
    pub overwrite: bool,
    /// Whether the container is replaced, be it behind or not (`--recreate`). Replacing loses what was installed or
    /// written in it outside the workspace, so it has to be asked for.
    pub replace: bool,
}

/// What is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The files that stand in [`FOLDER`], by path relative to the project's root.
    pub files: BTreeMap<String, String>,
    /// The images that carry the project's label.
    pub images: Vec<Image>,
    /// The project's containers, whoever made them.
    pub containers: Vec<Container>,
}

/// An image that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// A container that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// The id of its image.
    pub image: String,
    /// Its labels; those of its image are among them.
    pub labels: BTreeMap<String, String>,
    /// What it does.
    pub state: State,
}

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It runs.
    Running,
    /// Its processes are frozen.
    Paused,
    /// It was made and never started, or has ended.
    Stopped,
}

/// One step. They are executed in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Write a file.
    Write(File),
    /// Remove a file that mmdev wrote and that the project does not have any more.
    Remove {
        /// Its path relative to the project's root.
        path: String,
    },
    /// Say that a file is not as mmdev wrote it, and leave it. Nothing is built from such a folder.
    Leave {
        /// Its path relative to the project's root.
        path: String,
        /// Whose it is: never [`Ownership::Owned`].
        ownership: Ownership,
    },
    /// Build the image, and label it with this plan hash.
    Build {
        /// The hash.
        plan_hash: String,
    },
    /// Make a container from the image with this plan hash, start it and run what a new container runs.
    Create {
        /// The hash.
        plan_hash: String,
    },
    /// Start a container that is stopped.
    Start {
        /// Its id.
        container: String,
    },
    /// Let a paused container go on.
    Unpause {
        /// Its id.
        container: String,
    },
    /// Say that the container was made from an older image, and how to replace it.
    Behind {
        /// Its id.
        container: String,
    },
    /// Stop and remove a container.
    RemoveContainer {
        /// Its id.
        container: String,
    },
    /// Remove an image that a newer one has superseded and that no container uses. An engine that refuses, because
    /// an image made from this one (with the host user's ids) is in use, is right: it goes another time.
    RemoveImage {
        /// Its id.
        image: String,
    },
}

/// The steps from `observed` to `desired`; none where all is as it should be.
pub fn reconcile(desired: Desired, observed: &Observed) -> Vec<Action> {
    let mut actions = files(desired, &observed.files);
    let is_left = actions
        .iter()
        .any(|action| matches!(action, Action::Leave { .. }));
    if is_left || desired.goal == Goal::Files {
        return actions;
    }
    let steps = if desired.goal == Goal::Container {
        container(desired, observed)
    } else {
        build(desired, observed)
    };
    actions.extend(steps);
    let removed = |id: &str| {
        actions.iter().any(
            |action| matches!(action, Action::RemoveContainer { container } if container == id),
        )
    };
    let superseded: Vec<Action> = observed
        .images
        .iter()
        .filter(|image| is_behind(&image.labels, desired))
        .filter(|image| {
            let mut users = observed
                .containers
                .iter()
                .filter(|container| container.image == image.id);
            users.all(|container| removed(&container.id))
        })
        .map(|image| Action::RemoveImage {
            image: image.id.clone(),
        })
        .collect();
    actions.extend(superseded);
    actions
}

fn files(desired: Desired, observed: &BTreeMap<String, String>) -> Vec<Action> {
    let mut actions = Vec::new();
    for file in desired.files {
        let write = Action::Write(file.clone());
        match observed.get(&file.path) {
            None => actions.push(write),
            // git may have changed the line ends at checkout: that is no reason to write.
            Some(text) if stamp::same_but_line_ends(text, &file.text) => {}
            Some(text) => match ownership(text) {
                Ownership::Owned => actions.push(write),
                _ if desired.overwrite => actions.push(write),
                ownership => actions.push(Action::Leave {
                    path: file.path.clone(),
                    ownership,
                }),
            },
        }
    }
    for (path, text) in observed {
        let is_ours = path.starts_with(&format!("{FOLDER}/"));
        let is_wanted = desired.files.iter().any(|file| file.path == *path);
        // A file of a person beside ours is none of our business.
        if is_ours && !is_wanted && ownership(text) == Ownership::Owned {
            actions.push(Action::Remove { path: path.clone() });
        }
    }
    actions
}

/// Whose a file is. Where git could not merge what mmdev wrote on both sides, nobody else had a hand in it.
fn ownership(text: &str) -> Ownership {
    let is_ours = |side: &String| stamp::verify(side) == Ownership::Owned;
    match lock::both_sides(text) {
        Some(sides) if sides.iter().all(is_ours) => Ownership::Owned,
        _ => stamp::verify(text),
    }
}

/// Builds where no image has the plan's hash.
fn build(desired: Desired, observed: &Observed) -> Vec<Action> {
    let has_image = observed
        .images
        .iter()
        .any(|image| plan_of(&image.labels) == Some(desired.plan_hash));
    if has_image {
        return Vec::new();
    }
    vec![Action::Build {
        plan_hash: desired.plan_hash.to_owned(),
    }]
}

/// Of several containers the one that runs counts, else the first. One that is behind and kept is started without a
/// build: the image is built when the container is replaced.
fn container(desired: Desired, observed: &Observed) -> Vec<Action> {
    let create = Action::Create {
        plan_hash: desired.plan_hash.to_owned(),
    };
    let found = observed
        .containers
        .iter()
        .min_by_key(|container| container.state);
    let Some(found) = found else {
        let mut actions = build(desired, observed);
        actions.push(create);
        return actions;
    };
    let id = found.id.clone();
    if desired.replace {
        // The build comes first: where it fails, the old container is still there.
        let mut actions = build(desired, observed);
        let containers = observed.containers.iter();
        actions.extend(containers.map(|container| Action::RemoveContainer {
            container: container.id.clone(),
        }));
        actions.push(create);
        return actions;
    }
    let is_behind = is_behind(&found.labels, desired);
    let mut actions = Vec::new();
    match found.state {
        State::Running => {}
        State::Paused => actions.push(Action::Unpause {
            container: id.clone(),
        }),
        State::Stopped => actions.push(Action::Start {
            container: id.clone(),
        }),
    }
    if is_behind {
        actions.push(Action::Behind { container: id });
    }
    actions
}

fn plan_of(labels: &BTreeMap<String, String>) -> Option<&str> {
    labels.get(PLAN_HASH).map(String::as_str)
}

/// Whether something was made from another plan. What another tool made has no label, and is taken as it is.
fn is_behind(labels: &BTreeMap<String, String>, desired: Desired) -> bool {
    plan_of(labels).is_some_and(|plan| plan != desired.plan_hash)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn labels(plan: &str) -> BTreeMap<String, String> {
        let labelled = (!plan.is_empty()).then(|| (PLAN_HASH.to_owned(), plan.to_owned()));
        labelled.into_iter().collect()
    }

    fn owned(name: &str, content: &str) -> File {
        File {
            path: format!("{FOLDER}/{name}"),
            text: stamp::sign(content),
        }
    }

    fn image(id: &str, plan: &str) -> Image {
        Image {
            id: id.to_owned(),
            labels: labels(plan),
        }
    }

    fn container(id: &str, image: &Image, state: State) -> Container {
        Container {
            id: id.to_owned(),
            image: image.id.clone(),
            labels: image.labels.clone(),
            state,
        }
    }

    #[track_caller]
    fn check(desired: Desired, observed: &Observed, expected: Expect) {
        let lines: Vec<String> = reconcile(desired, observed)
            .into_iter()
            .map(|action| match action {
                Action::Write(file) => format!("write {}", file.path),
                Action::Remove { path } => format!("remove {path}"),
                Action::Leave { path, ownership } => format!("leave {path}: {ownership:?}"),
                Action::Build { plan_hash } => format!("build {plan_hash}"),
                Action::Create { plan_hash } => format!("create {plan_hash}"),
                Action::Start { container } => format!("start {container}"),
                Action::Unpause { container } => format!("unpause {container}"),
                Action::Behind { container } => format!("behind {container}"),
                Action::RemoveContainer { container } => format!("remove container {container}"),
                Action::RemoveImage { image } => format!("remove image {image}"),
            })
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    const UP: Desired = Desired {
        files: &[],
        plan_hash: "new",
        goal: Goal::Container,
        overwrite: false,
        replace: false,
    };

    #[test]
    fn files_are_written_removed_and_left() {
        let wanted = [
            owned("new", "a\n"),
            owned("same", "a\n"),
            owned("line-ends", "a\n"),
            owned("outdated", "a\n"),
            owned("changed", "a\n"),
            owned("foreign", "a\n"),
            owned("merged", "a\n"),
            owned("merged-changed", "a\n"),
        ];
        let conflict = |one: &str, other: &str| {
            let (one, other) = (stamp::sign(one), stamp::sign(other));
            format!("<<<<<<< HEAD\n{one}=======\n{other}>>>>>>> theirs\n")
        };
        let path = |name: &str| format!("{FOLDER}/{name}");
        let observed = Observed {
            files: [
                (path("same"), stamp::sign("a\n")),
                (path("line-ends"), stamp::sign("a\n").replace('\n', "\r\n")),
                (path("outdated"), stamp::sign("b\n")),
                (path("changed"), stamp::sign("b\n") + "c\n"),
                (path("foreign"), "b\n".to_owned()),
                (path("merged"), conflict("b\n", "c\n")),
                (path("merged-changed"), conflict("b\n", "c\n") + "d\n"),
                (path("stale"), stamp::sign("b\n")),
                (path("stale-changed"), stamp::sign("b\n") + "c\n"),
                (path("README"), "mine\n".to_owned()),
            ]
            .into(),
            ..Observed::default()
        };
        let desired = Desired {
            files: &wanted,
            ..UP
        };
        check(
            desired,
            &observed,
            expect![[r#"
                write .devcontainer/mmdev/new
                write .devcontainer/mmdev/outdated
                leave .devcontainer/mmdev/changed: Changed
                leave .devcontainer/mmdev/foreign: Foreign
                write .devcontainer/mmdev/merged
                leave .devcontainer/mmdev/merged-changed: Foreign
                remove .devcontainer/mmdev/stale"#]],
        );
        let forced = Desired {
            overwrite: true,
            goal: Goal::Files,
            ..desired
        };
        check(
            forced,
            &observed,
            expect![[r#"
                write .devcontainer/mmdev/new
                write .devcontainer/mmdev/outdated
                write .devcontainer/mmdev/changed
                write .devcontainer/mmdev/foreign
                write .devcontainer/mmdev/merged
                write .devcontainer/mmdev/merged-changed
                remove .devcontainer/mmdev/stale"#]],
        );
    }

    #[test]
    fn from_nothing_to_a_container() {
        check(
            UP,
            &Observed::default(),
            expect![[r#"
            build new
            create new"#]],
        );
        let image_only = Desired {
            goal: Goal::Image,
            ..UP
        };
        check(image_only, &Observed::default(), expect!["build new"]);
    }

    #[test]
    fn what_is_there_is_used() {
        let new = image("image", "new");
        for (state, expected) in [
            (State::Running, expect![""]),
            (State::Paused, expect!["unpause c"]),
            (State::Stopped, expect!["start c"]),
        ] {
            let observed = Observed {
                images: vec![new.clone()],
                containers: vec![container("c", &new, state)],
                ..Observed::default()
            };
            check(UP, &observed, expected);
        }
        let observed = Observed {
            images: vec![new],
            ..Observed::default()
        };
        check(UP, &observed, expect!["create new"]);
    }

    #[test]
    fn a_container_that_is_behind_is_replaced_only_when_asked() {
        let old = image("old image", "old");
        let observed = Observed {
            images: vec![old.clone(), image("older image", "older")],
            containers: vec![container("c", &old, State::Stopped)],
            ..Observed::default()
        };
        check(
            UP,
            &observed,
            expect![[r#"
            start c
            behind c
            remove image older image"#]],
        );
        let replace = Desired {
            replace: true,
            ..UP
        };
        check(
            replace,
            &observed,
            expect![[r#"
            build new
            remove container c
            create new
            remove image old image
            remove image older image"#]],
        );
    }

    #[test]
    fn what_another_tool_made_is_taken_as_it_is() {
        let theirs = image("vsc", "");
        let observed = Observed {
            images: vec![theirs.clone()],
            containers: vec![
                container("stopped", &theirs, State::Stopped),
                container("running", &theirs, State::Running),
            ],
            ..Observed::default()
        };
        check(UP, &observed, expect![""]);
    }

    #[test]
    fn whoever_asks_for_a_new_container_gets_one() {
        let new = image("image", "new");
        let theirs = image("vsc", "");
        let observed = Observed {
            images: vec![new.clone(), theirs.clone()],
            containers: vec![
                container("theirs", &theirs, State::Stopped),
                container("ours", &new, State::Running),
            ],
            ..Observed::default()
        };
        let replace = Desired {
            replace: true,
            ..UP
        };
        check(
            replace,
            &observed,
            expect![[r#"
            remove container theirs
            remove container ours
            create new"#]],
        );
    }
}
