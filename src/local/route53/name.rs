//! Domain names as Route 53 keeps them: in lower case, with their trailing dot, a wildcard's star escaped.
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>

/// `name` as it is kept; `None` when it is no domain name.
pub(super) fn normalised(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase().replace("\\052", "*");
    let name = name.strip_suffix('.').unwrap_or(&name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*'))
    };
    let fits = name.len() <= 253 && name.split('.').all(is_label);
    fits.then(|| format!("{}.", name.replace('*', "\\052")))
}

/// The order of names: by their labels from the last one on, `com.example.www.`
pub(super) fn order(name: &str) -> String {
    let mut labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    labels.reverse();
    labels.join(".") + "."
}

/// Whether `name` is `zone` or below it; both are normalised.
pub(super) fn is_within(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_with_a_dot_and_stars_are_escaped() {
        for (given, kept) in [
            ("WWW.Example.com", Some("www.example.com.")),
            ("example.com.", Some("example.com.")),
            ("*.example.com", Some("\\052.example.com.")),
            ("\\052.example.com.", Some("\\052.example.com.")),
            ("_acme.example.com", Some("_acme.example.com.")),
            ("a..com", None),
            ("", None),
            ("a b.com", None),
        ] {
            assert_eq!(normalised(given).as_deref(), kept, "{given}");
        }
    }

    #[test]
    fn a_name_is_within_a_zone_by_whole_labels() {
        assert!(is_within("a.example.com.", "example.com.") && is_within("example.com.", "example.com."));
        assert!(!is_within("anexample.com.", "example.com."));
    }

    #[test]
    fn names_are_in_the_order_of_their_labels_from_the_back() {
        let mut names = ["www.example.com.", "example.com.", "a.b.example.com.", "b.example.com."];
        names.sort_by_key(|name| order(name));
        assert_eq!(names, ["example.com.", "b.example.com.", "a.b.example.com.", "www.example.com."]);
    }
}
