//! Interner of names that many events share.

use std::cell::RefCell;

use crate::graph::Name;

const SLOTS: usize = 32;
/// Maximum length of a name that is kept, so that peers cannot fill memory with names.
const MAX_LEN: usize = 128;

thread_local! {
    static OF_THREAD: RefCell<NameCache> = RefCell::default();
}

/// Calls a function with the names of this thread, which live as long as the thread.
pub(super) fn with_names_of_thread<T>(call: impl FnOnce(&mut NameCache) -> T) -> T {
    OF_THREAD.with(|names| match names.try_borrow_mut() {
        Ok(mut names) => call(&mut names),
        // Only a call within a call could find it borrowed.
        Err(_) => call(&mut NameCache::new()),
    })
}

/// Interner that returns the same [`Name`] for the same text, so that the events of a node cost no
/// allocation for their names.
///
/// The interner holds at most 32 names, and drops one when another needs its slot.
#[derive(Debug, Clone, Default)]
pub struct NameCache {
    names: [Option<Name>; SLOTS],
}

impl NameCache {
    /// Returns an empty interner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the name of this text.
    pub fn name(&mut self, text: &str) -> Name {
        if text.len() > MAX_LEN {
            return text.into();
        }
        // FNV-1a.
        let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        let slot = &mut self.names[hash as usize % SLOTS];
        match slot {
            Some(name) if **name == *text => name.clone(),
            _ => slot.insert(text.into()).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn equal_texts_share_a_name() {
        let mut cache = NameCache::new();
        assert!(Arc::ptr_eq(&cache.name("a"), &cache.name("a")));
        for number in 0..1000 {
            assert_eq!(*cache.name(&number.to_string()), *number.to_string());
        }
    }
}
