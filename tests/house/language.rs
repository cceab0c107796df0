//! Language: how doc comments begin, how wide lines are, and comments beside concurrent code.

use crate::{Source, assert_none, sources};

/// First words that leave a doc comment without a subject.
const OPENINGS: [&str; 10] = [
    "What", "Who", "Whom", "Whose", "Where", "How", "Which", "It", "They", "One",
];

/// Longest line of a Rust file, in characters.
const COLUMNS: usize = 100;

/// Block of doc comment lines that follow each other.
struct DocBlock<'a> {
    line: usize,
    lines: Vec<&'a str>,
}

/// Returns the text of a doc comment line.
fn doc_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = line.strip_prefix("///").or(line.strip_prefix("//!"))?;
    // Four slashes are an ordinary comment.
    (!text.starts_with('/')).then(|| text.trim())
}

fn doc_blocks(source: &Source) -> Vec<DocBlock<'_>> {
    let mut blocks: Vec<DocBlock<'_>> = Vec::new();
    let mut last = 0;
    for (number, line) in source.lines() {
        let Some(text) = doc_text(line) else { continue };
        match blocks.last_mut() {
            Some(block) if last + 1 == number => block.lines.push(text),
            _ => blocks.push(DocBlock {
                line: number,
                lines: vec![text],
            }),
        }
        last = number;
    }
    blocks
}

/// Returns the first paragraph with what stands in backticks replaced by `x`.
fn summary(block: &DocBlock<'_>) -> String {
    let paragraph: Vec<&str> = block
        .lines
        .iter()
        .copied()
        .take_while(|line| !line.is_empty())
        .collect();
    let paragraph = paragraph.join(" ");
    let mut text = String::new();
    for (place, part) in paragraph.split('`').enumerate() {
        text += if place % 2 == 0 { part } else { "x" };
    }
    text
}

/// Whether a sentence ends within the text and another begins.
fn has_two_sentences(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let ends = pair[0].ends_with(['.', '!', '?']);
        let abbreviation = ["e.g.", "i.e.", "vs.", "etc."].contains(&pair[0]);
        ends && !abbreviation && pair[1].starts_with(|first: char| first.is_uppercase())
    })
}

#[test]
fn doc_comments_begin_with_a_subject() {
    let mut findings = Vec::new();
    for source in sources() {
        for (number, line) in source.lines() {
            let first = doc_text(line).and_then(|text| text.split_whitespace().next());
            let Some(first) = first else { continue };
            let word = first.trim_end_matches(|end: char| !end.is_alphanumeric());
            if OPENINGS.contains(&word) {
                findings.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert_none(
        "no doc comment line begins with What, Who, It, ..",
        &findings,
    );
}

#[test]
fn doc_summaries_are_one_sentence() {
    let mut findings = Vec::new();
    for source in sources() {
        for block in doc_blocks(&source) {
            let text = summary(&block);
            if !text.starts_with(['#', '|', '-']) && has_two_sentences(&text) {
                findings.push(format!("{}:{}: {text}", source.path, block.line));
            }
        }
    }
    assert_none("the first paragraph is one sentence", &findings);
}

#[test]
fn lines_are_at_most_100_columns() {
    let mut findings = Vec::new();
    for source in sources() {
        // The compiler quotes the lines of UI cases: their width is part of the case.
        // The snapshots of expansions have the format of prettyplease.
        if source.path.starts_with("tests/ui/") || source.path.ends_with(".expanded.rs") {
            continue;
        }
        let mut in_raw_text = false;
        for (number, line) in source.lines() {
            // A raw text quotes the output of a program, line by line.
            let quotes = in_raw_text;
            if line.contains("r#\"") {
                in_raw_text = true;
            }
            if line.contains("\"#") {
                in_raw_text = false;
            }
            let columns = line.chars().count();
            if columns > COLUMNS && !line.contains("https://") && !quotes {
                findings.push(format!("{}:{number}: {columns} columns", source.path));
            }
        }
    }
    assert_none("lines are at most 100 columns wide", &findings);
}

/// Returns whether the file has locks, channels or `select!`.
fn is_concurrent(source: &Source) -> bool {
    let marks = [
        "Mutex<",
        "RwLock<",
        "Condvar",
        "mpsc::",
        "oneshot::",
        // Not the module `runner::watch`.
        "watch::channel",
        "watch::Sender",
        "watch::Receiver",
        "select!",
    ];
    marks.iter().any(|mark| source.text.contains(mark))
}

#[test]
fn concurrent_code_says_why() {
    let (mut code, mut comments) = (0, 0);
    for source in sources() {
        if !source.is_library() || source.is_test() || !is_concurrent(&source) {
            continue;
        }
        for (_, line) in source
            .lines()
            .take_while(|(_, line)| *line != "#[cfg(test)]")
        {
            let line = line.trim_start();
            if line.starts_with("//") {
                comments += usize::from(doc_text(line).is_none());
            } else if !line.is_empty() {
                code += 1;
            }
        }
    }
    assert!(
        code > 3000,
        "only {code} lines of concurrent code were found"
    );
    assert!(
        comments * 100 >= code * 3,
        "{comments} comment lines beside {code} lines of code with locks, channels or select!: at \
         least 3 % are wanted"
    );
}
