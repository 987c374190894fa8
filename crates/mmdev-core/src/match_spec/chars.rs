//! What the readings of the three tools share: package files, subdirs, regular expressions.

/// Whether `text` ends in one of `extensions`, which are a tool's names for package files.
pub(super) fn is_package_file(text: &str, extensions: &[&str]) -> bool {
    extensions.iter().any(|extension| text.ends_with(extension))
}

/// Whether the groups and classes of a regular expression are closed and no repetition stands alone. The tools
/// compile it with three engines, and differ in more than that only where nobody writes it in a spec.
pub(super) fn is_balanced_regex(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut class = false;
    let mut repeatable = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                if characters.next().is_none() {
                    return false;
                }
                repeatable = true;
            }
            ']' if class => (class, repeatable) = (false, true),
            _ if class => {}
            '[' => class = true,
            '(' => {
                depth += 1;
                repeatable = false;
                // `(?:`, `(?=` and the like: the question mark repeats nothing.
                if characters.as_str().starts_with('?') {
                    characters.next();
                }
            }
            ')' => {
                let Some(outer) = depth.checked_sub(1) else {
                    return false;
                };
                (depth, repeatable) = (outer, true);
            }
            '*' | '+' | '?' if !repeatable => return false,
            '*' | '+' => repeatable = characters.as_str().starts_with('?'),
            '^' | '|' => repeatable = false,
            _ => repeatable = true,
        }
    }
    depth == 0 && !class
}
