//! YAML to a small tree in which everything knows its place.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::mistakes::{At, Mistakes};

/// Deepest nesting of lists and mappings, as when a tube is loaded.
const MAX_DEPTH: usize = 64;
/// Most values that aliases may add, as when a tube is loaded.
const MAX_ALIASED: usize = 100_000;

/// A value of the text.
#[derive(Debug, Clone)]
pub(crate) struct Yaml {
    pub(crate) at: At,
    pub(crate) data: Data,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Data {
    /// What is written, and whether it stands without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Yaml>),
    Map(Vec<Pair>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) at: At,
    pub(crate) value: Yaml,
    /// Taken over by `<<`: a key of the mapping itself wins.
    merged: bool,
}

impl Yaml {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// `~`, `null`, or nothing at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.data {
            Data::Scalar { .. } if self.is_null() => "nothing".to_owned(),
            Data::Scalar { text, .. } => format!("`{text}`"),
            Data::List(_) => "a list".to_owned(),
            Data::Map(_) => "a mapping".to_owned(),
        }
    }

    fn count(&self) -> usize {
        match &self.data {
            Data::Scalar { .. } => 1,
            Data::List(items) => items.iter().map(Self::count).sum::<usize>() + 1,
            Data::Map(pairs) => pairs.iter().map(|pair| pair.value.count()).sum::<usize>() + 1,
        }
    }
}

/// The value of a key.
pub(crate) fn get<'y>(map: &'y [Pair], key: &str) -> Option<&'y Pair> {
    map.iter().find(|pair| pair.key == key)
}

/// Reads the one document of a text, that of the file of this number; nothing, if that cannot be done.
pub(crate) fn read(text: &str, file: usize, mistakes: &mut Mistakes) -> Option<Yaml> {
    let mut builder = Builder {
        file,
        mistakes,
        open: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        root: None,
        documents: 0,
    };
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        match event {
            Ok((event, span)) => builder.event(event, span)?,
            Err(error) => {
                let at = at(file, error.marker().line(), error.marker().col());
                builder
                    .mistakes
                    .push(at, format!("this is not YAML: {}", error.info()));
                return None;
            }
        }
    }
    let root = builder.root;
    if root.is_none() {
        mistakes.push(at(file, 1, 0), "the file is empty");
    }
    root
}

const fn at(file: usize, line: usize, column: usize) -> At {
    At {
        file,
        line: if line == 0 { 1 } else { line },
        column: column + 1,
    }
}

struct Builder<'m> {
    file: usize,
    mistakes: &'m mut Mistakes,
    open: Vec<Open>,
    anchors: HashMap<usize, Yaml>,
    aliased: usize,
    root: Option<Yaml>,
    documents: usize,
}

/// A list or mapping that is not complete yet.
struct Open {
    at: At,
    anchor: usize,
    data: Data,
    /// The key that waits for its value.
    key: Option<(String, At)>,
}

impl Builder<'_> {
    /// Takes one event; nothing, if it is of no use to go on.
    fn event(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let at = at(self.file, span.start.line(), span.start.col());
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.mistakes.push(at, "a second YAML document begins here");
                    return None;
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                let data = Data::Scalar {
                    text: text.into_owned(),
                    plain: style == ScalarStyle::Plain,
                };
                self.complete(Yaml { at, data }, anchor);
            }
            Event::SequenceStart(anchor, _) => self.begin(at, anchor, Data::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => self.begin(at, anchor, Data::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open {
                    at, anchor, data, ..
                }) = self.open.pop()
                {
                    self.complete(Yaml { at, data }, anchor);
                }
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(value) => {
                    self.aliased += value.count();
                    if self.aliased > MAX_ALIASED {
                        self.mistakes
                            .push(at, "aliases make the file grow too much");
                        return None;
                    }
                    self.complete(value, 0);
                }
                None => {
                    self.mistakes
                        .push(at, "this alias stands inside the value that it repeats");
                    return None;
                }
            },
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Some(())
    }

    fn begin(&mut self, at: At, anchor: usize, data: Data) -> Option<()> {
        if self.open.len() == MAX_DEPTH {
            let text = format!("lists and mappings are nested deeper than {MAX_DEPTH} levels");
            self.mistakes.push(at, text);
            return None;
        }
        self.open.push(Open {
            at,
            anchor,
            data,
            key: None,
        });
        Some(())
    }

    fn complete(&mut self, value: Yaml, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(value);
            return;
        };
        match &mut open.data {
            Data::List(items) => items.push(value),
            Data::Map(pairs) => match open.key.take() {
                Some((key, _)) if key == "<<" => merge(pairs, value),
                Some((key, at)) => {
                    if let Some(place) = pairs.iter().position(|pair| pair.key == key) {
                        if !pairs[place].merged {
                            let text = format!("the key `{key}` stands twice in the same mapping");
                            self.mistakes.push(at, text);
                        }
                        pairs.remove(place);
                    }
                    pairs.push(Pair {
                        key,
                        at,
                        value,
                        merged: false,
                    });
                }
                None => match value.data {
                    Data::Scalar { text, .. } => open.key = Some((text, value.at)),
                    _ => {
                        self.mistakes
                            .push(value.at, "a list or a mapping cannot be a key");
                        open.key = Some((String::new(), value.at));
                    }
                },
            },
            Data::Scalar { .. } => {}
        }
    }
}

/// `<<: *other`: what is not there already.
fn merge(pairs: &mut Vec<Pair>, value: Yaml) {
    match value.data {
        Data::Map(others) => {
            for other in others {
                if get(pairs, &other.key).is_none() {
                    pairs.push(Pair {
                        merged: true,
                        ..other
                    });
                }
            }
        }
        Data::List(items) => items.into_iter().for_each(|item| merge(pairs, item)),
        Data::Scalar { .. } => {}
    }
}
