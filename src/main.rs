use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo, which memoctl runs, runs memoctl as its `RUSTC_WRAPPER` in turn.
    memoctl::package::remap::run_as_wrapper().unwrap_or_else(memoctl::command::run)
}
