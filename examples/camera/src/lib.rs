//! Python module with the Rust node of `camera.yaml`, beside all that `noob_zmq` needs.

use ndarray::Array2;
use noob_zmq::node;
use pyo3::prelude::*;

/// Emits how much each pixel differs from that of the frame before.
#[derive(Default)]
struct Motion {
    before: Option<Array2<u8>>,
}

#[node(name = "camera_nodes.motion")]
impl Motion {
    fn new() -> Self {
        Self::default()
    }

    #[process]
    fn compare(&mut self, frame: Array2<u8>) -> Array2<u8> {
        let before = self.before.replace(frame.clone());
        let before = before.filter(|before| before.dim() == frame.dim());
        match before {
            Some(before) => ndarray::Zip::from(&frame)
                .and(&before)
                .map_collect(|now, before| now.abs_diff(*before)),
            None => Array2::zeros(frame.dim()),
        }
    }
}

#[pymodule]
fn camera_nodes(module: &Bound<'_, PyModule>) -> PyResult<()> {
    noob_zmq_python::add_to(module)
}
