//! The lifecycle commands of a devcontainer.json, and the stages at which they run.

/// A stage in the life of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Once, when the container was created.
    OnCreate,
    /// Once, when its content is there.
    UpdateContent,
    /// Once, after both.
    PostCreate,
    /// Whenever the container was started.
    PostStart,
    /// Whenever somebody attaches.
    PostAttach,
}

/// The time of the container that a marker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// `Created` of `docker inspect`.
    Created,
    /// `State.StartedAt` of `docker inspect`.
    Started,
}

impl Stage {
    /// All stages, in the order in which they run.
    pub const ALL: [Stage; 5] = [
        Stage::OnCreate,
        Stage::UpdateContent,
        Stage::PostCreate,
        Stage::PostStart,
        Stage::PostAttach,
    ];

    /// The property of devcontainer.json.
    pub fn property(self) -> &'static str {
        match self {
            Stage::OnCreate => "onCreateCommand",
            Stage::UpdateContent => "updateContentCommand",
            Stage::PostCreate => "postCreateCommand",
            Stage::PostStart => "postStartCommand",
            Stage::PostAttach => "postAttachCommand",
        }
    }

    /// The time that this stage's marker holds; none for a stage that runs every time.
    pub fn stamp(self) -> Option<Stamp> {
        match self {
            Stage::OnCreate | Stage::UpdateContent | Stage::PostCreate => Some(Stamp::Created),
            Stage::PostStart => Some(Stamp::Started),
            Stage::PostAttach => None,
        }
    }
}

/// A command of devcontainer.json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifecycleCommand {
    /// A line for /bin/sh.
    Shell(String),
    /// A program and its arguments, without a shell.
    Exec(Vec<String>),
    /// Several named commands that run at the same time.
    Parallel(Vec<(String, LifecycleCommand)>),
}

impl LifecycleCommand {
    /// The commands that run at the same time, each with its name in the object form.
    pub fn processes(&self) -> Vec<Process> {
        match self {
            LifecycleCommand::Shell(line) => vec![Process {
                name: None,
                arguments: ["/bin/sh", "-c", line].map(str::to_owned).to_vec(),
            }],
            LifecycleCommand::Exec(arguments) => vec![Process {
                name: None,
                arguments: arguments.clone(),
            }],
            LifecycleCommand::Parallel(commands) => commands
                .iter()
                .flat_map(|(name, command)| {
                    command.processes().into_iter().map(|process| Process {
                        name: Some(name.clone()),
                        ..process
                    })
                })
                .collect(),
        }
    }

    /// The command with every text of it changed, for variables that only a running container can fill in.
    #[must_use]
    pub fn map(&self, change: &dyn Fn(&str) -> String) -> LifecycleCommand {
        match self {
            LifecycleCommand::Shell(line) => LifecycleCommand::Shell(change(line)),
            LifecycleCommand::Exec(arguments) => {
                LifecycleCommand::Exec(arguments.iter().map(|argument| change(argument)).collect())
            }
            LifecycleCommand::Parallel(commands) => LifecycleCommand::Parallel(
                commands
                    .iter()
                    .map(|(name, command)| (name.clone(), command.map(change)))
                    .collect(),
            ),
        }
    }
}

/// One process to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its name in the object form.
    pub name: Option<String>,
    /// The program and its arguments.
    pub arguments: Vec<String>,
}
