//! Layouts, and that the slices of any of them are the lock.

use expect_test::expect;
use proptest::prelude::*;

use super::super::fixture::{lock, package};
use super::*;

/// What the spec names on some platforms; the same everywhere.
fn on(platforms: &[&str]) -> BTreeMap<String, Vec<String>> {
    let named = |platform: &&str| ((*platform).to_owned(), vec!["a >=1".to_owned()]);
    platforms.iter().map(named).collect()
}

fn here() -> BTreeMap<String, Vec<String>> {
    on(&["linux-64"])
}

/// A lock in which every package is of one size but those that are named.
fn sized(packages: &[&str], big: &[(&str, u64)]) -> Lock {
    let mut lock = lock(packages);
    for found in &mut lock.packages {
        let named = big.iter().find(|(text, _)| package(text).url == found.url);
        found.size = Some(named.map_or(10, |(_, size)| *size));
    }
    lock
}

const OLD: &[&str] = &["python 3.12.1 h_0", "a 1 h_0", "b 1 h_0", "pip:p 1"];
const BIG: &[(&str, u64)] = &[("python 3.12.1 h_0", 1000)];

#[track_caller]
fn check(new: &[&str], big: &[(&str, u64)], expected: Decision) -> Layout {
    let (first, decision) = layout(None, &sized(OLD, big), &here(), 10);
    assert_eq!(decision, Decision::New);
    assert!(!first.has_delta());
    let new = sized(new, big);
    let (second, decision) = layout(Some(&first), &new, &here(), 10);
    assert_eq!(decision, expected);
    let slice = &second.platforms["linux-64"];
    assert_eq!(slice.result(), installed(&new, "linux-64"));
    assert_eq!(
        second.has_delta(),
        expected == Decision::Appended,
        "{slice:#?}"
    );
    second
}

#[test]
fn what_changed_is_appended() {
    check(OLD, BIG, Decision::Kept);
    let added = [
        "python 3.12.1 h_0",
        "a 1 h_0",
        "b 1 h_0",
        "pip:p 1",
        "c 1 h_0",
    ];
    check(&added, BIG, Decision::Appended);
    let bumped = ["python 3.12.1 h_0", "a 1 h_0", "b 2 h_0", "pip:p 2"];
    let layout = check(&bumped, BIG, Decision::Appended);
    assert_eq!(
        layout.platforms["linux-64"].remove,
        [
            (Manager::Conda, "b".to_owned()),
            (Manager::Pip, "p".to_owned())
        ]
    );
    let removed = ["python 3.12.1 h_0", "a 1 h_0"];
    check(&removed, BIG, Decision::Appended);
}

#[test]
fn what_the_spec_names_is_a_small_layer() {
    let lock = lock(OLD);
    let (first, _) = layout(None, &lock, &here(), 10);
    let mut requested = here();
    requested.get_mut("linux-64").unwrap().push("b".to_owned());
    let (second, decision) = layout(Some(&first), &lock, &requested, 0);
    assert_eq!(decision, Decision::Appended);
    assert!(second.has_delta());
    assert_eq!(second.base_lock("l"), first.base_lock("l"));
    let (third, _) = layout(Some(&second), &lock, &here(), 0);
    assert!(!third.has_delta(), "and gone where it names the same again");
}

#[test]
fn sizes_that_were_not_known_change_nothing() {
    let (first, _) = layout(None, &lock(OLD), &here(), 10);
    let (second, decision) = layout(Some(&first), &sized(OLD, BIG), &here(), 10);
    assert_eq!((second, decision), (first, Decision::Kept));
}

#[test]
fn another_python_is_laid_out_anew() {
    let python = ["python 3.13.0 h_0", "a 1 h_0", "b 1 h_0", "pip:p 1"];
    check(&python, BIG, Decision::OtherPython);
    let free_threaded = ["python 3.12.1 h_0_cp312t", "a 1 h_0", "b 1 h_0", "pip:p 1"];
    check(&free_threaded, BIG, Decision::OtherPython);
    let patch = ["python 3.12.2 h_0", "a 1 h_0", "b 1 h_0", "pip:p 1"];
    check(&patch, &[("b 1 h_0", 1000)], Decision::Appended);
}

#[test]
fn waste_has_a_limit() {
    let bumped = ["python 3.12.1 h_0", "a 1 h_0", "b 2 h_0", "pip:p 1"];
    check(&bumped, &[], Decision::Waste(25));
    check(&bumped, &[("python 3.12.1 h_0", 70)], Decision::Appended);
    check(&bumped, &[("python 3.12.1 h_0", 69)], Decision::Waste(11));
    // Where no size is known the packages are counted.
    let (first, _) = layout(None, &lock(OLD), &here(), 24);
    let (_, decision) = layout(Some(&first), &lock(&bumped), &here(), 24);
    assert_eq!(decision, Decision::Waste(25));

    // A big addition costs what it must; the next change would install it again.
    let big = [("python 3.12.1 h_0", 70), ("c 1 h_0", 500)];
    let (first, _) = layout(None, &sized(OLD, &big), &here(), 10);
    let mut packages = OLD.to_vec();
    packages.push("c 1 h_0");
    let with = sized(&packages, &big);
    let (second, decision) = layout(Some(&first), &with, &here(), 10);
    assert_eq!(decision, Decision::Appended);
    let (_, decision) = layout(Some(&second), &with, &here(), 10);
    assert_eq!(decision, Decision::Kept);
    packages.push("d 1 h_0");
    let (third, decision) = layout(Some(&second), &sized(&packages, &big), &here(), 10);
    assert_eq!(decision, Decision::Waste(82));
    assert_eq!(third.platforms["linux-64"].base.len(), 6);
}

#[test]
fn other_platforms_are_another_layout() {
    let both = lock(&["a 1 h_0", "linux-aarch64:a 1 h_0", "osx-arm64:a 1 h_0"]);
    let (first, _) = layout(None, &both, &here(), 10);
    let platforms = on(&["linux-64", "linux-aarch64"]);
    let (second, decision) = layout(Some(&first), &both, &platforms, 10);
    assert_eq!(decision, Decision::New);
    assert_eq!(second.platforms.len(), 2);
    let (_, decision) = layout(Some(&second), &both, &here(), 10);
    assert_eq!(decision, Decision::New);
}

#[test]
fn other_categories_are_not_in_the_image() {
    let mut locked = lock(&["a 1 h_0", "b 1 h_0"]);
    locked.packages[1].category = "dev".to_owned();
    let (found, _) = layout(None, &locked, &here(), 10);
    assert_eq!(found.platforms["linux-64"].base, [package("a 1 h_0")]);
}

#[test]
fn slices_are_locks() {
    let old = ["a 1 h_0", "b 1 h_0", "pip:p 1", "linux-aarch64:a 1 h_0"];
    let platforms = on(&["linux-64", "linux-aarch64"]);
    let (first, _) = layout(None, &sized(&old, &[]), &platforms, 100);
    let new = ["a 2 h_0", "c 1 h_0 > a >=2", "linux-aarch64:a 1 h_0"];
    let spec = crate::spec::read(
        "env.yaml",
        "dependencies: [c, 'a >=2,<3', 'b=*=x # [osx]', __cuda, 'd[build=\"x*\"]']\n",
    )
    .spec;
    let named = |platform: &str| (platform.to_owned(), requested(&spec, platform));
    let platforms = ["linux-64", "linux-aarch64"].map(named).into();
    let (second, _) = layout(Some(&first), &sized(&new, &[]), &platforms, 100);
    let base = second.base_lock("conda-lock.yml");
    assert_eq!(
        base,
        first.base_lock("conda-lock.yml"),
        "the big layer is kept"
    );
    let delta = second.delta_lock("conda-lock.yml").unwrap();
    expect![[r##"
        # The part of conda-lock.yml that the image's first layer installs: all that it had when it was last laid out.
        # x86_64 update specs: ["a >=1"]
        # aarch64 update specs: ["a >=1"]
        version: 1
        metadata:
          content_hash:
            linux-64: a9d902f4faf2d7b4f2a60ad79b86df52835daf1f168337eb2587ab34e3c94cf9
            linux-aarch64: 2bb50cd966c4a6fc9bb387d3176b498d9c8c704f2baae4d8c6a4c295c860793d
          channels: []
          platforms:
          - linux-64
          - linux-aarch64
          sources:
          - conda-lock.yml
          custom_metadata:
            mmdev-size/linux-64/a: '10'
            mmdev-size/linux-64/b: '10'
            mmdev-size/linux-64/pip/p: '10'
            mmdev-size/linux-aarch64/a: '10'
        package:
        - name: a
          version: '1'
          manager: conda
          platform: linux-64
          dependencies: {}
          url: https://conda.anaconda.org/conda-forge/linux-64/a-1-h_0.conda
          hash:
            md5: f9e445544d9d7cb7843f7e351452662d
            sha256: f9e445544d9d7cb7843f7e351452662dbde16b78ebac32e736eabcf87414c86c
          category: main
          optional: false
        - name: a
          version: '1'
          manager: conda
          platform: linux-aarch64
          dependencies: {}
          url: https://conda.anaconda.org/conda-forge/linux-aarch64/a-1-h_0.conda
          hash:
            md5: 6905a030bd28cf9bd321c5ae0f951c81
            sha256: 6905a030bd28cf9bd321c5ae0f951c81bd1e4b9111afabd7a268dd318371567c
          category: main
          optional: false
        - name: b
          version: '1'
          manager: conda
          platform: linux-64
          dependencies: {}
          url: https://conda.anaconda.org/conda-forge/linux-64/b-1-h_0.conda
          hash:
            md5: d308ac5e65e4e5d71a0d2badb62cd206
            sha256: d308ac5e65e4e5d71a0d2badb62cd2062f9ac282aaaafa0d5ad70633cdc737ee
          category: main
          optional: false
        - name: p
          version: '1'
          manager: pip
          platform: linux-64
          dependencies: {}
          url: https://files.pythonhosted.org/p-1-py3-none-any.whl
          hash:
            sha256: 8e54de263268a8b0270a67455f869abcf92ce7f9e278ddde7440ecbaf97a8dfd
          category: main
          optional: false
    "##]].assert_eq(&base);
    expect![[r##"
        # The part of conda-lock.yml that the image's second layer installs: what changed since the first.
        # x86_64 pip uninstall: p
        # x86_64 remove: a b
        # x86_64 update specs: ["a >=2,<3", "b[version='=*',build='x']", "c", "d[build='x*']"]
        # aarch64 update specs: ["a >=2,<3", "b[version='=*',build='x']", "c", "d[build='x*']"]
        version: 1
        metadata:
          content_hash:
            linux-64: 855085931bdae966898303cb38c2505ae042125df22769bce5940a14051e4834
            linux-aarch64: 998aa49e8fc147809668741b427ef26d44fe2d8ca5ff9a4ed6850077e50f40aa
          channels: []
          platforms:
          - linux-64
          - linux-aarch64
          sources:
          - conda-lock.yml
          custom_metadata:
            mmdev-size/linux-64/a: '10'
            mmdev-size/linux-64/c: '10'
        package:
        - name: a
          version: '2'
          manager: conda
          platform: linux-64
          dependencies: {}
          url: https://conda.anaconda.org/conda-forge/linux-64/a-2-h_0.conda
          hash:
            md5: 2f7db9051a6c38bf0626d4467185ed30
            sha256: 2f7db9051a6c38bf0626d4467185ed304df277edbfc2b4b3e8c0c83759ac8ad3
          category: main
          optional: false
        - name: c
          version: '1'
          manager: conda
          platform: linux-64
          dependencies:
            a: '>=2'
          url: https://conda.anaconda.org/conda-forge/linux-64/c-1-h_0.conda
          hash:
            md5: 48618a38d1908efa1e38cf6cbbb071b0
            sha256: 48618a38d1908efa1e38cf6cbbb071b06731a2a4b5c24a9e3781c83f856a0db1
          category: main
          optional: false
    "##]].assert_eq(&delta);
    assert_eq!(Layout::read(&base, Some(&delta)), Some(second.clone()));
    assert_eq!(first.delta_lock("conda-lock.yml"), None);
    assert_eq!(Layout::read(&base, None), Some(first));

    let damaged = [
        (base.replace("- name: b", "- name: é"), Some(delta.clone())),
        (
            base.clone(),
            Some(delta.replace("remove: a b", "remove: a --x")),
        ),
        (base.clone(), Some(delta.replace("update specs", "specs"))),
        (base.clone(), Some(String::new())),
        (String::new(), Some(delta.clone())),
        (delta.clone(), Some(delta.clone())),
        (String::new(), None),
    ];
    for (base, delta) in damaged {
        assert_eq!(
            Layout::read(&base, delta.as_deref()),
            None,
            "{base}\n{delta:?}"
        );
    }
}

#[test]
fn a_slice_without_packages_is_a_lock() {
    let (first, _) = layout(None, &lock(OLD), &here(), 100);
    let (found, _) = layout(Some(&first), &lock(&OLD[..3]), &here(), 100);
    let read = super::super::read(&found.delta_lock("conda-lock.yml").unwrap());
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.lock.packages, []);
}

/// Any lock of a few packages in a few versions, on two platforms, of any sizes.
fn any_lock() -> impl Strategy<Value = Lock> {
    let version = (0..4_usize, 0..100_u64);
    proptest::collection::vec(version, 14).prop_map(|versions| {
        let names = ["python", "a", "b", "c", "d", "pip:a", "pip:x"];
        let mut packages = Vec::new();
        for (index, (version, size)) in versions.into_iter().enumerate() {
            if version == 0 {
                continue;
            }
            let name = names[index % 7];
            let platform = ["linux-64", "linux-aarch64"][index / 7];
            let build = if name.starts_with("pip:") { "" } else { " h_0" };
            let text = format!("{platform}:{name} 3.{}.{version}{build}", version / 3);
            packages.push(Package {
                size: (size > 9).then_some(size),
                ..package(&text)
            });
        }
        Lock {
            packages,
            ..lock(&[])
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn slices_of_any_sequence_are_the_lock(
        locks in proptest::collection::vec(any_lock(), 1..8),
        share in 0..101_u64,
    ) {
        let platforms = on(&["linux-64", "linux-aarch64"]);
        let mut previous: Option<Layout> = None;
        for lock in &locks {
            let (next, decision) = layout(previous.as_ref(), lock, &platforms, share);
            for (platform, slice) in &next.platforms {
                let (result, wanted) = (slice.result(), installed(lock, platform));
                prop_assert_eq!(result.len(), wanted.len());
                for (result, wanted) in result.into_iter().zip(wanted) {
                    prop_assert!(is_same(result, wanted));
                }
            }
            if matches!(decision, Decision::Appended) {
                let before = previous.as_ref().unwrap();
                prop_assert_eq!(next.base_lock("l"), before.base_lock("l"));
            }
            let (again, decision) = layout(Some(&next), lock, &platforms, share);
            prop_assert_eq!(decision, Decision::Kept);
            prop_assert_eq!(&again, &next);
            let delta = next.delta_lock("l");
            let read = Layout::read(&next.base_lock("l"), delta.as_deref());
            prop_assert_eq!(read.as_ref(), Some(&next));
            previous = Some(next);
        }
    }
}
