//! What a solution depends on besides specs and channels.

use std::collections::BTreeMap;

use mmdev_conda::solve::Priority;
use mmdev_core::project;
use mmdev_core::settings::Settings;
use mmdev_core::virtual_packages::{self, Image};

/// What the base image provides, and the settings say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    /// What the base image provides, and the newest CUDA of the driver.
    pub(crate) image: Image,
    /// The microarchitecture.
    pub(crate) archspec: Option<String>,
    /// Which channel a package may come from, where it is not strict.
    priority: Option<String>,
}

impl Machine {
    pub(crate) fn of(base_image: &str, settings: &Settings) -> Self {
        let image = virtual_packages::of_reference(base_image);
        let priority = settings.channel_priority.clone();
        Machine {
            image: Image {
                glibc: settings.glibc.clone().or(image.glibc),
                cuda: settings.cuda.clone().or(image.cuda),
            },
            archspec: settings.archspec.clone(),
            priority: priority.filter(|priority| priority != "strict"),
        }
    }

    /// Which channel a package may come from.
    pub(crate) fn priority(&self) -> Priority {
        match self.priority.as_deref() {
            Some("flexible") => Priority::Flexible,
            Some("disabled") => Priority::Disabled,
            _ => Priority::Strict,
        }
    }
}

/// What a solution depends on besides the specs, for [`mmdev_core::lock::meaning`]: the machine, and the requirements files that
/// pip sections name, by path. What nobody set counts as nothing: a new setting leaves the locks that are there.
pub(crate) fn others(
    machine: &Machine,
    requirements: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let of_machine = [
        ("__glibc", &machine.image.glibc),
        ("__cuda", &machine.image.cuda),
        ("__archspec", &machine.archspec),
        ("channel-priority", &machine.priority),
    ];
    let of_machine = of_machine
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    let lines = requirements.iter().map(|(path, text)| {
        let key = format!("requirements {path}");
        (key, project::requirement_lines(text))
    });
    of_machine.chain(lines).collect()
}
