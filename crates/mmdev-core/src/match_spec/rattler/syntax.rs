//! How rattler takes a MatchSpec apart: comments, conditions, brackets, and where a version ends.

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// The places of `needle` outside quoted values in brackets.
fn unquoted(input: &str, needle: char) -> impl Iterator<Item = usize> {
    let mut quote = None;
    let mut depth = 0_u32;
    let mut escaped = false;
    input.char_indices().filter_map(move |(index, char)| {
        if let Some(closing) = quote {
            if escaped {
                escaped = false;
            } else if char == '\\' {
                escaped = true;
            } else if char == closing {
                quote = None;
            }
            return None;
        }
        match char {
            '[' if depth > 0 || starts_fields(&input[index + 1..]) => depth += 1,
            ']' if depth > 0 => depth -= 1,
            '\'' | '"' if depth > 0 && input[..index].trim_end().ends_with(['=', '[', ',']) => {
                quote = Some(char);
            }
            _ if char == needle => return Some(index),
            _ => {}
        }
        None
    })
}

/// Whether `key=` follows, so that a `[` starts a section and not a subdir or glob.
fn starts_fields(input: &str) -> bool {
    let input = input.trim_start();
    let rest =
        input.trim_start_matches(|char: char| char.is_alphanumeric() || matches!(char, '_' | '-'));
    rest.len() < input.len() && rest.trim_start().starts_with('=')
}

pub(super) fn without_comment(input: &str) -> &str {
    let end = unquoted(input, '#').next();
    &input[..end.unwrap_or(input.len())]
}

pub(super) fn reject_conditions(input: &str) -> Result<(), String> {
    let semicolons: Vec<usize> = unquoted(input, ';').take(2).collect();
    let Some(first) = semicolons.first() else {
        return Ok(());
    };
    let after = input[first + 1..].trim_start().strip_prefix("if");
    if after.is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
        return Err("`; if` is no longer understood".into());
    }
    if semicolons.len() > 1 {
        return Err("there is more than one `;`".into());
    }
    Ok(())
}

type Pairs<'text> = Vec<(&'text str, &'text str)>;

/// The input without the `[…]` at its end, and the pairs of that.
pub(super) fn take_brackets(input: &str) -> Result<(&str, Pairs<'_>), String> {
    if !input.ends_with(']') {
        return Ok((input, Vec::new()));
    }
    let (mut depth, mut open, mut quote) = (0_usize, None, None);
    let mut characters = input.char_indices();
    while let Some((index, char)) = characters.next() {
        if let Some(closing) = quote {
            match char {
                '\\' => {
                    characters.next();
                }
                char if char == closing => quote = None,
                _ => {}
            }
            continue;
        }
        match char {
            '\'' | '"' if depth > 0 => quote = Some(char),
            '[' => {
                if depth == 0 {
                    open = Some(index);
                }
                depth += 1;
            }
            ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && index + 1 != input.len() {
                    open = None;
                }
            }
            _ => {}
        }
    }
    match (open, depth, quote) {
        (Some(open), 0, None) => Ok((&input[..open], pairs(&input[open + 1..])?)),
        _ => Err("its brackets do not match".into()),
    }
}

/// `key=value, …]`.
fn pairs(input: &str) -> Result<Pairs<'_>, String> {
    let invalid = || "its brackets hold no `key=value`".to_owned();
    let mut pairs = Vec::new();
    let mut rest = input;
    loop {
        let Some((pair, after)) = pair(rest) else {
            // Nothing at all between the brackets is taken; a comma without a pair is not.
            return if pairs.is_empty() && rest.starts_with(']') {
                Ok(pairs)
            } else {
                Err(invalid())
            };
        };
        pairs.push(pair);
        let after = after.trim_start_matches(is_blank);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.starts_with(']') => return Ok(pairs),
            None => return Err(invalid()),
        }
    }
}

fn pair(input: &str) -> Option<((&str, &str), &str)> {
    let input = input.trim_start_matches(is_blank);
    let rest =
        input.trim_start_matches(|char: char| char.is_alphanumeric() || matches!(char, '_' | '-'));
    let key = &input[..input.len() - rest.len()];
    let rest = rest
        .trim_start_matches(is_blank)
        .strip_prefix('=')?
        .trim_start_matches(is_blank);
    let quoted = |quote: char| {
        let inner = rest.strip_prefix(quote)?;
        let mut escaped = false;
        let end = inner.char_indices().find(|&(_, char)| {
            let closes = char == quote && !escaped;
            escaped = char == '\\' && !escaped;
            closes
        });
        end.map(|(end, _)| (&inner[..end], &inner[end + quote.len_utf8()..]))
    };
    let list = || {
        let inner = rest.strip_prefix('[')?;
        inner
            .find(']')
            .map(|end| (&inner[..end], &inner[end + 1..]))
    };
    let bare = || {
        let end = rest.find([',', ']', '\'', '"']).unwrap_or(rest.len());
        (end > 0).then(|| rest.split_at(end))
    };
    let (value, rest) = quoted('"')
        .or_else(|| quoted('\''))
        .or_else(list)
        .or_else(bare)?;
    Some(((key, value), rest))
}

/// What follows the constraints at the start of `input`, joined by `,` and `|`.
pub(super) fn version_group(input: &str) -> Result<&str, String> {
    let mut rest = group_item(input)?;
    loop {
        match rest.trim_start_matches(is_blank).strip_prefix([',', '|']) {
            Some(next) => rest = group_item(next.trim_start_matches(is_blank))?,
            None => return Ok(rest),
        }
    }
}

fn group_item(input: &str) -> Result<&str, String> {
    let invalid = || format!("`{input}` is no version");
    if let Some(inner) = input.strip_prefix('(') {
        return version_group(inner)?.strip_prefix(')').ok_or_else(invalid);
    }
    if let Some(inner) = input.strip_prefix('=') {
        if let Some(rest) = version_literal(inner).map_err(|()| invalid())? {
            let glob = rest.strip_prefix(".*").or_else(|| rest.strip_prefix('*'));
            return Ok(glob.unwrap_or(rest));
        }
        if let Some(rest) = inner.strip_prefix('*') {
            return Ok(rest);
        }
    }
    if let Some(rest) = input.strip_prefix('*') {
        return Ok(rest.strip_prefix(".*").unwrap_or(rest));
    }
    let trimmed = input.trim_start_matches(is_blank);
    let operator = ["==", "!=", "=", ">=", ">", "<=", "<", "~="]
        .iter()
        .find_map(|operator| trimmed.strip_prefix(operator));
    let version = operator.map_or(input, |rest| rest.trim_start_matches(is_blank));
    match version_literal(version).map_err(|()| invalid())? {
        Some(rest) => Ok(rest.trim_start_matches(['.', '*'])),
        None => version.strip_prefix('*').ok_or_else(invalid),
    }
}

/// What follows the version at the start of `input`; `None` where there is no version, an error where its local
/// part is missing.
fn version_literal(input: &str) -> Result<Option<&str>, ()> {
    let digits = input.trim_start_matches(|char: char| char.is_ascii_digit());
    let epoch = &input[..input.len() - digits.len()];
    let release = match digits.strip_prefix('!') {
        Some(rest) if epoch.parse::<u32>().is_ok() => rest,
        _ => input,
    };
    let Some(rest) = version_components(release) else {
        return Ok(None);
    };
    match rest.strip_prefix('+') {
        Some(local) => version_components(local).map(Some).ok_or(()),
        None => Ok(Some(rest)),
    }
}

fn version_components(input: &str) -> Option<&str> {
    let component = |input: &'_ str| -> Option<usize> {
        let first = input.chars().next()?;
        let length = match first {
            '*' => 1,
            _ if first.is_ascii_digit() => input.bytes().take_while(u8::is_ascii_digit).count(),
            _ => input.bytes().take_while(u8::is_ascii_alphabetic).count(),
        };
        (length > 0).then_some(length)
    };
    let mut rest = &input[component(input)?..];
    loop {
        let after = rest.trim_start_matches(['.', '-', '_']);
        match component(after) {
            Some(length) => rest = &after[length..],
            None => return Some(rest.trim_start_matches(['_', '-'])),
        }
    }
}
