//! Settings of a process to their raw form.

use indexmap::IndexMap;

use super::read::Reader;
use super::spec::ProcessSpec;
use crate::reader::yaml::{Data, Mapping, Pair, Scalar};
use crate::reader::{Name, Spanned};

/// Number above those of processors: a kernel knows fewer.
const MAX_CPUS: u32 = 1 << 14;
const CPU_LIST: &str = "numbers of processors, such as `2`, `0-3,6` or `[0, 2]`";
const SIZE: &str = "a number of bytes above 0, such as `1048576` or `512 MiB`";

impl Reader<'_> {
    /// Reads the settings of a process.
    pub(super) fn process(&mut self, map: &Mapping, owner: &str) -> ProcessSpec {
        ProcessSpec {
            program: self.setting(map, "program", owner, Self::program),
            environment: self.setting(map, "environment", owner, Self::environment),
            cpus: self.setting(map, "cpus", owner, |reader, pair, what| {
                reader.parsed(pair, what, CPU_LIST, cpus)
            }),
            nice: self.setting(map, "nice", owner, |reader, pair, what| {
                reader.parsed(pair, what, "a whole number from -20 to 19", nice)
            }),
            memory: self.setting(map, "memory", owner, |reader, pair, what| {
                reader.parsed(pair, what, SIZE, memory)
            }),
        }
    }

    fn setting<T>(
        &mut self,
        map: &Mapping,
        key: &str,
        owner: &str,
        read: fn(&mut Self, &Pair, String) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let pair = map.get(key)?;
        let value = read(self, pair, format!("`{key}` of {owner}"))?;
        Some(Spanned::new(value, pair.key))
    }

    fn parsed<T>(
        &mut self,
        pair: &Pair,
        what: String,
        expected: &'static str,
        parse: fn(&Data) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(&pair.value.data);
        if parsed.is_none() {
            self.wrong(pair.value_place(), what, expected, &pair.value);
        }
        parsed
    }

    fn program(&mut self, pair: &Pair, what: String) -> Option<Vec<Name>> {
        const EXPECTED: &str = "a path, or a list of a path and arguments";
        if let Some(path) = pair.value.as_text().filter(|path| !path.is_empty()) {
            return Some(vec![path.clone()]);
        }
        match &pair.value.data {
            Data::List(items) if !items.is_empty() => {
                let words = self.texts(pair, &what, EXPECTED);
                let words: Vec<Name> = words.into_iter().map(|word| word.value).collect();
                (words.len() == items.len()).then_some(words)
            }
            _ => {
                self.wrong(pair.value_place(), what, EXPECTED, &pair.value);
                None
            }
        }
    }

    fn environment(&mut self, pair: &Pair, what: String) -> Option<IndexMap<Name, Name>> {
        let Some(entries) = pair.value.as_map() else {
            let expected = "a mapping of variables to their values";
            self.wrong(pair.value_place(), what, expected, &pair.value);
            return None;
        };
        let mut variables = IndexMap::new();
        for (name, pair) in entries {
            let what = format!("`{name}` in the {what}");
            let can_be_set = |text: &str| !text.is_empty() && !text.contains(['\0', '=']);
            match &pair.value.data {
                _ if !can_be_set(name) => {
                    let expected = "a variable whose name has no `=`";
                    self.wrong(pair.key, what, expected, &pair.value);
                }
                // As written: `1` and `yes` are texts in an environment.
                Data::Scalar(scalar, text) if *scalar != Scalar::Null && !text.contains('\0') => {
                    variables.insert(name.clone(), text.clone());
                }
                _ => self.wrong(pair.value_place(), what, "a text or a number", &pair.value),
            }
        }
        Some(variables)
    }
}

fn cpus(data: &Data) -> Option<Vec<u32>> {
    let number = |number: i64| u32::try_from(number).ok().filter(|cpu| *cpu < MAX_CPUS);
    let mut cpus = match data {
        Data::Scalar(Scalar::Int(cpu), _) => vec![number(*cpu)?],
        Data::Scalar(Scalar::Str(text), _) => cpu_list(text)?,
        Data::List(items) => {
            let item = |item: &crate::reader::Yaml| match &item.data {
                Data::Scalar(Scalar::Int(cpu), _) => number(*cpu),
                _ => None,
            };
            items.iter().map(item).collect::<Option<Vec<u32>>>()?
        }
        _ => return None,
    };
    cpus.sort_unstable();
    cpus.dedup();
    (!cpus.is_empty()).then_some(cpus)
}

/// Returns the processors of a list such as `0-3,6`.
fn cpu_list(text: &str) -> Option<Vec<u32>> {
    let mut cpus = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let (first, last) = (number(first)?, number(last)?);
        if first > last || last >= MAX_CPUS {
            return None;
        }
        cpus.extend(first..=last);
    }
    Some(cpus)
}

fn nice(data: &Data) -> Option<i32> {
    match data {
        Data::Scalar(Scalar::Int(nice), _) => i32::try_from(*nice)
            .ok()
            .filter(|nice| (-20..=19).contains(nice)),
        _ => None,
    }
}

fn memory(data: &Data) -> Option<u64> {
    let bytes = match data {
        Data::Scalar(Scalar::Int(bytes), _) => u64::try_from(*bytes).ok()?,
        Data::Scalar(Scalar::Str(text), _) => size(text)?,
        _ => return None,
    };
    (bytes > 0).then_some(bytes)
}

/// Returns the bytes of a size such as `512 MiB`.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim() {
        "" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}
