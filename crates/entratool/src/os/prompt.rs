//! Questions at a terminal.

use std::io;

use dialoguer::theme::SimpleTheme;
use dialoguer::{Input, Password};
use entra::secret::Secret;

use crate::ui::{Prompter, Question};

/// The user at the terminal of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalPrompter;

impl Prompter for TerminalPrompter {
    fn line(&self, question: &Question<'_>) -> io::Result<String> {
        super::interrupt::catch();
        let check = question.check;
        let mut input = Input::<String>::with_theme(&SimpleTheme)
            .with_prompt(question.prompt)
            .validate_with(move |answer: &String| check(answer));
        match question.preset {
            Some("") => input = input.allow_empty(true),
            Some(preset) => input = input.default(preset.to_owned()),
            None => {}
        }
        input.interact_text().map_err(into_io)
    }

    fn hidden(&self, prompt: &str, may_be_empty: bool) -> io::Result<Secret> {
        super::interrupt::catch();
        Password::with_theme(&SimpleTheme)
            .with_prompt(prompt)
            .allow_empty_password(may_be_empty)
            .interact()
            .map(Secret::new)
            .map_err(into_io)
    }
}

fn into_io(error: dialoguer::Error) -> io::Error {
    match error {
        dialoguer::Error::IO(error) => error,
    }
}
