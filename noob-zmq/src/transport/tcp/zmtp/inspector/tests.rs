//! Streams that are passed on, and streams that are rejected, whole and byte by byte.

use super::*;

fn greeted(bytes: &[u8]) -> Vec<u8> {
    [&[0xff; GREETING_LEN][..], bytes].concat()
}

/// Inspects a stream at once and byte by byte, with one result; returns the names in it.
fn inspect_with(
    limit: u64,
    content: FrameInspector,
    bytes: &[u8],
) -> Result<Vec<String>, ZmtpError> {
    let stream = greeted(bytes);
    let mut pieces = StreamInspector::new(limit, content);
    let mut whole = pieces.clone();
    let inspected = whole.inspect(&stream).map(|()| whole.content.names);
    let by_byte = stream.chunks(1).try_for_each(|byte| pieces.inspect(byte));
    assert_eq!(inspected, by_byte.map(|()| pieces.content.names));
    inspected
}

fn inspect_lengths(bytes: &[u8]) -> Result<(), ZmtpError> {
    inspect_with(1000, FrameInspector::lengths_only(), bytes).map(drop)
}

fn inspect_for(socket: &str, bytes: &[u8]) -> Result<Vec<String>, ZmtpError> {
    let acl = Some((IdentityAcl::default(), None));
    inspect_with(1 << 20, FrameInspector::for_socket(socket, acl), bytes)
}

fn long(flags: u8, length: u64) -> Vec<u8> {
    [&[flags][..], &length.to_be_bytes()].concat()
}

fn ready(properties: &[(&str, &str)]) -> Vec<u8> {
    let mut ready = b"\x05READY".to_vec();
    for (name, value) in properties {
        ready.push(u8::try_from(name.len()).unwrap());
        ready.extend(name.as_bytes());
        ready.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        ready.extend(value.as_bytes());
    }
    [&[4, u8::try_from(ready.len()).unwrap()][..], &ready].concat()
}

#[test]
fn frames_are_passed_on() {
    let mut stream = vec![4, 5, 5, b'R', b'E', b'A', b'D'];
    stream.extend([1, 2, b'a', b'b', 0, 0]);
    stream.extend(long(2, 300));
    stream.extend([7; 300]);
    stream.extend([0, 1, 9]);
    assert_eq!(inspect_lengths(&stream), Ok(()));
}

#[test]
fn message_over_a_limit_is_rejected() {
    assert_eq!(
        inspect_lengths(&long(2, 1 << 40)),
        Err(ZmtpError::TooLarge(1 << 40, 1000))
    );
    assert!(inspect_lengths(&long(2, u64::MAX)).is_err());
    // The command of a handshake too.
    assert!(inspect_lengths(&long(6, 1 << 33)).is_err());
    // The limit holds for all frames of a message together.
    let frame = [&[1, 250][..], &[0; 250]].concat();
    assert_eq!(inspect_lengths(&frame.repeat(4)), Ok(()));
    assert_eq!(
        inspect_lengths(&frame.repeat(5)),
        Err(ZmtpError::TooLarge(1250, 1000))
    );
    assert_eq!(
        inspect_lengths(&[1, 0].repeat(70_000)),
        Err(ZmtpError::TooManyFrames)
    );
}

#[test]
fn bytes_that_are_no_frame_are_rejected() {
    assert_eq!(
        inspect_lengths(b"GET / HTTP/1.1"),
        Err(ZmtpError::NotAFrame)
    );
    assert_eq!(inspect_lengths(&[5, 1, 1]), Err(ZmtpError::NotAFrame));
}

#[test]
fn subscriber_may_only_subscribe() {
    let mut stream = ready(&[("Socket-Type", "SUB"), ("Identity", "")]);
    stream.extend([0, 1, 1]);
    stream.extend([0, 17, 1]);
    stream.extend(b"__subscriber__:b");
    stream.extend([0, 19, 1]);
    stream.extend(b"__memory__:key:c:d");
    assert_eq!(
        inspect_for("command/outbox", &stream),
        Ok(vec!["b".to_owned(), "c:d".to_owned()])
    );
    for wrong in [
        &[0, 2, 9, b'a'][..],
        &[1, 1, 1, 0, 1, b'a'],
        &[0, 0],
        &[1, 0, 0, 2, 1, b'a'],
    ] {
        let stream = [&ready(&[]), wrong].concat();
        assert_eq!(
            inspect_for("nodes/a/outbox", &stream),
            Err(ZmtpError::MaySubscribeOnly),
            "{wrong:?}"
        );
    }
    let often = [0, 1, 1].repeat(5000);
    assert_eq!(
        inspect_for("command/outbox", &often),
        Err(ZmtpError::TooManySubscriptions)
    );
}

#[test]
fn sender_must_state_its_identity_first() {
    let named = ready(&[("Socket-Type", "DEALER"), ("Identity", "b")]);
    let report = [0, 2, b'{', b'}'];
    let stream = [&named[..], &report].concat();
    assert_eq!(
        inspect_for("command/inbox", &stream),
        Ok(vec!["b".to_owned()])
    );
    let nameless = ready(&[("Socket-Type", "DEALER")]);
    for stream in [
        nameless.clone(),
        ready(&[("Identity", "")]),
        report.to_vec(),
        [4, 6, 5, b'R', b'E', b'A', b'D', b'Y'].to_vec(),
        [&named[..named.len() - 1], b"c", &nameless].concat(),
    ] {
        let inspected = inspect_for("command/inbox", &stream);
        assert_eq!(inspected, Err(ZmtpError::NoIdentity), "{stream:?}");
    }
}

#[tokio::test]
async fn name_is_authorized_by_the_key_that_hosts_it() {
    let key = Some(PublicKey::from_bytes([1; 32]));
    let acl = IdentityAcl::default();
    let content = FrameInspector::for_socket("command/inbox", Some((acl.clone(), key)));
    let mut inspector = StreamInspector::new(1000, content);
    let stream = greeted(&ready(&[("Identity", "b")]));
    inspector.inspect(&stream).unwrap();
    let mut inspector = inspector.content;
    assert!(!inspector.is_authorized());
    acl.grant(&"b".into(), Some(PublicKey::from_bytes([2; 32])));
    let unauthorized = inspector.clone().authorize().await;
    assert_eq!(unauthorized, Err(ZmtpError::UnauthorizedName("b".into())));
    acl.grant(&"b".into(), key);
    assert_eq!(inspector.authorize().await, Ok(()));
    assert!(inspector.is_authorized());
    acl.revoke("b");
    inspector.revoked().await;
}
