//! `noob-zmq new`: writes a project with nodes, a tube, a program and a test.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::output::print_error;

/// Write a project with nodes, a tube, a program and a test.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The directory, which must not exist or be empty; its name is that of the crate.
    path: PathBuf,
    /// Add a command node of the project, which observes the run.
    #[arg(long)]
    runner: bool,
    /// Use the library in this directory [default: the source of this program where it is still
    /// there, else the published version].
    #[arg(long, value_name = "DIR")]
    library: Option<PathBuf>,
}

/// Names that a crate cannot have: keywords, and crates that every crate knows.
const RESERVED: &str = "\
    abstract alloc as async await become box break const continue core crate do dyn else \
    enum extern false final fn for gen if impl in let loop macro match mod move mut noob_zmq \
    override priv proc_macro pub ref return self static std struct super test trait true try \
    type typeof unsafe unsized use virtual where while yield";

pub(super) fn new(arguments: &Arguments) -> Result<(), Failure> {
    let folder = &arguments.path;
    let name = name_of(folder)?;
    check_empty(folder)?;
    let library = library(arguments.library.as_deref())?;
    let crate_name = name.replace('-', "_");
    let modules = if arguments.runner {
        "\npub mod watch;\n"
    } else {
        ""
    };
    let mut files = vec![
        (
            "Cargo.toml".to_owned(),
            include_str!("templates/Cargo.toml.txt"),
        ),
        (
            ".gitignore".to_owned(),
            include_str!("templates/gitignore.txt"),
        ),
        (
            "README.md".to_owned(),
            include_str!("templates/README.md.txt"),
        ),
        (
            format!("{name}.yaml"),
            include_str!("templates/tube.yaml.txt"),
        ),
        (
            "src/lib.rs".to_owned(),
            include_str!("templates/lib.rs.txt"),
        ),
        (
            "tests/tube.rs".to_owned(),
            include_str!("templates/tests.rs.txt"),
        ),
    ];
    let main = if arguments.runner {
        files.push((
            "src/watch.rs".to_owned(),
            include_str!("templates/watch.rs.txt"),
        ));
        include_str!("templates/main_with_runner.rs.txt")
    } else {
        include_str!("templates/main.rs.txt")
    };
    files.push(("src/main.rs".to_owned(), main));
    for (file, template) in &files {
        let mut text = template
            .replace("{name}", name)
            .replace("{crate}", &crate_name)
            .replace("{library}", &library)
            .replace("{modules}", modules);
        if file == "Cargo.toml" && is_in_workspace(folder) {
            text += "\n# The project is no part of the workspace around it.\n[workspace]\n";
        }
        write(&folder.join(file), &text)?;
    }
    print_error(format_args!(
        "wrote {} files; continue with: cd {} && cargo run && cargo test",
        files.len(),
        folder.display()
    ));
    Ok(())
}

/// Returns the name of the crate.
fn name_of(folder: &Path) -> Result<&str, Failure> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        Failure::Usage(format!(
            "`{}` has no name for a crate; name a new directory, such as `rig`",
            folder.display()
        ))
    })?;
    let mut letters = name.chars();
    let begins = letters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase());
    let legal = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '_'
    };
    if !begins || !letters.all(legal) {
        return Err(Failure::Usage(format!(
            "`{name}` is no name for a crate: it must begin with a letter from `a` to `z`, and \
             have such letters, digits, `-` and `_` alone"
        )));
    }
    let crate_name = name.replace('-', "_");
    if RESERVED.split(' ').any(|word| word == crate_name) {
        return Err(Failure::Usage(format!(
            "`{name}` is no name for a crate: Rust uses it otherwise; choose another one"
        )));
    }
    Ok(name)
}

/// Refuses a directory that holds anything.
fn check_empty(folder: &Path) -> Result<(), Failure> {
    let refused = |reason: &str| {
        let folder = folder.display();
        Failure::Usage(format!("`{folder}` {reason}; name a new directory"))
    };
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(refused("is not empty, and nothing in it is overwritten")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(refused("is no directory"))
        }
        Err(error) => Err(refused(&format!("cannot be read: {error}"))),
    }
}

/// Returns the entry of the library in `[dependencies]`, without braces.
fn library(given: Option<&Path>) -> Result<String, Failure> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let has_library = |folder: &Path| folder.join("src/lib.rs").is_file();
    let folder = match given {
        // The library itself, or the repository that has it.
        Some(folder) => {
            let inside = folder.join("noob-zmq");
            let candidates = [folder.to_owned(), inside];
            let found = candidates.iter().find(|folder| has_library(folder));
            let found = found.ok_or_else(|| {
                Failure::Usage(format!(
                    "`{}` does not have the library: name the directory `noob-zmq` of its \
                     repository",
                    folder.display()
                ))
            })?;
            found.canonicalize()?
        }
        // Sources in cargo's own directory are those of a published version.
        None if has_library(own) && !own.components().any(|part| part.as_os_str() == ".cargo") => {
            own.to_owned()
        }
        None => return Ok(format!("version = \"{}\"", env!("CARGO_PKG_VERSION"))),
    };
    let folder = folder.to_str().filter(|path| !path.contains('\''));
    let folder = folder.ok_or_else(|| {
        Failure::Usage("the path of the library cannot be written into Cargo.toml".into())
    })?;
    Ok(format!("path = '{folder}'"))
}

/// Returns whether a directory above has a workspace, to which cargo would count the project.
fn is_in_workspace(folder: &Path) -> bool {
    let folder = std::path::absolute(folder).unwrap_or_default();
    folder.ancestors().skip(1).any(|above| {
        fs::read_to_string(above.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace"))
    })
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| Failure::Run(format!("`{}` cannot be written: {error}", file.display())))
}
