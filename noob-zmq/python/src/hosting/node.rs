//! A node that is written in Python: a host of `noob_zmq._host` behind [`Node`].
//!
//! All calls run on the thread that the runner gives to the node, and hold the interpreter only as
//! long as they last.

use std::borrow::Cow;
use std::sync::Arc;

use noob_zmq::NodeError;
use noob_zmq::graph::{Emit, Map, Object, Value};
use noob_zmq::node::{Inputs, Node, NodeType, Outputs};
use pyo3::exceptions::{PyStopIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::description::CallFacts;
use super::{epoch_of, event_of, meta_signal, ready_made};
use crate::convert::{Arrays, Objects, PythonObject, after_call, from_python, to_python};
use crate::errors::node_error;

pub(super) struct PythonNode {
    node_type: &'static NodeType,
    facts: Arc<CallFacts>,
    params: Map,
    /// Made by the first `init`; lives longer than a start of the node.
    host: Option<Py<PyAny>>,
    /// Set from `init` to `deinit`.
    live: Option<Live>,
    /// Process of the node.
    process: u32,
}

/// Callable and signals of a started node.
struct Live {
    process: Py<PyAny>,
    /// Whether `process` ends by `StopIteration`.
    is_source: bool,
    signals: Vec<Cow<'static, str>>,
}

impl Live {
    /// Returns a signal of the node by its name.
    fn signal(&self, name: String) -> PyResult<Cow<'static, str>> {
        if self.signals.iter().any(|signal| *signal == *name) {
            return Ok(name.into());
        }
        Err(PyValueError::new_err(format!(
            "the node has emitted an event of the signal `{name}`; it has {}",
            self.signals.join(", ")
        )))
    }
}

/// Arguments of a call, and the objects among them that the node was lent.
struct Arguments<'py> {
    positional: Vec<Bound<'py, PyAny>>,
    named: Option<Bound<'py, PyDict>>,
    lent: Vec<(Bound<'py, PyAny>, Object)>,
}

impl PythonNode {
    pub(super) fn new(node_type: &'static NodeType, facts: Arc<CallFacts>, params: &Map) -> Self {
        Self {
            node_type,
            facts,
            params: params.clone(),
            host: None,
            live: None,
            process: std::process::id(),
        }
    }

    /// Ends the process if it is a child that code of the node has forked, and that came back from
    /// this code: it shares the sockets of the node, but none of the threads that serve them.
    fn end_forked_child(&self, py: Python<'_>) -> PyResult<()> {
        if Objects::here() == Objects::Shared || std::process::id() == self.process {
            return Ok(());
        }
        eprintln!(
            "the node has forked, and the child has returned from its code, where it ends: end it \
             with `os._exit`, or start it by `multiprocessing` or `subprocess`"
        );
        py.import("os")?.call_method1("_exit", (1,))?;
        Ok(())
    }

    fn start(&mut self, py: Python<'_>) -> PyResult<()> {
        let host = match &self.host {
            Some(host) => host.bind(py).clone(),
            None => {
                let params = to_python(py, &Value::from(self.params.clone()), Arrays::Copied)?;
                let node = std::env::var("NOOB_ZMQ_NODE").unwrap_or_else(|_| "node".to_owned());
                let host = py
                    .import("noob_zmq._host")?
                    .call_method1("make", (self.node_type.name(), params, node))?;
                self.host = Some(host.clone().unbind());
                host
            }
        };
        let begun = host.call_method0("init");
        self.end_forked_child(py)?;
        begun?;
        let declared = self.node_type.signals.iter();
        let mut signals: Vec<Cow<'static, str>> =
            declared.map(|signal| Cow::Borrowed(signal.name)).collect();
        if self.facts.dynamic {
            let params = to_python(py, &Value::from(self.params.clone()), Arrays::Copied)?;
            let shape = py
                .import("noob_zmq._describe")?
                .call_method1("shape", (self.node_type.name(), params))?;
            let (_, more): (Vec<String>, Vec<String>) = shape.extract()?;
            signals.extend(more.into_iter().map(Cow::Owned));
        }
        self.live = Some(Live {
            process: host.getattr("process")?.unbind(),
            is_source: host.getattr("is_source")?.is_truthy()?,
            signals,
        });
        Ok(())
    }

    fn call(&self, py: Python<'_>, inputs: &Inputs, outputs: &mut Outputs) -> PyResult<()> {
        let live = self
            .live
            .as_ref()
            .ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("the node is not started"))?;
        let Arguments {
            positional,
            named,
            lent,
        } = self.arguments(py, inputs)?;
        let process = live.process.bind(py);
        let called = match (positional.is_empty(), &named) {
            (true, None) => process.call0(),
            _ => process.call(PyTuple::new(py, positional)?, named.as_ref()),
        };
        self.end_forked_child(py)?;
        let returned = match called {
            Ok(returned) => returned,
            Err(error) if live.is_source && error.is_instance_of::<PyStopIteration>(py) => {
                for signal in &live.signals {
                    outputs.emit(signal.clone(), Emit::Exhausted);
                }
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (_, object) in &lent {
            after_call(py, object)?;
        }
        let emitted = |object: &Bound<'_, PyAny>| -> PyResult<Emit> {
            match meta_signal(object)? {
                Some(marker) => Ok(marker),
                None => Ok(Emit::Value(from_python(object, Objects::here(), &lent)?)),
            }
        };
        // An event in the form of noob's has its own signal; any other object that of its place.
        let emit =
            |signal: &Cow<'static, str>, object: &Bound<'_, PyAny>, outputs: &mut Outputs| {
                match ready_made(object, &inputs.epoch)? {
                    None => outputs.emit(signal.clone(), emitted(object)?),
                    Some(events) => {
                        for (signal, value) in events {
                            outputs.emit(live.signal(signal)?, emitted(&value)?);
                        }
                    }
                }
                PyResult::Ok(())
            };
        if let [signal] = &*live.signals {
            return emit(signal, &returned, outputs);
        }
        if let Some(marker) = meta_signal(&returned)? {
            for signal in &live.signals {
                outputs.emit(signal.clone(), marker.clone());
            }
            return Ok(());
        }
        // A value for each signal, in order; a signal without one is nothing.
        let mut values = returned.try_iter()?;
        for signal in &live.signals {
            let Some(value) = values.next() else { break };
            emit(signal, &value?, outputs)?;
        }
        Ok(())
    }

    fn arguments<'py>(&self, py: Python<'py>, inputs: &Inputs) -> PyResult<Arguments<'py>> {
        let mut arguments = Arguments {
            positional: Vec::with_capacity(inputs.positional.len()),
            named: None,
            lent: Vec::new(),
        };
        for (at, value) in inputs.positional.iter().enumerate() {
            let view = self.facts.read_only_at.contains(&at);
            let argument = arguments.lend(py, value, view)?;
            arguments.positional.push(argument);
        }
        let injected = self.facts.epoch.is_some() || self.facts.events.is_some();
        if !injected && inputs.named.is_empty() {
            return Ok(arguments);
        }
        let named = PyDict::new(py);
        if let Some(slot) = &self.facts.epoch {
            named.set_item(slot, epoch_of(py, &inputs.epoch)?)?;
        }
        if let Some(slot) = &self.facts.events {
            let events = PyDict::new(py);
            for (slot, event) in inputs.event_map(self.node_type).iter() {
                events.set_item(&**slot, event_of(py, event)?)?;
            }
            named.set_item(slot, events)?;
        }
        for (slot, value) in inputs.named.iter() {
            let view = self.facts.read_only.contains(&**slot);
            let argument = arguments.lend(py, value, view)?;
            named.set_item(PyString::intern(py, slot), argument)?;
        }
        arguments.named = Some(named);
        Ok(arguments)
    }
}

impl<'py> Arguments<'py> {
    /// Converts an argument, and notes an object, which the node may pass on.
    fn lend(&mut self, py: Python<'py>, value: &Value, view: bool) -> PyResult<Bound<'py, PyAny>> {
        let arrays = if view { Arrays::Viewed } else { Arrays::Copied };
        let argument = to_python(py, value, arrays)?;
        if let Value::Object(object) = value
            && object.get::<PythonObject>().is_some()
        {
            self.lent.push((argument.clone(), object.clone()));
        }
        Ok(argument)
    }
}

impl Node for PythonNode {
    fn init(&mut self) -> Result<(), NodeError> {
        Python::attach(|py| self.start(py).map_err(|error| node_error(py, &error)))
    }

    fn process(&mut self, inputs: &Inputs, outputs: &mut Outputs) -> Result<(), NodeError> {
        Python::attach(|py| {
            self.call(py, inputs, outputs)
                .map_err(|error| node_error(py, &error))
        })
    }

    fn deinit(&mut self) -> Result<(), NodeError> {
        self.live = None;
        let Some(host) = &self.host else {
            return Ok(());
        };
        Python::attach(|py| {
            let ended = host.call_method0(py, "deinit");
            let ended = self.end_forked_child(py).and(ended);
            ended.map(drop).map_err(|error| node_error(py, &error))
        })
    }
}
