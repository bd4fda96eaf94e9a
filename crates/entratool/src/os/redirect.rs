//! The browser's answer: at the library's listener on loopback, or pasted at the terminal.

use std::io::{self, BufRead};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::{Clock, InteractionError, Listener, Loopback, Outcome, Redirect, SystemClock};
use entra::secret::Secret;

/// Listens where `redirect` says. With `paste`, a URL typed at the terminal counts as well.
///
/// # Errors
///
/// [`InteractionError::PortBusy`] if no wanted port is free.
pub fn listen(redirect: &Redirect, paste: bool) -> Result<Box<dyn Listener>, InteractionError> {
    let loopback = Loopback::listen(redirect)?;
    if !paste {
        return Ok(Box::new(loopback));
    }
    let (sender, pasted) = channel();
    std::thread::spawn(move || read_pasted(&sender));
    Ok(Box::new(LoopbackOrTerminal { loopback, pasted }))
}

/// Whichever of the two brings the answer first.
struct LoopbackOrTerminal {
    loopback: Loopback,
    pasted: Receiver<Secret>,
}

impl Listener for LoopbackOrTerminal {
    fn redirect_uri(&self) -> &RedirectUri {
        self.loopback.redirect_uri()
    }

    fn wait(
        &mut self,
        timeout: Duration,
        ours: &dyn Fn(&Secret) -> bool,
    ) -> Result<Secret, InteractionError> {
        let deadline = SystemClock.elapsed().saturating_add(timeout);
        loop {
            while let Ok(fields) = self.pasted.try_recv() {
                if ours(&fields) {
                    return Ok(fields);
                }
                log::info!("a pasted line that is not for this sign-in was ignored");
            }
            let left = deadline.saturating_sub(SystemClock.elapsed());
            match self.loopback.wait(left.min(BETWEEN_LOOKS), ours) {
                Err(InteractionError::Unanswered) if !left.is_zero() => {}
                answer => return answer,
            }
        }
    }

    /// A pasted answer came from the terminal, which shows the outcome.
    fn finish(&mut self, outcome: Outcome) {
        self.loopback.finish(outcome);
    }
}

/// The URL at which a browser on another machine ended.
#[expect(
    clippy::disallowed_methods,
    reason = "runs beside the command, at the same terminal"
)]
fn read_pasted(sender: &Sender<Secret>) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line.map(Secret::new) else {
            return;
        };
        let text = line.expose().trim();
        let fields = text.split_once('?').map_or(text, |(_, query)| query);
        let fields = fields.split('#').next().unwrap_or_default();
        if !fields.is_empty() && sender.send(fields.into()).is_err() {
            return;
        }
    }
}

/// Short enough to go unnoticed after pasting.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_pasted_answer_counts_if_it_is_ours() {
        let (sender, pasted) = channel();
        for fields in ["code=c&state=forged", "code=c&state=right"] {
            sender.send(Secret::from(fields)).unwrap();
        }
        let mut listener = listener(pasted);
        let answer = listener.wait(Duration::from_secs(60), &ours).unwrap();
        assert_eq!(answer.expose(), "code=c&state=right");
        let none = listener.wait(BETWEEN_LOOKS * 2, &ours);
        assert!(matches!(none.err(), Some(InteractionError::Unanswered)));
    }

    #[test]
    fn a_browser_is_heard_at_a_terminal_too() {
        let (_sender, pasted) = channel();
        let mut listener = listener(pasted);
        let port = listener.redirect_uri().port();
        let browser = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let request = format!("GET /?state=right HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            let mut page = String::new();
            stream.read_to_string(&mut page).unwrap();
            page
        });
        let answer = listener.wait(Duration::from_secs(60), &ours).unwrap();
        assert_eq!(answer.expose(), "state=right");
        listener.finish(Outcome::Failed);
        let page = browser.join().unwrap();
        assert!(page.contains("Sign-in did not work"), "{page}");
    }

    fn listener(pasted: Receiver<Secret>) -> LoopbackOrTerminal {
        let loopback = Loopback::listen(&Redirect::Localhost(vec![0])).unwrap();
        LoopbackOrTerminal { loopback, pasted }
    }

    fn ours(fields: &Secret) -> bool {
        fields.expose().ends_with("state=right")
    }
}
