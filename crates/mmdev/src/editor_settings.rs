//! The settings of the VS Code extension. They are written into its package.json from here, beside the command line
//! whose words they share: `UPDATE_EXPECT=1 cargo test -p mmdev editor_settings` writes them.

use clap::CommandFactory;
use serde_json::{Map, Value, json};

use crate::cli::Cli;

/// A setting: its key, its schema without a description, and the description in Markdown.
struct Setting {
    key: &'static str,
    schema: Value,
    description: String,
}

fn settings() -> Vec<Setting> {
    vec![
        Setting {
            key: "mmdev.path",
            // What a machine has, no folder may choose for its reader; see `restrictedConfigurations` as well.
            schema: json!({ "type": "string", "default": "", "scope": "machine-overridable" }),
            description: "The program `mmdev`, as an absolute path. Empty: the one in the extension, else the one on \
                          PATH."
                .to_owned(),
        },
        Setting {
            key: "mmdev.watch.recreate",
            schema: json!({ "type": "boolean", "default": false, "scope": "resource" }),
            description: format!("With *Start Watching*: {}.", help("watch", "recreate")),
        },
        Setting {
            key: "mmdev.trace.server",
            schema: json!({
                "type": "string",
                "enum": ["off", "messages", "verbose"],
                "default": "off",
                "scope": "window",
            }),
            description: "What is logged of the talk between VS Code and the language server.".to_owned(),
        },
    ]
}

/// What the command line says of an option.
fn help(command: &str, option: &str) -> String {
    let cli = Cli::command();
    let command = cli.find_subcommand(command).unwrap();
    let mut arguments = command.get_arguments();
    let argument = arguments.find(|argument| argument.get_id() == option);
    argument.unwrap().get_help().unwrap().to_string()
}

#[test]
fn package_json_has_the_settings_and_the_version() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vscode-ext/package.json");
    let text = std::fs::read_to_string(file).unwrap();
    let mut package: Value = serde_json::from_str(&text).unwrap();
    let mut properties = Map::new();
    for setting in settings() {
        let mut schema = setting.schema;
        schema["markdownDescription"] = setting.description.into();
        properties.insert(setting.key.to_owned(), schema);
    }
    package["version"] = env!("CARGO_PKG_VERSION").into();
    package["contributes"]["configuration"] = json!({ "title": "mmdev", "properties": properties });
    let expected = serde_json::to_string_pretty(&package).unwrap() + "\n";
    expect_test::expect_file![file].assert_eq(&expected);
}
