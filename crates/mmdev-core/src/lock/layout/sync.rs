//! From what a running container has to the lock: the second slice for a prefix that is as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layout, Slice, name, python, python_folder};
use crate::lock::read::is_name;
use crate::lock::{Manager, Package};
use crate::spec::pip::normalized;
use crate::subdir::machine;

/// What a prefix holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// What `uname -m` says beside it.
    machine: String,
    /// Version and build string of the conda packages, by name.
    conda: BTreeMap<String, (String, String)>,
    /// What pip installed.
    pip: BTreeSet<Wheel>,
}

/// What a `.dist-info` folder is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Wheel {
    /// The folder of its Python, as `python3.12`.
    python: String,
    /// Normalised.
    name: String,
    version: String,
}

impl Wheel {
    /// That of `lib/python3.12/site-packages/rich-14.0.0.dist-info`.
    fn at(path: &str) -> Option<Self> {
        let (python, rest) = path.strip_prefix("lib/")?.split_once("/site-packages/")?;
        let (name, version) = rest.strip_suffix(".dist-info")?.rsplit_once('-')?;
        Some(Wheel {
            python: python.to_owned(),
            name: normalized(name),
            version: version.to_owned(),
        })
    }
}

impl Installed {
    /// The script of sh that lists a prefix, its argument, as [`Installed::read`] reads it: the machine, the records of
    /// conda packages, the `.dist-info` folders, and a file of each that a conda package brought.
    pub const LIST: &str = r#"export LC_ALL=C
uname -m
cd "$1" && ls conda-meta || exit 0
for folder in lib/python*; do
    # python3.1 is a link to python3.12.
    [ -L "$folder" ] || ls -d "$folder"/site-packages/*.dist-info 2> /dev/null
done
grep -ho '"lib/python[^"/]*/site-packages/[^"/]*\.dist-info/METADATA"' conda-meta/*.json 2> /dev/null
true
"#;

    /// Reads what [`Installed::LIST`] has printed; `None` where there is no such prefix.
    pub fn read(listing: &str) -> Option<Self> {
        let mut lines = listing.lines().peekable();
        let mut installed = Installed {
            machine: lines.next().unwrap_or_default().to_owned(),
            ..Installed::default()
        };
        lines.peek()?;
        let mut of_conda = Vec::new();
        for line in lines {
            if let Some((name, build)) = line
                .strip_suffix(".json")
                .and_then(|stem| stem.rsplit_once('-'))
                && let Some((name, version)) = name.rsplit_once('-')
                && is_name(name)
            {
                let rest = (version.to_owned(), build.to_owned());
                installed.conda.insert(name.to_owned(), rest);
            }
            let quoted = line.strip_prefix('"');
            of_conda.extend(quoted.and_then(|path| Wheel::at(path.strip_suffix("/METADATA\"")?)));
            installed.pip.extend(Wheel::at(line));
        }
        for wheel in of_conda {
            installed.pip.remove(&wheel);
        }
        Some(installed)
    }

    /// The folder of its Python.
    fn python(&self) -> Option<String> {
        let (version, build) = self.conda.get("python")?;
        Some(python_folder(version, build))
    }

    /// Whether a package is there, for the Python whose folder is `python`.
    fn has(&self, package: &Package, python: Option<&str>) -> bool {
        match package.manager {
            Manager::Conda => {
                let is_same = |(version, build): &(String, String)| {
                    *version == package.version && Some(build) == package.build.as_ref()
                };
                // What has one file for all Pythons was linked into the folder of one.
                let is_linked = || {
                    let is_noarch = package.url.rsplit('/').nth(1) == Some("noarch");
                    !is_noarch || python.is_none() || self.python().as_deref() == python
                };
                self.conda.get(&package.name).is_some_and(is_same) && is_linked()
            }
            Manager::Pip => self.pip.iter().any(|wheel| {
                wheel.name == normalized(&package.name)
                    && wheel.version == package.version
                    && python.is_none_or(|python| wheel.python == python)
            }),
        }
    }

    /// The normalised names of what pip can uninstall: it takes the Python that is there, and a pip for that.
    fn uninstallable(&self) -> impl Iterator<Item = &str> {
        let python = self.python();
        let wheels = self.pip.iter().filter(move |wheel| {
            self.conda.contains_key("pip") && python.as_ref() == Some(&wheel.python)
        });
        wheels.map(|wheel| wheel.name.as_str())
    }
}

impl Layout {
    /// What brings a prefix to what this layout has in the end; its base is that end. `None` where nothing is to be done,
    /// or the prefix is on a machine that this layout has no packages for.
    ///
    /// Conda packages that are not in the lock go, whoever installed them. What pip installed is left, because nothing
    /// tells what a person did with it, unless the lock has it from a conda channel, or the base had it and the lock does
    /// not any more. What is not in the lock stays behind with a Python of another minor version.
    pub fn for_prefix(&self, installed: &Installed) -> Option<Layout> {
        let ours = |platform: &&String| machine(platform) == Some(installed.machine.as_str());
        let platform = self.platforms.keys().find(ours)?;
        let slice = &self.platforms[platform];
        let wanted: Vec<Package> = slice.result().into_iter().cloned().collect();
        let python = python(&wanted);
        let has = |package: &Package| installed.has(package, python.as_deref());
        let is_kept = |there: &str| {
            let mut wanted = wanted.iter();
            wanted.any(|package| name(package) == (Manager::Conda, there) && has(package))
        };
        let add: Vec<Package> = wanted
            .iter()
            .filter(|package| !has(package))
            .cloned()
            .collect();
        let of_pip = |name: &str| {
            let mut wanted = wanted.iter();
            wanted.find(|package| {
                package.manager == Manager::Pip && normalized(&package.name) == name
            })
        };
        // With a conda package beside what it replaces, Python may take either; for another Python pip does not find it.
        let is_moved = installed.python() != python;
        let replacing = add.iter().filter(|package| match package.manager {
            Manager::Conda => package.dependencies.contains_key("python"),
            Manager::Pip => is_moved,
        });
        let replaced: BTreeSet<String> =
            replacing.map(|package| normalized(&package.name)).collect();
        let dropped: BTreeSet<String> = slice
            .remove
            .iter()
            .filter(|(manager, _)| *manager == Manager::Pip)
            .map(|(_, name)| normalized(name))
            .collect();
        let uninstall = installed.uninstallable().filter(|name| match of_pip(name) {
            Some(package) => replaced.contains(*name) && !has(package),
            None => replaced.contains(*name) || dropped.contains(*name),
        });
        let gone = installed.conda.keys().filter(|name| !is_kept(name));
        let mut remove: Vec<_> = gone.map(|name| (Manager::Conda, name.clone())).collect();
        remove.extend(uninstall.map(|name| (Manager::Pip, name.to_owned())));
        remove.dedup();
        let found = Slice {
            remove,
            add,
            base_requested: slice.requested.clone(),
            requested: slice.requested.clone(),
            base: wanted,
        };
        let is_nothing = found.remove.is_empty() && found.add.is_empty();
        (!is_nothing).then(|| Layout {
            platforms: [(platform.clone(), found)].into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout;
    use super::*;
    use crate::lock::fixture::lock;

    #[track_caller]
    fn check(packages: &[&str], listing: &str, remove: &[&str], add: &[&str]) {
        let plain = packages
            .iter()
            .map(|text| text.trim_start_matches("noarch "));
        let mut lock = lock(&plain.collect::<Vec<_>>());
        for package in &mut lock.packages {
            let start = format!("noarch {} ", package.name);
            if packages.iter().any(|text| text.starts_with(&start)) {
                package.url = package.url.replace("/linux-64/", "/noarch/");
            }
        }
        let requested = [("linux-64".to_owned(), Vec::new())].into();
        let (found, _) = layout(None, &lock, &requested, 10);
        let installed = Installed::read(listing).unwrap();
        let Some(sync) = found.for_prefix(&installed) else {
            assert_eq!((remove, add), (&[][..], &[][..]));
            return;
        };
        let slice = &sync.platforms["linux-64"];
        let removed: Vec<String> = slice
            .remove
            .iter()
            .map(|(manager, name)| match manager {
                Manager::Conda => name.clone(),
                Manager::Pip => format!("pip:{name}"),
            })
            .collect();
        let added: Vec<&str> = slice
            .add
            .iter()
            .map(|package| package.name.as_str())
            .collect();
        assert_eq!(removed, remove);
        assert_eq!(added, add);
        assert_eq!(slice.base.len(), packages.len());
    }

    #[test]
    fn what_differs_is_changed() {
        const TOOL: &str = "lib/python3.11/site-packages/my_tool-3.dist-info\n";
        let check = |listing: &str, remove: &[&str], add: &[&str]| {
            let packages = ["a 1 h_0", "b-c 2 h_1", "pip:My.Tool 3"];
            check(&packages, listing, remove, add);
        };
        let same = format!("x86_64\na-1-h_0.json\nb-c-2-h_1.json\nhistory\n{TOOL}");
        check(&same, &[], &[]);
        check(&same.replace("x86_64", "riscv64"), &[], &[]);
        check(&same.replace("b-c-2-h_1", "b-c-2-h_0"), &["b-c"], &["b-c"]);
        check(
            &same.replace("a-1-h_0.json", "z-1-h_0.json"),
            &["z"],
            &["a"],
        );
        check(&same.replace("my_tool-3", "my_tool-2"), &[], &["My.Tool"]);
        check("x86_64\nhistory\n", &[], &["a", "b-c", "My.Tool"]);
        for without_prefix in ["", "x86_64\n"] {
            assert_eq!(Installed::read(without_prefix), None);
        }
    }

    /// A prefix with python and pip, and these lines besides.
    fn with_python(lines: &str) -> String {
        format!("x86_64\nhistory\npip-25.0-py_0.json\npython-3.12.1-h_0.json\n{lines}")
    }

    const PYTHON: [&str; 2] = ["pip 25.0 py_0 > python", "python 3.12.1 h_0"];

    #[test]
    fn what_comes_from_conda_now_is_no_longer_pips() {
        let rich = "lib/python3.12/site-packages/rich-14.0.dist-info\n";
        let new = [&PYTHON[..], &["rich 14.1 py_0 > python >=3.9"]].concat();
        check(&new, &with_python(rich), &["pip:rich"], &["rich"]);
        // An own file of a conda package is not pip's, whatever else pip installed.
        let tool = "lib/python3.12/site-packages/tool-1.dist-info\n";
        let conda = "\"lib/python3.12/site-packages/rich-14.0.dist-info/METADATA\"\n";
        let old = with_python(&format!("rich-14.0-py_0.json\n{rich}{tool}{conda}"));
        check(&new, &old, &["rich"], &["rich"]);
        // What is no part of Python only has the same name, as has what the lock has twice.
        let program = [&PYTHON[..], &["rich 14.1 h_0"]].concat();
        check(&program, &with_python(rich), &[], &["rich"]);
        let both = [&new[..], &["pip:rich 14.0"]].concat();
        check(&both, &with_python(rich), &[], &["rich"]);
        // Nobody can uninstall it where pip is gone.
        let without = with_python(rich).replace("pip-25.0-py_0.json\n", "");
        check(&new, &without, &[], &["pip", "rich"]);
    }

    #[test]
    fn another_python_has_all_that_was_in_the_folder_of_the_old_one() {
        let site = "lib/python3.12/site-packages";
        let listing = with_python(&format!(
            "c-1-h_0.json\nrich-14.0-py_0.json\n{site}/rich-14.0.dist-info\n{site}/tool-1.dist-info\n\
             {site}/own-1.dist-info\n\"{site}/rich-14.0.dist-info/METADATA\"\n"
        ));
        let with = |python: &'static str| {
            [
                "c 1 h_0",
                "noarch pip 25.0 py_0 > python",
                python,
                "noarch rich 14.0 py_0",
                "pip:tool 1",
            ]
        };
        check(&with(PYTHON[1]), &listing, &[], &[]);
        check(
            &with("python 3.12.2 h_0"),
            &listing,
            &["python"],
            &["python"],
        );
        let removed = ["pip", "python", "rich", "pip:tool"];
        let added = ["pip", "python", "rich", "tool"];
        check(&with("python 3.13.0 h_0"), &listing, &removed, &added);
        check(
            &with("python 3.12.1 h_0_cp312t"),
            &listing,
            &removed,
            &added,
        );
        // What pip installed for another Python is not there.
        let before = listing.replace(
            "python3.12/site-packages/tool",
            "python3.11/site-packages/tool",
        );
        check(&with(PYTHON[1]), &before, &[], &["tool"]);
    }

    #[test]
    fn what_the_base_had_by_pip_goes() {
        let old = [&PYTHON[..], &["pip:My.Tool 3", "pip:rich 14.0"]].concat();
        let requested = [("linux-64".to_owned(), Vec::new())].into();
        let (base, _) = layout(None, &lock(&old), &requested, 100);
        let new = [&PYTHON[..], &["pip:rich 14.1"]].concat();
        let (found, _) = layout(Some(&base), &lock(&new), &requested, 100);
        let site = "lib/python3.12/site-packages";
        let listing = ["my_tool-3", "own-1", "rich-14.0"]
            .map(|name| format!("{site}/{name}.dist-info\n"))
            .concat();
        let installed = Installed::read(&with_python(&listing)).unwrap();
        let sync = found.for_prefix(&installed).unwrap();
        let slice = &sync.platforms["linux-64"];
        assert_eq!(slice.remove, [(Manager::Pip, "my-tool".to_owned())]);
        assert_eq!(slice.add.len(), 1, "{slice:#?}");
    }

    #[test]
    fn what_comes_from_pip_now_is_installed() {
        let rich = "lib/python3.12/site-packages/rich-14.0.dist-info";
        let listing = format!("rich-14.0-py_0.json\n{rich}\n\"{rich}/METADATA\"\n");
        let new = [&PYTHON[..], &["pip:rich 14.0"]].concat();
        check(&new, &with_python(&listing), &["rich"], &["rich"]);
    }
}
