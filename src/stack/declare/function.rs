//! `[functions.NAME]`

use std::collections::{BTreeMap, BTreeSet};

use super::pattern;
use crate::stack::form::{Choice, Event, Fields, Flag, Integer, List, Map, OneOf, Set, Text};
use crate::stack::{Architecture, Function, FunctionAccess, KeyAccess, TableAccess};

/// What CloudWatch Logs takes (`PutRetentionPolicy`).
const RETENTION_DAYS: &[u32] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

pub(super) fn function(f: &mut Fields<'_>) -> Function {
    let name = f.name();
    Function {
        package: f
            .optional(("package", "the Cargo package and binary that is built; the function's name when absent"), &Text(&pattern::PACKAGE))
            .unwrap_or(name),
        description: f.or(("description", "what it is for; shown by AWS"), &Text(&pattern::DESCRIPTION), String::new()),
        memory: f.or(
            ("memory", "MB, 128 to 10240; CPU grows with it, to one vCPU at 1769"),
            &Integer::of(128..=10_240),
            256,
        ),
        timeout: f.or(("timeout", "seconds that an invocation may take, 1 to 900"), &Integer::of(1..=900), 10),
        architecture: f.or(
            ("architecture", "the processor: `x86_64` or `arm64`"),
            &Choice(&[Architecture::X86_64, Architecture::Arm64]),
            Architecture::X86_64,
        ),
        ephemeral_storage: f.or(
            ("ephemeral_storage", "MB of /tmp, 512 to 10240"),
            &Integer::of(512..=10_240),
            512,
        ),
        reserved_concurrency: f.optional(
            ("reserved_concurrency", "instances kept for it, and never more; 0 stops it"),
            &Integer::of(0..=100_000),
        ),
        tracing: f.or(("tracing", "whether X-Ray traces it"), &Flag, false),
        log_retention: f.or(("log_retention", "days that its logs are kept"), &OneOf(RETENTION_DAYS), 30),
        environment: f.or(
            ("environment", "environment variables; with those of its bindings at most 4 KB"),
            &Map { names: &pattern::VARIABLE, of: Text(&pattern::ANYTHING) },
            BTreeMap::new(),
        ),
        tables: f.or(
            ("tables", "by name of a table: `read`, `write` or `read-write`; its physical name is in TABLE_<NAME>"),
            &Map {
                names: &pattern::TABLE,
                of: Choice(&[TableAccess::Read, TableAccess::Write, TableAccess::ReadWrite]),
            },
            BTreeMap::new(),
        ),
        signing_keys: f.or(
            ("signing_keys", "by name of a signing key: `sign`, or `verify` (public keys only); its SSM path is in SIGNING_KEY_<NAME>"),
            &Map { names: &pattern::SIGNING_KEY, of: Choice(&[KeyAccess::Sign, KeyAccess::Verify]) },
            BTreeMap::new(),
        ),
        functions: f.or(
            ("functions", "by name of another function: `invoke`; the version of the same release is in the stage's variable function_<name>"),
            &Map { names: &pattern::FUNCTION, of: Choice(&[FunctionAccess::Invoke]) },
            BTreeMap::new(),
        ),
        services: f.or(
            ("services", "the names of services that it calls; the base URL of each is in the stage's variable service_<name>"),
            &Set(List { of: Text(&pattern::SERVICE), least: 0, most: 90 }),
            BTreeSet::new(),
        ),
        gc: f.optional(
            ("gc", "the event with which `memoctl gc` invokes it, to finish what was left undone: `{ task = { outbox = {} } }`"),
            &Event,
        ),
    }
}
