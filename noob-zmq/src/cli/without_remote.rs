//! Commands and options of the feature `remote`, in a program that is built without the feature:
//! each of them names it.

use clap::Args;

use super::Failure;
use crate::runner::watch::client::FoundRun;

/// Arguments of a command that this program does not have; none of them is read.
#[derive(Debug, Args)]
#[command(hide = true, disable_help_flag = true)]
pub(super) struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    ignored: Vec<String>,
}

/// Options of `run` for nodes on other hosts.
#[derive(Debug, Args)]
pub(super) struct OtherHosts {
    #[arg(long, hide = true)]
    listen: Vec<String>,
    #[arg(long, hide = true)]
    remote: Vec<String>,
    #[arg(long, hide = true)]
    key: Vec<String>,
    #[arg(long, hide = true)]
    allow: Vec<String>,
    #[arg(long, hide = true)]
    plain: bool,
}

impl OtherHosts {
    /// Returns an error if one of the options was given.
    pub(super) fn refuse(&self) -> Result<(), Failure> {
        let given = [
            ("--listen", !self.listen.is_empty()),
            ("--remote", !self.remote.is_empty()),
            ("--key", !self.key.is_empty()),
            ("--allow", !self.allow.is_empty()),
            ("--plain", self.plain),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(missing(option)),
            None => Ok(()),
        }
    }
}

/// Options of the commands that watch a run, for runs on other hosts.
#[derive(Debug, Args)]
pub(super) struct RunElsewhere {
    #[arg(long, hide = true)]
    join: Vec<String>,
    #[arg(long, hide = true)]
    key: Vec<String>,
    #[arg(long, hide = true, allow_hyphen_values = true)]
    server_key: Vec<String>,
    #[arg(long, hide = true)]
    plain: bool,
}

impl RunElsewhere {
    fn given(&self) -> Option<&'static str> {
        let given = [
            ("--join", !self.join.is_empty()),
            ("--key", !self.key.is_empty()),
            ("--server-key", !self.server_key.is_empty()),
            ("--plain", self.plain),
        ];
        let mut given = given.into_iter();
        given.find(|(_, given)| *given).map(|(option, _)| option)
    }

    /// Returns no run, or an error if one of the options was given.
    pub(super) fn run(&self) -> Result<Option<FoundRun>, Failure> {
        self.given().map_or(Ok(None), |option| Err(missing(option)))
    }
}

/// Returns the failure of a command or an option that this program does not have.
pub(super) fn missing(what: &str) -> Failure {
    Failure::Usage(format!(
        "`{what}` belongs to the feature `remote` of noob-zmq, which this program is built \
         without; build it with `--features remote`, or with `full` for all features"
    ))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Arguments, Command, Failure};

    fn command(line: &str) -> Command {
        let words = std::iter::once("noob-zmq").chain(line.split(' '));
        Arguments::try_parse_from(words).unwrap().command
    }

    #[test]
    fn command_of_a_missing_feature_is_known() {
        for line in ["keygen", "keygen --help", "keygen key --name a --show"] {
            assert!(matches!(command(line), Command::Keygen(_)), "{line}");
        }
        let line = "node --join 10.0.0.1:5600 --id a --server-key -x";
        assert!(matches!(command(line), Command::Node(_)));
    }

    #[test]
    fn option_of_a_missing_feature_names_it() {
        let Command::Run(run) = command("run t.yaml --listen 127.0.0.1:0 --remote a,b") else {
            panic!("no run");
        };
        let Err(Failure::Usage(text)) = run.hosts.refuse() else {
            panic!("not refused");
        };
        assert!(
            text.starts_with("`--listen` belongs to the feature `remote`"),
            "{text}"
        );
        let Command::Ps(ps) = command("ps --join 10.0.0.1:5600 --server-key -x") else {
            panic!("no ps");
        };
        let Err(Failure::Usage(text)) = super::super::watch::ps(&ps) else {
            panic!("not refused");
        };
        assert!(
            text.starts_with("`--join` belongs to the feature `remote`"),
            "{text}"
        );
    }
}
