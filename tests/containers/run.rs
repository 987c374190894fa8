//! What goes into and out of a program that `mmdev run` runs: input, output, signals, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use mmdev_testkit::{Project, docker};

use crate::support::{LEAN, Place, Running, runs_with, wait_until};

/// A container that runs, with hardly anything in it.
fn running() -> Place {
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [prefix-text]\n",
            )
            .file("mmdev.toml", LEAN),
    );
    place.mmdev(&["init", "-q"]).success();
    place.mmdev(&["up", "-q"]).success();
    place
}

/// Waits for the end, and gives the exit code.
#[track_caller]
fn ended(child: &mut Child) -> Option<i32> {
    let mut status = None;
    wait_until("mmdev ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.and_then(|status| status.code())
}

#[test]
fn streams_signals_and_ends_do_not_wait_for_each_other() {
    let place = running();
    let start = |program: &[&str]| {
        let arguments = [&["run", "--"], program].concat();
        Running::start(place.command(&arguments).stdin(Stdio::piped()))
    };

    // A program that writes more than it reads fills every buffer on the way while its input comes.
    const INPUT: usize = 4 << 20;
    let mut run = start(&["sed", "p;p;p;p;p;p;p"]);
    let mut input = run.0.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&b"y\n".repeat(INPUT / 2)));
    let mut output = run.0.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut read = Vec::new();
        output.read_to_end(&mut read).map(|_| read.len())
    });
    assert_eq!(ended(&mut run.0), Some(0));
    writer.join().unwrap().unwrap();
    assert_eq!(reader.join().unwrap().unwrap(), 8 * INPUT);

    // Who stops reading stops the program, as in a pipe of this machine.
    // (mmdev's own arguments are not those of the program, by which that is found.)
    let mut run = start(&["sh", "-c", "exec yes 'nobody-'reads-this"]);
    let mut output = BufReader::new(run.0.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "nobody-reads-this\n");
    drop(output);
    assert_eq!(ended(&mut run.0), Some(141));
    wait_until("the program ends", || !runs_with("nobody-reads-this"));

    // One that does not mind, as Python does not, is ended.
    let forever = "trap '' PIPE; while :; do echo nobody-minds; done 2> /dev/null";
    let mut run = start(&["sh", "-c", forever]);
    let mut output = BufReader::new(run.0.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    drop(output);
    assert_eq!(ended(&mut run.0), Some(143));

    // A signal gets through to a program that writes all the time, and to one that reads nothing.
    for (program, argument) in [
        ("exec yes 's'ignal", "signal"),
        ("exec sleep '98'7654", "987654"),
    ] {
        let mut run = start(&["sh", "-c", program]);
        let mut input = run.0.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(&[0; 8 << 20]));
        let mut output = run.0.stdout.take().unwrap();
        let reader = std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        wait_until("the program runs", || runs_with(argument));
        let pid = rustix::process::Pid::from_child(&run.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let code = ended(&mut run.0);
        let mut said = String::new();
        let mut stderr = run.0.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!((code, &*said), (Some(143), ""), "{program}");
        let _ = writer.join().unwrap();
        reader.join().unwrap().unwrap();
    }

    // A container that goes away under a program is an end of it, not of mmdev.
    let mut run = start(&["sh", "-c", "exec sleep '87'6543"]);
    wait_until("the program runs", || runs_with("876543"));
    docker(&["kill", &place.containers()[0]]);
    assert_eq!(ended(&mut run.0), Some(137));
}

#[test]
fn a_shell_ends_with_its_terminal() {
    let place = running();
    // `script` makes a terminal. mmdev's own arguments are not those of the shell, by which that is found.
    let shell = |name: &str| {
        let line = format!(
            "exec {} run -- sh -c \"exec bash --rcfile /no-'such'-{name}\"",
            env!("CARGO_BIN_EXE_mmdev")
        );
        let mut script = place
            .project
            .command("script", ["-qfec", &line, "/dev/null"]);
        let run = Running::start(script.stdin(Stdio::piped()));
        let argument = format!("/no-such-{name}");
        wait_until("the shell runs", || runs_with(&argument));
        (run, argument)
    };

    let (mut run, argument) = shell("closed");
    run.0.kill().unwrap();
    wait_until("the shell ends", || !runs_with(&argument));

    // An interactive shell does not mind SIGTERM.
    let (mut run, argument) = shell("terminated");
    let children = format!("/proc/{0}/task/{0}/children", run.0.id());
    let children = std::fs::read_to_string(children).unwrap();
    let mmdev = children.split_whitespace().next().unwrap().parse().unwrap();
    let mmdev = rustix::process::Pid::from_raw(mmdev).unwrap();
    rustix::process::kill_process(mmdev, rustix::process::Signal::TERM).unwrap();
    assert_eq!(ended(&mut run.0), Some(129));
    assert!(!runs_with(&argument));
}
