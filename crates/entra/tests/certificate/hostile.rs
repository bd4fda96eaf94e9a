//! Files that cannot serve, and files that were made to do harm.
