//! Transitions of a socket.

use super::*;

fn state(kind: SocketKind, binds: bool) -> SocketState {
    let config = SocketConfig {
        kind,
        socket: 0,
        name: "test.socket".into(),
        identity: "".into(),
        topics: Vec::new(),
        delimits: false,
        packs: false,
        #[cfg(feature = "remote")]
        network: None,
    };
    SocketState::new(&config, binds)
}

fn send(state: &mut SocketState) -> ZmqMessage {
    let message = ZmqMessage::from("message");
    state.on_command(SocketCommand::Send(message.clone()));
    message
}

fn connect(state: &mut SocketState, path: &str) {
    let endpoint = Endpoint::ipc(path).unwrap();
    state.on_command(SocketCommand::Connect(endpoint));
}

/// Compares by `Debug`, since messages of the crate have no equality.
fn assert_next(state: &mut SocketState, expected: Action) {
    assert_eq!(
        format!("{:?}", state.next_action()),
        format!("{expected:?}")
    );
}

fn wait(receive: bool, retry_send: bool) -> Action {
    Action::Wait {
        receive,
        retry_send,
    }
}

#[test]
fn dealer_connects_once_it_has_an_endpoint() {
    let mut dealer = state(SocketKind::Dealer, false);
    assert_eq!(dealer.next_connect_action(), ConnectAction::WaitForEndpoint);
    connect(&mut dealer, "/run/a");
    connect(&mut dealer, "/run/a");
    assert_eq!(dealer.endpoints().len(), 1);
    assert_eq!(dealer.next_connect_action(), ConnectAction::Connect);
    dealer.on_connected(1);
    assert_next(&mut dealer, wait(true, false));
}

#[test]
fn endpoint_named_while_connecting_causes_a_reconnect() {
    let mut dealer = state(SocketKind::Dealer, false);
    connect(&mut dealer, "/run/a");
    connect(&mut dealer, "/run/b");
    dealer.on_connected(1);
    let message = send(&mut dealer);
    assert_next(&mut dealer, Action::Send(message));
    dealer.on_sent();
    assert_next(&mut dealer, Action::Reconnect);
    dealer.on_connected(2);
    assert_next(&mut dealer, wait(true, false));
}

#[test]
fn message_without_peer_is_sent_by_the_next_socket() {
    let mut dealer = state(SocketKind::Dealer, false);
    connect(&mut dealer, "/run/a");
    dealer.on_connected(1);
    let message = send(&mut dealer);
    assert_next(&mut dealer, Action::Send(message.clone()));
    dealer.on_no_peer(message.clone());
    assert_next(&mut dealer, Action::Reconnect);
    dealer.on_connected(1);
    assert_next(&mut dealer, Action::Send(message));
}

#[test]
fn bound_socket_without_peer_retries_after_a_pause() {
    let mut push = state(SocketKind::Push, true);
    let message = send(&mut push);
    assert_next(&mut push, Action::Send(message.clone()));
    push.on_no_peer(message.clone());
    assert_next(&mut push, wait(true, true));
    assert_next(&mut push, Action::Send(message));
}

#[test]
fn req_sends_its_next_request_after_the_reply() {
    let mut req = state(SocketKind::Req, false);
    connect(&mut req, "/run/a");
    req.on_connected(1);
    assert_next(&mut req, wait(false, false));
    let request = send(&mut req);
    send(&mut req);
    assert_next(&mut req, Action::Send(request.clone()));
    req.on_sent();
    assert_next(&mut req, wait(true, false));
    req.on_received();
    assert_next(&mut req, Action::Send(request));
}

#[test]
fn rep_receives_one_request_at_a_time() {
    let mut rep = state(SocketKind::Rep, true);
    assert_next(&mut rep, wait(true, false));
    rep.on_received();
    assert_next(&mut rep, wait(false, false));
    rep.on_request_handled();
    assert_next(&mut rep, wait(true, false));
}

#[test]
fn receive_error_replaces_only_a_socket_that_connects() {
    for (binds, next) in [(true, wait(true, false)), (false, Action::Reconnect)] {
        let mut dealer = state(SocketKind::Dealer, binds);
        dealer.on_receive_error();
        assert_next(&mut dealer, next);
    }
}

#[test]
fn close_sends_what_is_pending_until_the_deadline() {
    let mut push = state(SocketKind::Push, true);
    let message = send(&mut push);
    push.on_handles_dropped();
    assert_next(&mut push, Action::Send(message.clone()));
    push.on_no_peer(message);
    assert_next(&mut push, wait(true, true));
    push.on_close_deadline();
    push.send_blocked = true;
    assert_next(&mut push, Action::Close);
    assert_eq!(push.unsent(), 1);
}

#[test]
fn close_does_not_wait_for_a_peer_that_has_left() {
    let mut dealer = state(SocketKind::Dealer, false);
    dealer.on_handles_dropped();
    assert_eq!(dealer.next_connect_action(), ConnectAction::Close);
    let mut dealer = state(SocketKind::Dealer, false);
    connect(&mut dealer, "/run/a");
    send(&mut dealer);
    dealer.on_handles_dropped();
    assert_eq!(dealer.next_connect_action(), ConnectAction::Connect);
    dealer.on_connected(1);
    assert_eq!(dealer.next_connect_action(), ConnectAction::Close);
}
