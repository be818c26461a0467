//! Finding the stack's REST API among all, and reading it.

use std::collections::BTreeSet;

use aws_sdk_apigateway::primitives::DateTime;
use aws_sdk_apigateway::types::RestApi;

use super::parse::Answers;
use super::{Api, Settings};
use crate::aws::{Aws, Error, each, idempotent, pages};
use crate::openapi;
use crate::plan::Id;
use crate::resource::Kind as _;
use crate::scope::{self, Tags};

/// Items of one page: API Gateway's maximum.
pub(super) const PAGE: i32 = 500;

/// The APIs that are ours, by tag or by mark.
#[derive(Debug)]
pub(crate) struct Ours {
    /// The one that serves, or the oldest.
    pub(crate) api: RestApi,
    /// The ids of the others, and whether they have stages.
    pub(super) others: Vec<(String, bool)>,
}

impl Ours {
    /// The API's id.
    pub(crate) fn id(&self) -> &str {
        self.api.id().unwrap_or_default()
    }
}

/// Finds the stack's API, and puts its id into the directory.
pub(crate) async fn find(aws: &Aws) -> Result<Option<Ours>, Error> {
    let mut ours: Vec<RestApi> = all(aws).await?.into_iter().filter(|api| owned(api, aws)).collect();
    // The common case needs no look at stages.
    let mut ranked = match ours.len() {
        0 => Vec::new(),
        1 => vec![(false, ours.remove(0))],
        _ => each(ours, |api| async move { Ok((staged(&api, aws).await?, api)) }).await?,
    };
    ranked.sort_by_key(|(staged, api)| (!staged, api.created_date().map_or(i64::MAX, DateTime::secs)));
    let mut ranked = ranked.into_iter();
    let Some((_, api)) = ranked.next() else {
        aws.directory.remove_api(&aws.scope.api());
        return Ok(None);
    };
    let others = ranked.map(|(staged, api)| (api.id.unwrap_or_default(), staged)).collect();
    let ours = Ours { api, others };
    aws.directory.put_api(&aws.scope.api(), ours.id());
    Ok(Some(ours))
}

async fn all(aws: &Aws) -> Result<Vec<RestApi>, Error> {
    pages(async |position: Option<String>| {
        let call = || aws.apigateway.get_rest_apis().limit(PAGE).set_position(position.clone()).send();
        let page = idempotent("list", &"the REST APIs", call).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// Reads the API that has the id `name`, or that alone has the name, as the one that the stack could have; it is put into
/// the directory, as the one to tag.
pub(super) async fn look(name: &str, aws: &Aws) -> Result<Option<Api>, Error> {
    let apis = all(aws).await?;
    let refused = |cause: String| Error::refused("adopt", &shown(name), cause);
    if let Some(ours) = apis.iter().find(|api| owned(api, aws)) {
        let id = ours.id().unwrap_or_default();
        return Err(refused(format!("the stack has an API of its own, {id}")).hint("one stack has one API"));
    }
    let named = |api: &&RestApi| api.id() == Some(name) || api.name() == Some(name);
    let api = match apis.iter().filter(named).collect::<Vec<_>>().as_slice() {
        [] => return Ok(None),
        [api] => (*api).clone(),
        several => {
            let ids: Vec<&str> = several.iter().filter_map(|api| api.id()).collect();
            let cause = format!("several APIs have the name: {}", ids.join(", "));
            return Err(refused(cause).hint("name the one to adopt by its id: `memoctl adopt api/ID`"));
        }
    };
    let ours = Ours { api, others: Vec::new() };
    aws.directory.put_api(&aws.scope.api(), ours.id());
    content(&ours, aws).await.map(Some)
}

fn owned(api: &RestApi, aws: &Aws) -> bool {
    let marked = api.description().is_some_and(|text| scope::unmarked(text, &openapi::mark(&aws.scope)).is_some());
    marked || aws.scope.owns(&tags(api))
}

fn tags(api: &RestApi) -> Tags {
    api.tags().cloned().unwrap_or_default().into_iter().collect()
}

async fn staged(api: &RestApi, aws: &Aws) -> Result<bool, Error> {
    let id = api.id().unwrap_or_default();
    let call = || aws.apigateway.get_stages().rest_api_id(id).send();
    Ok(!idempotent("list the stages of", &shown(id), call).await?.item().is_empty())
}

/// Reads the stack's API; `None` when there is none.
pub(super) async fn read(aws: &Aws) -> Result<Option<Api>, Error> {
    match find(aws).await? {
        Some(ours) => content(&ours, aws).await.map(Some),
        None => Ok(None),
    }
}

/// Reads all that an API is.
async fn content(ours: &Ours, aws: &Aws) -> Result<Api, Error> {
    let (id, gateway) = (ours.id(), &aws.apigateway);
    let thing = shown(id);
    let resources = pages(async |position: Option<String>| {
        let call = || {
            let call = gateway.get_resources().rest_api_id(id).limit(PAGE).embed("methods");
            call.set_position(position.clone()).send()
        };
        let page = idempotent("read the resources of", &thing, call).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let authorizers = pages(async |position: Option<String>| {
        let call = || gateway.get_authorizers().rest_api_id(id).limit(PAGE).set_position(position.clone()).send();
        let page = idempotent("read the authorizers of", &thing, call).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let responses = pages(async |position: Option<String>| {
        let call = || gateway.get_gateway_responses().rest_api_id(id).limit(PAGE).set_position(position.clone()).send();
        let page = idempotent("read the gateway responses of", &thing, call).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let validators = pages(async |position: Option<String>| {
        let call =
            || gateway.get_request_validators().rest_api_id(id).limit(PAGE).set_position(position.clone()).send();
        let page = idempotent("read the request validators of", &thing, call).await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    let (resources, authorizers, responses, validators) =
        tokio::try_join!(resources, authorizers, responses, validators)?;
    let answers = Answers { api: &ours.api, resources, authorizers, responses, validators };
    Ok(Api {
        name: aws.scope.api(),
        table: answers.table(&aws.scope),
        settings: settings(&ours.api),
        tags: tags(&ours.api),
        duplicates: stageless(ours),
    })
}

fn settings(api: &RestApi) -> Settings {
    let source = api.api_key_source().map(|source| source.as_str().to_owned());
    Settings {
        api_key_source: source.unwrap_or_else(|| Settings::default().api_key_source),
        minimum_compression_size: api.minimum_compression_size(),
        execute_api_endpoint: !api.disable_execute_api_endpoint(),
    }
}

fn stageless(ours: &Ours) -> BTreeSet<String> {
    ours.others.iter().filter(|(_, staged)| !staged).map(|(id, _)| id.clone()).collect()
}

/// An API as errors name it: names are not unique, so with its id.
pub(super) fn shown(id: &str) -> Id {
    Id::new(Api::KIND, id)
}
