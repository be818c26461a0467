//! What a call ends with.

use std::fmt;

use http::{HeaderMap, StatusCode};

/// An answer, with its body as `T`.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: T,
}

impl<T> Answer<T> {
    /// The header `name`, in any case; `None` where it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The same answer with another body.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { status: self.status, headers: self.headers, body: change(self.body) }
    }
}

/// Why a call has not succeeded. `E` is what the API's description has for it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error<E> {
    /// The request cannot be written, and was not sent: what is wrong with it.
    Request(String),
    /// There is no answer; the request may have had its effect.
    Transport(Box<dyn std::error::Error + Send + Sync>),
    /// The API refused, in a way that its description names.
    Refused(Box<Answer<E>>),
    /// The answer has a status or a media type that the description does not have for it.
    Undescribed(Box<Answer<Vec<u8>>>),
    /// The answer's body is not what the description says.
    Unreadable(Box<Answer<Vec<u8>>>, serde_json::Error),
}

impl<E> Error<E> {
    /// The status, where there is an answer.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Request(_) | Self::Transport(_) => None,
            Self::Refused(answer) => Some(answer.status),
            Self::Undescribed(answer) | Self::Unreadable(answer, _) => Some(answer.status),
        }
    }

    /// The refusal that the description names, if it is one.
    pub fn refusal(&self) -> Option<&E> {
        match self {
            Self::Refused(answer) => Some(&answer.body),
            Self::Request(_) | Self::Transport(_) | Self::Undescribed(_) | Self::Unreadable(..) => None,
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(fault) => write!(f, "the request cannot be sent: {fault}"),
            Self::Transport(_) => f.write_str("the API has not answered"),
            Self::Refused(answer) => write!(f, "the API answered {}: {:?}", answer.status, answer.body),
            Self::Undescribed(answer) => {
                let body = String::from_utf8_lossy(&answer.body);
                write!(f, "the API answered {}, which its description does not have: {body}", answer.status)
            }
            Self::Unreadable(answer, _) => write!(f, "the API answered {} with an unexpected body", answer.status),
        }
    }
}

impl<E: fmt::Debug> std::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(source) => Some(&**source),
            Self::Unreadable(_, source) => Some(source),
            Self::Request(_) | Self::Refused(_) | Self::Undescribed(_) => None,
        }
    }
}
