//! Requests without the token or of others, and the rules that each answer has.

use crate::http::{Answer, Site};
use crate::rig::counted;

/// Returns how often the answer names the run, or anything else that only the page knows.
fn tells(answer: &Answer) -> bool {
    ["<script", "event:", "noob_zmq_epochs", "<!doctype"]
        .iter()
        .any(|secret| answer.body.contains(secret))
}

fn assert_refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(!tells(answer), "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), "");
}

fn host(site: &Site) -> String {
    format!("Host: {}", site.host)
}

#[test]
fn nothing_is_told_without_the_token() {
    let (_runner, _page, site) = counted();
    let wrong: String = site.token.chars().rev().collect();
    let cookies = [
        String::new(),
        format!("Cookie: noob_zmq_{}={wrong}", site.port()),
        format!("Cookie: noob_zmq_{}=", site.port()),
        format!("Cookie: noob_zmq_1={}", site.token),
        format!("Authorization: Bearer {wrong}"),
    ];
    for path in [
        "/",
        "/events",
        "/metrics",
        "/other",
        "/?token=",
        "/?token=1",
    ] {
        for cookie in &cookies {
            let host = host(&site);
            let headers = [&*host, cookie];
            let headers = headers.iter().filter(|line| !line.is_empty());
            let headers: Vec<&str> = headers.copied().collect();
            assert_refused(&site.send(&format!("GET {path}"), &headers), 403);
        }
    }
}

#[test]
fn token_of_the_address_is_turned_into_a_cookie() {
    let (_runner, _page, site) = counted();
    let answer = site.send(&format!("GET /?token={}", site.token), &[&host(&site)]);
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie");
    let (pair, rules) = cookie.split_once("; ").unwrap();
    assert_eq!(rules, "HttpOnly; SameSite=Strict; Path=/");
    let answer = site.send("GET /", &[&host(&site), &format!("Cookie: {pair}")]);
    assert_eq!(answer.status, 200);
    assert!(tells(&answer));
    // In the address it opens the page alone, which removes it from there.
    for path in ["/events", "/metrics"] {
        let path = format!("GET {path}?token={}", site.token);
        assert_refused(&site.send(&path, &[&host(&site)]), 403);
    }
}

#[test]
fn foreign_hosts_and_origins_are_refused_with_the_token() {
    let (_runner, _page, site) = counted();
    let cookie = site.cookie();
    for foreign in [
        "evil.example",
        "127.0.0.1.evil.example",
        "192.0.2.1",
        "localhost.",
    ] {
        let host = format!("Host: {foreign}:{}", site.port());
        for path in ["/", "/events", "/metrics"] {
            let answer = site.send(&format!("GET {path}"), &[&host, &cookie]);
            assert_refused(&answer, 421);
        }
    }
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let origin = format!("Origin: {origin}");
        for path in ["/", "/events", "/metrics"] {
            let answer = site.send(&format!("GET {path}"), &[&host(&site), &cookie, &origin]);
            assert_refused(&answer, 403);
        }
    }
    let own = format!("Origin: http://{}", site.host);
    let answer = site.send("GET /", &[&host(&site), &cookie, &own]);
    assert_eq!(answer.status, 200);
    let forwarded = site.send("GET /", &["Host: localhost:9", &cookie]);
    assert_eq!(forwarded.status, 200);
}

#[test]
fn page_is_only_read() {
    let (_runner, _page, site) = counted();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let first = format!("{method} /");
        let answer = site.send(&first, &[&host(&site), &site.cookie(), "Content-Length: 0"]);
        assert_refused(&answer, 405);
    }
    assert_refused(&site.get("/other"), 404);
}

#[test]
fn answers_forbid_scripts_of_others_and_references() {
    let (_runner, _page, site) = counted();
    let pages = [site.get("/"), site.get("/")];
    let policies = pages.each_ref().map(|page| {
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        for foreign in ["unsafe", "*", "http:", "https:"] {
            assert!(!policy.contains(foreign), "{policy}");
        }
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        policy
    });
    assert_ne!(policies[0], policies[1], "a nonce is used once");
    let nonce = policies[0].split("'nonce-").nth(1).unwrap();
    let nonce = nonce.split('\'').next().unwrap();
    assert!(
        pages[0]
            .body
            .contains(&format!("<script nonce=\"{nonce}\""))
    );
    assert!(!pages[0].body.contains("{{nonce}}"));
    for answer in [site.get("/"), site.get("/metrics"), site.get("/other")] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
}
