//! `[site]`

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Api;
use super::declare::{Segment, segments};

/// The page: files that one distribution serves beside the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// The folder that `build` runs in, from the folder of the stack file.
    pub path: String,
    /// A shell command that makes `output`; `None` where the files are there as they are.
    pub build: Option<String>,
    /// The folder of the files, from `path`; `path` itself when absent.
    pub output: Option<String>,
    /// Path patterns of files that have a hash of their content in their name, and so never change: `assets/*`.
    pub assets: BTreeSet<String>,
    /// The file that answers paths which name none, for pages that route by themselves: `index.html`.
    pub fallback: Option<String>,
    /// Headers of all files, by name: laid over [`Site::default_headers`]; an empty value takes one out.
    pub headers: BTreeMap<String, String>,
    pub domain: Option<Domain>,
}

/// `[site.domain]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Domain {
    /// `memo.example.com`
    pub name: String,
    /// The ARN of a certificate of ACM for it, in us-east-1.
    pub certificate: String,
    /// The id of its hosted zone in Route 53; `None` where somebody else makes its records.
    pub zone: Option<String>,
}

impl Site {
    /// What is served where a folder is asked for, and at the root.
    pub const INDEX: &str = "index.html";

    /// The patterns where the file names none: what Vite puts there has a hash in its name.
    pub fn default_assets() -> BTreeSet<String> {
        BTreeSet::from(["assets/*".to_owned()])
    }

    /// The folder of the files, from the folder of the stack file.
    pub fn files(&self) -> String {
        match &self.output {
            Some(output) => format!("{}/{output}", self.path),
            None => self.path.clone(),
        }
    }

    /// The headers that every file has: the defaults with the site's own laid over them.
    pub fn headers(&self) -> BTreeMap<String, String> {
        let mut headers: BTreeMap<String, String> =
            Self::default_headers().map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (name, value) in &self.headers {
            // The names of headers have no case: the site's own spelling goes before the usual one.
            headers.retain(|known, _| !known.eq_ignore_ascii_case(name));
            if !value.is_empty() {
                headers.insert(name.clone(), value.clone());
            }
        }
        headers
    }

    /// Nothing but what is of the page's own origin, and no script and no style within the HTML (OWASP's HTTP Headers Cheat
    /// Sheet).
    const fn default_headers() -> [(&'static str, &'static str); 6] {
        [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
                 connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'none'",
            ),
            ("Strict-Transport-Security", "max-age=63072000"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ]
    }

    /// Whether `path`, which has no slash at its start, is one of the assets.
    pub fn is_asset(&self, path: &str) -> bool {
        self.assets.iter().any(|pattern| matches(pattern, path))
    }
}

impl Api {
    /// The path patterns that go to the API: by what each route's path begins with, so that a route below the same path is
    /// no change of the distribution, which takes minutes to be known everywhere.
    pub fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for key in self.routes.keys() {
            let mut segments = segments(&key.path);
            let Some(Segment::Literal(first)) = segments.next() else { continue };
            paths.insert(if segments.next().is_some() { format!("/{first}/*") } else { format!("/{first}") });
        }
        paths
    }
}

/// The age in seconds of a `Strict-Transport-Security`, and whether it holds for subdomains and for preloading: RFC 6797, 6.1.
pub fn hsts(value: &str) -> Option<(i32, bool, bool)> {
    let mut parts = value.split(';').map(str::trim);
    let age = parts.next()?.strip_prefix("max-age=")?.parse().ok().filter(|age| *age >= 0)?;
    let (mut subdomains, mut preload) = (false, false);
    for part in parts {
        match part {
            part if part.eq_ignore_ascii_case("includeSubDomains") => subdomains = true,
            part if part.eq_ignore_ascii_case("preload") => preload = true,
            _ => return None,
        }
    }
    Some((age, subdomains, preload))
}

/// Whether a path pattern of CloudFront takes `path`: `*` is any run of characters, slashes included, `?` any one.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern>
pub fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    // The positions in `path` that what was read of the pattern can reach.
    let mut reached = BTreeSet::from([0]);
    for &wanted in &pattern {
        reached = match wanted {
            '*' => reached.first().map_or_else(BTreeSet::new, |&first| (first..=path.len()).collect()),
            wanted => reached
                .into_iter()
                .filter(|&at| path.get(at).is_some_and(|&found| wanted == '?' || wanted == found))
                .map(|at| at + 1)
                .collect(),
        };
    }
    reached.contains(&path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_what_cloudfront_takes() {
        for (pattern, path, expected) in [
            ("assets/*", "assets/index-a1.js", true),
            ("assets/*", "assets/deep/er.js", true),
            ("assets/*", "assets", false),
            ("assets/*", "my/assets/x.js", false),
            ("*.js", "assets/x.js", true),
            ("a?.js", "a1.js", true),
            ("a?.js", "a12.js", false),
            ("Assets/*", "assets/x.js", false),
            ("*a*b", "xaxb", true),
            ("*a*b", "xbxa", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn own_headers_are_laid_over_the_defaults_whatever_their_case_and_an_empty_one_takes_out() {
        let own = [("referrer-policy", "no-referrer"), ("x-frame-options", ""), ("X-Own", "yes")];
        let site = Site {
            path: "site".to_owned(),
            build: None,
            output: None,
            assets: Site::default_assets(),
            fallback: None,
            headers: own.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            domain: None,
        };
        let headers = site.headers();
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["X-Own"], "yes");
        assert!(!headers.contains_key("Referrer-Policy") && !headers.contains_key("X-Frame-Options"));
        assert_eq!(headers.len(), 6);
    }
}
