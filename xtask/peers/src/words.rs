//! What the page says around its figures.

use crate::install::Peer;

pub(crate) const TITLE: &str = "\
# Performance

What a whole process costs, from its start to its end, beside the programs that people use for the same today.
All figures come from one run of one command, which wrote this page. Times are medians of runs in turn, so that
whatever else the machine does meets every program; they mean something beside each other only. Nothing leaves the
machine: the server is `entratool emulator` on loopback, in a network that has nothing else. entratool is the static build
that is released for any Linux; the one that uses the system's C library, as in the Debian package and in builds from a
clone, has rows of its own.
";

pub(crate) const KEPT: &str = "\
## A cached token

Each program has signed in before and keeps its token where it usually does: in files, or, for oidc-agent, in the memory of
a daemon, which is not in the last column. entratool's file is encrypted, those of the others are not. `/bin/true` is what
starting any process costs. MSAL Python and azure-identity ask the server for its metadata even so; @azure/msal-node got
it beforehand, as it has Microsoft's built in.";

pub(crate) const NEW: &str = "\
## A new token

Client credentials with a secret over HTTPS; no token is cached. curl sends one request and prints the answer; it trusts the
emulator's root alone, and in a row of its own those of the system too, as entratool does. MSAL Python and azure-identity
ask for metadata first; Azure CLI keeps them, and only its tokens are removed before each run. ez-token knows no server
but Microsoft's and no roots but its own, so it is built from its source with the emulator's address, and given the
emulator's root.";

pub(crate) const DECODED: &str = "\
## Decoding a token

Header and claims of the same token, as JSON.";

pub(crate) const SIZES: &str = "\
## Size and versions

Megabytes of the program and of the packages that it needs, without the interpreter (Python, Node.js) that some need and
without system libraries. entratool has the emulator, its completions and its manual in one file.";

pub(crate) const EMULATOR: &str = "\
## The emulator under load

Client credentials with a secret; each token is signed with RSA-2048 and SHA-256, which is 97 % of the emulator's instructions.
The clients run on the same processors, and their share is not taken out. Where a processor has AVX-512 IFMA, OpenSSL signs
twice as fast with it; ring, which signs for the emulator, does not use it, so signatures without it are here as well.";

pub(crate) const AGAIN: &str = "\
## Again

<!-- not run: it installs the other programs and takes minutes -->
```console
$ cargo xtask bench --peers
```

installs the programs above below `target/bench-peers`, measures everything, and writes this page and the README's table.
`--rounds 50` takes more runs, `--load 600` keeps the emulator under load for ten minutes. It fails if a program is missing
or does not do its part, or if a target is not met. What commands cost in instructions, which no other load changes, is
held to budgets by `cargo xtask bench --check`.
";

/// Around what the README repeats.
pub(crate) const BEGIN: &str = "<!-- figures of docs/performance.md -->";
pub(crate) const END: &str = "<!-- end of the figures -->";

/// Whom the README names.
pub(crate) const IN_SHORT: &[Peer] = &[
    Peer::MsalNode,
    Peer::Msal,
    Peer::AzureIdentity,
    Peer::AzureCli,
];
