//! A client in the test's own process: it speaks the protocol over a pipe in memory, and fails on messages that nobody
//! expected.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use mmdev_lsp::{Ending, Host};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;

/// Beyond this a message is not late but missing. Tests run on a clock that jumps when all are idle.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    output: WriteHalf<DuplexStream>,
    input: BufReader<ReadHalf<DuplexStream>>,
    server: Option<JoinHandle<Ending>>,
    next_id: i64,
    /// Notifications that came while something else was waited for.
    unread: VecDeque<Value>,
    /// The answer to `initialize`.
    pub(crate) initialized: Value,
}

impl Client {
    /// A client that says nothing of what it can do.
    pub(crate) async fn start(host: Arc<dyn Host>) -> Self {
        Client::with(host, json!({})).await
    }

    /// A client with these capabilities.
    pub(crate) async fn with(host: Arc<dyn Host>, capabilities: Value) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        let server = tokio::spawn(mmdev_lsp::serve(input, output, host));
        let (input, output) = tokio::io::split(ours);
        let mut client = Client {
            output,
            input: BufReader::new(input),
            server: Some(server),
            next_id: 0,
            unread: VecDeque::new(),
            initialized: Value::Null,
        };
        let parameters = json!({ "capabilities": capabilities });
        client.initialized = client.request("initialize", parameters).await;
        client.notify("initialized", json!({})).await;
        client
    }

    async fn send(&mut self, mut message: Value) {
        if message["params"].is_null() {
            message.as_object_mut().unwrap().remove("params");
        }
        let text = message.to_string();
        let message = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.output.write_all(message.as_bytes()).await.unwrap();
    }

    /// The next message; `None` once the server is gone.
    async fn receive(&mut self) -> Option<Value> {
        let mut length = 0;
        loop {
            let mut header = String::new();
            let read = self.input.read_line(&mut header);
            let count = tokio::time::timeout(PATIENCE, read)
                .await
                .expect("a message is missing")
                .unwrap();
            match header.trim_end().split_once(": ") {
                _ if count == 0 => return None,
                Some(("Content-Length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).await.unwrap();
        Some(serde_json::from_slice(&body).unwrap())
    }

    pub(crate) async fn notify(&mut self, method: &str, parameters: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": parameters }))
            .await;
    }

    /// Asks without waiting for the answer, which [`Client::answer`] gives.
    pub(crate) async fn ask(&mut self, method: &str, parameters: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters });
        self.send(message).await;
        id
    }

    /// The answer to a request: its result, or its error.
    pub(crate) async fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.receive().await.expect("the server is gone");
            if message["method"].is_string() {
                self.unread.push_back(message);
            } else if message["id"] == id {
                let error = message.get("error").cloned();
                return error.unwrap_or_else(|| message["result"].clone());
            } else {
                panic!("an answer that nobody asked for: {message}");
            }
        }
    }

    /// That many answers, in whatever order they come, by their requests.
    pub(crate) async fn answers(&mut self, count: usize) -> HashMap<i64, Value> {
        let mut answers = HashMap::new();
        while answers.len() < count {
            let message = self.receive().await.expect("the server is gone");
            if message["method"].is_string() {
                self.unread.push_back(message);
            } else {
                answers.insert(message["id"].as_i64().unwrap(), message["result"].clone());
            }
        }
        answers
    }

    pub(crate) async fn request(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.ask(method, parameters).await;
        self.answer(id).await
    }

    /// The next diagnostics that are published.
    pub(crate) async fn published(&mut self) -> Value {
        let message = match self.unread.pop_front() {
            Some(message) => message,
            None => self.receive().await.expect("the server is gone"),
        };
        assert_eq!(
            message["method"], "textDocument/publishDiagnostics",
            "{message}"
        );
        message["params"].clone()
    }

    /// Says goodbye. Every message must have been read by then.
    pub(crate) async fn finish(mut self) {
        // What the server still has to say, it says before this long has passed.
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(self.request("shutdown", Value::Null).await, Value::Null);
        self.notify("exit", Value::Null).await;
        let server = self.server.take().unwrap();
        assert_eq!(server.await.unwrap(), Ending::Orderly);
        while let Some(message) = self.receive().await {
            self.unread.push_back(message);
        }
    }

    /// Closes the pipe without a word.
    pub(crate) async fn vanish(mut self) -> Ending {
        self.output.shutdown().await.unwrap();
        self.server.take().unwrap().await.unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.server.is_none(), "finish the session");
            assert!(self.unread.is_empty(), "not read: {:#?}", self.unread);
        }
    }
}
