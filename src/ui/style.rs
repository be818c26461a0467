//! Colours, which [`anstream`] takes away where they are not wanted.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// Text in a style.
pub(super) struct Styled<T>(Style, T);

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.0.render(), self.1, self.0.render_reset())
    }
}

fn color<T>(color: AnsiColor, text: T) -> Styled<T> {
    Styled(color.on_default(), text)
}

pub(super) fn good<T>(text: T) -> Styled<T> {
    color(AnsiColor::Green, text)
}

pub(super) fn changed<T>(text: T) -> Styled<T> {
    color(AnsiColor::Yellow, text)
}

pub(super) fn replaced<T>(text: T) -> Styled<T> {
    color(AnsiColor::Magenta, text)
}

pub(super) fn gone<T>(text: T) -> Styled<T> {
    color(AnsiColor::Red, text)
}

pub(super) fn bad<T>(text: T) -> Styled<T> {
    Styled(AnsiColor::Red.on_default().bold(), text)
}

pub(super) fn hint<T>(text: T) -> Styled<T> {
    Styled(AnsiColor::Cyan.on_default().bold(), text)
}

pub(super) fn dim<T>(text: T) -> Styled<T> {
    Styled(Style::new().dimmed(), text)
}

pub(super) fn strong<T>(text: T) -> Styled<T> {
    Styled(Style::new().bold(), text)
}
