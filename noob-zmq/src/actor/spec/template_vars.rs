//! Values that fill the templates of a spec when an actor is opened.

use std::path::PathBuf;

use crate::transport::RuntimeDir;
use crate::transport::file_name::file_name;

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
    /// `{id}` becomes the id itself if that has at most 24 bytes, all of them of letters, digits,
    /// `_`, `-` and inner `.`. Any other id becomes its first letters and a hash, as in
    /// `a_long_~9c5e0d7f3b1a2468`: the kernel limits the length of the path, and an id cannot leave
    /// its directory.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        let directory = self.runtime_dir.join(&*file_name(&self.runner_id));
        directory.join(Self::path_in_run(path, &self.id))
    }

    /// Returns the path below the directory of a run that a socket has whose path in the spec is
    /// `path`, for the actor `id`.
    pub(crate) fn path_in_run(path: &str, id: &str) -> String {
        path.replace("{id}", &file_name(id))
    }

    /// Returns the identity of a socket whose identity in the spec is `identity`.
    #[must_use]
    pub fn identity(&self, identity: &str) -> String {
        identity.replace("{id}", &self.id)
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
}
