//! Refusals that pass: faults and overload of the service.

use super::{Advice, Page, Who};

const TRY_LATER: &str = "Run the command again in a minute. If it goes on, look at the status page, and give \
    Microsoft's support the trace ID, correlation ID and time from the error.";

pub(super) const TRANSIENT: &[Advice] = &[
    Advice {
        codes: &[50000],
        title: "Entra ID could not issue the token",
        meaning: "The sign-in service itself failed.",
        who: Who::Wait,
        next_step: TRY_LATER,
        page: Page::Status,
    },
    Advice {
        codes: &[50033, 90006, 90012, 90024, 90033],
        title: "Entra ID is unavailable for a moment",
        meaning: "A passing fault, a time-out or a part of the directory that does not answer.",
        who: Who::Wait,
        next_step: TRY_LATER,
        page: Page::Status,
    },
    Advice {
        codes: &[50087, 50088],
        title: "the second factor could not be sent",
        meaning: "The service for multi-factor authentication had a fault, or the limit of calls \
            and messages to this phone is reached.",
        who: Who::Wait,
        next_step: "Wait a few minutes and sign in again, best with an authenticator app instead \
            of a phone call: `entratool get-token -p {profile} -f InteractiveBrowser`.",
        page: Page::SecurityInfo,
    },
    Advice {
        codes: &[70012],
        title: "the service for personal accounts failed",
        meaning: "The sign-in of a personal Microsoft account met a fault on Microsoft's side.",
        who: Who::Wait,
        next_step: TRY_LATER,
        page: Page::Status,
    },
    Advice {
        codes: &[90036],
        title: "the directory failed and will not recover by itself",
        meaning: "Entra ID's directory service met a fault that a repetition does not cure.",
        who: Who::Microsoft,
        next_step: "Give Microsoft's support the trace ID, correlation ID and time from the \
            error: Azure Portal → Help + support.",
        page: Page::Status,
    },
    Advice {
        codes: &[90055],
        title: "the tenant sends too many requests",
        meaning: "Microsoft slows tenant `{tenant}` down or has blocked it.",
        who: Who::Wait,
        next_step: "Wait some minutes, and let the cache answer instead of asking each time: no \
            `--force`, no `--no-cache`. If it stays, an administrator asks Microsoft's support.",
        page: Page::Status,
    },
];
