//! The ways to a token that need the network, and what each may do when that fails.

use entra_emulator::{Effect, Endpoint, Fault as Scripted, Options, demo};
use serde_json::json;

use crate::fault::{Fault, Meaning};
use crate::support::{GRAPH, Jar};

/// A command line, and the state of the machine in which it meets a fault.
pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// What is asked when the fault happens.
    pub(crate) endpoint: Endpoint,
    pub(crate) line: &'static str,
    /// Makes a machine ready, once for all faults.
    pub(crate) machine: fn() -> Jar,
    /// Brings the machine into its state, before each fault.
    pub(crate) prepare: fn(&Jar),
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
    /// Hand out the token that is kept and still good.
    Early,
    /// Hand out the token that is kept, without asking.
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
        prepare: |jar| {
            sign_in(jar);
            jar.advance(60);
        },
        kind: Kind::Repeatable,
    },
    Flow {
        name: "early",
        endpoint: Endpoint::Token,
        line: "get-token -p demo-device --no-interaction",
        machine,
        prepare: |jar| {
            jar.control()
                .configure(|settings| settings.refresh_in = Some(1200));
            sign_in(jar);
            jar.advance(30);
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
        prepare: |jar| {
            sign_out(jar);
            write_federated_token(jar);
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
        prepare: |jar| {
            sign_out(jar);
            jar.ok("get-token -p demo");
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
    pub(crate) fn script(&self, jar: &Jar, effect: &Effect, times: u32) {
        let control = jar.control();
        let is_handshake = matches!(effect, Effect::Handshake { .. });
        let endpoint = if is_handshake {
            Endpoint::Any
        } else {
            self.endpoint
        };
        let fault = Scripted::new(endpoint, effect.clone()).times(times);
        match self.kind {
            // The person signs in unharmed; what the application then asks for is not.
            Kind::Once => jar.person_browses(move |tab, url| {
                let page = tab.get(url);
                control.script(fault.clone());
                tab.go_back(&page);
            }),
            // The first poll goes over the connection that brought the code, and loses it.
            Kind::Polling if is_handshake => {
                control.script(Scripted::new(Endpoint::Token, break_off()));
                jar.clock.at_each_sleep({
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
            // Whoever hands out tokens to jobs has no OAuth refusals, only statuses.
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

fn machine() -> Jar {
    let jar = Jar::new();
    for profile in ["demo", "demo-web"] {
        let secret = if profile == "demo" {
            demo::CLIENT_SECRET
        } else {
            demo::WEB_CLIENT_SECRET
        };
        jar.store_secret(profile, secret);
    }
    jar.control()
        .configure(|settings| settings.auto_approve = true);
    jar.person_browses(|tab, url| drop(tab.sign_in(url)));
    jar
}

fn polling_each_second() -> Jar {
    let jar = machine();
    jar.control()
        .configure(|settings| settings.device_interval = 1);
    jar
}

fn with_certificate() -> Jar {
    let jar = machine();
    jar.has_certificate_and_key();
    let more =
        json!({"scope": GRAPH, "useCertificate": true, "certificatePath": jar.path("app.pem")});
    jar.write(
        "app.pem",
        format!("{}{}", jar.read("app.key"), jar.read("app.crt")),
    );
    jar.set_mode("app.pem", 0o600);
    jar.write_profiles(&jar.profile("demo-cert", demo::CERTIFICATE_CLIENT_ID, &more));
    jar
}

fn in_a_cluster() -> Jar {
    let jar = Jar::job();
    let file = jar.path("federated");
    jar.set("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap());
    jar
}

fn write_federated_token(jar: &Jar) {
    jar.clock.tell_the_emulator();
    let control = jar.control();
    let token = control.federated_token(demo::WORKLOAD_SUBJECT, "api://AzureADTokenExchange");
    jar.write("federated", token);
}

fn in_a_pipeline() -> Jar {
    let jar = Jar::job();
    jar.set("GITHUB_ACTIONS", "true");
    let url = format!("{}/federated/github", jar.authority());
    jar.set("ACTIONS_ID_TOKEN_REQUEST_URL", &url);
    let token = demo::WORKLOAD_REQUEST_TOKEN;
    jar.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token);
    jar
}

fn in_app_service() -> Jar {
    let jar = Jar::empty_with(Options {
        identity_endpoint: true,
        ..Options::default()
    });
    let endpoint = format!("{}/msi/token", jar.identity_endpoint());
    jar.set("IDENTITY_ENDPOINT", &endpoint);
    jar.set("IDENTITY_HEADER", demo::IDENTITY_HEADER);
    jar
}

/// Nothing is kept.
fn sign_out(jar: &Jar) {
    // There may be no folder yet.
    let _ = std::fs::remove_dir_all(jar.path(".msal"));
}

/// Alice has signed in just now.
fn sign_in(jar: &Jar) {
    sign_out(jar);
    jar.ok("get-token -p demo-device");
}

/// Breaks a connection before anything was carried out.
fn break_off() -> Effect {
    Effect::Garbage {
        text: String::new(),
    }
}
