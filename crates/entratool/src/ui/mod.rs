//! Everything that a user or a script sees: the only file that writes to streams.

mod choice;
mod menu;
mod prompter;

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Write};

use base64::Engine;
use entra::secret::Secret;

pub use self::prompter::{Prompter, Question};
use crate::around::trimmed;
use crate::diagnosis::Diagnosis;
use crate::failure::Failure;
use crate::json;
use crate::text;
pub use crate::text::printable;

/// The streams, and what is known about their other ends.
pub struct Streams {
    /// Standard input.
    pub stdin: Box<dyn BufRead>,
    /// Standard output: data only.
    pub stdout: Box<dyn Write>,
    /// Standard error: what a user reads.
    pub stderr: Box<dyn Write>,
    /// Which of them are terminals.
    pub terminal: Terminal,
}

/// Which streams are terminals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    /// Standard input: the user types.
    pub stdin: bool,
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors, and what the user has to act on.
    Quiet,
    /// Status lines and warnings too.
    Normal,
}

/// Where results, status lines, questions and errors go.
pub struct Ui {
    stdin: RefCell<Box<dyn BufRead>>,
    stdout: RefCell<Box<dyn Write>>,
    stderr: RefCell<Box<dyn Write>>,
    terminal: Terminal,
    prompter: Box<dyn Prompter>,
    colour: bool,
    volume: Cell<Verbosity>,
    counting: Cell<bool>,
}

impl Ui {
    /// Takes the streams over.
    #[must_use]
    pub fn new(
        streams: Streams,
        prompter: Box<dyn Prompter>,
        colour: bool,
        volume: Verbosity,
    ) -> Self {
        Self {
            stdin: RefCell::new(streams.stdin),
            stdout: RefCell::new(streams.stdout),
            stderr: RefCell::new(streams.stderr),
            terminal: streams.terminal,
            prompter,
            colour,
            volume: Cell::new(volume),
            counting: Cell::new(false),
        }
    }

    /// Which streams are terminals.
    #[must_use]
    pub fn terminal(&self) -> Terminal {
        self.terminal
    }

    /// From now on, status lines are dropped: the output is for a machine, or says it all.
    pub fn hush(&self) {
        self.volume.set(Verbosity::Quiet);
    }

    /// Data: a token, JSON, a list. Goes to standard output without what a terminal obeys.
    ///
    /// # Errors
    ///
    /// If standard output is closed or full.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        self.print(&text::lines(text))
    }

    /// Help in clap's words and colours, on standard output.
    ///
    /// # Errors
    ///
    /// If standard output is closed or full.
    pub fn help(&self, text: &clap::builder::StyledStr) -> Result<(), Failure> {
        self.print(&self.styled(text))
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = self.stdout.borrow_mut();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(|error| Failure::io("cannot write to standard output", error))
    }

    /// What is going on.
    pub fn status(&self, text: &str) {
        if !self.is_quiet() {
            self.say(&format!("{}\n", text::lines(text)));
        }
    }

    /// That something worked.
    pub fn success(&self, text: &str) {
        self.print_marked("32", "✓", text);
    }

    /// What the user should know but need not act on.
    pub fn warning(&self, text: &str) {
        self.print_marked("33;1", "warning:", text);
    }

    /// What the user has to act on, even when everything else is quiet.
    pub fn act(&self, text: &str) {
        self.say(&format!("{}\n", text::lines(text)));
    }

    /// What is wrong with the command line, in clap's words and colours.
    pub fn misused(&self, text: &clap::builder::StyledStr) {
        self.say(&format!("{}\n", self.styled(text).trim_end()));
    }

    /// Refuses to go on where there is no clipboard.
    ///
    /// # Errors
    ///
    /// If standard error is no terminal.
    pub fn require_clipboard(&self) -> Result<(), Failure> {
        if self.terminal.stderr {
            return Ok(());
        }
        Err(Failure::usage(
            "there is no terminal whose clipboard could be used",
            "leave out `--clipboard`, or run the command at a terminal",
        ))
    }

    /// Hands text to the terminal's clipboard (OSC 52), which works over SSH too.
    pub fn clipboard(&self, text: &Secret) {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text.expose());
        self.say(&format!("\x1b]52;c;{encoded}\x07"));
    }

    fn styled(&self, text: &clap::builder::StyledStr) -> String {
        if self.colour {
            text.ansi().to_string()
        } else {
            text.to_string()
        }
    }

    /// A line that replaces the previous one of its kind; only on a terminal.
    pub fn countdown(&self, text: &str) {
        if self.terminal.stderr && !self.is_quiet() {
            self.counting.set(false);
            self.say(&format!("\r\x1b[K{}", text::line(text)));
            self.counting.set(true);
        }
    }

    /// Why a command failed.
    pub fn error(&self, diagnosis: &Diagnosis, json: bool) {
        if json {
            self.say(&format!("{}\n", &*json::escaped(&diagnosis.to_json())));
            return;
        }
        let message = text::line(&diagnosis.message);
        let mut text = format!("{} {message}\n", self.painted("31;1", "error:"));
        for cause in &diagnosis.causes {
            text.push_str(&format!("  caused by: {}\n", text::line(cause)));
        }
        for detail in &diagnosis.details() {
            text.push_str(&format!("  {}\n", text::line(detail)));
        }
        for hint in &diagnosis.hints {
            let label = self.painted("36;1", "hint:");
            let hint = text::lines(hint).replace('\n', "\n      ");
            text.push_str(&format!("{label} {hint}\n"));
        }
        self.say(&text);
    }

    /// Asks for one line: at a terminal by prompt, else from standard input.
    ///
    /// # Errors
    ///
    /// If there is no answer, or one that is invalid and cannot be asked for again.
    pub fn ask(&self, question: &Question<'_>) -> Result<String, Failure> {
        if self.is_interactive() {
            return self.prompted(question);
        }
        let answer = match (self.piped_line(question.prompt)?, question.preset) {
            (Some(answer), _) if !answer.is_empty() => answer,
            (_, Some(preset)) => preset.to_owned(),
            _ => return Err(unanswered(question.prompt, question.option)),
        };
        (question.check)(&answer).map_err(|problem| {
            Failure::usage(problem, format!("pass it with `{}`", question.option))
        })?;
        Ok(answer)
    }

    /// Asks for one line that is not shown; empty is no answer.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    pub fn ask_hidden(&self, prompt: &str, option: &str) -> Result<Secret, Failure> {
        let answer = if self.is_interactive() {
            Some(
                self.prompter
                    .hidden(&text::line(prompt), false)
                    .map_err(given_up)?,
            )
        } else {
            self.piped_line(prompt)?.map(Secret::new)
        };
        // Copying leaves white space there, and no secret has any.
        let answer = answer.map(|answer| Secret::from(trimmed(answer.expose())));
        answer
            .filter(|answer| !answer.is_empty())
            .ok_or_else(|| unanswered(prompt, option))
    }

    /// As [`Ui::ask_hidden`], where an empty answer keeps what is stored: then `None`.
    ///
    /// # Errors
    ///
    /// If no answer is left.
    pub fn ask_hidden_or_keep(
        &self,
        prompt: &str,
        option: &str,
    ) -> Result<Option<Secret>, Failure> {
        let prompt = format!("{prompt} (Enter keeps the stored one)");
        let answer = if self.is_interactive() {
            let answer = self.prompter.hidden(&prompt, true);
            answer.map_err(given_up)?
        } else {
            let answer = self.piped_line(&prompt)?;
            Secret::new(answer.ok_or_else(|| unanswered(&prompt, option))?)
        };
        let answer = Secret::from(trimmed(answer.expose()));
        Ok(Some(answer).filter(|answer| !answer.is_empty()))
    }

    /// All of standard input, at most `limit` bytes. A terminal there is an error: it would
    /// block without a reason that the user can see.
    ///
    /// # Errors
    ///
    /// If standard input is a terminal, too long or unreadable.
    pub fn read_all(&self, what: &str, limit: u64) -> Result<Vec<u8>, Failure> {
        if self.terminal.stdin {
            return Err(Failure::usage(
                format!("no {what} given, and standard input is a terminal"),
                format!("pass the {what} as an argument, name a file, or pipe it in"),
            ));
        }
        let mut bytes = Vec::new();
        let mut stdin = self.stdin.borrow_mut();
        io::Read::read_to_end(&mut io::Read::take(&mut *stdin, limit + 1), &mut bytes)
            .map_err(|error| Failure::io("cannot read standard input", error))?;
        if bytes.len() as u64 > limit {
            return Err(Failure::usage(
                format!("standard input is longer than {limit} bytes"),
                format!("pipe in the {what} alone"),
            ));
        }
        Ok(bytes)
    }

    /// Whether any of the streams is a terminal.
    #[must_use]
    pub fn has_terminal(&self) -> bool {
        let terminal = &self.terminal;
        terminal.stdin || terminal.stdout || terminal.stderr
    }

    /// Whether the user can be prompted.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.terminal.stdin && self.terminal.stderr
    }

    /// The answer at a terminal, where prompt and preset are shown.
    fn prompted(&self, question: &Question<'_>) -> Result<String, Failure> {
        let preset = question.preset.unwrap_or_default();
        let (prompt, shown) = (text::line(question.prompt), text::line(preset));
        let check = |answer: &str| (question.check)(if answer == shown { preset } else { answer });
        let answer = self.prompter.line(&Question {
            prompt: &prompt,
            preset: question.preset.map(|_| &*shown),
            check: &check,
            option: question.option,
        });
        // Enter takes what was shown, and means the preset itself.
        let answer = answer.map_err(given_up)?;
        Ok(if answer == shown {
            preset.to_owned()
        } else {
            answer
        })
    }

    fn piped_line(&self, prompt: &str) -> Result<Option<String>, Failure> {
        self.say(&format!("{}: ", text::line(prompt)));
        let mut line = String::new();
        let mut stdin = self.stdin.borrow_mut();
        let mut limited = io::Read::take(&mut *stdin, LINE_LIMIT);
        let read = limited
            .read_line(&mut line)
            .map_err(|error| Failure::io("cannot read standard input", error))?;
        self.say("\n");
        let line = line.strip_suffix('\n').unwrap_or(&line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Ok((read > 0).then(|| line.to_owned()))
    }

    fn is_quiet(&self) -> bool {
        self.volume.get() == Verbosity::Quiet
    }

    fn print_marked(&self, code: &str, mark: &str, text: &str) {
        if !self.is_quiet() {
            let mark = self.painted(code, mark);
            self.say(&format!("{mark} {}\n", text::line(text)));
        }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// There is no way to report it if standard error is closed.
    fn say(&self, text: &str) {
        let mut stderr = self.stderr.borrow_mut();
        if self.counting.replace(false) {
            let _ = stderr.write_all(b"\r\x1b[K");
        }
        let _ = stderr.write_all(text.as_bytes());
        let _ = stderr.flush();
    }
}

fn given_up(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => Failure::Cancelled,
        _ => Failure::io("cannot read the terminal", error),
    }
}

fn unanswered(prompt: &str, option: &str) -> Failure {
    Failure::usage(
        format!("no answer for `{prompt}`"),
        format!("pass it with `{option}`"),
    )
}

const LINE_LIMIT: u64 = 64 * 1024;
