//! YAML text to a small tree in which everything knows its place. Limits keep hostile texts from costing more than their size.

use indexmap::IndexMap;
use indexmap::map::Entry;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::mistake::Mistake;
use super::problem::Problems;
use super::scalar;
use super::text::Text;
use crate::graph::{Map, Name, Place, Value};

/// Longest text, in bytes.
pub(super) const MAX_TEXT: usize = 16 << 20;
/// Deepest nesting of lists and mappings.
pub(super) const MAX_DEPTH: usize = 64;
/// Most values that aliases may add.
pub(super) const MAX_ALIASED: usize = 100_000;

/// A value of the text.
#[derive(Debug, Clone)]
pub(super) struct Yaml {
    pub(super) place: Place,
    pub(super) data: Data,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Data {
    /// What it means, and what is written.
    Scalar(Value, Name),
    List(Vec<Yaml>),
    Map(Mapping),
}

/// A mapping, in the order of the text.
pub(super) type Mapping = IndexMap<Name, Pair>;

/// A key and its value.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// Where the key stands.
    pub(super) key: Place,
    /// What the key means: a text, unless somebody wrote `1: ..` or `true: ..`.
    pub(super) key_value: Value,
    pub(super) value: Yaml,
}

impl Yaml {
    /// The value, without places.
    pub(super) fn to_value(&self) -> Value {
        match &self.data {
            Data::Scalar(value, _) => value.clone(),
            Data::List(items) => {
                Value::List(items.iter().map(Self::to_value).collect::<Vec<_>>().into())
            }
            Data::Map(pairs) => {
                let pairs = pairs
                    .iter()
                    .map(|(key, pair)| (key.to_string(), pair.value.to_value()));
                Value::Map(pairs.collect::<Map>().into())
            }
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.data, Data::Scalar(Value::Null, _))
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&Name> {
        match &self.data {
            Data::Scalar(Value::Str(_), text) => Some(text),
            _ => None,
        }
    }

    /// What it is, for messages: "a list", "the number `3`".
    pub(super) fn describe(&self) -> String {
        match &self.data {
            Data::Scalar(Value::Null, _) => "nothing".into(),
            Data::Scalar(Value::Bool(_), text) => format!("the truth value `{text}`"),
            Data::Scalar(Value::Str(_), text) => format!("the text `{}`", shorten(text)),
            Data::Scalar(_, text) => format!("the number `{text}`"),
            Data::List(_) => "a list".into(),
            Data::Map(_) => "a mapping".into(),
        }
    }

    /// Number of values in it, and how deep they nest.
    fn measure(&self) -> (usize, usize) {
        let sum = |(count, depth): (usize, usize), child: &Self| {
            let (more, deep) = child.measure();
            (count + more, depth.max(deep + 1))
        };
        match &self.data {
            Data::Scalar(..) => (1, 0),
            Data::List(items) => items.iter().fold((1, 1), sum),
            Data::Map(pairs) => pairs.values().map(|pair| &pair.value).fold((1, 1), sum),
        }
    }
}

/// A text as it may stand in a message.
pub(super) fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 60 || line.len() < text.trim_end().len() {
        line.chars().take(57).chain("...".chars()).collect()
    } else {
        line.to_owned()
    }
}

/// Reads the one document of `text`. Mistakes go to `problems`; `None` if nothing of use was found.
pub(super) fn read(text: &Text, problems: &mut Problems) -> Option<Yaml> {
    if text.as_str().len() > MAX_TEXT {
        problems.push(text.place(0, 0), Mistake::TooLong { limit: MAX_TEXT });
        return None;
    }
    let mut builder = Builder {
        text,
        problems,
        frames: Vec::new(),
        anchors: IndexMap::new(),
        aliased: 0,
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str(text.without_mark()) {
        let more = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => builder.syntax(&error),
        };
        if !more {
            return None;
        }
    }
    let root = builder.root;
    if root.is_none() {
        problems.push(text.place(0, 0), Mistake::Empty);
    }
    root
}

struct Builder<'a> {
    text: &'a Text,
    problems: &'a mut Problems,
    frames: Vec<Frame>,
    anchors: IndexMap<usize, Yaml>,
    aliased: usize,
    root: Option<Yaml>,
    documents: usize,
}

/// A list or mapping that is not complete yet.
struct Frame {
    place: Place,
    anchor: usize,
    data: Open,
}

enum Open {
    List(Vec<Yaml>),
    Map(Mapping, Pending),
}

/// What a mapping waits for.
enum Pending {
    Key,
    Value(Name, Place, Value),
    /// The value of a key that cannot be used.
    Nobody,
}

impl Builder<'_> {
    /// Takes one event; false ends the reading.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        let place = self.text.span(span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.problems.push(place, Mistake::SeveralDocuments);
                    // What was read of the first one is still checked.
                    self.frames.clear();
                    return true;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), place);
                self.complete(
                    Yaml {
                        place,
                        data: Data::Scalar(value, text.as_ref().into()),
                    },
                    anchor,
                );
            }
            Event::SequenceStart(anchor, tag) => {
                return self.open(place, anchor, tag.as_deref(), "seq", Open::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                return self.open(
                    place,
                    anchor,
                    tag.as_deref(),
                    "map",
                    Open::Map(Mapping::new(), Pending::Key),
                );
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => return self.alias(anchor, place),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        true
    }

    fn syntax(&mut self, error: &ScanError) -> bool {
        let place = self.text.marker(*error.marker());
        self.problems.push(
            place,
            Mistake::Syntax {
                message: error.info().to_owned(),
            },
        );
        false
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Place) -> Value {
        match tag {
            None if style == ScalarStyle::Plain => scalar::plain(text),
            None => Value::Str(text.into()),
            Some(tag)
                if tag.is_yaml_core_schema()
                    && matches!(&*tag.suffix, "str" | "int" | "float" | "bool" | "null") =>
            {
                scalar::tagged(&tag.suffix, text).unwrap_or_else(|| {
                    self.problems.push(
                        place,
                        Mistake::NotOfTag {
                            tag: format!("!!{}", tag.suffix),
                            text: shorten(text),
                        },
                    );
                    Value::Null
                })
            }
            Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Value::Str(text.into()),
            Some(tag) => {
                self.unknown_tag(tag, place);
                Value::Str(text.into())
            }
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, place: Place) {
        let tag = if tag.is_yaml_core_schema() {
            format!("!!{}", tag.suffix)
        } else {
            format!("{}{}", tag.handle, tag.suffix)
        };
        self.problems.push(place, Mistake::UnknownTag { tag });
    }

    fn open(
        &mut self,
        place: Place,
        anchor: usize,
        tag: Option<&Tag>,
        own: &str,
        data: Open,
    ) -> bool {
        if let Some(tag) = tag
            && !(tag.is_yaml_core_schema() && tag.suffix == own)
        {
            self.unknown_tag(tag, place);
        }
        self.frames.push(Frame {
            place,
            anchor,
            data,
        });
        self.fits(self.frames.len(), place)
    }

    fn fits(&mut self, depth: usize, place: Place) -> bool {
        let fits = depth <= MAX_DEPTH;
        if !fits {
            self.problems
                .push(place, Mistake::TooDeep { limit: MAX_DEPTH });
        }
        fits
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let data = match frame.data {
            Open::List(items) => Data::List(items),
            Open::Map(pairs, _) => Data::Map(self.merge(pairs)),
        };
        self.complete(
            Yaml {
                place: frame.place,
                data,
            },
            frame.anchor,
        );
    }

    fn alias(&mut self, anchor: usize, place: Place) -> bool {
        let Some(yaml) = self.anchors.get(&anchor).cloned() else {
            self.problems.push(place, Mistake::AliasOfItself);
            self.complete(
                Yaml {
                    place,
                    data: Data::Scalar(Value::Null, "".into()),
                },
                0,
            );
            return true;
        };
        let (count, depth) = yaml.measure();
        self.aliased += count;
        if self.aliased > MAX_ALIASED {
            self.problems
                .push(place, Mistake::TooManyAliased { limit: MAX_ALIASED });
            return false;
        }
        let fits = self.fits(self.frames.len() + depth, place);
        if fits {
            self.complete(yaml, 0);
        }
        fits
    }

    /// Puts a complete value where it belongs.
    fn complete(&mut self, yaml: Yaml, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, yaml.clone());
        }
        match self.frames.last_mut().map(|frame| &mut frame.data) {
            None => self.root = self.root.take().or(Some(yaml)),
            Some(Open::List(items)) => items.push(yaml),
            Some(Open::Map(pairs, pending)) => match std::mem::replace(pending, Pending::Key) {
                Pending::Nobody => {}
                Pending::Key => {
                    *pending = match yaml.data {
                        Data::Scalar(value, text) => Pending::Value(text, yaml.place, value),
                        _ => {
                            self.problems.push(yaml.place, Mistake::KeyNotScalar);
                            Pending::Nobody
                        }
                    };
                }
                Pending::Value(text, key, key_value) => match pairs.entry(text) {
                    Entry::Vacant(entry) => {
                        entry.insert(Pair {
                            key,
                            key_value,
                            value: yaml,
                        });
                    }
                    Entry::Occupied(first) => {
                        let mistake = Mistake::DuplicateKey {
                            key: first.key().clone(),
                        };
                        self.problems
                            .push_with(key, mistake, first.get().key, "first here");
                    }
                },
            },
        }
    }

    /// Merge keys (`<<: *other`), as YAML 1.1 had them and people go on writing them: what stands beside them wins.
    fn merge(&mut self, mut pairs: Mapping) -> Mapping {
        if pairs.get("<<").is_none_or(|pair| pair.key.len != 2) {
            return pairs;
        }
        let Some(merged) = pairs.shift_remove("<<") else {
            return pairs;
        };
        let place = merged.value.place;
        let sources = match merged.value.data {
            Data::List(items) => items,
            _ => vec![merged.value],
        };
        for source in sources {
            let Data::Map(source) = source.data else {
                self.problems.push(place, Mistake::MergeOfNoMapping);
                continue;
            };
            for (key, pair) in source {
                pairs.entry(key).or_insert(pair);
            }
        }
        pairs
    }
}
