//! `--delete-data`: what holds data is deleted only where the stage's name is typed: at the terminal, or on the command
//! line as `--delete-data=STAGE`.

use super::{Failure, Session};
use crate::plan::{Action, Id, Item, Plan};

/// The flag of every verb that can delete data.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DataArgs {
    /// Delete what holds data too: tables with their items. Asks for the stage's name unless it is given here
    #[arg(long, value_name = "STAGE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    delete_data: Option<String>,
}

impl DataArgs {
    /// Whether data may be deleted, for a verb that only shows it: a name that is given has to be the stage's.
    pub fn named(&self, session: &Session) -> Result<bool, Failure> {
        let stage = &session.global.stage;
        match self.delete_data.as_deref() {
            None => Ok(false),
            Some(name) if name.is_empty() || name == stage => Ok(true),
            Some(name) => Err(Failure::Usage {
                error: format!("--delete-data={name} does not name the stage, which is {stage}"),
                hint: way_out(stage),
            }),
        }
    }

    /// As [`Self::named`], for a verb that keeps the answer: the name has to be given.
    pub fn given(&self, session: &Session) -> Result<bool, Failure> {
        match self.delete_data.as_deref() {
            Some("") => Err(nameless(&session.global.stage)),
            Some(_) | None => self.named(session),
        }
    }

    /// As [`Self::named`], for a verb that deletes: somebody has to be there to type a name that is not given.
    pub fn permitted(&self, session: &Session) -> Result<bool, Failure> {
        if session.ui.asks() { self.named(session) } else { self.given(session) }
    }

    /// Has the stage's name typed before `plan` deletes data, where the command line does not have it. Says whether it
    /// was.
    pub fn consent<T: Item>(&self, plan: &Plan<T>, session: &Session) -> Result<bool, Failure> {
        let losing: Vec<String> = losing(plan).map(ToString::to_string).collect();
        if losing.is_empty() || self.delete_data.as_deref() != Some("") {
            return Ok(false);
        }
        let (stage, losing) = (&session.global.stage, losing.join(", "));
        match session.ui.ask(format_args!("The data of {losing} will be lost. Type the stage's name to delete it: ")) {
            Some(answer) if answer == *stage => Ok(true),
            Some(_) => Err(Failure::Other {
                error: format!("that is not the stage's name: {losing} stays, and all else too"),
                hint: Some("without --delete-data all goes but what holds data".to_owned()),
            }),
            None => Err(nameless(stage)),
        }
    }
}

/// What holds data, and will not be there any more, or not with its data.
fn losing<T: Item>(plan: &Plan<T>) -> impl Iterator<Item = &Id> {
    plan.work().filter_map(|((id, _), step)| match &step.action {
        Action::Delete { old } | Action::Replace { old, .. } => old.holds_data().then_some(id),
        Action::Keep { .. } | Action::Create { .. } | Action::Update { .. } => None,
    })
}

fn nameless(stage: &str) -> Failure {
    Failure::Usage {
        error: "deleting data needs the stage's name, and nobody is here to type it".to_owned(),
        hint: way_out(stage),
    }
}

fn way_out(stage: &str) -> String {
    format!("`--delete-data={stage}`; without it, what holds data stays")
}
