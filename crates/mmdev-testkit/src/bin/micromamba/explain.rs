//! Why specs cannot be satisfied, in libmamba's words for the plain cases:
//! a name that nobody has, a dependency that nobody has, two specs that exclude
//! each other. Anything more tangled is told by the solver itself.

use rattler_conda_types::{GenericVirtualPackage, MatchSpec, ParseStrictness, RepoDataRecord};

use crate::solve::{accepts, has_virtual};
use crate::spec::Spec;

/// The lines below "Could not solve for environment specs".
pub(crate) fn problem(
    specs: &[Spec],
    channels: &[Vec<RepoDataRecord>],
    virtual_packages: &[GenericVirtualPackage],
    reasons: &[String],
) -> String {
    let world = World {
        channels,
        virtual_packages,
    };
    let lines: Vec<String> = specs.iter().filter_map(|spec| world.alone(spec)).collect();
    match lines.as_slice() {
        [] => {}
        [one] => {
            return format!(
                "The following package could not be installed\n└─ {}",
                one.replace('\n', "\n   ")
            );
        }
        [first @ .., last] => {
            let mut text = "The following packages could not be installed".to_owned();
            for line in first {
                text.push_str(&format!("\n├─ {}", line.replace('\n', "\n│  ")));
            }
            text.push_str(&format!("\n└─ {}", last.replace('\n', "\n   ")));
            return text;
        }
    }
    for pinned in specs {
        for other in specs.iter().filter(|other| other.name != pinned.name) {
            if let Some(dependency) = world.excludes(other, pinned) {
                return format!(
                    "The following packages are incompatible\n\
                     ├─ {} is requested and can be installed;\n\
                     └─ {} is not installable because it requires\n   \
                     └─ {}, which conflicts with any installable versions previously reported.",
                    pinned.described(),
                    other.described(),
                    dependency.described(),
                );
            }
        }
    }
    reasons.join("\n")
}

struct World<'a> {
    channels: &'a [Vec<RepoDataRecord>],
    virtual_packages: &'a [GenericVirtualPackage],
}

impl World<'_> {
    fn candidates(&self, spec: &MatchSpec) -> Vec<&RepoDataRecord> {
        self.channels
            .iter()
            .flatten()
            .filter(|record| accepts(spec, record))
            .collect()
    }

    /// What is wrong with a spec that cannot be had even alone.
    fn alone(&self, spec: &Spec) -> Option<String> {
        let candidates = self.candidates(spec.matcher());
        if candidates.is_empty() {
            return Some(format!(
                "{} does not exist (perhaps a typo or a missing channel).",
                spec.described()
            ));
        }
        let mut missing = None;
        for record in candidates {
            missing = Some(self.missing_dependency(record)?);
        }
        let (dependency, why) = missing?;
        Some(format!(
            "{} is not installable because it requires\n└─ {dependency}, {why}",
            spec.described()
        ))
    }

    /// The first direct dependency that nobody provides.
    fn missing_dependency(&self, record: &RepoDataRecord) -> Option<(String, &'static str)> {
        record.package_record.depends.iter().find_map(|text| {
            let matcher = MatchSpec::from_str(text, ParseStrictness::Lenient).ok()?;
            let spec = Spec::parse(text).ok()?;
            if spec.name.starts_with("__") {
                let is_missing = !has_virtual(&matcher, self.virtual_packages);
                return is_missing.then(|| (spec.described(), "which is missing on the system."));
            }
            let is_missing = self.candidates(&matcher).is_empty();
            is_missing.then(|| {
                (
                    spec.described(),
                    "which does not exist (perhaps a missing channel).",
                )
            })
        })
    }

    /// The dependency by which every candidate of `spec` refuses every one of `pinned`.
    fn excludes(&self, spec: &Spec, pinned: &Spec) -> Option<Spec> {
        let pinned_candidates = self.candidates(pinned.matcher());
        let mut found = None;
        for record in self.candidates(spec.matcher()) {
            let refusing = record.package_record.depends.iter().find_map(|text| {
                let dependency = Spec::parse(text)
                    .ok()
                    .filter(|spec| spec.name == pinned.name)?;
                let accepted = pinned_candidates
                    .iter()
                    .any(|candidate| accepts(dependency.matcher(), candidate));
                (!accepted).then_some(dependency)
            });
            found = Some(refusing?);
        }
        found
    }
}
