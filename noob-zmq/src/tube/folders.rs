//! The folders in which tubes are found, by id or by path.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use noob_zmq_spec::files::{SameId, id_of, is_tube, list, with_id};

use super::variable::{VARIABLE, named};
use super::{LoadError, read};
use crate::graph::spec::{self, Library, TubeSpec, Tubes};
use crate::graph::{Map, Name, Source, Tube};
use crate::inputs::IntoInputs;
use crate::node::Registry;

/// Limit of the files in all folders together.
const MAX_FILES: usize = 10_000;
/// Limit of the depth of folders below a configured one.
const MAX_DEPTH: usize = 16;

/// Folders in which tubes are found: those of [`folder`](Self::folder), then those of the
/// environment.
///
/// A name that ends in `.yaml` or `.yml` is a path; any other name is the `noob_id` of a file with
/// such an ending. A tube that another one mentions, by `extends` or in a node of `type: tube`, is
/// looked for in the folder of that tube first, then in these folders; by id, with all folders
/// below them too. Of several folders with a file of one id the first counts; two files of one id
/// in the same folder, or below it, are an error where the id is used.
///
/// ```no_run
/// use noob_zmq::graph::Map;
/// use noob_zmq::tube::Folders;
///
/// let tube = Folders::from_env()?.folder("tubes").load("words", Map::new())?;
/// # Ok::<(), noob_zmq::tube::LoadError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Folders {
    folders: Vec<PathBuf>,
    /// Number of folders at the start that do not come from the environment.
    given: usize,
    /// Node types, if they are others than those that the program was linked with.
    registry: Option<Registry>,
}

impl Folders {
    /// Creates a list of no folders: tubes are found by path, and beside each other.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a list of the folders in the environment variable `NOOB_CONFIG_DIRS`.
    ///
    /// The variable holds a JSON list of paths, as in noob, or paths as in `PATH`.
    ///
    /// # Errors
    /// The value begins with `[` and is no JSON list of texts.
    pub fn from_env() -> Result<Self, LoadError> {
        let folders = match std::env::var_os(VARIABLE) {
            Some(value) => named(&value)?,
            None => Vec::new(),
        };
        Ok(Self {
            folders,
            ..Self::default()
        })
    }

    /// Adds a folder, behind those added before and in front of those of the environment.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.insert(self.given, folder.into());
        self.given += 1;
        self
    }

    /// Checks tubes against the types of this registry, in place of those that this program was
    /// linked with.
    ///
    /// The tubes keep the registry, so that their runners make nodes of its types. Node processes
    /// have a registry of their own; see [`node_process_in`](crate::node_process_in).
    #[must_use]
    pub fn with_registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Reads and checks a tube, by its path or by its id.
    ///
    /// `given` are its tube-scoped inputs.
    ///
    /// # Errors
    /// A tube that is not found, with every place where it was looked for; a file that cannot be
    /// read; or all mistakes in the tube, with file, line and column.
    pub fn load(&self, name: impl AsRef<Path>, given: impl IntoInputs) -> Result<Tube, LoadError> {
        let given = given.into_inputs()?;
        self.load_text(&self.read(name.as_ref())?, &given)
    }

    /// Checks a tube that was read.
    pub(crate) fn load_text(&self, tube: &TubeText, given: &Map) -> Result<Tube, LoadError> {
        let search = Search::new(self, tube.folder.as_deref());
        self.checked(&tube.source, &search, given)
    }

    /// Checks a tube from its text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// All mistakes in the tube.
    pub fn from_text(
        &self,
        name: &str,
        text: &str,
        given: impl IntoInputs,
    ) -> Result<Tube, LoadError> {
        self.with_texts(name, text, &Library::default(), &given.into_inputs()?)
    }

    /// Checks a tube from its text, where some of the tubes that it mentions are known already.
    pub(crate) fn with_texts(
        &self,
        name: &str,
        text: &str,
        known: &Library,
        given: &Map,
    ) -> Result<Tube, LoadError> {
        let mut search = Search::new(self, None);
        search.known = Some(known);
        self.checked(&Source::new(name, text), &search, given)
    }

    fn checked(&self, source: &Source, search: &Search, given: &Map) -> Result<Tube, LoadError> {
        let registry = match &self.registry {
            Some(registry) => registry,
            None => Registry::get()?,
        };
        let mut tube = spec::load(source, registry, search, given)?;
        registry.attach_to(&mut tube);
        Ok(tube)
    }

    /// Reads the raw form of a tube, by its path or by its id, without checking node types.
    ///
    /// # Errors
    /// Those of [`load`](Self::load), as far as they show without knowing the node types.
    pub fn parse(&self, name: impl AsRef<Path>) -> Result<TubeSpec, LoadError> {
        self.parse_text(&self.read(name.as_ref())?)
    }

    /// Returns the raw form of a tube that was read.
    pub(crate) fn parse_text(&self, tube: &TubeText) -> Result<TubeSpec, LoadError> {
        let search = Search::new(self, tube.folder.as_deref());
        Ok(spec::parse_with(&tube.source, &search)?)
    }

    /// Reads the text of a tube, by its path or by its id.
    ///
    /// A pipe is read to its end, and the tubes that it mentions are searched in the current
    /// directory.
    pub(crate) fn read(&self, name: &Path) -> Result<TubeText, LoadError> {
        // Standard input may be a file, too, and its folder is unknown.
        let descriptor = name == Path::new("/dev/stdin") || name.starts_with("/dev/fd");
        let pipe = descriptor || (name.exists() && !name.is_file() && !name.is_dir());
        if pipe {
            return Ok(TubeText {
                source: read(name)?,
                folder: Some(PathBuf::from(".")),
            });
        }
        let (source, path) = self.source(name)?;
        Ok(TubeText {
            source,
            folder: path.parent().map(Path::to_owned),
        })
    }

    /// Reads the text of a tube file, and returns it with its path.
    fn source(&self, name: &Path) -> Result<(Source, PathBuf), LoadError> {
        if is_tube(name) || name.is_file() {
            let elsewhere = self.folders.iter().map(|folder| folder.join(name));
            let found = elsewhere
                .filter(|_| !name.exists())
                .find(|path| path.is_file());
            let path = found.unwrap_or_else(|| name.to_owned());
            return Ok((read(&path)?, path));
        }
        let search = Search::new(self, None);
        let id = name.to_string_lossy();
        match search.by_id(&id)? {
            Some(path) => Ok((read(path)?, path.to_owned())),
            None => Err(LoadError::Unknown {
                name: id.to_string(),
                looked: search.looked(&id).unwrap_or_default(),
            }),
        }
    }
}

/// Text of a tube, read once.
#[derive(Debug)]
pub(crate) struct TubeText {
    source: Source,
    /// Folder in which the tubes that it mentions are looked for first.
    folder: Option<PathBuf>,
}

/// Search for the tubes that one tube mentions.
struct Search<'a> {
    folders: &'a Folders,
    /// Tubes that are known already.
    known: Option<&'a Library>,
    /// Folder of the tube that mentions the others.
    own: Option<PathBuf>,
    /// The files in the order in which they count; read on first use.
    files: OnceLock<Vec<Known>>,
}

/// A tube file with its id.
struct Known {
    path: PathBuf,
    id: String,
    /// Number of the folder in which, or below which, the file was found.
    folder: usize,
}

impl<'a> Search<'a> {
    fn new(folders: &'a Folders, own: Option<&Path>) -> Self {
        let here = |folder: &Path| {
            if folder.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                folder.to_owned()
            }
        };
        Self {
            folders,
            known: None,
            own: own.map(here),
            files: OnceLock::new(),
        }
    }

    fn files(&self) -> &[Known] {
        self.files.get_or_init(|| {
            let own = self.own.iter().map(|own| (own, 0));
            let others = self.folders.folders.iter();
            let all = own.chain(others.map(|folder| (folder, MAX_DEPTH)));
            let mut paths = Vec::new();
            let mut known = Vec::new();
            for (number, (folder, deeper)) in all.enumerate() {
                walk(folder, deeper, &mut paths);
                known.extend(
                    paths[known.len()..]
                        .iter()
                        .map(|path| (path.clone(), number)),
                );
            }
            let with_id = |(path, folder): (PathBuf, usize)| {
                id_of(&path).map(|id| Known { path, id, folder })
            };
            known.into_iter().filter_map(with_id).collect()
        })
    }

    /// Returns the file with an id.
    ///
    /// # Errors
    /// Two such files in one folder.
    fn by_id(&self, id: &str) -> Result<Option<&Path>, SameId> {
        let files = self.files();
        let Some(first) = files.iter().find(|known| known.id == id) else {
            return Ok(None);
        };
        let files = files.iter().filter(|known| known.folder == first.folder);
        with_id(files.map(|known| (&*known.path, &*known.id)), id)
    }

    /// Returns the places of a path, in the order in which they count.
    fn places(&self, path: &Path) -> Vec<PathBuf> {
        let all = self.own.iter().chain(&self.folders.folders);
        all.map(|folder| folder.join(path)).collect()
    }
}

impl Tubes for Search<'_> {
    fn find(&self, name: &str) -> Result<Option<Source>, String> {
        if let Some(found) = self
            .known
            .map(|known| known.find(name))
            .transpose()?
            .flatten()
        {
            return Ok(Some(found));
        }
        let path = Path::new(name);
        let found = if is_tube(path) {
            self.places(path).into_iter().find(|path| path.exists())
        } else {
            let found = self.by_id(name).map_err(|error| error.to_string())?;
            found.map(Path::to_owned)
        };
        found
            .map(|path| read(&path).map_err(|error| error.to_string()))
            .transpose()
    }

    fn names(&self) -> Vec<Name> {
        let ids = self.files().iter();
        ids.map(|known| Name::from(known.id.as_str())).collect()
    }

    fn looked(&self, name: &str) -> Option<String> {
        let list = |paths: &[PathBuf]| {
            let quoted = paths.iter().map(|path| format!("`{}`", path.display()));
            quoted.collect::<Vec<_>>().join(", ")
        };
        if is_tube(Path::new(name)) {
            let places = self.places(Path::new(name));
            return (!places.is_empty()).then(|| format!("there is no {}", list(&places)));
        }
        let own = self.own.as_ref().map(|own| format!("`{}`", own.display()));
        let folders = (!self.folders.folders.is_empty())
            .then(|| format!("{} and all below", list(&self.folders.folders)));
        let places: Vec<String> = own.into_iter().chain(folders).collect();
        Some(match places.as_slice() {
            [] => format!("no folders are configured: name some in `{VARIABLE}`"),
            places => format!(
                "no file with `noob_id: {name}` is in {}; `{VARIABLE}` names more folders",
                places.join(", or in ")
            ),
        })
    }
}

/// Collects the tube files of a folder by name, those of the folder itself before those below.
///
/// Links to folders are not followed.
fn walk(folder: &Path, deeper: usize, files: &mut Vec<PathBuf>) {
    let (own, folders) = list(folder);
    let room = MAX_FILES.saturating_sub(files.len());
    files.extend(own.into_iter().take(room));
    if deeper > 0 && files.len() < MAX_FILES {
        for folder in &folders {
            walk(folder, deeper - 1, files);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn found(search: &Search<'_>, name: &str) -> Option<String> {
        let source = search.find(name).unwrap();
        source.map(|source| source.name.rsplit('/').next().unwrap().to_owned())
    }

    #[test]
    fn tube_is_found_by_id_beside_its_user_or_below_a_folder() {
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
        let folders = Folders::new().folder(other.path());
        let search = Search::new(&folders, Some(own.path()));
        assert_eq!(found(&search, "near").as_deref(), Some("near.yml"));
        assert_eq!(found(&search, "far").as_deref(), Some("far.yaml"));
        for name in ["hidden", "notes", "nobody"] {
            assert_eq!(found(&search, name), None, "{name}");
        }
        let names: Vec<String> = search.names().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["main", "near", "near", "far"]);
    }

    #[test]
    fn second_file_of_an_id_in_a_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one.yaml", "noob_id: same\n");
        write(folder.path(), "b/two.yaml", "noob_id: same\n");
        let folders = Folders::new().folder(folder.path());
        let errors = [
            folders.load("same", Map::new()).unwrap_err().to_string(),
            Search::new(&folders, None).find("same").unwrap_err(),
        ];
        for error in errors {
            for part in [
                "one.yaml` and",
                "two.yaml` have",
                "`noob_id: same`",
                "by its path",
            ] {
                assert!(error.contains(part), "{part}: {error}");
            }
        }
        let path = folder.path().join("one.yaml");
        assert_eq!(&*folders.load(path, Map::new()).unwrap().id, "same");
        // A folder in front of another replaces its tubes.
        let own = tempfile::tempdir().unwrap();
        write(own.path(), "mine.yaml", "noob_id: same\n");
        let folders = Folders::new().folder(own.path()).folder(folder.path());
        assert!(folders.load("same", Map::new()).is_ok());
    }

    #[test]
    fn path_is_relative_to_the_tube_then_to_the_folders() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(own.path(), "below/part.yaml", "noob_id: part\n");
        write(other.path(), "else.yaml", "noob_id: else\n");
        let folders = Folders::new().folder(other.path());
        let search = Search::new(&folders, Some(own.path()));
        assert_eq!(
            found(&search, "below/part.yaml").as_deref(),
            Some("part.yaml")
        );
        assert_eq!(found(&search, "else.yaml").as_deref(), Some("else.yaml"));
        assert_eq!(found(&search, "none.yaml"), None);
        let looked = search.looked("none.yaml").unwrap();
        for folder in [own.path(), other.path()] {
            let place = format!("`{}`", folder.join("none.yaml").display());
            assert!(looked.contains(&place), "{looked}");
        }
    }

    #[test]
    fn tube_loaded_by_id_finds_others_from_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let nodes = "nodes:
  r: {type: return, depends: input.k}
input:
  k: {type: int, scope: process}
";
        write(
            folder.path(),
            "a/base.yaml",
            &format!("noob_id: base\n{nodes}"),
        );
        write(
            folder.path(),
            "b/main.yaml",
            "noob_id: main\nextends: [base]\nnodes:\n  r: {type: return, depends: input.k}\n",
        );
        let folders = Folders::new().folder(folder.path());
        let tube = folders.load("main", Map::new()).unwrap();
        assert_eq!(&*tube.id, "main");
        assert!(tube.inputs.contains_key("k"));
        assert_eq!(
            &*folders.load("b/main.yaml", Map::new()).unwrap().id,
            "main"
        );
        let error = folders.load("mian", Map::new()).unwrap_err().to_string();
        let place = format!("`{}` and all below", folder.path().display());
        assert!(
            error.contains("`mian`") && error.contains(&place),
            "{error}"
        );
        let error = Folders::new().load("mian", Map::new()).unwrap_err();
        assert!(error.to_string().contains("NOOB_CONFIG_DIRS"), "{error}");
    }

    #[test]
    fn given_folders_come_first() {
        let folders = Folders {
            folders: vec!["env".into()],
            ..Folders::default()
        };
        let all = folders.folder("one").folder("two").folders;
        assert_eq!(all, ["one", "two", "env"].map(PathBuf::from));
    }
}
