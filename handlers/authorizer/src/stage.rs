//! The stage of an API, told from a method's ARN.

/// The methods that `ANY` stands for.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

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

    /// The ARN of the method `method` of the path `path`, in which each parameter (`{id}`, `{proxy+}`) stands for anything;
    /// of `ANY` those of all methods, since a star in place of them would take other paths as well.
    pub(crate) fn methods(&self, method: &str, path: &str) -> Vec<String> {
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
        let path = segments.collect::<Vec<_>>().join("/");
        let methods = if method == "ANY" { METHODS.as_slice() } else { &[method] };
        methods.iter().map(|method| format!("{}/{method}{path}", self.0)).collect()
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
        let arns = Stage::of(ARN).unwrap().methods("PUT", "/v1/memos/{id}/tags");
        assert_eq!(arns, ["arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/PUT/v1/memos/*/tags"]);
    }

    #[test]
    fn any_method_becomes_each_of_them() {
        let arns = Stage::of(ARN).unwrap().methods("ANY", "/v1/memos");
        let methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
        let expected =
            methods.map(|method| format!("arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/prod/{method}/v1/memos"));
        assert_eq!(arns, expected);
    }

    #[test]
    fn an_arn_of_something_else_has_no_stage() {
        for arn in ["", "arn:aws:lambda:eu-west-1:111122223333:function:f/x/GET", "a1b2c3/prod/GET/"] {
            assert_eq!(Stage::of(arn), None, "{arn}");
        }
    }
}
