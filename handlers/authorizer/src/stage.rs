//! The stage of an API, told from a method's ARN.

/// A stage of an API, as the start of the ARNs of its methods:
/// `arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage(String);

impl Stage {
    /// The stage of `method_arn`, such as `arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/GET/v1/memos`: what
    /// follows the stage is not looked at. `None` for any other ARN.
    pub fn of(method_arn: &str) -> Option<Self> {
        let mut segments = method_arn.splitn(3, '/');
        let (api, stage) = (segments.next()?, segments.next()?);
        let is_api = api.split(':').nth(2) == Some("execute-api") && api.split(':').count() == 6;
        (is_api && !stage.is_empty()).then(|| Self(format!("{api}/{stage}")))
    }

    /// The ARN of the method `method` of the path `path`, in which each parameter (`{id}`, `{proxy+}`) and the method
    /// `ANY` stand for anything.
    pub(crate) fn method(&self, method: &str, path: &str) -> String {
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
        let method = if method == "ANY" { "*" } else { method };
        format!("{}/{method}{}", self.0, segments.collect::<Vec<_>>().join("/"))
    }

    /// The ARN pattern of all methods of the stage.
    pub(crate) fn everything(&self) -> String {
        format!("{}/*", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/GET/v1/memos";

    #[test]
    fn the_stage_is_the_same_for_all_methods_and_paths() {
        let other = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/DELETE/";
        assert_eq!(Stage::of(ARN), Stage::of(other));
    }

    #[test]
    fn a_path_parameter_becomes_a_star() {
        let arn = Stage::of(ARN).unwrap().method("PUT", "/v1/memos/{id}/tags");
        assert_eq!(arn, "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/PUT/v1/memos/*/tags");
    }

    #[test]
    fn any_method_becomes_a_star() {
        let arn = Stage::of(ARN).unwrap().method("ANY", "/v1/memos");
        assert_eq!(arn, "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/*/v1/memos");
    }

    #[test]
    fn an_arn_of_something_else_has_no_stage() {
        for arn in ["", "arn:aws:lambda:eu-west-1:111122223333:function:f/x/GET", "a1b2c3/prod/GET/"] {
            assert_eq!(Stage::of(arn), None, "{arn}");
        }
    }
}
