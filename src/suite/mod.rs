//! Expectation files: what answers must be, and how an answer differs.
//!
//! A *case* is a small topology with questions and their answers, told from the documents; the
//! *answers* of a folder are those of the topology beside them. Both are lists of [`Expectation`]s:
//! a question as it is typed, and what its answer must say. They are read as topologies are, so that
//! a key or a name that does not exist is a finding with its place, never something that is passed
//! over (`read`).
//!
//! An expectation is compared with the typed answer ([`compare`]), never with its text: names in the
//! file are read into what the graph has ([`name`]). What an expectation leaves out is not compared.
//!
//! | file | holds |
//! |---|---|
//! | `record.rs` | the records of the files: what each key means |
//! | `name.rs` | names in the files: resources, entries, senders, words of closed lists |
//! | `read.rs` | from a text to its records, and what is wrong with it as a whole |
//! | `compare.rs` | an expectation against an answer |
//! | `given.rs` | what an answer says, as an expectation would say it |
//! | `difference.rs` | how an answer differs, with the place of what was expected |
//! | `cited.rs` | which rules an answer rests on |

mod cited;
mod compare;
mod difference;
mod given;
pub mod name;
mod read;
mod record;
#[cfg(test)]
mod tests;

pub use self::name::codes;
pub use cited::{cited, cited_by_findings};
pub use compare::{compare, compare_findings};
pub use difference::Difference;
pub use read::{answers, case, mutants};
pub use record::{Case, Expectation, ListedMutant};
