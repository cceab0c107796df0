//! Things without which a placed run fails, as far as the host of the runner can tell.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[cfg(feature = "remote")]
use super::Keys;
#[cfg(feature = "remote")]
use crate::cli::{Failure, hosts};
use crate::graph::Name;
use crate::runner::zmq::{Placed, ProcessSettings, cpu_list, missing_cpus};
#[cfg(feature = "remote")]
use crate::transport::keys::{AllowedKeys, KeyPair, KeyRole};

/// Returns what the processes of this host need and do not have, each once.
pub(super) fn of_processes(placed: &Placed) -> Vec<String> {
    let here = |(node, _): &(&Name, &ProcessSettings)| !placed.elsewhere.contains_key(*node);
    let mut nodes: Vec<(&Name, &ProcessSettings)> = placed.processes.iter().filter(here).collect();
    nodes.sort_unstable_by_key(|(node, _)| *node);
    let mut missing = Vec::new();
    for (node, settings) in nodes {
        if let Some((path, _)) = &settings.program
            && !is_found(path, settings)
        {
            missing.push(format!(
                "the program `{}` of node `{node}`: there is no such program on this host",
                path.display()
            ));
        }
        let cpus = missing_cpus(&settings.limits.cpus);
        if !cpus.is_empty() {
            missing.push(format!(
                "the processors {} of node `{node}`: processes of this host may not use them",
                cpu_list(&cpus)
            ));
        }
    }
    missing
}

/// Returns the program `ssh`, if this host does not have it.
#[cfg(feature = "remote")]
pub(super) fn of_ssh() -> Option<String> {
    (!is_found(Path::new("ssh"), &ProcessSettings::default()))
        .then(|| "the program `ssh`: there is no such program on this host".to_owned())
}

/// Returns whether a path leads to a program, or a name to one in `PATH`.
fn is_found(path: &Path, settings: &ProcessSettings) -> bool {
    let is_program = |path: &Path| {
        path.metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    if path.components().count() > 1 {
        return is_program(path);
    }
    let own = settings.environment.get("PATH");
    let search = own.map_or_else(
        || std::env::var_os("PATH").unwrap_or_default(),
        |own| own.to_string().into(),
    );
    std::env::split_paths(&search).any(|folder| is_program(&folder.join(path)))
}

/// Adds the keys that this host does not have; returns the options by which a node knows the
/// runner.
#[cfg(feature = "remote")]
pub(super) fn of_keys(keys: &Keys, missing: &mut Vec<String>) -> Result<String, Failure> {
    if keys.plain {
        return Ok("--plain".to_owned());
    }
    let path = hosts::key_file(keys.key.as_ref())?;
    let server = match KeyPair::load(&path) {
        Ok(key) => key.public().to_string(),
        Err(error) if path.exists() => {
            missing.push(format!("a private key of this host: {error}"));
            "KEY".to_owned()
        }
        Err(_) => {
            missing.push(format!(
                "the private key `{}` of this host: make it by `noob-zmq keygen`",
                path.display()
            ));
            "KEY".to_owned()
        }
    };
    let beside = || path.with_file_name("allow");
    let allow = keys.allow.clone().unwrap_or_else(beside);
    let why = match AllowedKeys::load(&allow) {
        Ok(known) => {
            let mut roles = known.iter();
            let hosts = roles.any(|(_, key)| key.has_any_role(&[KeyRole::Node]));
            (!hosts).then(|| "no key there has the role `node`".to_owned())
        }
        Err(_) if !allow.exists() => Some("there is no such file".to_owned()),
        Err(error) => Some(error.to_string()),
    };
    missing.extend(why.map(|why| {
        format!(
            "the public keys of other hosts in `{}`, with `node` in front: {why}",
            allow.display()
        )
    }));
    Ok(format!("--server-key {server}"))
}

/// Adds the feature that this program does not have; returns the options by which a node knows the
/// runner.
#[cfg(not(feature = "remote"))]
pub(super) fn of_feature(missing: &mut Vec<String>) -> String {
    missing.push(
        "the feature `remote` of noob-zmq, for nodes on other hosts: this program is built without \
         it"
        .to_owned(),
    );
    "--server-key KEY".to_owned()
}
