//! Where tubes are looked for by id or by path.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::load::read;
use crate::graph::spec::Tubes;
use crate::graph::{Name, Source};

/// Most files that are looked at in all folders, and deepest folder.
const MOST: usize = 10_000;
const DEEPEST: usize = 16;
/// Bytes of a file in which its `noob_id` must stand.
const HEAD: u64 = 64 << 10;

/// Folders in which tubes are found: first the one of the tube that asks (without what is below it), then the configured ones, with all that is below them.
///
/// A tube is found by its `noob_id` in a file whose name ends in `.yaml` or `.yml`; of several, in the order of their paths, the first. A name that ends so itself
/// is a path: from any of the folders, or from the current one.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    own: Option<PathBuf>,
    configured: Vec<PathBuf>,
}

impl Folders {
    /// The folders named by the environment variable `NOOB_CONFIG_DIRS`: a JSON list of paths.
    #[must_use]
    pub fn configured() -> Self {
        let configured = std::env::var("NOOB_CONFIG_DIRS")
            .ok()
            .and_then(|list| serde_json::from_str(&list).ok());
        Self {
            own: None,
            configured: configured.unwrap_or_default(),
        }
    }

    /// The configured folders, and before them the one of a file.
    #[must_use]
    pub fn around(file: &Path) -> Self {
        let own = file.parent().map(|folder| {
            if folder.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                folder.to_owned()
            }
        });
        Self {
            own,
            ..Self::configured()
        }
    }

    /// Adds a folder, behind the others.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.configured.push(folder.into());
        self
    }

    /// All files in the order in which they are looked at.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        if let Some(own) = &self.own {
            walk(own, 0, &mut files);
        }
        for folder in &self.configured {
            walk(folder, DEEPEST, &mut files);
        }
        files
    }
}

impl Tubes for Folders {
    fn find(&self, name: &str) -> Result<Option<Source>, String> {
        let path = Path::new(name);
        let found = if is_tube(path) {
            let folders = self
                .own
                .iter()
                .chain(&self.configured)
                .map(|folder| folder.join(path));
            folders.chain([path.to_owned()]).find(|path| path.is_file())
        } else {
            self.files()
                .into_iter()
                .find(|path| id_of(path).as_deref() == Some(name))
        };
        found
            .map(|path| read(&path).map_err(|error| error.to_string()))
            .transpose()
    }

    fn names(&self) -> Vec<Name> {
        self.files()
            .iter()
            .filter_map(|path| id_of(path))
            .map(Name::from)
            .collect()
    }
}

fn is_tube(path: &Path) -> bool {
    matches!(
        path.extension().and_then(OsStr::to_str),
        Some("yaml" | "yml")
    )
}

/// Tube files of a folder, sorted, those of the folder itself before those below. Links to folders are not followed.
fn walk(folder: &Path, deeper: usize, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| is_tube(path) && path.is_file()) {
        if files.len() < MOST {
            files.push(path.clone());
        }
    }
    if deeper > 0 && files.len() < MOST {
        for path in paths
            .iter()
            .filter(|path| path.is_dir() && !path.is_symlink())
        {
            walk(path, deeper - 1, files);
        }
    }
}

/// What a file says in its first line that begins with `noob_id:`, without reading it as YAML.
fn id_of(path: &Path) -> Option<String> {
    let head = BufReader::new(File::open(path).ok()?.take(HEAD));
    let line = head
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("noob_id:").map(str::to_owned))?;
    let line = line.trim();
    for quote in ['"', '\''] {
        if let Some((id, _)) = line
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote))
        {
            return Some(id.to_owned());
        }
    }
    Some(
        line.split(" #")
            .next()
            .unwrap_or(line)
            .trim_end()
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn found(folders: &Folders, name: &str) -> Option<String> {
        folders
            .find(name)
            .unwrap()
            .map(|source| source.name.rsplit('/').next().unwrap().to_owned())
    }

    #[test]
    fn a_tube_is_found_by_its_id() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(own.path(), "main.yaml", "noob_id: main\n");
        write(
            own.path(),
            "near.yml",
            "# about it\nnoob_id: 'near'   # a remark\n",
        );
        write(own.path(), "below/hidden.yaml", "noob_id: hidden\n");
        write(own.path(), "notes.txt", "noob_id: notes\n");
        write(other.path(), "a/b/far.yaml", "noob_id: far # a remark\n");
        write(other.path(), "again.yaml", "noob_id: near\n");
        let folders = Folders {
            own: Some(own.path().into()),
            configured: vec![other.path().into()],
        };
        assert_eq!(
            found(&folders, "near").as_deref(),
            Some("near.yml"),
            "the own folder comes first"
        );
        assert_eq!(found(&folders, "far").as_deref(), Some("far.yaml"));
        for name in ["hidden", "notes", "nobody"] {
            assert_eq!(found(&folders, name), None, "{name}");
        }
        assert_eq!(
            folders
                .names()
                .iter()
                .map(|name| &**name)
                .collect::<Vec<_>>(),
            ["main", "near", "near", "far"]
        );
    }

    #[test]
    fn a_tube_is_found_by_its_path() {
        let own = tempfile::tempdir().unwrap();
        write(own.path(), "below/part.yaml", "noob_id: part\n");
        let folders = Folders::around(&own.path().join("main.yaml"));
        assert_eq!(
            found(&folders, "below/part.yaml").as_deref(),
            Some("part.yaml")
        );
        assert_eq!(found(&folders, "below/none.yaml"), None);
    }
}
