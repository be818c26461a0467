//! Path patterns: `*` for any characters, also none and slashes, `?` for one; case counts, a leading slash does not.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html>

/// Whether `path` matches `pattern`.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    crate::iam::wildcard(bare(pattern), bare(path))
}

fn bare(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_covers_slashes_and_nothing_and_a_leading_slash_is_optional() {
        for (pattern, path) in
            [("/v1/*", "/v1/memos/1"), ("v1/*", "/v1/"), ("*.js", "/assets/a.js"), ("/a?c", "/abc"), ("*", "/")]
        {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [("/v1/*", "/v1"), ("/V1/*", "/v1/a"), ("/a?c", "/ac"), ("*.js", "/a.jsx")] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }
}
