//! What is killed, and from which state of the cloud.

use std::path::{Path, PathBuf};

use super::subject::Subject;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    Cold,
    Change,
    Rollback,
    /// A key is rotated.
    Rotation,
    /// A key is dropped whose time is over.
    Retirement,
    /// All keys of a set are dropped at once.
    Emergency,
    /// One key is dropped at once.
    OneKey,
    Destroy,
}

impl Scenario {
    pub(super) const ALL: [Self; 8] = [
        Self::Cold,
        Self::Change,
        Self::Rollback,
        Self::Rotation,
        Self::Retirement,
        Self::Emergency,
        Self::OneKey,
        Self::Destroy,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold deploy",
            Self::Change => "change",
            Self::Rollback => "rollback",
            Self::Rotation => "rotation",
            Self::Retirement => "retirement",
            Self::Emergency => "emergency",
            Self::OneKey => "one key",
            Self::Destroy => "destroy",
        }
    }

    /// Brings a cloud to where the scenario begins; its state, which is not there where nothing has been deployed.
    pub(super) fn prepare(self, subject: &Subject) -> PathBuf {
        let place = subject.folder().join(format!("{self:?}"));
        std::fs::create_dir_all(&place).unwrap();
        subject.first();
        match self {
            Self::Cold => {}
            Self::Change => {
                subject.succeed(&place, &["deploy"]);
                subject.change();
            }
            Self::Rollback => {
                subject.succeed(&place, &["deploy"]);
                subject.change();
                subject.succeed(&place, &["deploy"]);
            }
            Self::Rotation | Self::Emergency | Self::OneKey | Self::Destroy => {
                subject.succeed(&place, &["deploy"]);
            }
            Self::Retirement => {
                subject.succeed(&place, &["deploy"]);
                subject.succeed(&place, &["keys", "rotate", "jwt"]);
            }
        }
        // A long build makes more calls: its run may hold the lease meanwhile.
        subject.succeed(&place, &["build"]);
        place.join("state")
    }

    /// What is killed, and then run again, on the cloud whose state is in `place`.
    pub(super) fn arguments(self, subject: &Subject, place: &Path) -> Vec<String> {
        let emergency = || ["keys", "retire", "jwt", "--emergency", "--yes"].map(str::to_owned).into_iter();
        let arguments = match self {
            Self::Cold | Self::Change => vec!["deploy".to_owned()],
            // By no name: the next run has to know where the killed one was going.
            Self::Rollback => vec!["rollback".to_owned()],
            Self::Rotation => ["keys", "rotate", "jwt"].map(str::to_owned).into(),
            Self::Retirement => ["keys", "retire", "jwt"].map(str::to_owned).into(),
            Self::Emergency => emergency().collect(),
            Self::OneKey => emergency().chain(["--key".to_owned(), subject.keys(place).remove(0)]).collect(),
            Self::Destroy => ["destroy", "--yes", "--delete-data=dev"].map(str::to_owned).into(),
        };
        // The next run waits until the lease of the killed one may be taken over.
        arguments.into_iter().chain(["--local", "--wait", "900"].map(str::to_owned)).collect()
    }

    /// What the lease says that it does, where the same command would do it once more after it has ended.
    pub(super) fn once(self) -> Option<&'static str> {
        match self {
            Self::Rollback => Some("rollback"),
            Self::Emergency => Some("retire keys"),
            Self::Cold | Self::Change | Self::Rotation | Self::Retirement | Self::OneKey | Self::Destroy => None,
        }
    }

    /// Whether callers are served before, while and after it runs.
    pub(super) fn serves(self) -> bool {
        match self {
            Self::Change | Self::Rollback => true,
            // A dropped key takes the callers' tokens with it.
            Self::Cold | Self::Rotation | Self::Retirement | Self::Emergency | Self::OneKey | Self::Destroy => false,
        }
    }
}
