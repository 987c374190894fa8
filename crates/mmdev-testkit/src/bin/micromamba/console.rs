//! What is said to the person: libmamba's log lines, its tables and its sizes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

static QUIET: AtomicBool = AtomicBool::new(false);

/// Silences all that follows, errors as well: that is what `--quiet` does.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Prints a log line as libmamba does, on standard error.
/// Further lines of `message` are indented by four columns.
pub(crate) fn log(level: &str, message: &str) {
    if QUIET.load(Ordering::Relaxed) {
        return;
    }
    let message = message.trim_end().replace('\n', "\n    ");
    eprintln!("{level:<8} libmamba {message}");
}

/// `404 B`, `1kB`, `12MB`: libmamba divides by 1000 and rounds to whole units.
pub(crate) fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = [" B", "kB", "MB", "GB", "TB", "PB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.0}{}", UNITS[unit])
}

/// Which side of its column a cell stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Filled up with blanks behind.
    Left,
    /// Filled up with blanks before.
    Right,
}

/// A table in libmamba's layout: a header, a rule, rows, and titled sections.
pub(crate) struct Table {
    header: Vec<&'static str>,
    align: Vec<Align>,
    padding: Vec<usize>,
    lines: Vec<Line>,
}

enum Line {
    Title(String),
    Row(Vec<String>),
}

impl Table {
    /// A table of these columns: title, alignment, blanks before it.
    pub(crate) fn new(columns: &[(&'static str, Align, usize)]) -> Self {
        Self {
            header: columns.iter().map(|column| column.0).collect(),
            align: columns.iter().map(|column| column.1).collect(),
            padding: columns.iter().map(|column| column.2).collect(),
            lines: Vec::new(),
        }
    }

    /// Adds a row, one cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.lines.push(Line::Row(cells));
    }

    /// Adds a section: its title over a rule, then its rows.
    pub(crate) fn section(&mut self, title: &str, rows: Vec<Vec<String>>) {
        self.lines.push(Line::Title(title.to_owned()));
        self.lines.extend(rows.into_iter().map(Line::Row));
    }

    /// The whole table, each line ended.
    pub(crate) fn render(&self) -> String {
        let mut widths: Vec<usize> = self.header.iter().map(|title| title.len()).collect();
        for line in &self.lines {
            if let Line::Row(cells) = line {
                for (width, cell) in widths.iter_mut().zip(cells) {
                    *width = (*width).max(cell.chars().count());
                }
            }
        }
        let first = self.padding.first().copied().unwrap_or(0);
        let length = widths.iter().sum::<usize>() + self.padding.iter().sum::<usize>() + first;
        let rule = "─".repeat(length);
        let mut out = String::new();
        let header: Vec<String> = self.header.iter().map(ToString::to_string).collect();
        self.render_row(&mut out, &header, &widths);
        let _ = writeln!(out, "{rule}");
        for (index, line) in self.lines.iter().enumerate() {
            match line {
                Line::Row(cells) => self.render_row(&mut out, cells, &widths),
                Line::Title(title) => {
                    if index != 0 {
                        out.push('\n');
                    }
                    let _ = writeln!(out, "{}{title}\n{rule}", " ".repeat(first));
                }
            }
        }
        out
    }

    fn render_row(&self, out: &mut String, cells: &[String], widths: &[usize]) {
        for (index, cell) in cells.iter().enumerate() {
            let (width, padding) = (widths[index], self.padding[index]);
            let _ = match self.align[index] {
                Align::Left => write!(out, "{:padding$}{cell:<width$}", ""),
                Align::Right => write!(out, "{cell:>total$}", total = width + padding),
            };
        }
        out.push('\n');
    }
}

/// Asks for consent on the terminal; `yes` answers for the person.
pub(crate) fn confirm(question: &str, yes: bool) -> bool {
    if yes {
        return true;
    }
    put(&format!("{question}: [Y/n] "));
    let mut answer = String::new();
    match std::io::stdin().read_line(&mut answer) {
        Ok(0) | Err(_) => false,
        Ok(_) => matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"),
    }
}

/// A line on standard output.
pub(crate) fn note(message: &str) {
    put(&format!("{message}\n"));
}

/// Text on standard output. Who closes the pipe wants no more, and no panic either.
pub(crate) fn put(text: &str) {
    let mut out = std::io::stdout().lock();
    if out
        .write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        std::process::exit(141);
    }
}
