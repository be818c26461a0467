//! What the server made up in this run: ids and version numbers. Put by list and create, resolved by later steps, never
//! compared.

/// The in-run directory.
#[derive(Debug, Default)]
pub struct Directory;
