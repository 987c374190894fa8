//! The step that made a layer, in the words of its Dockerfile.

/// The characters of a step that are shown.
const LONGEST: usize = 72;

/// What prepares a step, and says nothing of it.
const PREPARING: [&str; 6] = ["umask", "export", "mkdir", "set", "cd", "find"];

/// What the history of an image says of a step, shortened: without the shell, build arguments, and what only prepares
/// the commands.
pub fn step(created_by: &str) -> String {
    let words: Vec<&str> = created_by.split_whitespace().collect();
    let text = words.join(" ");
    let text = text.strip_suffix(" # buildkit").unwrap_or(&text);
    let text = match text.split_once("/bin/sh -c #(nop) ") {
        Some((_, instruction)) => instruction.trim_start().to_owned(),
        None => command(text),
    };
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// A RUN step without its shell and arguments; another instruction as it is.
fn command(text: &str) -> String {
    let run = text.strip_prefix("RUN ");
    // The classic builder writes neither RUN nor an instruction.
    let Some(run) = run.or(text.starts_with(['/', '|']).then_some(text)) else {
        return text.to_owned();
    };
    let shells = ["/bin/sh -c ", "/bin/bash -c ", "/bin/bash -o pipefail -c "];
    let shells = shells.iter().filter_map(|shell| run.split_once(shell));
    let own = run.split_once("/usr/local/bin/_dockerfile_shell.sh ");
    let Some((_, commands)) = shells.chain(own).min_by_key(|(before, _)| before.len()) else {
        return text.to_owned();
    };
    let parts: Vec<&str> = commands.split(" && ").collect();
    let telling: Vec<&str> = parts
        .iter()
        .filter(|part| {
            let first = part.split(' ').next().unwrap_or_default();
            !PREPARING.contains(&first)
        })
        .copied()
        .collect();
    match telling.is_empty() {
        true => format!("RUN {commands}"),
        false => format!("RUN {}", telling.join(" && ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(created_by: &str, expected: &str) {
        assert_eq!(step(created_by), expected);
    }

    #[test]
    fn steps_are_what_their_dockerfile_says() {
        check("/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD [\"bash\"]");
        check("/bin/sh -c #(nop) ADD file:0f in / ", "ADD file:0f in /");
        check("# debian.sh --arch 'amd64'", "# debian.sh --arch 'amd64'");
        check(
            "COPY /bin/micromamba /bin/micromamba # buildkit",
            "COPY /bin/micromamba /bin/micromamba",
        );
        check(
            "RUN /bin/sh -c mkdir -m 777 -p /opt/conda/envs # buildkit",
            "RUN mkdir -m 777 -p /opt/conda/envs",
        );
        check("|1 A=b /bin/sh -c apt-get update", "RUN apt-get update");
        check(
            "RUN |2 A=b C=d /usr/local/bin/_dockerfile_shell.sh umask 000     && export X=1 \t&& \
             micromamba install -y -n base -f /tmp/base-lock.yml && find /opt/conda -type d # buildkit",
            "RUN micromamba install -y -n base -f /tmp/base-lock.yml",
        );
        check(
            &format!("ENV A={}", "é".repeat(100)),
            &format!("ENV A={}…", "é".repeat(LONGEST - 6)),
        );
    }
}
