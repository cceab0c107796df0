//! Large values in shared memory, on the side of the transport: a subscriber tells the publishers
//! of its host that it can read their memory, and replaces handles in messages by the values.
//!
//! The publisher decides what it sends by handle. Messages that arrive from other hosts are never
//! searched for handles. Driven by the task of each connection.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;
use std::{fs, io};

use bytes::Bytes;
use noob_zmq_frames::{AttachError, Attachment, Handle};

/// Prefix of the topic by which a subscriber tells that it can read the memory of its publishers.
///
/// The topic is `__memory__:KEY:NAME`, and stands before the topic that introduces the subscriber.
pub(crate) const MEMORY: &str = "__memory__:";

/// Returns the key of the processes that can attach to the memory of each other; `None` where the
/// system does not tell.
///
/// Such processes have the kernel, the numbers of processes and the user in common.
fn memory_key() -> Option<&'static str> {
    static KEY: OnceLock<Option<String>> = OnceLock::new();
    let find = || -> io::Result<String> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
        let namespace = fs::read_link("/proc/self/ns/pid")?;
        // A hash: peers on other hosts need not learn the parts.
        let mut hasher = DefaultHasher::new();
        (boot, namespace, rustix::process::getuid().as_raw()).hash(&mut hasher);
        Ok(format!("{:016x}", hasher.finish()))
    };
    KEY.get_or_init(|| find().ok()).as_deref()
}

/// Returns the topic by which the subscriber `name` tells that it can read the memory of its
/// publishers.
pub(crate) fn memory_topic(name: &str) -> Option<String> {
    memory_key().map(|key| format!("{MEMORY}{key}:{name}"))
}

/// Returns the name in a topic of [`memory_topic`], and whether this process is one of those whose
/// memory the subscriber can read.
pub(crate) fn sharing_subscriber(topic: &str) -> Option<(&str, bool)> {
    let (key, name) = topic.strip_prefix(MEMORY)?.split_once(':')?;
    Some((name, Some(key) == memory_key()))
}

/// Reason why the handles of a message have no values.
#[derive(Debug)]
pub(crate) enum Unresolved {
    /// The memory was used again: all epochs of the message are closed.
    Gone,
    /// The memory of the publisher cannot be opened.
    Unattached(AttachError),
}

/// Memory of the publisher at the other end of a connection.
#[derive(Debug, Default)]
pub(crate) struct HandleResolver {
    /// Pool of the last handle: a publisher has one.
    attachment: Option<Attachment>,
}

impl HandleResolver {
    /// Replaces the frames between topic and body that are handles by the values that they mean.
    pub(crate) fn resolve(&mut self, frames: &mut [Bytes]) -> Result<(), Unresolved> {
        let [_, buffers @ .., _] = frames else {
            return Ok(());
        };
        for frame in buffers {
            // The frames of values are far longer than a handle.
            if let Some(handle) = Handle::from_bytes(frame) {
                *frame = self.view(&handle)?;
            }
        }
        Ok(())
    }

    fn view(&mut self, handle: &Handle) -> Result<Bytes, Unresolved> {
        let known = self.attachment.take();
        let known = known.filter(|known| known.address() == handle.address());
        let attachment = match known {
            Some(known) => known,
            None => Attachment::open(&handle.address()).map_err(Unresolved::Unattached)?,
        };
        let view = attachment.view(handle).ok_or(Unresolved::Gone);
        self.attachment = Some(attachment);
        view
    }
}

#[cfg(test)]
mod tests {
    use noob_zmq_frames::Pool;

    use super::*;

    #[test]
    fn subscriber_shares_memory_with_processes_of_its_key() {
        let topic = memory_topic("b:c").unwrap();
        assert_eq!(sharing_subscriber(&topic), Some(("b:c", true)));
        assert_eq!(sharing_subscriber("__memory__:other:b"), Some(("b", false)));
        assert_eq!(sharing_subscriber("__memory__:b"), None);
        assert_eq!(sharing_subscriber("__subscriber__:b"), None);
    }

    #[test]
    fn handles_between_topic_and_body_are_resolved() {
        let pools = [0; 2].map(|_| Pool::new(1 << 20).unwrap());
        let blocks = [0, 1].map(|n| pools[n].copy(&[7 + n as u8; 100]).unwrap());
        let handles = [0, 1].map(|n| Bytes::copy_from_slice(&blocks[n].handle().to_bytes()));
        let other = Bytes::from_static(b"other");
        let mut resolver = HandleResolver::default();
        let [one, two] = handles;
        let mut frames = [&one, &one, &other, &two, &one, &one].map(Bytes::clone);
        resolver.resolve(&mut frames).unwrap();
        let value = |n: u8| Bytes::from(vec![7 + n; 100]);
        let expected = [
            one.clone(),
            value(0),
            other,
            value(1),
            value(0),
            one.clone(),
        ];
        assert_eq!(frames, expected);
        for frames in [
            &mut [][..],
            &mut [one.clone()],
            &mut [one.clone(), one.clone()],
        ] {
            resolver.resolve(frames).unwrap();
            assert!(frames.iter().all(|frame| *frame == one));
        }
    }

    #[test]
    fn handle_without_a_value_is_an_error() {
        let pool = Pool::new(1 << 20).unwrap();
        let mut resolver = HandleResolver::default();
        let mut resolve = |handle: [u8; Handle::SIZE]| {
            let handle = Bytes::copy_from_slice(&handle);
            resolver.resolve(&mut [Bytes::new(), handle, Bytes::new()])
        };
        let late = pool.copy(&[1; 100]).unwrap().handle().to_bytes();
        resolve(late).unwrap();
        let block = pool.copy(&[2; 100]).unwrap();
        assert!(matches!(resolve(late), Err(Unresolved::Gone)));
        // Another id is that of no pool.
        let mut forged = block.handle().to_bytes();
        forged[20] ^= 1;
        assert!(matches!(resolve(forged), Err(Unresolved::Unattached(_))));
        resolve(block.handle().to_bytes()).unwrap();
    }
}
