//! Several spec files into one environment, as `micromamba create -f a.yaml -f b.yaml` and
//! `conda-lock -f a.yaml -f b.yaml` make it.

use std::collections::HashMap;

use super::{Dependency, EnvSpec};
use crate::text::Spanned;

/// One environment out of `specs`, and in words what the tools would take differently from one another. Spans are
/// those of the file that a value comes from.
///
/// - Dependencies and pip entries follow one another; equal ones are kept once. Of two entries for one package both
///   count, as in micromamba; conda-lock's `aggregate_lock_specs` takes the later one only.
/// - Channels keep their order, each once. conda-lock refuses two files that order them differently.
/// - The first name, category and value of a variable win, as in micromamba (libmamba, `file_specs_hook`).
/// - Platforms are those of all files.
pub fn merge(specs: &[EnvSpec]) -> (EnvSpec, Vec<String>) {
    let mut merged = EnvSpec::default();
    let mut conflicts = Vec::new();
    for spec in specs {
        merge_name(&mut merged, spec, &mut conflicts);
        merge_channels(&mut merged, spec, &mut conflicts);
        merge_dependencies(&mut merged, spec, &mut conflicts);
        merge_variables(&mut merged, spec, &mut conflicts);
        for entry in &spec.pip {
            let is_new = !merged.pip.iter().any(|other| {
                other.text.value == entry.text.value && same(&other.selector, &entry.selector)
            });
            if is_new {
                merged.pip.push(entry.clone());
            }
        }
        extend(&mut merged.platforms, &spec.platforms);
        if merged.prefix.is_none() {
            merged.prefix = spec.prefix.clone();
        }
        if merged.category.is_none() {
            merged.category = spec.category.clone();
        }
    }
    (merged, conflicts)
}

fn merge_name(merged: &mut EnvSpec, spec: &EnvSpec, conflicts: &mut Vec<String>) {
    match (&merged.name, &spec.name) {
        (Some(first), Some(later)) if first.value != later.value => conflicts.push(format!(
            "the specs have different names, `{}` and `{}`: the first is used",
            first.value, later.value
        )),
        (None, Some(name)) => merged.name = Some(name.clone()),
        _ => {}
    }
}

fn merge_channels(merged: &mut EnvSpec, spec: &EnvSpec, conflicts: &mut Vec<String>) {
    let Some(channels) = &spec.channels else {
        return;
    };
    let all = merged.channels.get_or_insert_default();
    let places: Vec<(usize, &str)> = channels
        .iter()
        .filter_map(|channel| {
            let place = all.iter().position(|other| other.value == channel.value)?;
            Some((place, channel.value.as_str()))
        })
        .collect();
    if let Some(pair) = places.windows(2).find(|pair| pair[0].0 > pair[1].0) {
        conflicts.push(format!(
            "the specs order the channels `{}` and `{}` differently: the first spec's order is used",
            pair[1].1, pair[0].1
        ));
    }
    extend(all, channels);
}

fn merge_dependencies(merged: &mut EnvSpec, spec: &EnvSpec, conflicts: &mut Vec<String>) {
    let earlier = merged.dependencies.len();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, dependency) in merged.dependencies.iter().enumerate() {
        by_name.entry(name(dependency)).or_default().push(index);
    }
    for dependency in &spec.dependencies {
        let others = by_name.entry(name(dependency)).or_default();
        let is_equal = |index: &usize| {
            let other = &merged.dependencies[*index];
            other.text.value == dependency.text.value && same(&other.selector, &dependency.selector)
        };
        if others.iter().any(is_equal) {
            continue;
        }
        if let Some(&index) = others.iter().find(|&&index| index < earlier) {
            conflicts.push(format!(
                "the specs ask for `{}` and `{}`: both must hold (conda-lock would take the second alone)",
                merged.dependencies[index].text.value, dependency.text.value
            ));
        }
        others.push(merged.dependencies.len());
        merged.dependencies.push(dependency.clone());
    }
}

fn merge_variables(merged: &mut EnvSpec, spec: &EnvSpec, conflicts: &mut Vec<String>) {
    for variable in &spec.variables {
        let earlier = merged
            .variables
            .iter()
            .find(|other| other.name.value == variable.name.value);
        match earlier {
            None => merged.variables.push(variable.clone()),
            Some(other) if other.value.value != variable.value.value => conflicts.push(format!(
                "the specs give the variable `{}` different values: the first is used",
                variable.name.value
            )),
            Some(_) => {}
        }
    }
}

/// What makes two entries entries for one package.
fn name(dependency: &Dependency) -> String {
    dependency.match_spec.as_ref().map_or_else(
        || dependency.text.value.clone(),
        |spec| spec.name.value.clone(),
    )
}

fn same(left: &Option<super::Selector>, right: &Option<super::Selector>) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => {
            left.style == right.style && left.text.value == right.text.value
        }
        _ => false,
    }
}

fn extend(all: &mut Vec<Spanned<String>>, more: &[Spanned<String>]) {
    for item in more {
        if !all.iter().any(|other| other.value == item.value) {
            all.push(item.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::read;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(texts: &[&str], expected: Expect) {
        let specs: Vec<EnvSpec> = texts
            .iter()
            .map(|text| read("env.yaml", text).spec)
            .collect();
        let (merged, conflicts) = merge(&specs);
        let values = |list: &[Spanned<String>]| {
            list.iter()
                .map(|item| item.value.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut result = format!(
            "name: {:?}\nchannels: {:?}\n",
            merged.name.map(|name| name.value),
            merged.channels.as_deref().map(values)
        );
        for dependency in &merged.dependencies {
            result += &format!("- {}\n", dependency.text.value);
        }
        for entry in &merged.pip {
            result += &format!("pip {}\n", entry.text.value);
        }
        for variable in &merged.variables {
            result += &format!("{}={}\n", variable.name.value, variable.value.value);
        }
        result += &format!("platforms: {}\n", values(&merged.platforms));
        for conflict in conflicts {
            result += &format!("! {conflict}\n");
        }
        expected.assert_eq(&result);
    }

    #[test]
    fn files_follow_one_another() {
        check(
            &[
                "name: a\nchannels: [one, two]\ndependencies: [python, numpy, {pip: [x]}]\nvariables: {A: b}\nplatforms: [linux-64]\n",
                "channels: [two, three]\ndependencies: [numpy, pandas, {pip: [x, y]}]\nvariables: {C: d}\nplatforms: [linux-64, osx-64]\n",
            ],
            expect![[r#"
                name: Some("a")
                channels: Some("one, two, three")
                - python
                - numpy
                - pandas
                pip x
                pip y
                A=b
                C=d
                platforms: linux-64, osx-64
            "#]],
        );
    }

    #[test]
    fn what_the_tools_take_differently_is_said() {
        check(
            &[
                "name: a\nchannels: [one, two]\ndependencies: [python=3.11]\nvariables: {A: b}\n",
                "name: b\nchannels: [two, one]\ndependencies: [python>=3.9]\nvariables: {A: c}\n",
            ],
            expect![[r#"
                name: Some("a")
                channels: Some("one, two")
                - python=3.11
                - python>=3.9
                A=b
                platforms: 
                ! the specs have different names, `a` and `b`: the first is used
                ! the specs order the channels `one` and `two` differently: the first spec's order is used
                ! the specs ask for `python=3.11` and `python>=3.9`: both must hold (conda-lock would take the second alone)
                ! the specs give the variable `A` different values: the first is used
            "#]],
        );
    }

    #[test]
    fn one_file_is_unchanged() {
        let spec = read("env.yaml", "dependencies: [a, a=1]\nname: x\n").spec;
        assert_eq!(merge(std::slice::from_ref(&spec)), (spec, Vec::new()));
    }
}
