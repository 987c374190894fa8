//! Mounts, as `docker run --mount` and devcontainer.json's `mounts` write them.

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountKind {
    /// A file or folder of the host.
    Bind,
    /// A volume of the engine.
    Volume,
    /// Memory.
    Tmpfs,
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub kind: MountKind,
    /// The host's path or the volume's name; none for memory and for an anonymous volume.
    pub source: Option<String>,
    /// The absolute path in the container.
    pub target: String,
    /// Whether it cannot be written to.
    pub read_only: bool,
    /// `consistency`, which Docker Desktop once read.
    pub consistency: Option<String>,
    /// `bind-propagation`.
    pub propagation: Option<String>,
}

impl Mount {
    /// A bind mount that can be written to.
    pub fn bind(source: impl Into<String>, target: impl Into<String>) -> Mount {
        Mount {
            kind: MountKind::Bind,
            source: Some(source.into()),
            target: target.into(),
            read_only: false,
            consistency: None,
            propagation: None,
        }
    }

    /// A mount from its parts; `Err` ends the sentence "`mounts[0]` …". Without a type it is a volume, as in Docker.
    pub fn from_parts(
        kind: Option<&str>,
        source: Option<String>,
        target: Option<String>,
        read_only: bool,
    ) -> Result<Mount, String> {
        let kind = match kind {
            None | Some("volume") => MountKind::Volume,
            Some("bind") => MountKind::Bind,
            Some("tmpfs") => MountKind::Tmpfs,
            Some(other) => {
                return Err(format!(
                    "has the type `{other}`, but must be bind, volume or tmpfs"
                ));
            }
        };
        let source = source.filter(|source| !source.is_empty());
        let target = target
            .filter(|target| !target.is_empty())
            .ok_or("names no target")?;
        if kind == MountKind::Bind && source.is_none() {
            return Err("is a bind mount without a source".to_owned());
        }
        Ok(Mount {
            kind,
            source,
            target,
            read_only,
            consistency: None,
            propagation: None,
        })
    }

    /// Reads `type=bind,source=/a,target=/b,readonly`; `Err` ends the sentence "`mounts[0]` …".
    pub fn parse(text: &str) -> Result<Mount, String> {
        let (mut kind, mut source, mut target) = (None, None, None);
        let (mut consistency, mut propagation, mut read_only) = (None, None, false);
        for field in fields(text) {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (field, None),
            };
            match (key.trim().to_ascii_lowercase().as_str(), value) {
                ("type", Some(value)) => kind = Some(value.to_ascii_lowercase()),
                ("source" | "src", Some(value)) => source = Some(value),
                ("target" | "dst" | "destination", Some(value)) => target = Some(value),
                ("readonly" | "ro", None) => read_only = true,
                ("readonly" | "ro", Some(value)) => {
                    read_only = matches!(value.as_str(), "true" | "1");
                }
                ("consistency", Some(value)) => consistency = Some(value),
                ("bind-propagation", Some(value)) => propagation = Some(value),
                // A note of the devcontainer CLI for compose volumes, without meaning for a run.
                ("external", _) => {}
                (other, _) => return Err(format!("has the unknown option \"{other}\"")),
            }
        }
        let mount = Mount::from_parts(kind.as_deref(), source, target, read_only)?;
        Ok(Mount {
            consistency,
            propagation,
            ..mount
        })
    }
}

/// The fields of a line of comma-separated values; a field may be quoted, and a doubled quote stands for one.
fn fields(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                push(&mut fields, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => push(&mut fields, other),
        }
    }
    fields.retain(|field| !field.is_empty());
    fields
}

fn push(fields: &mut [String], character: char) {
    if let Some(field) = fields.last_mut() {
        field.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let shown = match Mount::parse(text) {
            Ok(mount) => format!(
                "{:?} {} -> {}{}",
                mount.kind,
                mount.source.as_deref().unwrap_or("(none)"),
                mount.target,
                if mount.read_only { " read-only" } else { "" }
            ),
            Err(reason) => format!("error: {reason}"),
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn mounts_are_read_as_docker_reads_them() {
        check(
            "type=bind,source=/a b,target=/c,readonly",
            expect!["Bind /a b -> /c read-only"],
        );
        check(
            "type=bind,\"source=/a,b\",target=/c,consistency=cached",
            expect!["Bind /a,b -> /c"],
        );
        check("src=cache,dst=/c,ro=false", expect!["Volume cache -> /c"]);
        check("target=/c", expect!["Volume (none) -> /c"]);
        check("type=tmpfs,destination=/t", expect!["Tmpfs (none) -> /t"]);
        check(
            "type=bind,source=C:\\Users\\me,target=/c",
            expect![r"Bind C:\Users\me -> /c"],
        );
        check(
            "type=bind,source=/a=b,target=/c",
            expect!["Bind /a=b -> /c"],
        );
    }

    #[test]
    fn what_is_no_mount_is_refused_in_words() {
        check("", expect!["error: names no target"]);
        check(
            "type=bind,target=/c",
            expect!["error: is a bind mount without a source"],
        );
        check(
            "type=npipe,source=a,target=/c",
            expect![[r#"error: has the type `npipe`, but must be bind, volume or tmpfs"#]],
        );
        check(
            "type=volume,source=a,target=/c,volume-nocopy",
            expect![[r#"error: has the unknown option "volume-nocopy""#]],
        );
        check(
            "/a:/b",
            expect![[r#"error: has the unknown option "/a:/b""#]],
        );
    }
}
