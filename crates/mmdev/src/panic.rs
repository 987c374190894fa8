//! What a bug looks like to a person.

use crate::printer;

/// Makes a panic say that it is a bug of mmdev's, and how to report it. The exit code is then 101, Rust's own.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|panic| {
        // The terminal may be gone: nothing more can be done then.
        let _ = printer::write_stderr(&panic_report(
            &panic.to_string(),
            &std::backtrace::Backtrace::capture(),
        ));
    }));
}

fn panic_report(panic: &str, backtrace: &std::backtrace::Backtrace) -> String {
    let mut report = format!(
        "error: {panic}\n\
         hint: this is a bug in mmdev {}; please report it with the command and the lines above: {}/issues\n",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY"),
    );
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
        report.push_str(&format!("{backtrace}\n"));
    } else {
        report.push_str("hint: set RUST_BACKTRACE=1 to see where it came from\n");
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_panic_says_that_it_is_a_bug() {
        let report = panic_report(
            "panicked at src/x.rs:1:2:\nindex out of bounds",
            &std::backtrace::Backtrace::disabled(),
        );
        expect![[r#"
            error: panicked at src/x.rs:1:2:
            index out of bounds
            hint: this is a bug in mmdev 0.1.0; please report it with the command and the lines above: https://github.com/mmdev-project/mmdev/issues
            hint: set RUST_BACKTRACE=1 to see where it came from
        "#]]
        .assert_eq(&report);
    }
}
