//! The program `cargo-mmdev`, which Cargo runs for `cargo mmdev …`.

fn main() -> std::process::ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    // Cargo passes the name of the subcommand as the first argument.
    if arguments.get(1).is_some_and(|argument| argument == "mmdev") {
        arguments.remove(1);
    }
    mmdev::main(arguments)
}
