//! Amounts as people read them.

use std::time::Duration;

/// `0.31 s`, `12.4 s`, `2 min 5 s`.
pub fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        ..9.995 => format!("{seconds:.2} s"),
        ..99.95 => format!("{seconds:.1} s"),
        _ => format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// `812 B`, `4.1 kB`, `3.2 MB`: decimal, as AWS bills, one digit.
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let count_ = count as f64;
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count_ / 1e3),
        _ => format!("{:.1} MB", count_ / 1e6),
    }
}

/// `1 call`, `2 calls`.
pub fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_digits_that_matter() {
        let shown = [0.004, 0.31, 12.44, 125.2].map(|time| seconds(Duration::from_secs_f64(time)));
        assert_eq!(shown, ["0.00 s", "0.31 s", "12.4 s", "2 min 5 s"]);
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!([812, 4_100, 3_240_000].map(bytes), ["812 B", "4.1 kB", "3.2 MB"]);
    }
}
