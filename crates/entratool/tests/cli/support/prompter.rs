//! A user who answers prompts as the test says.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use entra::secret::Secret;
use entratool::ui::{Prompter, Question};

/// What the user does at a prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// Types a line.
    Line(&'static str),
    /// Types something that is not shown.
    Hidden(&'static str),
    /// Presses Ctrl-C.
    GiveUp,
}

/// Answers in order; a question too many fails the test.
#[derive(Clone, Default)]
pub(crate) struct FakePrompter(Rc<RefCell<Script>>);

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    asked: Vec<String>,
}

impl FakePrompter {
    pub(super) fn will_answer(&self, answers: &[Answer]) {
        self.0.borrow_mut().answers.extend(answers);
    }

    /// What was asked since the last look; what was wrong with an answer stands there too.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut().asked)
    }

    fn next(&self, question: String) -> Answer {
        let mut script = self.0.borrow_mut();
        let answer = script.answers.pop_front();
        let answer = answer.unwrap_or_else(|| panic!("no answer to `{question}`"));
        script.asked.push(question);
        answer
    }
}

impl Prompter for FakePrompter {
    fn line(&self, question: &Question<'_>) -> io::Result<String> {
        loop {
            let preset = question.preset.map(|preset| format!(" [{preset}]"));
            let asked = format!("{}{}", question.prompt, preset.unwrap_or_default());
            let answer = match (self.next(asked), question.preset) {
                (Answer::Line(""), Some(preset)) => preset.to_owned(),
                (Answer::Line(line), _) => line.to_owned(),
                (Answer::GiveUp, _) => return Err(io::ErrorKind::Interrupted.into()),
                (other, _) => panic!("{other:?} is no line for `{}`", question.prompt),
            };
            match (question.check)(&answer) {
                Ok(()) => return Ok(answer),
                Err(problem) => self.0.borrow_mut().asked.push(problem),
            }
        }
    }

    fn hidden(&self, prompt: &str, _may_be_empty: bool) -> io::Result<Secret> {
        match self.next(format!("{prompt} (hidden)")) {
            Answer::Hidden(text) => Ok(Secret::from(text)),
            Answer::GiveUp => Err(io::ErrorKind::Interrupted.into()),
            other => panic!("{other:?} is nothing hidden for `{prompt}`"),
        }
    }
}
