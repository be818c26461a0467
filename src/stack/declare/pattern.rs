//! What strings may be. Each rule is a function, and the same rule as a regular expression for the JSON Schema.

use crate::stack::form::Pattern;

/// Names of the file's own: physical names are made of them, and roles ignore case, so they are lower-case.
macro_rules! name {
    ($what:literal) => {
        Pattern { what: $what, regex: "^[a-z][a-z0-9_-]{0,63}$", refuse: refuse_name }
    };
}

pub(super) static FUNCTION: Pattern = name!("the name of a function");
pub(super) static TABLE: Pattern = name!("the name of a table");
pub(super) static SIGNING_KEY: Pattern = name!("the name of a signing key");
pub(super) static AUTHORIZER: Pattern = name!("the name of an authorizer");
pub(super) static SERVICE: Pattern = name!("the name of a service");

fn refuse_name(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let is_fit = |text: &str| {
        text.len() <= 64
            && starts_with(text, |c| c.is_ascii_lowercase())
            && all(text, |c| is_lower_or_digit(c) || "-_".contains(c))
    };
    (!is_fit(text)).then(|| {
        if is_fit(&lower) {
            format!("did you mean `{lower}`?")
        } else {
            "it starts with a lower-case letter, then has lower-case letters, digits, `-` and `_`, 64 characters at most"
                .to_owned()
        }
    })
}

pub(in crate::stack) static STACK: Pattern =
    Pattern { what: "the name of a stack", regex: "^[a-z][a-z0-9-]{0,39}$", refuse: refuse_label };

/// The name of a stage.
pub(in crate::stack) static STAGE: Pattern =
    Pattern { what: "the name of a stage", regex: "^[a-z][a-z0-9-]{0,39}$", refuse: refuse_label };

fn refuse_label(text: &str) -> Option<String> {
    let is_fit = text.len() <= 40
        && starts_with(text, |c| c.is_ascii_lowercase())
        && all(text, |c| is_lower_or_digit(c) || c == '-');
    refuse_unless(
        is_fit,
        "it starts with a lower-case letter, then has lower-case letters, digits and `-`, 40 characters at most",
    )
}

pub(in crate::stack) static REGION: Pattern = Pattern {
    what: "an AWS region",
    regex: "^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$",
    refuse: |text| {
        let parts: Vec<&str> = text.split('-').collect();
        let is_fit = match parts.as_slice() {
            [first, middle @ .., last] => {
                (2..=4).contains(&first.len())
                    && all(first, |c| c.is_ascii_lowercase())
                    && (1..=3).contains(&middle.len())
                    && middle.iter().all(|part| !part.is_empty() && all(part, |c| c.is_ascii_lowercase()))
                    && (1..=2).contains(&last.len())
                    && all(last, |c| c.is_ascii_digit())
            }
            [] | [_] => false,
        };
        refuse_unless(is_fit, "a region looks like `eu-central-1`")
    },
};

/// The longest overlap, in seconds: 400 days.
const LONGEST: u32 = 400 * 24 * 60 * 60;

/// How long a retired key is kept.
pub(super) static OVERLAP: Pattern = Pattern {
    what: "an overlap",
    regex: "^[1-9][0-9]{0,5}[mhd]$",
    refuse: |text| {
        let within = duration(text).is_some_and(|seconds| seconds <= LONGEST);
        refuse_unless(within, "a whole number of minutes, hours or days, at most 400 days: `30m`, `24h`, `30d`")
    },
};

/// The seconds of a text that [`OVERLAP`] takes.
pub(super) fn seconds(text: &str) -> u32 {
    duration(text).unwrap_or_default()
}

fn duration(text: &str) -> Option<u32> {
    let unit = match text.chars().last()? {
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    let plain =
        number.len() <= 6 && starts_with(number, |c| ('1'..='9').contains(&c)) && all(number, |c| c.is_ascii_digit());
    plain.then(|| number.parse::<u32>().ok())?.and_then(|number| number.checked_mul(unit))
}

pub(super) static BUCKET: Pattern = Pattern {
    what: "the name of an S3 bucket",
    regex: "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$",
    refuse: |text| {
        let is_fit = (3..=63).contains(&text.len())
            && all(text, |c| is_lower_or_digit(c) || c == '-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        refuse_unless(
            is_fit,
            "a bucket's name has 3 to 63 lower-case letters, digits and `-`, with `-` neither first nor last",
        )
    },
};

pub(super) static PACKAGE: Pattern = Pattern {
    what: "the name of a Cargo package",
    regex: "^[A-Za-z_][A-Za-z0-9_-]{0,63}$",
    refuse: |text| {
        let is_fit = text.len() <= 64
            && starts_with(text, |c| c.is_ascii_alphabetic() || c == '_')
            && all(text, |c| c.is_ascii_alphanumeric() || "-_".contains(c));
        refuse_unless(
            is_fit,
            "a package's name has letters, digits, `-` and `_`, 64 at most, and does not start with a digit",
        )
    },
};

/// AWS takes 256 characters; the rest is for our own marks.
pub(super) static DESCRIPTION: Pattern = Pattern {
    what: "a description",
    regex: r"^[^\u0000-\u001f\u007f]{0,200}$",
    refuse: |text| {
        let is_fit = text.chars().count() <= 200 && !text.chars().any(|c| c.is_ascii_control());
        refuse_unless(is_fit, "a description is one line of at most 200 characters")
    },
};

pub(super) static FILE: Pattern = Pattern {
    what: "a file",
    regex: r"^[^\u0000-\u001f\u007f]{1,400}$",
    refuse: |text| {
        let is_fit = (1..=400).contains(&text.chars().count()) && !text.chars().any(|c| c.is_ascii_control());
        refuse_unless(is_fit, "a file is given by its path from the stack file's folder: `handlers/openapi.yaml`")
    },
};

/// A folder or a file by its path, which cannot lead out of where it starts.
pub(super) static FOLDER: Pattern = Pattern {
    what: "a path",
    regex: r"^[^/\\\u0000-\u001f\u007f]+(/[^/\\\u0000-\u001f\u007f]+)*$",
    refuse: |text| {
        let is_part = |part: &str| !part.is_empty() && part != ".." && part != ".";
        let is_fit = text == "."
            || (text.chars().count() <= 400
                && !text.contains(|c: char| c.is_ascii_control() || c == '\\')
                && text.split('/').all(is_part));
        refuse_unless(is_fit, "a path from there, without `..` and without `/` at its start and end: `site/dist`")
    },
};

pub(super) static COMMAND: Pattern = Pattern {
    what: "a command",
    regex: r"^[^\u0000-\u001f\u007f]{1,1000}$",
    refuse: |text| {
        let is_fit = (1..=1000).contains(&text.chars().count()) && !text.chars().any(|c| c.is_ascii_control());
        refuse_unless(is_fit, "a command is one line: `npm ci && npm run build`")
    },
};

/// What CloudFront takes as a path pattern, without the slash at its start.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern>
pub(super) static PATHS: Pattern = Pattern {
    what: "a path pattern",
    regex: r#"^[A-Za-z0-9_.*?$~"'@:+-][A-Za-z0-9_.*?$/~"'@:+-]{0,253}$"#,
    refuse: |text| {
        let is_fit = (1..=254).contains(&text.len())
            && !text.starts_with('/')
            && text != "*"
            && all(text, |c| c.is_ascii_alphanumeric() || "_-.*?$/~\"'@:+".contains(c));
        refuse_unless(is_fit, "a pattern names paths below the root, with `*` for any run of characters: `assets/*`")
    },
};

/// RFC 9110, 5.5: visible ASCII with spaces between.
pub(super) static HEADER_VALUE: Pattern = Pattern {
    what: "the value of a header",
    regex: r"^([!-~]([ -~]{0,4094}[!-~])?)?$",
    refuse: |text| {
        let is_fit = text.len() <= 4096 && all(text, |c| (' '..='~').contains(&c)) && text.trim() == text;
        refuse_unless(is_fit, "a header's value is one line of visible ASCII characters, with spaces only between them")
    },
};

/// RFC 1123, 2.1, as certificates and records have it: in lower case.
pub(super) static DOMAIN: Pattern = Pattern {
    what: "the name of a host",
    regex: "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
    refuse: |text| {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && all(label, |c| is_lower_or_digit(c) || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_fit = text.len() <= 253
            && text.split('.').count() > 1
            && text.split('.').all(is_label)
            && text.rsplit('.').next().is_some_and(|last| starts_with(last, |c| c.is_ascii_lowercase()));
        refuse_unless(is_fit, "a host's name in lower case: `memo.example.com`")
    },
};

pub(super) static CERTIFICATE: Pattern = Pattern {
    what: "the ARN of a certificate",
    regex: "^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$",
    refuse: |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let is_fit = matches!(parts.as_slice(), ["arn", partition, "acm", _, account, certificate]
        if partition.starts_with("aws")
            && account.len() == 12 && all(account, |c| c.is_ascii_digit())
            && certificate.strip_prefix("certificate/").is_some_and(|id| {
                !id.is_empty() && all(id, |c| c.is_ascii_alphanumeric() || c == '-')
            }));
        refuse_unless(is_fit, "ACM shows it: `arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-...`")
    },
};

pub(super) static ZONE: Pattern = Pattern {
    what: "the id of a hosted zone",
    regex: "^[A-Z0-9]{1,32}$",
    refuse: |text| {
        let is_fit = (1..=32).contains(&text.len()) && all(text, |c| c.is_ascii_uppercase() || c.is_ascii_digit());
        refuse_unless(is_fit, "Route 53 shows it: `Z0123456789ABCDEFGHIJ`")
    },
};

/// Lambda's rule for the names of environment variables.
pub(super) static VARIABLE: Pattern = Pattern {
    what: "the name of an environment variable",
    regex: "^[A-Za-z][A-Za-z0-9_]+$",
    refuse: |text| {
        let is_fit = text.len() >= 2
            && starts_with(text, |c| c.is_ascii_alphabetic())
            && all(text, |c| c.is_ascii_alphanumeric() || c == '_');
        refuse_unless(is_fit, "it starts with a letter, then has one or more letters, digits and `_`")
    },
};

pub(super) static ANYTHING: Pattern = Pattern { what: "text", regex: "", refuse: |_| None };

pub(super) static ATTRIBUTE: Pattern = Pattern {
    what: "the name of an attribute",
    regex: "^.{1,255}$",
    refuse: |text| {
        let is_fit = (1..=255).contains(&text.len()) && !text.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
        refuse_unless(is_fit, "it is one line of 1 to 255 bytes")
    },
};

pub(super) static INDEX: Pattern = Pattern {
    what: "the name of an index",
    regex: "^[A-Za-z0-9_.-]{3,255}$",
    refuse: |text| {
        let is_fit = (3..=255).contains(&text.len()) && all(text, |c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        refuse_unless(is_fit, "it has 3 to 255 letters, digits, `_`, `.` and `-`")
    },
};

/// RFC 6749, 3.3: `scope-token`.
pub(super) static SCOPE: Pattern = Pattern {
    what: "a scope",
    regex: r"^[!#-\[\]-~]{1,128}$",
    refuse: |text| {
        let is_fit = (1..=128).contains(&text.len()) && all(text, |c| c.is_ascii_graphic() && !"\"\\".contains(c));
        refuse_unless(is_fit, "a scope has 1 to 128 visible ASCII characters, without `\"` and `\\`: `memos:read`")
    },
};

/// RFC 9110, 5.6.2: `token`.
pub(super) static HEADER: Pattern = Pattern {
    what: "the name of a header",
    regex: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$",
    refuse: |text| {
        let is_fit = (1..=128).contains(&text.len())
            && all(text, |c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
        refuse_unless(is_fit, "a header's name has letters, digits and `-`: `If-Match`")
    },
};

/// RFC 6454: an origin as browsers send it has no path, not even `/`.
pub(super) static ORIGIN: Pattern = Pattern {
    what: "an origin",
    regex: r"^(\*|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)$",
    refuse: |text| {
        let is_fit = text == "*" || without_scheme(text).is_some_and(is_authority);
        refuse_unless(is_fit, "an origin is `*`, or a scheme and a host without a path: `https://example.com`")
    },
};

/// RFC 8414, 2: a URL without query and fragment. It is kept in a stage variable, whose characters API Gateway limits.
pub(super) static ISSUER: Pattern = Pattern {
    what: "an issuer",
    regex: r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$",
    refuse: |text| {
        let is_fit = text.len() <= 512
            && without_scheme(text).is_some_and(|rest| {
                let mut parts = rest.split('/');
                parts.next().is_some_and(is_authority)
                    && parts
                        .all(|part| !part.is_empty() && all(part, |c| c.is_ascii_alphanumeric() || "._~-".contains(c)))
            });
        refuse_unless(
            is_fit,
            "an issuer is a URL without a query, a fragment and a slash at its end: `https://id.example.com`",
        )
    },
};

/// What follows the issuer in an audience.
pub(super) static AUDIENCE: Pattern = Pattern {
    what: "an audience",
    regex: r"^(/[A-Za-z0-9._~-]+)+$",
    refuse: |text| {
        let is_fit = text.len() <= 512
            && text.strip_prefix('/').is_some_and(|rest| {
                rest.split('/')
                    .all(|part| !part.is_empty() && all(part, |c| c.is_ascii_alphanumeric() || "._~-".contains(c)))
            });
        refuse_unless(is_fit, "an audience is told by the path that follows the issuer: `/v1/memos`")
    },
};

fn without_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))
}

fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    !host.is_empty()
        && all(host, |c| c.is_ascii_alphanumeric() || ".-".contains(c))
        && (1..=5).contains(&port.len())
        && all(port, |c| c.is_ascii_digit())
}

fn is_lower_or_digit(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn all(text: &str, is_fit: impl Fn(char) -> bool) -> bool {
    text.chars().all(is_fit)
}

fn starts_with(text: &str, is_fit: impl Fn(char) -> bool) -> bool {
    text.starts_with(is_fit)
}

fn refuse_unless(is_fit: bool, rule: &str) -> Option<String> {
    (!is_fit).then(|| rule.to_owned())
}
