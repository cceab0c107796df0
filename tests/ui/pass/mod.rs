//! Programs that must compile and pass every lint: each file is a program, and runs.
#![expect(
    unreachable_pub,
    reason = "written as in a library, where they would be reachable"
)]

mod all_denied;
mod cfg;
mod codecs;
mod composition;
mod constants_in_lower_case;
mod every_kind;
mod from_macro_rules;
mod generics;
mod local_spec;
mod node_local_and_renamed;
mod node_shadowed_prelude;
mod node_strict_lints;
mod options_of_every_macro;
mod other_crate;
mod other_kinds;
mod own_message;
mod raw_names;
mod renamed_import;
mod same_name_twice;
mod shadowed_prelude;
mod spelled_out;
mod tube_extends;
mod tube_strict;
mod two_actors;
