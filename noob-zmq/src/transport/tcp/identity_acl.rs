//! Node names by key: the key that may send messages in the name of each node.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::sync::replace;
use crate::transport::keys::PublicKey;

type Names = BTreeMap<Arc<str>, Option<PublicKey>>;

/// Maps node names to the key that may send as that node; `None` stands for any peer of plain tcp.
///
/// Cheap to clone; all clones change together.
#[derive(Debug, Clone, Default)]
pub(crate) struct IdentityAcl {
    current: Arc<watch::Sender<Names>>,
}

impl IdentityAcl {
    /// Replaces all names.
    pub(crate) fn replace(&self, names: impl IntoIterator<Item = (Arc<str>, Option<PublicKey>)>) {
        // Wakes the links only where a name has changed: this is called with every announcement.
        replace(&self.current, names.into_iter().collect());
    }

    /// Grants a name to the owner of `key` alone.
    pub(crate) fn grant(&self, name: &Arc<str>, key: Option<PublicKey>) {
        self.current.send_modify(|names| {
            names.insert(name.clone(), key);
        });
    }

    /// Revokes a name.
    pub(crate) fn revoke(&self, name: &str) {
        self.current.send_modify(|names| {
            names.remove(name);
        });
    }

    /// Waits until all of `names` are granted to `key`, or, with `granted` false, until one of them
    /// is not.
    ///
    /// Cancel safe.
    pub(super) async fn wait_until(&self, key: Option<PublicKey>, names: &[String], granted: bool) {
        let has = |current: &Names, name: &String| current.get(name.as_str()) == Some(&key);
        let mut current = self.current.subscribe();
        let reached =
            current.wait_for(|current| names.iter().all(|name| has(current, name)) == granted);
        if reached.await.is_err() {
            // The sender lives as long as `self`.
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn name_belongs_to_its_key_until_it_is_revoked() {
        let [one, two] = [1, 2].map(|byte| Some(PublicKey::from_bytes([byte; 32])));
        let (acl, names) = (IdentityAcl::default(), ["a".to_owned()]);
        acl.grant(&"a".into(), one);
        acl.wait_until(one, &names, true).await;
        acl.wait_until(two, &names, false).await;
        acl.wait_until(None, &names, false).await;
        acl.revoke("a");
        acl.wait_until(one, &names, false).await;
        acl.replace([("a".into(), two), ("b".into(), two)]);
        acl.wait_until(two, &["a".into(), "b".into()], true).await;
        acl.wait_until(two, &["a".into(), "c".into()], false).await;
    }
}
