//! `get-token`, one file for each thing that users can rely on.

mod accounts;
mod authorization_code;
mod cache;
mod certificate;
mod device_code;
mod environment;
mod flow;
mod forgeries;
mod interactive_browser;
mod network;
mod output;
mod profile_choice;
mod prompt;
mod proxy;
mod refusals;
mod renewal;
mod scope;
mod trust;
mod unattended;
mod waiting;
