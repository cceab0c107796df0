//! What a node type looks like, to be compared between two programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::node::{Argument, Registry};

/// Slots, params and signals of a node type, with their types as written; and the name of the type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeFingerprint {
    type_name: String,
    parts: BTreeMap<String, String>,
}

impl NodeFingerprint {
    /// Of the type `type_name` in this program. One that it does not have, as those of the special nodes, has nothing to compare.
    pub(crate) fn of(registry: &Registry, type_name: &str) -> Self {
        let mut parts = BTreeMap::new();
        if let Ok(found) = registry.lookup(type_name) {
            let mut put = |what: &str, arguments: &mut dyn Iterator<Item = &Argument>| {
                for argument in arguments {
                    let default = match argument.default {
                        Some(default) => format!(" = {default}"),
                        None => String::new(),
                    };
                    let name = argument.name;
                    let text = format!("`{}{default}`", argument.type_name);
                    // An argument of a function is a slot, and a param too: it is told of once.
                    if parts.get(&format!("the slot `{name}`")) != Some(&text) {
                        parts.insert(format!("{what} `{name}`"), text);
                    }
                }
            };
            put("the slot", &mut found.slots.iter().chain(found.more_slots));
            put(
                "the param",
                &mut found.params.iter().chain(found.more_params),
            );
            for signal in found.signals {
                parts.insert(
                    format!("the signal `{}`", signal.name),
                    format!("`{}`", signal.type_name),
                );
            }
        }
        Self {
            type_name: type_name.to_owned(),
            parts,
        }
    }

    /// In what this program, a host's, differs from the runner's; `None` if in nothing. Both sides read the same words.
    pub(crate) fn difference(&self, runners: &Self) -> Option<String> {
        let mut differences = Vec::new();
        for (part, theirs) in &runners.parts {
            match self.parts.get(part) {
                Some(ours) if ours == theirs => {}
                Some(ours) => differences.push(format!(
                    "{part} is {theirs} in the runner's and {ours} in the host's"
                )),
                None => differences.push(format!("{part} is only in the runner's ({theirs})")),
            }
        }
        for (part, ours) in &self.parts {
            if !runners.parts.contains_key(part) {
                differences.push(format!("{part} is only in the host's ({ours})"));
            }
        }
        (!differences.is_empty()).then(|| {
            format!(
                "the type `{}` is not the same in the program of the runner and in that of the host: {}; run the same program on both",
                runners.type_name,
                differences.join("; ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(parts: &[(&str, &str)]) -> NodeFingerprint {
        NodeFingerprint {
            type_name: "lab.double".into(),
            parts: parts
                .iter()
                .map(|(part, text)| ((*part).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn every_difference_is_named() {
        let runners = signature(&[
            ("the slot `value`", "`i64`"),
            ("the signal `value`", "`i64`"),
        ]);
        assert_eq!(runners.difference(&runners), None);
        let ours = signature(&[("the slot `value`", "`f64`"), ("the slot `gain`", "`f64`")]);
        assert_eq!(
            ours.difference(&runners).unwrap(),
            "the type `lab.double` is not the same in the program of the runner and in that of the host: the signal `value` is only in the \
             runner's (`i64`); the slot `value` is `i64` in the runner's and `f64` in the host's; the slot `gain` is only in the host's (`f64`); \
             run the same program on both"
        );
    }
}
