//! Gateway responses and models.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Import, document};
use crate::apigateway::definition::{GatewayResponse, Model};
use crate::apigateway::expression::Expression;
use crate::apigateway::gateway_response::{self, Type};
use crate::apigateway::model::new_id;
use crate::apigateway::template::Template;
use crate::call::Error;

impl Import<'_> {
    pub(super) fn gateway_responses(&mut self, responses: BTreeMap<String, document::GatewayResponse>) {
        for (name, new) in responses {
            let place = format!("the gateway response {name}");
            if Type::named(&name).is_none() {
                self.errors.push(format!("Invalid gateway response type specified: {name}"));
                continue;
            }
            let status_code = new.status_code.map(document::Scalar::text);
            if status_code.as_ref().is_some_and(|code| !matches!(code.parse(), Ok(100..=599u16))) {
                self.errors.push(format!("Invalid status code in {place}"));
            }
            for (parameter, expression) in &new.response_parameters {
                let header = parameter.strip_prefix("gatewayresponse.header.").unwrap_or_default();
                if http::HeaderName::try_from(header).is_err() || Expression::parse(expression).is_none() {
                    self.errors.push(format!("Invalid response parameter {parameter}: {expression} in {place}"));
                }
            }
            for template in new.response_templates.values() {
                if let Err(what) = Template::compile(template) {
                    self.refuse(&place, &what);
                }
            }
            let templates = new.response_templates;
            self.made.gateway_responses.insert(
                name.clone(),
                GatewayResponse {
                    response_type: name,
                    status_code,
                    response_parameters: new.response_parameters,
                    response_templates: if templates.is_empty() {
                        gateway_response::default_templates()
                    } else {
                        templates
                    },
                    default_response: false,
                },
            );
        }
    }

    pub(super) fn models(&mut self, schemas: BTreeMap<String, Value>) -> Result<(), Error> {
        for (name, schema) in schemas {
            if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
                self.errors.push(format!("Model name must be alphanumeric: {name}"));
                continue;
            }
            let before = self.before.models.get(&name);
            let id = before.map_or_else(|| new_id(6), |model| Ok(model.id.clone()))?;
            let description = schema.get("description").and_then(Value::as_str).map(str::to_owned);
            self.made.models.insert(
                name.clone(),
                Model {
                    id,
                    name,
                    description,
                    schema: schema.to_string(),
                    content_type: "application/json".to_owned(),
                },
            );
        }
        Ok(())
    }
}
