//! What CloudFront makes of paths that name no file: a function of its own, which it runs before it looks into its cache.

use serde::{Serialize, Serializer};

use crate::digest::Digest;
use crate::package::{File, Files};
use crate::stack;

/// The code of a CloudFront function.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite(pub String);

/// It is shown by its digest.
impl Serialize for Rewrite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Digest::of(&self.0).serialize(serializer)
    }
}

impl Rewrite {
    /// The function that the page needs: none where each path is a file's, and the root is CloudFront's own business.
    pub fn wanted(site: &stack::Site, files: &Files) -> Option<Self> {
        let index = stack::Site::INDEX;
        let is_folder = |(name, file): (&String, &File)| !file.is_asset && name.ends_with(&format!("/{index}"));
        match &site.fallback {
            Some(fallback) => Some(Self::of(&format!("uri = {}", serde_json::json!(format!("/{fallback}"))))),
            None if files.iter().any(is_folder) => {
                Some(Self::of(&format!("uri = uri + (uri.endsWith('/') ? '' : '/') + '{index}'")))
            }
            None => None,
        }
    }

    /// A name without a dot is no file's.
    fn of(rewriting: &str) -> Self {
        Self(format!(
            "function handler(event) {{\n  var request = event.request;\n  var uri = request.uri;\n  if \
             (!uri.slice(uri.lastIndexOf('/')).includes('.')) {{\n    {rewriting};\n  }}\n  request.uri = uri;\n  return \
             request;\n}}\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn files(names: &[&str]) -> Files {
        let file = |is_asset| File { path: PathBuf::new(), size: 1, md5: String::new(), is_asset };
        names.iter().map(|name| ((*name).to_owned(), file(name.starts_with("assets/")))).collect()
    }

    fn site(fallback: Option<&str>) -> stack::Site {
        stack::Site {
            path: "site".to_owned(),
            build: None,
            output: None,
            assets: stack::Site::default_assets(),
            fallback: fallback.map(str::to_owned),
            headers: std::collections::BTreeMap::new(),
            domain: None,
        }
    }

    #[test]
    fn a_page_of_one_folder_needs_no_function() {
        assert_eq!(Rewrite::wanted(&site(None), &files(&["index.html", "assets/index.html", "assets/deep/index.html"])), None);
    }

    #[test]
    fn a_folder_is_answered_by_its_index() {
        let rewrite = Rewrite::wanted(&site(None), &files(&["index.html", "about/index.html"])).unwrap();
        insta::assert_snapshot!(rewrite.0, @r"
        function handler(event) {
          var request = event.request;
          var uri = request.uri;
          if (!uri.slice(uri.lastIndexOf('/')).includes('.')) {
            uri = uri + (uri.endsWith('/') ? '' : '/') + 'index.html';
          }
          request.uri = uri;
          return request;
        }
        ");
    }

    #[test]
    fn what_is_no_file_is_answered_by_the_fallback_whose_name_is_quoted() {
        let rewrite = Rewrite::wanted(&site(Some("it's.html")), &files(&["index.html"])).unwrap();
        assert!(rewrite.0.contains(r#"uri = "/it's.html";"#), "{}", rewrite.0);
    }
}
