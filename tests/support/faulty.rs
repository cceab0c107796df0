//! A node that fails in every way there is, when it is told to, and once in a run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use noob_zmq::node;
use noob_zmq::node::NodeError;

/// Kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Misdeed {
    /// Waits for the file `go`: somebody does something to its process meanwhile.
    Wait,
    /// Exits with code 7.
    Exit,
    /// Panics.
    Panic,
    /// Gives an error.
    Error,
    /// Never comes back.
    Hang,
    /// Writes more to both of its outputs than a pipe holds.
    Write,
}

/// Time of the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// While it is made.
    Start,
    /// When it was made, on a thread of its own.
    Ready,
    /// When the file `go` is there, on a thread of its own.
    Idle,
    /// In the call with the value `at`.
    Process,
    /// In that call, once the file `go` is there.
    Draining,
    /// While it is shut down.
    Ending,
}

/// Parameters of the node.
#[derive(Debug, Clone)]
struct Orders {
    misdeed: Misdeed,
    moment: Moment,
    at: i64,
    dir: PathBuf,
}

impl Orders {
    /// Tells in the file `here` which process this is, and does what it was told; nothing if that
    /// was done before.
    fn obey(&self) -> Result<(), NodeError> {
        let (note, here) = (
            self.dir.join(format!("note{}", std::process::id())),
            self.dir.join("here"),
        );
        if here.exists() {
            // It may be this very note, which must not be written anew while it is read.
            return Ok(());
        }
        fs::write(&note, std::process::id().to_string())?;
        match fs::hard_link(&note, &here) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if self.moment == Moment::Draining || self.misdeed == Misdeed::Wait {
            wait_for(&self.dir.join("go"))?;
        }
        match self.misdeed {
            Misdeed::Wait => Ok(()),
            Misdeed::Exit => {
                eprintln!("the driver gave up");
                std::process::exit(7);
            }
            Misdeed::Panic => panic!("no film in the camera"),
            Misdeed::Error => Err(NodeError::new("the frame is refused")),
            Misdeed::Hang => loop {
                std::thread::park();
            },
            Misdeed::Write => {
                for line in 0..3000 {
                    println!("line {line} of what is written to no avail");
                    eprintln!("line {line} of what is written to no avail");
                }
                Ok(())
            }
        }
    }
}

/// Waits for a file.
fn wait_for(path: &Path) -> Result<(), NodeError> {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !path.exists() {
        if Instant::now() > deadline {
            return Err(NodeError::new(format!("`{}` did not come", path.display())));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Gives what it is given, and fails once.
pub struct Faulty {
    orders: Orders,
}

/// Gives what it is given, and fails once.
#[node(name = "test.faulty")]
impl Faulty {
    /// Fails as `misdeed` and `moment` say.
    ///
    /// The files that the node waits for or writes are in `dir`.
    pub fn new(
        misdeed: Misdeed,
        moment: Moment,
        #[slot(default = -1)] at: i64,
        dir: PathBuf,
    ) -> Result<Self, NodeError> {
        let orders = Orders {
            misdeed,
            moment,
            at,
            dir,
        };
        if moment == Moment::Start {
            orders.obey()?;
        }
        Ok(Self { orders })
    }

    /// Has a thread of its own fail.
    #[init]
    pub fn open(&self) {
        let orders = self.orders.clone();
        let due = match orders.moment {
            Moment::Ready => true,
            Moment::Idle => false,
            _ => return,
        };
        std::thread::spawn(move || {
            if due || wait_for(&orders.dir.join("go")).is_ok() {
                let _ = orders.obey();
            }
        });
    }

    /// The value.
    #[process]
    pub fn pass(&self, value: i64) -> Result<i64, NodeError> {
        let moment = self.orders.moment;
        if value == self.orders.at && matches!(moment, Moment::Process | Moment::Draining) {
            self.orders.obey()?;
        }
        Ok(value)
    }

    /// Fails, if this is the moment.
    #[deinit]
    pub fn close(&self) -> Result<(), NodeError> {
        match self.orders.moment {
            Moment::Ending => self.orders.obey(),
            _ => Ok(()),
        }
    }
}

/// Gives what it is given.
pub struct Gate;

/// Cannot be made before a file is there.
#[node(name = "test.gate")]
impl Gate {
    /// Waits for the file.
    pub fn new(path: PathBuf) -> Result<Self, NodeError> {
        wait_for(&path).map(|()| Self)
    }

    /// The value.
    #[process]
    pub fn pass(&self, value: i64) -> i64 {
        let Self = self;
        value
    }
}
