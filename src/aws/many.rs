//! Reading many things: in parallel, and page by page.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::error::Error;

/// Calls under way at a time for one kind: enough to hide latency, few enough not to be throttled at once.
const AT_ONCE: usize = 16;

/// Reads each of `items`, several at a time, in no particular order of the answers.
pub async fn each<I, T, F>(items: impl IntoIterator<Item = I>, read: impl Fn(I) -> F) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    stream::iter(items).map(read).buffer_unordered(AT_ONCE).try_collect().await
}

/// Reads all pages: `read` takes the token of a page, and gives its items and the token of the next.
pub async fn pages<T>(
    read: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>), Error>,
) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    let mut token = None;
    loop {
        let (items, next) = read(token).await?;
        all.extend(items);
        match next {
            // Some services end with an empty token instead of none.
            Some(next) if !next.is_empty() => token = Some(next),
            Some(_) | None => return Ok(all),
        }
    }
}
