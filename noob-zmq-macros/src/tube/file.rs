//! Finds and reads the tube file.

use std::path::{Path, PathBuf};

use syn::LitStr;

/// A tube file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path, as written: what stands before `:line:column` in messages.
    pub(crate) name: String,
    /// Where it is, for `include_str!`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
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
            let text = format!(
                "there is no tube `{name}`: neither from the folder of `Cargo.toml` nor from that of this source file ({})",
                looked.join(", ")
            );
            syn::Error::new_spanned(written, text)
        })?;
        let text = std::fs::read_to_string(&path).map_err(|error| {
            syn::Error::new_spanned(
                written,
                format!("the tube `{name}` cannot be read: {error}"),
            )
        })?;
        let path = absolute(&path).display().to_string();
        Ok(Self { name, path, text })
    }
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
