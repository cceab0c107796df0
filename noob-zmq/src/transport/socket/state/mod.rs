//! State machine of a socket: decides what the task that owns the socket does next.
//!
//! The machine has no I/O and reads no clock; [`SocketTask`](super::owner::SocketTask) drives it.

use std::collections::VecDeque;

use zeromq::ZmqMessage;

use super::batch;
use super::config::{SocketCommand, SocketConfig};
use crate::transport::{Endpoint, SocketKind};

/// Lifecycle of a socket, its queue of unsent messages, and the alternation of REQ and REP.
#[derive(Debug)]
pub(super) struct SocketState {
    kind: SocketKind,
    /// Whether queued messages of one topic are sent as one.
    packs: bool,
    /// Whether the socket binds; otherwise it connects, and is replaced after a failure.
    binds: bool,
    /// Peers to connect to.
    endpoints: Vec<Endpoint>,
    /// Number of `endpoints` that the current socket is connected to.
    connected: usize,
    /// Whether a peer was connected at least once.
    ///
    /// A peer that leaves during the close is not waited for.
    had_peer: bool,
    /// Messages taken from the queue and not sent yet.
    pending: VecDeque<ZmqMessage>,
    closing: Closing,
    /// REQ: a request was sent, and its reply has not arrived.
    awaiting_reply: bool,
    /// REP: a request is being handled.
    handling_request: bool,
    /// The last message could not be sent because no peer is connected.
    send_blocked: bool,
    /// The socket that connects has failed.
    broken: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    /// Handles exist that may still send.
    Open,
    /// All handles are gone; pending messages are sent until the deadline.
    Draining,
    /// The deadline has passed.
    Expired,
}

/// Next step of a socket that is open.
#[derive(Debug)]
pub(super) enum Action {
    /// Send this message.
    Send(ZmqMessage),
    /// Drop the socket and connect a new one.
    Reconnect,
    /// Close the socket.
    Close,
    /// Wait for one of these.
    Wait {
        /// A message of a peer; otherwise messages are left in the socket.
        receive: bool,
        /// A short pause, after which the blocked message is tried again.
        retry_send: bool,
    },
}

/// Next step of a socket that is to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectAction {
    /// Wait until a handle names a peer.
    WaitForEndpoint,
    /// Connect a new socket to every endpoint.
    Connect,
    /// Close.
    Close,
}

impl SocketState {
    pub(super) fn new(config: &SocketConfig, binds: bool) -> Self {
        Self {
            kind: config.kind,
            packs: config.packs,
            binds,
            endpoints: Vec::new(),
            connected: 0,
            had_peer: false,
            pending: VecDeque::new(),
            closing: Closing::Open,
            awaiting_reply: false,
            handling_request: false,
            send_blocked: false,
            broken: false,
        }
    }

    /// Takes a command of a handle.
    pub(super) fn on_command(&mut self, command: SocketCommand) {
        match command {
            SocketCommand::Send(message) => self.pending.push_back(message),
            SocketCommand::Connect(endpoint) => {
                if !self.endpoints.contains(&endpoint) {
                    self.endpoints.push(endpoint);
                }
            }
        }
    }

    /// Records that the last handle was dropped.
    pub(super) fn on_handles_dropped(&mut self) {
        self.closing = Closing::Draining;
    }

    /// Records that the deadline for pending messages has passed.
    pub(super) fn on_close_deadline(&mut self) {
        self.closing = Closing::Expired;
    }

    /// Whether the last handle was dropped.
    pub(super) fn is_closing(&self) -> bool {
        self.closing != Closing::Open
    }

    /// Returns the peers that a new socket connects to.
    pub(super) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Returns the number of messages that have not been sent.
    pub(super) fn unsent(&self) -> usize {
        self.pending.len()
    }

    /// Returns the next step while no socket is connected.
    pub(super) fn next_connect_action(&self) -> ConnectAction {
        if self.is_drained() || (self.is_closing() && (self.had_peer || self.endpoints.is_empty()))
        {
            ConnectAction::Close
        } else if self.endpoints.is_empty() {
            ConnectAction::WaitForEndpoint
        } else {
            ConnectAction::Connect
        }
    }

    /// Records that a new socket is connected to the first `count` endpoints.
    pub(super) fn on_connected(&mut self, count: usize) {
        self.connected = count;
        self.had_peer = true;
        self.broken = false;
        self.send_blocked = false;
    }

    /// Returns the next step of a socket that is open.
    pub(super) fn next_action(&mut self) -> Action {
        if self.broken {
            return Action::Reconnect;
        }
        if !self.send_blocked
            && !self.awaiting_reply
            && let Some(message) = batch::next(&mut self.pending, self.packs)
        {
            return Action::Send(message);
        }
        if !self.binds && self.endpoints.len() > self.connected {
            return Action::Reconnect;
        }
        if self.is_drained() {
            return Action::Close;
        }
        // A REQ without a request has nothing to receive, and a REP takes one request at a time.
        let is_turn = self.awaiting_reply == (self.kind == SocketKind::Req);
        Action::Wait {
            receive: is_turn && !self.handling_request,
            retry_send: std::mem::take(&mut self.send_blocked),
        }
    }

    /// Records that the message of [`Action::Send`] was sent, or failed for good.
    pub(super) fn on_sent(&mut self) {
        self.awaiting_reply = self.kind == SocketKind::Req;
    }

    /// Takes back a message that no peer was there to receive.
    pub(super) fn on_no_peer(&mut self, message: ZmqMessage) {
        self.pending.push_front(message);
        // A socket that connects does not connect again by itself.
        self.broken = !self.binds;
        self.send_blocked = true;
    }

    /// Records a received message; for a REP its request is handled until
    /// [`on_request_handled`](Self::on_request_handled).
    pub(super) fn on_received(&mut self) {
        self.awaiting_reply = false;
        self.handling_request = self.kind == SocketKind::Rep;
    }

    /// Records that the request of a REP was handled.
    pub(super) fn on_request_handled(&mut self) {
        self.handling_request = false;
    }

    /// Records a failure to receive.
    pub(super) fn on_receive_error(&mut self) {
        self.awaiting_reply = false;
        // A socket that binds has dropped the peer and serves the others; one that connects may
        // return the same error for ever.
        self.broken = !self.binds;
    }

    /// Whether all handles are gone and every message was sent, or had its time.
    fn is_drained(&self) -> bool {
        match self.closing {
            Closing::Open => false,
            Closing::Draining => self.pending.is_empty(),
            Closing::Expired => true,
        }
    }
}

#[cfg(test)]
mod tests;
