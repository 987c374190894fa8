//! Where a devcontainer.json stands, and how the paths in it are read.

/// The folder that mmdev owns, relative to the project's root: the whole build context.
pub const FOLDER: &str = ".devcontainer/mmdev";

/// Where a new devcontainer.json goes.
pub const DEFAULT_PATH: &str = ".devcontainer/devcontainer.json";

/// The second configuration beside one that a person keeps (`--beside`): editors offer both as a choice.
pub const BESIDE_PATH: &str = ".devcontainer/mmdev/devcontainer.json";

/// The values of `build` in a devcontainer.json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildPaths {
    /// `build.dockerfile`
    pub dockerfile: String,
    /// `build.context`
    pub context: String,
}

/// How the devcontainer.json at `path` (relative to the project's root) names the generated Dockerfile and its
/// context: both are read relative to the folder of that devcontainer.json (containers.dev, "Image or Dockerfile
/// specific properties").
pub fn build_paths(path: &str) -> BuildPaths {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    BuildPaths {
        dockerfile: relative(folder, &format!("{FOLDER}/Dockerfile")),
        context: relative(folder, FOLDER),
    }
}

/// Which devcontainer.json is the project's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovered<'path> {
    /// There is none.
    Missing,
    /// This one.
    One(&'path str),
    /// Only named ones, and several of them: a person must say which.
    Several(Vec<&'path str>),
}

/// Finds the project's devcontainer.json among `paths` (relative to the root, `/` between folders). The order is the
/// specification's: `.devcontainer/devcontainer.json`, `.devcontainer.json`, `.devcontainer/NAME/devcontainer.json`.
/// A configuration that mmdev wrote beside another comes first: the person chose that.
pub fn discover<S: AsRef<str>>(paths: &[S]) -> Discovered<'_> {
    let paths: Vec<&str> = paths.iter().map(AsRef::as_ref).collect();
    for known in [BESIDE_PATH, DEFAULT_PATH, ".devcontainer.json"] {
        if let Some(&path) = paths.iter().find(|&&path| path == known) {
            return Discovered::One(path);
        }
    }
    let mut named: Vec<&str> = paths
        .into_iter()
        .filter(|path| match path.split('/').collect::<Vec<_>>()[..] {
            [folder, name, file] => {
                folder == ".devcontainer" && !name.is_empty() && file == "devcontainer.json"
            }
            _ => false,
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    match named[..] {
        [] => Discovered::Missing,
        [one] => Discovered::One(one),
        _ => Discovered::Several(named),
    }
}

/// The way from `folder` to `target`, both relative to one root; `.` where they are one.
pub(super) fn relative(folder: &str, target: &str) -> String {
    let from = segments(folder);
    let to = segments(target);
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| "..");
    let steps: Vec<&str> = up.chain(to[common..].iter().copied()).collect();
    if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    }
}

/// `path` seen from `folder`, without `.` and with `..` resolved where it can be.
pub(super) fn join(folder: &str, path: &str) -> String {
    segments(&format!("{folder}/{path}")).join("/")
}

fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|&last| last != "..") => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_is_named_from_where_the_file_stands() {
        let paths = |path| {
            let BuildPaths {
                dockerfile,
                context,
            } = build_paths(path);
            (dockerfile, context)
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(paths(DEFAULT_PATH), pair("mmdev/Dockerfile", "mmdev"));
        assert_eq!(
            paths(".devcontainer.json"),
            pair(".devcontainer/mmdev/Dockerfile", ".devcontainer/mmdev")
        );
        assert_eq!(
            paths(".devcontainer/gpu/devcontainer.json"),
            pair("../mmdev/Dockerfile", "../mmdev")
        );
        assert_eq!(paths(BESIDE_PATH), pair("Dockerfile", "."));
        assert_eq!(
            paths("tools/dev/devcontainer.json"),
            pair(
                "../../.devcontainer/mmdev/Dockerfile",
                "../../.devcontainer/mmdev"
            )
        );
    }

    #[test]
    fn the_order_of_the_specification_decides() {
        use Discovered::{Missing, One, Several};
        let [a, b] = [
            ".devcontainer/a/devcontainer.json",
            ".devcontainer/b/devcontainer.json",
        ];
        assert_eq!(
            discover(&[".devcontainer.json", DEFAULT_PATH, a]),
            One(DEFAULT_PATH)
        );
        assert_eq!(
            discover(&[a, ".devcontainer.json"]),
            One(".devcontainer.json")
        );
        assert_eq!(discover(&[a, DEFAULT_PATH, BESIDE_PATH]), One(BESIDE_PATH));
        assert_eq!(discover(&[a, "x/.devcontainer/devcontainer.json"]), One(a));
        assert_eq!(discover(&[b, a]), Several(vec![a, b]));
        assert_eq!(discover(&[".devcontainer/a/b/devcontainer.json"]), Missing);
        assert_eq!(discover::<&str>(&[]), Missing);
    }
}
