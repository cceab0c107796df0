//! Readers of MCAP files in Python: the public packages `mcap` and `msgpack`.
//!
//! A virtual environment in the target directory has the packages; the test says so aloud where
//! that is not possible.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::fixture::Rig;

/// Reads a record with the public reader, and prints what is in it.
const READER: &str = r#"
import json, sys
import msgpack
from mcap.reader import make_reader

with open(sys.argv[1], "rb") as file:
    reader = make_reader(file, validate_crcs=True)
    summary = reader.get_summary()
    events, markers, kinds = [], [], {}
    for schema, channel, message in reader.iter_messages():
        kinds[channel.message_encoding] = kinds.get(channel.message_encoding, 0) + 1
        if channel.message_encoding == "json":
            body = json.loads(message.data)
        else:
            body = msgpack.unpackb(message.data)
        if channel.topic == "noob/epochs":
            markers.append([message.sequence, body["epoch"], body["result"]])
            continue
        assert channel.metadata["node"] + "." + channel.metadata["signal"] == channel.topic
        value = body.get("value", body.get("emit"))
        if isinstance(value, dict) and isinstance(value.get("data"), bytes):
            value = [value["dtype"], value["shape"], len(value["data"]), value["data"][0]]
        events.append([channel.topic, message.sequence, body["epoch"], value])
    metadata = {m.name: m.metadata for m in reader.iter_metadata()}
    attachments = [a.name for a in reader.iter_attachments()]
    print(json.dumps({
        "events": sorted(events, key=json.dumps),
        "markers": markers,
        "kinds": kinds,
        "tube": metadata["noob-zmq"]["tube"],
        "files": attachments,
        "messages": summary.statistics.message_count,
        "schemas": sorted(s.encoding for s in summary.schemas.values()),
    }))
"#;

/// Returns a Python that has the packages; `None` where there is none.
fn python() -> Option<PathBuf> {
    let host = Path::new(env!("CARGO_BIN_EXE_host"));
    let environment = host.ancestors().nth(2)?.join("record-python");
    let python = environment.join("bin/python");
    let works = |python: &Path| {
        let import = Command::new(python)
            .args(["-c", "import mcap, msgpack"])
            .output();
        import.is_ok_and(|output| output.status.success())
    };
    if works(&python) {
        return Some(python);
    }
    // A folder of its own until it works: tests of other processes may do the same.
    let fresh = tempfile::TempDir::with_prefix_in("record-python", environment.parent()?).ok()?;
    let new = fresh.path().join("bin/python");
    let made = Command::new("python3")
        .args(["-m", "venv"])
        .arg(fresh.path())
        .output();
    let installed = made.is_ok_and(|made| made.status.success())
        && Command::new(&new)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["mcap", "msgpack"])
            .output()
            .is_ok_and(|installed| installed.status.success());
    if !installed || !works(&new) {
        return None;
    }
    let fresh = fresh.keep();
    match std::fs::rename(&fresh, &environment) {
        Ok(()) => Some(python),
        Err(_) => {
            let _ = std::fs::remove_dir_all(&fresh);
            works(&python).then_some(python)
        }
    }
}

#[test]
fn public_reader_of_python_reads_a_record() {
    let Some(python) = python() else {
        println!("SKIPPED: the packages `mcap` and `msgpack` of Python cannot be installed");
        return;
    };
    let rig = Rig::new(
        "
  count: {type: test.count}
  frames: {type: test.frame, params: {size: 70000}, depends: [{number: count.index}]}
  even: {type: test.even, depends: [{value: count.index}]}
  return: {type: return, depends: count.index}
",
    );
    rig.ok("run t.yaml -n 2 --record a.mcap");
    rig.ok("record repair a.mcap -o b.mcap");
    for file in ["a.mcap", "b.mcap"] {
        let output = Command::new(&python)
            .args(["-c", READER])
            .arg(rig.path(file))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        let read: Json =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
        assert_eq!(read["markers"], json!([[0, 0, "done"], [1, 1, "done"]]));
        assert_eq!(
            (&read["tube"], &read["files"]),
            (&json!("t"), &json!(["t.yaml"]))
        );
        assert_eq!(read["messages"], 8);
        assert_eq!(read["kinds"], json!({"json": 6, "msgpack": 2}));
        let events = read["events"].as_array().unwrap();
        for event in [
            json!(["count.index", 1, 1, 1]),
            json!(["even.value", 1, 1, "nothing"]),
            json!(["even.value", 0, 0, 0]),
        ] {
            assert!(events.contains(&event), "{event}: {read}");
        }
        let frames = events.iter().filter(|event| event[0] == "frames.value");
        let sizes: Vec<&Json> = frames.map(|event| &event[3][2]).collect();
        assert_eq!(sizes, [&json!(70000), &json!(70000)]);
    }
}
