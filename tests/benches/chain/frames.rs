//! Nodes that pass frames of 640×480 bytes, in each of the types that a node may take.

use ndarray::Array2;
use noob_zmq::graph::Bytes;
use noob_zmq::node;

use crate::ends::Source;
use crate::ours::{job, text};

/// Number of rows and columns of a frame.
const SHAPE: (usize, usize) = (480, 640);
/// Size of a frame in bytes.
pub(crate) const SIZE: usize = SHAPE.0 * SHAPE.1;

type ByteVector = Vec<u8>;
type ByteArray = Array2<u8>;

/// Returns the number in the first 8 bytes of a frame.
fn first_number(frame: &[u8]) -> Result<i64, String> {
    match frame.first_chunk() {
        Some(number) if frame.len() == SIZE => Ok(i64::from_le_bytes(*number)),
        _ => Err(format!("a frame of {} bytes", frame.len())),
    }
}

/// Declares a source, a node that passes frames on, and one that takes the number in a frame.
macro_rules! frames {
    ($type:ident: $source:ident $emits:tt, $pass:ident $passes:tt, $number:ident $takes:tt;
        $make:expr; $bytes:expr) => {
        #[node(name = $emits)]
        fn $source(
            directory: String,
        ) -> Result<impl Iterator<Item = Result<$type, String>>, String> {
            let mut source = Source::new(job(&directory).map_err(text)?);
            let make: fn(&[u8]) -> $type = $make;
            Ok(std::iter::from_fn(move || {
                let frame = source.blob().map_err(text).transpose()?;
                // A frame of its own each time, as a camera makes it.
                Some(frame.map(|frame| make(&frame)))
            }))
        }

        #[node(name = $passes)]
        fn $pass(value: $type) -> $type {
            value
        }

        #[node(name = $takes)]
        fn $number(value: $type) -> Result<i64, String> {
            let bytes: fn(&$type) -> &[u8] = $bytes;
            first_number(bytes(&value))
        }
    };
}

frames!(Bytes: bytes "frame.bytes", pass_bytes "frame.pass_bytes",
    number_in_bytes "frame.number_in_bytes";
    Bytes::copy_from_slice; |frame| frame);

frames!(ByteVector: vectors "frame.vectors", pass_vector "frame.pass_vectors",
    number_in_vector "frame.number_in_vectors";
    |frame| frame.to_vec(); |frame| frame);

frames!(ByteArray: arrays "frame.arrays", pass_array "frame.pass_arrays",
    number_in_array "frame.number_in_arrays";
    |frame| Array2::from_shape_vec(SHAPE, frame.to_vec()).unwrap_or_default();
    |frame| frame.as_slice().unwrap_or_default());
