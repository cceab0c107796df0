//! Texts put together in constants, for checks that fail the build with a message of their own.
//!
//! Constants can neither allocate nor format, so that the usual tools do not work there.

/// Text under construction in a constant; a piece that does not fit is left out.
pub(crate) struct ConstText {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl ConstText {
    const CAPACITY: usize = 2048;

    /// Starts with `text`.
    pub(crate) const fn new(text: &str) -> Self {
        let empty = Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        };
        empty.and(text)
    }

    /// Appends `text`.
    pub(crate) const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        // All or nothing: half a piece might end within a character.
        if text.len() <= Self::CAPACITY - self.len {
            let mut at = 0;
            while at < text.len() {
                self.bytes[self.len + at] = text[at];
                at += 1;
            }
            self.len += text.len();
        }
        self
    }

    /// Appends the parts as one name in backticks.
    pub(crate) const fn quoted(mut self, parts: &[&str]) -> Self {
        self = self.and("`");
        let mut at = 0;
        while at < parts.len() {
            self = self.and(parts[at]);
            at += 1;
        }
        self.and("`")
    }

    /// Appends what separates item `at` of a list of `len` from the one before.
    pub(crate) const fn between(self, at: usize, len: usize) -> Self {
        if at == 0 {
            self
        } else if at + 1 == len {
            self.and(" and ")
        } else {
            self.and(", ")
        }
    }

    /// Fails the build with this text.
    #[track_caller]
    pub(crate) const fn fail(&self) -> ! {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("a check failed, and its message cannot be shown"),
        }
    }
}

/// Compares strings in constants, where `==` does not work.
pub(crate) const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}
