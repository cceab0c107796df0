//! The bare `zeromq` crate: XPUB to SUB over ipc, one current-thread runtime for each process.

use std::path::PathBuf;
use std::time::Duration;

use noob_zmq::graph::Bytes;
use zeromq::{Socket, SocketRecv, SocketSend, SubSocket, XPubSocket, ZmqMessage};

use crate::Failed;
use crate::bare::Wire;
use crate::job::Job;

pub(crate) struct ZmqWire {
    inputs: Vec<SubSocket>,
    output: XPubSocket,
    received: Bytes,
}

/// Connects a part to those that feed it, and waits for the subscriptions of those that it feeds.
pub(crate) async fn open(job: &Job, number: usize) -> Result<ZmqWire, Failed> {
    let parts = job.graph.parts();
    let mut output = XPubSocket::new();
    output.bind(&address(job, number)).await?;
    let mut inputs = Vec::new();
    for &input in &parts[number].inputs {
        let mut socket = SubSocket::new();
        while !path(job, input).exists() || socket.connect(&address(job, input)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        socket.subscribe("").await?;
        inputs.push(socket);
    }
    for _ in parts.iter().filter(|part| part.inputs.contains(&number)) {
        output.recv().await?;
    }
    if inputs.is_empty() {
        // Until every part down to the sink has its subscriptions.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(ZmqWire {
        inputs,
        output,
        received: Bytes::new(),
    })
}

fn path(job: &Job, number: usize) -> PathBuf {
    job.directory.join(format!("z{number}"))
}

fn address(job: &Job, number: usize) -> String {
    format!("ipc://{}", path(job, number).display())
}

impl Wire for ZmqWire {
    async fn receive(&mut self, input: usize, _size: usize) -> Result<&[u8], Failed> {
        let message = self.inputs[input].recv().await?;
        let frame = message.get(0).ok_or("a message without a frame")?;
        self.received = frame.clone();
        Ok(&self.received)
    }

    async fn send(&mut self, value: &Bytes) -> Result<(), Failed> {
        Ok(self.output.send(ZmqMessage::from(value.clone())).await?)
    }
}
