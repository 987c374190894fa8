//! One file per rule, in groups: what it finds, why, and how to mend it; and the check itself, where it is not made
//! by the readers.

mod channels;
mod container;
mod dependencies;
mod habits;
mod index;
mod lock;
mod pip;
mod structure;
mod yaml;

use super::Group;

/// Every group, by the first digit of its codes.
pub(super) static GROUPS: &[Group] = &[
    Group {
        digit: '0',
        title: "YAML and encoding",
        rules: yaml::RULES,
    },
    Group {
        digit: '1',
        title: "The structure of a spec",
        rules: structure::RULES,
    },
    Group {
        digit: '2',
        title: "Dependencies and pins",
        rules: dependencies::RULES,
    },
    Group {
        digit: '3',
        title: "Channels",
        rules: channels::RULES,
    },
    Group {
        digit: '4',
        title: "The pip section",
        rules: pip::RULES,
    },
    Group {
        digit: '5',
        title: "Reproducibility and habits",
        rules: habits::RULES,
    },
    Group {
        digit: '6',
        title: "The container",
        rules: container::RULES,
    },
    Group {
        digit: '7',
        title: "What the channels have",
        rules: index::RULES,
    },
    Group {
        digit: '8',
        title: "The lock",
        rules: lock::RULES,
    },
];
