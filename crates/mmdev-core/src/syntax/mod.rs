//! Text to trees: YAML for specs, JSON with comments for devcontainer.json. Both know the bytes of every node.

pub mod jsonc;
pub mod yaml;
