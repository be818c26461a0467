//! The TypeScript client, by [Hey API](https://heyapi.dev): types, a function an operation, and a client over `fetch` that
//! comes with them, so that nothing is needed at run time.

mod install;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Error, Files};

/// Makes the client of `document` for the folder `out`. Hey API is the one of a package that `out` is in, or else the one
/// that is kept below `cache`, where it is installed unless it is there; `talk` is told so before.
pub fn generate(document: &Value, out: &Path, cache: &Path, talk: impl Fn(&str)) -> Result<Files, Error> {
    let node = install::node()?;
    let generator = match install::of_package(out) {
        Some(generator) => generator,
        None => install::kept(cache, talk)?,
    };
    let act = "make a folder for Hey API's work";
    let work = tempfile::tempdir().map_err(|error| Error::io(act, &error))?;
    let made = work.path().join("client");
    for (name, text) in [
        ("openapi.json", format!("{:#}\n", patched(document))),
        ("openapi-ts.config.mjs", format!("export default {};\n", config(document, work.path()))),
    ] {
        std::fs::write(work.path().join(name), text).map_err(|error| Error::io(act, &error))?;
    }
    let output = Command::new(node)
        .arg(generator)
        .args(["--no-log-file", "--file"])
        .arg(work.path().join("openapi-ts.config.mjs"))
        .current_dir(work.path())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::io("run Hey API", &error))?;
    if !output.status.success() {
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        return Err(Error::failed(
            format!("Hey API makes no client of the description ({}):\n{}", output.status, told.trim()),
            "`memoctl openapi` shows the document that it was given",
        ));
    }
    let mut files = Files::new();
    read(&made, "", &mut files).map_err(|error| Error::io("read what Hey API has made", &error))?;
    if files.is_empty() {
        return Err(Error::failed("Hey API has made nothing of the description", "has it any operations?"));
    }
    Ok(files)
}

/// `document` with merge patches as nothing else: Hey API sends what comes first, and by its name that is JSON.
fn patched(document: &Value) -> Value {
    let mut document = document.clone();
    let mut rest = vec![&mut document];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(members) => {
                let patch = members.get("application/merge-patch+json").map(|patch| patch["schema"].clone());
                if patch
                    .is_some_and(|patch| members.get("application/json").is_some_and(|json| json["schema"] == patch))
                {
                    members.remove("application/json");
                }
                rest.extend(members.values_mut());
            }
            Value::Array(elements) => rest.extend(elements),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    document
}

/// What Hey API is told. No file of the machine has a say in it, so that the same document gives the same bytes anywhere.
fn config(document: &Value, work: &Path) -> Value {
    // An address that is relative to the document says nothing to who has the client alone: it begins without one.
    let server = document["servers"][0]["url"].as_str().filter(|url| url.contains("://"));
    let base: Value = server.map_or(Value::Bool(false), |url| url.trim_end_matches('/').into());
    json!({
        "input": work.join("openapi.json"),
        "output": { "path": work.join("client"), "tsConfigPath": null },
        "plugins": ["@hey-api/typescript", "@hey-api/sdk", { "name": "@hey-api/client-fetch", "baseUrl": base }],
        "logs": { "level": "error", "file": false },
    })
}

/// Reads all files below `folder`; `above` is their path's beginning.
fn read(folder: &Path, above: &str, files: &mut Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_patch_is_sent_as_one() {
        let (patch, json) = (json!({ "schema": { "type": "object" } }), json!({ "schema": { "type": "string" } }));
        let content = |json: &Value| json!([{ "application/merge-patch+json": patch, "application/json": json }]);
        assert_eq!(patched(&content(&patch)), json!([{ "application/merge-patch+json": patch }]));
        assert_eq!(patched(&content(&json)), content(&json));
    }

    #[test]
    fn an_address_is_the_clients_where_it_stands_alone() {
        let base = |url: &str| {
            let document = json!({ "servers": [{ "url": url }] });
            config(&document, Path::new("/w"))["plugins"][2]["baseUrl"].clone()
        };
        assert_eq!(base("https://api.example.com/dev/"), json!("https://api.example.com/dev"));
        assert_eq!(base("/"), json!(false));
    }
}
