//! Mistakes of indentation, which the parser reports as something else.

use saphyr_parser::ScanError;

use crate::reader::source::Text;
use crate::reader::{DiagnosticKind, Place};

/// Returns the mistake, and its place, if an error of the parser comes from the indentation of its
/// line.
pub(super) fn mistake(text: &Text, error: &ScanError) -> Option<(Place, DiagnosticKind)> {
    // Inside brackets and quotes, indentation means nothing.
    let in_block = [
        "block mapping",
        "block collection",
        "block sequence",
        "mapping values",
    ];
    if !in_block.iter().any(|part| error.info().contains(part)) {
        return None;
    }
    let line = text.marker(*error.marker()).line.checked_sub(1)?;
    let lines: Vec<&str> = text.without_mark().lines().collect();
    let own = indent(lines.get(line)?)?;
    let above = lines[..line].iter().rev();
    let mut above = above.filter_map(|line| Some((indent(line)?, *line)));
    let (previous, previous_line) = above.next()?;
    // A line below one that ends with `:` or `-` begins a list or a mapping, at any depth.
    let content = previous_line.split(" #").next().unwrap_or_default();
    let opens = content.trim_end().ends_with([':', '-', '|', '>']);
    if own > previous && opens {
        return None;
    }
    // The lists and mappings that are open above.
    let mut open = vec![previous];
    for (indent, _) in above {
        if open.last().is_some_and(|&last| indent < last) {
            open.push(indent);
        }
    }
    if open.contains(&own) {
        return None;
    }
    let mut neighbours = vec![previous];
    let next = lines[line + 1..].iter().find_map(|line| indent(line));
    neighbours.extend(next.filter(|next| *next != previous && *next != own));
    let place = text.at_line(line, own);
    Some((place, DiagnosticKind::Indentation { own, neighbours }))
}

/// Returns the number of spaces before a line; `None` if nothing else is on it.
fn indent(line: &str) -> Option<usize> {
    let content = line.trim_start_matches(' ');
    let is_empty = content.trim().is_empty() || content.starts_with('#');
    (!is_empty).then(|| line.len() - content.len())
}
