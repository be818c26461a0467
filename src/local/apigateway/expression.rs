//! Mapping expressions: `method.request.header.Authorization`, `context.requestId`, `'a constant'`.

/// What an expression takes its value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    /// `'text'`
    Constant(String),
    /// `method.request.header.Name`; in lower case.
    Header(String),
    /// `method.request.querystring.name`
    Query(String),
    /// `method.request.path.name`
    Path(String),
    /// `context.name`
    Context(String),
    /// `stageVariables.name`
    StageVariable(String),
}

impl Expression {
    /// The expression that `text` is, if it is one of those above.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(constant) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Self::Constant(constant.to_owned()));
        }
        let named = |prefix: &str| text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(str::to_owned);
        named("method.request.header.")
            .map(|name| Self::Header(name.to_lowercase()))
            .or_else(|| named("method.request.querystring.").map(Self::Query))
            .or_else(|| named("method.request.path.").map(Self::Path))
            .or_else(|| named("context.").map(Self::Context))
            .or_else(|| named("stageVariables.").map(Self::StageVariable))
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    #[test]
    fn a_header_is_named_in_lower_case() {
        assert_eq!(
            Expression::parse("method.request.header.Authorization"),
            Some(Expression::Header("authorization".to_owned()))
        );
    }

    #[test]
    fn a_constant_loses_its_quotes() {
        assert_eq!(Expression::parse("'*'"), Some(Expression::Constant("*".to_owned())));
    }

    #[test]
    fn what_is_no_expression_is_none() {
        for text in ["", "integration.response.header.X", "context.", "method.request.body.x"] {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
    }
}
