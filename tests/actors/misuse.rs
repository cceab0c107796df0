//! Mistakes of an actor's author: each is an error at once, and none hangs or is silent.

use std::sync::{Arc, Mutex};

use noob_zmq::actor::{Actor, ActorError, ActorLoop, Pull, Push, Rep, Req, Scope};
use noob_zmq::transport::RuntimeDir;
use noob_zmq::wire::{Failure, MessageType};
use noob_zmq::{Message, Sockets, handlers};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
struct Order(u32);

#[derive(Sockets)]
struct ShopSockets {
    #[bind("orders")]
    #[recv(Order)]
    #[send(Order)]
    orders: Rep<Self>,
    #[bind("notes")]
    #[recv(Order)]
    notes: Pull,
}

#[derive(Sockets)]
struct BuyerSockets {
    #[connect("orders")]
    #[recv(Order, Failure)]
    #[send(Order)]
    orders: Req<Self>,
    #[connect("notes")]
    #[send(Order)]
    notes: Push<Self>,
}

/// Shop that forgets to answer every odd order.
struct Shop(ShopSockets);

#[handlers(ShopSockets)]
impl Shop {
    #[on_orders(Order)]
    fn on_order(&mut self, order: Order) -> Result<(), ActorError> {
        if order.0 % 2 == 1 {
            return Ok(());
        }
        self.0.orders.send(&order)
    }

    #[on_notes(Order)]
    fn on_note(&mut self, _note: Order) {}
}

struct Buyer {
    sockets: BuyerSockets,
    told: UnboundedSender<Result<u32, String>>,
}

#[handlers(BuyerSockets)]
impl Buyer {
    #[on_orders(Order)]
    fn on_order(&mut self, order: Order) {
        let _ = self.told.send(Ok(order.0));
    }

    #[on_orders(MessageType::Failure)]
    fn on_failure(&mut self, failure: Failure) {
        let _ = self.told.send(Err(failure.report.message));
    }
}

struct Place {
    directory: RuntimeDir,
    _root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::TempDir::with_prefix("nz").unwrap();
        let directory = RuntimeDir::create(&root.path().join("r")).unwrap();
        Self {
            directory,
            _root: root,
        }
    }

    fn scope(&self, id: &str) -> Scope {
        Scope::of(&self.directory, id)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unanswered_request_is_answered_with_a_failure() {
    let place = Place::new();
    let reported = Arc::new(Mutex::new(Vec::new()));
    let errors = Arc::clone(&reported);
    let shop = ActorLoop::open(place.scope("shop"), Shop).await.unwrap();
    let shop = shop.on_error(move |socket, error| {
        let text = format!("{}: {error}", socket.name);
        errors.lock().unwrap().push(text);
    });
    let shop = shop.spawn();
    let (told, mut answers) = unbounded_channel();
    let make = |sockets| Buyer { sockets, told };
    let buyer = Buyer::run(place.scope("buyer"), make).await.unwrap();
    for order in [1, 2, 3, 4] {
        let send = move |buyer: &mut Buyer| buyer.sockets.orders.send(&Order(order));
        buyer.ask(send).await.unwrap().unwrap();
        match answers.recv().await.unwrap() {
            Ok(answer) => assert_eq!((answer, order % 2), (order, 0)),
            Err(text) => {
                assert_eq!(order % 2, 1);
                assert!(text.contains("was not answered"), "{text}");
            }
        }
    }
    shop.stop().await.unwrap();
    buyer.stop().await.unwrap();
    let reported = reported.lock().unwrap();
    assert_eq!(reported.len(), 2);
    assert!(reported[0].starts_with("orders: "), "{reported:?}");
}

/// Actor that keeps none of its sockets.
struct Forgetful {
    told: UnboundedSender<u32>,
}

#[handlers(ShopSockets)]
impl Forgetful {
    #[on_orders(Order)]
    fn on_order(&mut self, _order: Order) {}

    #[on_notes(Order)]
    fn on_note(&mut self, note: Order) {
        let _ = self.told.send(note.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actor_without_its_sockets_receives() {
    let place = Place::new();
    let (told, mut notes) = unbounded_channel();
    let make = |_: ShopSockets| Forgetful { told };
    let shop = Forgetful::run(place.scope("shop"), make).await.unwrap();
    let (told, _answers) = unbounded_channel();
    let make = |sockets| Buyer { sockets, told };
    let buyer = Buyer::run(place.scope("buyer"), make).await.unwrap();
    let send = |buyer: &mut Buyer| buyer.sockets.notes.send(&Order(7));
    buyer.ask(send).await.unwrap().unwrap();
    assert_eq!(notes.recv().await, Some(7));
    buyer.stop().await.unwrap();
    shop.stop().await.unwrap();
}

/// Actor that asks itself, or panics.
struct Curious {
    own: Option<noob_zmq::actor::Handle<Self>>,
    told: UnboundedSender<Option<ActorError>>,
}

#[handlers(ShopSockets)]
impl Curious {
    #[on_orders(Order)]
    fn on_order(&mut self, _order: Order) {}

    #[on_notes(Order)]
    async fn on_note(&mut self, note: Order) {
        assert_ne!(note.0, 13, "thirteen is too many");
        let own = self.own.clone().expect("it was given its handle");
        let asked = own.ask(|_| ()).await.err();
        let _ = self.told.send(asked);
        let _ = self.told.send(own.ask_blocking(|_| ()).err());
    }
}

async fn curious(
    place: &Place,
    told: UnboundedSender<Option<ActorError>>,
) -> noob_zmq::actor::ActorGuard<Curious> {
    let make = |_: ShopSockets| Curious { own: None, told };
    let curious = Curious::run(place.scope("curious"), make).await.unwrap();
    let own = curious.handle();
    curious
        .ask(|curious| curious.own = Some(own))
        .await
        .unwrap();
    curious
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actor_that_asks_itself_gets_an_error() {
    let place = Place::new();
    let (told, mut asked) = unbounded_channel();
    let curious = curious(&place, told).await;
    let (told, _answers) = unbounded_channel();
    let make = |sockets| Buyer { sockets, told };
    let buyer = Buyer::run(place.scope("buyer"), make).await.unwrap();
    let send = |buyer: &mut Buyer| buyer.sockets.notes.send(&Order(1));
    buyer.ask(send).await.unwrap().unwrap();
    for _ in 0..2 {
        let error = asked.recv().await.unwrap();
        assert!(matches!(error, Some(ActorError::AsksItself)), "{error:?}");
    }
    curious.stop().await.unwrap();
    buyer.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panic_of_a_handler_is_joined() {
    let place = Place::new();
    let (told, _asked) = unbounded_channel();
    let curious = curious(&place, told).await;
    let (told, _answers) = unbounded_channel();
    let make = |sockets| Buyer { sockets, told };
    let buyer = Buyer::run(place.scope("buyer"), make).await.unwrap();
    let send = |buyer: &mut Buyer| buyer.sockets.notes.send(&Order(13));
    buyer.ask(send).await.unwrap().unwrap();
    let error = curious.join().await.unwrap_err();
    assert!(
        matches!(&error, ActorError::Panicked { message } if message.contains("thirteen")),
        "{error:?}"
    );
    buyer.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_actor_of_one_id_is_refused() {
    let place = Place::new();
    let (told, _answers) = unbounded_channel();
    let make = |sockets| Buyer { sockets, told };
    let first = Buyer::run(place.scope("buyer"), make).await.unwrap();
    let again = || async {
        let (told, _answers) = unbounded_channel();
        let make = |sockets| Buyer { sockets, told };
        Buyer::run(place.scope("buyer"), make).await
    };
    let error = again().await.map(drop).unwrap_err();
    assert!(
        matches!(&error, ActorError::IdInUse { id, .. } if id == "buyer"),
        "{error:?}"
    );
    first.stop().await.unwrap();
    again().await.unwrap().stop().await.unwrap();
}

/// Spec with two sockets of one kind, which send different messages.
#[derive(Sockets)]
struct TwoSockets {
    #[connect("orders")]
    #[send(Order)]
    orders: Push<Self>,
    #[connect("failures")]
    #[send(Failure)]
    failures: Push<Self>,
}

struct Two(TwoSockets);

#[handlers(TwoSockets)]
impl Two {}

#[tokio::test]
async fn message_of_another_socket_of_the_kind_is_an_error() {
    let place = Place::new();
    let two = Two::run(place.scope("two"), Two).await.unwrap();
    let sent = two.ask(|two| {
        two.0.orders.send(&Order(1)).unwrap();
        two.0.failures.send(&Order(1))
    });
    let error = sent.await.unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`TwoSockets.failures` does not declare `order`; add it to the `#[send(..)]` of this socket"
    );
}
