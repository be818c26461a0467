//! Walks a plan: every step as soon as what it waits for is done, in parallel. It knows no AWS, and gives an
//! [`Outcome`], never an error: partial failure is an ordinary result.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::plan::{Item, Key, Phase, Plan, Step};

/// How a step ended.
#[derive(Debug)]
pub enum Status<E> {
    Done(Duration),
    Failed(E),
    Skipped(Because),
}

/// Why a step was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// The step that failed or was itself skipped first.
    Failed(Key),
    /// The walk was told to stop.
    Interrupted,
    /// The lease was lost: somebody else may be at work on the same things.
    LeaseLost,
}

/// What a walk tells while it goes.
#[derive(Debug)]
pub enum Event<'a, T, E> {
    Started(&'a Key, &'a Step<T>),
    Ended(&'a Key, &'a Step<T>, &'a Status<E>),
}

/// A status for each step that had something to do.
#[derive(Debug)]
pub struct Outcome<E> {
    pub statuses: BTreeMap<Key, Status<E>>,
}

impl<E> Outcome<E> {
    /// Whether every step is done.
    pub fn succeeded(&self) -> bool {
        self.statuses.values().all(|status| matches!(status, Status::Done(_)))
    }

    /// Whether a step was skipped because the walk was told to stop.
    pub fn interrupted(&self) -> bool {
        self.statuses.values().any(|status| matches!(status, Status::Skipped(Because::Interrupted)))
    }
}

/// How a step is done, in three parts. An error of any of them is the step's.
#[expect(async_fn_in_trait, reason = "polled in place; nothing needs the futures to be Send")]
pub trait Work<T> {
    type Error;

    /// What needs nothing else: done while what the step waits for is under way, and also when it is skipped then.
    async fn begin(&self, key: &Key, step: &Step<T>) -> Result<(), Self::Error>;

    /// What other preparations wait for.
    async fn act(&self, key: &Key, step: &Step<T>) -> Result<(), Self::Error>;

    /// What the release and the clean-up wait for too.
    async fn finish(&self, key: &Key, step: &Step<T>) -> Result<(), Self::Error>;
}

/// Walks `plan`, doing each step by `work`. When `stop` gives a reason nothing new is started, what runs is finished, and
/// the rest is skipped for that reason. A failed step skips those that wait for it, and only those.
pub async fn apply<T: Item, W: Work<T>>(
    plan: &Plan<T>,
    work: &W,
    stop: impl Fn() -> Option<Because>,
    mut tell: impl FnMut(Event<'_, T, W::Error>),
) -> Outcome<W::Error> {
    let mut walk = Walk::of(plan);
    let mut statuses = BTreeMap::new();
    let mut running = FuturesUnordered::new();
    if stop().is_none() {
        let steps = walk.nodes.iter().enumerate();
        running.extend(steps.map(|(index, node)| run(work, index, (node.key, node.step), Part::Begin, Instant::now())));
    }
    let mut ending = VecDeque::new();
    loop {
        walk.settle(&mut ending, &mut statuses, &mut tell);
        if let Some(because) = stop() {
            ending.extend(walk.waiting().map(|index| (index, Status::Skipped(because.clone()))));
            walk.settle(&mut ending, &mut statuses, &mut tell);
        }
        for index in std::mem::take(&mut walk.ready) {
            let node = &mut walk.nodes[index];
            node.state = State::Going;
            tell(Event::Started(node.key, node.step));
            running.push(run(work, index, (node.key, node.step), Part::Act, Instant::now()));
        }
        let Some((index, part, since, result)) = running.next().await else { break };
        match (part, result) {
            (_, Err(error)) => ending.push_back((index, Status::Failed(error))),
            (Part::Begin, Ok(())) => walk.begun(index),
            (Part::Act, Ok(())) => {
                walk.reached(index, Until::Acted);
                running.push(run(work, index, walk.step(index), Part::Finish, since));
            }
            (Part::Finish, Ok(())) => {
                walk.reached(index, Until::Finished);
                ending.push_back((index, Status::Done(since.elapsed())));
            }
        }
    }
    Outcome { statuses }
}

/// Does one part of the step number `index`, of which something is being done `since` then.
async fn run<T, W: Work<T>>(
    work: &W,
    index: usize,
    (key, step): (&Key, &Step<T>),
    part: Part,
    since: Instant,
) -> (usize, Part, Instant, Result<(), W::Error>) {
    let result = match part {
        Part::Begin => work.begin(key, step).await,
        Part::Act => work.act(key, step).await,
        Part::Finish => work.finish(key, step).await,
    };
    (index, part, since, result)
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Begin,
    Act,
    Finish,
}

/// How far a step must be for another one to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    Acted,
    Finished,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting,
    Going,
    Ended,
}

#[derive(Debug)]
struct Node<'a, T> {
    key: &'a Key,
    step: &'a Step<T>,
    state: State,
    begun: bool,
    /// How many steps it still waits for.
    waits: usize,
    /// The steps that wait for it.
    dependents: Vec<(usize, Until)>,
}

/// How far each step of a plan is.
#[derive(Debug)]
struct Walk<'a, T> {
    nodes: Vec<Node<'a, T>>,
    /// The steps that wait for nothing any more.
    ready: Vec<usize>,
}

impl<'a, T: Item> Walk<'a, T> {
    fn of(plan: &'a Plan<T>) -> Self {
        let indexes: BTreeMap<&Key, usize> = plan.work().enumerate().map(|(index, (key, _))| (key, index)).collect();
        let node = |(key, step): (&'a Key, &'a Step<T>)| {
            let waits = step.after.iter().filter(|before| indexes.contains_key(before)).count();
            Node { key, step, state: State::Waiting, begun: false, waits, dependents: Vec::new() }
        };
        let mut nodes: Vec<Node<'a, T>> = plan.work().map(node).collect();
        for (key, step) in plan.work() {
            for before in &step.after {
                let Some(before_index) = indexes.get(before) else { continue };
                // One preparation needs of another that it is there; what callers see needs it to work.
                let both = key.1 == Phase::Prepare && before.1 == Phase::Prepare;
                let until = if both { Until::Acted } else { Until::Finished };
                nodes[*before_index].dependents.push((indexes[key], until));
            }
        }
        Self { nodes, ready: Vec::new() }
    }

    fn step(&self, index: usize) -> (&'a Key, &'a Step<T>) {
        (self.nodes[index].key, self.nodes[index].step)
    }

    fn waiting(&self) -> impl Iterator<Item = usize> {
        let waiting = self.nodes.iter().enumerate().filter(|(_, node)| matches!(node.state, State::Waiting));
        waiting.map(|(index, _)| index)
    }

    /// Ends the steps in `ending`, and for each that is not done those that wait for it.
    fn settle<E>(
        &mut self,
        ending: &mut VecDeque<(usize, Status<E>)>,
        statuses: &mut BTreeMap<Key, Status<E>>,
        tell: &mut impl FnMut(Event<'_, T, E>),
    ) {
        while let Some((index, status)) = ending.pop_front() {
            let node = &mut self.nodes[index];
            if matches!(node.state, State::Ended) {
                continue;
            }
            node.state = State::Ended;
            let (key, step) = self.step(index);
            let because = match &status {
                Status::Done(_) => None,
                Status::Failed(_) => Some(Because::Failed(key.clone())),
                Status::Skipped(because) => Some(because.clone()),
            };
            if let Some(because) = because {
                let waiting = |next: &usize| matches!(self.nodes[*next].state, State::Waiting);
                let next = self.nodes[index].dependents.iter().map(|(next, _)| *next).filter(waiting);
                ending.extend(next.map(|next| (next, Status::Skipped(because.clone()))));
            }
            tell(Event::Ended(key, step, &status));
            statuses.insert(key.clone(), status);
        }
        self.ready.retain(|ready| matches!(self.nodes[*ready].state, State::Waiting));
    }

    fn begun(&mut self, index: usize) {
        self.nodes[index].begun = true;
        self.consider(index);
    }

    /// Lets those go on that waited for the step to come so far.
    fn reached(&mut self, index: usize, now: Until) {
        let next: Vec<usize> =
            self.nodes[index].dependents.iter().filter(|(_, until)| *until == now).map(|(next, _)| *next).collect();
        for next in next {
            self.nodes[next].waits -= 1;
            self.consider(next);
        }
    }

    fn consider(&mut self, index: usize) {
        let node = &self.nodes[index];
        if node.begun && node.waits == 0 && matches!(node.state, State::Waiting) {
            self.ready.push(index);
        }
    }
}
