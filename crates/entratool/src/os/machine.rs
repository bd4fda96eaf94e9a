//! This host, as commands see it.

use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::Receiver;

use entra::ports::{
    Clock, Entropy, Http, InteractionError, Listener, Redirect, SystemClock, SystemRandom,
};
use entra::token::Timestamp;

use crate::env::Environment;
use crate::os::http::Https;
use crate::os::probe::SystemProbe;
use crate::os::{browser, interrupt, redirect};
use crate::world::{HttpSettings, Machine, Probe};

/// The real host.
#[derive(Debug, Default)]
pub struct SystemMachine;

impl Machine for SystemMachine {
    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }

    fn entropy(&self) -> &dyn Entropy {
        &SystemRandom
    }

    fn http(&self, settings: HttpSettings) -> Box<dyn Http> {
        Box::new(Https::new(settings))
    }

    fn no_browser(&self, environment: &Environment) -> Option<&'static str> {
        browser::unreachable(environment)
    }

    fn open_browser(&self, url: &str, environment: &Environment) -> io::Result<()> {
        browser::open(url, environment)
    }

    fn listen(
        &self,
        redirect: &Redirect,
        paste: bool,
    ) -> Result<Box<dyn Listener>, InteractionError> {
        redirect::listen(redirect, paste)
    }

    fn utc_offset(&self, moment: Timestamp) -> i32 {
        time::UtcOffset::local_offset_at(moment.date_time())
            .map_or(0, time::UtcOffset::whole_seconds)
    }

    fn catch_interrupts(&self) {
        interrupt::catch();
    }

    fn end_signals(&self) -> Receiver<()> {
        interrupt::end_signals()
    }

    fn run_to_end(&self, command: Command, signals: Receiver<()>) -> io::Result<u8> {
        interrupt::outlive(command, signals)
    }

    fn probe(&self) -> &dyn Probe {
        &SystemProbe
    }

    fn executable(&self) -> io::Result<PathBuf> {
        std::env::current_exe()
    }
}
