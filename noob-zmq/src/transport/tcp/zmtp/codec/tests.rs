//! Messages, however they are cut; peers that speak differently; the memory for large frames.

use super::*;

fn decoder() -> ZmtpDecoder {
    ZmtpDecoder::new(&["XPUB"], u64::MAX, FrameInspector::lengths_only())
}

fn decode(bytes: &[u8], step: usize) -> Result<Vec<Vec<Bytes>>, ZmtpError> {
    let mut decoder = decoder();
    let mut messages = Vec::new();
    for piece in bytes.chunks(step) {
        decoder.buffer.extend_from_slice(piece);
        while let Some(message) = decoder.next()? {
            messages.push(message);
        }
    }
    assert!(decoder.buffer.is_empty());
    Ok(messages)
}

/// Greeting by the text of RFC 23, and not by the constant of the codec.
fn greeting() -> Vec<u8> {
    let mut greeting = b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL".to_vec();
    greeting.resize(64, 0);
    greeting
}

const READY: &[u8] = b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04XPUB";

#[test]
fn hello_and_subscriptions_follow_the_specification() {
    assert_eq!(hello("XPUB"), [&greeting()[..], READY].concat());
    assert_eq!(&subscription("ab")[..], b"\0\x03\x01ab");
    let long = "t".repeat(300);
    assert_eq!(subscription(&long)[..9], [2, 0, 0, 0, 0, 0, 0, 1, 45]);
}

#[test]
fn messages_are_decoded_however_they_are_cut() {
    let large = vec![7; 70_000];
    let mut stream = [&greeting()[..], READY].concat();
    stream.extend(b"\x01\x01a\0\x02bc\0\0");
    stream.extend(b"\x04\x05\x04PING");
    stream.extend(b"\x01\x01d\x02\0\0\0\0\0\x01\x11\x70");
    stream.extend(&large);
    let expected: Vec<Vec<Bytes>> = vec![
        vec!["a".into(), "bc".into()],
        vec![Bytes::new()],
        vec!["d".into(), large.into()],
    ];
    for step in [1, 7, 64, 100, 30_000, 100_000] {
        assert_eq!(decode(&stream, step).unwrap(), expected, "{step}");
    }
}

#[test]
fn encoded_messages_are_decoded_again() {
    let messages: Vec<Vec<Bytes>> = [10, 300, 16 << 10, 20, 100_000, 0]
        .map(|size| vec!["topic".into(), vec![1; size].into()])
        .into();
    let mut encoder = ZmtpEncoder::default();
    for message in &messages {
        encoder.add(&message.clone().try_into().unwrap());
    }
    assert_eq!(encoder.len(), 5 * 6 + 10 + 300 + (16 << 10) + 20 + 100_000);
    let mut stream = hello("XPUB").to_vec();
    encoder.take().for_each(|piece| stream.extend(piece));
    assert_eq!(encoder.len(), 0);
    assert_eq!(decode(&stream, 1000).unwrap(), messages);
}

#[test]
fn peer_of_another_protocol_or_kind_is_rejected() {
    let rejected = |at: usize, byte: u8| {
        let mut stream = [&greeting()[..], READY].concat();
        stream[at] = byte;
        decode(&stream, 100).unwrap_err()
    };
    assert_eq!(rejected(0, b'G'), ZmtpError::Version);
    assert_eq!(rejected(10, 1), ZmtpError::Version);
    assert_eq!(rejected(12, b'D'), ZmtpError::Mechanism("DULL".into()));
    assert_eq!(
        rejected(90, b'Y'),
        ZmtpError::SocketType("XPYB".into(), "XPUB")
    );
    assert_eq!(rejected(64, 0), ZmtpError::NoSocketType);
    assert_eq!(rejected(66, 200), ZmtpError::NoSocketType);
    assert_eq!(rejected(75, b'X'), ZmtpError::NoSocketType);
    assert_eq!(rejected(64, 8), ZmtpError::NotAFrame);
}

#[test]
fn message_over_the_limit_is_rejected_by_its_header() {
    let mut decoder = ZmtpDecoder::new(&["XPUB"], 1000, FrameInspector::lengths_only());
    decoder.buffer.extend(hello("XPUB"));
    decoder.buffer.put_slice(&[2, 0, 0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(decoder.next(), Err(ZmtpError::TooLarge(1 << 32, 1000)));
}

#[test]
fn room_for_large_frames_is_reused_and_bounded() {
    let mut decoder = decoder();
    decoder.buffer.extend(hello("XPUB"));
    let mut header = [2, 0, 0, 0, 0, 0, 0, 0, 0];
    for size in [1 << 20, 1 << 20, 1 << 20, 32 << 20, 1 << 20, 100 << 10] {
        header[1..].copy_from_slice(&u64::to_be_bytes(size));
        decoder.buffer.put_slice(&header);
        for _ in 0..size >> 10 {
            assert_eq!(decoder.next(), Ok(None));
            decoder.buffer.put_slice(&[7; 1 << 10]);
        }
        let message = decoder.next().unwrap().unwrap();
        assert_eq!(message[0].len() as u64, size);
        let kept: usize = decoder.blocks.iter().map(|(size, _)| size).sum();
        assert!(kept <= MAX_KEPT, "{kept}");
    }
    assert!(decoder.blocks.len() <= 3, "{}", decoder.blocks.len());
}

#[test]
fn announced_frame_alone_allocates_little() {
    let mut decoder = decoder();
    decoder.buffer.extend(hello("XPUB"));
    decoder.buffer.put_slice(&[2, 0, 0, 0, 0, 0x40, 0, 0, 0, 1]);
    assert_eq!(decoder.next(), Ok(None));
    assert!(decoder.buffer.capacity() < 2 * MAX_RESERVED);
}
