//! Packages that channels have for one system only.

/// Packages that only Windows has: its run-time libraries, its API for Python, its terminal.
const WINDOWS: [&str; 12] = [
    "console_shortcut",
    "console_shortcut_miniconda",
    "msys2-conda-epoch",
    "powershell_shortcut",
    "powershell_shortcut_miniconda",
    "pywin32",
    "pywinpty",
    "ucrt",
    "vc14_runtime",
    "vcomp14",
    "vs2015_runtime",
    "winpty",
];

/// The system that alone has `name`: its word in `sel(…)` keys, and how people call it.
pub(in crate::lint) fn only_system(name: &str) -> Option<(&'static str, &'static str)> {
    let is_mingw = name.starts_with("m2w64-") && !name.ends_with("_win-64");
    if WINDOWS.contains(&name) || is_mingw {
        return Some(("win", "Windows"));
    }
    let is_cocoa = name == "pyobjc-core" || name.starts_with("pyobjc-framework-");
    (is_cocoa || name == "python.app").then_some(("osx", "macOS"))
}
