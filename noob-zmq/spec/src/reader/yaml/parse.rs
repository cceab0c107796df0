//! YAML text to a tree.
//!
//! Limits keep hostile texts from costing more than their size.

use indexmap::IndexMap;
use indexmap::map::Entry;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{Data, Mapping, Pair, Scalar, Yaml, indentation, scalar, shorten};
use crate::reader::source::Text;
use crate::reader::{DiagnosticKind, Diagnostics, Name, Place, Source};

/// Limit of the text, in bytes.
const MAX_TEXT: usize = 16 << 20;
/// Limit of the nesting of lists and mappings.
const MAX_DEPTH: usize = 64;
/// Limit of the values that aliases may add.
const MAX_ALIASED: usize = 100_000;

/// Reads the one document of a text; `None` if nothing of use was found.
///
/// `file` is the number of the text in places. Mistakes go to `diagnostics`.
pub fn read(source: &Source, file: usize, diagnostics: &mut Diagnostics) -> Option<Yaml> {
    let text = &Text::new(source.clone(), file);
    if text.as_str().len() > MAX_TEXT {
        diagnostics.push(
            text.place(0, 0),
            DiagnosticKind::TooLong { limit: MAX_TEXT },
        );
        return None;
    }
    if let Some(at) = text.as_str().find('\0') {
        diagnostics.push(text.place(at, 1), DiagnosticKind::NulByte);
        return None;
    }
    let mut builder = Builder {
        text,
        diagnostics,
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
        diagnostics.push(text.place(0, 0), DiagnosticKind::Empty);
    }
    root
}

struct Builder<'a> {
    text: &'a Text,
    diagnostics: &'a mut Diagnostics,
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

/// Next part of a mapping.
enum Pending {
    Key,
    Value(Name, Place, Scalar),
    /// A value whose key cannot be used.
    Discard,
}

impl Builder<'_> {
    /// Takes one event; false ends the reading.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        let place = self.text.span(span);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.diagnostics
                        .push(place, DiagnosticKind::SeveralDocuments);
                    // What was read of the first one is still checked.
                    self.frames.clear();
                    return true;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), place);
                self.complete(
                    Yaml::new(place, Data::Scalar(value, text.as_ref().into())),
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
        if let Some((place, kind)) = indentation::mistake(self.text, error) {
            self.diagnostics.push(place, kind);
            return false;
        }
        let place = self.text.marker(*error.marker());
        let kind = DiagnosticKind::Syntax {
            message: error.info().to_owned(),
        };
        self.diagnostics.push(place, kind);
        false
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        place: Place,
    ) -> Scalar {
        match tag {
            None if style == ScalarStyle::Plain => scalar::plain(text),
            None => Scalar::Str(text.into()),
            Some(tag)
                if tag.is_yaml_core_schema()
                    && matches!(&*tag.suffix, "str" | "int" | "float" | "bool" | "null") =>
            {
                scalar::tagged(&tag.suffix, text).unwrap_or_else(|| {
                    let kind = DiagnosticKind::NotOfTag {
                        tag: format!("!!{}", tag.suffix),
                        text: shorten(text),
                    };
                    self.diagnostics.push(place, kind);
                    Scalar::Null
                })
            }
            Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Scalar::Str(text.into()),
            Some(tag) => {
                self.unknown_tag(tag, place);
                Scalar::Str(text.into())
            }
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, place: Place) {
        let tag = if tag.is_yaml_core_schema() {
            format!("!!{}", tag.suffix)
        } else {
            format!("{}{}", tag.handle, tag.suffix)
        };
        self.diagnostics
            .push(place, DiagnosticKind::UnknownTag { tag });
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
            self.diagnostics
                .push(place, DiagnosticKind::TooDeep { limit: MAX_DEPTH });
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
        self.complete(Yaml::new(frame.place, data), frame.anchor);
    }

    fn alias(&mut self, anchor: usize, place: Place) -> bool {
        let Some(yaml) = self.anchors.get(&anchor).cloned() else {
            self.diagnostics.push(place, DiagnosticKind::AliasOfItself);
            self.complete(Yaml::new(place, Data::Scalar(Scalar::Null, "".into())), 0);
            return true;
        };
        let (count, depth) = yaml.measure();
        self.aliased += count;
        if self.aliased > MAX_ALIASED {
            self.diagnostics
                .push(place, DiagnosticKind::TooManyAliased { limit: MAX_ALIASED });
            return false;
        }
        let fits = self.fits(self.frames.len() + depth, place);
        if fits {
            self.complete(yaml, 0);
        }
        fits
    }

    /// Adds a complete value to the innermost open list or mapping.
    fn complete(&mut self, yaml: Yaml, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, yaml.clone());
        }
        match self.frames.last_mut().map(|frame| &mut frame.data) {
            None => self.root = self.root.take().or(Some(yaml)),
            Some(Open::List(items)) => items.push(yaml),
            Some(Open::Map(pairs, pending)) => match std::mem::replace(pending, Pending::Key) {
                Pending::Discard => {}
                Pending::Key => {
                    *pending = match yaml.data {
                        Data::Scalar(value, text) => Pending::Value(text, yaml.place, value),
                        _ => {
                            self.diagnostics
                                .push(yaml.place, DiagnosticKind::KeyNotScalar);
                            Pending::Discard
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
                        let kind = DiagnosticKind::DuplicateKey {
                            key: first.key().clone(),
                        };
                        self.diagnostics
                            .push_with(key, kind, first.get().key, "first here");
                    }
                },
            },
        }
    }

    /// Merges the mappings behind `<<` into the one that holds it.
    ///
    /// Keys of the mapping itself win. Merge keys are part of YAML 1.1 only, but still in use.
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
                self.diagnostics
                    .push(place, DiagnosticKind::MergeOfNoMapping);
                continue;
            };
            for (key, pair) in source {
                pairs.entry(key).or_insert(pair);
            }
        }
        pairs
    }
}
