//! Help for each kind of diagnostic, and the label under its place.

use super::DiagnosticKind;
use crate::names::{MAX_NAME, list};
use crate::suggest::nearest;

impl DiagnosticKind {
    /// Returns the label under the place in the text.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::DuplicateKey { .. } => "again here",
            Self::SlotTwice { .. } | Self::PositionalAndNamed { .. } => "fed again here",
            Self::TwoReturns { .. } => "a second one",
            Self::UnknownType { .. } | Self::UnknownAssetType { .. } | Self::UnknownTube { .. } => {
                "not known"
            }
            Self::UnusableType { .. } => "not usable",
            Self::LibraryMissing { .. } => "not in this program",
            Self::UnknownNode { .. } => "no such node",
            Self::UnknownInput { .. } | Self::UnknownAsset { .. } => "not declared",
            Self::UnknownSignal { .. } => "no such signal",
            Self::UnknownSlot { .. } => "no such slot",
            Self::UnknownParam { .. } => "no such parameter",
            Self::UnknownKey { .. } => "no such key",
            Self::UnfedSlot { .. } | Self::MissingParam { .. } | Self::MissingKey { .. } => {
                "in this one"
            }
            Self::TooManyPositional { .. } => "one too many",
            Self::Cycle { .. } => "closes the circle",
            Self::TwoMaps { .. } => "fed by both",
            Self::MissingInput { .. } => "declared here",
            Self::GivenUnknown { .. } => "this tube has no such input",
            Self::NotATube { .. } => "not a tube",
            Self::BadReference { .. } => "not `node.signal`",
            Self::WrongKind { found, .. } if found == "nothing" => "nothing stands here",
            Self::ParamValue { .. } | Self::BadEnabled { .. } | Self::WrongKind { .. } => {
                "this value"
            }
            Self::UnusedInput { .. } => "not used",
            Self::NeverRuns { .. } => "disabled",
            Self::Placement(mistake) => mistake.label(),
            _ => "here",
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Syntax { message } => return syntax(message),
            Self::Placement(mistake) => return mistake.help(),
            Self::Indentation { neighbours, .. } => {
                let spaces = neighbours.iter().map(ToString::to_string);
                let spaces = spaces.collect::<Vec<_>>().join(" or ");
                format!("indent it by {spaces} spaces, as the list or mapping that it belongs to")
            }
            Self::NulByte => {
                "save the file as UTF-8, or write it anew if it is damaged or no tube".into()
            }
            Self::DuplicateKey { key } if &**key == "<<" => {
                "write one list of all: `<<: [*one, *other]`".into()
            }
            Self::DuplicateKey { .. } | Self::SlotTwice { .. } | Self::GatherBoth { .. } => {
                "keep one of them".into()
            }
            Self::SeveralDocuments => {
                "a file holds one tube: remove `---` and what follows, or make it a file of its \
                 own"
                .into()
            }
            Self::TooManyAliased { .. } => "write the values out, or make them by a node".into(),
            Self::UnknownTag { .. } => {
                "remove it; `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` can be used".into()
            }
            Self::KeyNotScalar => {
                "a key is a word or a quoted text; `{..}` and `[..]` may need quotes".into()
            }
            Self::Empty | Self::NotATube { .. } => {
                "the smallest tube is `noob_id: my-tube`; its nodes stand below `nodes:`".into()
            }
            Self::WrongKind {
                what,
                expected,
                found,
            } => return wrong_kind(what, expected, found),
            Self::UnknownKey { key, known, .. } => {
                return or_all(nearest(key, known.iter().copied()), "there are", known);
            }
            Self::MissingKey { key, .. } => match *key {
                "noob_id" => "begin the file with `noob_id: a-name-for-it`".into(),
                "type" => "add `type: ..`".into(),
                "scope" => "add `scope: runner`, `scope: process` or `scope: node`".into(),
                "tube" => {
                    "add `params: {tube: ..}` with the `noob_id` of a tube, or with a whole tube"
                        .into()
                }
                key => format!("add `{key}: ..`"),
            },
            Self::BadTubeId { .. } => {
                "it needs at least one letter, digit, `_`, `-`, `/` or `#`".into()
            }
            Self::BadPath { key, .. } => {
                let example = match *key {
                    "noob_model" => "noob.tube.TubeSpecification",
                    _ => "my_crate.text.words",
                };
                format!(
                    "a `{key}` is words joined by dots, such as `{example}`; a word is \
                     letters, digits and `_`, and does not begin with a digit"
                )
            }
            Self::NotAnIdentifier {
                what: "a slot",
                name,
            } if name.parse::<u64>().is_ok() => {
                "a value by position has no name: `- node.signal`".into()
            }
            Self::NotAnIdentifier { name, .. } => return identifier(name),
            Self::NameTooLong { .. } => {
                format!("a name has at most {MAX_NAME} bytes: choose a shorter one")
            }
            Self::Reserved { .. } => {
                "`assets`, `input`, `meta` and `tube` have a meaning of their own: choose \
                 another"
                    .into()
            }
            Self::OtherId { .. } => "remove `id`: the key is the name".into(),
            Self::DependsForm { .. } => {
                "a value by name is an item of a list: `depends: [{slot: node.signal}]`".into()
            }
            Self::DependsItem { .. } => "put each on a line of its own, with `- ` in front".into(),
            Self::BadReference { .. } => {
                "name a node and one of its signals with one dot between them, or an input: \
                 `input.name`"
                    .into()
            }
            Self::BadEnabled { .. } => {
                "only an input of the tube can enable a node when the tube is made".into()
            }
            Self::BadScope { known, .. } => format!("there are {}", list(known)),
            Self::AssetDepends { .. } => {
                "only an asset of `scope: runner` lives long enough to be replaced by a node".into()
            }
            Self::TwoReturns { .. } => {
                "feed both sets of values into one return node, each under a name of its own".into()
            }
            Self::UnknownTube { near, looked, .. } => {
                let near = near.as_deref().map(did_you_mean);
                let help: Vec<String> = near.into_iter().chain(looked.clone()).collect();
                return (!help.is_empty()).then(|| help.join(" "));
            }
            Self::ReturnNotRepeated { .. } => {
                "write a return node again: `type: return`, with what it depends on".into()
            }
            Self::UnusableType { detail, .. } if detail.is_empty() => return None,
            Self::UnusableType { detail, .. } => {
                format!("the reason in full:\n{}", detail.trim_end())
            }
            Self::LibraryMissing { .. } => {
                "build the program with the feature `std-nodes` of noob-zmq".into()
            }
            Self::UnknownType { near, known, .. } if near.is_empty() && known.len() <= 12 => {
                format!(
                    "is its `#[node]` part of this program? There are {}",
                    list(known)
                )
            }
            Self::UnknownType { near, .. } if near.is_empty() => {
                "is its `#[node]` part of this program?".into()
            }
            Self::UnknownAssetType { near, .. } if near.is_empty() => {
                "is its `#[asset]` part of this program?".into()
            }
            Self::UnknownType { near, .. } | Self::UnknownAssetType { near, .. } => {
                did_you_mean(&near.join("` or `"))
            }
            Self::AssetParams { .. } => "`noob-zmq nodes` lists what an asset takes".into(),
            Self::AssetReadLate { storing, .. } => {
                format!(
                    "depend on a signal of `{storing}` instead, or have a later node replace it"
                )
            }
            Self::AssetNeverReplaced {
                near: Some(near), ..
            } => did_you_mean(near),
            Self::AssetNeverReplaced { .. } => {
                "remove `depends`, or name a node of this tube".into()
            }
            Self::UnlocatedType { name } => format!(
                "say where it is, `nodes = {{\"{name}\" => path::to::it}}` or `crates = [..]`, \
                 or leave it to the check when the tube is loaded, `at_load = [\"{name}\"]`"
            ),
            Self::UnknownNode { near, known, .. } => {
                return or_all(near.as_deref(), "the others are", known);
            }
            Self::UnknownInput {
                near: Some(near), ..
            }
            | Self::UnknownAsset {
                near: Some(near), ..
            }
            | Self::GivenUnknown {
                near: Some(near), ..
            } => did_you_mean(near),
            Self::UnknownInput {
                missing,
                in_params: true,
                ..
            } => {
                format!(
                    "declare it below `input:`; if it is a file, write `./input.{missing}`: \
                     `input.` at the start of a text means an input"
                )
            }
            Self::UnknownInput { missing, .. } => {
                format!("declare it: `input: {{{missing}: {{type: ..}}}}`")
            }
            Self::UnknownSignal { known, near, .. } => {
                return or_all(near.as_deref(), "it emits", known);
            }
            Self::DependsOnReturn { .. } => "depend on what it depends on".into(),
            Self::UnknownSlot { known, near, .. } => {
                return or_all(near.as_deref(), "it has", known)
                    .or_else(|| Some("it has none".into()));
            }
            Self::TooManyPositional { known, .. } if !known.is_empty() => {
                format!("its slots are {}", list(known))
            }
            Self::PositionalAndNamed {
                again: "set in `params`",
                ..
            } => "remove it from `params`, or write all of `depends` by name: `- slot: \
                 node.signal`"
                .into(),
            Self::PositionalAndNamed { .. } => {
                "write all of them by name: `- slot: node.signal`".into()
            }
            Self::UnfedSlot {
                slot, param: true, ..
            } => {
                format!(
                    "add `- {slot}: node.signal` to its `depends`, or set `{slot}` in its \
                     `params`"
                )
            }
            Self::UnfedSlot { slot, .. } => format!("add `- {slot}: node.signal` to its `depends`"),
            Self::MissingParam {
                param, param_type, ..
            } => format!("add `{param}: ..` ({param_type}) to its `params`"),
            Self::UnknownParam {
                param, slot: true, ..
            } => format!("`{param}` is a slot: feed it through `depends`"),
            Self::UnknownParam { known, near, .. } => {
                return or_all(near.as_deref(), "it has", known)
                    .or_else(|| Some("it has none".into()));
            }
            Self::ParamValue {
                param_type, reason, ..
            } if reason.contains(&**param_type) => return None,
            Self::ParamValue { param_type, .. } => format!("its type is `{param_type}`"),
            Self::SourceDepends { params, .. } if !params.is_empty() => {
                format!("its values come from `params`: {}", list(params))
            }
            Self::SourceDepends { .. } => "remove `depends`".into(),
            Self::Cycle { .. } => {
                "a value cannot depend on itself: cut one of these dependencies".into()
            }
            Self::TwoMaps { .. } => {
                "put what must be together into one list and map that, or leave the two \
                 unconnected"
                    .into()
            }
            Self::MissingInput { input, .. } => format!(
                "give it (`--input {input}=..`), or declare a `default` or `required: false`"
            ),
            Self::InputType { expected, .. } if expected.starts_with("a text") => {
                format!("give {expected}; in a tube, quotes make one of any scalar")
            }
            Self::InputType { expected, .. } => format!("give {expected}"),
            Self::MissingChildInput { input, .. } => {
                format!("set `{input}` in its `params`, or declare an input `{input}` in this tube")
            }
            Self::InputTooLate {
                used_in: "`params`",
                ..
            } => "declare it with `scope: tube` or with a `default`, or feed a slot with it \
                 through `depends`"
                .into(),
            Self::InputTooLate { .. } => "declare it with `scope: tube` or with a `default`".into(),
            Self::GivenTooEarly { .. } => {
                "give it with each `process`, or declare it with `scope: tube`".into()
            }
            Self::TypeMismatch(edge) if edge.reason.ends_with("has no items") => {
                "a `map` takes lists, mappings, texts and bytes apart: feed it one of these".into()
            }
            Self::TypeMismatch(edge) => {
                format!(
                    "feed it a signal of type `{}`, or put a node between the two that makes one \
                     of the other",
                    edge.takes
                )
            }
            Self::TypeNarrows(_) => {
                "a value that does not go ends its epoch with an error: check it in a node \
                 between the two, or have the slot take more"
                    .into()
            }
            Self::UnusedInput { input } => {
                format!("use it as `input.{input}` in `depends` or `params`, or remove it")
            }
            Self::EndlessSource { .. } => {
                "set its value in the `params` of the nodes that use it, feed it by `depends`, or \
                 run a number of epochs (`-n`)"
                    .into()
            }
            Self::NeverRuns { .. } => "enable it, or disable what depends on it too".into(),
            Self::RestartForgets { .. } => {
                "give its type `#[snapshot]` and `#[restore]` (a tube inside and an iterator \
                 have none), set `stateful: false` if nothing is lost with its process, or \
                 remove `restart`"
                    .into()
            }
            Self::GatherNever { .. } => {
                "set `n` in its `params`, or feed its slot `n` or `trigger`".into()
            }
            Self::FirstItemOnly { signal, .. } => format!("`[{signal}]` returns all items"),
            Self::LastListOnly { value, map, .. } => format!(
                "`n: {map}.n` in its `depends` makes one list of all items; a return of \
                 `[{value}]` returns all items without a gather"
            ),
            // The text says it all.
            _ => return None,
        };
        Some(help)
    }
}

fn did_you_mean(near: &str) -> String {
    format!("did you mean `{near}`?")
}

/// The nearest name if there is one, else all of them.
fn or_all(near: Option<&str>, there_are: &str, known: &[impl AsRef<str>]) -> Option<String> {
    match near {
        Some(near) => Some(did_you_mean(near)),
        None if known.is_empty() => None,
        None => Some(format!("{there_are} {}", list(known))),
    }
}

fn wrong_kind(what: &str, expected: &str, found: &str) -> Option<String> {
    if expected == "a text" && (found.starts_with("the number") || found.starts_with("the truth")) {
        let written = found.split('`').nth(1)?;
        return Some(format!("put it in quotes: `\"{written}\"`"));
    }
    match what {
        "`extends`" => Some("write a list, also for a single one: `extends: [name]`".into()),
        "`nodes`" | "`input`" | "`assets`" => {
            Some("its entries stand below it, indented and without `-`: `name: {type: ..}`".into())
        }
        _ if expected != "a mapping" || what.contains("`params`") => None,
        _ => Some("what it is stands below it, indented: `type: ..`".into()),
    }
}

fn identifier(name: &str) -> Option<String> {
    let mut fixed: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    if fixed.starts_with(|c: char| c.is_numeric()) {
        fixed.insert(0, '_');
    }
    if fixed == name {
        return Some(format!(
            "YAML takes `{name}` for a truth value, a number or nothing: choose another"
        ));
    }
    let rule = "a name is letters, digits and `_`, and does not begin with a digit";
    Some(if fixed.is_empty() || &*fixed == name {
        rule.to_owned()
    } else {
        format!("{rule}: `{fixed}` would do")
    })
}

fn syntax(message: &str) -> Option<String> {
    let help = if message.contains("mapping values are not allowed") {
        "look at the indentation of this line and the one above, and quote a text that contains \
         `: `"
    } else if message.contains("flow mapping") {
        "is a `,` or a closing `}` missing before this?"
    } else if message.contains("flow sequence") {
        "is a `,` or a closing `]` missing before this?"
    } else if message.contains("quoted scalar") {
        "is the closing quote missing?"
    } else if message.contains("unknown anchor") {
        "an alias `*name` needs an anchor `&name` before it; quote a text that begins with `*`"
    } else if message.contains("unexpected character") || message.contains("cannot start any token")
    {
        "quote a text that begins with a sign such as `@`, `%` or a backtick"
    } else if message.contains('\t') || message.contains("tabs ") {
        "indent with spaces"
    } else {
        return None;
    };
    Some(help.to_owned())
}
