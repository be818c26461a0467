//! What a destroy leaves, as people and programs read it.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Ui, style};

/// What is gone, and what stays and why: as it was read again afterwards.
#[derive(Debug, Serialize)]
pub struct Receipt {
    /// Whether all that was to go is gone.
    pub complete: bool,
    pub gone: Vec<String>,
    pub stays: Vec<Stay>,
}

/// Something that is still there.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Stay {
    pub id: String,
    #[serde(flatten)]
    pub why: Staying,
}

/// Why something is still there.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", content = "detail", rename_all = "kebab-case")]
pub enum Staying {
    /// It holds data; with the stage's name.
    HoldsData(String),
    /// Something that stays needs it.
    Needed,
    /// Its deletion failed: the error.
    Failed(String),
    /// Its deletion was not tried: the reason.
    Skipped(String),
    /// Its deletion was accepted, or it was not there before: it is there now.
    There,
    /// It has a name of the stack's, but not its tags.
    Foreign,
    /// A service wrote to it again after it was deleted.
    WrittenAgain,
    /// It is no stack's own.
    Shared,
}

impl Staying {
    /// Whether it is as it should be.
    fn is_meant(&self) -> bool {
        match self {
            Self::HoldsData(_) | Self::Needed | Self::Foreign | Self::Shared => true,
            Self::Failed(_) | Self::Skipped(_) | Self::There | Self::WrittenAgain => false,
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::HoldsData(stage) => format!("it holds data: `destroy --delete-data={stage}` deletes it too"),
            Self::Needed => "something that stays needs it".to_owned(),
            Self::Failed(error) => format!("its deletion failed: {error}"),
            Self::Skipped(reason) => format!("not tried, {reason}"),
            Self::There => "it is still there, or there again".to_owned(),
            Self::Foreign => {
                "it has the name, but not the stack's tags: somebody else's, or made again since".to_owned()
            }
            Self::WrittenAgain => "API Gateway wrote to it once more; its API is gone, so delete it by hand".to_owned(),
            Self::Shared => {
                "shared by all stacks of this account and region; the stage's freed lease is in it".to_owned()
            }
        }
    }
}

#[derive(Serialize)]
struct Event<'a> {
    event: &'static str,
    #[serde(flatten)]
    receipt: &'a Receipt,
}

impl Receipt {
    /// What is `gone`, and what `stays`.
    pub fn new(gone: Vec<String>, stays: Vec<Stay>) -> Self {
        Self { complete: stays.iter().all(|stay| stay.why.is_meant()), gone, stays }
    }

    /// Tells it, as lines of data or as one event.
    pub fn tell(&self, ui: &Ui) {
        if ui.is_json() {
            ui.event(&Event { event: "receipt", receipt: self });
        } else {
            ui.data(self.human());
            if !self.complete {
                ui.talk("run the same command again: it goes on where this one ended");
            }
        }
    }

    fn human(&self) -> String {
        let mut text = String::new();
        for id in &self.gone {
            let _ = writeln!(text, "{} {id}  gone", style::gone("-"));
        }
        for Stay { id, why } in &self.stays {
            let sign = if why.is_meant() { style::dim("=").to_string() } else { style::bad("!").to_string() };
            let _ = writeln!(text, "{sign} {id}  stays: {}", why.reason());
        }
        let rest = if self.stays.is_empty() {
            "nothing stays".to_owned()
        } else {
            format!("{} {}", self.stays.len(), if self.stays.len() == 1 { "stays" } else { "stay" })
        };
        text + &format!("{} {} gone, {rest}", style::strong("receipt:"), self.gone.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_what_is_gone_and_what_stays_and_why() {
        let stay = |id: &str, why| Stay { id: id.to_owned(), why };
        let receipt = Receipt::new(
            vec!["api/memo-dev-api".to_owned(), "log_group/API-Gateway-Execution-Logs_a1b2/dev".to_owned()],
            vec![
                stay("table/memo-dev-memos", Staying::HoldsData("dev".to_owned())),
                stay("function/memo-dev-a", Staying::Failed("cannot delete it: ServiceException: x".to_owned())),
                stay("role/memo-dev-a", Staying::Skipped("because function/memo-dev-a failed".to_owned())),
                stay("role/memo-dev-b", Staying::Needed),
                stay("role/memo-dev-c", Staying::There),
                stay("log_group//aws/lambda/memo-dev-a", Staying::Foreign),
                stay("log_group/API-Gateway-Execution-Logs_a1b2/dev", Staying::WrittenAgain),
                stay("bucket/memoctl-1-eu", Staying::Shared),
            ],
        );
        insta::assert_snapshot!(anstream::adapter::strip_str(&receipt.human()), @r"
        - api/memo-dev-api  gone
        - log_group/API-Gateway-Execution-Logs_a1b2/dev  gone
        = table/memo-dev-memos  stays: it holds data: `destroy --delete-data=dev` deletes it too
        ! function/memo-dev-a  stays: its deletion failed: cannot delete it: ServiceException: x
        ! role/memo-dev-a  stays: not tried, because function/memo-dev-a failed
        = role/memo-dev-b  stays: something that stays needs it
        ! role/memo-dev-c  stays: it is still there, or there again
        = log_group//aws/lambda/memo-dev-a  stays: it has the name, but not the stack's tags: somebody else's, or made again since
        ! log_group/API-Gateway-Execution-Logs_a1b2/dev  stays: API Gateway wrote to it once more; its API is gone, so delete it by hand
        = bucket/memoctl-1-eu  stays: shared by all stacks of this account and region; the stage's freed lease is in it
        receipt: 2 gone, 8 stay
        ");
        assert!(!receipt.complete);
        assert_eq!(
            serde_json::to_value(&receipt.stays[..4]).unwrap(),
            serde_json::json!([
                { "id": "table/memo-dev-memos", "why": "holds-data", "detail": "dev" },
                { "id": "function/memo-dev-a", "why": "failed", "detail": "cannot delete it: ServiceException: x" },
                { "id": "role/memo-dev-a", "why": "skipped", "detail": "because function/memo-dev-a failed" },
                { "id": "role/memo-dev-b", "why": "needed" },
            ])
        );
    }

    #[test]
    fn a_receipt_without_anything_that_should_have_gone_is_complete() {
        let stay = Stay { id: "bucket/memoctl-1-eu".to_owned(), why: Staying::Shared };
        assert!(Receipt::new(Vec::new(), vec![stay]).complete);
        let receipt = Receipt::new(vec!["role/memo-dev-a".to_owned()], Vec::new());
        let expected = "- role/memo-dev-a  gone\nreceipt: 1 gone, nothing stays";
        assert_eq!(anstream::adapter::strip_str(&receipt.human()).to_string(), expected);
    }
}
