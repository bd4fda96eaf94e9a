//! A clock that moves only when set or slept on, and takes the emulator's clock along.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use entra::ports::Clock;
use entra::token::Timestamp;
use entra_emulator::Control;

/// The time of one machine.
pub(crate) struct FakeClock {
    emulator: Control,
    elapsed: Cell<Duration>,
    /// Seconds by which the machine is ahead of the emulator.
    skew: Cell<i64>,
    slept: RefCell<Vec<Duration>>,
    stderr: RefCell<Rc<RefCell<Vec<u8>>>>,
    sleeper: RefCell<Option<Sleeper>>,
}

/// Called at each sleep, with what stands on standard error by then.
type Sleeper = Box<dyn FnMut(&str)>;

impl FakeClock {
    pub(crate) fn new(emulator: Control) -> Self {
        Self {
            emulator,
            elapsed: Cell::default(),
            skew: Cell::default(),
            slept: RefCell::default(),
            stderr: RefCell::default(),
            sleeper: RefCell::default(),
        }
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.elapsed.set(self.elapsed.get() + duration);
        self.set_the_emulators_clock();
    }

    /// Sets the machine's clock this far ahead of the emulator's.
    pub(crate) fn set_skew(&self, seconds: i64) {
        self.skew.set(seconds);
        self.set_the_emulators_clock();
    }

    /// Undoes what real time did to the emulator's clock.
    pub(crate) fn set_the_emulators_clock(&self) {
        self.emulator.set_time(self.now().unix() - self.skew.get());
    }

    /// Whole seconds of every sleep since the last look.
    pub(crate) fn slept(&self) -> Vec<u64> {
        let slept = self.slept.take();
        slept.iter().map(Duration::as_secs).collect()
    }

    /// From now on `sleeper` is called at each sleep.
    pub(crate) fn at_each_sleep(&self, sleeper: impl FnMut(&str) + 'static) {
        self.sleeper.replace(Some(Box::new(sleeper)));
    }

    pub(super) fn watch(&self, stderr: &Rc<RefCell<Vec<u8>>>) {
        self.stderr.replace(Rc::clone(stderr));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let seconds = self.elapsed.get().as_secs();
        Timestamp::from_unix(START).plus(seconds.try_into().unwrap())
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) {
        self.slept.borrow_mut().push(duration);
        self.advance(duration);
        if let Some(sleeper) = self.sleeper.borrow_mut().as_mut() {
            let said = String::from_utf8(self.stderr.borrow().borrow().clone()).unwrap();
            sleeper(&said);
        }
    }
}

/// 2026-03-01T12:00:00Z.
pub(crate) const START: i64 = 1_772_366_400;
