//! Entries of `nodes` to their raw form.

use indexmap::IndexMap;

use super::{Shape, written};
use crate::names::{input_reference, is_identifier, reference};
use crate::reader::yaml::{Data, Mapping, Pair, Scalar, Yaml, shorten};
use crate::reader::{
    Dependency, DiagnosticKind, EdgePolicy, EnabledSpec, Name, NodeSpec, ParamSpec, Spanned,
    Supervision, TubeNodeKind, keys,
};

impl Shape<'_> {
    pub(super) fn node(&mut self, key: &Name, pair: &Pair) -> NodeSpec {
        let owner = format!("node `{key}`");
        let mut node = NodeSpec {
            id: Spanned::new(key.clone(), pair.key),
            type_name: None,
            depends: Vec::new(),
            scalar: false,
            params: IndexMap::new(),
            enabled: EnabledSpec::Always(true),
            stateful: None,
            supervision: Supervision::default(),
            description: None,
            skipped: true,
        };
        let Some(map) = self.entry(key, pair, &owner) else {
            return node;
        };
        node.skipped = false;
        self.known_keys(map, "a node", keys::NODE);
        node.type_name = self.type_name(map, pair.key, &owner);
        node.description = self.description(map, &owner);
        self.depends(map, &mut node);
        self.params(map, &mut node);
        self.enabled(map, &mut node);
        node.supervision = self.supervision(map, &owner);
        node.stateful = written(map, "stateful")
            .and_then(|pair| self.truth_of(pair, format!("`stateful` of {owner}")));
        node
    }

    fn depends(&mut self, map: &Mapping, node: &mut NodeSpec) {
        let Some(pair) = written(map, "depends") else {
            return;
        };
        match &pair.value.data {
            Data::List(items) => {
                for item in items {
                    match self.item(item) {
                        Some(dependency) => self.add(dependency, node),
                        None => node.skipped = true,
                    }
                }
            }
            Data::Scalar(Scalar::Str(_), _) => {
                node.scalar = true;
                match self.reference(&pair.value, None) {
                    Some(dependency) => node.depends.push(dependency),
                    None => node.skipped = true,
                }
            }
            _ => {
                node.skipped = true;
                let place = if matches!(pair.value.data, Data::Map(_)) {
                    pair.key
                } else {
                    pair.value.place
                };
                let kind = DiagnosticKind::DependsForm {
                    node: node.id.value.clone(),
                    found: pair.value.describe(),
                };
                self.diagnostics.push(place, kind);
            }
        }
    }

    /// Adds a dependency, unless its slot is fed already.
    fn add(&mut self, dependency: Dependency, node: &mut NodeSpec) {
        let same = |slot: &&Spanned<Name>| dependency.slot_name() == Some(&*slot.value);
        match node
            .depends
            .iter()
            .filter_map(|other| other.slot.as_ref())
            .find(same)
        {
            Some(first) => {
                let kind = DiagnosticKind::SlotTwice {
                    node: node.id.value.clone(),
                    slot: first.value.clone(),
                };
                self.diagnostics.push_with(
                    dependency.slot_place(),
                    kind,
                    first.place,
                    "first here",
                );
            }
            None => node.depends.push(dependency),
        }
    }

    fn item(&mut self, item: &Yaml) -> Option<Dependency> {
        let found = match &item.data {
            Data::Scalar(Scalar::Str(_), _) => return self.reference(item, None),
            Data::Map(pairs) if pairs.len() == 1 => {
                let (slot, pair) = pairs.first()?;
                let named = self.name(slot, pair.key, &pair.key_value, "a slot");
                let slot = Spanned::new(slot.clone(), pair.key);
                if let Data::Map(keys) = &pair.value.data
                    && keys.contains_key("from")
                {
                    let dependency = self.fed(slot, keys);
                    return dependency.filter(|_| named);
                }
                let what = format!("what feeds slot `{}`", slot.value);
                self.expect(pair.value.as_text(), pair, what, "`node.signal`")?;
                let dependency = self.reference(&pair.value, Some(slot));
                return dependency.filter(|_| named);
            }
            Data::Map(pairs) => match pairs.len() {
                0 => "an empty mapping".into(),
                len => format!("a mapping of {len} slots"),
            },
            _ => item.describe(),
        };
        self.diagnostics
            .push(item.place, DiagnosticKind::DependsItem { found });
        None
    }

    /// Reads `node.signal`; `None` if the text does not have this form, which is reported.
    pub(super) fn reference(
        &mut self,
        text: &Yaml,
        slot: Option<Spanned<Name>>,
    ) -> Option<Dependency> {
        let written = text.as_text()?;
        match reference(written) {
            Some((node, signal)) => Some(Dependency {
                slot,
                node: node.into(),
                signal: signal.into(),
                policy: EdgePolicy::All,
                place: text.place,
            }),
            None if written
                .rsplit_once('.')
                .is_some_and(|(node, _)| self.bad_names.contains(node)) =>
            {
                None
            }
            None => {
                let kind = DiagnosticKind::BadReference {
                    text: shorten(written),
                };
                self.diagnostics.push(text.place, kind);
                None
            }
        }
    }

    fn params(&mut self, map: &Mapping, node: &mut NodeSpec) {
        let Some(pair) = written(map, "params") else {
            return;
        };
        let Data::Map(params) = &pair.value.data else {
            node.skipped = true;
            self.wrong_kind(
                pair,
                format!("`params` of node `{}`", node.id.value),
                "a mapping",
            );
            return;
        };
        let is_tube = node.kind() == TubeNodeKind::Tube;
        for (key, pair) in params {
            let in_place = is_tube && &**key == "tube" && matches!(pair.value.data, Data::Map(_));
            let tube = if in_place {
                super::tube(&pair.value, self.diagnostics).map(Box::new)
            } else {
                None
            };
            if let Some(extends) = tube.as_ref().and_then(|tube| tube.extends.first()) {
                let kind = DiagnosticKind::NotYet {
                    what: "`extends` in a tube that is written in place is",
                };
                self.diagnostics.push(extends.place, kind);
            }
            node.skipped |= in_place && tube.is_none();
            let param = ParamSpec {
                key: pair.key,
                value: pair.value.clone(),
                place: pair.value_place(),
                tube,
            };
            node.params.insert(key.clone(), param);
        }
    }

    fn enabled(&mut self, map: &Mapping, node: &mut NodeSpec) {
        let Some(pair) = map.get("enabled") else {
            return;
        };
        if let Some(truth) = Self::truth(&pair.value) {
            node.enabled = EnabledSpec::Always(truth);
            return;
        }
        let text = pair.value.as_text();
        if let Some(input) = text
            .and_then(|text| input_reference(text))
            .filter(|input| is_identifier(input))
        {
            node.enabled = EnabledSpec::Input(Spanned::new(input.into(), pair.value.place));
            return;
        }
        let kind = DiagnosticKind::BadEnabled {
            node: node.id.value.clone(),
            found: pair.value.describe(),
        };
        self.diagnostics.push(pair.value_place(), kind);
    }
}
