//! What is killed, and from which state of the cloud.

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

    /// Brings the cloud to the state in which the scenario begins.
    pub(super) fn prepare(self, subject: &Subject) {
        subject.first();
        match self {
            Self::Cold => {}
            Self::Change => {
                subject.succeed(&["deploy"]);
                subject.change();
            }
            Self::Rollback => {
                subject.succeed(&["deploy"]);
                subject.change();
                subject.succeed(&["deploy"]);
            }
            Self::Destroy => drop(subject.succeed(&["deploy"])),
        }
    }

    /// What is killed, and then run again.
    pub(super) fn arguments(self, subject: &Subject) -> Vec<String> {
        let arguments = match self {
            Self::Cold | Self::Change => vec!["deploy".to_owned()],
            Self::Rollback => vec!["rollback".to_owned(), subject.releases()[1].clone()],
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
