//! Reads the expressions of Google Cloud rules into a [`Condition`](super::condition::Condition).
