//! A value that is loaded when first needed and again when it has grown old.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

/// How long a value is used before it is loaded again, in seconds.
const FRESH: u64 = 300;
/// How long a value is used when it cannot be loaded again, in seconds.
const USABLE: u64 = 3_600;
/// The least time between two loads that are asked for before the value is old, or after one failed, in seconds.
const APART: u64 = 30;

/// A value with its age. Concurrent users wait for one load.
#[derive(Debug)]
pub struct Cached<T> {
    state: Mutex<State<T>>,
    /// How long a load may take where there is no value that could serve; half of it where there is one.
    patience: Duration,
}

#[derive(Debug)]
struct State<T> {
    value: Option<(Arc<T>, u64)>,
    /// When the last load was begun, successful or not.
    tried: Option<u64>,
}

impl<T> Cached<T> {
    /// No value yet. A load is told how long it may take: `patience`, or half of it where an older value could serve.
    pub fn new(patience: Duration) -> Self {
        Self { state: Mutex::new(State { value: None, tried: None }), patience }
    }

    /// The value as of `now` (seconds since the Unix epoch), loaded when there is none or it is older than 5 minutes.
    /// When that fails, the last good one serves for up to an hour.
    pub async fn get<E>(&self, now: u64, load: impl AsyncFnOnce(Duration) -> Result<T, E>) -> Result<Arc<T>, E> {
        self.obtain(now, FRESH, load).await
    }

    /// The value, loaded anew unless that was tried in the last 30 seconds.
    pub async fn refresh<E>(&self, now: u64, load: impl AsyncFnOnce(Duration) -> Result<T, E>) -> Result<Arc<T>, E> {
        self.obtain(now, 0, load).await
    }

    async fn obtain<E>(
        &self,
        now: u64,
        fresh: u64,
        load: impl AsyncFnOnce(Duration) -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut state = self.state.lock().await;
        let usable = state.value.clone().filter(|(_, loaded)| now.saturating_sub(*loaded) < USABLE);
        if let Some((value, loaded)) = &usable {
            let is_fresh = now.saturating_sub(*loaded) < fresh;
            let just_tried = state.tried.is_some_and(|tried| now.saturating_sub(tried) < APART);
            if is_fresh || just_tried {
                return Ok(Arc::clone(value));
            }
        }
        state.tried = Some(now);
        let patience = if usable.is_some() { self.patience / 2 } else { self.patience };
        match (load(patience).await, usable) {
            (Ok(value), _) => {
                let value = Arc::new(value);
                state.value = Some((Arc::clone(&value), now));
                Ok(value)
            }
            (Err(_), Some((value, _))) => Ok(value),
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    async fn get(cached: &Cached<u8>, now: u64, loaded: Result<u8, ()>) -> Result<u8, ()> {
        cached.get(now, async |_| loaded).await.map(|value| *value)
    }

    #[tokio::test]
    async fn a_fresh_value_is_not_loaded_again() {
        let cached = Cached::new(PATIENCE);
        assert_eq!(get(&cached, 1_000, Ok(1)).await, Ok(1));
        assert_eq!(get(&cached, 1_299, Ok(2)).await, Ok(1));
    }

    #[tokio::test]
    async fn an_old_value_is_loaded_again() {
        let cached = Cached::new(PATIENCE);
        assert_eq!(get(&cached, 1_000, Ok(1)).await, Ok(1));
        assert_eq!(get(&cached, 1_300, Ok(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn the_last_good_value_serves_an_hour_and_no_longer() {
        let cached = Cached::new(PATIENCE);
        assert_eq!(get(&cached, 1_000, Ok(1)).await, Ok(1));
        assert_eq!(get(&cached, 4_599, Err(())).await, Ok(1));
        assert_eq!(get(&cached, 4_600, Err(())).await, Err(()));
    }

    #[tokio::test]
    async fn a_refresh_happens_at_most_once_in_30_seconds() {
        let cached = Cached::new(PATIENCE);
        assert_eq!(get(&cached, 1_000, Ok(1)).await, Ok(1));
        assert_eq!(cached.refresh(1_029, async |_| Ok::<_, ()>(2)).await.map(|value| *value), Ok(1));
        assert_eq!(cached.refresh(1_030, async |_| Ok::<_, ()>(3)).await.map(|value| *value), Ok(3));
    }

    #[tokio::test]
    async fn without_any_value_each_use_tries_to_load_one() {
        let cached = Cached::new(PATIENCE);
        assert_eq!(get(&cached, 1_000, Err(())).await, Err(()));
        assert_eq!(get(&cached, 1_001, Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn a_load_is_waited_for_half_as_long_where_a_value_can_serve() {
        let cached = Cached::new(PATIENCE);
        let patience = async |now: u64| {
            let mut told = None;
            let load = async |patience| {
                told = Some(patience);
                Ok::<_, ()>(1)
            };
            cached.get(now, load).await.unwrap();
            told
        };
        assert_eq!(patience(1_000).await, Some(PATIENCE));
        assert_eq!(patience(1_300).await, Some(PATIENCE / 2));
        assert_eq!(patience(4_900).await, Some(PATIENCE));
    }

    #[tokio::test]
    async fn a_refresh_that_fails_is_not_tried_again_for_30_seconds_either() {
        let cached = Cached::new(PATIENCE);
        assert_eq!(get(&cached, 1_000, Ok(1)).await, Ok(1));
        let refresh = async |now: u64| {
            let mut tried = false;
            let load = async |_| {
                tried = true;
                Err(())
            };
            cached.refresh(now, load).await.unwrap();
            tried
        };
        assert!(refresh(1_030).await);
        assert!(!refresh(1_031).await && !refresh(1_059).await);
        assert!(refresh(1_060).await);
    }
}
