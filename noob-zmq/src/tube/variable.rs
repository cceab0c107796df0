//! Environment variable that names the folders of tubes.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::LoadError;

/// Environment variable that names folders.
pub(super) const VARIABLE: &str = "NOOB_CONFIG_DIRS";

/// Returns the paths that the variable names.
pub(super) fn named(value: &OsStr) -> Result<Vec<PathBuf>, LoadError> {
    match value.to_str().map(str::trim) {
        Some(list) if list.starts_with('[') => {
            serde_json::from_str(list).map_err(|error| LoadError::Folders {
                variable: VARIABLE,
                reason: error.to_string(),
            })
        }
        _ => Ok(std::env::split_paths(value)
            .filter(|path| !path.as_os_str().is_empty())
            .collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_json_or_paths() {
        let paths = |value: &str| named(OsStr::new(value)).map_err(|error| error.to_string());
        assert_eq!(paths(r#"["a", "b c"]"#), Ok(vec!["a".into(), "b c".into()]));
        assert_eq!(paths("a:b c"), Ok(vec!["a".into(), "b c".into()]));
        assert_eq!(paths(""), Ok(vec![]));
        assert_eq!(paths("a::b"), Ok(vec!["a".into(), "b".into()]));
        let error = paths("[a]").unwrap_err();
        assert!(error.contains("NOOB_CONFIG_DIRS"), "{error}");
    }
}
