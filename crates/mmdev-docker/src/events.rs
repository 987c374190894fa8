//! What happens to containers, as the engine tells it.

use bollard::query_parameters::EventsOptions;
use futures_util::{Stream, StreamExt};
use mmdev_core::container::identity::LOCAL_FOLDER;

use crate::connect::Engine;
use crate::error::Error;

/// What changes which containers there are and what they do. Programs that run in them are no such event.
const ACTIONS: [&str; 6] = ["create", "destroy", "start", "die", "pause", "unpause"];

impl Engine {
    /// Ticks whenever something happens to a dev container, of whatever project. It ends when the engine does, with an
    /// error where the connection broke.
    pub fn container_events(&self) -> impl Stream<Item = Result<(), Error>> + Unpin {
        let list = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        let options = EventsOptions {
            filters: Some(
                [
                    ("type".to_owned(), list(&["container"])),
                    ("event".to_owned(), list(&ACTIONS)),
                    ("label".to_owned(), list(&[LOCAL_FOLDER])),
                ]
                .into(),
            ),
            ..EventsOptions::default()
        };
        let events = self.docker.events(Some(options));
        Box::pin(events.map(|event| match event {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::engine("listening to the engine", error)),
        }))
    }
}
