//! The program `mmdev`.

fn main() -> std::process::ExitCode {
    mmdev::main(std::env::args_os().collect())
}
