use serde_json::{Value, json};

use super::*;

/// A document with `schemas` and nothing else.
fn schemas(schemas: Value) -> Value {
    let mut document = json!({ "openapi": "3.1.0", "info": { "title": "t", "version": "1" } });
    document["components"] = Value::Object([("schemas".to_owned(), schemas)].into_iter().collect());
    document
}

/// A document with the operation `GET /x/{id}`, to which `more` is added.
fn operation(more: Value) -> Value {
    let mut operation = json!({ "parameters": [{ "name": "id", "in": "path", "required": true }], "responses": {} });
    let (Value::Object(operation_members), Value::Object(more)) = (&mut operation, more) else { panic!() };
    operation_members.extend(more);
    let mut document = schemas(json!({}));
    document["paths"] = json!({ "/x/{id}": { "get": operation } });
    document
}

/// The faults that are found in `document`.
fn faults(document: &Value) -> Vec<String> {
    sources(document).err().unwrap_or_default()
}

#[test]
fn a_document_with_nothing_in_it_makes_a_client_that_does_nothing() {
    assert_eq!(faults(&schemas(json!({}))), Vec::<String>::new());
}

#[test]
fn what_no_type_of_rust_stands_for_is_refused_by_name() {
    let object = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    for (schema, fault) in [
        (json!(false), "#/components/schemas/A: it admits nothing"),
        (json!({ "patternProperties": {} }), "#/components/schemas/A: `patternProperties` is not supported"),
        (json!({ "$dynamicRef": "#x" }), "#/components/schemas/A: `$dynamicRef` is not supported"),
        (json!({ "items": { "prefixItems": [] } }), "#/components/schemas/A/items: `prefixItems` is not supported"),
        (json!({ "type": "file" }), "#/components/schemas/A: `type: file` is none of JSON Schema's"),
        (
            json!({ "$ref": "#/components/schemas/B" }),
            "#/components/schemas/A: `$ref: #/components/schemas/B` does not lead to #/components/schemas",
        ),
        (
            json!({ "$ref": "#/components/schemas/A", "enum": [1] }),
            "#/components/schemas/A: `enum` beside `$ref` is not supported",
        ),
        (json!({ "$ref": "#/components/schemas/A" }), "#/components/schemas: the type `A` is made of itself alone"),
        (
            json!({ "type": "array", "items": { "$ref": "#/components/schemas/A" } }),
            "#/components/schemas: the type `A` is made of itself alone",
        ),
        (json!({ "enum": [1, "a"] }), "#/components/schemas/A: values of several types are not supported"),
        (
            json!({ "allOf": [{ "type": "string" }, { "type": "string" }] }),
            "#/components/schemas/A/allOf/0: `allOf` is supported of objects alone",
        ),
        (
            json!({ "anyOf": [], "type": "object" }),
            "#/components/schemas/A: `anyOf` or `oneOf` beside something else is not supported",
        ),
        (
            json!({ "allOf": [object("a"), { "properties": { "a": { "type": "integer" } } }] }),
            "#/components/schemas/A/allOf/1/properties/a: the member is described twice, as two types",
        ),
    ] {
        assert_eq!(faults(&schemas(json!({ "A": schema }))), [fault], "{schema}");
    }
}

#[test]
fn alternatives_that_cannot_be_told_apart_are_refused() {
    let object = json!({ "type": "object", "properties": { "kind": { "const": "a" } }, "required": ["kind"] });
    let optional = json!({ "type": "object", "properties": { "kind": { "const": "b" } } });
    for alternatives in [
        json!([object, object]),
        json!([object, optional]),
        json!([{ "type": "string" }, { "type": "string", "format": "date" }]),
        json!([{ "type": "integer" }, { "type": "number" }]),
        json!([{}, { "type": "string" }]),
    ] {
        let found = faults(&schemas(json!({ "A": { "oneOf": alternatives } })));
        assert!(found[0].starts_with("#/components/schemas/A: the alternatives cannot be told apart"), "{found:?}");
    }
}

#[test]
fn what_an_operation_has_that_the_client_does_not_know_is_refused_by_name() {
    let place = "#/paths/~1x~1{id}/get";
    let parameter = |more: Value| json!({ "parameters": [{ "name": "id", "in": "path" }, more] });
    for (more, fault) in [
        (json!({ "parameters": [] }), ": the path's variables are `id`, and its parameters ``".to_owned()),
        (json!({ "servers": [] }), ": `servers` of one operation or path is not supported".to_owned()),
        (json!({ "security": [{ "key": [] }] }), ": security by `key` is not supported; bearer tokens are".to_owned()),
        (parameter(json!({ "name": "c", "in": "cookie" })), "/parameters/1: `in: cookie` is not supported".to_owned()),
        (
            parameter(json!({ "name": "c", "in": "query", "style": "deepObject" })),
            "/parameters/1: `style: deepObject` is not supported".to_owned(),
        ),
        (
            parameter(json!({ "name": "c", "in": "header", "schema": { "type": "object" } })),
            "/parameters/1: a parameter is supported that is text, a number, a boolean or a list of them".to_owned(),
        ),
        (
            json!({ "requestBody": { "content": { "multipart/form-data": {} } } }),
            "/requestBody/content/multipart~1form-data: `multipart/form-data` is not supported, or not with this schema"
                .to_owned(),
        ),
        (
            json!({ "requestBody": { "content": { "application/x-www-form-urlencoded": {
                "schema": { "properties": { "a": { "type": "object" } } }
            } } } }),
            "/requestBody/content/application~1x-www-form-urlencoded: a form has no text for its member `a`".to_owned(),
        ),
        (
            json!({ "responses": { "200": { "content": { "application/xml": { "schema": { "type": "object" } } } } } }),
            "/responses/200/content/application~1xml: `application/xml` is not supported, or not with this schema".to_owned(),
        ),
        (json!({ "responses": { "20": {} } }), "/responses/20: no status has this name".to_owned()),
        (
            json!({ "responses": { "200": { "$ref": "#/components/responses/A" } } }),
            "/responses/200: `$ref: #/components/responses/A` does not lead to #/components/responses".to_owned(),
        ),
    ] {
        assert_eq!(faults(&operation(more.clone())), [format!("{place}{fault}")], "{more}");
    }
}

#[test]
fn an_operation_without_a_name_is_called_after_its_method_and_path() {
    let files = sources(&operation(json!({}))).unwrap();
    assert!(files["src/operations.rs"].contains("pub async fn get_x_by_id(&self, id: &str)"));
}

#[test]
fn a_security_scheme_that_takes_a_token_will_do_beside_one_that_does_not() {
    let mut document = operation(json!({ "security": [{ "key": [] }, { "token": [] }] }));
    document["components"]["securitySchemes"] =
        json!({ "key": { "type": "apiKey" }, "token": { "type": "http", "scheme": "Bearer" } });
    assert!(sources(&document).unwrap()["src/operations.rs"].contains(".secured()"));
}

#[test]
fn the_same_document_makes_the_same_sources() {
    let document = operation(json!({ "responses": { "default": { "content": { "application/json": {} } } } }));
    assert_eq!(sources(&document).unwrap(), sources(&document).unwrap());
}
