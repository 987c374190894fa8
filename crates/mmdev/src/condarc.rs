//! Where people have what they set for conda and mamba, and credentials: the files in conda's order, and how channels
//! are asked after all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mmdev_conda::{Condarc, Config, Logins, Trust};

use crate::environment;

/// The configuration files that are there, the least important first (conda's search path, with mamba's names of
/// files), with what each says that counts here.
pub(crate) fn files() -> Vec<(PathBuf, std::io::Result<Condarc>)> {
    let variable = |name: &str| environment::text(name);
    places()
        .into_iter()
        .filter_map(|path| {
            let text = match std::fs::read_to_string(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
                // A folder in the place of the file, or a file in that of the folder.
                Err(_) if !path.is_file() => return None,
                text => text,
            };
            Some((path, text.map(|text| Condarc::read(&text, &variable))))
        })
        .collect()
}

fn places() -> Vec<PathBuf> {
    let home = environment::absolute("HOME");
    let mut folders = vec![PathBuf::from("/etc/conda"), PathBuf::from("/var/lib/conda")];
    folders.extend(environment::absolute(environment::CONDA_ROOT));
    folders.extend(environment::absolute(environment::MAMBA_ROOT_PREFIX));
    let configuration = environment::absolute(environment::XDG_CONFIG_HOME);
    let configuration = configuration.or_else(|| Some(home.as_ref()?.join(".config")));
    folders.extend(configuration.map(|folder| folder.join("conda")));
    folders.extend(home.iter().map(|home| home.join(".conda")));
    let mut places: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| of_folder(folder))
        .collect();
    places.extend(
        home.iter()
            .flat_map(|home| [home.join(".condarc"), home.join(".mambarc")]),
    );
    let prefix = environment::absolute(environment::CONDA_PREFIX);
    places.extend(prefix.iter().flat_map(|prefix| of_folder(prefix)));
    for name in [environment::CONDARC, environment::MAMBARC] {
        places.extend(environment::text(name).map(PathBuf::from));
    }
    // The root prefix may be the active one.
    let mut seen = std::collections::HashSet::new();
    places.retain(|path| seen.insert(path.clone()));
    places
}

fn of_folder(folder: &Path) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = [".condarc", "condarc", ".mambarc"]
        .map(|name| folder.join(name))
        .into();
    let parts = std::fs::read_dir(folder.join("condarc.d"));
    let mut parts: Vec<PathBuf> = parts
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let extension = path.extension().unwrap_or_default();
            extension == "yml" || extension == "yaml"
        })
        .collect();
    parts.sort();
    places.append(&mut parts);
    places
}

/// The files with credentials that may be there, the most important first.
pub(crate) fn logins() -> Logins {
    let home = environment::absolute("HOME");
    let of_rattler = environment::text(environment::RATTLER_AUTH_FILE).map(PathBuf::from);
    let in_home = home
        .as_ref()
        .map(|home| home.join(".rattler/credentials.json"));
    let netrc = environment::text(environment::NETRC).map(PathBuf::from);
    let of_system = if cfg!(windows) { "_netrc" } else { ".netrc" };
    Logins {
        stores: of_rattler.into_iter().chain(in_home).collect(),
        netrc: netrc.or_else(|| Some(home?.join(of_system))),
    }
}

/// Lets `config` be as this machine has it.
pub(crate) fn apply(config: &mut Config) {
    config.network.logins = logins();
    let of_files = files()
        .into_iter()
        .filter_map(|(_, condarc)| condarc.ok())
        .fold(Condarc::default(), |lower, upper| upper.over(lower));
    let of_variables = Condarc::default().with(
        environment::text(environment::CONDA_CHANNEL_ALIAS),
        environment::text(environment::CONDA_SSL_VERIFY).as_deref(),
    );
    of_variables.over(of_files).apply(config);
    // As with requests, which conda asks with, these count where nobody names another file.
    let bundles = [environment::REQUESTS_CA_BUNDLE, environment::CURL_CA_BUNDLE];
    if config.network.trust == Trust::Machine
        && let Some(bundle) = bundles.into_iter().find_map(environment::text)
    {
        config.network.trust = Trust::And(bundle.into());
    }
    prefer(&mut config.network.proxies, environment::text);
}

/// Puts the environment's proxies before those of condarc that are for the same scheme, as requests does, which conda
/// asks with. Where condarc has none, the environment is asked by whoever connects.
fn prefer(proxies: &mut BTreeMap<String, String>, variable: impl Fn(&str) -> Option<String>) {
    if proxies.is_empty() {
        return;
    }
    for scheme in ["http", "https", "all"] {
        let name = format!("{scheme}_proxy");
        let proxy = variable(&name).or_else(|| variable(&name.to_uppercase()));
        proxies.extend(proxy.map(|proxy| (scheme.to_owned(), proxy)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_of_the_environment_is_for_its_own_scheme() {
        let check = |variables: &[(&str, &str)], expected: &str| {
            let of_condarc = [("http", "a"), ("https", "b")];
            let mut proxies = of_condarc
                .map(|(scheme, proxy)| (scheme.to_owned(), proxy.to_owned()))
                .into();
            prefer(&mut proxies, |name| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            });
            let shown: Vec<String> = proxies
                .iter()
                .map(|(scheme, proxy)| format!("{scheme} {proxy}"))
                .collect();
            assert_eq!(shown.join(", "), expected);
        };
        check(&[], "http a, https b");
        check(&[("HTTP_PROXY", "c")], "http c, https b");
        check(
            &[("https_proxy", "c"), ("HTTPS_PROXY", "d")],
            "http a, https c",
        );
        // It is for what has none of its own.
        check(&[("ALL_PROXY", "c")], "all c, http a, https b");
    }
}
