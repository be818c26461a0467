//! Findings as people read them.

use std::fmt::Write as _;

use super::style;
use crate::finding::Finding;

/// Two lines for each finding, with a line feed behind each.
pub fn human(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let _ = writeln!(text, "{} {}  {finding}", style::bad("!"), finding.id());
        let _ = writeln!(text, "    {}", style::dim(finding.consequence()));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Id;

    #[test]
    fn a_finding_says_what_happened_and_what_a_deploy_will_do() {
        let fields = ["routes.GET /a.timeout", "routes.GET /z"].map(str::to_owned);
        let findings = [
            Finding::ForeignDeployment { id: Id::new("release", "dev"), deployment: "h4x0rd".to_owned() },
            Finding::Undeployed { id: Id::new("api", "memo-dev-api"), fields: fields.into() },
            Finding::Undeployed { id: Id::new("api", "memo-dev-api"), fields: Vec::new() },
        ];
        insta::assert_snapshot!(anstream::adapter::strip_str(&human(&findings)), @r"
        ! release/dev  somebody else's deployment serves: h4x0rd, which memoctl did not make
            a deploy moves the stage to what stack.toml says; the deployment stays beside it, and can be put back
        ! api/memo-dev-api  edits that are not deployed, made by hand or by a deploy that was cut short: routes.GET /a.timeout, routes.GET /z
            callers see nothing of them unless somebody else deployed them; a deploy puts back what stack.toml says, and then releases it
        ! api/memo-dev-api  edits that are not deployed, made by hand or by a deploy that was cut short
            callers see nothing of them unless somebody else deployed them; a deploy puts back what stack.toml says, and then releases it
        ");
    }
}
