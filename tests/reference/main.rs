//! A second reading of Google Cloud's documents: small models of how names are resolved, routes
//! selected, firewalls evaluated and replies returned, each plain code over plain data.
//!
//! They were written from the documents that each names on top, before any of them was compared
//! with what the library answers, and without a look at how it does so. A step says which sentence
//! it rests on. Where a document leaves something to Google, a model answers with everything that
//! may happen.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod compare;
mod firewall;
mod names;
#[path = "../agreement/random.rs"]
#[allow(dead_code)]
mod random;
mod replies;
mod routes;
