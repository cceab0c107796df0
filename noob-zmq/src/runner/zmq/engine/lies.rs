//! What nodes say that cannot be so: it is refused before anything is made of it.

use std::borrow::Cow;

use super::super::borrowed::RETURNED;
use super::{Engine, Orders};
use crate::graph::{Emit, Event, Object, Role};

impl Engine {
    /// The events without those that cannot be so; whoever said them is told of.
    pub(super) fn without_lies<'a>(
        &self,
        orders: &dyn Orders,
        events: &'a [Event],
    ) -> Cow<'a, [Event]> {
        let mut believed: Option<Vec<Event>> = None;
        for (place, event) in events.iter().enumerate() {
            match self.lie(event) {
                Some(why) => {
                    orders.refuse(&event.node_id, &why);
                    believed.get_or_insert_with(|| events[..place].to_vec());
                }
                None => {
                    if let Some(believed) = &mut believed {
                        believed.push(event.clone());
                    }
                }
            }
        }
        believed.map_or(Cow::Borrowed(events), Cow::Owned)
    }

    /// Why an event cannot be so; `None` if it can.
    fn lie(&self, event: &Event) -> Option<String> {
        let Event {
            node_id,
            signal,
            epoch,
            ..
        } = event;
        let plan = self.scheduler.plan();
        let node = plan.node_index(node_id)?;
        if plan.role(node) == Role::Given {
            return Some(format!(
                "what `{node_id}` is, the runner says, and no node does (epoch {epoch})"
            ));
        }
        // What comes once more, when an epoch is over or the object was given back, is no lie.
        let call = (epoch.clone(), node);
        if **signal != *RETURNED
            || !self.open.contains_key(&epoch.number())
            || self.given_back.contains(&call)
        {
            return None;
        }
        let claimed = match &event.value {
            Emit::Value(value) => Object::read(value).map(|(id, ..)| id),
            _ => None,
        };
        let held = self.lent.get(&call);
        if held.is_some_and(|held| claimed.is_some_and(|id| held.contains(id))) {
            return None;
        }
        Some(format!(
            "the node `{node_id}` claims an object that it was not lent in epoch {epoch}"
        ))
    }
}
