//! The page: its build, and its files with what they are to be served with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use md5::{Digest as _, Md5};

use super::Error;
use crate::digest::Digest;
use crate::stack::{Site, Stack};

/// The page's files by their paths below the root of the site: `index.html`, `assets/index-Bx3f.js`.
pub type Files = BTreeMap<String, File>;

/// One file of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is on this machine.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The MD5 of its content in hexadecimal: what S3 tells of an object that was put in one piece, by its `ETag`.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
    pub md5: String,
    /// Whether its name has a hash of its content.
    pub is_asset: bool,
}

/// What is no part of a page though it lies in its folder.
const IGNORED: [&str; 2] = [".DS_Store", "Thumbs.db"];

/// What is installed for a build beside its sources.
const INSTALLED: [&str; 1] = ["node_modules"];

/// Builds the page of `stack` where something of it has changed, and reads its files. Without a page there are none.
pub fn package(stack: &Stack) -> Result<Files, Error> {
    let Some(site) = &stack.site else { return Ok(Files::new()) };
    let folder = stack.root.join(site.files());
    if let Some(command) = &site.build {
        build((site, command), stack, &folder)?;
    }
    let files = read(site, &folder)?;
    check(stack, site, &files)?;
    Ok(files)
}

/// The folder whose files the page is made from, where there is a page, and the one among them that a build makes.
pub(super) fn sources(stack: &Stack) -> Option<(PathBuf, Option<PathBuf>)> {
    let site = stack.site.as_ref()?;
    let made = site.build.is_some().then(|| stack.root.join(site.files()));
    Some((stack.root.join(&site.path), made))
}

/// Runs the build, unless it was run for the same sources, and what it made then is still there.
fn build((site, command): (&Site, &str), stack: &Stack, folder: &Path) -> Result<(), Error> {
    let path = stack.root.join(&site.path);
    let note = stack.root.join(".memoctl").join("site");
    if !path.is_dir() {
        return Err(Error::NoSite { folder: path });
    }
    // What changes while it is built is built the next time.
    let sources = contents(&path, folder)?;
    let state = || Ok::<_, Error>(Digest::of(&(command, &stack.stage, &sources, made(folder)?)).to_string());
    if folder.is_dir() && std::fs::read_to_string(&note).is_ok_and(|known| state().is_ok_and(|now| now == known)) {
        return Ok(());
    }
    let run = |source| Error::Run { command: command.to_owned(), source };
    let mut shell = if cfg!(windows) { Command::new("cmd") } else { Command::new("sh") };
    shell
        .args([if cfg!(windows) { "/C" } else { "-c" }, command])
        .current_dir(&path)
        .env("MEMOCTL_STAGE", &stack.stage);
    // stdout is for memoctl's own data.
    let output = shell.stdin(std::process::Stdio::null()).output().map_err(run)?;
    if !output.status.success() {
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        return Err(Error::Site { command: command.to_owned(), folder: path, said: said.trim_end().to_owned() });
    }
    if !folder.is_dir() {
        return Err(Error::NothingBuilt { command: command.to_owned(), folder: folder.to_owned() });
    }
    let now = state()?;
    // What cannot be noted is only built again.
    let _ = note.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&note, now));
    Ok(())
}

/// What the files of the sources in `folder` hold, but for those of `output` and what is installed. It goes by content:
/// builds write files again as they were.
fn contents(folder: &Path, output: &Path) -> Result<Vec<(String, String)>, Error> {
    let mut contents = Vec::new();
    walk(folder, &|path| path != output && !INSTALLED.iter().any(|name| path.ends_with(name)), &mut |path, name| {
        contents.push((name, read_digest(path)?.1));
        Ok(())
    })?;
    contents.sort();
    Ok(contents)
}

/// What the files that a build has made in `folder` are like, without reading them: names, sizes and times.
fn made(folder: &Path) -> Result<Vec<(String, u64, u128)>, Error> {
    let mut made = Vec::new();
    walk(folder, &|_| true, &mut |path, name| {
        let unread = |source| Error::Read { path: path.to_owned(), source };
        let file = std::fs::metadata(path).map_err(unread)?;
        let changed = file.modified().map_err(unread)?.duration_since(UNIX_EPOCH).unwrap_or_default();
        made.push((name, file.len(), changed.as_nanos()));
        Ok(())
    })?;
    made.sort();
    Ok(made)
}

/// The files of `site`, which are in `folder`.
pub fn read(site: &Site, folder: &Path) -> Result<Files, Error> {
    let mut files = Files::new();
    if !folder.is_dir() {
        return Err(Error::NoSite { folder: folder.to_owned() });
    }
    let unread = |source| Error::Read { path: folder.to_owned(), source };
    let root = folder.canonicalize().map_err(unread)?;
    walk(folder, &|path| !IGNORED.iter().any(|ignored| path.ends_with(ignored)), &mut |path, name| {
        if !path.canonicalize().map_err(|source| Error::Read { path: path.to_owned(), source })?.starts_with(&root) {
            return Err(Error::Outside { path: path.to_owned() });
        }
        let (length, md5) = read_digest(path)?;
        let is_asset = site.is_asset(&name);
        files.insert(name, File { path: path.to_owned(), size: length, md5, is_asset });
        Ok(())
    })?;
    Ok(files)
}

/// Gives each file below `folder` that `takes` takes, with its path from there, parts divided by `/`.
fn walk(
    folder: &Path,
    takes: &impl Fn(&Path) -> bool,
    each: &mut impl FnMut(&Path, String) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let unread = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Read { path, source }
        };
        for entry in std::fs::read_dir(&folder).map_err(unread(&folder))? {
            let path = entry.map_err(unread(&folder))?.path();
            if !takes(&path) {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_str();
            let name = name.ok_or_else(|| Error::SiteName { path: path.clone() })?;
            let name = format!("{prefix}{name}");
            // Links are followed: what they lead to is what is served. To read a pipe would have no end.
            let kind = std::fs::metadata(&path).map_err(unread(&path))?;
            if kind.is_dir() {
                folders.push((path, format!("{name}/")));
            } else if kind.is_file() {
                each(&path, name)?;
            } else {
                return Err(Error::NoFile { path });
            }
        }
    }
    Ok(())
}

fn read_digest(path: &Path) -> Result<(u64, String), Error> {
    digest(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn digest(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    let (mut digest, mut size, mut buffer) = (Md5::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        size += read as u64;
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok((size, text))
}

/// Names that the page needs, and files that nobody could get.
fn check(stack: &Stack, site: &Site, files: &Files) -> Result<(), Error> {
    let needed = [Some(Site::INDEX), site.fallback.as_deref()];
    if let Some(missing) = needed.into_iter().flatten().find(|name| files.get(*name).is_none_or(|file| file.is_asset)) {
        return Err(Error::NoPage { folder: stack.root.join(site.files()), name: missing.to_owned() });
    }
    let hidden = stack.api.iter().flat_map(crate::stack::Api::paths).find_map(|pattern| {
        let below = pattern.trim_start_matches('/');
        files.keys().find(|name| crate::stack::path_matches(below, name)).map(|name| (name.clone(), pattern.clone()))
    });
    if let Some((name, pattern)) = hidden {
        return Err(Error::Hidden { name, pattern });
    }
    // What is asked for without a dot is no file, as soon as one such path is answered by another.
    let folder = files.iter().find(|(name, file)| !file.is_asset && name.ends_with(&format!("/{}", Site::INDEX)));
    let by = site.fallback.clone().or_else(|| folder.map(|_| format!("the {} of a folder", Site::INDEX)));
    let is_dotless = |(name, file): &(&String, &File)| {
        !file.is_asset && !name.rsplit('/').next().is_some_and(|last| last.contains('.'))
    };
    match (by, files.iter().find(is_dotless)) {
        (Some(by), Some((name, _))) => Err(Error::Shadowed { name: name.clone(), by }),
        _ => Ok(()),
    }
}

impl File {
    /// The `Content-Type` of a file of this name.
    pub fn content_type(name: &str) -> String {
        let guessed = mime_guess::from_path(name).first_or_octet_stream();
        let kind = guessed.essence_str();
        // What these are made of is text in UTF-8, which browsers guess otherwise.
        let is_text = kind.starts_with("text/")
            || matches!(
                kind,
                "application/javascript" | "application/json" | "application/manifest+json" | "application/xml"
            );
        if is_text { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
    }

    /// The `Cache-Control` of an asset: RFC 8246.
    pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";
    /// The `Cache-Control` of all else: kept, but asked after each time.
    pub const REVALIDATED: &str = "no-cache";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_to_be_utf_8_and_what_is_unknown_to_be_bytes() {
        for (name, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("assets/a.js", "text/javascript; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.svg", "image/svg+xml"),
            ("a.woff2", "font/woff2"),
            ("a.webmanifest", "application/manifest+json; charset=utf-8"),
            ("a.json", "application/json; charset=utf-8"),
            ("LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(File::content_type(name), expected, "{name}");
        }
    }

    #[test]
    fn a_file_is_known_by_the_md5_of_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        // RFC 1321, A.5.
        assert_eq!(digest(&path).unwrap(), (3, "900150983cd24fb0d6963f7d28e17f72".to_owned()));
    }

    /// A page whose build copies its only source, and counts how often it is run.
    fn built(command: &str) -> (tempfile::TempDir, Stack) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("site")).unwrap();
        std::fs::write(folder.path().join("site/page.html"), "one").unwrap();
        let site = Site {
            path: "site".to_owned(),
            build: Some(command.to_owned()),
            output: Some("dist".to_owned()),
            assets: Site::default_assets(),
            fallback: None,
            headers: BTreeMap::new(),
            domain: None,
        };
        let stack = Stack { root: folder.path().to_owned(), site: Some(site), ..Stack::example() };
        (folder, stack)
    }

    #[cfg(unix)]
    #[test]
    fn a_build_is_run_where_a_source_has_another_content_or_what_it_made_is_no_more() {
        let (folder, stack) =
            built("echo run >> ../runs; touch page.html; mkdir -p dist; cp page.html dist/index.html");
        let runs = || std::fs::read_to_string(folder.path().join("runs")).unwrap().lines().count();
        let first = package(&stack).unwrap();
        assert_eq!((runs(), first.keys().map(String::as_str).collect::<Vec<_>>()), (1, vec!["index.html"]));
        assert_eq!((package(&stack).unwrap(), runs()), (first.clone(), 1));
        std::fs::write(folder.path().join("site/page.html"), "two").unwrap();
        assert_ne!(package(&stack).unwrap(), first);
        assert_eq!(runs(), 2);
        std::fs::remove_dir_all(folder.path().join("site/dist")).unwrap();
        package(&stack).unwrap();
        assert_eq!(runs(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_build_that_makes_nothing_is_told_by_its_command() {
        let (_folder, stack) = built("true");
        let error = package(&stack).unwrap_err();
        assert!(error.to_string().starts_with("the page's build made no folder "), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("`output`")));
    }

    #[cfg(unix)]
    #[test]
    fn what_leads_out_of_the_folder_is_not_published() {
        let (folder, stack) = built("mkdir -p dist; cp page.html dist/index.html; ln -sf index.html dist/same.html");
        assert_eq!(package(&stack).unwrap().len(), 2);
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("site/dist/host.txt")).unwrap();
        let error = package(&stack).unwrap_err().to_string();
        assert!(error.ends_with("host.txt leads out of the page's folder"), "{error}");
        std::fs::remove_file(folder.path().join("site/dist/host.txt")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("site/dist/socket")).unwrap();
        let error = package(&stack).unwrap_err().to_string();
        assert!(error.ends_with("socket is no file"), "{error}");
    }

    #[test]
    fn a_file_without_a_dot_is_refused_where_such_paths_are_answered_by_another() {
        let (folder, mut stack) = built("true");
        let dist = folder.path().join("site/dist");
        let write = |name: &str| {
            std::fs::create_dir_all(dist.join(name).parent().unwrap()).unwrap();
            std::fs::write(dist.join(name), name).unwrap();
        };
        ["index.html", "LICENSE", "assets/LICENSE", "assets/deep/index.html"].into_iter().for_each(write);
        package(&stack).unwrap();
        write("about/index.html");
        let error = package(&stack).unwrap_err().to_string();
        assert!(
            error.contains("`LICENSE` could never be got") && error.contains("the index.html of a folder"),
            "{error}"
        );
        stack.site.as_mut().unwrap().fallback = Some("index.html".to_owned());
        let error = package(&stack).unwrap_err().to_string();
        assert!(error.ends_with("answered by index.html"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_build_that_fails_says_what_it_said_and_where() {
        let (_folder, stack) = built("echo no such thing >&2; exit 3");
        let error = package(&stack).unwrap_err().to_string();
        assert!(error.contains("the page's build failed in ") && error.ends_with("no such thing"), "{error}");
    }

    #[test]
    fn a_page_without_its_index_is_refused_by_name() {
        let (folder, stack) = built("true");
        std::fs::create_dir_all(folder.path().join("site/dist/assets")).unwrap();
        std::fs::write(folder.path().join("site/dist/assets/index.html"), "an asset").unwrap();
        let error = package(&stack).unwrap_err().to_string();
        assert!(error.starts_with("the page has no `index.html` in "), "{error}");
    }
}
