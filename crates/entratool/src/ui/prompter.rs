//! Prompts at a terminal.

use std::io;

use entra::secret::Secret;

/// Prompts the user at a terminal.
pub trait Prompter {
    /// One line, checked by `check` before it is taken.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be read, or the user gives up.
    fn line(&self, question: &Question<'_>) -> io::Result<String>;

    /// One line that is not shown.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be read, or the user gives up.
    fn hidden(&self, prompt: &str, may_be_empty: bool) -> io::Result<Secret>;
}

/// What the user is prompted for.
pub struct Question<'a> {
    /// The words before the answer.
    pub prompt: &'a str,
    /// What an empty answer means.
    pub preset: Option<&'a str>,
    /// Why an answer is no good.
    pub check: &'a dyn Fn(&str) -> Result<(), String>,
    /// The option that answers the question from the command line.
    pub option: &'a str,
}
