//! The shipped services over HTTP, as clients have them: through the gateway and its authorizer, deployed by memoctl.
//!
//! [`site`]: the deployed stack. [`person`]: its users. [`http`]: requests and answers. [`promise`]: what every answer has.
//! Then a subject a file.

mod accounts;
mod bodies;
mod client;
mod doors;
mod gateway;
mod hostile;
mod http;
mod keys;
mod lists;
mod logins;
mod logs;
mod memos;
mod oauth;
mod own_sessions;
mod person;
mod preconditions;
mod promise;
mod public;
mod races;
pub(crate) mod site;
mod stores;
mod trouble;
