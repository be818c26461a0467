//! `GET /v1/memos`: the caller's memos, a page at a time, each page one Query.

use serde_json::json;
use service::query::Query;
use service::{Problem, Request, Response};
use ulid::Ulid;

use crate::Memos;
use crate::caller::Caller;
use crate::cursor;
use crate::filter::{Filter, Listing};
use crate::memo::Memo;
use crate::store::Window;

/// The most bytes of memos a page, below Lambda's 6 MB for an answer.
const PAGE: usize = 4 * 1024 * 1024;

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let Listing { filter, page_size, cursor } = Listing::read(request)?;
    let keys = memos.cursor_keys.get(request.seconds()).await?;
    let list = query(&filter.parameters());
    let after = match cursor {
        None => None,
        Some(text) => {
            let position = cursor::read(&keys, &caller.user, &list, &text).and_then(|bytes| bytes.try_into().ok());
            Some(Ulid::from_bytes(position.ok_or_else(foreign_cursor)?))
        }
    };
    let window =
        Window { after: after.map(|id| id.to_string()), descending: filter.descending, limit: filter.limit(page_size) };
    let page = memos.store.page(caller, &window).await?;
    let more = page.last.is_some();
    let read = page.items.iter().map(Memo::from_item).collect::<Result<Vec<_>, _>>()?;
    let Shown { memos: shown, last } = show(read, &filter, page_size, more)?;
    let mut body = json!({ "memos": shown });
    let mut link = None;
    if let Some(last) = last {
        let next = cursor::write(keys.active(request.seconds()), &caller.user, &list, &last.to_bytes());
        let mut parameters = filter.parameters();
        parameters.extend([("page_size", page_size.to_string()), ("cursor", next.clone())]);
        link = Some(format!("<{}/v1/memos?{}>; rel=\"next\"", request.base_url()?, query(&parameters)));
        body["next_cursor"] = next.into();
    }
    let response = Response::json(200, &body)?;
    Ok(link.into_iter().fold(response, |response, link| response.header("Link", link)))
}

/// A page of a list.
struct Shown {
    memos: Vec<serde_json::Value>,
    /// The memo behind which the list goes on.
    last: Option<Ulid>,
}

/// Takes from `read` what `filter` shows, up to a full page; `more` tells that the store has more behind it.
fn show(read: Vec<Memo>, filter: &Filter, page_size: u16, more: bool) -> Result<Shown, Problem> {
    let (mut memos, mut bytes, mut last) = (Vec::new(), 0, None);
    let total = read.len();
    for (index, memo) in read.into_iter().enumerate() {
        if filter.shows(&memo) {
            let value = serde_json::to_value(&memo).map_err(|error| {
                tracing::error!(%error, "cannot serialise a memo");
                Problem::internal()
            })?;
            bytes += value.to_string().len();
            if bytes > PAGE && !memos.is_empty() {
                return Ok(Shown { memos, last });
            }
            memos.push(value);
        }
        last = Ulid::from_string(&memo.id).ok();
        if memos.len() == usize::from(page_size) {
            let end = index + 1 == total && !more;
            return Ok(Shown { memos, last: last.filter(|_| !end) });
        }
    }
    Ok(Shown { memos, last: last.filter(|_| more) })
}

/// 400: a cursor that was tampered with, or is another user's or another list's.
pub(super) fn foreign_cursor() -> Problem {
    Query::problem("The cursor is not one of this list; start again without it.")
}

/// `parameters` as a query string.
pub(super) fn query(parameters: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}
