//! Entries of `input` and `assets` to their raw form.

use super::Shape;
use crate::reader::keys::{self, ASSET_SCOPES, INPUT_SCOPES};
use crate::reader::yaml::{Data, Pair, Scalar};
use crate::reader::{AssetScope, AssetSpec, DiagnosticKind, InputScope, InputSpec, Name, Spanned};

impl Shape<'_> {
    pub(super) fn input(&mut self, key: &Name, pair: &Pair) -> Option<InputSpec> {
        let owner = format!("input `{key}`");
        let named = self.name(key, pair.key, &pair.key_value, "an input");
        let map = self.entry(key, pair, &owner)?;
        self.known_keys(map, "an input", keys::INPUT);
        let type_name = self.type_text(map, pair.key, &owner);
        let type_name = type_name.map(|text| text.value.to_string());
        let scope = match map.get("scope") {
            None => InputScope::Tube,
            Some(scope) => match scope.value.as_text().map(|text| &**text) {
                Some("tube") => InputScope::Tube,
                Some("process") => InputScope::Process,
                _ => {
                    self.bad_scope(scope, owner.clone(), INPUT_SCOPES);
                    return None;
                }
            },
        };
        let required = map
            .get("required")
            .map_or(Some(true), |pair| Self::truth(&pair.value));
        if let (None, Some(pair)) = (required, map.get("required")) {
            self.wrong_kind(pair, format!("`required` of {owner}"), "`true` or `false`");
        }
        let description = self.description(map, &owner);
        if !named {
            return None;
        }
        Some(InputSpec {
            id: Spanned::new(key.clone(), pair.key),
            type_name: type_name.unwrap_or_default(),
            scope,
            default: map.get("default").map(|pair| pair.value.clone()),
            required: required.unwrap_or(false),
            description,
        })
    }

    fn bad_scope(&mut self, pair: &Pair, owner: String, known: &'static [&'static str]) {
        match &pair.value.data {
            Data::Scalar(value, text) if *value != Scalar::Null => {
                let kind = DiagnosticKind::BadScope {
                    owner,
                    scope: text.to_string(),
                    known,
                };
                self.diagnostics.push(pair.value.place, kind);
            }
            _ => self.wrong_kind(pair, format!("`scope` of {owner}"), "a text"),
        }
    }

    pub(super) fn asset(&mut self, key: &Name, pair: &Pair) -> Option<AssetSpec> {
        let owner = format!("asset `{key}`");
        let named = self.name(key, pair.key, &pair.key_value, "an asset");
        let map = self.entry(key, pair, &owner)?;
        self.known_keys(map, "an asset", keys::ASSET);
        let type_name = self.type_name(map, pair.key, &owner);
        let scope = match map.get("scope") {
            None => {
                self.missing_key(pair.key, &owner, "scope");
                None
            }
            Some(scope) => match scope.value.as_text().map(|text| &**text) {
                Some("runner") => Some(AssetScope::Runner),
                Some("process") => Some(AssetScope::Process),
                Some("node") => Some(AssetScope::Node),
                _ => {
                    self.bad_scope(scope, owner.clone(), ASSET_SCOPES);
                    None
                }
            },
        };
        let params = map.get("params").map(|pair| {
            if !pair.value.is_null() && matches!(pair.value.data, Data::Scalar(..)) {
                self.wrong_kind(pair, format!("`params` of {owner}"), "a mapping or a list");
            }
            pair.value.clone()
        });
        let depends = map
            .get("depends")
            .filter(|pair| !pair.value.is_null())
            .and_then(|pair| {
                if pair.value.as_text().is_none() {
                    self.wrong_kind(pair, format!("`depends` of {owner}"), "`node.signal`");
                    return None;
                }
                let depends = self.reference(&pair.value, None);
                if let Some(scope @ (AssetScope::Process | AssetScope::Node)) = scope {
                    let kind = DiagnosticKind::AssetDepends {
                        asset: key.clone(),
                        scope: scope.as_str().into(),
                    };
                    self.diagnostics.push(pair.key, kind);
                }
                depends
            });
        let description = self.description(map, &owner);
        let id = Spanned::new(key.clone(), pair.key);
        named.then_some(AssetSpec {
            id,
            type_name,
            scope,
            params,
            depends,
            description,
        })
    }
}
