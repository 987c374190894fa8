//! What a rule's own example shows of it.

use super::{Rule, Selection, SpecFile, Surroundings, spec};
use crate::diagnostic::Applicability;
use crate::spec::read_parsed;
use crate::syntax::yaml;

impl Rule {
    /// The first YAML block of its example, where it has one.
    pub(super) fn example(&self) -> Option<&'static str> {
        let (_, example) = self.documentation.split_once("## Example")?;
        let (_, block) = example.split_once("```yaml\n")?;
        block.split("```").next()
    }

    /// Which fix it offers in its example: the safest. `None` where it offers none.
    pub fn fix(&self) -> Option<Applicability> {
        let text = self.example()?;
        let tree = yaml::parse(text);
        let read = read_parsed("env.yaml", text, &tree);
        let file = SpecFile {
            path: "env.yaml",
            text,
            tree: &tree,
            read: &read,
        };
        let around = Surroundings {
            selection: Selection::only(self.code),
            ..Surroundings::default()
        };
        let found = spec(&file, &around, None).into_iter();
        let own = found.filter(|diagnostic| diagnostic.code == self.code);
        own.filter_map(|diagnostic| Some(diagnostic.fix?.applicability))
            .max()
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Applicability;
    use crate::lint::rule;

    #[test]
    fn fixes_are_those_of_the_example() {
        let fix = |code: &str| rule(code).unwrap().fix();
        assert_eq!(fix("MM209"), Some(Applicability::Safe));
        assert_eq!(fix("MM305"), Some(Applicability::Unsafe));
        assert_eq!(fix("MM006"), None);
        assert_eq!(fix("MM701"), None);
    }
}
