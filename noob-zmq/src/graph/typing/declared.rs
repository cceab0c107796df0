//! The types that an `input:` declares, in Python's words or in Rust's.

use super::{HasShape, TypeShape};

/// Maximum depth of a declared type; deeper parts are [`TypeShape::Unknown`].
const DEEPEST: usize = 16;

/// Returns the shape of a type as written in a tube file: `int`, `list[str]`, `float | None`,
/// `Vec<u8>`.
///
/// Unknown names are [`TypeShape::Unknown`], and so is `any`, which disables the check.
#[must_use]
pub fn declared(text: &str) -> TypeShape {
    read(text, DEEPEST)
}

fn read(text: &str, deeper: usize) -> TypeShape {
    let text = text.trim();
    if deeper == 0 {
        return TypeShape::Unknown;
    }
    let members = split(text, '|');
    if members.len() > 1 {
        let (none, others): (Vec<&str>, Vec<&str>) = members
            .into_iter()
            .partition(|member| member.trim() == "None");
        return match (none.is_empty(), others.as_slice()) {
            (false, [one]) => read(one, deeper - 1).or_null(),
            _ => TypeShape::Unknown,
        };
    }
    let Some((name, inside)) = brackets(text) else {
        return plain(text);
    };
    let inside = split(inside, ',');
    let nth = |at: usize| {
        inside
            .get(at)
            .map_or(TypeShape::Unknown, |text| read(text, deeper - 1))
    };
    match last_part(name) {
        "list" | "List" | "set" | "Set" | "frozenset" | "Sequence" | "Vec" | "HashSet"
        | "BTreeSet" => TypeShape::list(nth(0)),
        "tuple" | "Tuple" if inside.len() == 2 && inside[1].trim() == "..." => {
            TypeShape::list(nth(0))
        }
        "tuple" | "Tuple" => TypeShape::Tuple((0..inside.len()).map(nth).collect()),
        "dict" | "Dict" | "Mapping" | "HashMap" | "BTreeMap" => TypeShape::Map(Box::new(nth(1))),
        "Optional" | "Option" => nth(0).or_null(),
        "Box" | "Arc" | "Rc" => nth(0),
        _ => TypeShape::Unknown,
    }
}

fn plain(text: &str) -> TypeShape {
    match last_part(text) {
        "int" => TypeShape::Int(None),
        "float" => TypeShape::Float,
        "str" | "string" | "String" | "path" | "Path" | "PathBuf" => TypeShape::Str,
        "bool" => TypeShape::Bool,
        "bytes" | "Bytes" => TypeShape::Bytes,
        "char" => TypeShape::Char,
        "None" => TypeShape::Null,
        "list" | "List" | "tuple" | "Tuple" | "set" | "Sequence" => {
            TypeShape::list(TypeShape::Unknown)
        }
        "dict" | "Dict" | "Mapping" => TypeShape::Map(Box::new(TypeShape::Unknown)),
        "i8" => i8::shape(),
        "i16" => i16::shape(),
        "i32" => i32::shape(),
        "i64" | "isize" => i64::shape(),
        "u8" => u8::shape(),
        "u16" => u16::shape(),
        "u32" => u32::shape(),
        "u64" | "usize" => u64::shape(),
        "f32" | "f64" => TypeShape::Float,
        _ => TypeShape::Unknown,
    }
}

/// `list` and `int` of `list[int]`, or of `list<int>`.
fn brackets(text: &str) -> Option<(&str, &str)> {
    let open = text.find(['[', '<'])?;
    let inside = text[open + 1..].strip_suffix([']', '>'])?;
    Some((text[..open].trim(), inside))
}

/// The parts between separators that stand in no brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut open, mut start) = (0_usize, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '[' | '<' | '(' => open += 1,
            ']' | '>' | ')' => open = open.saturating_sub(1),
            _ if letter == separator && open == 0 => {
                parts.push(&text[start..at]);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn last_part(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}
