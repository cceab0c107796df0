//! In whose name the owner of a key may speak.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::transport::keys::PublicKey;

type Names = BTreeMap<Arc<str>, Option<PublicKey>>;

/// In whose name the owner of a key may speak (without a key: everybody on this machine). Cheap to clone; all clones change together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Voices {
    current: Arc<watch::Sender<Names>>,
}

impl Voices {
    /// These names and no others, each with whoever may speak in it.
    pub(crate) fn set(&self, names: impl IntoIterator<Item = (Arc<str>, Option<PublicKey>)>) {
        let names = names.into_iter().collect();
        self.current.send_if_modified(|current| {
            let changed = *current != names;
            *current = names;
            changed
        });
    }

    /// This name too, for the owner of `key` alone.
    pub(crate) fn give(&self, name: &Arc<str>, key: Option<PublicKey>) {
        self.current.send_modify(|names| {
            names.insert(name.clone(), key);
        });
    }

    /// Nobody speaks in this name any more.
    pub(crate) fn take(&self, name: &str) {
        self.current.send_modify(|names| {
            names.remove(name);
        });
    }

    /// Waits until the owner of `key` may speak in all these names, or may not in one of them.
    pub(super) async fn wait(&self, key: Option<PublicKey>, names: &[String], may: bool) {
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
        let (voices, names) = (Voices::default(), ["a".to_owned()]);
        voices.give(&"a".into(), one);
        voices.wait(one, &names, true).await;
        voices.wait(two, &names, false).await;
        voices.wait(None, &names, false).await;
        voices.take("a");
        voices.wait(one, &names, false).await;
        voices.set([("a".into(), two), ("b".into(), two)]);
        voices.wait(two, &["a".into(), "b".into()], true).await;
        voices.wait(two, &["a".into(), "c".into()], false).await;
    }
}
