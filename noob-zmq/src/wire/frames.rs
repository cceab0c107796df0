//! Encoded messages in frames: large buffers stand beside the body, so that they are not copied.

use crate::graph::Bytes;

/// Encoded message: its body, and the large buffers to which the body refers.
///
/// Cheap to clone if there are few buffers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    body: Bytes,
    buffers: Vec<Bytes>,
    /// Handles of the buffers that are in shared memory, by number; empty if none is.
    handles: Vec<Option<Bytes>>,
}

impl Encoded {
    pub(super) const fn new(body: Bytes, buffers: Vec<Bytes>) -> Self {
        Self {
            body,
            buffers,
            handles: Vec::new(),
        }
    }

    /// Returns the length of all frames, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.body.len() + self.buffers.iter().map(Bytes::len).sum::<usize>()
    }

    /// Moves buffers into shared memory: `place` returns the new place of a buffer, and its handle.
    pub(crate) fn share(&mut self, place: impl Fn(&Bytes) -> Option<(Bytes, Bytes)>) {
        let mut shared = false;
        let handles = self.buffers.iter_mut().map(|buffer| {
            let (bytes, handle) = place(buffer)?;
            *buffer = bytes;
            shared = true;
            Some(handle)
        });
        self.handles = handles.collect();
        if !shared {
            self.handles.clear();
        }
    }

    /// Returns the frames as [`into_frames`](Self::into_frames), with handles in place of the
    /// buffers that are in shared memory.
    pub(crate) fn into_frames_by_handle(mut self, first: Option<Bytes>) -> Vec<Bytes> {
        let handles = std::mem::take(&mut self.handles);
        for (buffer, handle) in self.buffers.iter_mut().zip(handles) {
            if let Some(handle) = handle {
                *buffer = handle;
            }
        }
        self.into_frames(first)
    }

    /// Returns the frames: the first one that the kind of the socket asks for (a topic, an
    /// identity), if any, then the buffers, the last one first, then the body.
    #[must_use]
    pub fn into_frames(self, first: Option<Bytes>) -> Vec<Bytes> {
        let mut frames = Vec::with_capacity(2 + self.buffers.len());
        frames.extend(first);
        frames.extend(self.buffers.into_iter().rev());
        frames.push(self.body);
        frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Emit, Epoch, Event, Tensor, Timestamp, Value};
    use crate::wire::{Codec, Envelope, Events, Framing, RawMessage, WireError};

    const SENT: Envelope<'_> = Envelope {
        sender: "a",
        timestamp: Timestamp::from_micros(0),
    };

    fn events(value: Value) -> Events {
        Events(vec![Event {
            id: 1,
            timestamp: Timestamp::from_micros(0),
            node_id: "a".into(),
            signal: "value".into(),
            epoch: Epoch::root(1),
            value: Emit::Value(value),
        }])
    }

    fn tensor(data: Bytes) -> Value {
        Tensor {
            dtype: "<u1".into(),
            shape: [data.len() as u64].into(),
            data,
        }
        .into()
    }

    fn encoded(value: &Value, codec: Codec) -> Encoded {
        SENT.encode_frames(&events(value.clone()), codec).unwrap()
    }

    fn decoded(frames: Vec<Bytes>, framing: Framing) -> Result<Value, WireError> {
        let mut events: Events = RawMessage::parse(frames, framing)?.decode()?;
        match events.0.pop().map(|event| event.value) {
            Some(Emit::Value(value)) => Ok(value),
            other => panic!("no value: {other:?}"),
        }
    }

    #[test]
    fn large_buffers_are_not_copied() {
        let bytes = Bytes::from(vec![1; 20_000]);
        let data = Bytes::from(vec![2; 40_000]);
        let value = Value::from([
            Value::Bytes(bytes.clone()),
            Value::Bytes(vec![3; 100].into()),
            tensor(data.clone()),
        ]);
        let encoded = encoded(&value, Codec::MsgPack);
        assert!((60_000..60_400).contains(&encoded.size()));
        let topic = Some(Bytes::from_static(b"event"));
        let peer = Some(Bytes::from_static(b"p"));
        for (framing, first) in [
            (Framing::Topic, topic),
            (Framing::Identity, peer),
            (Framing::Body, None),
        ] {
            let frames = encoded.clone().into_frames(first.clone());
            assert_eq!(frames.len(), 3 + usize::from(first.is_some()));
            let read = decoded(frames, framing).unwrap();
            assert_eq!(read, value);
            let Value::List(items) = read else { panic!() };
            let [Value::Bytes(one), _, Value::Tensor(two)] = &items[..] else {
                panic!()
            };
            assert_eq!(one.as_ptr(), bytes.as_ptr());
            assert_eq!(two.data.as_ptr(), data.as_ptr());
        }
        // With the delimiter that a REQ puts before it.
        let mut frames = encoded.into_frames(None);
        frames.insert(0, Bytes::new());
        assert_eq!(decoded(frames.clone(), Framing::Body).unwrap(), value);
        frames.insert(0, Bytes::from_static(b"p"));
        assert_eq!(decoded(frames, Framing::Identity).unwrap(), value);
    }

    #[test]
    fn small_buffers_json_and_the_last_of_many_stay_in_the_body() {
        let small = Value::Bytes(vec![1; 16_383].into());
        let large = Value::Bytes(vec![b'x'; 100_000].into());
        for (value, codec) in [(&small, Codec::MsgPack), (&large, Codec::Json)] {
            let frames = encoded(value, codec).into_frames(None);
            assert_eq!(frames.len(), 1);
            assert_eq!(decoded(frames, Framing::Body).unwrap(), *value);
        }
        let many = vec![Value::Bytes(vec![1; 16 << 10].into()); 1030];
        let many = Value::List(many.into());
        let frames = encoded(&many, Codec::MsgPack).into_frames(None);
        assert_eq!(frames.len(), 1025);
        assert_eq!(decoded(frames, Framing::Body).unwrap(), many);
    }

    #[test]
    fn shared_buffers_are_sent_as_handles_or_as_bytes() {
        let value = Value::from([1, 2, 3].map(|n| Value::Bytes(vec![n; 20_000].into())));
        let mut encoded = encoded(&value, Codec::MsgPack);
        let place = |buffer: &Bytes| {
            let handle = Bytes::copy_from_slice(&[b'h', buffer[0]]);
            (buffer[0] != 2).then(|| (buffer.clone(), handle))
        };
        encoded.share(place);
        let by_handle = encoded.clone().into_frames_by_handle(None);
        let lens: Vec<usize> = by_handle.iter().map(Bytes::len).collect();
        assert_eq!(lens[..3], [2, 20_000, 2]);
        assert_eq!(
            (&by_handle[0][..], &by_handle[2][..]),
            (&b"h\x03"[..], &b"h\x01"[..])
        );
        let frames = encoded.clone().into_frames(None);
        assert_eq!(decoded(frames, Framing::Body).unwrap(), value);
        encoded.share(|_| None);
        let frames = encoded.into_frames_by_handle(None);
        assert_eq!(decoded(frames, Framing::Body).unwrap(), value);
    }

    #[test]
    fn a_body_refers_to_each_present_frame_once() {
        let value = Value::from([1, 2].map(|byte| Value::Bytes(vec![byte; 20_000].into())));
        let frames = encoded(&value, Codec::MsgPack).into_frames(None);
        let place = |frame: &Bytes| {
            frame
                .windows(6)
                .position(|bytes| bytes == b"\xd6\x05\0\0\0\x01")
        };
        let place = place(&frames[2]).unwrap() + 5;
        for (number, kept) in [(0, 2), (2, 2), (255, 2), (1, 1), (1, 0)] {
            let mut body = frames[2].to_vec();
            body[place] = number;
            let mut frames = frames[..kept].to_vec();
            frames.push(body.into());
            let error = decoded(frames, Framing::Body).unwrap_err().to_string();
            assert!(error.contains("is named, and"), "{error}");
        }
    }
}
