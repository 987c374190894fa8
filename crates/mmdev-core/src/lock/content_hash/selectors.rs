//! conda-lock's selectors: a word in brackets in a line's comment, whatever else the comment says.

/// The lines of `text` that conda-lock reads for `platform`; `None` where it does not know the platform, and a line
/// has a selector.
pub(super) fn filter(text: &str, platform: &str) -> Option<String> {
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        if let Some(word) = selector(line)
            && !words(platform)?.contains(&word)
        {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    Some(kept)
}

fn words(platform: &str) -> Option<&'static [&'static str]> {
    Some(match platform {
        "linux-64" => &["linux64", "unix", "linux"],
        "linux-aarch64" => &["aarch64", "unix", "linux"],
        "linux-ppc64le" => &["ppc64le", "unix", "linux"],
        "osx-64" => &["osx64", "osx", "unix"],
        "osx-arm64" => &["arm64", "osx", "unix"],
        "win-64" => &["win", "win64"],
        _ => return None,
    })
}

/// What stands in the last brackets behind a `#`, where no parenthesis follows.
fn selector(line: &str) -> Option<&str> {
    let first = line.chars().next()?.len_utf8();
    let comment = line[first..].find('#')? + first + 1;
    let mut end = line.len();
    loop {
        let close = comment + line.get(comment..end)?.rfind(']')?;
        if line[close..].contains(['(', ')']) {
            return None;
        }
        let word = &line[comment..close];
        let open = comment + word.rfind('[')?;
        let word = &line[open + 1..close];
        if !word.is_empty() && !word.contains(']') {
            return Some(word);
        }
        end = close;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_a_comment_are_a_selector() {
        let cases = [
            ("  - a # [linux]", Some("linux")),
            ("  - a # see [issue 3]", Some("issue 3")),
            ("  - a # [see](http://x)", None),
            ("  - a # [win] (old)", None),
            ("  - a # [] [win] x", Some("win")),
            ("  - a # [win] []", Some("win")),
            ("  - a[version=2]", None),
            ("#[linux]", None),
            ("- é #[linux]", Some("linux")),
        ];
        for (line, expected) in cases {
            assert_eq!(selector(line), expected, "{line:?}");
        }
    }
}
