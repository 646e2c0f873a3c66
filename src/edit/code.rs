//! The codes of edits.

use crate::source::codes;

codes! {
    EDIT_SYNTAX = Error "edit-syntax" {
        "an edit that cannot be read",
        "An edit is written `PATH=VALUE`: a path of the topology and a value in YAML. `+=` adds to a \
         list, `-=` takes away from one, and `null` removes.",
        "",
    }
    EDIT_NOT_THERE = Error "edit-not-there" {
        "an edit of something that is not there",
        "The path or the value names something that the topology does not have.",
        "",
    }
    EDIT_WRONG_PLACE = Error "edit-wrong-place" {
        "an edit that does not fit what it is about",
        "The path goes into something that has no parts of that kind, adds to what is no list, or \
         removes what must be given.",
        "",
    }
}
