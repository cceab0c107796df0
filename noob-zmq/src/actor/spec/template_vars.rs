//! Values that fill the templates of a spec when an actor is opened.

use std::path::PathBuf;

use crate::transport::RuntimeDir;

/// Identity of an actor: its runner, and its id in that runner.
///
/// Fills `{id}` in the paths and identities of a spec.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Directory of all runners.
    pub runtime_dir: PathBuf,
    /// Id of the runner; its sockets lie in a directory of this name.
    pub runner_id: String,
    /// Id of the actor; for a node, its name in the tube.
    pub id: String,
}

impl Scope {
    /// Returns the scope of the actor `id` of the runner that owns `directory`.
    #[must_use]
    pub fn of(directory: &RuntimeDir, id: &str) -> Self {
        Self {
            runtime_dir: directory.root().to_owned(),
            runner_id: directory.runner_id().to_owned(),
            id: id.to_owned(),
        }
    }

    /// Returns the file of a socket whose path in the spec is `path`:
    /// `{runtime_dir}/{runner_id}/{path}`.
    ///
    /// An id cannot leave its directory: `/` becomes `%2F`, and the ids `.` and `..` become `%2E`
    /// and `%2E.`.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.runtime_dir
            .join(file_name(&self.runner_id))
            .join(path.replace("{id}", &file_name(&self.id)))
    }

    /// Returns the id for which [`path`](Self::path) made this name of a directory.
    pub(crate) fn id_of(file_name: &str) -> String {
        match file_name {
            "%2E" => ".".to_owned(),
            "%2E." => "..".to_owned(),
            _ => file_name.replace("%2F", "/").replace("%00", "\0"),
        }
    }

    /// Returns the identity of a socket whose identity in the spec is `identity`.
    #[must_use]
    pub fn identity(&self, identity: &str) -> String {
        identity.replace("{id}", &self.id)
    }
}

/// Returns an id as one component of a path.
fn file_name(id: &str) -> String {
    match id {
        "." => "%2E".to_owned(),
        ".." => "%2E.".to_owned(),
        _ => id.replace('/', "%2F").replace('\0', "%00"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(id: &str) -> Scope {
        Scope {
            runtime_dir: "/run/noob".into(),
            runner_id: "r1".to_owned(),
            id: id.to_owned(),
        }
    }

    #[test]
    fn id_fills_paths_and_identities() {
        assert_eq!(
            scope("a").path("nodes/{id}/outbox"),
            PathBuf::from("/run/noob/r1/nodes/a/outbox")
        );
        assert_eq!(scope("a").identity("{id}"), "a");
        assert_eq!(
            scope("").path("command/inbox"),
            PathBuf::from("/run/noob/r1/command/inbox")
        );
    }

    #[test]
    fn id_with_dots_stays_in_its_directory() {
        assert_eq!(
            scope("..").path("nodes/{id}/outbox"),
            PathBuf::from("/run/noob/r1/nodes/%2E./outbox")
        );
        assert_eq!(
            scope("a/../../b").path("nodes/{id}"),
            PathBuf::from("/run/noob/r1/nodes/a%2F..%2F..%2Fb")
        );
    }
}
