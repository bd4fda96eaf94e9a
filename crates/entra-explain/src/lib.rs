//! Explains errors of Microsoft Entra ID (`AADSTS` codes) and of Microsoft's APIs, without a network.
//!
//! The texts are data files, compiled into a sorted table; `data/README.md` describes their schema. The codes choose
//! help text and nothing else: Microsoft may change them at any time, so programs branch on `error`, `suberror`, the
//! status and `claims` (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
//!
//! ```
//! use entra_explain::{Facts, explain};
//!
//! let facts = Facts { profile: Some("graph"), ..Facts::default() };
//! let explanation = explain("AADSTS7000215: Invalid client secret provided.", &facts).expect("a code is in the text");
//! assert_eq!(explanation.title, "the client secret is wrong");
//! assert!(explanation.next_step.contains("entratool config edit -p graph"));
//! ```

mod codes;
mod entry;
mod explanation;
mod facts;
mod in_text;
mod message;
mod table;

pub use codes::codes_in;
pub use entry::{Entry, Family, Who};
pub use explanation::{Explanation, explain, explain_code, lookup_link};
pub use facts::{Actor, Facts, Method};
pub use table::{codes, families};
