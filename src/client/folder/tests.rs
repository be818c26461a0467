use tempfile::TempDir;

use super::*;

fn files(texts: &[(&str, &str)]) -> Files {
    texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Writes `files`, and gives what was changed.
fn write(path: &Path, files: &Files) -> Result<Vec<(String, Change)>, Error> {
    let folder = Folder::open(path, Language::Rust)?;
    let changes = folder.changes(files, Language::Rust)?;
    folder.write(files, Language::Rust, &changes)?;
    Ok(changes.into_iter().filter(|(name, _)| name != LIST).collect())
}

fn read(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn changed(name: &str, change: Change) -> (String, Change) {
    (name.to_owned(), change)
}

#[test]
fn a_folder_that_is_not_there_is_made_with_the_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/client");
    write(&path, &files(&[("a", "1"), ("src/b", "2")])).unwrap();
    assert_eq!((read(&folder, "new/client/a"), read(&folder, "new/client/src/b")), ("1".into(), "2".into()));
    let mut there: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, [LIST, "a", "src"]);
}

#[test]
fn what_is_as_it_has_to_be_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let made = files(&[("a", "1"), ("b", "2")]);
    write(folder.path(), &made).unwrap();
    let written = |name: &str| folder.path().join(name).metadata().unwrap().modified().unwrap();
    let (before, list) = (written("a"), written(LIST));
    assert_eq!(write(folder.path(), &made).unwrap(), []);
    assert_eq!(write(folder.path(), &files(&[("a", "1"), ("b", "3")])).unwrap(), [changed("b", Change::Update)]);
    assert_eq!((written("a"), written(LIST)), (before, list));
}

#[test]
fn files_that_are_no_longer_made_go_and_their_folders_with_them() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files(&[("a", "1"), ("x/y/b", "2")])).unwrap();
    assert_eq!(write(folder.path(), &files(&[("a", "1")])).unwrap(), [changed("x/y/b", Change::Delete)]);
    assert!(!folder.path().join("x").exists());
}

#[test]
fn what_others_put_into_a_client_stays() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files(&[("x/a", "1")])).unwrap();
    std::fs::write(folder.path().join("x/mine"), "mine").unwrap();
    write(folder.path(), &files(&[("b", "2")])).unwrap();
    assert_eq!(read(&folder, "x/mine"), "mine");
}

#[test]
fn a_folder_with_the_files_of_others_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "mine").unwrap();
    let error = write(folder.path(), &files(&[("b", "1")])).unwrap_err();
    assert!(error.usage && error.error.contains("it has files that are not memoctl's"), "{error}");
    assert!(!folder.path().join("b").exists());
}

#[test]
fn a_file_of_others_in_a_client_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files(&[("a", "1")])).unwrap();
    std::fs::write(folder.path().join("b"), "mine").unwrap();
    let error = write(folder.path(), &files(&[("a", "2"), ("b", "2")])).unwrap_err();
    assert!(error.error.ends_with("b: the file is not memoctl's"), "{error}");
    assert_eq!((read(&folder, "a"), read(&folder, "b")), ("1".into(), "mine".into()));
}

#[test]
fn a_client_in_another_language_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files(&[("a", "1")])).unwrap();
    let error = Folder::open(folder.path(), Language::Typescript).unwrap_err();
    assert!(error.error.contains("it is rust that memoctl has written there"), "{error}");
}

#[test]
fn a_list_that_leads_out_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["../a", "/etc/a", "x/../../a", ""] {
        std::fs::write(folder.path().join(LIST), format!("# `memoctl client rust`\n{name}\n")).unwrap();
        let error = Folder::open(folder.path(), Language::Rust).unwrap_err();
        assert!(error.error.contains(&format!("names `{name}`")), "{error}");
    }
}

#[test]
fn a_failure_half_way_leaves_the_client_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let before = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
    write(folder.path(), &before).unwrap();
    let after = files(&[("a", "new"), ("c", "3"), ("d", "new"), ("e/f", "new")]);
    let open = Folder::open(folder.path(), Language::Rust).unwrap();
    let changes = open.changes(&after, Language::Rust).unwrap();
    // Where a folder has to be, a file comes up between the look and the write.
    std::fs::write(folder.path().join("e"), "mine").unwrap();
    open.write(&after, Language::Rust, &changes).unwrap_err();
    assert_eq!([read(&folder, "a"), read(&folder, "b"), read(&folder, "e")], ["1", "2", "mine"]);
    assert!(!folder.path().join("d").exists() && !folder.path().join(ASIDE).exists());
    std::fs::remove_file(folder.path().join("e")).unwrap();
    assert_eq!(write(folder.path(), &before).unwrap(), []);
}

#[test]
fn what_a_killed_run_left_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(ASIDE)).unwrap();
    std::fs::write(folder.path().join(ASIDE).join("left"), "").unwrap();
    write(folder.path(), &files(&[("a", "1")])).unwrap();
    assert!(!folder.path().join(ASIDE).exists());
}
