//! Questions with a list of answers: at a terminal or in a pipe.

use super::{Question, Ui, given_up, menu};
use crate::failure::Failure;
use crate::text;

impl Ui {
    /// Asks for one of several things, by number or by words; `None` after `q`, or if no answer
    /// is left in a pipe.
    ///
    /// # Errors
    ///
    /// If there is no answer, or one that is not on the list.
    pub fn choose(
        &self,
        prompt: &str,
        items: &[String],
        preset: usize,
        option: &str,
    ) -> Result<Option<usize>, Failure> {
        self.choose_among(prompt, items, &[], preset, option)
    }

    /// As [`Ui::choose`], with the present values of settings; the last item is chosen by default.
    ///
    /// # Errors
    ///
    /// As [`Ui::choose`].
    pub fn choose_setting(
        &self,
        prompt: &str,
        items: &[String],
        values: &[Option<String>],
        option: &str,
    ) -> Result<Option<usize>, Failure> {
        let last = items.len().saturating_sub(1);
        self.choose_among(prompt, items, values, last, option)
    }

    fn choose_among(
        &self,
        prompt: &str,
        items: &[String],
        values: &[Option<String>],
        preset: usize,
        option: &str,
    ) -> Result<Option<usize>, Failure> {
        self.say(&text::lines(&menu::text(prompt, items, values)));
        if self.is_interactive() {
            let answer = self.prompter.line(&Question {
                prompt: menu::PROMPT,
                preset: Some(&(preset + 1).to_string()),
                check: &|answer| menu::answer(items, answer).map(drop),
                option,
            });
            return Ok(menu::answer(items, &answer.map_err(given_up)?).unwrap_or_default());
        }
        match self.piped_line(menu::PROMPT)?.as_deref() {
            None => Ok(None),
            Some("") => Ok(Some(preset)),
            Some(answer) => menu::answer(items, answer).map_err(|problem| {
                let last = items.len();
                let hint = format!("answer with a number from 1 to {last}, or use {option}");
                Failure::usage(problem, hint)
            }),
        }
    }
}
