//! `noob-zmq keygen`: makes a key, or prints the public line of one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::output::{print, print_error};
use crate::transport::keys::KeyPair;

/// Make a key for authenticated tcp, and print its public line.
///
/// Put the line into the allow file of each host that is to accept this one.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file of the private key [default: `noob-zmq/key` in `$XDG_CONFIG_HOME` or `~/.config`].
    file: Option<PathBuf>,
    /// The name of the key in the public line [default: USER@HOST].
    #[arg(long)]
    name: Option<String>,
    /// Print the public line of an existing key, and make none.
    #[arg(long)]
    show: bool,
}

pub(super) fn keygen(arguments: &Arguments) -> Result<(), Failure> {
    let Some(path) = arguments.file.clone().or_else(default_file) else {
        return Err(Failure::Usage(
            "neither `XDG_CONFIG_HOME` nor `HOME` is set; name a file for the key".into(),
        ));
    };
    let key = if arguments.show {
        KeyPair::load(&path)?
    } else {
        let key = KeyPair::generate()?;
        key.save(&path)?;
        key
    };
    let name = arguments.name.clone().unwrap_or_else(user_at_host);
    print(&format!("{}\n", key.public().line(&name)))?;
    // On standard error, so that standard output can be appended to an allow file as it is.
    print_error(format_args!("fingerprint {}", key.public().fingerprint()));
    if !arguments.show {
        print_error(format_args!(
            "private key {}: keep it, and give it to nobody",
            path.display()
        ));
    }
    Ok(())
}

/// Returns the default file of the private key.
pub(super) fn default_file() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    set("XDG_CONFIG_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".config")))
        .map(|config| config.join(Path::new("noob-zmq/key")))
}

/// Returns `USER@HOST`, as far as both are known.
fn user_at_host() -> String {
    let user = std::env::var("USER").unwrap_or_else(|_| "user".into());
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+:".contains(c);
    format!("{user}@{host}")
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .take(64)
        .collect()
}
