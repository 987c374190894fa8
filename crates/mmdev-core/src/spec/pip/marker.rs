//! The environment marker behind a requirement (PEP 508).

/// A requirement and its marker. A URL may hold `;` itself, so that behind one a space must stand beside it.
pub fn split_marker(requirement: &str) -> (&str, Option<&str>) {
    let is_marker = |(at, _): &(usize, &str)| {
        let (before, behind) = (&requirement[..*at], &requirement[at + 1..]);
        !before.contains("://")
            || before.ends_with(char::is_whitespace)
            || behind.starts_with(char::is_whitespace)
    };
    let start = requirement.match_indices(';').find(is_marker);
    match start {
        Some((at, _)) => (
            requirement[..at].trim_end(),
            Some(requirement[at + 1..].trim()),
        ),
        None => (requirement, None),
    }
}

/// The requirement with a marker, which holds besides the one that it has.
pub fn with_marker(requirement: &str, marker: &str) -> String {
    let (package, own) = split_marker(requirement);
    let space = if package.contains("://") { " " } else { "" };
    match own {
        Some(own) => format!("{package}{space}; ({own}) and {marker}"),
        None => format!("{package}{space}; {marker}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::pip::requirement;

    #[test]
    fn a_url_may_hold_a_semicolon() {
        let check = |text: &str, package: &str, marker: Option<&str>, with: &str| {
            assert_eq!(split_marker(text), (package, marker), "{text}");
            let new = with_marker(text, "os_name == 'nt'");
            assert_eq!(new, with, "{text}");
            assert_eq!(split_marker(&new).0, package, "{text}");
            let asked = requirement(&new).filter(|asked| asked.marker.contents().is_some());
            assert!(asked.is_some(), "{new}");
        };
        let mark = "sys_platform != 'win32'";
        let both = "(sys_platform != 'win32') and os_name == 'nt'";
        check("x>1", "x>1", None, "x>1; os_name == 'nt'");
        check(
            &format!("x>1;{mark}"),
            "x>1",
            Some(mark),
            &format!("x>1; {both}"),
        );
        let url = "x @ https://h/a;b/x.whl?c;d";
        check(url, url, None, &format!("{url} ; os_name == 'nt'"));
        check(
            &format!("{url} ; {mark}"),
            url,
            Some(mark),
            &format!("{url} ; {both}"),
        );
        assert_eq!(
            split_marker("https://h/x.whl; os_name == 'nt'"),
            ("https://h/x.whl", Some("os_name == 'nt'"))
        );
    }
}
