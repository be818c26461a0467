//! Whether two patterns have a string in common.

use std::collections::BTreeSet;

/// What one character of a string may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Exactly(char),
    NotSlash,
    Any,
}

/// One character, or any number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    One(Class),
    Many(Class),
}

impl Class {
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(a), Self::Exactly(b)) => a == b,
            (Self::Exactly(c), Self::NotSlash) | (Self::NotSlash, Self::Exactly(c)) => c != '/',
            (Self::Any, _) | (_, Self::Any) | (Self::NotSlash, Self::NotSlash) => true,
        }
    }
}

impl Token {
    fn class(self) -> Class {
        match self {
            Self::One(class) | Self::Many(class) => class,
        }
    }
}

/// `text` as itself.
pub(super) fn literal(text: &str) -> impl Iterator<Item = Token> + '_ {
    text.chars().map(|c| Token::One(Class::Exactly(c)))
}

/// Whether some string is of both patterns: a walk over the pairs of places that a string can lead to.
pub(super) fn meet(a: &[Token], b: &[Token]) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        if i == a.len() && j == b.len() {
            return true;
        }
        if !seen.insert((i, j)) {
            continue;
        }
        let (left, right) = (a.get(i).copied(), b.get(j).copied());
        if let Some(Token::Many(_)) = left {
            open.push((i + 1, j));
        }
        if let Some(Token::Many(_)) = right {
            open.push((i, j + 1));
        }
        if let (Some(left), Some(right)) = (left, right)
            && left.class().meets(right.class())
        {
            let after = |token: Token, at: usize| if matches!(token, Token::One(_)) { at + 1 } else { at };
            open.push((after(left, i), after(right, j)));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(pattern: &str) -> Vec<Token> {
        pattern
            .chars()
            .map(|c| match c {
                '*' => Token::Many(Class::Any),
                '~' => Token::Many(Class::NotSlash),
                c => Token::One(Class::Exactly(c)),
            })
            .collect()
    }

    #[test]
    fn a_star_crosses_slashes() {
        assert!(meet(&tokens("a/*"), &tokens("a/~/b/~")));
    }

    #[test]
    fn a_segment_does_not_cross_slashes() {
        assert!(!meet(&tokens("a/~"), &tokens("a/b/c")));
    }

    #[test]
    fn patterns_with_different_ends_do_not_meet() {
        assert!(!meet(&tokens("a/*/restore"), &tokens("a/~/purge")));
        assert!(meet(&tokens("a/*/restore"), &tokens("a/~/~")));
    }
}
