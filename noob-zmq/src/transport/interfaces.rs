//! Addresses of this host, as candidates for other hosts.

use std::net::{IpAddr, SocketAddr};

use super::tcp::{MAX_HOSTS, is_loopback};

/// Returns the addresses (`HOST:PORT`) at which other hosts may reach a listener: those at which it
/// listens; where these are all addresses, those of the interfaces, with `first` in front.
///
/// A loopback address is returned only if it is `first`, or if there is no other.
pub(crate) fn candidates(listening: &[SocketAddr], first: Option<IpAddr>) -> Vec<String> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let interfaces: Vec<IpAddr> = interfaces.iter().map(if_addrs::Interface::ip).collect();
    candidates_of(listening, first, &interfaces)
}

fn candidates_of(
    listening: &[SocketAddr],
    first: Option<IpAddr>,
    interfaces: &[IpAddr],
) -> Vec<String> {
    let mut found: Vec<SocketAddr> = Vec::new();
    let mut loopback = Vec::new();
    for address in listening {
        if !address.ip().is_unspecified() {
            found.push(*address);
            continue;
        }
        let ips = first.into_iter().chain(interfaces.iter().copied());
        for ip in ips.filter(|ip| ip.is_ipv4() == address.is_ipv4()) {
            match ip {
                // Such an address means nothing without the name of an interface.
                IpAddr::V6(ip) if ip.is_unicast_link_local() => {}
                ip if is_loopback(ip) && Some(ip) != first => {
                    loopback.push(SocketAddr::new(ip, address.port()));
                }
                ip => found.push(SocketAddr::new(ip, address.port())),
            }
        }
    }
    if found.is_empty() {
        found = loopback;
    }
    let mut texts: Vec<String> = Vec::new();
    for address in found {
        let text = address.to_string();
        if !texts.contains(&text) && texts.len() < MAX_HOSTS {
            texts.push(text);
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(listening: &[&str], first: Option<&str>, interfaces: &[&str]) -> Vec<String> {
        let ip = |text: &&str| text.parse().unwrap();
        let listening: Vec<SocketAddr> = listening.iter().map(|at| at.parse().unwrap()).collect();
        let interfaces: Vec<IpAddr> = interfaces.iter().map(ip).collect();
        candidates_of(&listening, first.as_ref().map(ip), &interfaces)
    }

    #[test]
    fn listener_at_all_addresses_has_those_of_the_interfaces() {
        let own = [
            "127.0.0.1",
            "10.0.0.1",
            "192.168.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
        ];
        assert_eq!(
            of(&["0.0.0.0:5"], Some("192.168.0.1"), &own),
            ["192.168.0.1:5", "10.0.0.1:5"]
        );
        assert_eq!(of(&["[::]:5"], None, &own), ["[fd00::1]:5"]);
        assert_eq!(
            of(&["0.0.0.0:5"], Some("127.0.0.1"), &own),
            ["127.0.0.1:5", "10.0.0.1:5", "192.168.0.1:5"]
        );
        assert_eq!(of(&["0.0.0.0:5"], None, &own[..1]), ["127.0.0.1:5"]);
    }

    #[test]
    fn listener_at_one_address_has_no_other() {
        assert_eq!(
            of(&["10.0.0.1:5"], Some("10.0.0.2"), &["10.0.0.3"]),
            ["10.0.0.1:5"]
        );
    }
}
