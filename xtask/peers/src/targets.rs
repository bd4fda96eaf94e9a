//! What has to hold of the figures.

use crate::contenders::{ENTRATOOL, TRUE};
use crate::install::Peer;
use crate::results::Results;
use crate::sample::{Figures, Outcomes, of};

/// One target: what it says, the figure, and whether it is met.
pub(crate) struct Target {
    pub(crate) text: &'static str,
    pub(crate) wanted: String,
    pub(crate) measured: String,
    pub(crate) met: bool,
}

/// All of them; one whose figures are missing is not met.
pub(crate) fn judge(results: &Results) -> Vec<Target> {
    let wall = |figures: Figures| figures.wall.as_secs_f64();
    let processor = |figures: Figures| figures.processor.as_secs_f64();
    let ratio = |outcomes: &Outcomes, one, other, of_what: fn(Figures) -> f64| {
        Some(of_what(of(outcomes, one)?) / of_what(of(outcomes, other)?))
    };
    let (kept, new) = (&results.kept, &results.new);
    let emulator = results.emulator.as_ref().ok();
    vec![
        at_most(
            "a cached token: wall time by that of `/bin/true`",
            ratio(kept, ENTRATOOL, TRUE, wall),
            2.0,
        ),
        at_least(
            "a cached token: how much faster than MSAL Python",
            ratio(kept, Peer::Msal.name(), ENTRATOOL, wall),
            150.0,
        ),
        at_least(
            "a cached token: how much faster than Azure CLI",
            ratio(kept, Peer::AzureCli.name(), ENTRATOOL, wall),
            400.0,
        ),
        #[expect(clippy::cast_precision_loss, reason = "KiB of one process")]
        at_most(
            "a cached token: peak memory, MB",
            of(kept, ENTRATOOL).map(|figures| figures.memory as f64 * 1024.0 / 1e6),
            5.0,
        ),
        #[expect(clippy::cast_precision_loss, reason = "bytes of one file")]
        at_most("the program, MB", Some(results.size as f64 / 1e6), 8.0),
        at_most(
            "a new token: wall time by curl's",
            ratio(new, ENTRATOOL, Peer::Curl.name(), wall),
            0.5,
        ),
        at_most(
            "a new token: processor time by curl's",
            ratio(new, ENTRATOOL, Peer::Curl.name(), processor),
            0.5,
        ),
        at_least(
            "the emulator: tokens by bare signatures",
            emulator.map(|emulator| emulator.ratio),
            0.7,
        ),
        #[expect(clippy::cast_precision_loss, reason = "KiB of one process")]
        at_most(
            "the emulator: memory at the end of the load by that at its begin",
            emulator.map(|emulator| emulator.end as f64 / emulator.begin as f64),
            1.1,
        ),
    ]
}

fn at_most(text: &'static str, measured: Option<f64>, most: f64) -> Target {
    target(text, format!("at most {most}"), measured, |measured| {
        measured <= most
    })
}

fn at_least(text: &'static str, measured: Option<f64>, least: f64) -> Target {
    target(text, format!("at least {least}"), measured, |measured| {
        measured >= least
    })
}

fn target(
    text: &'static str,
    wanted: String,
    measured: Option<f64>,
    holds: impl FnOnce(f64) -> bool,
) -> Target {
    Target {
        text,
        wanted,
        measured: match measured {
            Some(measured) if measured < 10.0 => format!("{measured:.2}"),
            Some(measured) => format!("{measured:.0}"),
            None => "–".to_owned(),
        },
        met: measured.is_some_and(holds),
    }
}
