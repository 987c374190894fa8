//! How long the diagnostics of half-typed specs take: a line for each text, with its milliseconds.
//! `cargo xtask bench typing` makes a table of them.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark has a clock and says what it shows"
)]

#[path = "../tests/support/corpus.rs"]
mod corpus;
#[path = "../tests/typing/half_typed.rs"]
mod half_typed;

use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let around = half_typed::everything();
    for half in half_typed::texts() {
        let time = || {
            let start = Instant::now();
            black_box(half_typed::diagnose(&half.name, &half.text, &around));
            start.elapsed()
        };
        // What is slow once is tried again: the machine may have done something else.
        let mut best = time();
        for _ in 0..4 {
            if best > Duration::from_millis(1) {
                best = best.min(time());
            }
        }
        let milliseconds = best.as_secs_f64() * 1000.0;
        println!("{milliseconds:.4} {}, {}", half.name, half.what);
    }
}
