//! Outcome of a run, for each fault in each phase.

use noob_zmq_tests::faulty::{Misdeed, Moment};

/// Fault of the process of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// SIGKILL.
    Kill,
    /// SIGSTOP.
    Stop,
    /// The process exits.
    Exit,
    /// Its code panics.
    Panic,
    /// Its code gives an error.
    Error,
    /// Its code never comes back.
    Hang,
    /// All its connections are closed.
    Cut,
    /// Nobody can write down what it logs: the disk is full.
    Full,
}

/// In which phase of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// While the node is made.
    Start,
    /// When it is ready, and another is not.
    Ready,
    /// Between two calls.
    Idle,
    /// In a call, with one epoch open.
    Process,
    /// In a call, in a run with many epochs open.
    Run,
    /// In a call, in a run that was told to stop.
    Draining,
    /// While it is shut down.
    Ending,
}

/// Outcome of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// `init` fails, since the process has ended in this way.
    NeverReady(&'static str),
    /// `init` fails, since the node could not be made.
    NeverMade(&'static str),
    /// `init` fails when the time is over, with what is waited for.
    NotInTime(&'static str),
    /// The running call fails, since the process has ended in this way; the error names the epoch.
    Dies(&'static str),
    /// The epoch fails, and says why; the next is run.
    EpochFails(&'static str),
    /// `deinit` tells of it.
    EndsBadly(&'static str),
    /// Nothing is lost and nobody needs to know.
    GoesOn,
    /// There is no such case, for this reason.
    NoSense(&'static str),
}

use Fault::{Cut, Error, Exit, Full, Hang, Kill, Panic, Stop};
use Phase::{Draining, Ending, Idle, Process, Ready, Run, Start};
use Verdict::{Dies, EndsBadly, EpochFails, GoesOn, NeverMade, NeverReady, NoSense, NotInTime};

const KILLED: &str = "was killed by signal 9 (SIGKILL)";
const STOPPED: &str =
    "was stopped by a signal (SIGSTOP or the like), no longer answered, and was killed";
const EXITED: &str = "exited with code 7";
const PANICKED: &str = "no film in the camera";
const REFUSED: &str = "the frame is refused";
const OVERRAN: &str = "overran its `timeout` of 400ms";
const NO_CODE: &str = "no code of the node runs on the node's thread; a thread of its own that \
    panics, fails or hangs is its own affair";
const NOT_WRITTEN: &str = "what a thread of its own writes takes the way that is tried in a call";

/// Each fault in each phase.
pub(super) const TABLE: &[(Fault, Phase, Verdict)] = &[
    (Kill, Start, NeverReady(KILLED)),
    (Kill, Ready, NeverReady(KILLED)),
    (Kill, Idle, Dies(KILLED)),
    (Kill, Process, Dies(KILLED)),
    (Kill, Run, Dies(KILLED)),
    (Kill, Draining, Dies(KILLED)),
    (Kill, Ending, EndsBadly(KILLED)),
    (Stop, Start, NeverReady(STOPPED)),
    (Stop, Ready, NeverReady(STOPPED)),
    (Stop, Idle, Dies(STOPPED)),
    (Stop, Process, Dies(STOPPED)),
    (Stop, Run, Dies(STOPPED)),
    (Stop, Draining, Dies(STOPPED)),
    (Stop, Ending, EndsBadly("did not end within")),
    (Exit, Start, NeverReady(EXITED)),
    (Exit, Ready, NeverReady(EXITED)),
    (Exit, Idle, Dies(EXITED)),
    (Exit, Process, Dies(EXITED)),
    (Exit, Run, Dies(EXITED)),
    (Exit, Draining, Dies(EXITED)),
    (Exit, Ending, EndsBadly(EXITED)),
    (Panic, Start, NeverMade(PANICKED)),
    (Panic, Ready, NoSense(NO_CODE)),
    (Panic, Idle, NoSense(NO_CODE)),
    (Panic, Process, EpochFails(PANICKED)),
    (Panic, Run, EpochFails(PANICKED)),
    (Panic, Draining, EpochFails(PANICKED)),
    (Panic, Ending, EndsBadly(PANICKED)),
    (Error, Start, NeverMade(REFUSED)),
    (Error, Ready, NoSense(NO_CODE)),
    (Error, Idle, NoSense(NO_CODE)),
    (Error, Process, EpochFails(REFUSED)),
    (Error, Run, EpochFails(REFUSED)),
    (Error, Draining, EpochFails(REFUSED)),
    (Error, Ending, EndsBadly(REFUSED)),
    (Hang, Start, NotInTime("it has not reported")),
    (Hang, Ready, NoSense(NO_CODE)),
    (Hang, Idle, NoSense(NO_CODE)),
    (Hang, Process, Dies(OVERRAN)),
    (Hang, Run, Dies(OVERRAN)),
    (Hang, Draining, Dies(OVERRAN)),
    (Hang, Ending, EndsBadly("did not end within")),
    (Cut, Start, GoesOn),
    (Cut, Ready, GoesOn),
    (Cut, Idle, GoesOn),
    (Cut, Process, GoesOn),
    (Cut, Run, GoesOn),
    (Cut, Draining, GoesOn),
    (Cut, Ending, GoesOn),
    (Full, Start, GoesOn),
    (Full, Ready, NoSense(NOT_WRITTEN)),
    (Full, Idle, NoSense(NOT_WRITTEN)),
    (Full, Process, GoesOn),
    (Full, Run, GoesOn),
    (Full, Draining, GoesOn),
    (Full, Ending, GoesOn),
];

impl Fault {
    /// Handling of the fault by the node itself.
    pub(super) const fn misdeed(self) -> Misdeed {
        match self {
            Kill | Stop | Cut => Misdeed::Wait,
            Exit => Misdeed::Exit,
            Panic => Misdeed::Panic,
            Error => Misdeed::Error,
            Hang => Misdeed::Hang,
            Full => Misdeed::Write,
        }
    }
}

impl Phase {
    /// Every phase.
    pub(super) const ALL: [Self; 7] = [Start, Ready, Idle, Process, Run, Draining, Ending];

    /// When the node fails.
    pub(super) const fn moment(self) -> Moment {
        match self {
            Start => Moment::Start,
            Ready => Moment::Ready,
            Idle => Moment::Idle,
            Process | Run => Moment::Process,
            Draining => Moment::Draining,
            Ending => Moment::Ending,
        }
    }
}
