//! What the project cannot take of a spec's entries, for the rules of which each is about one code of it.

use crate::diagnostic::{Code, Diagnostic};
use crate::lint::context::Context;
use crate::project;

/// What of it has that code.
pub(super) fn found(context: &Context<'_>, code: Code) -> Vec<Diagnostic> {
    let problems = project::entries(context.spec()).into_iter();
    problems
        .filter(|problem| problem.code == code)
        .map(project::Problem::into_diagnostic)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{mm611_bad_name, mm613_secret_in_url, mm614_local_channel};
    use crate::lint::Rule;
    use crate::lint::testing::check;
    use expect_test::{Expect, expect};

    const SPEC: &str = "channels:
  - https://conda.anaconda.org/t/ab-1234/team
  - ./channel
  - conda-forge
dependencies:
  - https://me:pw@host/c::numpy
  - /c::scipy
  - python
  - pip:
    - --extra-index-url https://me:pw@host/simple
    - -e /home/me/lib
    - ./lib
    - ../lib
    - ok
variables:
  PATH: /opt/tools/bin
  'MY-NAME': x
  OK: x
";

    #[track_caller]
    fn check_spec(rule: &Rule, expected: Expect) {
        check(rule, SPEC, expected);
    }

    #[test]
    fn each_rule_says_its_own_of_one_file() {
        check_spec(
            &mm611_bad_name::RULE,
            expect![[r#"
            16:3 `PATH` Error: the variable `PATH` belongs to the image and cannot be set
              hint: Choose another name
        "#]],
        );
        check_spec(
            &mm613_secret_in_url::RULE,
            expect![[r#"
            2:5 `https://conda.anaconda.org/t/ab-1234/team` Error: the channel `https://conda.anaconda.org/t/***/team` holds a secret
              hint: Remove it: what stands in a spec is committed, and ends in the image
            6:5 `https://me:pw@host/c::numpy` Error: the dependency `https://***@host/c::numpy` holds a secret
              hint: Remove it: what stands in a spec is committed, and ends in the image
            10:7 `--extra-index-url https://me:pw@host/simple` Error: the pip entry `--extra-index-url https://***@host/simple` holds a secret
              hint: Remove it: what stands in a spec is committed, and ends in the image
        "#]],
        );
        check_spec(
            &mm614_local_channel::RULE,
            expect![[r#"
            3:5 `./channel` Error: the channel `./channel` is a folder of this machine, which an image build does not see
              hint: Serve it over HTTP and name its URL
            7:5 `/c::scipy` Error: the channel `/c` is a folder of this machine, which an image build does not see
              hint: Serve it over HTTP and name its URL
            11:7 `-e /home/me/lib` Error: `/home/me/lib` is outside the project, where no container finds it
              hint: Move it into the project's folder, or name a package or URL
        "#]],
        );
    }
}
