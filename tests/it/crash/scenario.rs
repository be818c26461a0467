//! What is killed, and from which state of the cloud.

use std::path::{Path, PathBuf};

use super::subject::Subject;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    Cold,
    Change,
    Rollback,
    Rotate,
    Emergency,
    Destroy,
}

impl Scenario {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold deploy",
            Self::Change => "change",
            Self::Rollback => "rollback",
            Self::Rotate => "key rotation",
            Self::Emergency => "emergency",
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
            Self::Rotate | Self::Emergency | Self::Destroy => drop(subject.succeed(&place, &["deploy"])),
        }
        // A long build makes more calls: its run may hold the lease meanwhile.
        subject.succeed(&place, &["build"]);
        place.join("state")
    }

    /// What is killed, and then run again.
    pub(super) fn arguments(self, subject: &Subject, state: &Path) -> Vec<String> {
        let arguments = match self {
            Self::Cold | Self::Change => vec!["deploy".to_owned()],
            Self::Rollback => vec!["rollback".to_owned(), subject.releases(state.parent().unwrap())[1].clone()],
            Self::Rotate => ["keys", "rotate", "jwt"].map(str::to_owned).into(),
            Self::Emergency => {
                let key = subject.keys(state.parent().unwrap()).remove(0);
                ["keys", "retire", "jwt", "--emergency", "--yes", "--key", &key].map(str::to_owned).into()
            }
            Self::Destroy => ["destroy", "--yes", "--delete-data=dev"].map(str::to_owned).into(),
        };
        // The next run waits until the lease of the killed one may be taken over.
        arguments.into_iter().chain(["--local", "--wait", "900"].map(str::to_owned)).collect()
    }

    /// Whether callers are served before, while and after it runs.
    pub(super) fn serves(self) -> bool {
        match self {
            // A key that is dropped takes a caller's token with it, and the small stack's callers have none.
            Self::Change | Self::Rollback => true,
            Self::Cold | Self::Rotate | Self::Emergency | Self::Destroy => false,
        }
    }
}
