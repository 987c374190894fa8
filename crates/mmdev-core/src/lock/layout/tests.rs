//! Layouts, and that the slices of any of them are the lock.

use expect_test::expect;
use proptest::prelude::*;

use super::super::fixture::{lock, package};
use super::*;

const PLATFORM: &[&str] = &["linux-64"];

/// Every package is of one size but those that are named here.
fn facts(packages: &[&str], big: &[(&str, u64)]) -> Facts {
    let mut sizes: BTreeMap<String, u64> = packages
        .iter()
        .map(|text| (package(text).url, 10))
        .collect();
    sizes.extend(big.iter().map(|(text, size)| (package(text).url, *size)));
    Facts {
        sizes,
        ..Facts::default()
    }
}

const OLD: &[&str] = &["python 3.12.1 h_0", "a 1 h_0", "b 1 h_0", "pip:p 1"];

#[track_caller]
fn check(new: &[&str], facts: &Facts, expected: Decision) -> Layout {
    let (first, decision) = layout(None, &lock(OLD), PLATFORM, facts, 10);
    assert_eq!(decision, Decision::New);
    let new = lock(new);
    let (second, decision) = layout(Some(&first), &new, PLATFORM, facts, 10);
    assert_eq!(decision, expected);
    let slice = &second.platforms["linux-64"];
    assert_eq!(slice.result(), installed(&new, "linux-64"));
    let is_anew = slice.remove.is_empty() && slice.add.is_empty();
    let keeps = matches!(expected, Decision::Appended);
    assert_eq!(is_anew, !keeps, "{slice:#?}");
    second
}

#[test]
fn what_changed_is_appended() {
    let big = facts(&[], &[("python 3.12.1 h_0", 1000), ("b 1 h_0", 20)]);
    check(OLD, &big, Decision::Kept);
    let added = [
        "python 3.12.1 h_0",
        "a 1 h_0",
        "b 1 h_0",
        "pip:p 1",
        "c 1 h_0",
    ];
    check(&added, &big, Decision::Appended);
    let bumped = ["python 3.12.1 h_0", "a 1 h_0", "b 2 h_0", "pip:p 2"];
    let layout = check(&bumped, &big, Decision::Appended);
    assert_eq!(
        layout.platforms["linux-64"].remove,
        [
            (Manager::Conda, "b".to_owned()),
            (Manager::Pip, "p".to_owned())
        ]
    );
    let removed = ["python 3.12.1 h_0", "a 1 h_0"];
    check(&removed, &big, Decision::Appended);
}

#[test]
fn where_it_would_be_wrong_all_is_laid_out_anew() {
    let big = facts(&[], &[("python 3.12.1 h_0", 1000)]);
    let python = ["python 3.13.0 h_0", "a 1 h_0", "b 1 h_0", "pip:p 1"];
    check(&python, &big, Decision::OtherPython);
    let patch = ["python 3.12.2 h_0", "a 1 h_0", "b 1 h_0", "pip:p 1"];
    check(&patch, &facts(&[], &[]), Decision::Appended);

    let mut shared = big;
    shared.shared.insert(package("a 1 h_0").url);
    let bumped = ["python 3.12.1 h_0", "a 2 h_0", "b 1 h_0", "pip:p 1"];
    check(&bumped, &shared, Decision::SharedPath("a".to_owned()));
    let other = ["python 3.12.1 h_0", "a 1 h_0", "b 2 h_0", "pip:p 1"];
    check(&other, &shared, Decision::Appended);
}

#[test]
fn waste_has_a_limit() {
    let all = ["python 3.12.1 h_0", "a 1 h_0", "b 1 h_0", "b 2 h_0"];
    let bumped = ["python 3.12.1 h_0", "a 1 h_0", "b 2 h_0", "pip:p 1"];
    check(&bumped, &facts(&all, &[]), Decision::Waste(33));
    let big = facts(&all, &[("python 3.12.1 h_0", 80)]);
    check(&bumped, &big, Decision::Appended);
    let big = facts(&all, &[("python 3.12.1 h_0", 79)]);
    check(&bumped, &big, Decision::Waste(10));

    // A big addition costs what it must; the next change would install it again.
    let facts = facts(&all, &[("python 3.12.1 h_0", 80), ("c 1 h_0", 500)]);
    let (first, _) = layout(None, &lock(OLD), PLATFORM, &facts, 10);
    let mut packages = OLD.to_vec();
    packages.push("c 1 h_0");
    let (second, decision) = layout(Some(&first), &lock(&packages), PLATFORM, &facts, 10);
    assert_eq!(decision, Decision::Appended);
    let (_, decision) = layout(Some(&second), &lock(&packages), PLATFORM, &facts, 10);
    assert_eq!(decision, Decision::Kept);
    packages.push("d 1 h_0");
    let (third, decision) = layout(Some(&second), &lock(&packages), PLATFORM, &facts, 10);
    assert_eq!(decision, Decision::Waste(83));
    assert_eq!(third.platforms["linux-64"].base.len(), 6);
}

#[test]
fn other_platforms_are_another_layout() {
    let both = ["a 1 h_0", "linux-aarch64:a 1 h_0", "osx-arm64:a 1 h_0"];
    let none = Facts::default();
    let (first, _) = layout(None, &lock(&both), PLATFORM, &none, 10);
    let platforms = ["linux-64", "linux-aarch64"];
    let (second, decision) = layout(Some(&first), &lock(&both), &platforms, &none, 10);
    assert_eq!(decision, Decision::New);
    assert_eq!(second.platforms.len(), 2);
    let (_, decision) = layout(Some(&second), &lock(&both), PLATFORM, &none, 10);
    assert_eq!(decision, Decision::New);
}

#[test]
fn other_categories_are_not_in_the_image() {
    let mut locked = lock(&["a 1 h_0", "b 1 h_0"]);
    locked.packages[1].category = "dev".to_owned();
    let (found, _) = layout(None, &locked, PLATFORM, &Facts::default(), 10);
    assert_eq!(found.platforms["linux-64"].base, [package("a 1 h_0")]);
}

#[test]
fn slices_are_locks() {
    let platforms = ["linux-64", "linux-aarch64"];
    let old = ["a 1 h_0", "b 1 h_0", "pip:p 1", "linux-aarch64:a 1 h_0"];
    let (first, _) = layout(None, &lock(&old), &platforms, &Facts::default(), 10);
    let new = ["a 2 h_0", "c 1 h_0 > a >=2", "linux-aarch64:a 1 h_0"];
    let (second, _) = layout(Some(&first), &lock(&new), &platforms, &Facts::default(), 10);
    let spec = crate::spec::read(
        "env.yaml",
        "dependencies: [c, 'a >=2,<3', 'b=*=x # [osx]', __cuda, 'd[build=\"x*\"]']\n",
    )
    .spec;
    let requested = BTreeMap::from([("linux-64".to_owned(), requested(&spec, "linux-64"))]);
    let empty = BTreeMap::new();
    let base = second.base_lock("conda-lock.yml");
    assert_eq!(
        base,
        first.base_lock("conda-lock.yml"),
        "the big layer is kept"
    );
    let delta = second.delta_lock("conda-lock.yml", &requested);
    expect![[r#"
        # mmdev: 9db902e31226fcac
        # The part of conda-lock.yml that the image's first layer installs: all that it had when it was last laid out.
        version: 1
        metadata:
          content_hash:
            linux-64: 8b4cb15ea95313869e085a9102d94b52385f795271222ca01cac3ce74263f41e
            linux-aarch64: 90b599c06c56402e5cc506939da2a3de3a6a820b25f8ab929173b4fe59cbe65f
          channels: []
          platforms:
          - linux-64
          - linux-aarch64
          sources:
          - conda-lock.yml
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
    "#]].assert_eq(&base);
    expect![[r##"
        # mmdev: a1c82f6c8e65b2bc
        # The part of conda-lock.yml that the image's second layer installs: what changed since the first.
        # linux-64 pip uninstall: p
        # linux-64 remove: a b
        # linux-64 update specs: ["a >=2,<3", "b[version='=*',build='x']", "c", "d[build='x*']"]
        version: 1
        metadata:
          content_hash:
            linux-64: bbca6948cb7fa41fe2d09c0b361f0ef1671454f6e4f8ebcc19697a2ce57a5d0e
            linux-aarch64: 998aa49e8fc147809668741b427ef26d44fe2d8ca5ff9a4ed6850077e50f40aa
          channels: []
          platforms:
          - linux-64
          - linux-aarch64
          sources:
          - conda-lock.yml
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
    assert_eq!(Layout::read(&base, &delta), Some(second.clone()));
    assert_eq!(
        Layout::read(&base, &first.delta_lock("conda-lock.yml", &empty)),
        Some(first)
    );

    let damaged = [
        (base.replace("b-1-h", "b-2-h"), delta.clone()),
        (base.clone(), delta.replace("remove: a b", "remove: a")),
        (base.clone(), String::new()),
        (String::new(), delta.clone()),
        (delta.clone(), delta.clone()),
    ];
    for (base, delta) in damaged {
        assert_eq!(Layout::read(&base, &delta), None, "{base}\n{delta}");
    }
}

#[test]
fn a_slice_without_packages_is_a_lock() {
    let (found, _) = layout(None, &lock(&["a 1 h_0"]), PLATFORM, &Facts::default(), 10);
    let text = found.delta_lock("conda-lock.yml", &BTreeMap::new());
    let read = super::super::read(&text);
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.lock.packages, []);
}

/// Any lock of a few packages in a few versions, on two platforms.
fn any_lock() -> impl Strategy<Value = Lock> {
    let version = 0..4_usize;
    proptest::collection::vec(version, 14).prop_map(|versions| {
        let names = ["python", "a", "b", "c", "d", "pip:a", "pip:x"];
        let texts: Vec<String> = versions
            .iter()
            .enumerate()
            .filter(|(_, version)| **version > 0)
            .map(|(index, version)| {
                let name = names[index % 7];
                let platform = ["linux-64", "linux-aarch64"][index / 7];
                let build = if name.starts_with("pip:") { "" } else { " h_0" };
                format!("{platform}:{name} 3.{}.{version}{build}", version / 3)
            })
            .collect();
        lock(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn slices_of_any_sequence_are_the_lock(
        locks in proptest::collection::vec(any_lock(), 1..8),
        sizes in proptest::collection::vec(0..100_u64, 64),
        shared in proptest::collection::vec(proptest::bool::weighted(0.05), 64),
        share in 0..101_u64,
    ) {
        let platforms = ["linux-64", "linux-aarch64"];
        let mut facts = Facts::default();
        let urls: BTreeSet<String> = locks.iter().flat_map(|lock| &lock.packages).map(|it| it.url.clone()).collect();
        for (index, url) in urls.into_iter().enumerate() {
            facts.sizes.insert(url.clone(), sizes[index % 64]);
            if shared[index % 64] {
                facts.shared.insert(url);
            }
        }
        let mut previous: Option<Layout> = None;
        for lock in &locks {
            let (next, decision) = layout(previous.as_ref(), lock, &platforms, &facts, share);
            for (platform, slice) in &next.platforms {
                prop_assert_eq!(slice.result(), installed(lock, platform));
                for package in slice.replaced().filter(|it| it.manager == Manager::Conda) {
                    prop_assert!(!facts.shared.contains(&package.url));
                }
            }
            if matches!(decision, Decision::Appended) {
                let before = previous.as_ref().unwrap();
                prop_assert_eq!(next.base_lock("l"), before.base_lock("l"));
            }
            let (again, decision) = layout(Some(&next), lock, &platforms, &facts, share);
            prop_assert_eq!(decision, Decision::Kept);
            prop_assert_eq!(&again, &next);
            let read = Layout::read(&next.base_lock("l"), &next.delta_lock("l", &BTreeMap::new()));
            prop_assert_eq!(read.as_ref(), Some(&next));
            previous = Some(next);
        }
    }
}
