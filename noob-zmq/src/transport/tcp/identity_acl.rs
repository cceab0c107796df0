//! In whose name the owner of a key may speak.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::transport::keys::PublicKey;

type Names = BTreeMap<Arc<str>, Option<PublicKey>>;

/// In whose name the owner of a key may speak (without a key: everybody on this machine). Cheap to clone; all clones change together.
#[derive(Debug, Clone, Default)]
pub(crate) struct IdentityAcl {
    current: Arc<watch::Sender<Names>>,
}

impl IdentityAcl {
    /// These names and no others, each with whoever may speak in it.
    pub(crate) fn replace(&self, names: impl IntoIterator<Item = (Arc<str>, Option<PublicKey>)>) {
        let names = names.into_iter().collect();
        self.current.send_if_modified(|current| {
            let changed = *current != names;
            *current = names;
            changed
        });
    }

    /// This name too, for the owner of `key` alone.
    pub(crate) fn grant(&self, name: &Arc<str>, key: Option<PublicKey>) {
        self.current.send_modify(|names| {
            names.insert(name.clone(), key);
        });
    }

    /// Nobody speaks in this name any more.
    pub(crate) fn revoke(&self, name: &str) {
        self.current.send_modify(|names| {
            names.remove(name);
        });
    }

    /// Waits until the owner of `key` may speak in all these names, or may not in one of them.
    pub(super) async fn wait_until(&self, key: Option<PublicKey>, names: &[String], may: bool) {
        let has = |known: &Names, name: &String| known.get(name.as_str()) == Some(&key);
        let mut current = self.current.subscribe();
        let settled = current.wait_for(|known| names.iter().all(|name| has(known, name)) == may);
        if settled.await.is_err() {
            // Not as long as this is there.
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_is_spoken_in_by_whom_it_was_given_to_and_as_long() {
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
