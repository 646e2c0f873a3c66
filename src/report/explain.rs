//! Rules and codes of findings, explained.
