//! Bindings to least-privilege policies. Pure.
