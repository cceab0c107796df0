//! `assets`: checks their types and params, and that none is read after it was replaced.

use noob_zmq_spec::names::input_reference;
use noob_zmq_spec::suggest::{nearest, nearest_types};

use super::checker::{Checker, Context};
use crate::graph::spec::{AssetSpec, DiagnosticKind, TubeSpec};
use crate::graph::{Map, Name, Place, Signature, Tube, TubeAsset, Unresolved, Value};

impl Checker<'_> {
    /// Checks all assets, and keeps those that can be made.
    pub(super) fn assets(&mut self, context: &Context<'_>) {
        for asset in self.spec.assets.values() {
            if let Some(checked) = self.asset(asset, context) {
                self.assets.insert(asset.id.value.clone(), checked);
            }
        }
    }

    fn asset(&mut self, asset: &AssetSpec, context: &Context<'_>) -> Option<TubeAsset> {
        let written = asset.type_name.as_ref()?;
        let scope = asset.scope?;
        let resolved = match context.types.resolve_asset(&written.value) {
            Ok(resolved) => resolved,
            Err(Unresolved { reason, detail }) => {
                let kind = DiagnosticKind::UnusableType {
                    what: "asset type",
                    name: written.value.clone(),
                    reason,
                    detail,
                };
                self.diagnostics.push(written.place, kind);
                return None;
            }
        };
        let Some(signature) = resolved else {
            let known = context.types.asset_names();
            let near = nearest_types(&written.value, &known);
            let kind = DiagnosticKind::UnknownAssetType {
                name: written.value.clone(),
                near,
                known,
            };
            self.diagnostics.push(written.place, kind);
            return None;
        };
        let params = self.asset_params(asset, &signature)?;
        let depends = asset.depends.as_ref();
        let depends = depends.map(|depends| (depends.node.clone(), depends.signal.clone()));
        Some(TubeAsset {
            id: asset.id.value.clone(),
            type_name: written.value.clone(),
            scope,
            params,
            copied: depends.as_ref().is_some_and(|(node, signal)| {
                let mut items = self.spec.nodes.values().flat_map(|node| &node.depends);
                items.any(|item| item.node == *node && item.signal == *signal)
            }),
            depends,
            place: asset.id.place,
        })
    }

    /// Returns the parameters by name, with `input.x` replaced; a list gives them by position.
    fn asset_params(&mut self, asset: &AssetSpec, signature: &Signature) -> Option<Map> {
        let mut params = Map::new();
        let given = asset.params.as_ref().map_or(Value::Null, Value::from);
        let written: Vec<(Name, &Value)> = match &given {
            Value::Map(map) => map
                .iter()
                .map(|(name, value)| (Name::from(name.as_str()), value))
                .collect(),
            Value::List(items) => {
                if items.len() > signature.params.len() {
                    self.asset_param(
                        asset,
                        format!(
                            "it takes {} by position, and is given {}",
                            signature.params.len(),
                            items.len()
                        ),
                    );
                    return None;
                }
                let names = signature.params.iter().map(|param| param.name.clone());
                names.zip(items.iter()).collect()
            }
            _ => Vec::new(),
        };
        let mut complete = true;
        for (name, value) in written {
            let by_position = matches!(given, Value::List(_));
            let Some(value) = self.with_inputs(asset, value, by_position) else {
                complete = false;
                continue;
            };
            let declared = signature.params.iter().find(|param| param.name == name);
            match declared.or(signature.more_params.as_ref()) {
                None => {
                    let known: Vec<Name> = signature
                        .params
                        .iter()
                        .map(|param| param.name.clone())
                        .collect();
                    let near = nearest(&name, &known)
                        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    self.asset_param(asset, format!("it has no parameter `{name}`{near}"));
                    complete = false;
                }
                Some(param) => {
                    if let Err(reason) = (param.check)(&value) {
                        self.asset_param(asset, format!("parameter `{name}` {reason}"));
                        complete = false;
                    }
                }
            }
            params.insert(name.to_string(), value);
        }
        for param in signature.params.iter().filter(|param| param.required) {
            if complete && !params.contains_key(&*param.name) {
                let (name, type_name) = (&param.name, &param.type_name);
                self.asset_param(
                    asset,
                    format!("parameter `{name}` ({type_name}) is not given"),
                );
                complete = false;
            }
        }
        complete.then_some(params)
    }

    /// Returns a value with `input.x` replaced; `in_lists`: in lists too, as noob does where the
    /// parameters are a list.
    fn with_inputs(&mut self, asset: &AssetSpec, value: &Value, in_lists: bool) -> Option<Value> {
        match value {
            Value::Str(text) => match input_reference(text) {
                Some(input) => self.available(&asset.id.value, input, asset.id.place, "`params`"),
                None => Some(value.clone()),
            },
            Value::List(items) if in_lists => items
                .iter()
                .map(|item| self.with_inputs(asset, item, true))
                .collect(),
            _ => Some(value.clone()),
        }
    }

    fn asset_param(&mut self, asset: &AssetSpec, reason: String) {
        let kind = DiagnosticKind::AssetParams {
            asset: asset.id.value.clone(),
            reason,
        };
        self.diagnostics.push(asset.id.place, kind);
    }

    /// Reports nodes that read an asset at the time when it is replaced, or later.
    pub(super) fn replaced_assets(&mut self, tube: &Tube) {
        let generations = tube.generations();
        for asset in tube.assets.values() {
            let Some((storing, _)) = &asset.depends else {
                continue;
            };
            let at = |generation: &Vec<Name>| generation.contains(storing);
            let Some(at) = generations.iter().position(at) else {
                continue;
            };
            for reader in generations[at..]
                .iter()
                .flatten()
                .filter(|id| *id != storing)
            {
                if let Some(place) = read_at(self.spec, reader, &asset.id) {
                    let kind = DiagnosticKind::AssetReadLate {
                        asset: asset.id.clone(),
                        node: reader.clone(),
                        storing: storing.clone(),
                    };
                    self.diagnostics.push(place, kind);
                }
            }
        }
    }
}

fn read_at(spec: &TubeSpec, node: &Name, asset: &Name) -> Option<Place> {
    let items = &spec.nodes.get(node)?.depends;
    let item = items
        .iter()
        .find(|item| &*item.node == "assets" && item.signal == *asset)?;
    Some(item.place)
}
