//! What the keys of a route to a service may be.

use crate::stack::form::Pattern;

/// API Gateway takes a whole HTTP(S) URL, encoded by RFC 3986 (API reference, `Integration`). What is put in for a
/// variable is a part of the path; parameters of the query string have a key of their own.
pub(super) static URL: Pattern = Pattern {
    what: "a service's URL",
    regex: r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}|\{[A-Za-z0-9._-]+\})*)?$",
    refuse: refuse_url,
};

/// The address of a service with a name, which functions are told in a variable of the stage: that takes letters, digits
/// and `-._~:/?#&=,`, 512 at most (API reference, `CreateStage`).
pub(super) static BASE: Pattern = Pattern {
    what: "a service's URL",
    regex: r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._~&=,:/-]*)?$",
    refuse: |text| {
        refuse_url(text).or_else(|| {
            let other = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"-._~:/&=,".contains(*c));
            let told = "the URL is told in a variable of the API's stage, which takes";
            match other {
                Some(c) => Some(format!("{told} no `{c}`")),
                None => (text.len() > 512).then(|| format!("{told} 512 characters")),
            }
        })
    },
};

/// The path of a route to a service with a name.
pub(super) static PATH: Pattern = Pattern {
    what: "the path of a service",
    regex: r"^/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}|\{[A-Za-z0-9._-]+\})*$",
    refuse: |text| {
        if !text.starts_with('/') {
            return Some("a path starts with `/`: `/{proxy}`".to_owned());
        }
        refuse_query(text).or_else(|| refuse_path(text))
    },
};

/// API Gateway's rule for the names of parameters: `^[a-zA-Z0-9._$-]+$`.
pub(super) static PARAMETER: Pattern = Pattern {
    what: "the name of a parameter",
    regex: r"^[A-Za-z0-9._$-]{1,128}$",
    refuse: |text| {
        let is_fit =
            (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._$-".contains(c));
        (!is_fit).then(|| "it has letters, digits, `.`, `_`, `$` and `-`: `X-Tenant`".to_owned())
    },
};

/// API Gateway's mapping expressions, without those of the body.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html>
pub(super) static EXPRESSION: Pattern = Pattern {
    what: "a mapping expression",
    regex: r"^('[ -&(-~]+'|(method\.request\.(header|querystring|path)|context|stageVariables)\.[A-Za-z0-9._$-]+)$",
    refuse: |text| {
        let fixed = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let is_fixed =
            fixed.is_some_and(|text| !text.is_empty() && text.chars().all(|c| (' '..='~').contains(&c) && c != '\''));
        let places = [
            "method.request.header.",
            "method.request.querystring.",
            "method.request.path.",
            "context.",
            "stageVariables.",
        ];
        let is_named =
            places.iter().any(|place| text.strip_prefix(place).is_some_and(|name| (PARAMETER.refuse)(name).is_none()));
        (!is_fixed && !is_named).then(|| {
            "it is `context.NAME`, `stageVariables.NAME`, `method.request.header.NAME` (or `querystring`, or `path`), or fixed \
             text in single quotes: `'memo'`"
                .to_owned()
        })
    },
};

pub(super) static VPC_LINK: Pattern = Pattern {
    what: "the id of a VPC link",
    regex: "^[a-z0-9]{1,64}$",
    refuse: |text| {
        let is_fit =
            (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        (!is_fit).then(|| "an id has lower-case letters and digits: `ab1c2d`".to_owned())
    },
};

fn refuse_url(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return Some("a URL starts with `https://` or `http://`".to_owned());
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |start| rest.split_at(start));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "0"));
    let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
        && is_edge(host.chars().next())
        && is_edge(host.chars().last());
    let is_port = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    if !is_host || !is_port {
        return Some("after `https://` comes a host's name and, where it needs one, `:` and a port".to_owned());
    }
    refuse_query(path).or_else(|| refuse_path(path))
}

fn refuse_query(path: &str) -> Option<String> {
    path.contains(['?', '#'])
        .then(|| "a URL ends with its path; parameters are added by `query = { NAME = \"'VALUE'\" }`".to_owned())
}

fn refuse_path(path: &str) -> Option<String> {
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let hexadecimal = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
        let taken = match c {
            '{' => {
                let name = rest[1..].split_once('}').map(|(name, _)| name).filter(|name| !name.is_empty());
                let Some(name) = name else { return Some("a variable is a name in braces: `{id}`".to_owned()) };
                if let Some(name) = name.strip_suffix('+') {
                    return Some(format!("write `{{{name}}}` here; `+` stands in the route alone"));
                }
                if !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
                    return Some(format!(
                        "a variable's name has letters, digits, `.`, `_` and `-`; `{name}` has others"
                    ));
                }
                name.len() + 2
            }
            '%' if hexadecimal(rest.as_bytes().get(1)) && hexadecimal(rest.as_bytes().get(2)) => 3,
            c if c.is_ascii_alphanumeric() || "._~!$&'()*+,;=:@/-".contains(c) => 1,
            c => return Some(format!("`{c}` is written percent-encoded in a URL")),
        };
        rest = &rest[taken..];
    }
    None
}

/// The names in a URL's braces.
pub fn variables(url: &str) -> impl Iterator<Item = &str> {
    url.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
