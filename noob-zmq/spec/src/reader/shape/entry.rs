//! Entries of `input` and `assets` to their raw form.

use super::{Shape, written};
use crate::reader::keys;
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
            Some(pair) => self.scope(pair, &owner, InputScope::parse, InputScope::WORDS)?,
        };
        let required = match map.get("required") {
            None => Some(true),
            Some(pair) => self.truth_of(pair, format!("`required` of {owner}")),
        };
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

    /// Returns the scope of a word; any other value is reported.
    fn scope<S>(
        &mut self,
        pair: &Pair,
        owner: &str,
        parse: fn(&str) -> Option<S>,
        known: &'static [&'static str],
    ) -> Option<S> {
        let scope = pair.value.as_text().and_then(|text| parse(text));
        match &pair.value.data {
            _ if scope.is_some() => {}
            Data::Scalar(value, text) if *value != Scalar::Null => {
                let kind = DiagnosticKind::BadScope {
                    owner: owner.into(),
                    scope: text.to_string(),
                    known,
                };
                self.diagnostics.push(pair.value.place, kind);
            }
            _ => self.wrong_kind(pair, format!("`scope` of {owner}"), "a text"),
        }
        scope
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
            Some(pair) => self.scope(pair, &owner, AssetScope::parse, AssetScope::WORDS),
        };
        let params = map.get("params").map(|pair| {
            if !pair.value.is_null() && matches!(pair.value.data, Data::Scalar(..)) {
                self.wrong_kind(pair, format!("`params` of {owner}"), "a mapping or a list");
            }
            pair.value.clone()
        });
        let depends = written(map, "depends").and_then(|pair| {
            let text = pair.value.as_text();
            self.expect(text, pair, format!("`depends` of {owner}"), "`node.signal`")?;
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
