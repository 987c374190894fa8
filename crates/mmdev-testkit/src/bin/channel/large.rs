//! A channel of the size that environments of data scientists have, for benchmarks.
//!
//! What matters of a package to an installer is how many bytes and files it
//! has, and how well they compress; so these have nothing else.

use std::path::Path;

use anyhow::Result;

use crate::package::{Kind, Package};

/// The packages of the environment, `large-0` … ; each depends on another one,
/// so that naming those from [`FIRST_LEAF`] on asks for all.
const COUNT: usize = 100;

/// The first package that no other one depends on.
const FIRST_LEAF: usize = COUNT / 2;

/// The one of them that has newer versions, 1.1 to 1.3, and is pinned.
const BUMPED: usize = 98;

/// The packages `added-0` …, each to be added to the environment once.
const ADDED: usize = 16;

/// Writes all packages, and `large.txt` with the names that a spec needs, one a
/// line.
pub(crate) fn write(channel: &Path) -> Result<()> {
    for number in 0..COUNT {
        let name = format!("large-{number}");
        let package = Package::new(&name, "1.0", "0", Kind::Noarch);
        let package = match number {
            0 => package,
            _ => package.depends(&[&format!("large-{}", number / 2)]),
        };
        // One in eight is of compiled libraries, as numpy or llvm are.
        let package = match number % 8 {
            7 => libraries(package, &name),
            _ => modules(package, &name),
        };
        package.write(channel)?;
    }
    for minor in 1..=3 {
        let (name, version) = (format!("large-{BUMPED}"), format!("1.{minor}"));
        let seed = format!("{name}-{version}");
        let package = Package::new(&name, &version, "0", Kind::Noarch);
        let package = package.depends(&[&format!("large-{}", BUMPED / 2)]);
        modules(package, &seed).write(channel)?;
    }
    for number in 0..ADDED {
        let name = format!("added-{number}");
        modules(Package::new(&name, "1.0", "0", Kind::Noarch), &name).write(channel)?;
    }
    let leaves: String = (FIRST_LEAF..COUNT)
        .map(|number| match number {
            BUMPED => format!("large-{number}=1.0\n"),
            _ => format!("large-{number}\n"),
        })
        .collect();
    std::fs::write(channel.join("large.txt"), leaves)?;
    Ok(())
}

/// Ten files of 2 MB, which compress to about half.
fn libraries(package: Package, name: &str) -> Package {
    let mut random = Random::new(name);
    (0..10).fold(package, |package, number| {
        let mut bytes = Vec::with_capacity(2_000_000);
        while bytes.len() < 2_000_000 {
            bytes.extend(
                std::iter::repeat_with(|| random.next())
                    .take(256)
                    .flat_map(u64::to_le_bytes),
            );
            bytes.resize(bytes.len() + 2048, b'.');
        }
        package.entry(&format!("lib/{name}/lib{number}.so"), bytes, false, None)
    })
}

/// 150 files of 2 to 42 kB, which compress to about a third, as source text does.
fn modules(package: Package, name: &str) -> Package {
    let mut random = Random::new(name);
    (0..150).fold(package, |package, number| {
        let length = 2_000 + (random.next() % 40_000) as usize;
        let mut text = String::with_capacity(length + 20);
        while text.len() < length {
            text.push_str(&format!("{:x}", random.next() % 4096));
            text.push_str([" = ", "(self)\n", ", "][(random.next() % 3) as usize]);
        }
        package.text(&format!("share/{name}/module{number}.txt"), &text)
    })
}

/// Marsaglia's xorshift: the same bytes on every machine.
struct Random(u64);

impl Random {
    fn new(seed: &str) -> Self {
        let seed = seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
