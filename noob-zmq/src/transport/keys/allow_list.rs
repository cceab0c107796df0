//! Parser of allow files: accepted keys, each with its roles and a name.

use std::collections::BTreeMap;
use std::path::Path;

use noob_zmq_spec::suggest::nearest;

use super::private_file::{self, FileRules};
use super::public::ALGORITHM;
use super::{KeyError, PublicKey};
use crate::declare::words;

/// Length of the longest name.
const MAX_NAME: usize = 64;

words! {
    /// Role of a key: the actions that its owner may take in a run.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum KeyRole {
        /// Controls nodes: sends commands to them, and receives their events.
        Command = "command",
        /// Hosts nodes of a run: receives commands and events of other nodes, and reports.
        Node = "node",
        /// Receives published events, and sends nothing.
        Watch = "watch",
        /// Sends, beside what a node may, objects of other languages, whose receivers run code that
        /// the objects name.
        Objects = "objects",
    }
}

/// Name and roles of an accepted key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedKey {
    /// Name of the owner, for logs.
    pub name: String,
    /// Roles of the key.
    pub roles: Vec<KeyRole>,
}

impl AllowedKey {
    /// Whether the key has one of these roles.
    #[must_use]
    pub fn has_any_role(&self, roles: &[KeyRole]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// Accepted keys.
///
/// A file has one line per key: the roles, and the public line of the key. `#` begins a comment.
///
/// ```text
/// node     noob-ed25519 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo  camera-host
/// command,watch  noob-ed25519 PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw  desk
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedKeys {
    keys: BTreeMap<PublicKey, AllowedKey>,
}

impl AllowedKeys {
    /// Adds a key, and replaces an earlier entry of the same key.
    #[must_use]
    pub fn with(mut self, key: PublicKey, name: &str, roles: &[KeyRole]) -> Self {
        let entry = AllowedKey {
            name: name.to_owned(),
            roles: roles.to_vec(),
        };
        self.keys.insert(key, entry);
        self
    }

    /// Returns these keys and others, whose entries come first.
    #[must_use]
    pub(super) fn joined(&self, others: &Self) -> Self {
        let mut joined = self.clone();
        joined.keys.extend(others.keys.clone());
        joined
    }

    pub(super) fn remove(&mut self, key: &PublicKey) {
        self.keys.remove(key);
    }

    /// Returns the entry of a key; `None` if the key is not accepted.
    #[must_use]
    pub fn get(&self, key: &PublicKey) -> Option<&AllowedKey> {
        self.keys.get(key)
    }

    /// Iterates over the keys and their entries.
    pub fn iter(&self) -> impl Iterator<Item = (&PublicKey, &AllowedKey)> {
        self.keys.iter()
    }

    /// Parses the text of an allow file.
    ///
    /// # Errors
    /// The first invalid line: an unknown role, a text that is no key, a repeated key.
    pub fn parse(path: &Path, text: &str) -> Result<Self, KeyError> {
        let mut allowed = Self::default();
        let mut lines = BTreeMap::new();
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            let text = text.split('#').next().unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            let wrong = |what: String| KeyError::Line {
                path: path.to_owned(),
                line,
                what,
            };
            let (key, entry) = parse_line(text).map_err(wrong)?;
            if let Some(first) = lines.insert(key, line) {
                return Err(wrong(format!(
                    "this key stands in line {first} already; write all its roles in one line, as \
                     in `node,watch`"
                )));
            }
            allowed.keys.insert(key, entry);
        }
        Ok(allowed)
    }

    /// Reads an allow file.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); a file that others can change; any error of the file system.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        const RULES: FileRules = FileRules {
            forbidden: 0o022,
            exposed: ("changed", "who could let themselves in"),
            mode_help: "run `chmod go-w` on it",
            owner_help: "use a file of your own",
            allows_root: true,
            regular_only: false,
            limit: 1 << 20,
        };
        let bytes = private_file::read(path, &RULES)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| KeyError::file("read", path, "stream did not contain valid UTF-8"))?;
        Self::parse(path, &text)
    }
}

fn parse_line(text: &str) -> Result<(PublicKey, AllowedKey), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let form = "write `ROLES noob-ed25519 KEY NAME`, as in `node noob-ed25519 11qY.. camera-host`";
    let &[roles, algorithm, key, name] = words.as_slice() else {
        return Err(match words.as_slice() {
            [ALGORITHM, ..] => {
                "it does not say what the key may do; put `node`, `watch` or `command` in front"
                    .to_owned()
            }
            words => format!("it has {} words, not 4; {form}", words.len()),
        });
    };
    let roles = roles.split(',').map(parse_role).collect::<Result<_, _>>()?;
    if algorithm != ALGORITHM {
        return Err(format!("`{algorithm}` is not `{ALGORITHM}`; {form}"));
    }
    let key = key.parse().map_err(|error: KeyError| error.to_string())?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+:".contains(c);
    if name.len() > MAX_NAME || !name.chars().all(plain) {
        return Err(format!(
            "the name `{}` has other characters than letters, digits and `-_.@+:`, or more than \
             {MAX_NAME}",
            name.chars().take(MAX_NAME).collect::<String>()
        ));
    }
    Ok((
        key,
        AllowedKey {
            name: name.to_owned(),
            roles,
        },
    ))
}

fn parse_role(word: &str) -> Result<KeyRole, String> {
    KeyRole::ALL
        .iter()
        .copied()
        .find(|role| role.as_str() == word)
        .ok_or_else(|| {
            let near = nearest(word, KeyRole::ALL.iter().map(|role| role.as_str()))
                .map_or_else(String::new, |role| format!("; did you mean `{role}`?"));
            format!("`{word}` is no role; there are `command`, `node` and `watch`{near}")
        })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ONE: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const TWO: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

    fn parse(text: &str) -> Result<AllowedKeys, String> {
        AllowedKeys::parse(Path::new("allow"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn lines_are_parsed_with_roles_and_names() {
        let allowed = parse(&format!(
            "# hosts\n\nnode noob-ed25519 {ONE} camera-host # in the lab\n\
             \x20 command,watch\tnoob-ed25519 {TWO} me@desk\n"
        ))
        .unwrap();
        let one = allowed.get(&ONE.parse().unwrap()).unwrap();
        assert_eq!(
            (one.name.as_str(), &*one.roles),
            ("camera-host", &[KeyRole::Node][..])
        );
        assert!(
            one.has_any_role(&[KeyRole::Watch, KeyRole::Node])
                && !one.has_any_role(&[KeyRole::Command])
        );
        let two = allowed.get(&TWO.parse().unwrap()).unwrap();
        assert_eq!(two.roles, [KeyRole::Command, KeyRole::Watch]);
        assert_eq!(allowed.iter().count(), 2);
    }

    #[test]
    fn invalid_line_is_named() {
        for (line, reason) in [
            (
                format!("nod noob-ed25519 {ONE} a"),
                "allow:2: `nod` is no role; there are `command`, `node` and `watch`; \
                 did you mean `node`?",
            ),
            (
                format!("noob-ed25519 {ONE} a"),
                "allow:2: it does not say what the key may do",
            ),
            ("node".into(), "allow:2: it has 1 words, not 4"),
            (
                format!("node ssh-ed25519 {ONE} a"),
                "allow:2: `ssh-ed25519` is not `noob-ed25519`",
            ),
            (
                "node noob-ed25519 11qY a".into(),
                "allow:2: `11qY` is no public key: it has 3 bytes",
            ),
            (
                format!("node noob-ed25519 {ONE} a\u{1b}[31m"),
                "allow:2: the name",
            ),
            (
                format!("node,,watch noob-ed25519 {ONE} a"),
                "allow:2: `` is no role",
            ),
        ] {
            let error = parse(&format!("# keys\n{line}\n")).unwrap_err();
            assert!(error.starts_with(reason), "{line}: {error}");
        }
        let twice = parse(&format!(
            "node noob-ed25519 {ONE} a\nwatch noob-ed25519 {ONE} b\n"
        ));
        assert!(
            twice
                .unwrap_err()
                .starts_with("allow:2: this key stands in line 1 already")
        );
    }

    #[test]
    fn file_that_others_can_change_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("allow");
        std::fs::write(&path, format!("node noob-ed25519 {ONE} a\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(AllowedKeys::load(&path).unwrap().iter().count(), 1);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
        let error = AllowedKeys::load(&path).unwrap_err().to_string();
        assert!(
            error.contains("can be changed by others (mode 664)"),
            "{error}"
        );
    }
}
