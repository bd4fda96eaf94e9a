//! The ways to a token that need the network, and what each may do when that fails.

use entra_emulator::{Effect, Endpoint, Fault as Scripted, Options, demo};
use serde_json::json;

use crate::fault::{Fault, Meaning};
use crate::support::{GRAPH, Sandbox};

/// A command line, and the state of the machine in which it meets a fault.
pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// What is asked when the fault happens.
    pub(crate) endpoint: Endpoint,
    pub(crate) line: &'static str,
    /// Makes a machine ready, once for all faults.
    pub(crate) machine: fn() -> Sandbox,
    /// Brings the machine into its state, before each fault.
    pub(crate) prepare: fn(&Sandbox),
    pub(crate) kind: Kind,
}

/// What a flow may do when its request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Send the request again.
    Repeatable,
    /// Nothing: what the request carries works once.
    Once,
    /// Ask again until the device code expires.
    Polling,
    /// Return the cached token that is still valid.
    Early,
    /// Return the cached token without a prompt.
    Kept,
}

pub(crate) const FLOWS: &[Flow] = &[
    Flow {
        name: "secret",
        endpoint: Endpoint::Token,
        line: "get-token -p demo",
        machine,
        prepare: sign_out,
        kind: Kind::Repeatable,
    },
    Flow {
        name: "cert",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-cert",
        machine: with_certificate,
        prepare: sign_out,
        kind: Kind::Repeatable,
    },
    Flow {
        name: "device",
        endpoint: Endpoint::DeviceCode,
        line: "get-token -p demo-device",
        machine,
        prepare: sign_out,
        kind: Kind::Repeatable,
    },
    Flow {
        name: "poll",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-device",
        machine: polling_each_second,
        prepare: sign_out,
        kind: Kind::Polling,
    },
    Flow {
        name: "browser",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-browser",
        machine,
        prepare: sign_out,
        kind: Kind::Once,
    },
    Flow {
        name: "code",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-web",
        machine,
        prepare: sign_out,
        kind: Kind::Once,
    },
    Flow {
        name: "refresh",
        endpoint: Endpoint::Token,
        line: "refresh -p demo-device",
        machine,
        prepare: sign_in,
        kind: Kind::Repeatable,
    },
    Flow {
        name: "silent",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-device --no-interaction",
        machine,
        prepare: |sandbox| {
            sign_in(sandbox);
            sandbox.advance(60);
        },
        kind: Kind::Repeatable,
    },
    Flow {
        name: "early",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-device --no-interaction",
        machine,
        prepare: |sandbox| {
            sandbox
                .control()
                .configure(|settings| settings.refresh_in = Some(1200));
            sign_in(sandbox);
            sandbox.advance(30);
        },
        kind: Kind::Early,
    },
    Flow {
        name: "kept",
        endpoint: Endpoint::Any,
        line: "get-token -p demo-device",
        machine,
        prepare: sign_in,
        kind: Kind::Kept,
    },
    Flow {
        name: "job",
        endpoint: Endpoint::Token,
        line: "get-token -f WorkloadIdentity",
        machine: in_a_cluster,
        prepare: |sandbox| {
            sign_out(sandbox);
            write_federated_token(sandbox);
        },
        kind: Kind::Repeatable,
    },
    Flow {
        name: "pipeline",
        endpoint: Endpoint::Federation,
        line: "get-token -f WorkloadIdentity",
        machine: in_a_pipeline,
        prepare: sign_out,
        kind: Kind::Repeatable,
    },
    Flow {
        name: "machine",
        endpoint: Endpoint::ManagedIdentity,
        line: "get-token -f ManagedIdentity -s https://vault.azure.net/.default",
        machine: in_app_service,
        prepare: sign_out,
        kind: Kind::Repeatable,
    },
    Flow {
        name: "verify",
        endpoint: Endpoint::Keys,
        line: "verify -p demo",
        machine,
        prepare: |sandbox| {
            sign_out(sandbox);
            sandbox.ok("get-token -p demo");
        },
        kind: Kind::Repeatable,
    },
];

impl Flow {
    /// Identities of machines are asked for without TLS.
    pub(crate) fn can_meet(&self, fault: &Fault) -> bool {
        let is_handshake = matches!((fault.effect)(), Effect::Handshake { .. });
        self.endpoint != Endpoint::ManagedIdentity || !is_handshake
    }

    /// Lets `effect` happen to the next `times` requests of this flow.
    pub(crate) fn script(&self, sandbox: &Sandbox, effect: &Effect, times: u32) {
        let control = sandbox.control();
        let is_handshake = matches!(effect, Effect::Handshake { .. });
        let endpoint = if is_handshake {
            Endpoint::Any
        } else {
            self.endpoint
        };
        let fault = Scripted::new(endpoint, effect.clone()).times(times);
        match self.kind {
            // The user's sign-in works; what the application then requests does not.
            Kind::Once => sandbox.user_browses(move |tab, url| {
                let page = tab.get(url);
                control.script(fault.clone());
                tab.go_back(&page);
            }),
            // The first poll goes over the connection that brought the code, and loses it.
            Kind::Polling if is_handshake => {
                control.script(Scripted::new(Endpoint::Token, break_off()));
                sandbox.clock.at_each_sleep({
                    let mut fault = Some(fault);
                    move |_| {
                        if let Some(fault) = fault.take() {
                            control.script(fault);
                        }
                    }
                });
            }
            _ => control.script(fault),
        }
    }

    /// Exit statuses while a fault lasts, and if it happens once.
    pub(crate) fn exits(&self, fault: &Fault) -> (u8, u8) {
        use Meaning::{Final, Harmless, Late, NoConnection, Overload, Passing};
        match (self.kind, fault.meaning) {
            (Kind::Early | Kind::Kept, _) | (_, Harmless) => (0, 0),
            // A CI system that issues tokens has no OAuth refusals, only statuses.
            (_, Final) if self.endpoint == Endpoint::Federation && fault.is_client_error() => {
                (1, 1)
            }
            (Kind::Repeatable, NoConnection | Passing) | (Kind::Once, NoConnection) => (6, 0),
            // The device code was redeemed, and the tokens for it are gone.
            (Kind::Polling, _) if fault.is_carried_out() => (6, 6),
            (Kind::Polling, NoConnection | Passing | Late | Overload) => (6, 0),
            _ => (6, 6),
        }
    }

    /// The most requests that may reach the endpoint while a fault lasts.
    pub(crate) fn most_requests(&self, meaning: Meaning) -> usize {
        match (self.kind, meaning) {
            (Kind::Kept, _) => 0,
            (Kind::Polling, _) => 200,
            (_, Meaning::NoConnection | Meaning::NoTrust) => 0,
            (Kind::Once, _) => 1,
            (_, Meaning::Passing) if self.endpoint == Endpoint::ManagedIdentity => 6,
            (_, Meaning::Passing) => 3,
            _ => 1,
        }
    }
}

fn machine() -> Sandbox {
    let sandbox = Sandbox::new();
    for profile in ["demo", "demo-web"] {
        let secret = if profile == "demo" {
            demo::CLIENT_SECRET
        } else {
            demo::WEB_CLIENT_SECRET
        };
        sandbox.store_secret(profile, secret);
    }
    sandbox
        .control()
        .configure(|settings| settings.auto_approve = true);
    sandbox.user_browses(|tab, url| drop(tab.sign_in(url)));
    sandbox
}

fn polling_each_second() -> Sandbox {
    let sandbox = machine();
    sandbox
        .control()
        .configure(|settings| settings.device_interval = 1);
    sandbox
}

fn with_certificate() -> Sandbox {
    let sandbox = machine();
    sandbox.has_certificate_and_key();
    let more =
        json!({"scope": GRAPH, "useCertificate": true, "certificatePath": sandbox.path("app.pem")});
    sandbox.write(
        "app.pem",
        format!("{}{}", sandbox.read("app.key"), sandbox.read("app.crt")),
    );
    sandbox.set_mode("app.pem", 0o600);
    sandbox.write_profiles(&sandbox.profile("demo-cert", demo::CERTIFICATE_CLIENT_ID, &more));
    sandbox
}

fn in_a_cluster() -> Sandbox {
    let sandbox = Sandbox::job();
    let file = sandbox.path("federated");
    sandbox.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    sandbox
}

fn write_federated_token(sandbox: &Sandbox) {
    sandbox.clock.set_the_emulators_clock();
    let control = sandbox.control();
    let token = control.federated_token(demo::WORKLOAD_SUBJECT, "api://AzureADTokenExchange");
    sandbox.write("federated", token);
}

fn in_a_pipeline() -> Sandbox {
    let sandbox = Sandbox::job();
    sandbox.set("GITHUB_ACTIONS", "true");
    let url = format!("{}/federated/github", sandbox.authority());
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_URL", &url);
    let token = demo::WORKLOAD_REQUEST_TOKEN;
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token);
    sandbox
}

fn in_app_service() -> Sandbox {
    let sandbox = Sandbox::empty_with(Options {
        identity_endpoint: true,
        ..Options::default()
    });
    let endpoint = format!("{}/msi/token", sandbox.identity_endpoint());
    sandbox.set("IDENTITY_ENDPOINT", &endpoint);
    sandbox.set("IDENTITY_HEADER", demo::IDENTITY_HEADER);
    sandbox
}

/// Nothing is kept.
fn sign_out(sandbox: &Sandbox) {
    // There may be no folder yet.
    let _ = std::fs::remove_dir_all(sandbox.path(".msal"));
}

/// Alice has signed in just now.
fn sign_in(sandbox: &Sandbox) {
    sign_out(sandbox);
    sandbox.ok("get-token -p demo-device");
}

/// Breaks a connection before anything was carried out.
fn break_off() -> Effect {
    Effect::Garbage {
        text: String::new(),
    }
}
