//! Explicit lists, read by rattler.

use std::str::FromStr;

use mmdev_core::lock;
use rattler_conda_types::{ExplicitEnvironmentSpec, PackageArchiveHash};

/// Every real lock's list is read, with its platform and a hash for each package.
#[test]
#[ignore = "needs MMDEV_CORPUS"]
fn rattler_reads_our_lists() {
    let folder = mmdev_testkit::corpus("locks/conda-lock");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let lock = lock::read(&text).lock;
        for platform in &lock.metadata.platforms {
            let list = lock::explicit(&lock, platform);
            let read = ExplicitEnvironmentSpec::from_str(&list).unwrap();
            assert_eq!(read.platform.unwrap().as_str(), platform);
            let conda = lock
                .of(platform)
                .filter(|package| package.manager == lock::Manager::Conda);
            let mut expected: Vec<(&str, &str)> = conda
                .map(|package| {
                    let md5 = package.hash.md5.as_deref().unwrap_or_default();
                    (package.url.as_str(), md5)
                })
                .collect();
            let mut found: Vec<(String, String)> = read
                .packages
                .iter()
                .map(|package| {
                    let hash = package.package_archive_hash().unwrap().unwrap();
                    let PackageArchiveHash::Md5(hash) = hash else {
                        panic!("{}", package.url);
                    };
                    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                    let mut url = package.url.clone();
                    url.set_fragment(None);
                    (url.to_string(), hash)
                })
                .collect();
            expected.sort_unstable();
            // One of several categories is installed once.
            expected.dedup();
            found.sort_unstable();
            count += found.len();
            let found: Vec<(&str, &str)> =
                found.iter().map(|(url, md5)| (&**url, &**md5)).collect();
            assert_eq!(found, expected);
        }
    }
    assert!(count > 100, "{count}");
}
