//! Routes to a canonical OpenAPI 3 document with API Gateway's extensions, and back. Pure.
