//! The verbs that stay: `local`, `dev`, and following a log.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::Project;

/// Longer than any build here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// A run that goes on, and its lines of both outputs.
struct Serving {
    child: Child,
    lines: Receiver<String>,
    /// Lines that nobody waited for yet: which of the two outputs is read first is chance.
    unmatched: RefCell<Vec<String>>,
}

impl Serving {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut command = project.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let pipes: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for pipe in pipes {
            let send = send.clone();
            std::thread::spawn(move || {
                BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
            });
        }
        Self { child, lines, unmatched: RefCell::default() }
    }

    /// Waits for a line that has `text` in it, and that was not waited for before.
    #[track_caller]
    fn line(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut unmatched = self.unmatched.borrow_mut();
        if let Some(index) = unmatched.iter().position(|line| line.contains(text)) {
            return unmatched.remove(index);
        }
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => unmatched.push(line),
                Err(error) => panic!("no {text:?} ({error}) in\n{}", unmatched.join("\n")),
            }
        }
    }

    /// Sends Ctrl-C, and gives the exit code.
    fn interrupt(mut self) -> Option<i32> {
        let kill = std::process::Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that failed leaves nothing running; one that did not has ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `GET url` over plain HTTP, and the answer whole.
fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn stack(function: &str) -> String {
    format!(
        "name = \"shop\"\nregion = \"eu-central-1\"\n[functions.{function}]\n[api.routes]\n\"GET /hello\" = \"{function}\"\n"
    )
}

#[test]
fn local_tells_its_endpoint_as_one_line_of_json_and_ends_by_ctrl_c() {
    let project = Project::empty();
    let cloud = Serving::start(&project, &["local", "--port", "0", "--region", "eu-west-1", "--output", "json"]);
    let ready: serde_json::Value = serde_json::from_str(&cloud.line("endpoint")).unwrap();
    assert!(ready["endpoint"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{ready}");
    assert_eq!(ready["region"], "eu-west-1");
    assert_eq!(cloud.interrupt(), Some(0));
}

#[test]
fn a_second_local_cloud_on_the_same_state_is_refused_with_the_place_of_the_first() {
    let project = Project::empty();
    let first = Serving::start(&project, &["local", "--port", "0"]);
    let endpoint = first.line("endpoint = ").replace("endpoint = ", "");
    let second = project.run(&["local", "--port", "0"]);
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains(&endpoint), "{}", second.stderr);
    assert_eq!(first.interrupt(), Some(0));
}

#[test]
fn dev_serves_the_stack_and_redeploys_a_change() {
    let project = Project::with_handlers(&stack("served"), &["served"]);
    let dev = Serving::start(&project, &["dev", "--port", "0"]);
    let url = dev.line("url = ").replace("url = ", "");
    assert!(get(&format!("{url}/hello")).contains("served, world"));

    dev.line("watching");
    project.replace("handlers/served/src/main.rs", "\"world\"", "\"moon\"");
    dev.line("url = ");
    assert!(get(&format!("{url}/hello")).contains("served, moon"));
    assert_eq!(dev.interrupt(), Some(0));
}

#[test]
fn dev_tells_a_broken_change_and_goes_on_with_the_next() {
    let project = Project::with_handlers(&stack("mended"), &["mended"]);
    let dev = Serving::start(&project, &["dev", "--port", "0"]);
    let url = dev.line("url = ").replace("url = ", "");
    dev.line("watching");
    project.replace("handlers/mended/src/main.rs", "\"world\"", "nowhere");
    dev.line("error: the build failed");
    assert!(get(&format!("{url}/hello")).contains("mended, world"));

    dev.line("watching");
    project.replace("handlers/mended/src/main.rs", "nowhere", "\"moon\"");
    dev.line("url = ");
    assert!(get(&format!("{url}/hello")).contains("mended, moon"));
    assert_eq!(dev.interrupt(), Some(0));
}

#[test]
fn what_init_makes_is_served() {
    let project = Project::empty();
    project.succeed(&["init", "hello"]);
    let dev = Serving::start(&project, &["dev", "--port", "0", "--stack", "hello/stack.toml"]);
    let url = dev.line("url = ").replace("url = ", "");
    assert!(get(&format!("{url}/hello?name=you")).contains("hello, you"));
    assert_eq!(dev.interrupt(), Some(0));
}

#[test]
fn a_followed_log_shows_each_event_once() {
    let project = Project::with_handlers(&stack("followed"), &["followed"]);
    let dev = Serving::start(&project, &["dev", "--port", "0"]);
    let url = dev.line("url = ").replace("url = ", "");
    let logs = Serving::start(&project, &["logs", "-f", "--local", "--output", "json"]);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        get(&format!("{url}/hello"));
        assert!(seen.insert(logs.line("platform.report")), "an event is shown twice");
    }
    assert_eq!(logs.interrupt(), Some(0));
    assert_eq!(dev.interrupt(), Some(0));
}

#[test]
fn ctrl_c_during_a_build_is_exit_code_130() {
    let project = Project::with_stack(&stack("stopped"));
    project.write("cargo", "#!/bin/sh\ntouch building\nexec sleep 5\n");
    let cargo = project.path().join("cargo");
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = project.command(&["deploy", "--local"]);
    let mut child = command.env("CARGO", &cargo).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while !project.path().join("building").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
