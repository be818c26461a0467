//! A DynamoDB table with a partition key `pk`, a sort key `sk` (strings) and the TTL attribute `expires_at`.
//!
//! Every conditional write stores a nonce; a failed condition that shows our own nonce is a retry of a write that had
//! landed, and is success. So is a write without an answer whose item shows its nonce when it is read back.
//!
//! TTL deletion lags for days: whoever reads an item with `expires_at` compares it itself.

mod error;
mod item;
mod send;
mod table;
mod write;

pub use error::StoreError;
pub use item::{Attribute, Item, Malformed};
pub use table::{Page, Range, Table};
pub use write::{Held, Outcome, Write};
