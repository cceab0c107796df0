//! The keys of a placement file: the reader accepts them, and the schema for editors is made of
//! them.

use crate::reader::keys::{Form, Key};

/// Pattern of a list of processors.
const CPU_LIST: &str = "^ *[0-9]+ *(- *[0-9]+ *)?(, *[0-9]+ *(- *[0-9]+ *)?)*$";
/// Pattern of a size in bytes with a unit.
const SIZE: &str = "^ *[0-9]+ *(KiB|MiB|GiB|TiB)? *$";
/// Pattern of a public key.
const PUBLIC_KEY: &str = "^[A-Za-z0-9_-]{43}$";

const fn key(name: &'static str, form: Form, about: &'static str) -> Key {
    Key {
        name,
        about,
        form,
        required: false,
    }
}

/// The placement itself.
pub const PLACEMENT: &[Key] = &[
    key(
        "runner",
        Form::Text,
        "The host of this file on which the runner runs; nodes without a place run there.",
    ),
    key(
        "hosts",
        Form::Named(&Form::Either(&[Form::Keys(HOST), Form::Null])),
        "The hosts, by names of your choice.",
    ),
    key(
        "nodes",
        Form::Entries(&Form::Keys(NODE)),
        "Where nodes run, and how: by their names in the tube.",
    ),
    key(
        "groups",
        Form::Named(&Form::Keys(GROUP)),
        "Nodes that share one process, by names of your choice.",
    ),
];

/// An entry of `hosts`.
pub const HOST: &[Key] = &[
    key(
        "labels",
        Form::List(&Form::Text),
        "Words by which nodes are placed on it.",
    ),
    key(
        "ssh",
        Form::Text,
        "The runner starts the agent of the host by ssh: its target, such as `user@lab-1`.",
    ),
    key(
        "key",
        Form::Pattern(PUBLIC_KEY),
        "The public key that the agent and the nodes of the host must have.",
    ),
    PROGRAM,
    ENVIRONMENT,
    CPUS,
    NICE,
    MEMORY,
];

/// An entry of `nodes`.
pub const NODE: &[Key] = &[ON_HOST, ON_LABEL, PROGRAM, ENVIRONMENT, CPUS, NICE, MEMORY];

/// An entry of `groups`.
pub const GROUP: &[Key] = &[
    Key {
        required: true,
        ..key(
            "nodes",
            Form::List(&Form::Identifier),
            "The nodes that share one process.",
        )
    },
    ON_HOST,
    ON_LABEL,
    PROGRAM,
    ENVIRONMENT,
    CPUS,
    NICE,
    MEMORY,
];

const ON_HOST: Key = key("host", Form::Text, "The host that it runs on.");

const ON_LABEL: Key = key(
    "label",
    Form::Text,
    "It runs on a host with this label; nodes are dealt out to several in turn.",
);

const PROGRAM: Key = key(
    "program",
    Form::Either(&[Form::Text, Form::List(&Form::Text)]),
    "The program of its process, and arguments of it, in place of the program of the runner.",
);

const ENVIRONMENT: Key = key(
    "environment",
    Form::Named(&Form::Scalar),
    "Environment variables of its process, beside those of the runner.",
);

const CPUS: Key = key(
    "cpus",
    Form::Either(&[
        Form::Count,
        Form::Pattern(CPU_LIST),
        Form::List(&Form::Count),
    ]),
    "The processors that its process may use, from 0: `2`, `0-3,6` or `[0, 2]`.",
);

const NICE: Key = key(
    "nice",
    Form::Between(-20, 19),
    "The niceness of its process: others go first where the number is high.",
);

const MEMORY: Key = key(
    "memory",
    Form::Either(&[Form::Count, Form::Pattern(SIZE)]),
    "The limit on the memory that its process has for itself: bytes, or `512 MiB`.",
);
