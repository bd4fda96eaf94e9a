//! What a shell does: takes command lines apart, and keeps what comes out.

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

/// What one command line did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) exit: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What `-v` adds.
    pub(crate) log: String,
}

impl Run {
    /// The token on standard output.
    pub(crate) fn token(&self) -> &str {
        let token = self.stdout.trim_end();
        assert!(
            !token.is_empty() && !token.contains(char::is_whitespace),
            "{self:?}"
        );
        token
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&entra::jwt::base64url_decode(part).unwrap()).unwrap()
}

/// The names of the files in a folder, sorted; none if there is no folder.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "locks")
        .collect();
    names.sort();
    names
}

/// A port of `localhost` that is free for now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// White space separates words, unless quotes of one kind are around it.
pub(super) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Collects what is written.
#[derive(Clone, Default)]
pub(super) struct Sink(pub(super) Rc<RefCell<Vec<u8>>>);

impl Sink {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
