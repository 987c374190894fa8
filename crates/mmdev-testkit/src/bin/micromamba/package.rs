//! One package to install: where its record came from decides what is known of it.

use anyhow::{Context as _, Result, anyhow};
use rattler_conda_types::package::DistArchiveIdentifier;
use rattler_conda_types::{
    PackageName, PackageRecord, RepoDataRecord, VersionWithSource, package::CondaArchiveType,
};
use rattler_digest::{Md5, Sha256, parse_digest_from_hex};
use serde_json::{Map, Value};
use std::str::FromStr;
use url::Url;

/// Who told us about a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A channel's repodata: all of it is known, patches included.
    Repodata,
    /// A conda-lock file: its dependencies are the lock's.
    Lock,
    /// An `@EXPLICIT` list: nothing but the address; the rest is in the package.
    Explicit,
}

/// A package and what its source says of it.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// The record; incomplete unless it comes from repodata.
    pub(crate) record: RepoDataRecord,
    /// Who said so.
    pub(crate) source: Source,
}

impl Package {
    /// A package known by its address alone, `URL` or `URL#MD5`.
    pub(crate) fn from_url(text: &str) -> Result<Self> {
        let (url, hash) = text.split_once('#').unwrap_or((text, ""));
        let url = Url::parse(url).with_context(|| format!("Failed to parse URL \"{url}\""))?;
        let file = url
            .path_segments()
            .and_then(|mut parts| parts.next_back())
            .unwrap_or_default();
        let identifier = DistArchiveIdentifier::from_str(file)
            .map_err(|_| anyhow!("Missing name-version-build in package file name \"{file}\""))?;
        let stem = &identifier.identifier;
        let mut record = PackageRecord::new(
            PackageName::from_str(&stem.name)?,
            VersionWithSource::from_str(&stem.version)?,
            stem.build_string.parse()?,
        );
        record.subdir = subdir_of(&url);
        match hash.strip_prefix("sha256:").unwrap_or(hash) {
            hash if hash.len() == 64 => record.sha256 = parse_digest_from_hex::<Sha256>(hash),
            hash => record.md5 = parse_digest_from_hex::<Md5>(hash.trim_start_matches("md5:")),
        }
        let channel = Some(channel_of(&url));
        Ok(Self {
            record: RepoDataRecord {
                package_record: record,
                identifier,
                url,
                channel,
            },
            source: Source::Explicit,
        })
    }

    /// The package's name.
    pub(crate) fn name(&self) -> &str {
        self.record.package_record.name.as_normalized()
    }

    /// The version as its maker wrote it.
    pub(crate) fn version(&self) -> String {
        self.record.package_record.version.to_string()
    }

    /// The build string.
    pub(crate) fn build(&self) -> String {
        self.record.package_record.build.to_string()
    }

    /// `name-version-build`, which names its folder and its conda-meta file.
    pub(crate) fn stem(&self) -> String {
        format!("{}-{}-{}", self.name(), self.version(), self.build())
    }

    /// The archive's file name.
    pub(crate) fn file_name(&self) -> String {
        let path = self.record.url.path();
        path.rsplit('/').next().unwrap_or(path).to_owned()
    }

    /// The channel's address without subdir.
    pub(crate) fn channel(&self) -> String {
        channel_of(&self.record.url)
    }

    /// `channel/subdir::name-version-build`, as history has it.
    pub(crate) fn dist(&self) -> String {
        format!(
            "{}/{}::{}",
            self.channel(),
            subdir_of(&self.record.url),
            self.stem()
        )
    }

    /// Whether the archive is a `.tar.bz2`, else it is a `.conda`.
    pub(crate) fn is_tar_bz2(&self) -> bool {
        CondaArchiveType::try_from(self.file_name().as_str()) == Some(CondaArchiveType::TarBz2)
    }

    /// The record for info/repodata_record.json: the package's own index.json
    /// under what the source knows better. An explicit list knows no
    /// dependencies, so a repodata patch is lost there, as with the real program.
    pub(crate) fn repodata_record(
        &self,
        index: Map<String, Value>,
        size: u64,
    ) -> Result<Map<String, Value>> {
        let Value::Object(known) = serde_json::to_value(&self.record)? else {
            return Err(anyhow!("a record is an object"));
        };
        let told: &[&str] = match self.source {
            Source::Repodata => &[],
            Source::Lock => &["depends", "constrains", "md5", "sha256"],
            Source::Explicit => &["md5", "sha256"],
        };
        let mut merged = index;
        for (key, value) in known {
            let always = matches!(key.as_str(), "name" | "version" | "build" | "fn" | "url");
            let says = self.source == Source::Repodata || told.contains(&key.as_str());
            if always || (says && !value.is_null()) {
                merged.insert(key, value);
            }
        }
        for list in ["depends", "constrains"] {
            merged
                .entry(list)
                .or_insert_with(|| Value::Array(Vec::new()));
        }
        merged.insert("channel".into(), self.channel().into());
        merged
            .entry("subdir")
            .or_insert_with(|| subdir_of(&self.record.url).into());
        merged.insert("size".into(), size.into());
        Ok(merged)
    }
}

/// The last folder of a package's address.
pub(crate) fn subdir_of(url: &Url) -> String {
    let mut parts: Vec<&str> = url.path().split('/').collect();
    parts.pop();
    parts.pop().unwrap_or_default().to_owned()
}

/// The address without subdir and file, credentials and tokens taken out.
pub(crate) fn channel_of(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.as_str()
        .rsplitn(3, '/')
        .nth(2)
        .unwrap_or_default()
        .to_owned()
}
