//! Cost of generated dispatch against hand-written dispatch.
//!
//! `cargo bench -p noob-zmq-tests --bench dispatch` runs it. Both sides read raw messages of three
//! kinds on two sockets, and call the same handlers, sync and async. The program prints nanoseconds
//! a message, the best of several alternating rounds, and fails if the generated code costs 10 ns a
//! message more.

use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Instant;

use noob_zmq::actor::{Actor, Context, HandlerError, Pull, Router, Sockets};
use noob_zmq::graph::Timestamp;
use noob_zmq::handlers;
use noob_zmq::wire::{
    Codec, Envelope, Message, MessageType, Ping, RawMessage, Start, Stop, WireError,
};

const MESSAGES: u32 = 3_000_000;
const ROUNDS: usize = 9;
/// Largest extra cost of the generated code, in nanoseconds a message.
const ALLOWED: f64 = 10.0;

#[derive(noob_zmq::Sockets)]
struct BenchSockets {
    #[bind]
    #[recv(Start, Stop)]
    router: Router,
    #[bind]
    #[recv(Ping)]
    inbox: Pull,
}

#[derive(Default)]
struct Bench {
    started: i64,
    stops: u64,
    pings: u64,
}

#[handlers(BenchSockets)]
impl Bench {
    #[on_router(MessageType::Start)]
    fn on_start(&mut self, start: Start) {
        self.started += start.count.unwrap_or_default();
    }

    #[on_router(MessageType::Stop)]
    async fn on_stop(&mut self, _stop: Stop) -> Result<(), std::io::Error> {
        std::future::ready(()).await;
        self.stops += 1;
        Ok(())
    }

    #[on_inbox(MessageType::Ping)]
    async fn on_ping(&mut self, _ping: Ping, context: &Context) {
        std::future::ready(()).await;
        self.pings += u64::from(context.socket.kind.receives());
    }
}

/// Hand-written dispatch.
enum ByHand {
    Start(Start),
    Stop(Stop),
    Ping(Ping),
    Other,
}

fn decode_by_hand(socket: usize, raw: &RawMessage) -> Result<ByHand, WireError> {
    Ok(match (socket, raw.kind()) {
        (0, "start") => ByHand::Start(Start::decode(raw)?),
        (0, "stop") => ByHand::Stop(Stop::decode(raw)?),
        (1, "ping") => ByHand::Ping(Ping::decode(raw)?),
        _ => ByHand::Other,
    })
}

async fn call_by_hand(
    bench: &mut Bench,
    message: ByHand,
    context: &Context,
) -> Result<(), HandlerError> {
    match message {
        ByHand::Start(start) => bench.on_start(start),
        ByHand::Stop(stop) => bench.on_stop(stop).await.map_err(HandlerError::new)?,
        ByHand::Ping(ping) => bench.on_ping(ping, context).await,
        ByHand::Other => {}
    }
    Ok(())
}

/// Runs a future that is ready at once.
fn done<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the handlers of this program do not wait"),
    }
}

/// Message on arrival: the socket, the message, and its context.
type Arrival = (usize, RawMessage, Context);

fn arrival<M: Message>(socket: usize, message: &M) -> Result<Arrival, WireError> {
    let envelope = Envelope {
        sender: "n",
        timestamp: Timestamp::from_micros(0),
    };
    let raw = RawMessage::from_body(envelope.encode(message, Codec::MsgPack)?)?;
    let context = Context::of(&BenchSockets::SPEC.sockets[socket], &raw);
    Ok((socket, raw, context))
}

/// Returns the nanoseconds that `handle` takes for one message.
fn time(arrivals: &[Arrival], mut handle: impl FnMut(&Arrival)) -> f64 {
    let begun = Instant::now();
    for arrival in arrivals.iter().cycle().take(MESSAGES as usize) {
        handle(black_box(arrival));
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(MESSAGES)
}

fn main() -> ExitCode {
    let arrivals = [
        arrival(0, &Start::new(Some(2))),
        arrival(1, &Ping),
        arrival(0, &Stop),
    ];
    let arrivals: Vec<Arrival> = match arrivals.into_iter().collect() {
        Ok(arrivals) => arrivals,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let (mut generated, mut by_hand) = (f64::INFINITY, f64::INFINITY);
    let (mut ours, mut theirs) = (Bench::default(), Bench::default());
    for _ in 0..ROUNDS {
        generated = generated.min(time(&arrivals, |(socket, raw, context)| {
            let incoming = BenchSockets::decode(*socket, raw.clone());
            let outcome = incoming.map(|incoming| done(ours.dispatch(incoming, context)));
            assert!(matches!(outcome, Ok(Ok(()))));
        }));
        by_hand = by_hand.min(time(&arrivals, |(socket, raw, context)| {
            let raw = raw.clone();
            let message = decode_by_hand(*socket, &raw);
            let outcome = message.map(|message| done(call_by_hand(&mut theirs, message, context)));
            assert!(matches!(outcome, Ok(Ok(()))));
        }));
    }
    assert_eq!(
        (ours.started, ours.stops, ours.pings),
        (theirs.started, theirs.stops, theirs.pings)
    );
    println!("generated   {generated:6.1} ns a message");
    println!("by hand     {by_hand:6.1} ns a message");
    println!("difference  {:6.1} ns", generated - by_hand);
    if generated - by_hand > ALLOWED {
        eprintln!("the generated dispatch may cost {ALLOWED} ns more, not that much");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
