//! The name that was probably meant.

/// The candidate nearest to `text`, if one is near: a third of its letters may differ.
pub(super) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(&text.to_lowercase(), &candidate.to_lowercase());
    let near = |(distance, candidate): &(usize, &str)| *distance <= (candidate.chars().count() / 3).max(1);
    candidates.into_iter().map(|candidate| (distance(candidate), candidate)).filter(near).min().map(|(_, name)| name)
}

/// Suggests the nearest candidate, or tells all of them: `others` is what stands before the list.
pub(super) fn help<'a>(text: &str, others: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(text, candidates.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if candidates.is_empty() => format!("{others} none yet"),
        None => format!("{others} `{}`", candidates.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_seen() {
        assert_eq!(nearest("memry", ["timeout", "memory"]), Some("memory"));
        assert_eq!(nearest("Read_Write", ["read", "read-write"]), Some("read-write"));
    }

    #[test]
    fn what_is_like_nothing_gets_the_whole_list() {
        assert_eq!(help("colour", "the keys are", ["ttl", "stream"]), "the keys are `ttl`, `stream`");
    }
}
