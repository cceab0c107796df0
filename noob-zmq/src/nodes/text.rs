//! Nodes that work on texts and words.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::graph::Emit;
use crate::node;

/// A text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a text, or a list of texts, was expected")]
pub enum Text {
    /// A single text.
    One(String),
    /// Several: lines, words.
    Many(Vec<String>),
}

impl Text {
    /// The texts.
    #[must_use]
    pub fn pieces(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }

    /// The texts, taken out.
    #[must_use]
    pub fn into_pieces(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }

    fn map(self, change: impl Fn(&str) -> String) -> Self {
        match self {
            Self::One(text) => Self::One(change(&text)),
            Self::Many(texts) => Self::Many(texts.iter().map(|text| change(text)).collect()),
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

/// Splits a text, or each of a list of texts, into words, in one list and in their order.
///
/// A word is a longest run of ASCII letters and digits. Everything else separates words: blanks,
/// punctuation, `_`, letters of other scripts (`naïve` is `na` and `ve`), and bytes that are not
/// text. On the bytes of a file the result is that of `tr -cs 'A-Za-z0-9' '\n'`, in any encoding
/// that contains ASCII.
#[node(name = "noob_zmq.text.words")]
pub fn words(text: Text) -> Vec<String> {
    let pieces = text.pieces().iter();
    pieces
        .flat_map(|piece| piece.split(|letter: char| !letter.is_ascii_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Converts the ASCII letters of words to lower case, as `tr 'A-Z' 'a-z'` does; empty words are
/// dropped.
#[node(name = "noob_zmq.text.normalise")]
pub fn normalise(words: Text) -> Vec<String> {
    let mut words = words.into_pieces();
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        word.make_ascii_lowercase();
    }
    words
}

/// The epochs in which a collecting node emits its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum When {
    /// In each epoch: what it has so far.
    #[default]
    Each,
    /// In the epoch in which `last` is true, and nothing before.
    Last,
}

/// Counter of the occurrences of each word so far.
#[derive(Debug, Default)]
pub struct Count {
    say: When,
    counts: BTreeMap<String, u64>,
}

/// Counts the occurrences of each word so far.
///
/// - Slots: `words`; `last`, which is true in the last epoch (a signal of `noob_zmq.files.lines`).
/// - `say`: `each` to emit the counts in each epoch (the default), `last` to emit them only in the
///   last.
#[node(name = "noob_zmq.text.count")]
impl Count {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(#[param(default)] say: When) -> Self {
        Self {
            say,
            counts: BTreeMap::new(),
        }
    }

    /// Counts these words, too.
    #[process]
    pub fn count(
        &mut self,
        words: Text,
        #[slot(default)] last: bool,
    ) -> Emit<BTreeMap<String, u64>> {
        for word in words.into_pieces() {
            *self.counts.entry(word).or_insert(0) += 1;
        }
        match self.say {
            When::Each => Emit::Value(self.counts.clone()),
            When::Last if last => Emit::Value(std::mem::take(&mut self.counts)),
            When::Last => Emit::Nothing,
        }
    }
}

/// Selects the `n` most frequent words (default 10), most frequent first, and alphabetically where
/// they are equally frequent.
#[node(name = "noob_zmq.text.top")]
pub fn top(counts: BTreeMap<String, u64>, #[slot(default = 10)] n: usize) -> IndexMap<String, u64> {
    let mut ranked: Vec<_> = counts.into_iter().collect();
    // Stable, and the map was in the order of its words.
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ranked.truncate(n);
    ranked.into_iter().collect()
}

/// A text, or each of a list of texts, in lower case.
#[node(name = "noob_zmq.text.lower")]
pub fn lower(text: Text) -> Text {
    text.map(str::to_lowercase)
}

/// A text, or each of a list of texts, in upper case.
#[node(name = "noob_zmq.text.upper")]
pub fn upper(text: Text) -> Text {
    text.map(str::to_uppercase)
}

/// Splits a text at all occurrences of `by`; without `by`, at blanks of any number and kind.
#[node(name = "noob_zmq.text.split")]
pub fn split(text: String, by: Option<String>) -> Vec<String> {
    match by {
        Some(by) => text.split(&by).map(str::to_owned).collect(),
        None => text.split_whitespace().map(str::to_owned).collect(),
    }
}

/// A list of texts as one, with `between` (a blank, if it is not given) between them.
#[node(name = "noob_zmq.text.join")]
pub fn join(parts: Vec<String>, #[slot(default = " ")] between: String) -> String {
    parts.join(&between)
}

// For `tube!`, which looks for nodes under the names that tubes call them by.
#[doc(hidden)]
pub use __noob_node_Count as __noob_node_count;

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;
    use crate::graph::{NodeTypes as _, Value};
    use crate::node::Registry;
    use crate::nodes::files;

    fn many(texts: &[&str]) -> Text {
        Text::Many(texts.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn words_are_runs_of_ascii_letters_and_digits() {
        assert_eq!(
            words("It's 5 o'clock, na\u{ef}ve_one!".into()),
            ["It", "s", "5", "o", "clock", "na", "ve", "one"]
        );
        assert_eq!(words(many(&["a b", "", "c"])), ["a", "b", "c"]);
        assert!(words("".into()).is_empty());
    }

    #[test]
    fn normalised_words_are_lower_case_and_not_empty() {
        assert_eq!(normalise(many(&["The", "", "END9"])), ["the", "end9"]);
    }

    #[test]
    fn counts_accumulate_over_epochs() {
        let one = |word: &str, count| (word.to_owned(), count);
        let mut each = Count::new(When::Each);
        assert_eq!(
            each.count(many(&["a", "b", "a"]), false),
            Emit::Value([one("a", 2), one("b", 1)].into())
        );
        assert_eq!(
            each.count("a".into(), false),
            Emit::Value([one("a", 3), one("b", 1)].into())
        );
        let mut last = Count::new(When::Last);
        assert_eq!(last.count("a".into(), false), Emit::Nothing);
        assert_eq!(
            last.count("a".into(), true),
            Emit::Value([one("a", 2)].into())
        );
    }

    #[test]
    fn top_sorts_by_count_then_alphabetically() {
        let counts: BTreeMap<_, _> = [("c", 2), ("a", 1), ("b", 2), ("d", 9)]
            .map(|(word, n)| (word.to_owned(), n))
            .into();
        let names = |n| top(counts.clone(), n).into_keys().collect::<Vec<_>>();
        assert_eq!(names(3), ["d", "b", "c"]);
        assert_eq!(names(9), ["d", "b", "c", "a"]);
        assert!(names(0).is_empty());
    }

    #[test]
    fn case_split_and_join_convert_texts() {
        assert_eq!(lower(many(&["ÄB", "c"])), many(&["äb", "c"]));
        assert_eq!(upper("straße".into()), "STRASSE".into());
        assert_eq!(split("a, b".into(), Some(", ".into())), ["a", "b"]);
        assert_eq!(split(" a\t b ".into(), None), ["a", "b"]);
        assert_eq!(join(vec!["a".into(), "b".into()], "-".into()), "a-b");
    }

    #[test]
    fn invalid_say_lists_legal_values() {
        let signature = Registry::get()
            .unwrap()
            .signature("noob_zmq.text.count")
            .unwrap();
        let say = &signature.params[0];
        assert_eq!((&*say.name, say.required), ("say", false));
        assert_eq!((say.check)(&Value::from("last")), Ok(()));
        assert_eq!(
            (say.check)(&Value::from("never")),
            Err(
                "takes `When`, not `\"never\"`: unknown variant `never`; known are `each`, `last`"
                    .into()
            )
        );
    }

    /// Returns the result of the nodes of `examples/words.yaml` for a file, with blocks of `block`
    /// bytes.
    fn counted(bytes: &[u8], block: usize) -> BTreeMap<String, u64> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut count = Count::new(When::Last);
        let mut said = Vec::new();
        for block in files::lines(file.path().into(), None, block).unwrap() {
            let files::Block { lines, last } = block.unwrap();
            let normal = normalise(Text::Many(words(Text::Many(lines))));
            if let Emit::Value(counts) = count.count(Text::Many(normal), last) {
                said.push(counts);
            }
        }
        assert_eq!(said.len(), 1, "the counts are said once");
        said.remove(0)
    }

    /// Returns the result of the shell.
    fn counted_by_the_shell(bytes: &[u8]) -> BTreeMap<String, u64> {
        let pipeline = "tr -cs 'A-Za-z0-9' '\\n' | tr 'A-Z' 'a-z' | grep . | sort | uniq -c";
        let mut shell = Command::new("sh")
            .args(["-c", pipeline])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = shell.wait_with_output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        let pair = |line: &str| {
            let (count, word) = line.trim().split_once(' ').unwrap();
            (word.to_owned(), count.parse().unwrap())
        };
        lines.lines().map(pair).collect()
    }

    #[test]
    fn counts_equal_those_of_tr_sort_and_uniq() {
        let texts: [&[u8]; 7] = [
            include_bytes!("text.rs"),
            b"",
            b"\n\n  \r\n",
            b"no end of line",
            b"one\r\nTwo\rtwo\0two\x0b TWO\n",
            "Stra\u{df}e \u{130}stanbul K\u{212a} x\u{301} \u{ff21}\u{ff22} \u{663}3".as_bytes(),
            b"a\xffb \xc3\xa9t\xc3 A\xf0\x9f\x98 \xed\xa0\x80z",
        ];
        for text in texts {
            assert_eq!(
                counted(text, 64),
                counted_by_the_shell(text),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        let one_line = b"Word ".repeat(200_000);
        assert_eq!(
            counted(&one_line, 65536),
            BTreeMap::from([("word".to_owned(), 200_000)])
        );
    }

    proptest! {
        /// The reference works on bytes and has no notion of lines or UTF-8.
        #[test]
        fn counts_equal_those_of_the_bytes(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            block in 0_usize..50,
        ) {
            let mut expected = BTreeMap::new();
            let words = bytes.split(|byte| !byte.is_ascii_alphanumeric());
            for word in words.filter(|word| !word.is_empty()) {
                let word = String::from_utf8(word.to_ascii_lowercase()).unwrap();
                *expected.entry(word).or_insert(0_u64) += 1;
            }
            prop_assert_eq!(counted(&bytes, block), expected);
        }
    }
}
