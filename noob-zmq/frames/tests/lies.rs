//! Handles and addresses that lie, and orders of use that nobody thought of.
#![cfg(not(loom))]

use noob_zmq_frames::{Attachment, Block, Handle, Pool};
use proptest::prelude::*;
use proptest::sample::Index;

/// Step of a random use of a pool.
#[derive(Debug, Clone)]
enum Step {
    Copy {
        len: usize,
    },
    DropBlock(Index),
    View {
        handle: Index,
        attachment: bool,
    },
    DropView(Index),
    /// View of a handle with one changed byte.
    Lie {
        handle: Index,
        at: usize,
        byte: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..Handle::SIZE;
    prop_oneof![
        4 => (1..100_000_usize).prop_map(|len| Step::Copy { len }),
        3 => any::<Index>().prop_map(Step::DropBlock),
        4 => any::<(Index, bool)>()
            .prop_map(|(handle, attachment)| Step::View { handle, attachment }),
        3 => any::<Index>().prop_map(Step::DropView),
        2 => (any::<Index>(), at, any::<u8>())
            .prop_map(|(handle, at, byte)| Step::Lie { handle, at, byte }),
    ]
}

/// Returns the value number `n`, which no other value equals.
fn value(n: usize, len: usize) -> Vec<u8> {
    let mut value = n.to_ne_bytes().repeat(len.div_ceil(8));
    value.truncate(len);
    value
}

proptest! {
    #[test]
    fn views_have_the_value_of_their_handle(steps in prop::collection::vec(step(), 1..120)) {
        let pool = Pool::new(300_000).unwrap();
        let attachments = [0; 2].map(|_| Attachment::open(&pool.address()).unwrap());
        let mut handles: Vec<(Handle, Vec<u8>)> = Vec::new();
        let mut blocks: Vec<(Block, Vec<u8>)> = Vec::new();
        let mut views = Vec::new();
        for step in steps {
            match step {
                Step::Copy { len } => {
                    let value = value(handles.len(), len);
                    if let Some(block) = pool.copy(&value) {
                        handles.push((block.handle(), value.clone()));
                        blocks.push((block, value));
                    }
                }
                Step::DropBlock(at) if !blocks.is_empty() => {
                    blocks.swap_remove(at.index(blocks.len()));
                }
                Step::View { handle, attachment } if !handles.is_empty() => {
                    let (handle, value) = &handles[handle.index(handles.len())];
                    let view = attachments[usize::from(attachment)].view(handle);
                    // A value that its owner holds is always there.
                    let owned = blocks.iter().any(|(block, _)| block.handle() == *handle);
                    prop_assert!(view.is_some() || !owned);
                    views.extend(view.map(|view| (view, value.clone())));
                }
                Step::DropView(at) if !views.is_empty() => {
                    views.swap_remove(at.index(views.len()));
                }
                Step::Lie { handle, at, byte } if !handles.is_empty() => {
                    let mut bytes = handles[handle.index(handles.len())].0.to_bytes();
                    bytes[at] = byte;
                    if let Some(lie) = Handle::from_bytes(&bytes) {
                        let known = handles.iter().find(|(handle, _)| *handle == lie);
                        let view = attachments[0].view(&lie);
                        prop_assert!(view.is_none() || known.is_some());
                    }
                }
                _ => {}
            }
            for (view, value) in &views {
                prop_assert_eq!(view, value);
            }
            for (block, value) in &blocks {
                prop_assert_eq!(block.bytes(), value);
                // A whole block is known by its memory, and nothing else is.
                prop_assert_eq!(pool.handle_of(block.bytes()), Some(block.handle()));
                prop_assert_eq!(pool.handle_of(&block.bytes().slice(1..)), None);
                prop_assert_eq!(pool.handle_of(&value.clone().into()), None);
            }
            for (view, _) in &views {
                prop_assert_eq!(pool.handle_of(view), None);
            }
        }
        drop((blocks, views));
        prop_assert_eq!(pool.used(), 0);
    }

    #[test]
    fn forged_handles_are_rejected(
        generation in prop_oneof![0..4_u64, any::<u64>()],
        len in prop_oneof![Just(0), Just(100), any::<u64>()],
        start in prop_oneof![0..20_u32, any::<u32>()],
    ) {
        let pool = Pool::new(100_000).unwrap();
        let attachment = Attachment::open(&pool.address()).unwrap();
        let real = pool.copy(&[1; 100]).unwrap().handle();
        let mut bytes = real.to_bytes();
        bytes[32..36].copy_from_slice(&start.to_be_bytes());
        bytes[36..44].copy_from_slice(&generation.to_be_bytes());
        bytes[44..].copy_from_slice(&len.to_be_bytes());
        let forged = Handle::from_bytes(&bytes).unwrap();
        prop_assert_eq!(attachment.view(&forged).is_some(), forged == real);
        // A forged handle has changed no lock.
        prop_assert!(attachment.view(&real).is_some());
        prop_assert_eq!(pool.used(), 0);
    }

    #[test]
    fn bytes_of_others_are_read_or_rejected(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        mut handle in prop::collection::vec(any::<u8>(), Handle::SIZE),
        own in any::<bool>(),
        fd in 0..40_u32,
    ) {
        prop_assert_eq!(Handle::from_bytes(&bytes), None);
        handle[..4].copy_from_slice(b"nzf1");
        handle[8..12].copy_from_slice(&fd.to_be_bytes());
        if own {
            handle[4..8].copy_from_slice(&std::process::id().to_be_bytes());
        }
        let read = Handle::from_bytes(&handle).unwrap();
        prop_assert_eq!(&read.to_bytes()[..], &handle[..]);
        prop_assert!(Attachment::open(&read.address()).is_err());
    }
}
