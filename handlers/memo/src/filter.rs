//! Which memos a list shows, in which order, and how many: the query of `GET /v1/memos`.

use service::query::Query;
use service::{Problem, Request};
use unicode_normalization::UnicodeNormalization;

use crate::memo::Memo;

/// Memos a page when the query does not say.
const PAGE: u16 = 20;
/// The most memos a page.
const LARGEST_PAGE: u16 = 100;
/// The longest search, in characters.
const SEARCH: usize = 200;
/// How many memos one request looks at when few may match.
const LOOKED_AT: u16 = 1_000;

/// What a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) tag: Option<String>,
    pub(crate) pinned: Option<bool>,
    pub(crate) archived: bool,
    /// As sent.
    pub(crate) search: Option<String>,
    /// Newest first.
    pub(crate) descending: bool,
}

/// The query of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) filter: Filter,
    pub(crate) page_size: u16,
    pub(crate) cursor: Option<String>,
}

impl Listing {
    /// Reads the query of `request`; what it cannot mean is 400.
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let query = request.query(&["page_size", "cursor", "tag", "pinned", "archived", "q", "order"])?;
        let search = query.get("q").filter(|text| !text.is_empty()).map(str::to_owned);
        if search.as_ref().is_some_and(|text| text.chars().count() > SEARCH) {
            return Err(Query::problem(format!("q may have at most {SEARCH} characters.")));
        }
        let filter = Filter {
            tag: query.get("tag").map(|tag| tag.trim().nfc().collect()),
            pinned: flag(&query, "pinned")?,
            archived: flag(&query, "archived")?.unwrap_or(false),
            search,
            descending: match query.get("order") {
                None | Some("created_desc") => true,
                Some("created_asc") => false,
                Some(_) => return Err(Query::problem("order is created_desc or created_asc.")),
            },
        };
        Ok(Self { filter, page_size: page_size(&query)?, cursor: query.get("cursor").map(str::to_owned) })
    }
}

impl Filter {
    /// The filter as parameters of a query, without the page: what a cursor is bound to, and what `Link` repeats.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let order = if self.descending { "created_desc" } else { "created_asc" };
        let mut parameters = vec![("archived", self.archived.to_string()), ("order", order.to_owned())];
        parameters.extend(self.pinned.map(|pinned| ("pinned", pinned.to_string())));
        parameters.extend(self.search.clone().map(|search| ("q", search)));
        parameters.extend(self.tag.clone().map(|tag| ("tag", tag)));
        parameters
    }

    /// Whether the list shows `memo`.
    pub(crate) fn shows(&self, memo: &Memo) -> bool {
        let text = &memo.text;
        text.archived == self.archived
            && self.pinned.is_none_or(|pinned| text.pinned == pinned)
            && self.tag.as_ref().is_none_or(|tag| text.tags.contains(tag))
            && self.search.as_ref().is_none_or(|search| {
                let search = fold(search);
                fold(&text.title).contains(&search) || fold(&text.content).contains(&search)
            })
    }

    /// How many memos to look at for a page of `page_size`: more when only some of them may match.
    pub(crate) fn limit(&self, page_size: u16) -> u16 {
        let most = self.tag.is_none() && self.pinned.is_none() && self.search.is_none() && !self.archived;
        if most { page_size } else { LOOKED_AT }
    }
}

/// Text for a comparison that does not heed case: each character by itself, so that a sigma folds alike anywhere.
fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn flag(query: &Query, name: &str) -> Result<Option<bool>, Problem> {
    match query.get(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(Query::problem(format!("{name} is true or false."))),
    }
}

/// The parameter `page_size` of a list.
pub(crate) fn page_size(query: &Query) -> Result<u16, Problem> {
    let Some(text) = query.get("page_size") else { return Ok(PAGE) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(Query::problem("page_size is a whole number, not below 0."));
    }
    // What does not fit is over the largest page too.
    Ok(match text.parse().unwrap_or(u16::MAX) {
        0 => PAGE,
        size => size.min(LARGEST_PAGE),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use service::event::Event;
    use ulid::Ulid;

    use super::*;
    use crate::memo::Text;

    fn listing(parameters: &[(&str, &str)]) -> Result<Listing, Problem> {
        let sent: BTreeMap<_, _> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect();
        let event = Event { multi_value_query_string_parameters: sent, ..Event::default() };
        Listing::read(&Request::new(event, Timestamp::UNIX_EPOCH))
    }

    fn size(text: &str) -> Result<u16, u16> {
        listing(&[("page_size", text)]).map(|listing| listing.page_size).map_err(|problem| problem.status)
    }

    fn memo(title: &str, tags: &[&str]) -> Memo {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let text = Text { title: title.to_owned(), content: String::new(), tags, pinned: false, archived: false };
        Memo::new(Ulid::from_parts(0, 0), text, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_page_has_twenty_memos_unless_told_and_never_over_a_hundred() {
        let sizes = ["0", "7", "100", "101", "99999999999"].map(size);
        assert_eq!(sizes, [Ok(20), Ok(7), Ok(100), Ok(100), Ok(100)]);
    }

    #[test]
    fn a_page_size_that_is_negative_or_no_number_is_400() {
        assert_eq!(["-1", "", "+1", "1.0", "x"].map(size), [Err(400); 5]);
    }

    #[test]
    fn an_unknown_parameter_or_value_is_400() {
        for parameter in [("size", "1"), ("pinned", "1"), ("archived", "yes"), ("order", "title")] {
            assert_eq!(listing(&[parameter]).unwrap_err().status, 400, "{parameter:?}");
        }
    }

    #[test]
    fn a_search_does_not_heed_case_beyond_ascii() {
        for (search, title) in [("STRASSE", "Große Straße"), ("σισυφος", "ΣΙΣΥΦΟΣ"), ("É", "cafe\u{301}")]
        {
            let filter = listing(&[("q", search)]).unwrap().filter;
            assert!(filter.shows(&memo(title, &[])), "{search} in {title}");
        }
    }

    #[test]
    fn a_tag_is_matched_as_a_whole_and_by_case() {
        let filter = listing(&[("tag", "Work")]).unwrap().filter;
        assert!(filter.shows(&memo("a", &["Work"])));
        assert!(!filter.shows(&memo("a", &["work", "Workshop"])));
    }

    #[test]
    fn archived_memos_are_shown_only_when_asked_for() {
        let archived = Memo { text: Text { archived: true, ..memo("a", &[]).text }, ..memo("a", &[]) };
        assert!(!listing(&[]).unwrap().filter.shows(&archived));
        assert!(listing(&[("archived", "true")]).unwrap().filter.shows(&archived));
    }
}
