//! Links of this library: two processes, with a directory each where the link is tcp.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use noob_zmq::actor::{ActorGuard, ActorLoop, Handle, Opener, Scope, Sockets as _};
use noob_zmq::transport::keys::{AllowList, AllowedKeys, KeyPair, KeyRole};
use noob_zmq::transport::tcp::{AccessControl, AddressResolver, Listener, TcpAddress};
use noob_zmq::transport::{Endpoint, RuntimeDir};
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::end::{End, EndSockets, Load};
use crate::{Failed, Figures, LOADS, ROUND_TRIPS, Taken, percentile};

/// Link of this library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Ipc,
    Plain,
    Tls,
}

impl Link {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ipc => "ipc",
            Self::Plain => "plain",
            Self::Tls => "tls",
        }
    }

    pub(crate) fn named(name: &str) -> Result<Self, Failed> {
        [Self::Ipc, Self::Plain, Self::Tls]
            .into_iter()
            .find(|link| link.name() == name)
            .ok_or_else(|| format!("`{name}` is no link").into())
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    // As in the process of a node.
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

/// Open end, and the parts that must live as long.
struct Open {
    end: ActorGuard<End>,
    /// Address for the other end.
    endpoint: Endpoint,
    _gate: Option<Listener>,
    _dir: Option<RuntimeDir>,
    _root: TempDir,
}

async fn open(
    link: Link,
    name: &'static str,
    beside: Option<&Endpoint>,
    allow: AllowList,
) -> Result<Open, Failed> {
    let root = TempDir::with_prefix("nz")?;
    // Over ipc both have the directory of the near end: `ROOT/RUNNER/nodes/near/outbox`.
    let shared = match (link, beside.and_then(Endpoint::path)) {
        (Link::Ipc, Some(path)) => path.ancestors().nth(3),
        _ => None,
    };
    let (scope, dir) = match shared {
        Some(directory) => (scope_of(directory, name)?, None),
        None => {
            let dir = RuntimeDir::create(&root.path().join("r"))?;
            (Scope::of(&dir, name), Some(dir))
        }
    };
    let mut opener = Opener::new(EndSockets::SPEC, scope.clone());
    let mut gate = None;
    let mut published = None;
    if let (Some(dir), true) = (&dir, link != Link::Ipc) {
        let own = (link == Link::Tls).then(KeyPair::generate).transpose()?;
        let door = match &own {
            Some(own) => AccessControl::Keys {
                own: own.clone(),
                allow,
            },
            None => AccessControl::Plain,
        };
        let opened = Listener::bind(&["127.0.0.1:0".parse()?], dir.path(), door).await?;
        let hosts = opened.addresses().iter().map(ToString::to_string);
        let key = own.as_ref().map(KeyPair::public);
        let address = TcpAddress::new(key, hosts, &format!("nodes/{name}/outbox"))?;
        opener = opener
            .with_resolver(AddressResolver::new(dir.path(), own).with_listener(address.clone()));
        published = Some(Endpoint::tcp(address));
        gate = Some(opened);
    }
    let endpoint = match published {
        Some(published) => published,
        None => Endpoint::ipc(scope.path(&format!("nodes/{name}/outbox")))?,
    };
    let end = ActorLoop::open_with(opener, |sockets| End::new(name, sockets)).await?;
    Ok(Open {
        end: end.spawn(),
        endpoint,
        _gate: gate,
        _dir: dir,
        _root: root,
    })
}

fn scope_of(directory: &Path, name: &str) -> Result<Scope, Failed> {
    let (Some(root), Some(runner)) = (directory.parent(), directory.file_name()) else {
        return Err("the near end has no directory".into());
    };
    Ok(Scope {
        runtime_dir: root.to_owned(),
        runner_id: runner.to_string_lossy().into_owned(),
        id: name.to_owned(),
    })
}

fn letting_in(other: &Endpoint) -> AllowedKeys {
    let key = other.remote().and_then(TcpAddress::key);
    key.map_or_else(AllowedKeys::default, |key| {
        AllowedKeys::default().with(key, "other", &[KeyRole::Node])
    })
}

fn connect(end: &Handle<End>, endpoint: Endpoint) -> Result<(), Failed> {
    Ok(end.tell(move |end| end.sockets.inbox.connect(&endpoint))?)
}

/// Runs the far end, as a process of its own, until its standard input ends.
pub(crate) fn far(link: &str, near: &str) -> Result<(), Failed> {
    let near = Endpoint::parse(near)?;
    let link = Link::named(link)?;
    runtime()?.block_on(async {
        let allow = AllowList::new(letting_in(&near));
        let open = open(link, "far", Some(&near), allow).await?;
        println!("{}", open.endpoint);
        std::io::stdout().flush()?;
        connect(&open.end.handle(), near)?;
        let waits = || std::io::stdin().read(&mut [0]);
        tokio::task::spawn_blocking(waits).await??;
        Ok(())
    })
}

/// Process of the far end, which is killed when this is dropped.
struct Far {
    child: Child,
    input: Option<ChildStdin>,
}

impl Drop for Far {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.wait();
    }
}

/// Measures a link once, with a far end of its own.
pub(crate) fn measure(link: Link) -> Result<Figures, Failed> {
    runtime()?.block_on(async {
        let allow = AllowList::new(AllowedKeys::default());
        let near = open(link, "near", None, allow.clone()).await?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["far", link.name(), &near.endpoint.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no pipe")?;
        let input = child.stdin.take();
        let far = Far { child, input };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let endpoint = Endpoint::parse(line.trim())?;
        allow.set(letting_in(&endpoint));
        let end = near.end.handle();
        connect(&end, endpoint)?;
        while !end.ask(|end| end.is_ready()).await? {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        pings(&end, ROUND_TRIPS / 5).await?;
        let mut times = pings(&end, ROUND_TRIPS).await?;
        times.sort_unstable();
        let mut loads = Vec::new();
        for load in LOADS {
            loads.push(take(&end, load, far.child.id()).await?);
        }
        Ok(Figures {
            round_trip: (percentile(&times, 50), percentile(&times, 99)),
            loads,
        })
    })
}

async fn pings(end: &Handle<End>, count: usize) -> Result<Vec<Duration>, Failed> {
    let (done, finished) = oneshot::channel();
    end.ask(move |end| end.begin_pings(count, done)).await??;
    Ok(finished.await?)
}

async fn take(end: &Handle<End>, load: Load, far: u32) -> Result<Taken, Failed> {
    let (done, finished) = oneshot::channel();
    let cpu = cpu("self")? + cpu(&far.to_string())?;
    let begin = Instant::now();
    end.ask(move |end| end.begin_load(load, done)).await??;
    finished.await?;
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = self::cpu("self")? + self::cpu(&far.to_string())? - cpu;
    Ok(Taken { seconds, cpu })
}

/// Returns the seconds that all threads of a process have run, in Linux ticks of 1/100 s.
fn cpu(process: &str) -> Result<f64, Failed> {
    let path = PathBuf::from("/proc").join(process).join("stat");
    let stat = std::fs::read_to_string(path)?;
    let fields = stat.rsplit_once(')').ok_or("no stat")?.1;
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
