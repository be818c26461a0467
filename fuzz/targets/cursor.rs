//! A cursor reads back to what it was written for, and nothing else reads at all. Input: user, list, position, a line each.
#![no_main]

// The file itself: the crate around it brings the AWS SDK.
#[path = "../../handlers/memo/src/cursor.rs"]
mod cursor;

use std::sync::LazyLock;

use fuzz::{first_line, mac_keys, mutants};
use libfuzzer_sys::fuzz_target;
use service::keys::MacKeys;

static KEYS: LazyLock<MacKeys> = LazyLock::new(|| mac_keys(7));
static OTHERS: LazyLock<MacKeys> = LazyLock::new(|| mac_keys(9));

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data)
        && let Some(position) = cursor::read(&KEYS, "user", "list", text)
    {
        let written = |id| KEYS.get(id).map(|key| cursor::write(key, "user", "list", &position));
        assert!([written(1), written(2)].contains(&Some(text.to_owned())), "two spellings of one cursor");
    }
    if let Some((user, rest)) = first_line(data)
        && let Some((list, position)) = first_line(rest)
        && let (Ok(user), Ok(list)) = (str::from_utf8(user), str::from_utf8(list))
    {
        written(user, list, position, data);
    }
});

fn written(user: &str, list: &str, position: &[u8], data: &[u8]) {
    for id in [1, 2] {
        let Some(key) = KEYS.get(id) else { unreachable!("the set has both") };
        let text = cursor::write(key, user, list, position);
        if text.len() > 512 {
            assert_eq!(cursor::read(&KEYS, user, list, &text), None, "longer than what is looked at");
            continue;
        }
        assert_eq!(cursor::read(&KEYS, user, list, &text).as_deref(), Some(position));
        assert_eq!(cursor::read(&OTHERS, user, list, &text), None, "under other keys");
        for (user, list) in strangers(user, list) {
            assert_eq!(cursor::read(&KEYS, &user, &list, &text), None, "for {user:?}, {list:?}");
        }
        for mutant in mutants(&text, data) {
            assert_eq!(cursor::read(&KEYS, user, list, &mutant), None, "{mutant:?} for {text:?}");
        }
    }
}

/// Other users and lists, some of which have the same text if the boundary between them is not seen.
fn strangers(user: &str, list: &str) -> impl Iterator<Item = (String, String)> {
    let whole = format!("{user}{list}");
    let moved = (0..=whole.len()).filter(|at| whole.is_char_boundary(*at));
    let moved: Vec<_> = moved.map(|at| (whole[..at].to_owned(), whole[at..].to_owned())).collect();
    let own = (user.to_owned(), list.to_owned());
    let further = [
        (format!("{user}x"), list.to_owned()),
        (user.to_owned(), format!("{list}&")),
        (list.to_owned(), user.to_owned()),
    ];
    moved.into_iter().take(32).chain(further).filter(move |pair| *pair != own)
}
