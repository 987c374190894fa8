//! From a lock to the text of a conda-lock.yml, as conda-lock writes it below our own first lines.

use std::fmt::Write as _;

use super::read::LONGEST_KEY;
use super::{Channel, Lock, Manager, Package, file_name_parts, scalar};
use crate::stamp::sign;

/// The text of `lock`: stamped, sorted, the same for equal locks.
pub fn write(lock: &Lock) -> String {
    let sources = match lock.metadata.sources.as_slice() {
        [] => "the spec".to_owned(),
        sources => sources.join(" and ").escape_debug().to_string(),
    };
    let content = format!(
        "# The exact packages of every platform, which `mmdev lock` made from {sources}.\n\
         # Do not edit it: edit the spec, and lock again. conda-lock, micromamba and mamba read it as well.\n\
         {}",
        body(lock)
    );
    sign(&content)
}

/// What conda-lock would write, without a comment.
pub(super) fn body(lock: &Lock) -> String {
    let mut text = String::from("version: 1\nmetadata:\n");
    let metadata = &lock.metadata;
    pairs(&mut text, 2, "content_hash", &metadata.content_hash);
    channels(&mut text, &metadata.channels);
    list(&mut text, 2, "platforms", &metadata.platforms);
    list(&mut text, 2, "sources", &metadata.sources);
    let sizes = lock.packages.iter().filter_map(|package| {
        let key = package.size_key();
        let size = package.size.filter(|_| key.len() <= LONGEST_KEY)?;
        Some((key, size.to_string()))
    });
    let mut custom = metadata.custom.clone();
    custom.extend(sizes);
    if !custom.is_empty() {
        pairs(&mut text, 2, "custom_metadata", &custom);
    }
    let mut sorted: Vec<&Package> = lock.packages.iter().collect();
    sorted.sort_by(|left, right| left.key().cmp(&right.key()));
    if sorted.is_empty() {
        text.push_str("package: []\n");
    } else {
        text.push_str("package:\n");
    }
    for entry in sorted {
        package(&mut text, entry);
    }
    text
}

fn package(text: &mut String, package: &Package) {
    text.push_str("- name: ");
    text.push_str(&scalar::value(&package.name, 8, 4));
    text.push('\n');
    line(text, 2, "version", &package.version);
    line(text, 2, "manager", package.manager.name());
    line(text, 2, "platform", &package.platform);
    pairs(text, 2, "dependencies", &package.dependencies);
    line(text, 2, "url", &package.url);
    let hashes = [("md5", &package.hash.md5), ("sha256", &package.hash.sha256)];
    if hashes.iter().all(|(_, digits)| digits.is_none()) {
        text.push_str("  hash: {}\n");
    } else {
        text.push_str("  hash:\n");
    }
    for (key, digits) in hashes {
        if let Some(digits) = digits {
            line(text, 4, key, digits);
        }
    }
    if let Some(url) = &package.source {
        text.push_str("  source:\n");
        line(text, 4, "type", "url");
        line(text, 4, "url", url);
    }
    if let Some(build) = &package.build
        && package.manager == Manager::Conda
        && file_name_parts(&package.url).is_none_or(|(_, _, in_url)| in_url != build)
    {
        // conda-lock before its version 4 refuses the key, so it stands only where the URL does not say it.
        line(text, 2, "build", build);
    }
    line(text, 2, "category", &package.category);
    let _ = writeln!(text, "  optional: {}", package.optional);
}

fn channels(text: &mut String, channels: &[Channel]) {
    if channels.is_empty() {
        text.push_str("  channels: []\n");
        return;
    }
    text.push_str("  channels:\n");
    for channel in channels {
        let _ = writeln!(text, "  - url: {}", scalar::value(&channel.url, 9, 6));
        list(text, 4, "used_env_vars", &channel.used_env_vars);
    }
}

fn line(text: &mut String, indent: usize, key: &str, value: &str) {
    let key = scalar::key(key);
    let column = indent + key.len() + 2;
    let value = scalar::value(value, column, indent + 2);
    let _ = writeln!(text, "{:indent$}{key}: {value}", "");
}

fn list(text: &mut String, indent: usize, key: &str, items: &[String]) {
    if items.is_empty() {
        let _ = writeln!(text, "{:indent$}{key}: []", "");
        return;
    }
    let _ = writeln!(text, "{:indent$}{key}:", "");
    for item in items {
        let item = scalar::value(item, indent + 2, indent + 2);
        let _ = writeln!(text, "{:indent$}- {item}", "");
    }
}

fn pairs<'pair>(
    text: &mut String,
    indent: usize,
    key: &str,
    pairs: impl IntoIterator<Item = (&'pair String, &'pair String)>,
) {
    let mut pairs = pairs.into_iter().peekable();
    if pairs.peek().is_none() {
        let _ = writeln!(text, "{:indent$}{key}: {{}}", "");
        return;
    }
    let _ = writeln!(text, "{:indent$}{key}:", "");
    for (key, value) in pairs {
        line(text, indent + 2, key, value);
    }
}
