//! The program `mmdev`.

/// Thousands of specs are read by many threads; in a static program the C library's allocator makes them wait.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mmdev::main(std::env::args_os().collect())
}
