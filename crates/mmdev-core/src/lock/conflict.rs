//! The two locks in one that git could not merge.

/// The text of each side of `text`, ours first, where git left merge conflicts in it; `None` where it left none, or
/// they are not whole any more. What stands outside the conflicts is in both.
pub fn both_sides(text: &str) -> Option<[String; 2]> {
    let mut sides = [String::new(), String::new()];
    let mut place = Place::Outside;
    let mut is_conflicted = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        place = match (Marker::of(content), place) {
            (None, place) => {
                for (side, text) in sides.iter_mut().enumerate() {
                    if place.is_in(side) {
                        text.push_str(line);
                    }
                }
                place
            }
            (Some(Marker::Ours), Place::Outside) => {
                is_conflicted = true;
                Place::Ours
            }
            (Some(Marker::Base), Place::Ours) => Place::Base,
            (Some(Marker::Theirs), Place::Ours | Place::Base) => Place::Theirs,
            (Some(Marker::End), Place::Theirs) => Place::Outside,
            _ => return None,
        };
    }
    (is_conflicted && place == Place::Outside).then_some(sides)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Ours,
    Base,
    Theirs,
}

impl Place {
    fn is_in(self, side: usize) -> bool {
        match self {
            Place::Outside => true,
            Place::Ours => side == 0,
            Place::Base => false,
            Place::Theirs => side == 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Ours,
    Base,
    Theirs,
    End,
}

impl Marker {
    /// What a line without its line break marks. git writes seven signs, a space and a name; the name may be empty.
    fn of(line: &str) -> Option<Self> {
        let is = |sign: &str| {
            line.strip_prefix(sign)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        if is("<<<<<<<") {
            Some(Marker::Ours)
        } else if is("|||||||") {
            Some(Marker::Base)
        } else if line == "=======" {
            Some(Marker::Theirs)
        } else if is(">>>>>>>") {
            Some(Marker::End)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_is_whole() {
        let cases = [
            ("a\nb\n", None),
            (
                "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\nd\n",
                Some(("a\nb\nd\n", "a\nc\nd\n")),
            ),
            (
                "<<<<<<< HEAD\r\nb\r\n||||||| 1234\r\nx\r\n=======\r\nc\r\n>>>>>>> o\r\n",
                Some(("b\r\n", "c\r\n")),
            ),
            (
                "<<<<<<<\n=======\nc\n>>>>>>>\n<<<<<<< a\nb\n=======\n>>>>>>> c",
                Some(("b\n", "c\n")),
            ),
            ("<<<<<<< HEAD\nb\n=======\nc\n", None),
            ("<<<<<<< HEAD\n<<<<<<< HEAD\n=======\n>>>>>>> x\n", None),
            ("=======\n", None),
            ("<<<<<<<< eight\n", None),
        ];
        for (text, expected) in cases {
            let expected =
                expected.map(|(ours, theirs): (&str, &str)| [ours.to_owned(), theirs.to_owned()]);
            assert_eq!(both_sides(text), expected, "{text:?}");
        }
    }
}
