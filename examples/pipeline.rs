//! Actors without tubes: REQ and REP request work, and PUSH and PULL return the results.

use noob_zmq::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedSender, error::SendError, unbounded_channel};

#[derive(Debug, Serialize, Deserialize, Message)]
struct Order(u64);

#[derive(Debug, Serialize, Deserialize, Message)]
struct Square(u64);

#[derive(Sockets)]
struct ClientSockets {
    #[connect("server/orders")]
    #[send(Order)]
    #[recv(Order)]
    #[peer(ServerSockets::ORDERS)]
    orders: Req<Self>,
    #[bind]
    #[recv(Square)]
    #[peer(ServerSockets::SQUARES)]
    squares: Pull,
}

#[derive(Sockets)]
struct ServerSockets {
    #[bind]
    #[recv(Order)]
    #[send(Order)]
    orders: Rep<Self>,
    #[connect("client/squares")]
    #[send(Square)]
    squares: Push<Self>,
}

struct Client(ClientSockets, UnboundedSender<String>);

#[handlers(ClientSockets)]
impl Client {
    #[on_orders(Order)]
    fn on_accepted(&mut self, order: Order) -> Result<(), SendError<String>> {
        self.1.send(format!("{} squares are to come", order.0))
    }

    #[on_squares(Square)]
    fn on_square(&mut self, square: Square) -> Result<(), SendError<String>> {
        self.1.send(square.0.to_string())
    }
}

struct Server(ServerSockets);

#[handlers(ServerSockets)]
impl Server {
    #[on_orders(Order)]
    fn on_order(&mut self, order: Order) -> Result<(), ActorError> {
        self.0.orders.send(&order)?;
        (1..=order.0).try_for_each(|n| self.0.squares.send(&Square(n * n)))
    }
}

#[noob_zmq::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = RuntimeDir::create(&runtime_root())?;
    let _server = Server::run(Scope::of(&directory, "server"), Server).await?;
    let (told, mut said) = unbounded_channel();
    let make = |sockets| Client(sockets, told);
    let client = Client::run(Scope::of(&directory, "client"), make).await?;
    client
        .ask(|client| client.0.orders.send(&Order(5)))
        .await??;
    for _ in 0..6 {
        println!("{}", said.recv().await.ok_or("the client has ended")?);
    }
    Ok(())
}
