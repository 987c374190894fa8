//! What happens to the containers and images of a project, as the engine tells it.

use std::collections::HashSet;

use bollard::models::{EventMessage, EventMessageTypeEnum};
use bollard::query_parameters::EventsOptions;
use futures_util::{Stream, StreamExt};
use mmdev_core::container::identity::{Identity, LOCAL_FOLDER, PROJECT};

use crate::connect::Engine;
use crate::error::Error;

/// What changes which containers and images there are, and what containers do. Programs that run in them are no such
/// event.
const ACTIONS: [&str; 8] = [
    "create", "destroy", "start", "die", "pause", "unpause", "untag", "delete",
];

impl Engine {
    /// Ticks whenever something happens to a container of the opened folder, or an image of the project is removed. It
    /// ends when the engine does, with an error where the connection broke.
    pub fn changes(
        &self,
        identity: &Identity,
    ) -> impl Stream<Item = Result<(), Error>> + Unpin + use<> {
        let list = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        let options = EventsOptions {
            filters: Some(
                [
                    ("type".to_owned(), list(&["container", "image"])),
                    ("event".to_owned(), list(&ACTIONS)),
                ]
                .into(),
            ),
            ..EventsOptions::default()
        };
        let mut filter = Filter::new(identity);
        let docker = self.docker.clone();
        let events = futures_util::stream::once(async move { docker.events(Some(options)) });
        Box::pin(events.flatten().filter_map(move |event| {
            std::future::ready(match event {
                Ok(event) => filter.counts(&event).then_some(Ok(())),
                Err(error) => Some(Err(Error::engine("listening to the engine", error))),
            })
        }))
    }
}

/// Which events are about one project.
struct Filter {
    folder: String,
    project: String,
    /// The images of the project that have lost a name: those that are removed are among them, and the event of that
    /// has no labels any more.
    nameless: HashSet<String>,
}

impl Filter {
    fn new(identity: &Identity) -> Filter {
        Filter {
            folder: identity.local_folder.clone(),
            project: identity.project.clone(),
            nameless: HashSet::new(),
        }
    }

    fn counts(&mut self, event: &EventMessage) -> bool {
        let Some(actor) = &event.actor else {
            return false;
        };
        let labels = actor.attributes.as_ref();
        let label = |name: &str| labels.and_then(|labels| labels.get(name));
        if event.typ != Some(EventMessageTypeEnum::IMAGE) {
            return label(LOCAL_FOLDER) == Some(&self.folder);
        }
        let id = actor.id.clone().unwrap_or_default();
        if event.action.as_deref() == Some("delete") {
            return self.nameless.remove(&id);
        }
        if label(PROJECT) == Some(&self.project) {
            self.nameless.insert(id);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::EventActor;
    use mmdev_core::container::identity::HostSystem;

    use super::*;

    #[test]
    fn events_of_one_project_count() {
        let identity = Identity::new(HostSystem::Linux, "/w", "/w/.devcontainer.json");
        let mut filter = Filter::new(&identity);
        let mut check = |typ, action: &str, label: Option<(&str, &str)>, expected| {
            let label = label.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let event = EventMessage {
                typ: Some(typ),
                action: Some(action.to_owned()),
                actor: Some(EventActor {
                    id: Some("sha256:1".to_owned()),
                    attributes: Some(label.into_iter().collect()),
                }),
                ..EventMessage::default()
            };
            assert_eq!(filter.counts(&event), expected, "{event:?}");
        };
        use EventMessageTypeEnum::{CONTAINER, IMAGE};
        check(CONTAINER, "die", Some((LOCAL_FOLDER, "/w")), true);
        check(CONTAINER, "die", Some((LOCAL_FOLDER, "/x")), false);
        check(CONTAINER, "die", None, false);
        check(IMAGE, "delete", None, false);
        check(IMAGE, "untag", Some((PROJECT, "other")), false);
        check(IMAGE, "delete", None, false);
        check(IMAGE, "untag", Some((PROJECT, &identity.project)), false);
        check(IMAGE, "delete", None, true);
        check(IMAGE, "delete", None, false);
    }
}
