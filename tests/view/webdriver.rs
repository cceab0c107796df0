//! Chromium, driven by WebDriver over plain HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;

use noob_zmq_tests::processes::wait_for;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::http::SOON;

/// Driver with one browser; both end on drop.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// The profile; removed last.
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; `None`, aloud, where there is none.
    pub(crate) fn start() -> Option<Self> {
        let profile = TempDir::with_prefix("nzb").unwrap();
        let mut command = Command::new("chromedriver");
        command
            .arg("--port=0")
            .env("TMPDIR", profile.path())
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let binary = ["chromium", "chromium-browser", "google-chrome"];
        let binary = binary.into_iter().find(|name| {
            let mut version = Command::new(name);
            let version = version.arg("--version").env("HOME", profile.path());
            version.output().is_ok_and(|output| output.status.success())
        });
        // The driver last: there is nothing to end where a part is missing.
        let driver = binary.map(|_| command.spawn());
        let (Some(Ok(mut driver)), Some(binary)) = (driver, binary) else {
            eprintln!("skipped: there is no Chromium with its driver (chromium, chromedriver)");
            return None;
        };
        let output = BufReader::new(driver.stdout.take().unwrap());
        let (sender, ports) = channel();
        // Read to its end, so that the driver never waits for the test.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let port = line.split_once("successfully on port ");
                let port = port.map(|(_, rest)| rest.trim_end_matches('.').parse::<u16>());
                if let Some(Ok(port)) = port {
                    let _ = sender.send(port);
                }
            }
        });
        let mut browser = Self {
            driver,
            port: 0,
            session: String::new(),
            _profile: profile,
        };
        let port = ports.recv_timeout(SOON);
        browser.port = port.expect("the port of the driver, soon");
        let mut arguments = vec![
            format!("--user-data-dir={}", browser._profile.path().display()),
            // The name of another host for this one, as an attacker would have it.
            "--host-resolver-rules=MAP evil.example 127.0.0.1".to_owned(),
        ];
        for argument in [
            "headless",
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-sync",
            "disable-dev-shm-usage",
        ] {
            arguments.push(format!("--{argument}"));
        }
        let options = json!({"binary": which(binary), "args": arguments});
        let wanted = json!({
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 20_000, "pageLoad": 60_000},
        });
        let wanted = json!({"capabilities": {"alwaysMatch": wanted}});
        let session = browser.call("POST", "/session", &wanted);
        browser.session = session["sessionId"].as_str().expect("a session").to_owned();
        Some(browser)
    }

    /// Sends a command to the driver, and returns its value.
    fn call(&self, method: &str, path: &str, body: &Json) -> Json {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(4 * SOON)).unwrap();
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            let line = line.trim().to_lowercase();
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut bytes = vec![0; length];
        lines.read_exact(&mut bytes).unwrap();
        let answer: Json = serde_json::from_slice(&bytes).unwrap();
        let value = &answer["value"];
        assert!(value["error"].is_null(), "{path}: {value}");
        value.clone()
    }

    fn tell(&self, path: &str, body: &Json) -> Json {
        self.call("POST", &format!("/session/{}{path}", self.session), body)
    }

    pub(crate) fn open(&self, url: &str) {
        self.tell("/url", &json!({"url": url}));
    }

    /// Returns the value of a script.
    pub(crate) fn eval(&self, script: &str) -> Json {
        self.tell("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Returns the text of the first element that fits the selector; empty if there is none.
    pub(crate) fn text(&self, selector: &str) -> String {
        let script = format!(
            "const found = document.querySelector({}); return found ? found.textContent : '';",
            json!(selector)
        );
        self.eval(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a script returns something.
    pub(crate) fn wait_for(&self, what: &str, script: &str) -> Json {
        wait_for(what, 2 * SOON, || {
            let value = self.eval(script);
            (!value.is_null() && value != json!(false)).then_some(value)
        })
    }

    /// Presses keys, one after the other.
    pub(crate) fn press(&self, keys: &[&str]) {
        let actions = keys
            .iter()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let actions: Vec<Json> = actions.collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.tell("/actions", &json!({"actions": [keyboard]}));
    }

    /// Clicks on the first element that fits the selector.
    pub(crate) fn click(&self, selector: &str) {
        let wanted = json!({"using": "css selector", "value": selector});
        let element = self.tell("/element", &wanted);
        let element = element.as_object().unwrap().values().next().unwrap();
        let element = element.as_str().unwrap();
        self.tell(&format!("/element/{element}/click"), &json!({}));
    }

    /// Sends a command of the browser's own protocol.
    fn devtools(&self, command: &str, parameters: &Json) {
        let body = json!({"cmd": command, "params": parameters});
        self.tell("/goog/cdp/execute", &body);
    }

    /// Sets the size of the page.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Has the page think that its reader prefers light or dark pages.
    pub(crate) fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Returns the page as a picture in PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        let path = format!("/session/{}/screenshot", self.session);
        let text = self.call("GET", &path, &Json::Null);
        let picture = from_base64(text.as_str().unwrap());
        assert!(picture.starts_with(b"\x89PNG"));
        picture
    }

    /// Returns the errors that the browser has logged since the last call.
    pub(crate) fn errors(&self) -> Vec<String> {
        let entries = self.tell("/se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().unwrap().iter();
        let severe = entries.filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // All that the driver has started is in its group.
        let _ = kill_process_group(Pid::from_child(&self.driver), Signal::KILL);
        let _ = self.driver.wait();
    }
}

/// Returns the path of a program.
fn which(name: &str) -> String {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&paths).map(|path| path.join(name));
    let found = found.find(|path| path.is_file());
    found
        .expect("a program that runs")
        .to_string_lossy()
        .into_owned()
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u8> = text.bytes().filter_map(digit).collect();
    let groups = digits.chunks(4).flat_map(|group| {
        let bits = group
            .iter()
            .fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit));
        let bits = bits << (6 * (4 - group.len()));
        bits.to_be_bytes()[1..group.len()].to_vec()
    });
    groups.collect()
}
