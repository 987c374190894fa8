//! Records as plain data, and back.

use std::collections::HashMap;

use rattler_conda_types::package::{BuildString, DistArchiveIdentifier};
use rattler_conda_types::{MatchSpec, PackageRecord, RepoDataRecord};
use rattler_repodata_gateway::RepoData;

use super::sources::Sources;

/// One package file of a channel: all that a lock, a list or a table says of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The name, in lower case.
    pub name: String,
    /// The version as the channel has it.
    pub version: String,
    /// The build string.
    pub build: String,
    /// The build number.
    pub build_number: u64,
    /// The subdir that it stands in: a platform or `noarch`.
    pub subdir: String,
    /// Where the file is: variables as in the spec, no credentials.
    pub url: String,
    /// The channel as the spec names it; `None` where a dependency named the file itself.
    pub channel: Option<String>,
    /// The file's MD5, in hexadecimal digits.
    pub md5: Option<String>,
    /// The file's SHA-256, in hexadecimal digits.
    pub sha256: Option<String>,
    /// The file's bytes.
    pub size: Option<u64>,
    /// What it needs, as MatchSpecs.
    pub depends: Vec<String>,
    /// What others must be if they are there, as MatchSpecs.
    pub constrains: Vec<String>,
    /// The licence.
    pub license: Option<String>,
    /// When it was built, in milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// What python needs besides where it brings pip. No channel writes it so, by which it is known again.
pub(super) const PIP: &str = "pip >=0";

/// Records that differ from the channel's in that python brings pip.
pub(super) fn with_pip(record: &RepoDataRecord) -> Option<RepoDataRecord> {
    let package = &record.package_record;
    // conda and micromamba do it for these.
    let is_2_or_3 = ["2.", "3."]
        .iter()
        .any(|major| package.version.as_str().starts_with(major));
    let has_pip = package
        .depends
        .iter()
        .any(|depends| depends.split_whitespace().next() == Some("pip"));
    (package.name.as_normalized() == "python" && is_2_or_3 && !has_pip).then(|| {
        let mut record = record.clone();
        record.package_record.depends.push(PIP.to_owned());
        record
    })
}

/// A record as plain data.
pub(super) fn plain(record: &RepoDataRecord, sources: &Sources) -> Record {
    let package = &record.package_record;
    let (channel, url) = sources.public(record);
    Record {
        name: package.name.as_normalized().to_owned(),
        version: package.version.to_string(),
        build: package.build.to_string(),
        build_number: package.build_number,
        subdir: package.subdir.clone(),
        url,
        channel,
        md5: package.md5.as_ref().map(|hash| hexadecimal(hash)),
        sha256: package.sha256.as_ref().map(|hash| hexadecimal(hash)),
        size: package.size,
        depends: package
            .depends
            .iter()
            .filter(|depends| *depends != PIP)
            .cloned()
            .collect(),
        constrains: package.constrains.clone(),
        license: package.license.clone(),
        timestamp: package.timestamp.map(|at| at.timestamp_millis()),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A record that is kept: the channel's, or what is left of one that the channel has no more.
pub(super) enum Kept<'data> {
    Present(&'data RepoDataRecord),
    Gone(Box<RepoDataRecord>),
}

impl AsRef<RepoDataRecord> for Kept<'_> {
    fn as_ref(&self) -> &RepoDataRecord {
        match self {
            Kept::Present(record) => record,
            Kept::Gone(record) => record,
        }
    }
}

/// Those of `keep` that may stay: of a channel that still counts, and of the one that a dependency names.
pub(super) fn kept<'data>(
    keep: &[Record],
    specs: &[MatchSpec],
    sources: &Sources,
    data: &'data [RepoData],
) -> Vec<Kept<'data>> {
    if keep.is_empty() {
        return Vec::new();
    }
    let mut by_url: HashMap<String, &RepoDataRecord> = HashMap::new();
    // The most important channel that has a name.
    let mut first: HashMap<&str, usize> = HashMap::new();
    let names: std::collections::HashSet<&str> =
        keep.iter().map(|record| record.name.as_str()).collect();
    for record in data.iter().flat_map(RepoData::iter) {
        let name = record.package_record.name.as_normalized();
        if !names.contains(name) {
            continue;
        }
        by_url.insert(sources.public(record).1, record);
        if let Some(position) = sources.position(record) {
            let first = first.entry(name).or_insert(position);
            *first = position.min(*first);
        }
    }
    keep.iter()
        .filter_map(|record| {
            let kept = match by_url.get(&record.url) {
                Some(present) => Kept::Present(present),
                None => Kept::Gone(Box::new(rebuilt(record, sources)?)),
            };
            let position = sources.position(kept.as_ref())?;
            let asked = specs.iter().find(|spec| {
                spec.name
                    .as_exact()
                    .is_some_and(|name| name.as_normalized() == record.name)
            });
            let channel = asked.and_then(|spec| spec.channel.as_deref());
            let may_stay = match channel {
                Some(channel) => kept.as_ref().channel.as_ref() == Some(&channel.canonical_name()),
                None => first
                    .get(record.name.as_str())
                    .is_none_or(|at| *at == position),
            };
            may_stay.then_some(kept)
        })
        .collect()
}

/// A record that only a lock knows, if its file stands in a channel that counts.
fn rebuilt(record: &Record, sources: &Sources) -> Option<RepoDataRecord> {
    let (address, url) = sources.real(&record.url)?;
    let channel = address.channel();
    let build = BuildString::new_unchecked(record.build.clone());
    let version: rattler_conda_types::VersionWithSource = record.version.parse().ok()?;
    let mut package = PackageRecord::new(record.name.parse().ok()?, version, build);
    package.build_number = record.build_number;
    package.subdir.clone_from(&record.subdir);
    package.depends.clone_from(&record.depends);
    package.constrains.clone_from(&record.constrains);
    package.size = record.size;
    package.license.clone_from(&record.license);
    package.timestamp = record.timestamp.and_then(|at| {
        let at = jiff::Timestamp::from_millisecond(at).ok()?;
        Some(rattler_conda_types::utils::TimestampMs::from_timestamp_millis(at))
    });
    package.md5 = record
        .md5
        .as_deref()
        .and_then(rattler_digest::parse_digest_from_hex::<rattler_digest::Md5>);
    package.sha256 = record
        .sha256
        .as_deref()
        .and_then(rattler_digest::parse_digest_from_hex::<rattler_digest::Sha256>);
    Some(RepoDataRecord {
        package_record: package,
        identifier: DistArchiveIdentifier::try_from_url(&url)?,
        url,
        channel: Some(channel.canonical_name()),
    })
}
