//! A function's code, run as CloudFront runs it: in QuickJS, for a bounded number of steps, in bounded memory.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html>

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::{CatchResultExt as _, Context, Ctx, Function, Runtime, Value};

/// How far a function may run, in ten thousands of loops and calls. On AWS it is less than a millisecond of computing; a
/// count is the same on a busy machine and an idle one.
const STEPS: u32 = 200;
/// Bytes of memory: AWS gives functions 2 MB, here the engine's own objects are counted too.
const MEMORY: usize = 4 << 20;
const STACK: usize = 256 << 10;
/// Bytes of what a function logs.
const LOG: usize = 10 << 10;

/// What the runtime takes away ("dynamic code evaluation"), and the console that it gives.
const PRELUDE: &str = r"(() => {
    for (const made of [function () {}, async function () {}, function* () {}, async function* () {}]) {
        Object.defineProperty(Object.getPrototypeOf(made), 'constructor', { value: undefined });
    }
    delete globalThis.Function;
    delete globalThis.eval;
    const write = globalThis.write;
    delete globalThis.write;
    const text = (part) => typeof part === 'string' ? part : JSON.stringify(part) ?? String(part);
    const log = (...parts) => write(parts.map(text).join(' '));
    globalThis.console = { log, error: log };
})()";

/// A function's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) name: String,
    pub(super) code: String,
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Ran {
    /// What `handler` returned, in JSON; the reason where it failed.
    pub(super) result: Result<String, String>,
    pub(super) lines: Vec<String>,
}

impl Script {
    /// Calls `handler` with `event`, which is JSON. Takes this thread for as long as that runs.
    pub(super) fn run(&self, event: String) -> Ran {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let result = self.call(event, &lines);
        let lines = lines.take();
        Ran { result, lines }
    }

    fn call(&self, event: String, lines: &Rc<RefCell<Vec<String>>>) -> Result<String, String> {
        let text = |error: rquickjs::Error| error.to_string();
        let runtime = Runtime::new().map_err(text)?;
        runtime.set_memory_limit(MEMORY);
        runtime.set_max_stack_size(STACK);
        let steps = Rc::new(Cell::new(0));
        let counted = Rc::clone(&steps);
        runtime.set_interrupt_handler(Some(Box::new(move || {
            counted.set(counted.get() + 1);
            counted.get() > STEPS
        })));
        let context = Context::full(&runtime).map_err(text)?;
        context.with(|ctx| {
            let called = self.call_in(&ctx, event, Rc::clone(lines));
            called.catch(&ctx).map_err(|error| {
                if steps.get() > STEPS { "the function ran out of time".to_owned() } else { error.to_string() }
            })
        })
    }

    fn call_in(&self, ctx: &Ctx<'_>, event: String, lines: Rc<RefCell<Vec<String>>>) -> rquickjs::Result<String> {
        let write = move |line: String| {
            let mut lines = lines.borrow_mut();
            if lines.iter().map(String::len).sum::<usize>() + line.len() <= LOG {
                lines.push(line);
            }
        };
        ctx.globals().set("write", Function::new(ctx.clone(), write)?)?;
        ctx.eval::<(), _>(PRELUDE)?;
        ctx.eval::<(), _>(self.code.as_str())?;
        // A `const` is no member of the global object.
        let handler: Function<'_> = ctx.eval("handler")?;
        let answer: Value<'_> = handler.call((ctx.json_parse(event)?,))?;
        let answer = match answer.as_promise() {
            Some(promise) => promise.finish::<Value<'_>>()?,
            None => answer,
        };
        let json = ctx.json_stringify(answer)?;
        json.map_or_else(|| Ok("null".to_owned()), |json| json.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: &str) -> Ran {
        Script { name: "f".to_owned(), code: code.to_owned() }.run(r#"{"request":{"uri":"/a"}}"#.to_owned())
    }

    #[test]
    fn a_handler_gets_the_event_and_its_value_comes_back_also_by_a_promise() {
        for code in [
            "function handler(event) { event.request.uri += '/index.html'; return event.request; }",
            "const handler = async (event) => { const r = await event.request; r.uri = `${r.uri}/index.html`; return r; }",
        ] {
            assert_eq!(run(code).result.unwrap(), r#"{"uri":"/a/index.html"}"#, "{code}");
        }
    }

    #[test]
    fn what_is_logged_is_kept_also_of_a_function_that_fails() {
        let ran = run("function handler(event) { console.log('uri', event.request); throw new Error('no'); }");
        assert_eq!(ran.lines, [r#"uri {"uri":"/a"}"#]);
        assert!(ran.result.unwrap_err().contains("no"));
    }

    #[test]
    fn a_function_without_end_is_ended_and_one_without_measure_too() {
        assert_eq!(run("function handler() { for (;;) {} }").result.unwrap_err(), "the function ran out of time");
        run("function handler() { const all = []; for (;;) { all.push(new Array(10000).fill(0)); } }")
            .result
            .unwrap_err();
    }

    #[test]
    fn there_is_no_code_made_of_text_and_no_module() {
        for code in [
            "function handler() { return eval('1'); }",
            "function handler() { return new Function('return 1')(); }",
            "function handler() { return handler.constructor('return 1')(); }",
            "function handler() { return require('crypto'); }",
            "function handler( {",
        ] {
            run(code).result.unwrap_err();
        }
    }
}
