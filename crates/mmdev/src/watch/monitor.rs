//! Whether the container engine is there, and when something happens to what it has of a project. It is asked for again with growing
//! pauses while it is gone.

use std::time::Duration;

use futures_util::StreamExt;
use mmdev_core::container::identity::Identity;
use mmdev_docker::Engine;
use tokio::sync::mpsc;

use crate::engine;
use crate::error::Error;

/// The first pause, and the longest.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What is heard of the engine.
#[derive(Debug)]
pub(super) enum Notice {
    /// It answers.
    Here,
    /// Something happened to a container or an image.
    Something,
    /// It is gone, or cannot be used.
    Absent(Box<Error>),
}

/// Listens for as long as somebody takes what is heard.
pub(super) async fn listen(identity: Identity, notices: mpsc::Sender<Notice>) {
    let mut pause = PAUSE;
    loop {
        let notice = match Engine::connect(&engine::environment()).await {
            Ok(engine) => {
                pause = PAUSE;
                if notices.send(Notice::Here).await.is_err() {
                    return;
                }
                let mut events = engine.changes(&identity);
                let reason = loop {
                    match events.next().await {
                        Some(Ok(())) => {
                            if notices.send(Notice::Something).await.is_err() {
                                return;
                            }
                        }
                        Some(Err(error)) => break Error::from(error),
                        None => break Error::world(anyhow::anyhow!("the container engine ended")),
                    }
                };
                Notice::Absent(Box::new(reason))
            }
            Err(error) => Notice::Absent(Box::new(error.into())),
        };
        if notices.send(notice).await.is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
