//! What a malformed requirement was to say, where that can be guessed.

use super::package_name;

/// A requirement in pip's language that says what `text` says in conda's, where that is all that is wrong with it.
pub(super) fn from_conda(text: &str) -> Option<String> {
    let text = text.rsplit("::").next().unwrap_or(text);
    let end = text
        .find(|char: char| char.is_whitespace() || "=<>!~".contains(char))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim();
    let version = rest.trim_start_matches('=').trim();
    // The version before a build string; with more behind it, it is no conda language either.
    let version = match version.split(['=', ' ']).collect::<Vec<_>>().as_slice() {
        [version] | [version, _] => version,
        _ => "",
    };
    let operator = [("=~", "~="), ("=>", ">="), ("=<", "<=")]
        .iter()
        .find_map(|(wrong, right)| Some((*right, rest.strip_prefix(wrong)?.trim())));
    let (operator, bound) = operator.unwrap_or(("==", version));
    let joined = [" <", " >", " !", " ~"]
        .iter()
        .fold(rest.to_owned(), |joined, gap| {
            joined.replace(gap, &gap.replace(' ', ","))
        });
    [
        text.to_owned(),
        format!("{name}{operator}{bound}"),
        format!("{name} {joined}"),
    ]
    .into_iter()
    .find(|text| is_requirement(text))
}

/// A requirement that is written as `text` is, without the usual slips.
pub(super) fn from_slips(text: &str) -> Option<String> {
    let bare = match text.starts_with(['"', '\'']) {
        true => text.trim_matches(['"', '\'']).trim(),
        false => text,
    };
    let bare = bare.strip_prefix("pip install ").unwrap_or(bare);
    let (head, marker) = split_marker(bare);
    let end = head
        .find(|char: char| !(char.is_ascii_alphanumeric() || "._-".contains(char)))
        .unwrap_or(head.len());
    let (name, rest) = head.split_at(end);
    let (extras, comparisons) = match rest.trim_start().strip_prefix('[') {
        None => (String::new(), rest),
        Some(inner) => {
            let end = inner
                .find(|char: char| "]<>=!~".contains(char))
                .unwrap_or(inner.len());
            let (extras, behind) = inner.split_at(end);
            let extras: Vec<&str> = extras
                .split([',', ' '])
                .filter(|extra| !extra.is_empty())
                .collect();
            let written = match extras.as_slice() {
                [] => String::new(),
                extras => format!("[{}]", extras.join(",")),
            };
            (written, behind.trim_start_matches(']'))
        }
    };
    let mut repaired = format!("{name}{extras}{}", repaired_comparisons(comparisons)?);
    let marker = repaired_marker(marker);
    if !marker.is_empty() {
        repaired = format!("{repaired}; {marker}");
    }
    Some(repaired).filter(|text| is_requirement(text))
}

/// `git@host:owner/name.git`, with or without `git+`, as a URL that pip takes.
pub(super) fn from_ssh(text: &str) -> Option<String> {
    let address = text.strip_prefix("git+").unwrap_or(text);
    let (host, path) = address.split_once(':')?;
    (host.starts_with("git@") && !path.starts_with('/')).then(|| format!("git+ssh://{host}/{path}"))
}

fn is_requirement(text: &str) -> bool {
    package_name(text).is_ok()
}

/// The names that a marker may begin with.
const MARKERS: [&str; 5] = [
    "python_version",
    "python_full_version",
    "sys_platform",
    "platform_",
    "os_name",
];

/// What stands before and behind the `;`, also where it is forgotten.
fn split_marker(text: &str) -> (&str, &str) {
    if let Some((head, marker)) = text.split_once(';') {
        return (head.trim(), marker.trim());
    }
    let at = MARKERS
        .iter()
        .filter_map(|name| text.find(&format!(" {name}")))
        .min();
    let (head, marker) = text.split_at(at.unwrap_or(text.len()));
    (head.trim(), marker.trim())
}

/// Comparisons, joined by commas; `None` where one of them cannot be told from prose.
fn repaired_comparisons(text: &str) -> Option<String> {
    let text = text.trim().replace(" and ", ",");
    let mut kept = Vec::new();
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut has_bare_operator = false;
    for part in parts {
        let end = part
            .find(|char: char| !(char.is_whitespace() || "=<>!~:".contains(char)))
            .unwrap_or(part.len());
        let (operator, version) = part.split_at(end);
        let operator: String = operator.split_whitespace().collect();
        if version.is_empty() {
            has_bare_operator = true;
            continue;
        }
        kept.push(comparison(&operator, version)?);
    }
    // Of `name==` alone nobody knows the version.
    (!kept.is_empty() || !has_bare_operator).then(|| kept.join(","))
}

fn comparison(operator: &str, version: &str) -> Option<String> {
    let operator = match operator {
        ":" | "=" => "==",
        "=~" | "~" => "~=",
        "=>" => ">=",
        "=<" => "<=",
        "<>" => "!=",
        "" => return None,
        known => known,
    };
    let mut version = version.to_owned();
    let short = version.trim_end_matches(".*").trim_end_matches(".x").len();
    if short < version.len() {
        version.truncate(short);
        if matches!(operator, "==" | "!=") {
            version.push_str(".*");
        }
    }
    if operator == "~=" && !version.contains('.') {
        version.push_str(".0");
    }
    Some(format!("{operator}{version}"))
}

/// A marker with quotes around its values and Python's words between its parts.
fn repaired_marker(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_operator = |char: char| "<>=!~".contains(char);
        let is_word =
            |char: char| !(char.is_whitespace() || is_operator(char) || "\"'()&|;".contains(char));
        let run =
            |is_in: &dyn Fn(char) -> bool| rest.find(|char| !is_in(char)).unwrap_or(rest.len());
        let (length, word) = match first {
            '"' | '\'' => {
                let inner = rest[1..].find(first).unwrap_or(rest.len() - 1);
                let length = (inner + 2).min(rest.len());
                (length, format!("{first}{}{first}", &rest[1..=inner]))
            }
            '&' => (run(&|char| char == '&'), "and".to_owned()),
            '|' => (run(&|char| char == '|'), "or".to_owned()),
            _ if is_operator(first) => {
                let length = run(&is_operator);
                let operator = &rest[..length];
                (
                    length,
                    if operator == "=" { "==" } else { operator }.to_owned(),
                )
            }
            _ if is_word(first) => {
                let length = run(&is_word);
                let word = &rest[..length];
                let is_value = words
                    .last()
                    .is_some_and(|last| last == "in" || last.starts_with(is_operator));
                (
                    length,
                    match is_value {
                        true => format!("\"{word}\""),
                        false => word.to_owned(),
                    },
                )
            }
            other => (other.len_utf8(), other.to_string()),
        };
        words.push(word);
        rest = rest[length..].trim_start();
    }
    while words
        .last()
        .is_some_and(|last| matches!(last.as_str(), "and" | "or" | ";"))
    {
        words.pop();
    }
    words.join(" ")
}
