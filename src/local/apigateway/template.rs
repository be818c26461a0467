//! Templates with variables in them: `{"message":$context.error.messageString}`.
//!
//! Of the Velocity language of mapping templates only `$context` and `$stageVariables` are known, which is what
//! gateway responses and access logs may hold anyway; the rest is refused by name, when a template is set.

use std::borrow::Cow;

use super::expression::Expression;

/// A template, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Expression),
}

/// Velocity's directives, and the variables that are not known.
const REFUSED: &[&str] = &[
    "#set",
    "#if",
    "#foreach",
    "#macro",
    "#parse",
    "#include",
    "#define",
    "##",
    "#*",
    "$input",
    "$util",
    "$method",
    "$inputRoot",
];

impl Template {
    /// Compiles `text`; the error names what of it is not known.
    pub(super) fn compile(text: &str) -> Result<Self, String> {
        if let Some(refused) = REFUSED.iter().find(|refused| text.contains(*refused)) {
            return Err(format!("{refused} in mapping templates"));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            let (before, after) = rest.split_at(dollar);
            push_text(&mut parts, before);
            let (variable, length) = variable(after);
            match variable {
                Some(variable) => parts.push(Part::Variable(variable)),
                None => push_text(&mut parts, &after[..length]),
            }
            rest = &after[length..];
        }
        push_text(&mut parts, rest);
        Ok(Self(parts))
    }

    /// The text, with each variable's value from `look`; what has none becomes `missing`.
    pub(super) fn render<'a>(&self, missing: &str, look: impl Fn(&Expression) -> Option<Cow<'a, str>>) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Variable(variable) => text.push_str(look(variable).as_deref().unwrap_or(missing)),
            }
        }
        text
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

/// The variable at the start of `text`, which is a `$`, and how many bytes it takes up.
fn variable(text: &str) -> (Option<Expression>, usize) {
    let (open, close) = if text.starts_with("${") { (2, 1) } else { (1, 0) };
    let name = &text[open..];
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(name.len());
    // A full stop after a variable ends the sentence.
    let name = name[..end].trim_end_matches('.');
    let closed = close == 0 || text[open + name.len()..].starts_with('}');
    match Expression::parse(name) {
        Some(variable @ (Expression::Context(_) | Expression::StageVariable(_))) if closed => {
            (Some(variable), open + name.len() + close)
        }
        _ => (None, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> String {
        Template::compile(text).unwrap().render("-", |variable| match variable {
            Expression::Context(name) if name == "stage" => Some("prod".into()),
            Expression::StageVariable(name) => Some(format!("<{name}>").into()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_replaced_and_the_rest_is_kept() {
        assert_eq!(render("a $context.stage. ${stageVariables.x}!$5 $other"), "a prod. <x>!$5 $other");
    }

    #[test]
    fn a_variable_without_value_becomes_the_mark_for_it() {
        assert_eq!(render("$context.nothing"), "-");
    }

    #[test]
    fn velocity_is_refused_by_name() {
        assert_eq!(Template::compile("#set($x = 1)"), Err("#set in mapping templates".to_owned()));
    }
}
