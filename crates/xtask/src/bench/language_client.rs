//! An editor, as far as a language server can tell: one document, its edits,
//! and when the diagnostics come.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// How long an answer may take before the server counts as dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// One document in one server. The server is ended when this is dropped.
pub(super) struct LanguageClient {
    process: Child,
    input: ChildStdin,
    /// What the server said, and when it arrived.
    messages: Receiver<(Instant, Value)>,
    uri: String,
    version: u64,
}

/// A replacement within one line; columns in ASCII text.
pub(super) struct LineEdit {
    pub(super) line: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'static str,
}

impl LanguageClient {
    /// Starts the server and opens the document.
    pub(super) fn open(command: &mut Command, uri: &str, text: &str) -> Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let input = process.stdin.take().context("no standard input")?;
        let output = process.stdout.take().context("no standard output")?;
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            // It ends with the server, or with whoever listens.
            while let Ok(message) = receive(&mut output) {
                if sender.send((Instant::now(), message)).is_err() {
                    break;
                }
            }
        });
        let mut client = Self {
            process,
            input,
            messages,
            uri: uri.to_owned(),
            version: 1,
        };
        client.initialize()?;
        client.open_document(uri, text)?;
        Ok(client)
    }

    fn open_document(&mut self, uri: &str, text: &str) -> Result<()> {
        self.notify(
            "textDocument/didOpen",
            &json!({"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}),
        )
    }

    /// Opens many more documents at once; gives the seconds until there are diagnostics of each.
    pub(super) fn open_all(&mut self, documents: &[(String, String)]) -> Result<f64> {
        let start = Instant::now();
        for (uri, text) in documents {
            self.open_document(uri, text)?;
        }
        let mut left: HashSet<&str> = documents.iter().map(|(uri, _)| uri.as_str()).collect();
        while !left.is_empty() {
            let (_, said) =
                self.wait(|message| message["method"] == "textDocument/publishDiagnostics")?;
            left.remove(said["params"]["uri"].as_str().unwrap_or_default());
        }
        Ok(start.elapsed().as_secs_f64())
    }

    fn initialize(&mut self) -> Result<()> {
        let capabilities =
            json!({"textDocument": {"publishDiagnostics": {"versionSupport": true}}});
        self.send(&json!({
            "id": 0,
            "method": "initialize",
            "params": {"processId": std::process::id(), "rootUri": null, "capabilities": capabilities},
        }))?;
        let (_, answer) = self.wait(|message| message["id"] == 0 && message["method"].is_null())?;
        let sync = &answer["result"]["capabilities"]["textDocumentSync"];
        ensure!(
            sync.as_u64().or(sync["change"].as_u64()) == Some(2),
            "the server takes no edits: {answer}"
        );
        self.notify("initialized", &json!({}))?;
        // What yaml-language-server knows of the internet's schemas is not
        // needed, and there may be no internet.
        let settings = json!({"yaml": {"schemaStore": {"enable": false}}});
        self.notify(
            "workspace/didChangeConfiguration",
            &json!({"settings": settings}),
        )
    }

    /// Sends an edit; gives the milliseconds until diagnostics with so many
    /// entries are there.
    pub(super) fn edit(&mut self, edit: &LineEdit, problems: usize) -> Result<f64> {
        self.version += 1;
        let place = |column| json!({"line": edit.line, "character": column});
        let change = json!({
            "range": {"start": place(edit.start), "end": place(edit.end)},
            "text": edit.text,
        });
        let document = json!({"uri": self.uri, "version": self.version});
        let start = Instant::now();
        self.notify(
            "textDocument/didChange",
            &json!({"textDocument": document, "contentChanges": [change]}),
        )?;
        let arrived = self.diagnostics(problems)?;
        Ok(1000.0 * arrived.duration_since(start).as_secs_f64())
    }

    /// Waits for diagnostics of the document with so many entries.
    pub(super) fn diagnostics(&mut self, problems: usize) -> Result<Instant> {
        let uri = self.uri.clone();
        let (arrived, _) = self
            .wait(|message| {
                message["method"] == "textDocument/publishDiagnostics"
                    && message["params"]["uri"] == uri.as_str()
                    && message["params"]["diagnostics"]
                        .as_array()
                        .is_some_and(|found| found.len() == problems)
            })
            .with_context(|| format!("no diagnostics with {problems} entries"))?;
        Ok(arrived)
    }

    /// The next message that is wanted; what the server asks meanwhile is
    /// answered with nothing.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<(Instant, Value)> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (arrived, message) = self
                .messages
                .recv_timeout(left)
                .context("the language server does not answer")?;
            if wanted(&message) {
                return Ok((arrived, message));
            }
            if message["method"].is_string() && !message["id"].is_null() {
                let items = message["params"]["items"].as_array();
                let nothing =
                    items.map_or(Value::Null, |items| json!(vec![Value::Null; items.len()]));
                self.send(&json!({"id": message["id"], "result": nothing}))?;
            }
        }
    }

    fn notify(&mut self, method: &str, parameters: &Value) -> Result<()> {
        self.send(&json!({"method": method, "params": parameters}))
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        Ok(self.input.flush()?)
    }
}

impl Drop for LanguageClient {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads one message with its header.
fn receive(output: &mut impl BufRead) -> Result<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
            bail!("the server is gone");
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}
