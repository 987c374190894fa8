//! Programs in containers: input, output, status, terminals and signals.

use bytes::Bytes;
use mmdev_docker::{Error, ExecOutput, ExecRequest, ExecStreams, Signal};
use tokio::sync::mpsc::channel;

use crate::support::{LONG, Running, engine_with_base, plan, unique};

fn request(running: &Running, script: &str) -> ExecRequest {
    ExecRequest {
        container: running.id.clone(),
        command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        ..ExecRequest::default()
    }
}

#[tokio::test]
async fn output_status_environment_user_and_folder() {
    let engine = engine_with_base().await;
    let running = Running::start(
        &engine,
        &plan(r#"{"containerEnv": {"GONE": "1"}}"#, &unique("exec")),
    )
    .await;
    let mut one = request(
        &running,
        r#"echo "$A|${GONE-unset}|$(id -u)|$(pwd)"; echo wrong >&2; exit 42"#,
    );
    one.env = vec![
        ("A".to_owned(), Some("x y\nz=\"$B\"".to_owned())),
        ("GONE".to_owned(), None),
    ];
    one.user = Some("user:root".to_owned());
    one.workdir = Some("/etc".to_owned());
    let finished = engine.exec_output(&one).await.unwrap();
    assert_eq!(finished.exit_code, 42);
    assert_eq!(
        String::from_utf8_lossy(&finished.stdout),
        "x y\nz=\"$B\"|unset|2000|/etc\n"
    );
    assert_eq!(String::from_utf8_lossy(&finished.stderr), "wrong\n");

    let killed = engine
        .exec_output(&request(&running, "kill -9 $$"))
        .await
        .unwrap();
    assert_eq!(killed.exit_code, 137);

    // Bytes that are no text, more than any buffer holds, come whole and in order.
    let bytes = "i=0; while [ $i -lt 300 ]; do head -c 4096 /dev/zero; printf '\\377\\000\\001'; i=$((i+1)); done";
    let finished = engine.exec_output(&request(&running, bytes)).await.unwrap();
    assert_eq!(finished.stdout.len(), 300 * 4099);
    assert_eq!(&finished.stdout[4096..4100], [255, 0, 1, 0]);
}

#[tokio::test]
async fn what_cannot_be_started_is_an_error_in_words() {
    let engine = engine_with_base().await;
    let running = Running::start(&engine, &plan("{}", &unique("start"))).await;
    let run = async |change: fn(&mut ExecRequest)| {
        let mut one = request(&running, "true");
        change(&mut one);
        match engine.exec_output(&one).await {
            Ok(finished) => format!(
                "{} {}",
                finished.exit_code,
                String::from_utf8_lossy(&[finished.stdout, finished.stderr].concat())
            ),
            Err(error @ Error::CannotStart { .. }) => format!("error: {error}"),
            Err(error) => panic!("{error:?}"),
        }
    };
    let program = run(|one| one.command = vec!["/no/such".to_owned()]).await;
    assert!(program.contains("/no/such"), "{program}");
    let user = run(|one| one.user = Some("nobody-here".to_owned())).await;
    assert!(user.contains("nobody-here"), "{user}");
    let folder = run(|one| one.workdir = Some("/no/folder".to_owned())).await;
    assert!(folder.contains("/no/folder"), "{folder}");
}

#[tokio::test]
async fn input_goes_in_and_its_end_is_seen() {
    let engine = engine_with_base().await;
    let running = Running::start(&engine, &plan("{}", &unique("stdin"))).await;
    let (sender, receiver) = channel(4);
    tokio::spawn(async move {
        for _ in 0..64 {
            sender.send(Bytes::from(vec![b'x'; 10_000])).await.unwrap();
        }
    });
    let streams = ExecStreams {
        stdin: Some(receiver),
        ..ExecStreams::default()
    };
    let mut output = Vec::new();
    let code = engine
        .exec(
            &request(&running, "wc -c; echo end >&2"),
            streams,
            &mut |part| {
                output.push(part);
            },
        )
        .await
        .unwrap();
    assert_eq!(code, 0);
    assert!(
        output.contains(&ExecOutput::Stdout(Bytes::from("640000\n"))),
        "{output:?}"
    );
    assert!(
        output.contains(&ExecOutput::Stderr(Bytes::from("end\n"))),
        "{output:?}"
    );

    // A program that does not read its input ends all the same.
    let (sender, receiver) = channel(1);
    sender.send(Bytes::from("unread")).await.unwrap();
    let streams = ExecStreams {
        stdin: Some(receiver),
        ..ExecStreams::default()
    };
    let one = request(&running, "exit 5");
    let ended = async { engine.exec(&one, streams, &mut |_| {}).await };
    assert_eq!(tokio::time::timeout(LONG, ended).await.unwrap().unwrap(), 5);
}

#[tokio::test]
async fn a_terminal_has_the_size_that_it_is_given_and_passes_keys() {
    let engine = engine_with_base().await;
    let running = Running::start(&engine, &plan("{}", &unique("tty"))).await;
    let mut one = request(
        &running,
        "tty; until [ \"$(stty size)\" = '33 121' ]; do sleep 0.1; done; echo sized; sleep 3600",
    );
    one.tty = true;
    let (keys, stdin) = channel(4);
    let (size, sizes) = channel(4);
    size.send((121, 33)).await.unwrap();
    let streams = ExecStreams {
        stdin: Some(stdin),
        sizes: Some(sizes),
        signals: None,
    };
    let mut screen = Vec::new();
    let mut write = |part| {
        let (ExecOutput::Stdout(bytes) | ExecOutput::Stderr(bytes)) = part;
        screen.extend_from_slice(&bytes);
        if String::from_utf8_lossy(&screen).contains("sized") {
            // Ctrl-C, as a key.
            let _ = keys.try_send(Bytes::from("\u{3}"));
        }
    };
    let ended = engine.exec(&one, streams, &mut write);
    let code = tokio::time::timeout(LONG, ended).await.unwrap().unwrap();
    let screen = String::from_utf8_lossy(&screen).into_owned();
    assert_eq!(code, 130, "{screen}");
    assert!(screen.starts_with("/dev/pts/"), "{screen}");
}

#[tokio::test]
async fn a_signal_reaches_the_program_and_nobody_else() {
    let engine = engine_with_base().await;
    let running = Running::start(&engine, &plan("{}", &unique("signal"))).await;
    let script = "trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.1; done";
    let (first_signal, first_signals) = channel(1);
    let (second_signal, second_signals) = channel(1);
    let run = async |signals, sender: tokio::sync::mpsc::Sender<Signal>, signal| {
        let streams = ExecStreams {
            signals: Some(signals),
            ..ExecStreams::default()
        };
        let mut text = String::new();
        let mut write = |part| {
            let (ExecOutput::Stdout(bytes) | ExecOutput::Stderr(bytes)) = part;
            text.push_str(&String::from_utf8_lossy(&bytes));
            if text == "ready\n" {
                sender.try_send(signal).unwrap();
            }
        };
        let mut one = request(&running, script);
        one.user = Some("user".to_owned());
        let code = tokio::time::timeout(LONG, engine.exec(&one, streams, &mut write))
            .await
            .unwrap()
            .unwrap();
        (code, text)
    };
    let (first, second) = tokio::join!(
        run(first_signals, first_signal, Signal::Terminate),
        run(second_signals, second_signal, Signal::Interrupt),
    );
    assert_eq!(first.0, 7, "{first:?}");
    assert!(first.1.contains("caught\n"), "{first:?}");
    assert_eq!(second.0, 130, "{second:?}");
}
