//! Between records and the packages of a lock.

use mmdev_core::lock::{self, Hashes, Manager, Package};

use super::Record;

impl Record {
    /// The package that a lock for `platform` holds for it.
    pub fn to_locked(&self, platform: &str) -> Package {
        Package {
            name: self.name.clone(),
            version: self.version.clone(),
            build: Some(self.build.clone()),
            manager: Manager::Conda,
            platform: platform.to_owned(),
            dependencies: lock::dependencies(self.depends.iter().map(String::as_str)),
            url: self.url.clone(),
            hash: Hashes {
                md5: self.md5.clone(),
                sha256: self.sha256.clone(),
            },
            source: None,
            category: lock::MAIN.to_owned(),
            optional: false,
            size: self.size,
        }
    }

    /// What a lock tells of a record: all that is needed to keep it.
    pub fn from_locked(package: &Package) -> Self {
        let build = package.build.clone().unwrap_or_default();
        Record {
            name: package.name.clone(),
            version: package.version.clone(),
            // By the custom of conda-build, which a lock has no other word of.
            build_number: build
                .rsplit('_')
                .next()
                .and_then(|number| number.parse().ok())
                .unwrap_or_default(),
            build,
            subdir: package
                .url
                .rsplit('/')
                .nth(1)
                .unwrap_or_default()
                .to_owned(),
            url: package.url.clone(),
            md5: package.hash.md5.clone(),
            sha256: package.hash.sha256.clone(),
            depends: package
                .dependencies
                .iter()
                .map(|(name, constraint)| format!("{name} {constraint}").trim().to_owned())
                .collect(),
            size: package.size,
            ..Record::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keeps_a_record_goes_through_a_lock() {
        let record = Record {
            name: "numpy".to_owned(),
            version: "2.1.0".to_owned(),
            build: "py313h0_3".to_owned(),
            build_number: 3,
            subdir: "linux-64".to_owned(),
            url: "https://conda.anaconda.org/conda-forge/linux-64/numpy-2.1.0-py313h0_3.conda"
                .to_owned(),
            md5: Some("00".to_owned()),
            sha256: Some("11".to_owned()),
            size: Some(7_000_000),
            depends: vec!["libblas".to_owned(), "python >=3.13,<3.14.0a0".to_owned()],
            ..Record::default()
        };
        assert_eq!(Record::from_locked(&record.to_locked("linux-64")), record);
    }
}
