//! Fingerprint of a node type, to be compared between two programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::node::{Argument, Registry};

/// Name of a node type, and its slots, params and signals with their types as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeFingerprint {
    type_name: String,
    parts: BTreeMap<String, String>,
}

impl NodeFingerprint {
    /// Returns the fingerprint of a type of this program; that of an unknown type, as those of the
    /// special nodes, is empty.
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
                    // An argument of a function is a slot, and a param too: it is listed once.
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

    /// Returns how this fingerprint, of a host, differs from that of the runner; `None` if in
    /// nothing.
    ///
    /// Both sides show the same text.
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
                "the type `{}` is not the same in the program of the runner and in that of the \
                    host: {}; run the same program on both",
                runners.type_name,
                differences.join("; ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(parts: &[(&str, &str)]) -> NodeFingerprint {
        NodeFingerprint {
            type_name: "lab.double".into(),
            parts: parts
                .iter()
                .map(|(part, text)| ((*part).to_owned(), (*text).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn every_difference_is_listed() {
        let runners = fingerprint(&[
            ("the slot `value`", "`i64`"),
            ("the signal `value`", "`i64`"),
        ]);
        assert_eq!(runners.difference(&runners), None);
        let ours = fingerprint(&[("the slot `value`", "`f64`"), ("the slot `gain`", "`f64`")]);
        assert_eq!(
            ours.difference(&runners).unwrap(),
            "the type `lab.double` is not the same in the program of the runner and in that of the \
            host: the signal `value` is only in the runner's (`i64`); the slot `value` is `i64` in \
            the runner's and `f64` in the host's; the slot `gain` is only in the host's (`f64`); \
            run the same program on both"
        );
    }
}
