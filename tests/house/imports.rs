//! Imports between the files of a crate, read from `use` items, and their circles.
//!
//! A path that a `mod.rs` re-exports counts as an import of the file that defines the item. Modules
//! of tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::Source;

/// Path of a module or an item within the crate.
type Path = Vec<String>;

/// Import graph of one crate.
pub(crate) struct Imports {
    /// File of each module.
    files: BTreeMap<Path, String>,
    /// Paths that a module re-exports: name to path.
    exports: BTreeMap<Path, Vec<(String, Path)>>,
    /// Files that each file imports.
    graph: BTreeMap<String, BTreeSet<String>>,
}

impl Imports {
    /// Reads the imports of the crate `name`, whose sources stand in `folder`.
    pub(crate) fn new(folder: &str, name: &str, sources: &[Source]) -> Self {
        let mut imports = Self {
            files: BTreeMap::new(),
            exports: BTreeMap::new(),
            graph: BTreeMap::new(),
        };
        let prefix = format!("{folder}/");
        let mut uses = Vec::new();
        for source in sources.iter().filter(|source| !source.is_test()) {
            let Some(file) = source.path.strip_prefix(&prefix) else {
                continue;
            };
            let module = module_of(file);
            for item in use_items(&source.text) {
                let (public, tree) = item;
                for (path, alias) in expand(tree) {
                    let Some(path) = absolute(&path, &module, name) else {
                        continue;
                    };
                    if public {
                        let exports = imports.exports.entry(module.clone()).or_default();
                        exports.push((alias, path.clone()));
                    }
                    uses.push((source.path.clone(), module.clone(), public, path));
                }
            }
            imports.files.insert(module, source.path.clone());
        }
        for (file, module, public, path) in uses {
            let Some(target) = imports.resolve(&path, 0) else {
                continue;
            };
            // A re-export of a child is the public face of a folder, not a use of it.
            let is_face = public && file.ends_with("mod.rs") && path.starts_with(&module);
            if target != file && !is_face {
                imports.graph.entry(file).or_default().insert(target);
            }
        }
        imports
    }

    /// Returns the number of imports.
    pub(crate) fn edges(&self) -> usize {
        self.graph.values().map(BTreeSet::len).sum()
    }

    /// Returns the file that defines the item at `path`.
    fn resolve(&self, path: &[String], depth: usize) -> Option<String> {
        let known = (0..=path.len())
            .rev()
            .find(|end| self.files.contains_key(&path[..*end]))?;
        let module = &path[..known];
        if let Some(item) = path.get(known)
            && depth < 8
        {
            for (alias, target) in self.exports.get(module).into_iter().flatten() {
                let rest = &path[known + 1..];
                let mut target = target.clone();
                let matches = alias == item || alias == "*";
                if alias == "*" {
                    target.push(item.clone());
                }
                if matches && target.as_slice() != path {
                    target.extend(rest.iter().cloned());
                    let file = self.resolve(&target, depth + 1);
                    if alias != "*" || file.as_deref() != self.files.get(module).map(|f| &**f) {
                        return file;
                    }
                }
            }
        }
        self.files.get(module).cloned()
    }

    /// Returns each circle of imports that goes through files of several folders.
    pub(crate) fn circles(&self) -> Vec<String> {
        let reach: BTreeMap<&String, BTreeSet<&String>> = self
            .graph
            .keys()
            .map(|file| (file, self.reachable(file)))
            .collect();
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for (file, reachable) in &reach {
            if !reachable.contains(file) || seen.contains(file) {
                continue;
            }
            let together =
                |other: &&String| reach.get(*other).is_some_and(|back| back.contains(file));
            let members: BTreeSet<&String> = reachable.iter().copied().filter(together).collect();
            seen.extend(members.iter().copied());
            let folders: BTreeSet<_> = members
                .iter()
                .map(|member| member.rsplit_once('/').map(|(folder, _)| folder))
                .collect();
            if folders.len() > 1 {
                circles.push(self.describe(&members));
            }
        }
        circles
    }

    fn reachable(&self, file: &String) -> BTreeSet<&String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = self.graph.get(file).into_iter().flatten().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(self.graph.get(next).into_iter().flatten());
            }
        }
        reached
    }

    /// Lists the imports within a circle.
    fn describe(&self, members: &BTreeSet<&String>) -> String {
        let mut lines = vec![format!("a circle of {} files:", members.len())];
        for member in members {
            for target in self.graph.get(*member).into_iter().flatten() {
                if members.contains(target) {
                    lines.push(format!("    {member} imports {target}"));
                }
            }
        }
        lines.join("\n")
    }
}

/// Returns the module path of a file below the source folder.
fn module_of(file: &str) -> Path {
    let file = file.strip_suffix(".rs").unwrap_or(file);
    let mut parts: Path = file.split('/').map(str::to_owned).collect();
    if matches!(
        parts.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        parts.pop();
    }
    parts
}

/// Returns the `use` items outside modules of tests: whether each is public, and its tree.
fn use_items(text: &str) -> Vec<(bool, String)> {
    let mut items = Vec::new();
    let mut lines = text.lines();
    let mut in_test = false;
    while let Some(line) = lines.next() {
        let indented = line.starts_with(' ');
        let line = line.trim();
        if line == "#[cfg(test)]" {
            in_test = true;
            continue;
        }
        if in_test && !line.starts_with("#[") {
            // A `mod tests {` at the end of a file ends what is read.
            if line.ends_with('{') && line.contains("mod ") {
                break;
            }
            in_test = false;
            continue;
        }
        let public = line.starts_with("pub");
        let start = line
            .find("use ")
            .filter(|&at| at == 0 || (public && line[..at].trim_end().ends_with(['b', ')'])));
        let Some(start) = start.filter(|_| !indented) else {
            continue;
        };
        let mut tree = line[start + 4..].to_owned();
        while !tree.contains(';') {
            match lines.next() {
                Some(more) => tree += more.trim(),
                None => break,
            }
        }
        items.push((
            public,
            tree.split(';').next().unwrap_or_default().to_owned(),
        ));
    }
    items
}

/// Returns every path of a `use` tree, with the name that it brings into scope.
fn expand(tree: String) -> Vec<(Path, String)> {
    let mut paths = Vec::new();
    expand_into(&tree, &mut Vec::new(), &mut paths);
    paths
}

fn expand_into(tree: &str, prefix: &mut Path, paths: &mut Vec<(Path, String)>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let group = group.trim().strip_suffix('}').unwrap_or(group);
        let length = prefix.len();
        prefix.extend(
            head.split("::")
                .map(|part| part.trim().to_owned())
                .filter(|p| !p.is_empty()),
        );
        let (mut depth, mut start) = (0, 0);
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand_into(&group[start..at], prefix, paths);
                    start = at + 1;
                }
                _ => {}
            }
        }
        expand_into(&group[start..], prefix, paths);
        prefix.truncate(length);
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut whole = prefix.clone();
    whole.extend(
        path.split("::")
            .map(|part| part.trim().to_owned())
            .filter(|p| !p.is_empty()),
    );
    if whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    let last = whole.last().cloned().unwrap_or_default();
    let alias = if alias.is_empty() {
        last
    } else {
        alias.trim().to_owned()
    };
    if whole.last().is_some_and(|last| last == "*") {
        whole.pop();
        paths.push((whole, "*".to_owned()));
    } else {
        paths.push((whole, alias));
    }
}

/// Returns the path from the root of the crate, or `None` for paths of other crates.
fn absolute(path: &[String], module: &[String], name: &str) -> Option<Path> {
    let first = path.first()?;
    let mut whole = match first.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        first if first == name => return Some(path[1..].to_vec()),
        "self" | "super" => module.to_vec(),
        // Edition 2024: a bare path names a child of the module or another crate.
        _ => {
            let mut whole = module.to_vec();
            whole.extend(path.iter().cloned());
            return Some(whole);
        }
    };
    let mut rest = path;
    while let Some((head, tail)) = rest.split_first() {
        match head.as_str() {
            "self" => {}
            "super" => {
                whole.pop()?;
            }
            _ => break,
        }
        rest = tail;
    }
    whole.extend(rest.iter().cloned());
    Some(whole)
}
