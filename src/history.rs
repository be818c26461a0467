//! The records of releases: `<stack>/<stage>/releases/<id>.json` in the account's bucket. Losing them stops only pruning
//! and the detail of the history.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::aws::{Aws, Error, Skew, each};
use crate::digest::Digest;
use crate::plan::Id;
use crate::resource::{release, site};

/// One release: what it serves, by name and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The digest of the API that it serves, which also names its deployment.
    pub api: Digest,
    /// The digest of that API's authorizers. `None` in a record that does not tell: then nothing can go back to it.
    pub authorizers: Option<Digest>,
    /// The stage's variables; the API's id in them is symbolic. `None` as above.
    pub variables: Option<BTreeMap<String, String>>,
    /// The release that served when this one was made: the one before it. `None` where none did, and in a record that does
    /// not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// RFC 3339, UTC, by the cloud's clock.
    pub at: String,
    #[serde(flatten)]
    pub author: Author,
    /// Physical function names, and the digests of the versions it serves.
    pub functions: BTreeMap<String, Digest>,
    /// Physical role names, and the inline policies that its versions need.
    pub policies: BTreeMap<String, BTreeSet<String>>,
    /// The tables and signing keys that its functions are bound to, as `kind/name`. `None` in a record that does not
    /// tell: then the release may use any.
    pub uses: Option<BTreeSet<String>>,
    /// The page's files that change under their names: MD5s by name. `None` where there was no page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<BTreeMap<String, String>>,
    /// The keys of its other files, in the page's bucket.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub assets: BTreeSet<String>,
}

/// Who makes a release, and from which source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The caller's ARN, as STS tells it.
    pub by: String,
    /// The git revision of the stack's folder, with `+` when there were changes beside it.
    pub revision: Option<String>,
}

/// What releases beside the new one still need, and so must stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// What these releases name, newest first.
    Releases(Vec<Record>),
    /// All that is live: a release serves that no record tells of, so nobody can say what it needs.
    Everything,
}

impl Kept {
    /// Nothing beside the new release.
    pub const NOTHING: Self = Self::Releases(Vec::new());

    /// Of `records`, newest first, the releases to keep: `keep` with the new one, which serves `new`. `served` is what
    /// serves now, if anything does: when no record tells of it, everything is kept.
    pub fn beside(new: &Digest, records: Vec<Record>, keep: usize, served: Option<&str>) -> Self {
        if served.is_some_and(|served| !records.iter().any(|record| record.digest().as_str() == served)) {
            return Self::Everything;
        }
        let mut known = BTreeSet::from([new.clone()]);
        let mut kept: Vec<Record> = Vec::new();
        for record in records {
            // A release made again counts once.
            if known.len() < keep && known.insert(record.digest()) {
                kept.push(record);
            }
        }
        Self::Releases(kept)
    }

    /// Whether a kept release serves a version of `function`.
    pub fn function(&self, function: &str) -> bool {
        self.any(|record| record.functions.contains_key(function))
    }

    /// Whether a kept release serves the version of `function` that has `digest`.
    pub fn version(&self, function: &str, digest: &Digest) -> bool {
        self.any(|record| record.functions.get(function) == Some(digest))
    }

    /// Whether a version of a kept release needs `role`'s inline policy `policy`.
    pub fn policy(&self, role: &str, policy: &str) -> bool {
        self.any(|record| record.policies.get(role).is_some_and(|policies| policies.contains(policy)))
    }

    /// Whether a kept release is served by the deployment of the API with `digest`.
    pub fn deployment(&self, digest: &Digest) -> bool {
        self.any(|record| record.api == *digest)
    }

    /// Whether a function of a kept release is bound to the table or signing key `id`.
    pub fn uses(&self, id: &Id) -> bool {
        self.any(|record| record.uses.as_ref().is_none_or(|uses| uses.contains(&id.to_string())))
    }

    /// Whether a page of a kept release has the object `key` of the page's bucket.
    pub fn object(&self, key: &str) -> bool {
        let is_of = |page: &BTreeMap<String, String>| page.values().any(|md5| site::kept_key(md5) == key);
        self.any(|record| record.assets.contains(key) || record.page.as_ref().is_some_and(is_of))
    }

    fn any(&self, names: impl Fn(&Record) -> bool) -> bool {
        match self {
            Self::Releases(records) => records.iter().any(names),
            Self::Everything => true,
        }
    }
}

/// Records that are read, and kept: `history` shows no more, and `--keep` takes no more.
const RECORDS: usize = 100;

impl Record {
    /// By what the release is known.
    pub fn digest(&self) -> Digest {
        release::digest(&self.api, self.page.as_ref())
    }

    /// Ids sort by time.
    fn id(&self) -> String {
        format!("{}-{}", self.at, self.digest())
    }

    /// Writes the record of a release that is about to be made.
    pub async fn write(&self, aws: &Aws) -> Result<(), Error> {
        let key = aws.scope.record_key(&self.id());
        let body = serde_json::to_vec_pretty(self).map_err(|error| Error::refused("write", &key, error.to_string()))?;
        aws.bucket().ensure().await?;
        aws.bucket().put(&key, body.into()).await
    }
}

/// A record that nobody can read. It is taken for absent, and so nothing is pruned while its release serves; it stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreadable {
    /// Where it is in the account's bucket.
    pub key: String,
    pub error: String,
}

/// The newest records of the stack's stage, newest first.
pub async fn read(aws: &Aws) -> Result<Vec<Record>, Error> {
    Ok(read_all(aws).await?.0)
}

/// The same, and those of them that nobody can read.
pub async fn read_all(aws: &Aws) -> Result<(Vec<Record>, Vec<Unreadable>), Error> {
    let newest = keys(aws).await?.into_iter().rev().take(RECORDS);
    let read = each(newest, |key| async move {
        let content = aws.bucket().get(&key).await?;
        Ok(content.map(|content| match serde_json::from_slice::<Record>(&content) {
            Ok(record) => Ok(record),
            Err(error) => Err(Unreadable { key, error: error.to_string() }),
        }))
    });
    let (mut records, mut unreadable) = (Vec::new(), Vec::new());
    for read in read.await?.into_iter().flatten() {
        match read {
            Ok(record) => records.push(record),
            Err(error) => unreadable.push(error),
        }
    }
    records.sort_by_key(|record: &Record| Reverse(record.id()));
    unreadable.sort_by(|one: &Unreadable, other| other.key.cmp(&one.key));
    Ok((records, unreadable))
}

/// Deletes all but the newest records.
pub async fn prune(aws: &Aws) -> Result<(), Error> {
    delete(keys(aws).await?.into_iter().rev().skip(RECORDS), aws).await
}

/// The keys of all records, oldest first.
pub async fn keys(aws: &Aws) -> Result<Vec<String>, Error> {
    aws.bucket().list(&aws.scope.record_prefix()).await
}

/// Deletes the records with `keys`, which are all.
pub async fn erase(keys: Vec<String>, aws: &Aws) -> Result<(), Error> {
    delete(keys, aws).await?;
    aws.directory.put_erased();
    Ok(())
}

/// Deletes the records that are there, unless this run has done so.
pub async fn erase_left(aws: &Aws) -> Result<(), Error> {
    if aws.directory.is_erased() { Ok(()) } else { erase(keys(aws).await?, aws).await }
}

async fn delete(keys: impl IntoIterator<Item = String>, aws: &Aws) -> Result<(), Error> {
    each(keys, |key| async move { aws.bucket().delete(&key).await }).await.map(drop)
}

/// The time of a record that is made now by `clock`, with milliseconds, so that text sorts as time does.
pub fn now(clock: &Skew) -> String {
    format!("{:.3}", clock.now())
}

/// The git revision of `folder`, with `+` when something in it is not committed; `None` where git knows none.
pub fn revision(folder: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(folder).args(arguments).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let revision = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--", "."]).is_some_and(|changes| !changes.is_empty());
    Some(if changed { format!("{revision}+") } else { revision })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A release of the API `name`, with a function, a policy and a table of the same name.
    fn record(name: &str) -> Record {
        Record {
            api: Digest::of(&name),
            authorizers: Some(Digest::of(&name)),
            variables: Some(BTreeMap::new()),
            before: None,
            at: "2026-11-20T06:00:00.000Z".to_owned(),
            author: Author::default(),
            functions: [(name.to_owned(), Digest::of(&name))].into(),
            policies: [("role".to_owned(), [name.to_owned()].into())].into(),
            uses: Some([format!("table/{name}")].into()),
            page: None,
            assets: BTreeSet::new(),
        }
    }

    fn records(names: &[&str]) -> Vec<Record> {
        names.iter().copied().map(record).collect()
    }

    fn beside(new: &str, names: &[&str], keep: usize, served: &str) -> Kept {
        Kept::beside(&Digest::of(&new), records(names), keep, Some(Digest::of(&served).as_str()))
    }

    #[test]
    fn the_new_release_counts_as_one_of_those_to_keep() {
        assert_eq!(beside("d", &["c", "b", "a"], 3, "c"), Kept::Releases(records(&["c", "b"])));
    }

    #[test]
    fn a_release_made_again_changes_nothing_of_what_is_kept() {
        assert_eq!(beside("c", &["c", "b", "a"], 3, "c"), Kept::Releases(records(&["b", "a"])));
        assert_eq!(beside("c", &["c", "c", "b", "c", "a"], 3, "c"), Kept::Releases(records(&["b", "a"])));
    }

    #[test]
    fn keeping_one_keeps_nothing_beside_the_new_release() {
        assert_eq!(beside("d", &["c", "b"], 1, "c"), Kept::NOTHING);
        assert_eq!(beside("d", &["c", "b"], 0, "c"), Kept::NOTHING);
    }

    #[test]
    fn when_no_record_tells_of_what_serves_everything_is_kept() {
        assert_eq!(beside("d", &[], 1, "c"), Kept::Everything);
        assert_eq!(beside("d", &["b", "a"], 1, "c"), Kept::Everything);
    }

    #[test]
    fn where_nothing_serves_nothing_is_missing_from_the_records() {
        assert_eq!(Kept::beside(&Digest::of(&"a"), Vec::new(), 5, None), Kept::NOTHING);
    }

    #[test]
    fn a_record_keeps_its_versions_policies_and_deployment_and_no_other() {
        let kept = Kept::Releases(records(&["a"]));
        assert!(kept.function("a") && kept.version("a", &Digest::of(&"a")) && kept.policy("role", "a"));
        assert!(kept.deployment(&Digest::of(&"a")));
        assert!(!kept.function("b") && !kept.version("a", &Digest::of(&"b")) && !kept.policy("role", "b"));
        assert!(!kept.deployment(&Digest::of(&"b")));
    }

    #[test]
    fn a_record_keeps_the_tables_and_keys_that_it_names() {
        let kept = Kept::Releases(records(&["a"]));
        assert!(kept.uses(&Id::new("table", "a")));
        assert!(!kept.uses(&Id::new("table", "b")) && !kept.uses(&Id::new("signing_key", "a")));
    }

    #[test]
    fn a_record_that_does_not_tell_what_it_uses_keeps_all_of_it() {
        let mut old = serde_json::to_value(record("a")).unwrap();
        old.as_object_mut().unwrap().remove("uses");
        let kept = Kept::Releases(vec![serde_json::from_value(old).unwrap()]);
        assert!(kept.uses(&Id::new("table", "b")));
    }

    #[test]
    fn a_record_of_the_first_version_is_read_and_tells_what_it_tells() {
        let text = r#"{"api":"0123456789abcdef","at":"2026-11-20T06:00:00.000Z","by":"arn","revision":null,
            "functions":{"a":"0123456789abcdef"},"policies":{"role":["a"]}}"#;
        let record: Record = serde_json::from_str(text).unwrap();
        assert_eq!((record.authorizers, record.variables, record.uses), (None, None, None));
        assert_eq!(record.functions.len(), 1);
    }

    #[test]
    fn where_everything_is_kept_every_table_and_key_is() {
        assert!(Kept::Everything.uses(&Id::new("signing_key", "a")));
        assert!(!Kept::NOTHING.uses(&Id::new("signing_key", "a")));
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let record = Record { author: Author { by: "arn".to_owned(), revision: None }, ..record("a") };
        assert_eq!(serde_json::from_str::<Record>(&serde_json::to_string(&record).unwrap()).unwrap(), record);
    }

    #[test]
    fn the_text_of_times_sorts_as_time_does() {
        let (earlier, later) = (now(&Skew::default()), now(&Skew::default()));
        assert!(earlier <= later && earlier.len() == "2026-11-20T06:00:00.000Z".len(), "{earlier} {later}");
    }

    #[test]
    fn a_folder_that_git_knows_nothing_of_has_no_revision() {
        assert_eq!(revision(Path::new("/")), None);
    }
}
