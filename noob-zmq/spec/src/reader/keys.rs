//! The keys of a tube file: the loader accepts them, and the schema for editors is made of them.

use super::{AssetScope, InputScope, RestartWhen};

/// A key of a mapping.
#[derive(Debug)]
pub struct Key {
    /// Name of the key.
    pub name: &'static str,
    /// Purpose of the key, in a line.
    pub about: &'static str,
    /// Form of the value.
    pub form: Form,
    /// Whether the key must be there, in a tube that extends no other.
    pub required: bool,
}

/// Form of the value of a key.
#[derive(Debug)]
pub enum Form {
    /// Anything.
    Any,
    /// Null, or nothing.
    Null,
    /// A text.
    Text,
    /// A text that a regular expression matches.
    Pattern(&'static str),
    /// A text, a number or a truth value.
    Scalar,
    /// A name of one's own.
    Identifier,
    /// Names joined by dots.
    Path,
    /// Words joined by dots, of which there is one at least.
    Model,
    /// `node.signal`.
    Reference,
    /// A text of the form `input.name`.
    Input,
    /// The name of a node type.
    Type,
    /// True or false, by the rules of noob.
    Truth,
    /// A whole number, 0 or more.
    Count,
    /// A whole number from the first to the second.
    Between(i64, i64),
    /// A number of seconds.
    Seconds,
    /// A word of a list.
    Words(&'static [&'static str]),
    /// A list of such.
    List(&'static Self),
    /// A mapping with these keys and no others.
    Keys(&'static [Key]),
    /// A mapping of names of one's own to such.
    Entries(&'static Self),
    /// A mapping of any texts to such.
    Named(&'static Self),
    /// A mapping of one name to such.
    One(&'static Self),
    /// A choice between forms.
    Either(&'static [Self]),
}

const fn key(name: &'static str, form: Form, about: &'static str) -> Key {
    Key {
        name,
        about,
        form,
        required: false,
    }
}

const fn must(name: &'static str, form: Form, about: &'static str) -> Key {
    Key {
        name,
        about,
        form,
        required: true,
    }
}

/// Returns the names of keys.
pub fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

const DESCRIPTION: Form = Form::Either(&[Form::Text, Form::Null]);
const MAPPING: Form = Form::Entries(&Form::Any);

/// The tube itself.
pub const TUBE: &[Key] = &[
    must(
        "noob_id",
        Form::Text,
        "The name of the tube, by which other tubes find it.",
    ),
    key("noob_model", Form::Model, "Kept for noob's sake."),
    key("noob_version", Form::Text, "Kept for noob's sake."),
    key("description", DESCRIPTION, "What the tube is for."),
    key(
        "extends",
        Form::Either(&[Form::List(&Form::Text), Form::Null]),
        "Tubes that this one is built on, by id or path: it takes over their keys, \
         and replaces or adds others.",
    ),
    key(
        "input",
        Form::Entries(&Form::Keys(INPUT)),
        "What is given to the tube.",
    ),
    key(
        "assets",
        Form::Entries(&Form::Keys(ASSET)),
        "What nodes share.",
    ),
    key(
        "nodes",
        Form::Entries(&Form::Keys(NODE)),
        "The nodes, by names of your choice.",
    ),
];

/// An entry of `nodes`.
pub const NODE: &[Key] = &[
    key("id", Form::Identifier, "The key once more."),
    must(
        "type",
        Form::Type,
        "What the node is: `return`, `map`, `gather`, `tube`, or a node type of the program.",
    ),
    key(
        "depends",
        DEPENDS,
        "What feeds it: `node.signal`, or a list of `slot: node.signal`.",
    ),
    key(
        "params",
        Form::Either(&[MAPPING, Form::Null]),
        "What is given once, when the node is made; `input.name` stands for an input.",
    ),
    key(
        "enabled",
        Form::Either(&[Form::Truth, Form::Input]),
        "Whether it runs at all; `input.name` asks an input.",
    ),
    key(
        "stateful",
        Form::Either(&[Form::Truth, Form::Null]),
        "Whether its calls come in the order of the epochs.",
    ),
    key("description", DESCRIPTION, "What the node is for."),
    key("nodeinfo", Form::Any, "Ignored."),
    key(
        "restart",
        Form::Either(&[
            Form::Words(RestartWhen::WORDS),
            Form::Keys(RESTART),
            Form::Null,
        ]),
        "Whether its process is started again when it has ended.",
    ),
    key(
        "on_error",
        ON_ERROR,
        "What an error of the node means: the epoch fails, comes to nothing, or the call is made \
         again.",
    ),
    key(
        "timeout",
        Form::Either(&[Form::Seconds, Form::Null]),
        "How many seconds a call may take.",
    ),
];

const DEPENDS: Form = Form::Either(&[
    Form::Reference,
    Form::List(&Form::Either(&[
        Form::Reference,
        Form::One(&Form::Either(&[Form::Reference, Form::Keys(EDGE)])),
    ])),
    Form::Null,
]);

const ON_ERROR: Form = Form::Either(&[
    Form::Words(&["fail", "skip"]),
    Form::Keys(RETRY),
    Form::Null,
]);

const RETRY: &[Key] = &[must("retry", Form::Count, "How often it is tried again.")];

/// `restart` as a mapping.
pub const RESTART: &[Key] = &[
    key("when", Form::Words(RestartWhen::WORDS), "After which ends."),
    key(
        "limit",
        Form::Either(&[Form::Count, Form::Null]),
        "How often without progress.",
    ),
    key(
        "backoff",
        Form::Either(&[Form::Seconds, Form::Null]),
        "Seconds before the first time; doubled each time.",
    ),
];

/// The source of an edge, as a mapping.
pub const EDGE: &[Key] = &[
    must("from", Form::Reference, "What feeds the slot."),
    key(
        "policy",
        POLICY,
        "What happens to values that come faster than they are taken: none is lost, or the \
         oldest are dropped.",
    ),
];

const POLICY: Form = Form::Either(&[
    Form::Words(&["all", "latest"]),
    Form::Keys(DROP_OLDEST),
    Form::Null,
]);

const DROP_OLDEST: &[Key] = &[must(
    "drop_oldest",
    Form::Count,
    "How many values wait at most.",
)];

/// An entry of `input`.
pub const INPUT: &[Key] = &[
    key("id", Form::Identifier, "The key once more."),
    must(
        "type",
        Form::Text,
        "Its type: `int`, `float`, `str`, `bool`, `list[int]`, `any`, ...",
    ),
    key(
        "scope",
        Form::Words(InputScope::WORDS),
        "Given once (`tube`), or with each `process`.",
    ),
    key("default", Form::Any, "Its value if none is given."),
    key(
        "required",
        Form::Truth,
        "Whether it must be given if it has no default.",
    ),
    key("description", DESCRIPTION, "What it is for."),
];

/// An entry of `assets`.
pub const ASSET: &[Key] = &[
    key("id", Form::Identifier, "The key once more."),
    must("type", Form::Path, "What makes it."),
    must(
        "scope",
        Form::Words(AssetScope::WORDS),
        "How long it lives: as long as the runner, for one `process`, or for one call of a node.",
    ),
    key(
        "params",
        Form::Either(&[MAPPING, Form::List(&Form::Any), Form::Null]),
        "What it is made with; `input.name` stands for an input.",
    ),
    key(
        "depends",
        Form::Either(&[Form::Reference, Form::Null]),
        "The signal that takes its place for the next epoch.",
    ),
    key("description", DESCRIPTION, "What it is for."),
];
