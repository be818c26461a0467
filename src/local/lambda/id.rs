//! Identifiers and times in Lambda's forms.

use jiff::Timestamp;

use crate::wire::hex;

/// A tracing header of X-Ray that says the request is not sampled: the local cloud has no X-Ray.
pub(super) fn trace() -> String {
    let bytes = hex(&random::<20>());
    let seconds = Timestamp::now().as_second();
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", &bytes[..24], &bytes[24..])
}

/// A log stream's name: `2026/11/20/[7]` and 32 hexadecimal digits.
pub(super) fn log_stream(version: &str) -> String {
    format!("{}[{version}]{}", Timestamp::now().strftime("%Y/%m/%d/"), hex(&random::<16>()))
}

/// Now, as `LastModified` has it: `2026-11-20T06:03:57.000+0000`.
pub(super) fn last_modified() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// A number from 0.0 to below 1.0, to draw by an alias's weights.
pub(super) fn draw() -> f64 {
    f64::from(u32::from_ne_bytes(random())) / f64::from(u32::MAX).next_up()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The kernel's generator fails on no supported system; zeros would still name a thing.
    let _ = getrandom::fill(&mut bytes);
    bytes
}
