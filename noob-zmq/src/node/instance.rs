//! Live nodes of the three kinds: functions, sources, classes.

use super::{Call, Inputs, Node, NodeError, NodeType, Outputs, Params};
use crate::graph::{Emit, Map, Value};

/// A type whose `impl` block is a node; implemented by `#[node]` on the block.
pub trait Class: Sized + Send + 'static {
    /// Makes one from the `params` of the tube.
    ///
    /// # Errors
    /// A parameter is missing or of the wrong type, or `fn new` fails.
    fn make(params: &Params<'_>) -> Result<Self, NodeError>;

    /// Calls the `#[init]` method, before the first call.
    ///
    /// # Errors
    /// The error of the method.
    fn init(&mut self) -> Result<(), NodeError> {
        Ok(())
    }

    /// Runs one call.
    ///
    /// # Errors
    /// A slot is missing or of the wrong type, or the `#[process]` method fails.
    fn process(&mut self, call: &mut Call<'_>) -> Result<(), NodeError>;

    /// Returns the state by the `#[snapshot]` method, if there is one.
    ///
    /// # Errors
    /// The error of the method, or the state cannot be converted to a [`Value`].
    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        Ok(None)
    }

    /// Replaces the state by the `#[restore]` method.
    ///
    /// # Errors
    /// The error of the method, or the state has another type.
    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        let _ = state;
        Ok(())
    }

    /// Calls the `#[deinit]` method, after the last call.
    ///
    /// # Errors
    /// The error of the method.
    fn deinit(&mut self) -> Result<(), NodeError> {
        Ok(())
    }
}

/// A function that is called once an epoch.
struct Function {
    node: &'static NodeType,
    call: fn(&mut Call<'_>) -> Result<(), NodeError>,
    params: Map,
    /// The same by slot.
    set: Vec<Option<Value>>,
}

pub(super) fn function(
    node: &'static NodeType,
    call: fn(&mut Call<'_>) -> Result<(), NodeError>,
    params: &Map,
) -> Box<dyn Node> {
    Box::new(Function {
        node,
        call,
        params: params.clone(),
        set: node
            .slots
            .iter()
            .map(|slot| params.get(slot.name).cloned())
            .collect(),
    })
}

impl Node for Function {
    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let params = (&self.params, self.set.as_slice());
        (self.call)(&mut Call::new(self.node, inputs, params, outputs))
    }
}

/// An iterator that is made by `init` and advanced once an epoch.
struct Source<M, I, S> {
    node: &'static NodeType,
    make: M,
    emit: S,
    params: Map,
    iterator: Option<I>,
}

/// Creates a source: `make` creates the iterator, in the process where it runs; `emit` emits an
/// item.
pub fn source<M, I, S>(node: &'static NodeType, params: &Map, make: M, emit: S) -> Box<dyn Node>
where
    M: Fn(&Params<'_>) -> Result<I, NodeError> + Send + 'static,
    I: Iterator + Send + 'static,
    S: Fn(I::Item, &'static NodeType, &mut Outputs) -> Result<(), NodeError> + Send + 'static,
{
    Box::new(Source {
        node,
        make,
        emit,
        params: params.clone(),
        iterator: None,
    })
}

impl<M, I, S> Node for Source<M, I, S>
where
    M: Fn(&Params<'_>) -> Result<I, NodeError> + Send,
    I: Iterator + Send,
    S: Fn(I::Item, &'static NodeType, &mut Outputs) -> Result<(), NodeError> + Send,
{
    fn init(&mut self) -> Result<(), NodeError> {
        self.iterator = Some((self.make)(&Params::new(self.node, &self.params))?);
        Ok(())
    }

    fn process(&mut self, _: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let iterator = self
            .iterator
            .as_mut()
            .ok_or_else(|| not_initialised(self.node))?;
        match iterator.next() {
            Some(item) => (self.emit)(item, self.node, outputs),
            None => {
                for signal in self.node.signals {
                    outputs.emit(signal.name, Emit::Exhausted);
                }
                Ok(())
            }
        }
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.iterator = None;
        Ok(())
    }
}

/// A value of a class, made by `init` and dropped by `deinit`.
struct Instance<C> {
    node: &'static NodeType,
    params: Map,
    made: Option<C>,
}

pub(super) fn class<C: Class>(node: &'static NodeType, params: &Map) -> Box<dyn Node> {
    Box::new(Instance::<C> {
        node,
        params: params.clone(),
        made: None,
    })
}

impl<C> Instance<C> {
    fn made(&mut self) -> Result<&mut C, NodeError> {
        self.made.as_mut().ok_or_else(|| not_initialised(self.node))
    }
}

impl<C: Class> Node for Instance<C> {
    fn init(&mut self) -> Result<(), NodeError> {
        let mut made = C::make(&Params::new(self.node, &self.params))?;
        made.init()?;
        self.made = Some(made);
        Ok(())
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        let node = self.node;
        // The parameters of a class are those of `fn new`; its slots can only be fed.
        let params = (&Map::new(), [].as_slice());
        let made = self.made()?;
        made.process(&mut Call::new(node, inputs, params, outputs))
    }

    fn snapshot(&self) -> Result<Option<Value>, NodeError> {
        self.made.as_ref().map_or(Ok(None), Class::snapshot)
    }

    fn restore(&mut self, state: &Value) -> Result<(), NodeError> {
        self.made()?.restore(state)
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.made.take().map_or(Ok(()), |mut made| made.deinit())
    }
}

fn not_initialised(node: &NodeType) -> NodeError {
    NodeError::new(format!(
        "`{}` was called before `init`, or after `deinit`",
        node.name()
    ))
}
