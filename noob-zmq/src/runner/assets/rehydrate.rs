//! Restores objects from their written state when they come from another process, each once.

use std::collections::HashMap;

use crate::graph::{Map, Object, SharedTypes, Value};
use crate::node::{NodeError, Registry};

/// Objects by identifier.
#[derive(Debug, Default)]
pub(crate) struct ObjectTable {
    known: HashMap<u64, Object>,
}

impl ObjectTable {
    /// Returns whether an object of this identifier is known.
    pub(crate) fn contains(&self, id: u64) -> bool {
        self.known.contains_key(&id)
    }

    /// Returns all objects.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.known.values()
    }

    /// Records every object in a value.
    pub(crate) fn collect(&mut self, value: &Value) {
        match value {
            Value::Object(object) => drop(self.known.insert(object.id(), object.clone())),
            // Numbers are no objects: a packed list stays packed.
            Value::List(items) if items.as_packed().is_none() => {
                items.iter().for_each(|item| self.collect(item))
            }
            Value::Map(map) => map.values().for_each(|value| self.collect(value)),
            _ => {}
        }
    }

    /// Returns the value with objects of these types in place of their written states. `news`
    /// tells of which known objects the state is newer.
    ///
    /// # Errors
    /// A type that this program does not have, or a state that the type does not accept.
    pub(crate) fn rehydrate(
        &mut self,
        value: &Value,
        types: &SharedTypes,
        news: &dyn Fn(u64) -> bool,
    ) -> Result<Value, NodeError> {
        if let Some((id, kind, state)) = Object::decode(value) {
            let kind = (kind, types);
            return self.object(id, kind, state, news).map(Value::Object);
        }
        Ok(match value {
            Value::List(items) if items.as_packed().is_none() => {
                let items = items.iter().map(|item| self.rehydrate(item, types, news));
                items.collect::<Result<Vec<Value>, _>>()?.into()
            }
            Value::Map(map) => {
                let entries = map
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.rehydrate(value, types, news)?)));
                entries.collect::<Result<Map, NodeError>>()?.into()
            }
            other => other.clone(),
        })
    }

    fn object(
        &mut self,
        id: u64,
        (kind, types): (&str, &SharedTypes),
        state: &Value,
        news: &dyn Fn(u64) -> bool,
    ) -> Result<Object, NodeError> {
        if let Some(known) = self.known.get(&id) {
            if news(id) {
                known.restore(state)?;
            }
            return Ok(known.clone());
        }
        let made = Registry::of_types(types)?
            .find_asset(kind)?
            .ok_or_else(|| NodeError::new(format!("no asset type is named `{kind}`")))?
            .with_state(id, state)?;
        self.known.insert(id, made.clone());
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Asset;
    use crate::{asset, graph};

    #[asset(name = "objects_test.count")]
    fn count(start: i64) -> i64 {
        start
    }

    fn made() -> Object {
        let params = [("start".to_owned(), Value::Int(3))].into_iter().collect();
        let kind = Registry::get().unwrap().asset_type("objects_test.count");
        kind.unwrap().build(&params).unwrap()
    }

    #[test]
    fn an_object_comes_back_as_itself_and_the_same_twice_is_one() {
        let written = made().encode().unwrap();
        let list = Value::from(vec![written.clone(), written]);
        let mut objects = ObjectTable::default();
        let Value::List(items) = objects
            .rehydrate(&list, &SharedTypes::default(), &|_| false)
            .unwrap()
        else {
            panic!("a list");
        };
        let counts: Vec<Asset<i64>> = items
            .iter()
            .map(|item| graph::from_value(item).unwrap())
            .collect();
        *counts[0].lock() = 8;
        assert_eq!(*counts[1].lock(), 8);
        let states: Vec<Value> = objects
            .iter()
            .map(|object| object.state().unwrap())
            .collect();
        assert_eq!(states, [Value::Int(8)]);
    }

    #[test]
    fn a_state_that_is_no_news_changes_nothing() {
        let object = made();
        let mut objects = ObjectTable::default();
        objects.collect(&Value::Object(object.clone()));
        let before = object.encode().unwrap();
        object.restore(&Value::Int(9)).unwrap();
        objects
            .rehydrate(&before, &SharedTypes::default(), &|_| false)
            .unwrap();
        assert_eq!(object.state().unwrap(), Value::Int(9));
        objects
            .rehydrate(&before, &SharedTypes::default(), &|id| id == object.id())
            .unwrap();
        assert_eq!(object.state().unwrap(), Value::Int(3));
    }

    #[test]
    fn an_object_of_an_unknown_type_is_an_error() {
        let parts: Value = [
            ("id", Value::Int(1)),
            ("type", "nobody's".into()),
            ("state", Value::Null),
        ]
        .into_iter()
        .collect();
        let written: Value = [("$object", parts)].into_iter().collect();
        let error = ObjectTable::default()
            .rehydrate(&written, &SharedTypes::default(), &|_| true)
            .unwrap_err();
        assert!(error.message.contains("nobody's"), "{error}");
    }
}
