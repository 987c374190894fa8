//! The virtual packages of the machine, found without loading its libraries.
//!
//! rattler asks libc, the CUDA driver and AMD's library by loading them. This
//! program is linked statically, and a static glibc that loads another version
//! of itself ends in a crash. So the version is read out of the library's file,
//! and no GPU is looked for.

use std::path::Path;

use rattler_virtual_packages::{Override, VirtualPackageOverrides};

/// Where distributions keep glibc.
const GLIBC: &[&str] = &[
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/aarch64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
];

/// What rattler is to take as found. `CONDA_OVERRIDE_…` count; set but empty
/// means that there is none.
pub(crate) fn overrides() -> VirtualPackageOverrides {
    let mut overrides = VirtualPackageOverrides::from_env();
    let glibc = GLIBC
        .iter()
        .find_map(|path| version_in(&std::fs::read(Path::new(path)).ok()?));
    for (name, found, taken) in [
        ("GLIBC", glibc, &mut overrides.libc),
        ("CUDA", None, &mut overrides.cuda),
        ("CUDA_ARCH", None, &mut overrides.cuda_arch),
        ("AMDGPU", None, &mut overrides.amdgpu),
        ("AMDGPU_ARCH", None, &mut overrides.amdgpu_arch),
    ] {
        if std::env::var_os(format!("CONDA_OVERRIDE_{name}")).is_none() {
            *taken = Some(Override::String(found.unwrap_or_default()));
        }
    }
    overrides
}

/// Finds `2.36` in the banner `GNU C Library (…) stable release version 2.36.`
fn version_in(library: &[u8]) -> Option<String> {
    let banner = b"GNU C Library (";
    let start = library
        .windows(banner.len())
        .position(|window| window == banner)?;
    let line = library[start..].split(|byte| *byte == b'\n').next()?;
    let (_, version) = std::str::from_utf8(line).ok()?.split_once(" version ")?;
    Some(version.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glibcs_version_is_read_from_its_banner() {
        let library =
            b"\0\x7fGNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright";
        assert_eq!(version_in(library).as_deref(), Some("2.36"));
        assert_eq!(version_in(b"musl"), None);
    }
}
