//! `noob-zmq view` and `run --view`: a page of a run or of a tube in the browser.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use clap::Args;

use super::Failure;
#[cfg(feature = "remote")]
use super::hosts::RunElsewhere;
use super::inputs::{self, Given};
use super::output::print_error;
use super::watch::{choose, failure};
#[cfg(not(feature = "remote"))]
use super::without_remote::RunElsewhere;
use crate::graph::Tube;
use crate::node::Registry;
use crate::page::{self, Look, News, Page, Shown};
use crate::runner::{RunStatus, Watcher};
use crate::view::{Diagram, Places};

/// Pause between two looks at a file.
const INTERVAL: Duration = Duration::from_millis(500);
/// Files beside a tube that are looked at.
const FILES: usize = 500;

/// Show a run in the browser, or a tube without a run.
///
/// The page of a run has its graph, rates, loads, values, output and errors. That of a tube has the
/// types of the edges and the mistakes that `noob-zmq check` prints, and follows the file as it is
/// saved. The address that is printed has a secret token: who has it can read the page.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The run: its name in `noob-zmq ps`, the first letters, or its tube; or a tube: a YAML file;
    /// left out with `--join`.
    #[arg(value_name = "RUN", required_unless_present = "join")]
    run: Option<String>,
    /// The address to listen on, or its port [default: a free port of this machine alone].
    #[arg(value_name = "ADDR")]
    address: Option<Address>,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    #[command(flatten)]
    elsewhere: RunElsewhere,
}

/// Address that a page is served at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(SocketAddr);

impl Default for Address {
    fn default() -> Self {
        Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if let Ok(port) = text.parse() {
            return Ok(Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)));
        }
        text.parse().map(Self).map_err(|_| {
            format!(
                "`{text}` is no address; write a port, as in `8080`, or an address with a port, as \
                 in `127.0.0.1:8080`; a tube stands before it"
            )
        })
    }
}

impl Address {
    /// Returns the page of a run of this tube.
    pub(super) fn with(self, tube: &Tube, registry: &Registry) -> RunPage {
        RunPage {
            address: self,
            diagram: Diagram::of(tube, registry),
        }
    }
}

/// Page of a run, before it is served.
pub(super) struct RunPage {
    address: Address,
    diagram: Diagram,
}

impl RunPage {
    /// Serves the page, and prints its address.
    pub(super) fn serve(&self, watcher: Watcher) -> Result<Page, Failure> {
        let page = page::serve_run(watcher, self.diagram.clone(), self.address.0)?;
        print_error(format_args!("view: {}", page.url()));
        Ok(page)
    }
}

pub(super) fn view(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let mut at = arguments.address.unwrap_or_default();
    if let Some(run) = arguments.elsewhere.run()? {
        if let Some(text) = &arguments.run {
            at = text.parse().map_err(Failure::Usage)?;
        }
        // A runner that is not there, or refuses, is told before a page is opened.
        run.status().map_err(|error| failure(&run, &error))?;
        return serve(page::serve_found(run, at.0)?);
    }
    let run = arguments.run.as_deref().unwrap_or_default();
    let path = Path::new(run);
    let is_file = path.is_file() || path.extension().is_some_and(|end| end == "yaml");
    let page = if is_file {
        let tube = TubeFile {
            path: path.to_owned(),
            given: arguments.input.clone(),
            registry: registry.clone(),
        };
        // A mistake in the tube is shown; a file that is not there is none.
        if !path.is_file() {
            tube.load()?;
        }
        page::serve_shown(tube, at.0)?
    } else {
        page::serve_found(choose(run)?, at.0)?
    };
    serve(page)
}

/// Prints the address of a page, and waits for its end.
fn serve(page: Page) -> Result<(), Failure> {
    super::output::print(&format!("{}\n", page.url()))?;
    page.wait();
    Ok(())
}

/// File of a tube, which is followed as it is saved.
#[derive(Clone)]
struct TubeFile {
    path: PathBuf,
    given: Vec<Given>,
    registry: Registry,
}

struct TubeLook {
    tube: TubeFile,
    /// State of the files when they were read last.
    read: Option<Vec<(PathBuf, SystemTime, u64)>>,
}

impl TubeFile {
    fn load(&self) -> Result<Tube, Failure> {
        inputs::load_silently(&self.path, &self.given, &self.registry).map(|(tube, _)| tube)
    }

    /// Returns the tube files in the folder of this one, with their times and sizes.
    fn files(&self) -> Vec<(PathBuf, SystemTime, u64)> {
        let folder = self.path.parent().filter(|path| *path != Path::new(""));
        let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
        let paths = entries.into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = paths
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| end == "yaml" || end == "yml")
            })
            .take(FILES)
            .collect();
        paths.push(self.path.clone());
        let state = |path: PathBuf| -> io::Result<_> {
            let state = std::fs::metadata(&path)?;
            Ok((path, state.modified()?, state.len()))
        };
        let mut files: Vec<_> = paths.into_iter().flat_map(state).collect();
        files.sort();
        files
    }
}

impl Shown for TubeFile {
    fn look(&self, _node: Option<&str>) -> Box<dyn Look> {
        Box::new(TubeLook {
            tube: self.clone(),
            read: None,
        })
    }

    fn status(&self) -> Option<RunStatus> {
        None
    }
}

impl Look for TubeLook {
    fn next(&mut self) -> News {
        if self.read.is_some() {
            std::thread::sleep(INTERVAL);
        }
        // Before the load, so that a file that is saved meanwhile is read again.
        let files = Some(self.tube.files());
        if files == self.read {
            return News::default();
        }
        self.read = files;
        match self.tube.load() {
            Ok(tube) => News {
                places: Some(Places::of(&Diagram::of(&tube, &self.tube.registry))),
                mistakes: Some(tube.warnings.iter().map(|found| found.render()).collect()),
                ..News::default()
            },
            Err(failure) => News {
                mistakes: Some(texts(failure)),
                ..News::default()
            },
        }
    }
}

/// Returns the texts of a failure.
fn texts(failure: Failure) -> Vec<String> {
    match failure {
        Failure::Tube(mistakes) | Failure::Placement(mistakes) => {
            let found = mistakes.diagnostics().iter().chain(mistakes.warnings());
            found.map(|found| found.render()).collect()
        }
        Failure::Run(text) | Failure::Usage(text) => vec![text],
        Failure::Stopped(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_a_port_or_an_address_with_one() {
        let text = |text: &str| text.parse::<Address>().map(|address| address.0.to_string());
        assert_eq!(text("8080").as_deref(), Ok("127.0.0.1:8080"));
        assert_eq!(text("0.0.0.0:80").as_deref(), Ok("0.0.0.0:80"));
        assert_eq!(text("[::1]:80").as_deref(), Ok("[::1]:80"));
        assert!(text("tube.yaml").unwrap_err().contains("is no address"));
        assert_eq!(Address::default().0.to_string(), "127.0.0.1:0");
    }
}
