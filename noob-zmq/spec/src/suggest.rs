//! Suggestions for a name that does not exist.

use std::sync::Arc;

/// Returns the candidate that was probably meant by `wanted`, if one is near.
///
/// Case is ignored, and letters that changed places count once (Damerau and Levenshtein).
pub fn nearest<N: AsRef<str>>(wanted: &str, candidates: impl IntoIterator<Item = N>) -> Option<N> {
    ranked(wanted, candidates).into_iter().next()
}

/// Returns up to three node types that were probably meant.
///
/// A type counts that is near as a whole, or of which the last part of the path is the same. If
/// there is none, those count of which the last part is near.
pub fn nearest_types<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a Arc<str>>,
) -> Vec<Arc<str>> {
    let candidates: Vec<&Arc<str>> = candidates.into_iter().collect();
    let wanted_last = last_part(wanted);
    let same = |name: &&Arc<str>| last_part(name) == wanted_last;
    let mut near: Vec<&Arc<str>> = candidates.iter().copied().filter(same).collect();
    near.extend(ranked(wanted, candidates.iter().copied()));
    if near.is_empty() {
        let alike = |name: &&Arc<str>| distance(wanted_last, last_part(name)).is_some();
        near.extend(candidates.iter().copied().filter(alike));
    }
    let mut seen: Vec<Arc<str>> = Vec::new();
    for name in near {
        if seen.len() < 3 && !seen.contains(name) {
            seen.push(name.clone());
        }
    }
    seen
}

fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn ranked<N: AsRef<str>>(wanted: &str, candidates: impl IntoIterator<Item = N>) -> Vec<N> {
    let mut ranked: Vec<(usize, N)> = candidates
        .into_iter()
        .filter_map(|name| Some((distance(wanted, name.as_ref())?, name)))
        .collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().map(|(_, name)| name).collect()
}

/// Returns the distance of two names, if one was probably meant for the other.
fn distance(wanted: &str, name: &str) -> Option<usize> {
    // The cost is the product of the lengths, and the texts may come from strangers.
    if wanted.len() > 200 || name.len() > 200 {
        return None;
    }
    let (wanted, name) = (wanted.to_lowercase(), name.to_lowercase());
    let distance = strsim::damerau_levenshtein(&wanted, &name);
    let most = (wanted.chars().count().max(name.chars().count()) / 3).clamp(1, 3);
    // A name of one or two letters is near to every other one.
    let guessed = wanted.chars().count() <= 2 && distance > 0;
    (distance <= most && !guessed).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_is_found() {
        assert_eq!(nearest("indx", ["value", "index"]), Some("index"));
        assert_eq!(nearest("Index", ["index"]), Some("index"));
        assert_eq!(nearest("routr", ["inbox", "router"]), Some("router"));
        assert_eq!(nearest("zzz", ["value", "index"]), None);
        assert_eq!(nearest("metrics", ["inbox", "router"]), None);
    }

    #[test]
    fn short_names_are_not_guessed() {
        assert_eq!(nearest("a", ["b", "c"]), None);
    }

    #[test]
    fn types_of_other_modules_are_found() {
        let names = ["lib.text.words", "lib.text.lines", "lib.count"].map(Arc::from);
        assert_eq!(nearest_types("words", &names), ["lib.text.words".into()]);
        assert_eq!(
            nearest_types("lib.text.wrods", &names),
            ["lib.text.words".into()]
        );
        assert!(nearest_types("x.y", &names).is_empty());
    }
}
