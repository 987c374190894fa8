//! install, create and update: from what was asked for to a transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::channels;
use crate::cli::Install;
use crate::console;
use crate::context::{Context, home};
use crate::package::Package;
use crate::pip;
use crate::prefix;
use crate::solve::{self, Moving, Request};
use crate::spec::Spec;
use crate::specfile::Wanted;
use crate::transaction::Transaction;

/// `micromamba install`: the environment must be there, but the root prefix may be made.
pub(crate) fn install(context: &Context, options: &Install) -> Result<()> {
    let wanted = read(context, options)?;
    let target = context.target(wanted.name.as_deref(), false)?;
    let specs = parse(&wanted.specs)?;
    if specs.is_empty() && wanted.exact.is_none() && wanted.pip.is_empty() {
        console::note("Nothing to do.");
        return Ok(());
    }
    // Addresses are checked before the prefix, as the real program does.
    context.channel_urls(&wanted.channels)?;
    if target != context.root_prefix && !target.join("conda-meta").exists() {
        return Err(missing(&target));
    }
    change(context, options, &wanted, &specs, &target, Moving::Nothing)
}

/// `micromamba create`: a new environment, in place of one that is there if the person agrees.
pub(crate) fn create(context: &Context, options: &Install) -> Result<()> {
    let wanted = read(context, options)?;
    if !context.names_target() && wanted.name.is_none() {
        bail!("Could not determine the environment to create: name it with -n NAME or -p PREFIX");
    }
    let target = context.target(wanted.name.as_deref(), false)?;
    let specs = parse(&wanted.specs)?;
    if target.join("conda-meta").exists() {
        if target == context.root_prefix {
            bail!("Overwriting root prefix is not permitted - aborting.");
        }
        let question = format!("Found conda-prefix at '{}'. Overwrite?", target.display());
        if !console::confirm(&question, context.yes) {
            bail!("Aborted");
        }
        if !context.dry_run {
            fs::remove_dir_all(&target)?;
        }
    } else if target.is_dir()
        && fs::read_dir(&target)?.next().is_some()
        && target != context.root_prefix
    {
        bail!("Non-conda folder exists at prefix - aborting.");
    }
    if specs.is_empty() && wanted.exact.is_none() && wanted.pip.is_empty() {
        prefix::create(&target)?;
        set_variables(&wanted, &target)?;
        console::note(&format!(
            "Empty environment created at prefix: {}",
            target.display()
        ));
    } else {
        change(context, options, &wanted, &specs, &target, Moving::Nothing)?;
    }
    if !context.dry_run {
        register(&target)?;
    }
    if !context.json && !context.quiet && !context.dry_run {
        console::note(&activation_hint(context, &target));
    }
    Ok(())
}

/// Adds a prefix to the list of environments that conda keeps in the home folder.
fn register(prefix: &Path) -> Result<()> {
    let folder = home().join(".conda");
    let _ = fs::create_dir_all(&folder);
    let list = folder.join("environments.txt");
    let failed = || format!("failed to open {}", list.display());
    let known = fs::read_to_string(&list).unwrap_or_default();
    let line = prefix.display().to_string();
    if known.lines().any(|known| known == line) {
        return Ok(());
    }
    fs::write(&list, format!("{known}{line}\n")).with_context(failed)
}

/// `micromamba update` and `env update`: names may move to newer versions.
pub(crate) fn update(context: &Context, options: &Install, is_env: bool) -> Result<()> {
    let wanted = read(context, options)?;
    let target = context.target(wanted.name.as_deref(), false)?;
    if !target.join("conda-meta").exists() {
        return Err(missing(&target));
    }
    let specs = parse(&wanted.specs)?;
    if specs.is_empty() && wanted.exact.is_none() && !options.all {
        console::note("Nothing to do.");
        return Ok(());
    }
    let moving = if options.all {
        Moving::Everything
    } else if is_env && options.prune_deps {
        return prune(context, options, &wanted, &specs, &target);
    } else {
        Moving::Names(specs.iter().map(|spec| spec.name.clone()).collect())
    };
    change(context, options, &wanted, &specs, &target, moving)
}

fn read(context: &Context, options: &Install) -> Result<Wanted> {
    // Positional names of files and addresses of packages count as in the real program.
    let mut wanted = Wanted::read(&options.file, &context.platform, &options.categories)?;
    let (urls, specs): (Vec<_>, Vec<_>) = options.specs.iter().partition(|spec| {
        spec.contains("://") && (spec.contains(".conda") || spec.contains(".tar.bz2"))
    });
    wanted.specs.splice(0..0, specs.into_iter().cloned());
    if !urls.is_empty() {
        let packages = urls
            .iter()
            .map(|url| Package::from_url(url))
            .collect::<Result<_>>()?;
        wanted.exact.get_or_insert(crate::specfile::Exact {
            packages,
            requested: true,
        });
    }
    Ok(wanted)
}

fn parse(specs: &[String]) -> Result<Vec<Spec>> {
    specs.iter().map(|text| Spec::parse(text)).collect()
}

fn change(
    context: &Context,
    options: &Install,
    wanted: &Wanted,
    specs: &[Spec],
    target: &Path,
    moving: Moving,
) -> Result<()> {
    let installed = prefix::installed(target)?;
    let mut transaction = match &wanted.exact {
        Some(exact) => {
            // An exact install removes nothing, other versions of the same packages included.
            let is_new = |package: &&Package| {
                options.force_reinstall
                    || installed
                        .get(package.name())
                        .is_none_or(|old| old.stem() != package.stem())
            };
            let install: Vec<Package> = exact.packages.iter().filter(is_new).cloned().collect();
            let exactly = |package: &Package| {
                Spec::exact(package.name(), &package.version(), &package.build())
            };
            let requested: BTreeMap<String, Spec> = exact
                .packages
                .iter()
                .map(|package| (package.name().to_owned(), exactly(package)))
                .collect();
            let shown = exact.packages.iter().filter(|_| exact.requested);
            Transaction {
                update_specs: shown.map(|package| exactly(package).text).collect(),
                install,
                requested,
                ..Transaction::default()
            }
        }
        None => solved(context, options, wanted, specs, target, moving)?,
    };
    transaction.no_pyc = options.no_pyc;
    if !transaction.execute(context, target, &installed)? || context.dry_run {
        return Ok(());
    }
    set_variables(wanted, target)?;
    pip::install(context, target, &wanted.pip)
}

fn solved(
    context: &Context,
    options: &Install,
    wanted: &Wanted,
    specs: &[Spec],
    target: &Path,
    moving: Moving,
) -> Result<Transaction> {
    let installed = prefix::installed(target)?;
    let urls = context.channel_urls(&wanted.channels)?;
    let mut specs = specs.to_vec();
    let has = |name: &str| specs.iter().any(|spec| spec.name == name);
    let channels = channels::load(context, &urls)?;
    // micromamba 2.8 asks for pip with every python that is installed by name.
    if moving == Moving::Nothing && has("python") && !has("pip") {
        specs.push(Spec::parse("pip")?);
    }
    let history = prefix::requested(target);
    let request = Request {
        specs: &specs,
        kept: &history,
        installed: &installed,
        moving,
    };
    let packages = match solve::solve(&request, &channels)? {
        Ok(packages) => packages,
        // The real program loads its channels a second time before it gives up.
        Err(_) => solve::solve_loudly(&request, &channels::load(context, &urls)?)?,
    };
    let named: BTreeSet<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
    let wanted_packages = match (options.no_deps, options.only_deps) {
        (true, _) => {
            let mut kept = installed.clone();
            let chosen = packages
                .into_iter()
                .filter(|package| named.contains(package.name()));
            kept.extend(chosen.map(|package| (package.name().to_owned(), package)));
            kept.into_values().collect()
        }
        (_, true) => packages
            .into_iter()
            .filter(|package| !named.contains(package.name()))
            .collect(),
        _ => packages,
    };
    Ok(Transaction {
        update_specs: specs.iter().map(|spec| spec.text.clone()).collect(),
        requested: specs
            .iter()
            .map(|spec| (spec.name.clone(), spec.clone()))
            .collect(),
        ..Transaction::between(&installed, wanted_packages)
    })
}

/// `env update --prune`: the environment becomes what the file says, and nothing else.
fn prune(
    context: &Context,
    options: &Install,
    wanted: &Wanted,
    specs: &[Spec],
    target: &Path,
) -> Result<()> {
    let installed = prefix::installed(target)?;
    let channels = channels::load(context, &context.channel_urls(&wanted.channels)?)?;
    let nothing = BTreeMap::new();
    let fresh = Request {
        specs,
        kept: &BTreeMap::new(),
        installed: &nothing,
        moving: Moving::Everything,
    };
    let packages = solve::solve_loudly(&fresh, &channels)?;
    let transaction = Transaction {
        update_specs: specs.iter().map(|spec| spec.text.clone()).collect(),
        requested: specs
            .iter()
            .map(|spec| (spec.name.clone(), spec.clone()))
            .collect(),
        no_pyc: options.no_pyc,
        ..Transaction::between(&installed, packages)
    };
    if transaction.execute(context, target, &installed)? && !context.dry_run {
        set_variables(wanted, target)?;
        pip::install(context, target, &wanted.pip)?;
    }
    Ok(())
}

fn set_variables(wanted: &Wanted, target: &Path) -> Result<()> {
    if wanted.variables.is_empty() {
        return Ok(());
    }
    prefix::change_variables(target, &wanted.variables, &[])
}

/// The error of a prefix that is not there; its first lines are printed.
pub(crate) fn missing(target: &Path) -> anyhow::Error {
    console::log(
        "error",
        &format!("No prefix found at: {}", target.display()),
    );
    console::log(
        "error",
        "Environment must first be created with \"micromamba create -n {env_name} ...\"",
    );
    anyhow::anyhow!("Aborting.")
}

fn activation_hint(context: &Context, target: &Path) -> String {
    let is_named = target.parent() == Some(&context.root_prefix.join("envs"));
    let shown = match target.file_name().filter(|_| is_named) {
        Some(name) => PathBuf::from(name),
        None if *target == context.root_prefix => PathBuf::from("base"),
        None => target.to_path_buf(),
    };
    let option = if is_named || *target == context.root_prefix {
        "-n"
    } else {
        "-p"
    };
    format!(
        "\nTo activate this environment, use:\n\n    micromamba activate {0}\n\n\
         Or to execute a single command in this environment, use:\n\n    \
         micromamba run {option} {0} mycommand\n",
        shown.display()
    )
}
