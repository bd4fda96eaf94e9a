//! Refusals that want a managed device or its broker, which a command-line tool does not have.

use super::{Advice, Page, Who};

const MANAGED_DEVICE: &str = "Run the command on a managed device and sign in with its browser (Edge, or Chrome with \
    Microsoft's extension): `entratool get-token -p {profile} -f InteractiveBrowser`. The device \
    code flow can never show a device. Without such a device, ask an administrator of tenant \
    `{tenant}` for an exception.";
const REGISTER_DEVICE: &str = "Disconnect and connect the work account in the system's settings (Windows: Settings → \
    Accounts → Access work or school; `dsregcmd /status` shows the state), then sign in again.";
const HELLO: &str = "Set the PIN of Windows Hello up again (Settings → Accounts → Sign-in options), or sign in \
    with another method: `entratool get-token -p {profile} -f InteractiveBrowser`.";

pub(super) const DEVICE: &[Advice] = &[
    Advice {
        codes: &[50005],
        title: "the device's platform is not supported by the policy",
        meaning: "A Conditional Access policy does not know or allow the operating system that \
            the sign-in came from.",
        who: Who::TenantAdmin,
        next_step: "Sign in from Windows, macOS, Linux with Edge, Android or iOS, as the policy \
            allows, or ask an administrator of tenant `{tenant}`.",
        page: Page::ConditionalAccess,
    },
    Advice {
        codes: &[50097, 50155, 50187],
        title: "the device has to prove itself",
        meaning: "The tenant wants to authenticate the device too. That failed, or the request \
            came without anything to do it with.",
        who: Who::You,
        next_step: MANAGED_DEVICE,
        page: Page::None,
    },
    Advice {
        codes: &[50127],
        title: "a broker app is needed",
        meaning: "The tenant allows this only through a broker such as Company Portal or \
            Microsoft Authenticator.",
        who: Who::Nobody,
        next_step: "Use an app that works with the broker for this API, or have an administrator of \
            tenant `{tenant}` exclude it from the policy: entratool cannot take the part of a broker.",
        page: Page::None,
    },
    Advice {
        codes: &[50129],
        title: "the device is not registered",
        meaning: "The device must be joined or registered with the organisation (workplace join).",
        who: Who::You,
        next_step: REGISTER_DEVICE,
        page: Page::None,
    },
    Advice {
        codes: &[53000, 53001],
        title: "the device is not compliant or not joined",
        meaning: "A Conditional Access policy asks for a device that Intune counts as compliant \
            (53000) or that is joined to the domain (53001).",
        who: Who::You,
        next_step: MANAGED_DEVICE,
        page: Page::None,
    },
    Advice {
        codes: &[530033],
        title: "the device code flow cannot satisfy the device policy",
        meaning: "The policy wants a managed device, and the device code flow cannot prove one: \
            the code is entered elsewhere.",
        who: Who::You,
        next_step: "Use the browser on a managed device: `entratool get-token -p {profile} -f \
            InteractiveBrowser`. Its redirect URI must be registered under Mobile and desktop \
            applications.",
        page: Page::Authentication,
    },
    Advice {
        codes: &[700003],
        title: "the device was deleted from the tenant",
        meaning: "The device that the sign-in belongs to is not in the directory any more.",
        who: Who::You,
        next_step: REGISTER_DEVICE,
        page: Page::None,
    },
    Advice {
        codes: &[130004, 130005, 130006, 130007, 130008],
        title: "the Windows Hello key is not accepted",
        meaning: "The key of Windows Hello is unknown, does not fit, or its device is disabled or \
            deleted.",
        who: Who::You,
        next_step: HELLO,
        page: Page::None,
    },
    Advice {
        codes: &[135010, 135011],
        title: "the device's key is unknown or the device is disabled",
        meaning: "The directory has no such key for the device, or an administrator has switched \
            the device off.",
        who: Who::TenantAdmin,
        next_step: "Have an administrator look at Microsoft Entra ID → Devices → All devices and \
            enable it; if it is missing, register the device again.",
        page: Page::None,
    },
    Advice {
        codes: &[140000, 140001],
        title: "the broker's request was not accepted",
        meaning: "The device's broker sent no nonce or an old one, or its session key is not \
            valid any more.",
        who: Who::You,
        next_step: "Try once more. If it stays, lock and unlock the device with the password, or \
            restart it, so that the broker gets a new session.",
        page: Page::None,
    },
    Advice {
        codes: &[240001],
        title: "the account may not register devices",
        meaning: "The tenant does not let this account join devices in bulk.",
        who: Who::TenantAdmin,
        next_step: "Have an administrator allow it: Microsoft Entra ID → Devices → Device \
            settings. It has nothing to do with getting tokens.",
        page: Page::None,
    },
    Advice {
        codes: &[1000000, 1000002],
        title: "the broker has to finish binding the account",
        meaning: "The broker is linking this account to an outside identity and waits for the \
            person.",
        who: Who::You,
        next_step: "Finish the dialogue of the broker (Authenticator or Company Portal), then run \
            the command again.",
        page: Page::None,
    },
];
