//! A software bill of materials of what a lock has for one platform: CycloneDX 1.6, as JSON.
//!
//! The document is put together here, and a test holds it against the published schema and reads it with a library.
//! The library for writing it, cyclonedx-bom, stops at CycloneDX 1.5, and brings a parser of XML and ten other crates
//! for a dozen keys.

use serde_json::{Value, json};

use super::export::address;
use super::{Graph, Manager, Package};

/// The licence of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum License {
    /// An expression of SPDX's, such as `MIT` or `Apache-2.0 OR MIT`.
    Expression(String),
    /// Any other word for it.
    Name(String),
}

/// What a bill of materials says besides the packages.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The environment's name.
    pub name: &'a str,
    /// The platform.
    pub platform: &'a str,
    /// The version of mmdev.
    pub tool_version: &'a str,
    /// The packages that the spec asks for.
    pub direct: &'a [&'a Package],
}

/// The document. `license` tells what is known of a package's licence.
pub fn sbom(
    graph: &Graph<'_>,
    about: About<'_>,
    license: impl Fn(&Package) -> Option<License>,
) -> Value {
    const ENVIRONMENT: &str = "environment";
    let packages = graph.packages();
    let components: Vec<Value> = packages
        .iter()
        .map(|package| component(package, license(package)))
        .collect();
    let reference = |package: &&Package| purl(package);
    let mut dependencies = vec![json!({
        "ref": ENVIRONMENT,
        "dependsOn": about.direct.iter().map(reference).collect::<Vec<_>>(),
    })];
    dependencies.extend(packages.iter().map(|package| {
        let needs = graph.needs(package);
        // One that needs itself is nothing to tell, and the schema wants each once.
        let mut needs: Vec<String> = needs
            .iter()
            .filter(|needed| *needed != package)
            .map(reference)
            .collect();
        needs.sort();
        needs.dedup();
        json!({ "ref": purl(package), "dependsOn": needs })
    }));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {
                "components": [
                    { "type": "application", "name": "mmdev", "version": about.tool_version }
                ]
            },
            "component": { "type": "application", "bom-ref": ENVIRONMENT, "name": about.name },
            "properties": [{ "name": "mmdev:platform", "value": about.platform }],
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn component(package: &Package, license: Option<License>) -> Value {
    let purl = purl(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "scope": if package.optional { "optional" } else { "required" },
    });
    let hashes: Vec<Value> = [
        ("MD5", &package.hash.md5),
        ("SHA-256", &package.hash.sha256),
    ]
    .into_iter()
    .filter_map(|(name, digits)| Some(json!({ "alg": name, "content": digits.as_ref()? })))
    .collect();
    if !hashes.is_empty() {
        component["hashes"] = hashes.into();
    }
    match license {
        Some(License::Expression(text)) => component["licenses"] = json!([{ "expression": text }]),
        Some(License::Name(name)) => {
            component["licenses"] = json!([{ "license": { "name": name } }]);
        }
        None => {}
    }
    component["purl"] = purl.into();
    component["externalReferences"] =
        json!([{ "type": "distribution", "url": reference(&address(package)) }]);
    if let Some(size) = package.size {
        component["properties"] = json!([{ "name": "mmdev:size", "value": size.to_string() }]);
    }
    component
}

/// A URL that may hold variables (`${TOKEN}`), as RFC 3987 has it.
fn reference(url: &str) -> String {
    let encode = |char: char| match r#"{}<>"|\^`"#.contains(char) {
        true => format!("%{:02X}", u32::from(char)),
        false => char.to_string(),
    };
    url.chars().map(encode).collect()
}

/// The package URL (<https://github.com/package-url/purl-spec>, types `conda` and `pypi`).
fn purl(package: &Package) -> String {
    let version = encoded(&package.version);
    match package.manager {
        Manager::Conda => {
            let name = encoded(&package.name);
            let url = address(package);
            let qualifiers: Vec<String> = [
                ("build", package.build.clone()),
                ("channel", channel(&url)),
                ("subdir", url.rsplit('/').nth(1).map(str::to_owned)),
                ("type", archive(&url).map(str::to_owned)),
            ]
            .into_iter()
            .filter_map(|(key, value)| {
                let value = value.filter(|value| !value.is_empty())?;
                Some(format!("{key}={}", encoded(&value)))
            })
            .collect();
            format!("pkg:conda/{name}@{version}?{}", qualifiers.join("&"))
        }
        Manager::Pip => {
            let name = encoded(&package.name.to_ascii_lowercase().replace('_', "-"));
            let source = package.source.as_deref().map(super::without_secrets);
            let qualifier = source.map_or_else(String::new, |source| {
                let key = if source.starts_with("git+") {
                    "vcs_url"
                } else {
                    "download_url"
                };
                format!("?{key}={}", encoded(&source))
            });
            format!("pkg:pypi/{name}@{version}{qualifier}")
        }
    }
}

fn archive(url: &str) -> Option<&'static str> {
    ["conda", "tar.bz2"]
        .into_iter()
        .find(|ending| url.ends_with(&format!(".{ending}")))
}

/// The name of the channel that a package's URL is in, with its label.
fn channel(url: &str) -> Option<String> {
    let (_, path) = url.split_once("://")?;
    let mut parts = path.rsplit('/').skip(2);
    let last = parts.next()?;
    match (parts.next(), parts.next()) {
        (Some("label"), Some(name)) => Some(format!("{name}/label/{last}")),
        _ => Some(last.to_owned()),
    }
}

/// Percent-encoded as the implementations of package URLs do it, which leave `:` and `/`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' => {
                encoded.push(byte.into());
            }
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::fixture::{lock, package};
    use super::*;

    #[test]
    fn package_urls_are_as_their_spec_has_them() {
        let check = |text: &str, url: &str, expected: &str| {
            let mut package = package(text);
            if !url.is_empty() {
                package.url = url.to_owned();
            }
            assert_eq!(purl(&package), expected);
        };
        check(
            "absl-py 0.4.1 py36h06a4308_0",
            "https://repo.anaconda.com/pkgs/main/linux-64/absl-py-0.4.1-py36h06a4308_0.tar.bz2",
            "pkg:conda/absl-py@0.4.1?build=py36h06a4308_0&channel=main&subdir=linux-64&type=tar.bz2",
        );
        check(
            "x 1!2+a h_0",
            "https://u:p@host/t/${TOKEN}/c/label/dev/noarch/x-1-h_0.conda",
            "pkg:conda/x@1%212%2Ba?build=h_0&channel=c/label/dev&subdir=noarch&type=conda",
        );
        check(
            "pip:Zope.Interface_x 5.0",
            "",
            "pkg:pypi/zope.interface-x@5.0",
        );
    }

    #[test]
    fn a_bill_names_each_package_once() {
        let mut lock = lock(&["b 1 h_0 > a, b", "a 1 h_0", "pip:c 2.0 > a"]);
        lock.packages[0].size = Some(7);
        lock.packages[2].source = Some("git+https://host/c.git@01".to_owned());
        let graph = Graph::of(&lock, "linux-64");
        let direct = [graph.find("b").unwrap()];
        let about = About {
            name: "it",
            platform: "linux-64",
            tool_version: "1",
            direct: &direct,
        };
        let document = sbom(&graph, about, |package| match package.name.as_str() {
            "a" => Some(License::Expression("MIT".to_owned())),
            "b" => Some(License::Name("free".to_owned())),
            _ => None,
        });
        expect![[r#"
            {
              "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
              "bomFormat": "CycloneDX",
              "specVersion": "1.6",
              "version": 1,
              "metadata": {
                "tools": {
                  "components": [
                    {
                      "type": "application",
                      "name": "mmdev",
                      "version": "1"
                    }
                  ]
                },
                "component": {
                  "type": "application",
                  "bom-ref": "environment",
                  "name": "it"
                },
                "properties": [
                  {
                    "name": "mmdev:platform",
                    "value": "linux-64"
                  }
                ]
              },
              "components": [
                {
                  "type": "library",
                  "bom-ref": "pkg:conda/a@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda",
                  "name": "a",
                  "version": "1",
                  "scope": "required",
                  "hashes": [
                    {
                      "alg": "MD5",
                      "content": "f9e445544d9d7cb7843f7e351452662d"
                    },
                    {
                      "alg": "SHA-256",
                      "content": "f9e445544d9d7cb7843f7e351452662dbde16b78ebac32e736eabcf87414c86c"
                    }
                  ],
                  "licenses": [
                    {
                      "expression": "MIT"
                    }
                  ],
                  "purl": "pkg:conda/a@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda",
                  "externalReferences": [
                    {
                      "type": "distribution",
                      "url": "https://conda.anaconda.org/conda-forge/linux-64/a-1-h_0.conda"
                    }
                  ],
                  "properties": [
                    {
                      "name": "mmdev:size",
                      "value": "7"
                    }
                  ]
                },
                {
                  "type": "library",
                  "bom-ref": "pkg:conda/b@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda",
                  "name": "b",
                  "version": "1",
                  "scope": "required",
                  "hashes": [
                    {
                      "alg": "MD5",
                      "content": "d308ac5e65e4e5d71a0d2badb62cd206"
                    },
                    {
                      "alg": "SHA-256",
                      "content": "d308ac5e65e4e5d71a0d2badb62cd2062f9ac282aaaafa0d5ad70633cdc737ee"
                    }
                  ],
                  "licenses": [
                    {
                      "license": {
                        "name": "free"
                      }
                    }
                  ],
                  "purl": "pkg:conda/b@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda",
                  "externalReferences": [
                    {
                      "type": "distribution",
                      "url": "https://conda.anaconda.org/conda-forge/linux-64/b-1-h_0.conda"
                    }
                  ]
                },
                {
                  "type": "library",
                  "bom-ref": "pkg:pypi/c@2.0?vcs_url=git%2Bhttps://host/c.git%4001",
                  "name": "c",
                  "version": "2.0",
                  "scope": "required",
                  "hashes": [
                    {
                      "alg": "SHA-256",
                      "content": "4692e904f4ea25aea689e4fd4d18c933733190be1b3b47474d4b52b59354098f"
                    }
                  ],
                  "purl": "pkg:pypi/c@2.0?vcs_url=git%2Bhttps://host/c.git%4001",
                  "externalReferences": [
                    {
                      "type": "distribution",
                      "url": "https://files.pythonhosted.org/c-2.0-py3-none-any.whl"
                    }
                  ]
                }
              ],
              "dependencies": [
                {
                  "ref": "environment",
                  "dependsOn": [
                    "pkg:conda/b@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda"
                  ]
                },
                {
                  "ref": "pkg:conda/a@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda",
                  "dependsOn": []
                },
                {
                  "ref": "pkg:conda/b@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda",
                  "dependsOn": [
                    "pkg:conda/a@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda"
                  ]
                },
                {
                  "ref": "pkg:pypi/c@2.0?vcs_url=git%2Bhttps://host/c.git%4001",
                  "dependsOn": [
                    "pkg:conda/a@1?build=h_0&channel=conda-forge&subdir=linux-64&type=conda"
                  ]
                }
              ]
            }"#]].assert_eq(&serde_json::to_string_pretty(&document).unwrap());
    }
}
