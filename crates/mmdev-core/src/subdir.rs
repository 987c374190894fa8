//! The subdirs of conda's channels: the platforms that packages are built for.

/// The subdirs that conda packages are built for (conda's `PLATFORMS` and libmamba's `KnownPlatform`, without
/// `noarch`), which `platforms:` takes.
pub const PLATFORMS: [&str; 19] = [
    "emscripten-wasm32",
    "freebsd-64",
    "linux-32",
    "linux-64",
    "linux-aarch64",
    "linux-armv6l",
    "linux-armv7l",
    "linux-ppc64",
    "linux-ppc64le",
    "linux-riscv32",
    "linux-riscv64",
    "linux-s390x",
    "osx-64",
    "osx-arm64",
    "wasi-wasm32",
    "win-32",
    "win-64",
    "win-arm64",
    "zos-z",
];

/// Subdirs that channels have besides: packages for every platform, and platforms that only some tools know.
const OTHERS: [&str; 3] = ["noarch", "linux-loongarch64", "linux-ppc"];

/// Whether `text` names a subdir that conda, micromamba or rattler looks for in a channel.
pub(crate) fn is_subdir(text: &str) -> bool {
    PLATFORMS.contains(&text) || OTHERS.contains(&text)
}

/// What `uname -m` says on a platform for which micromamba images exist.
pub(crate) fn machine(platform: &str) -> Option<&'static str> {
    match platform {
        "linux-64" => Some("x86_64"),
        "linux-aarch64" => Some("aarch64"),
        "linux-ppc64le" => Some("ppc64le"),
        _ => None,
    }
}
