//! Tokens and passwords reach servers, and nothing that stays or that a person reads.

use std::path::Path;

use mmdev_testkit::Action;

use crate::lock::World;

/// Where a secret comes from, and the secrets.
const SECRETS: [&str; 9] = [
    "tok-url",
    "alice",
    "pass-url",
    "tok-env",
    "pass-netrc",
    "pass-store",
    "pass-rc",
    "pass-proxy",
    "tok-redirect",
];

/// A project whose channels need every kind of credential.
fn world() -> World {
    let world = World::new();
    let host = world.server.url().replace("http://", "");
    for name in ["stored", "of-netrc", "private"] {
        let from = world.served.path().join("main");
        copy(&from, &world.served.path().join(name));
    }
    let home = world.project.home();
    std::fs::write(
        home.join(".netrc"),
        "machine localhost login bob password pass-netrc\n",
    )
    .unwrap();
    std::fs::create_dir(home.join(".rattler")).unwrap();
    std::fs::write(
        home.join(".rattler/credentials.json"),
        r#"{"127.0.0.1": {"BasicHTTP": {"username": "carol", "password": "pass-store"}}}"#,
    )
    .unwrap();
    let port = host.rsplit(':').next().unwrap();
    std::fs::write(
        home.join(".condarc"),
        format!(
            "channel_alias: http://dave:pass-rc@{host}\nproxy_servers:\n  https: http://eve:pass-proxy@{host}\n"
        ),
    )
    .unwrap();
    world.project.write(
        "env.yaml",
        &format!(
            "channels:\n  - http://$WHO:$PASS@{host}/t/$FIRST/main\n  - http://{host}/t/$TOKEN/other\n  \
             - http://{host}/stored\n  - http://localhost:{port}/of-netrc\n  - private\n\
             dependencies:\n  - python\n  - six\n"
        ),
    );
    // The paths with tokens are those without.
    for path in ["t/tok-url/main", "t/tok-env/other"] {
        let to = world.served.path().join(path);
        copy(&world.served.path().join("main"), &to);
    }
    world
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(std::fs::copy(path, to).unwrap()),
        }
    }
}

/// Every file below `folder`, its name and what is in it, but for what the test wrote there.
fn contents(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        let is_ours = [".netrc", "credentials.json", ".condarc", "env.yaml"]
            .iter()
            .any(|own| name.ends_with(own));
        if path.is_dir() {
            contents(&path, found);
        } else if !is_ours {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
}

#[track_caller]
fn check(world: &World, arguments: &[&str], is_good: bool) {
    let shown = run(world, arguments);
    assert_eq!(shown.starts_with("exit code: 0\n"), is_good, "{shown}");
}

/// Runs the binary, and looks for secrets in all that it said and wrote.
#[track_caller]
fn run(world: &World, arguments: &[&str]) -> String {
    let mut command = world.project.command(arguments);
    command
        .env("TOKEN", "tok-env")
        .env("WHO", "alice")
        .env("FIRST", "tok-url")
        .env("PASS", "pass-url")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    let output = command.output().unwrap();
    let shown = world.project.shown(output);
    let mut found = vec![("what it said".to_owned(), shown.clone().into_bytes())];
    contents(&world.project.root(), &mut found);
    contents(&world.project.home(), &mut found);
    for (place, bytes) in found {
        for secret in SECRETS {
            let is_in = |text: &[u8]| {
                text.windows(secret.len())
                    .any(|part| part == secret.as_bytes())
            };
            let text = String::from_utf8_lossy(&bytes);
            assert!(!is_in(place.as_bytes()), "{secret} is in the name {place}");
            assert!(!is_in(&bytes), "{secret} is in {place}: {text}");
        }
    }
    shown
}

#[test]
fn no_secret_is_left_or_said() {
    let world = world();
    check(&world, &["lock", "-v"], true);
    // Each channel was asked, each with its own.
    let requests = world.server.requests(0);
    let with = |path: &str| {
        let request = requests
            .iter()
            .find(|request| request.path.starts_with(path));
        let request = request.unwrap_or_else(|| panic!("{path} was not asked for"));
        let authorization = request.headers.get("authorization");
        authorization.cloned().unwrap_or_default()
    };
    // alice:pass-url, nobody, carol:pass-store, bob:pass-netrc, dave:pass-rc.
    assert_eq!(with("/t/tok-url/main"), "Basic YWxpY2U6cGFzcy11cmw=");
    assert_eq!(with("/t/tok-env/other"), "");
    assert_eq!(with("/stored"), "Basic Y2Fyb2w6cGFzcy1zdG9yZQ==");
    assert_eq!(with("/of-netrc"), "Basic Ym9iOnBhc3MtbmV0cmM=");
    assert_eq!(with("/private"), "Basic ZGF2ZTpwYXNzLXJj");
    let lock = world.lock();
    for url in ["//${WHO}:${PASS}@", "/t/${FIRST}/main", "/t/${TOKEN}/other"] {
        assert!(lock.contains(url), "{lock}");
    }

    for arguments in [
        &["lock", "--check"][..],
        &["generate"],
        &["check", "--channels"],
        &["tree"],
        &["doctor"],
    ] {
        run(&world, arguments);
    }

    world.project.write(
        "env.yaml",
        &format!("{}  - zlib\n", world.project.read("env.yaml")),
    );
    let faults = [
        Action::Status(401),
        Action::Status(403),
        Action::Status(404),
        Action::Status(503),
        Action::Break(0),
        Action::Bytes(b"<html>no</html>".to_vec()),
        Action::Moved("http://127.0.0.1:1/x?signature=tok-redirect".to_owned()),
    ];
    for (index, fault) in faults.into_iter().enumerate() {
        // Only what is asked for again is at fault.
        std::fs::remove_dir_all(world.project.home().join(".cache")).unwrap();
        world.server.rule(move |_| fault.clone());
        let format = ["human", "json"][index % 2];
        check(&world, &["lock", "-v", "--message-format", format], false);
    }
    let spec = world.project.read("env.yaml");
    for wrong in [
        spec.replace("http://$WHO", "ftp://$WHO"),
        spec.replace("- python", "- python >=99"),
        spec.replace("127.0.0.1", "nowhere.invalid"),
        spec.replace("127.0.0.1", "[bad"),
        spec.replace("- python", "- http://alice:pass-url@h/c::python"),
        spec.replace("$WHO:$PASS", "alice:pass-url"),
        spec.replace("$FIRST", "tok-url"),
    ] {
        world.server.rule(|_| Action::Serve);
        world.project.write("env.yaml", &wrong);
        check(&world, &["lock", "-v"], false);
        check(&world, &["lock", "-v", "--offline"], false);
    }
}
