//! Which program listens on a port: read from `/proc`, where there is one.

/// The program that listens on `port` of this machine, with its process ID. Programs of other
/// users cannot be seen, and nor can any outside of Linux.
#[must_use]
pub fn find(port: u16) -> Option<String> {
    #[cfg(target_os = "linux")]
    return linux::find(port);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = port;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::fs;
    use std::path::Path;

    pub(super) fn find(port: u16) -> Option<String> {
        let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(table).ok())
            .flat_map(|table| listening(&table, port))
            .map(|inode| format!("socket:[{inode}]"))
            .collect();
        if sockets.is_empty() {
            return None;
        }
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let owner = processes
            .map(|process| process.path())
            .filter(|path| path.file_name().is_some_and(is_number))
            .find(|process| has_open(process, &sockets))?;
        let name = fs::read_to_string(owner.join("comm")).ok()?;
        let id = owner.file_name()?.to_str()?;
        Some(format!("`{}` (process {id})", name.trim()))
    }

    /// The inodes of the sockets that listen on `port`; proc_pid_net(5) describes the columns.
    fn listening(table: &str, port: u16) -> Vec<String> {
        let listens = |line: &str| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let [_, local, _, LISTEN, _, _, _, _, _, inode, ..] = columns[..] else {
                return None;
            };
            let (_, number) = local.rsplit_once(':')?;
            (u16::from_str_radix(number, 16) == Ok(port)).then(|| inode.to_owned())
        };
        table.lines().filter_map(listens).collect()
    }

    /// Processes are numbers; `/proc/self` and its like are not.
    fn is_number(name: &OsStr) -> bool {
        name.as_encoded_bytes().iter().all(u8::is_ascii_digit)
    }

    fn has_open(process: &Path, sockets: &[String]) -> bool {
        let Ok(files) = fs::read_dir(process.join("fd")) else {
            return false;
        };
        files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok())
            .any(|target| {
                target
                    .to_str()
                    .is_some_and(|target| sockets.iter().any(|s| s == target))
            })
    }

    /// The state of a socket that listens.
    const LISTEN: &str = "0A";

    #[cfg(test)]
    mod tests {
        use std::net::TcpListener;

        use super::*;

        #[test]
        fn the_program_that_listens_is_found() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let user = find(port).unwrap();
            let process = std::process::id();
            assert!(user.ends_with(&format!("(process {process})")), "{user}");
            drop(listener);
            assert_eq!(find(port), None);
        }
    }
}
