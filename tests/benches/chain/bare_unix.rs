//! Bare unix stream sockets: one write and one read for each value and edge.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::Duration;

use noob_zmq::graph::Bytes;

use crate::Failed;
use crate::bare::Wire;
use crate::job::Job;

pub(crate) struct UnixWire {
    inputs: Vec<UnixStream>,
    outputs: Vec<UnixStream>,
    buffer: Vec<u8>,
}

/// Connects a part to those that feed it, and waits for those that it feeds.
pub(crate) fn open(job: &Job, number: usize) -> Result<UnixWire, Failed> {
    let parts = job.graph.parts();
    let listener = UnixListener::bind(path(job, number))?;
    let mut inputs = Vec::new();
    for &input in &parts[number].inputs {
        inputs.push(loop {
            match UnixStream::connect(path(job, input)) {
                Ok(stream) => break stream,
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        });
    }
    let fed = parts.iter().filter(|part| part.inputs.contains(&number));
    let outputs = fed.map(|_| Ok(listener.accept()?.0));
    Ok(UnixWire {
        inputs,
        outputs: outputs.collect::<Result<_, Failed>>()?,
        buffer: Vec::new(),
    })
}

fn path(job: &Job, number: usize) -> PathBuf {
    job.directory.join(format!("u{number}"))
}

impl Wire for UnixWire {
    async fn receive(&mut self, input: usize, size: usize) -> Result<&[u8], Failed> {
        self.buffer.resize(size, 0);
        self.inputs[input].read_exact(&mut self.buffer)?;
        Ok(&self.buffer)
    }

    async fn send(&mut self, value: &Bytes) -> Result<(), Failed> {
        for output in &mut self.outputs {
            output.write_all(value)?;
        }
        Ok(())
    }
}
