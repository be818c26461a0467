//! What is killed, and from which state of the cloud.

use std::path::PathBuf;

use super::subject::Subject;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    Cold,
    Change,
    Rollback,
    Destroy,
}

impl Scenario {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold deploy",
            Self::Change => "change",
            Self::Rollback => "rollback",
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
            Self::Destroy => drop(subject.succeed(&place, &["deploy"])),
        }
        // A long build makes more calls: its run may hold the lease meanwhile.
        subject.succeed(&place, &["build"]);
        place.join("state")
    }

    /// What is killed, and then run again.
    pub(super) fn arguments(self) -> Vec<String> {
        let arguments = match self {
            Self::Cold | Self::Change => vec!["deploy".to_owned()],
            // By no name: the next run has to know where the killed one was going.
            Self::Rollback => vec!["rollback".to_owned()],
            Self::Destroy => ["destroy", "--yes", "--delete-data=dev"].map(str::to_owned).into(),
        };
        // The next run waits until the lease of the killed one may be taken over.
        arguments.into_iter().chain(["--local", "--wait", "900"].map(str::to_owned)).collect()
    }

    /// Whether callers are served before, while and after it runs.
    pub(super) fn serves(self) -> bool {
        match self {
            Self::Change | Self::Rollback => true,
            Self::Cold | Self::Destroy => false,
        }
    }
}
