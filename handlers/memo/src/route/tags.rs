//! `GET /v1/tags`: the caller's tags, each with how many live memos have it, a page at a time.

use serde_json::json;
use service::{Problem, Request, Response};

use super::list::{foreign_cursor, query};
use crate::Memos;
use crate::caller::Caller;
use crate::{cursor, filter, tags};

/// What the list's cursors are bound to: unlike any list of memos, which names its filter.
const LIST: &str = "tags";

pub(crate) async fn answer(memos: &Memos, caller: &Caller, request: &Request) -> Result<Response, Problem> {
    let sent = request.query(&["page_size", "cursor"])?;
    let page_size = filter::page_size(&sent)?;
    let keys = memos.cursor_keys.get(request.seconds()).await?;
    let after = match sent.get("cursor") {
        None => None,
        Some(text) => {
            let position =
                cursor::read(&keys, &caller.user, LIST, text).and_then(|bytes| String::from_utf8(bytes).ok());
            Some(position.ok_or_else(foreign_cursor)?)
        }
    };
    let pk = caller.partition();
    let (page, more) = tags::page(&memos.store.table, &pk, after.as_deref(), page_size).await?;
    let mut body = json!({ "tags": page });
    let Some(last) = page.last().filter(|_| more) else { return Response::json(200, &body) };
    let next = cursor::write(keys.active(request.seconds()), &caller.user, LIST, last.tag.as_bytes());
    let parameters = query(&[("page_size", page_size.to_string()), ("cursor", next.clone())]);
    body["next_cursor"] = next.into();
    let link = format!("<{}/v1/tags?{parameters}>; rel=\"next\"", request.base_url()?);
    Ok(Response::json(200, &body)?.header("Link", link))
}
