//! From JSON properties to [`DevContainer`]: what has the wrong type is left out, and said.

use serde_json::{Map, Value};

use super::{
    AppPort, Build, DevContainer, ForwardPort, Gpu, ShutdownAction, UserEnvProbe, WaitFor,
};
use crate::container::command::{LifecycleCommand, Stage};
use crate::container::mount::Mount;

/// One value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Keys and indices from the root to the value.
    pub path: Vec<String>,
    /// What is wrong, naming the property.
    pub message: String,
    /// Whether the value was left out (else it was understood in spite of it).
    pub fatal: bool,
}

impl DevContainer {
    /// The typed form of `properties`, and what in them could not be used.
    pub fn lower(properties: &Map<String, Value>) -> (DevContainer, Vec<Problem>) {
        let mut reader = Reader {
            properties,
            path: Vec::new(),
            problems: Vec::new(),
        };
        let config = reader.dev_container();
        (config, reader.problems)
    }
}

/// Reads the properties of one object and notes what is wrong with them.
struct Reader<'json> {
    properties: &'json Map<String, Value>,
    path: Vec<String>,
    problems: Vec<Problem>,
}

impl<'json> Reader<'json> {
    fn dev_container(&mut self) -> DevContainer {
        let lifecycle = Stage::ALL
            .into_iter()
            .filter_map(|stage| Some((stage, self.command(stage.property())?)))
            .collect();
        DevContainer {
            name: self.string("name"),
            image: self.string("image"),
            build: self.build(),
            workspace_mount: self.string("workspaceMount"),
            workspace_folder: self.string("workspaceFolder"),
            mounts: self.mounts(),
            run_args: self.strings("runArgs"),
            container_env: self.string_map("containerEnv"),
            remote_env: self.remote_env(),
            remote_user: self.string("remoteUser").filter(|user| !user.is_empty()),
            container_user: self.string("containerUser").filter(|user| !user.is_empty()),
            update_remote_user_uid: self.bool("updateRemoteUserUID"),
            init: self.bool("init"),
            privileged: self.bool("privileged"),
            cap_add: self.strings("capAdd"),
            security_opt: self.strings("securityOpt"),
            app_port: self.app_port(),
            forward_ports: self.forward_ports(),
            override_command: self.bool("overrideCommand"),
            shutdown_action: self.choice("shutdownAction", SHUTDOWN_ACTIONS),
            initialize_command: self.command("initializeCommand"),
            lifecycle,
            wait_for: self.choice("waitFor", WAIT_FOR),
            user_env_probe: self.choice("userEnvProbe", USER_ENV_PROBES),
            gpu: self.gpu(),
            entrypoints: self.string("entrypoint").into_iter().collect(),
            features: match self.get("features") {
                Some(Value::Object(features)) => features.keys().cloned().collect(),
                Some(other) => {
                    self.wrong("features", other, "an object");
                    Vec::new()
                }
                None => Vec::new(),
            },
            compose: self.get("dockerComposeFile").is_some(),
        }
    }

    fn get(&self, key: &str) -> Option<&'json Value> {
        self.properties.get(key)
    }

    /// The dotted name of `key`, as a person would write it.
    fn name(&self, key: &str) -> String {
        self.path
            .iter()
            .map(String::as_str)
            .chain([key])
            .fold(String::new(), |name, part| {
                match (name.is_empty(), part.parse::<usize>()) {
                    (true, _) => part.to_owned(),
                    (false, Ok(index)) => format!("{name}[{index}]"),
                    (false, Err(_)) => format!("{name}.{part}"),
                }
            })
    }

    fn report(&mut self, key: &str, message: String, fatal: bool) {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        self.problems.push(Problem {
            path,
            message,
            fatal,
        });
    }

    fn wrong(&mut self, key: &str, value: &Value, expected: &str) {
        let message = format!(
            "`{}` must be {expected}, but is {}",
            self.name(key),
            kind(value)
        );
        self.report(key, message, true);
    }

    /// Runs `read` with the names of its values below `key`.
    fn below<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let result = read(self);
        self.path.pop();
        result
    }

    fn string(&mut self, key: &str) -> Option<String> {
        let value = self.get(key)?;
        if let Value::String(text) = value {
            return Some(text.clone());
        }
        self.wrong(key, value, "a string");
        None
    }

    fn bool(&mut self, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        if value.as_bool().is_none() {
            self.wrong(key, value, "true or false");
        }
        value.as_bool()
    }

    fn strings(&mut self, key: &str) -> Vec<String> {
        match self.get(key) {
            None => Vec::new(),
            Some(value) => self.string_list(key, value),
        }
    }

    fn string_list(&mut self, key: &str, value: &Value) -> Vec<String> {
        let Value::Array(elements) = value else {
            self.wrong(key, value, "an array of strings");
            return Vec::new();
        };
        let mut strings = Vec::new();
        self.below(key, |reader| {
            for (index, element) in elements.iter().enumerate() {
                match element {
                    Value::String(text) => strings.push(text.clone()),
                    other => reader.wrong(&index.to_string(), other, "a string"),
                }
            }
        });
        strings
    }

    fn string_or_strings(&mut self, key: &str) -> Vec<String> {
        match self.get(key) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(value) => self.string_list(key, value),
            None => Vec::new(),
        }
    }

    fn object(&mut self, key: &str) -> Option<&'json Map<String, Value>> {
        match self.get(key)? {
            Value::Object(object) => Some(object),
            other => {
                self.wrong(key, other, "an object");
                None
            }
        }
    }

    /// An object of strings. Numbers and truth values are taken as their text, as the devcontainer CLI does.
    fn string_map(&mut self, key: &str) -> Vec<(String, String)> {
        let Some(object) = self.object(key) else {
            return Vec::new();
        };
        self.below(key, |reader| {
            object
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), reader.scalar(name, value)?)))
                .collect()
        })
    }

    fn scalar(&mut self, key: &str, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => {
                let text = value.to_string();
                let message = format!(
                    "`{}` must be a string; taken as `\"{text}\"`",
                    self.name(key)
                );
                self.report(key, message, false);
                Some(text)
            }
            other => {
                self.wrong(key, other, "a string");
                None
            }
        }
    }

    fn remote_env(&mut self) -> Vec<(String, Option<String>)> {
        let Some(object) = self.object("remoteEnv") else {
            return Vec::new();
        };
        self.below("remoteEnv", |reader| {
            object
                .iter()
                .filter_map(|(name, value)| match value {
                    Value::Null => Some((name.clone(), None)),
                    value => Some((name.clone(), Some(reader.scalar(name, value)?))),
                })
                .collect()
        })
    }

    fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.string(key)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "`{}` must be one of {}, but is `{text}`",
                self.name(key),
                names.join(", ")
            );
            self.report(key, message, true);
        }
        found.map(|(_, choice)| *choice)
    }

    fn build(&mut self) -> Option<Build> {
        let older = self.string("dockerFile");
        if let Some(dockerfile) = older {
            let context = self.string("context");
            let build = self.object("build");
            return Some(self.build_object(dockerfile, context, build));
        }
        let build = self.object("build")?;
        let dockerfile = match build.get("dockerfile") {
            Some(Value::String(dockerfile)) => dockerfile.clone(),
            Some(other) => {
                self.below("build", |reader| {
                    reader.wrong("dockerfile", other, "a string");
                });
                return None;
            }
            None => {
                let message = "`build` needs `dockerfile`".to_owned();
                self.report("build", message, true);
                return None;
            }
        };
        Some(self.build_object(dockerfile, None, Some(build)))
    }

    fn build_object(
        &mut self,
        dockerfile: String,
        context: Option<String>,
        build: Option<&Map<String, Value>>,
    ) -> Build {
        let Some(build) = build else {
            return Build {
                dockerfile,
                context,
                ..Build::default()
            };
        };
        let mut reader = Reader {
            properties: build,
            path: [self.path.clone(), vec!["build".to_owned()]].concat(),
            problems: Vec::new(),
        };
        let build = Build {
            dockerfile,
            context: reader.string("context").or(context),
            args: reader.string_map("args"),
            target: reader.string("target"),
            cache_from: reader.string_or_strings("cacheFrom"),
            options: reader.strings("options"),
        };
        self.problems.extend(reader.problems);
        build
    }

    fn mounts(&mut self) -> Vec<Mount> {
        let elements = match self.get("mounts") {
            None => return Vec::new(),
            Some(Value::Array(elements)) => elements,
            Some(other) => {
                self.wrong("mounts", other, "an array");
                return Vec::new();
            }
        };
        let mut mounts = Vec::new();
        self.below("mounts", |reader| {
            for (index, element) in elements.iter().enumerate() {
                let key = index.to_string();
                let parsed = match element {
                    Value::String(text) => Mount::parse(text),
                    Value::Object(object) => mount_object(object),
                    other => {
                        reader.wrong(&key, other, "a string or an object");
                        continue;
                    }
                };
                match parsed {
                    Ok(mount) => mounts.push(mount),
                    Err(reason) => {
                        let message = format!("`{}` {reason}", reader.name(&key));
                        reader.report(&key, message, true);
                    }
                }
            }
        });
        mounts
    }

    /// A number, a string, or an array of these.
    fn ports(&mut self, key: &str) -> Vec<(String, &'json Value)> {
        match self.get(key) {
            None => Vec::new(),
            Some(Value::Array(elements)) => elements
                .iter()
                .enumerate()
                .map(|(index, element)| (index.to_string(), element))
                .collect(),
            Some(value) => vec![(String::new(), value)],
        }
    }

    fn app_port(&mut self) -> Vec<AppPort> {
        let ports = self.ports("appPort");
        ports
            .into_iter()
            .filter_map(|(index, value)| match (value, port_number(value)) {
                (_, Some(port)) => Some(AppPort::Number(port)),
                (Value::String(text), None) => Some(AppPort::Publish(text.clone())),
                _ => {
                    self.wrong_port("appPort", &index, value);
                    None
                }
            })
            .collect()
    }

    fn forward_ports(&mut self) -> Vec<ForwardPort> {
        if let Some(value) = self.get("forwardPorts").filter(|value| !value.is_array()) {
            self.wrong("forwardPorts", value, "an array");
            return Vec::new();
        }
        let ports = self.ports("forwardPorts");
        ports
            .into_iter()
            .filter_map(|(index, value)| match (value, port_number(value)) {
                (_, Some(port)) => Some(ForwardPort::Number(port)),
                (Value::String(text), None) => match text.split_once(':') {
                    Some(("localhost" | "127.0.0.1", port)) if port.parse::<u16>().is_ok() => {
                        port.parse().ok().map(ForwardPort::Number)
                    }
                    Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                        Some(ForwardPort::Elsewhere(text.clone()))
                    }
                    _ => {
                        self.wrong_port("forwardPorts", &index, value);
                        None
                    }
                },
                _ => {
                    self.wrong_port("forwardPorts", &index, value);
                    None
                }
            })
            .collect()
    }

    fn wrong_port(&mut self, key: &str, index: &str, value: &Value) {
        let expected = "a port (1 to 65535) or `\"host:port\"`";
        if index.is_empty() {
            self.wrong(key, value, expected);
        } else {
            self.below(key, |reader| reader.wrong(index, value, expected));
        }
    }

    fn command(&mut self, key: &str) -> Option<LifecycleCommand> {
        let value = self.get(key)?;
        match value {
            Value::Object(commands) => {
                let parallel: Vec<_> = self.below(key, |reader| {
                    commands
                        .iter()
                        .filter_map(|(name, value)| {
                            Some((name.clone(), reader.plain_command(name, value)?))
                        })
                        .collect()
                });
                (!parallel.is_empty()).then_some(LifecycleCommand::Parallel(parallel))
            }
            value => self.plain_command(key, value),
        }
    }

    fn plain_command(&mut self, key: &str, value: &Value) -> Option<LifecycleCommand> {
        match value {
            Value::String(text) => {
                (!text.trim().is_empty()).then(|| LifecycleCommand::Shell(text.clone()))
            }
            Value::Array(_) => {
                // Half a command is worse than none.
                let before = self.problems.len();
                let arguments = self.string_list(key, value);
                let is_whole = self.problems.len() == before;
                (is_whole && !arguments.is_empty()).then_some(LifecycleCommand::Exec(arguments))
            }
            other => {
                self.wrong(key, other, "a string, an array or an object of these");
                None
            }
        }
    }

    fn gpu(&mut self) -> Gpu {
        let Some(requirements) = self.object("hostRequirements") else {
            return Gpu::None;
        };
        match requirements.get("gpu") {
            None | Some(Value::Bool(false)) => Gpu::None,
            Some(Value::Bool(true) | Value::Object(_)) => Gpu::Required,
            Some(Value::String(text)) if text == "optional" => Gpu::Optional,
            Some(other) => {
                self.below("hostRequirements", |reader| {
                    reader.wrong("gpu", other, "true, false, `\"optional\"` or an object");
                });
                Gpu::None
            }
        }
    }
}

const SHUTDOWN_ACTIONS: &[(&str, ShutdownAction)] = &[
    ("none", ShutdownAction::None),
    ("stopContainer", ShutdownAction::StopContainer),
    ("stopCompose", ShutdownAction::StopCompose),
];

const WAIT_FOR: &[(&str, WaitFor)] = &[
    ("initializeCommand", WaitFor::Initialize),
    ("onCreateCommand", WaitFor::Stage(Stage::OnCreate)),
    ("updateContentCommand", WaitFor::Stage(Stage::UpdateContent)),
    ("postCreateCommand", WaitFor::Stage(Stage::PostCreate)),
    ("postStartCommand", WaitFor::Stage(Stage::PostStart)),
];

const USER_ENV_PROBES: &[(&str, UserEnvProbe)] = &[
    ("none", UserEnvProbe::None),
    ("loginInteractiveShell", UserEnvProbe::LoginInteractiveShell),
    ("interactiveShell", UserEnvProbe::InteractiveShell),
    ("loginShell", UserEnvProbe::LoginShell),
];

/// What a value is, for a message.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn port_number(value: &Value) -> Option<u16> {
    let port = match value {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok()?,
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok()?
        }
        _ => return None,
    };
    (port != 0).then_some(port)
}

fn mount_object(object: &Map<String, Value>) -> Result<Mount, String> {
    let text = |key: &str| match object.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("has a `{key}` that is {}", kind(other))),
    };
    Mount::from_parts(
        text("type")?.as_deref(),
        text("source")?,
        text("target")?,
        object.get("readonly").and_then(Value::as_bool) == Some(true),
    )
}
