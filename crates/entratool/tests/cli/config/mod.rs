//! `config`, one file for each thing that can be done to profiles.

mod authority;
mod ca_bundle;
mod certificate;
mod create;
mod delete;
mod edit;
mod export_import;
mod import_service_principal;
mod list;
mod mistakes;
mod overwrite;
mod profiles_file;
mod rotation;
mod secret_export;
mod settings;
mod show;
