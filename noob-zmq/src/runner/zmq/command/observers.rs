//! Observers of a command node: functions of the runner and of users, called for what arrives.

use std::sync::Mutex;

use super::command_node::CommandNode;
use crate::sync::lock;
use crate::wire::{Failure, Health, Identify, Status};

/// Message of a node on the router.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RouterMessage {
    /// Name, address and connections of the node.
    Identify(Identify),
    /// Status of the node.
    Status(Status),
    /// Report that the process lives, with its totals.
    Health(Health),
    /// Error of the node.
    Error(Failure),
}

/// Function that is called with a command node and what has arrived.
type Observer<T> = Box<dyn FnMut(&CommandNode, &T) + Send>;

/// Observers of one kind of event.
pub(super) struct Observers<T> {
    // A lock, so that the command node can be lent to the functions while they are called. It is
    // never contended: the command node belongs to one task, and a function that has a shared
    // reference to it can neither add observers nor have them called.
    functions: Mutex<Vec<Observer<T>>>,
}

impl<T> Observers<T> {
    pub(super) fn add(&self, function: Observer<T>) {
        lock(&self.functions).push(function);
    }

    /// Calls every observer, in the order in which they were added.
    pub(super) fn call(&self, command: &CommandNode, arrived: &T) {
        let mut functions = lock(&self.functions);
        for function in &mut *functions {
            function(command, arrived);
        }
    }
}

impl<T> Default for Observers<T> {
    fn default() -> Self {
        Self {
            functions: Mutex::default(),
        }
    }
}
