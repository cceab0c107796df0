//! Repeats recorded operations of noob's epochs on `Epoch`.

use noob_zmq::graph::{Epoch, Segment};
use serde_json::{Value as Json, json};

/// Rule of the texts and numbers that noob reads as epochs too.
pub(crate) const OTHER_FORMS: &str = "scheduler/written_epochs";

/// Returns whether a difference is that a text, a float or a truth value is no epoch here.
pub(crate) fn is_other_form(differs: &str) -> bool {
    let form = differs
        .strip_prefix("parse[")
        .and_then(|rest| rest.split_once(']'));
    form.is_some_and(|(form, came)| {
        let other =
            form.starts_with('"') || form.contains('.') || form == "true" || form == "false";
        other && came.starts_with(": an error")
    })
}

/// Reads an epoch of a recording: a number, or `[root, [node, index], ..]`.
fn epoch(json: &Json) -> Epoch {
    if let Some(root) = json.as_u64() {
        return Epoch::root(number(root));
    }
    let parts = json.as_array().expect("an epoch");
    let segments = parts[1..].iter().map(|segment| Segment {
        node: segment[0].as_str().expect("a node").into(),
        index: number(segment[1].as_u64().expect("its number")),
    });
    Epoch::new(number(parts[0].as_u64().expect("a root")), segments)
}

fn number(of: u64) -> u32 {
    u32::try_from(of).expect("32 bits")
}

fn segment(segment: &Segment) -> Json {
    json!([&*segment.node, segment.index])
}

/// Returns the recorded form of an epoch.
fn shown(epoch: &Epoch) -> Json {
    if epoch.is_root() {
        return json!(epoch.number());
    }
    let segments = epoch.path().iter().map(segment);
    [json!(epoch.number())]
        .into_iter()
        .chain(segments)
        .collect()
}

fn list(epochs: impl IntoIterator<Item = Epoch>) -> Json {
    epochs.into_iter().map(|epoch| shown(&epoch)).collect()
}

/// Returns the answer of `Epoch`, or `Err` for an operation that is an error.
fn answer(op: &str, args: &[Json]) -> Result<Json, ()> {
    let own = || epoch(&args[0]);
    let n = || number(args[1].as_u64().expect("a count"));
    Ok(match op {
        "root" => json!(own().number()),
        "root_epoch" => shown(&own().root_epoch()),
        "parent" => own().parent().map_or(Json::Null, |parent| shown(&parent)),
        "parents" => list(own().parents()),
        "leaf" => own().segment().map_or(Json::Null, segment),
        "is_root" => json!(own().is_root()),
        "len" => json!(own().depth() + 1),
        "str" => json!(own().to_string()),
        "add" => shown(&own().checked_add(n()).ok_or(())?),
        "sub" => shown(&own().checked_sub(n()).ok_or(())?),
        // noob counts the root as the segment of the tube.
        "getitem" => match args[1].as_i64().expect("a place") {
            0 => json!(["tube", own().number()]),
            -1 => own()
                .segment()
                .map_or_else(|| json!(["tube", own().number()]), segment),
            at => {
                let at = usize::try_from(at - 1).map_err(drop)?;
                segment(own().path().get(at).ok_or(())?)
            }
        },
        "child" => {
            let index = args[1][1].as_u64().expect("a number");
            shown(&own().child(args[1][0].as_str().expect("a node"), number(index)))
        }
        "make_subepochs" => {
            let n = args[2].as_u64().expect("a count");
            list(own().children(args[1].as_str().expect("a node"), number(n)))
        }
        "to_json" => shown(&own()),
        "sort" => {
            let mut epochs: Vec<Epoch> = args[0]
                .as_array()
                .expect("a list")
                .iter()
                .map(epoch)
                .collect();
            epochs.sort();
            list(epochs)
        }
        "lt" => json!(own() < epoch(&args[1])),
        "eq" => json!(own() == epoch(&args[1])),
        "parse" => shown(&serde_json::from_value(args[0].clone()).map_err(drop)?),
        other => panic!("no operation is called `{other}`"),
    })
}

/// Repeats recorded operations, and returns their number and the differences.
pub(crate) fn check(operations: &[Json]) -> (usize, Vec<String>) {
    let differ = operations.iter().filter_map(|recorded| {
        let op = recorded["op"].as_str().expect("an operation");
        let args = recorded["args"].as_array().expect("its arguments");
        let theirs = match recorded.get("error") {
            Some(_) => Err(()),
            None => Ok(recorded["result"].clone()),
        };
        let ours = answer(op, args);
        let shown =
            |answer: &Result<Json, ()>| answer.as_ref().map_or("an error".into(), Json::to_string);
        (ours != theirs).then(|| {
            let args = Json::from(args.clone());
            format!("{op}{args}: {}, recorded: {}", shown(&ours), shown(&theirs))
        })
    });
    (operations.len(), differ.collect())
}
