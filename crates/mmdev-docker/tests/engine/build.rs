//! Builds: what they report, how they fail, and that they really stop.

use std::collections::BTreeMap;

use mmdev_docker::{BuildEvent, Credentials, Error};

use crate::support::{BASE, LONG, build, engine, engine_with_base, request, unique};

fn log_of(events: &[BuildEvent], wanted: &str) -> Vec<String> {
    let step = events.iter().find_map(|event| match event {
        BuildEvent::StepStarted { step, name } if name.contains(wanted) => Some(*step),
        _ => None,
    });
    events
        .iter()
        .filter_map(|event| match event {
            BuildEvent::Log { step: of, line } if Some(*of) == step => Some(line.clone()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_build_reports_its_steps_and_the_second_one_is_cached() {
    let engine = engine_with_base().await;
    let text = unique("text");
    let mut request = request(
        "steps",
        &format!("FROM {BASE}\nARG A=0\nRUN echo \"a is $A\" && echo {text} >&2\n"),
    );
    request.args = BTreeMap::from([("A".to_owned(), "1; exit 7".to_owned())]);
    request.labels = BTreeMap::from([("dev.mmdev.project".to_owned(), text.clone())]);
    let (first, events) = build(&engine, &request).await;
    let first = first.unwrap();
    assert!(first.starts_with("sha256:"), "{first}");
    let mut log = log_of(&events, "RUN echo");
    // Stdout and stderr come by different ways.
    log.sort();
    assert_eq!(log, ["a is 1; exit 7", text.as_str()]);
    let started = events
        .iter()
        .filter(|event| matches!(event, BuildEvent::StepStarted { .. }));
    let done = events
        .iter()
        .filter(|event| matches!(event, BuildEvent::StepDone { .. }));
    assert_eq!(started.count(), done.count());

    let (second, events) = build(&engine, &request).await;
    assert_eq!(second.unwrap(), first);
    assert!(
        events
            .iter()
            .any(|event| matches!(event, BuildEvent::StepDone { cached: true, .. }))
    );
    assert_eq!(log_of(&events, "RUN echo"), Vec::<String>::new());

    // A new image takes the name; the old one is superseded, and removed when it is not kept.
    request.args.insert("A".to_owned(), "2".to_owned());
    let (newer, _) = build(&engine, &request).await;
    let newer = newer.unwrap();
    let images = engine
        .images(&[("dev.mmdev.project", &text)])
        .await
        .unwrap();
    assert_eq!(images.len(), 2);
    assert!(engine.usage(&text).await.unwrap().bytes > 0);
    let removed = engine.remove_superseded(&text, &[&newer]).await.unwrap();
    assert_eq!(
        removed.iter().map(|image| &image.id).collect::<Vec<_>>(),
        [&first]
    );
    assert!(removed[0].tags.is_empty(), "{removed:?}");
    assert_eq!(engine.remove_superseded(&text, &[]).await.unwrap().len(), 1);
    assert!(matches!(
        engine.inspect_image(&newer).await,
        Err(Error::NoImage { .. })
    ));
}

#[tokio::test]
async fn a_failure_names_its_step_its_last_lines_and_its_exit_code() {
    let engine = engine_with_base().await;
    let text = unique("fail");
    let request = request(
        "fail",
        &format!(
            "FROM {BASE}\nRUN echo first\nRUN echo {text}; printf 'no end'; exit 3\nRUN echo never\n"
        ),
    );
    let (result, events) = build(&engine, &request).await;
    let Err(Error::Build(failure)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(failure.exit_code, Some(3));
    assert_eq!(failure.log_tail, [text.as_str(), "no end"]);
    let step = failure.step.clone().unwrap();
    assert!(step.contains("[3/4] RUN echo"), "{step}");
    assert!(
        failure.to_string().ends_with("with exit code 3"),
        "{failure}"
    );
    assert!(
        events
            .iter()
            .any(|event| matches!(event, BuildEvent::StepFailed { .. }))
    );
}

#[tokio::test]
async fn a_dockerfile_that_is_none_is_refused() {
    let engine = engine().await;
    for dockerfile in ["", "NONSENSE x\n", "FROM\n", "FROM mmdev-ctest-\u{7}\n"] {
        let (result, _) = build(&engine, &request("none", dockerfile)).await;
        let Err(Error::Build(failure)) = result else {
            panic!("{dockerfile:?}: {result:?}");
        };
        assert!(!failure.message.is_empty(), "{dockerfile:?}");
    }
}

#[tokio::test]
async fn a_dropped_build_stops_in_the_engine() {
    let engine = engine_with_base().await;
    // Of two builds that lock one cache mount, the second waits until the first one's process is gone.
    let mount = unique("lock");
    let locked = |command: &str| {
        let dockerfile = format!(
            "FROM {BASE}\nRUN --mount=type=cache,id={mount},target=/c,sharing=locked {command}\n"
        );
        request("lock", &dockerfile)
    };
    let (sender, mut started) = tokio::sync::mpsc::unbounded_channel();
    let first = locked("echo locked && sleep 3600");
    let mut report = move |event| {
        if matches!(&event, BuildEvent::Log { line, .. } if line == "locked") {
            sender.send(()).unwrap();
        }
    };
    tokio::select! {
        result = engine.build(&first, &mut report) => panic!("it ended: {result:?}"),
        _ = started.recv() => {}
    }
    let (result, events) = tokio::time::timeout(LONG, async {
        build(&engine, &locked("echo mine now")).await
    })
    .await
    .expect("the dropped build still runs");
    result.unwrap();
    assert_eq!(log_of(&events, "RUN --mount"), ["mine now"]);
}

#[tokio::test]
async fn network_target_and_hosts_reach_the_build() {
    let engine = engine_with_base().await;
    let text = unique("net");
    let mut request = request(
        "net",
        &format!(
            "FROM {BASE} AS one\nRUN echo {text}; cat /etc/hosts; ls /sys/class/net | wc -l\nFROM one AS two\nRUN exit 1\n"
        ),
    );
    request.target = Some("one".to_owned());
    request.network = Some("none".to_owned());
    request.extra_hosts = vec!["some.host:10.1.2.3".to_owned()];
    let (result, events) = build(&engine, &request).await;
    result.unwrap();
    let log = log_of(&events, "RUN echo").join("\n");
    assert!(log.contains("10.1.2.3\tsome.host"), "{log}");
    request.network = Some("host".to_owned());
    let (result, events) = build(&engine, &request).await;
    result.unwrap();
    let host = log_of(&events, "RUN echo").join("\n");
    assert_ne!(log, host);
}

#[tokio::test]
async fn an_image_that_nobody_has_cannot_be_pulled() {
    let engine = engine().await;
    // Nothing listens on this port of the loopback.
    let image = "localhost:1/mmdev-ctest/none:1";
    let mut statuses = Vec::new();
    let error = engine
        .pull(image, None, &Credentials::default(), &mut |event| {
            statuses.push(event.status)
        })
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Pull { .. }), "{error:?}");
    assert!(error.hint().is_some());
    let again = statuses
        .iter()
        .filter(|status| status.ends_with("trying again"));
    assert_eq!(again.count(), 2, "{statuses:?}");
}

#[tokio::test]
async fn a_folder_of_this_machine_is_a_context() {
    let engine = engine_with_base().await;
    let folder = tempfile::tempdir().unwrap();
    let text = unique("folder");
    std::fs::write(folder.path().join(".dockerignore"), "ignored\n").unwrap();
    std::fs::write(folder.path().join("ignored"), "x").unwrap();
    // More than travels at once.
    std::fs::write(folder.path().join("kept"), text.repeat(30_000)).unwrap();
    let size = text.len() * 30_000;
    let mut request = request(
        "folder",
        &format!("FROM {BASE}\nCOPY . /c\nRUN ls -A /c; wc -c < /c/kept\n"),
    );
    request.folder = Some(folder.path().to_owned());
    let (result, events) = build(&engine, &request).await;
    result.unwrap();
    let log = log_of(&events, "RUN ls").join(" ");
    assert_eq!(log, format!(".dockerignore Dockerfile kept {size}"));
}

#[tokio::test]
#[cfg(unix)]
async fn a_file_of_the_context_that_cannot_be_read_is_named() {
    let engine = engine_with_base().await;
    let folder = tempfile::tempdir().unwrap();
    // A folder in the place of the file: even root cannot read that.
    std::fs::create_dir(folder.path().join(".dockerignore")).unwrap();
    let mut request = request("unreadable", &format!("FROM {BASE}\n"));
    request.folder = Some(folder.path().to_owned());
    let (result, _) = build(&engine, &request).await;
    let Err(error @ Error::Context { .. }) = result else {
        panic!("{result:?}");
    };
    assert!(
        error
            .to_string()
            .contains(".dockerignore of the build context"),
        "{error}"
    );
}
