//! The tube file of a call of `tube!`, and the other tubes that it mentions.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use noob_zmq_spec::files::{SameId, id_of, is_tube, list, read_text, with_id};
use noob_zmq_spec::{DiagnosticKind, Name, Source, Tubes, mentioned_tubes};
use syn::LitStr;

/// Limit of the tubes whose texts are taken into the program.
const MOST: usize = 256;

/// A tube file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its text, with the path as written as its name.
    pub(crate) source: Source,
    /// Its absolute path, for `include_str!`.
    pub(crate) path: String,
}

impl File {
    /// Reads the file of this path, relative to the folder of the crate's `Cargo.toml`, or else to
    /// that of the source file.
    ///
    /// # Errors
    /// A file that does not exist, with the paths that were tried, or that cannot be read.
    pub(crate) fn read(written: &LitStr, beside: Option<PathBuf>) -> syn::Result<Self> {
        let name = written.value();
        let mut folders: Vec<PathBuf> = std::env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .into_iter()
            .collect();
        folders.extend(beside);
        let found = folders.iter().map(|folder| folder.join(&name));
        let path = found.clone().find(|path| path.is_file()).ok_or_else(|| {
            let looked: Vec<String> = found.map(|path| format!("`{}`", path.display())).collect();
            syn::Error::new_spanned(written, not_found(&name, &looked))
        })?;
        Self::at(&name, &path).map_err(|error| {
            let text = format!("the tube `{name}` cannot be read: {error}");
            syn::Error::new_spanned(written, text)
        })
    }

    fn at(name: &str, path: &Path) -> std::io::Result<Self> {
        let text = read_text(path)?;
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Ok(Self {
            source: Source::new(name, text),
            path: path.display().to_string(),
        })
    }
}

/// Describes a file that does not exist, and the paths that were tried.
fn not_found(name: &str, looked: &[String]) -> String {
    if Path::new(name).is_absolute() {
        return format!("there is no tube `{name}`");
    }
    format!(
        "there is no tube `{name}`: neither from the folder of `Cargo.toml` nor from that of this \
         source file ({})",
        looked.join(", ")
    )
}

/// The tube file itself, and the others that were found, by the names that tubes use for them.
///
/// A name is a path relative to the folder of the tube, or the `noob_id` of a file in that folder.
#[derive(Debug)]
pub(crate) struct Files {
    own: File,
    others: RefCell<Vec<(Name, File)>>,
}

impl Files {
    /// Starts with the tube itself.
    pub(crate) fn new(own: File) -> Self {
        Self {
            own,
            others: RefCell::default(),
        }
    }

    /// Holds tubes in memory: the tube itself, and others by the names that tubes use for them.
    #[cfg(test)]
    pub(crate) fn of(own: &str, others: &[(&str, &str)]) -> Self {
        let file = |name: &str, text: &str| File {
            source: Source::new(format!("{name}.yaml"), text),
            path: String::new(),
        };
        let files = Self::new(file("tube", own));
        let others = others.iter();
        files
            .others
            .borrow_mut()
            .extend(others.map(|(name, text)| ((*name).into(), file(name, text))));
        files
    }

    /// Returns the tube itself.
    pub(crate) const fn own(&self) -> &File {
        &self.own
    }

    /// Returns the tube itself, and the others in the order in which they were found.
    pub(crate) fn into_parts(self) -> (File, Vec<(Name, File)>) {
        (self.own, self.others.into_inner())
    }

    /// Finds all tubes that the tubes mention, as far as they are in the folder of the tube, so
    /// that the program has their texts wherever it runs.
    ///
    /// The others are looked for when the tube is loaded.
    ///
    /// Returns the texts of the mistakes: files that cannot be read, and two files of one id.
    pub(crate) fn find_mentioned(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut sources = vec![self.own.source.clone()];
        let mut number = 0;
        while let Some(source) = sources.get(number).filter(|_| number <= MOST) {
            for (name, place) in mentioned_tubes(source) {
                let reason = self.find(&name).err();
                mistakes.extend(reason.map(|reason| {
                    let kind = DiagnosticKind::UnknownTube {
                        name,
                        reason: Some(reason),
                        near: None,
                        looked: None,
                    };
                    format!("{}: {kind}", source.at(place))
                }));
            }
            let others = self.others.borrow();
            sources.extend(
                others
                    .iter()
                    .skip(sources.len() - 1)
                    .map(|(_, file)| file.source.clone()),
            );
            number += 1;
        }
        mistakes
    }

    fn folder(&self) -> &Path {
        Path::new(&self.own.path)
            .parent()
            .unwrap_or_else(|| Path::new("."))
    }

    /// Returns the tube files in the folder, with their ids.
    fn beside(&self) -> impl Iterator<Item = (PathBuf, String)> {
        let (files, _) = list(self.folder());
        let with_id = |path: PathBuf| id_of(&path).map(|id| (path, id));
        files.into_iter().filter_map(with_id)
    }

    fn path_of(&self, called: &str) -> Result<Option<PathBuf>, SameId> {
        if is_tube(Path::new(called)) {
            let path = self.folder().join(called);
            return Ok(path.is_file().then_some(path));
        }
        let files: Vec<_> = self.beside().collect();
        let files = files.iter().map(|(path, id)| (&**path, &**id));
        with_id(files, called).map(|path| path.map(Path::to_owned))
    }
}

impl Tubes for Files {
    fn find(&self, called: &str) -> Result<Option<Source>, String> {
        let known = |(name, _): &&(Name, File)| &**name == called;
        if let Some((_, file)) = self.others.borrow().iter().find(known) {
            return Ok(Some(file.source.clone()));
        }
        let Some(path) = self.path_of(called).map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let name = if is_tube(Path::new(called)) {
            called.as_ref()
        } else {
            path.file_name().unwrap_or_default()
        };
        let name = Path::new(&*self.own.source.name).with_file_name(name);
        let file =
            File::at(&name.display().to_string(), &path).map_err(|error| error.to_string())?;
        let source = file.source.clone();
        self.others.borrow_mut().push((called.into(), file));
        Ok(Some(source))
    }

    fn names(&self) -> Vec<Name> {
        self.beside().map(|(_, id)| id.into()).collect()
    }

    fn looked(&self, _name: &str) -> Option<String> {
        Some("`tube!` looks for other tubes in the folder of this one".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_file_is_named_with_all_paths_tried() {
        let written: LitStr = syn::parse_quote!("tubes/nowhere.yaml");
        let error = File::read(&written, Some("/src".into()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`tubes/nowhere.yaml`: neither from the folder of `Cargo.toml`"),
            "{error}"
        );
        let here = concat!(
            "`",
            env!("CARGO_MANIFEST_DIR"),
            "/tubes/nowhere.yaml`, `/src/tubes/nowhere.yaml`"
        );
        assert!(error.contains(here), "{error}");
    }
}
