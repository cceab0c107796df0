//! Finds and reads tube files.

use std::path::{Path, PathBuf};

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::LitStr;

use super::mistakes::At;

/// A tube file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path, as written: what stands before `:line:column` in messages.
    pub(crate) name: String,
    /// Where it is, for `include_str!`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
    /// The name by which another tube calls it.
    pub(crate) called: Option<String>,
}

impl File {
    /// The file of this path, seen from the folder of the crate's `Cargo.toml`, or else from that of the source file.
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
            syn::Error::new_spanned(written, nowhere(&name, &looked))
        })?;
        let text = std::fs::read_to_string(&path).map_err(|error| {
            syn::Error::new_spanned(
                written,
                format!("the tube `{name}` cannot be read: {error}"),
            )
        })?;
        let path = absolute(&path).display().to_string();
        Ok(Self {
            name,
            path,
            text,
            called: None,
        })
    }

    /// `sums_yaml`: the name of the file as an identifier.
    fn letters(&self) -> String {
        let stem = Path::new(&self.name).file_name().unwrap_or_default();
        let letters = stem.to_string_lossy();
        let letters = letters.chars();
        letters
            .map(|c| if c.is_alphanumeric() { c } else { '_' })
            .collect()
    }
}

/// That there is no such file, and where it was looked for.
fn nowhere(name: &str, looked: &[String]) -> String {
    if Path::new(name).is_absolute() {
        return format!("there is no tube `{name}`");
    }
    format!(
        "there is no tube `{name}`: neither from the folder of `Cargo.toml` nor from that of this source file ({})",
        looked.join(", ")
    )
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The file itself, and behind it those of the tubes that it names.
#[derive(Debug)]
pub(crate) struct Files {
    list: Vec<File>,
}

impl Files {
    /// Only the tube itself so far.
    pub(crate) fn new(own: File) -> Self {
        Self { list: vec![own] }
    }

    /// Tubes held in memory: the tube itself, and others with the names by which they are called.
    #[cfg(test)]
    pub(crate) fn of(own: &str, others: &[(&str, &str)]) -> Self {
        let file = |name: &str, text: &str, called: Option<&str>| File {
            name: format!("{name}.yaml"),
            path: String::new(),
            text: text.to_owned(),
            called: called.map(str::to_owned),
        };
        let mut files = Self::new(file("tube", own, None));
        let others = others.iter();
        files
            .list
            .extend(others.map(|(name, text)| file(name, text, Some(name))));
        files
    }

    /// The tube itself.
    pub(crate) fn own(&self) -> &File {
        &self.list[0]
    }

    /// The others, as they were found.
    pub(crate) fn others(&self) -> &[File] {
        &self.list[1..]
    }

    /// The file of this number.
    pub(crate) fn get(&self, number: usize) -> &File {
        &self.list[number]
    }

    /// `file:line:column`.
    pub(crate) fn place(&self, at: At) -> String {
        at.shown(&self.get(at.file).name)
    }

    /// `sums_yaml_line_4`: a name that says where in which file.
    pub(crate) fn line(&self, at: At, span: Span) -> Ident {
        let letters = self.get(at.file).letters();
        format_ident!("{letters}_line_{}", at.line, span = span)
    }

    /// Reads the tube of this name, which stands beside the tube itself, and gives its number; nothing, if there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn add(&mut self, called: &str) -> std::io::Result<Option<usize>> {
        let known = |file: &File| file.called.as_deref() == Some(called);
        if let Some(number) = self.list.iter().position(known) {
            return Ok(Some(number));
        }
        let Some(path) = self.find(called) else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(&path)?;
        let name = if is_tube(Path::new(called)) {
            called.as_ref()
        } else {
            path.file_name().unwrap_or_default()
        };
        let name = Path::new(&self.own().name).with_file_name(name);
        self.list.push(File {
            name: name.display().to_string(),
            path: absolute(&path).display().to_string(),
            text,
            called: Some(called.to_owned()),
        });
        Ok(Some(self.list.len() - 1))
    }

    /// As the loader finds it: a path, or the `noob_id` of a file in the folder of the tube.
    fn find(&self, called: &str) -> Option<PathBuf> {
        if is_tube(Path::new(called)) {
            let path = self.folder().join(called);
            return path.is_file().then_some(path);
        }
        let mut beside = self.beside().into_iter();
        beside.find_map(|(path, id)| (id == called).then_some(path))
    }

    /// The ids of the tubes beside the tube itself.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.beside().into_iter().map(|(_, id)| id).collect()
    }

    fn folder(&self) -> &Path {
        Path::new(&self.own().path)
            .parent()
            .unwrap_or_else(|| Path::new("."))
    }

    fn beside(&self) -> Vec<(PathBuf, String)> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| is_tube(path) && path.is_file());
        paths.sort();
        paths
            .into_iter()
            .filter_map(|path| {
                let id = id_of(&std::fs::read_to_string(&path).ok()?)?;
                Some((path, id))
            })
            .collect()
    }
}

fn is_tube(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml")
}

/// What a text says in its first line that begins with `noob_id:`.
fn id_of(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("noob_id:"))?
        .trim();
    for quote in ['"', '\''] {
        let quoted = line.strip_prefix(quote);
        if let Some((id, _)) = quoted.and_then(|rest| rest.split_once(quote)) {
            return Some(id.to_owned());
        }
    }
    let id = line.split(" #").next().unwrap_or(line);
    Some(id.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_nowhere_is_named_with_all_the_places_where_it_was_looked_for() {
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
