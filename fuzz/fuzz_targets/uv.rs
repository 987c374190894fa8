//! Any text is a line of a pip section, or what uv answers: a question is made of it, and the answer is understood or not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mmdev_core::lock::uv::{self, Question};

fuzz_target!(|text: &str| {
    let lines = text.lines().take(8).filter(|line| uv::is_for_uv(line));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    let variables = uv::variables(&lines).into_iter();
    let question = Question {
        variables: variables
            .map(|name| (name.to_owned(), "its value".to_owned()))
            .collect(),
        lines,
        platform: "linux-64".to_owned(),
        python: "3.12.4".to_owned(),
        provided: [("numpy".to_owned(), text.to_owned())].into(),
        ..Question::default()
    };
    question.files();
    question.stubs();
    question.arguments();
    if let Ok(packages) = uv::packages(&question, text, text) {
        uv::newer(&question, &packages, text);
    }
    uv::failure(&question, text);
    uv::lost_extras(text);
});
