//! Whose connections they are: read from `/proc/net`, where there is one.
#![expect(clippy::disallowed_types, reason = "connections of this host")]

use std::net::TcpStream;

/// For each connection, whether it is certainly another user's. The answer to a sign-in comes from
/// a browser of this user; another user who connects wants to disturb it.
pub(super) fn foreign(streams: &[TcpStream]) -> Vec<bool> {
    #[cfg(target_os = "linux")]
    return linux::foreign(streams);
    #[cfg(not(target_os = "linux"))]
    vec![false; streams.len()]
}

#[cfg(target_os = "linux")]
mod linux {
    #![expect(clippy::disallowed_types, reason = "connections of this host")]

    use std::collections::HashMap;
    use std::net::{IpAddr, SocketAddr, TcpStream};

    pub(super) fn foreign(streams: &[TcpStream]) -> Vec<bool> {
        let ours = rustix::process::geteuid().as_raw();
        // Root's browser is another user's: it runs as the user who called `sudo`.
        if ours == ROOT || streams.is_empty() {
            return vec![false; streams.len()];
        }
        let owners = owners();
        let owner = |stream: &TcpStream| {
            let (peer, local) = (stream.peer_addr().ok()?, stream.local_addr().ok()?);
            owners
                .get(&[address(peer), address(local)].join(" "))
                .copied()
        };
        // Root may do anything, and forwards ports for Windows and containers.
        let is_foreign = |owner: u32| owner != ours && owner != ROOT;
        streams
            .iter()
            .map(|stream| owner(stream).is_some_and(is_foreign))
            .collect()
    }

    /// The owners of all connections, by `LOCAL REMOTE`.
    #[expect(clippy::disallowed_methods, reason = "tables of the kernel")]
    fn owners() -> HashMap<String, u32> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
        let tables = tables
            .iter()
            .filter_map(|table| std::fs::read_to_string(table).ok());
        tables.flat_map(|table| parse(&table)).collect()
    }

    /// proc_pid_net(5) describes the columns.
    fn parse(table: &str) -> Vec<(String, u32)> {
        let owner = |line: &str| {
            let columns: Vec<&str> = line.split_whitespace().take(8).collect();
            let [_, local, remote, _, _, _, _, owner] = columns[..] else {
                return None;
            };
            Some((format!("{local} {remote}"), owner.parse().ok()?))
        };
        table.lines().skip(1).filter_map(owner).collect()
    }

    /// As the kernel writes it: words of 32 bits in this machine's order, then the port.
    fn address(address: SocketAddr) -> String {
        let octets = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let (words, _) = octets.as_chunks();
        let words = words
            .iter()
            .map(|word| format!("{:08X}", u32::from_ne_bytes(*word)));
        format!("{}:{:04X}", words.collect::<String>(), address.port())
    }

    const ROOT: u32 = 0;

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        #[test]
        fn the_owner_of_a_connection_is_found() {
            for host in ["127.0.0.1", "::1"] {
                let Ok(listener) = TcpListener::bind((host, 0)) else {
                    continue;
                };
                let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                let (ours, _) = listener.accept().unwrap();
                let (peer, local) = (ours.peer_addr().unwrap(), ours.local_addr().unwrap());
                let key = [address(peer), address(local)].join(" ");
                let owner = owners().get(&key).copied();
                assert_eq!(owner, Some(rustix::process::geteuid().as_raw()), "{key}");
                drop(theirs);
            }
        }

        #[test]
        fn tables_of_the_kernel_are_read() {
            let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1001        0 7 1\n   1: short\n";
            let want = ("0100007F:1F90 0100007F:C001".to_owned(), 1001);
            assert_eq!(parse(table), [want]);
        }
    }
}
