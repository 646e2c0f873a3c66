//! The codes of opening and merging files.

use crate::source::codes;

codes! {
    UNREADABLE = Error "unreadable" {
        "a file that cannot be opened",
        "The file or folder does not exist, or it may not be read.",
        "",
    }
    NOT_READ_YET = Error "not-read-yet" {
        "a kind of input that is not read yet",
        "Portolan recognised what the input is, but cannot read it. Write a topology file instead, \
         or give the plan that Terraform makes of it.",
        "",
    }
    NO_TOPOLOGY = Error "no-topology" {
        "a folder without a topology",
        "Of a folder, the files ending in .yaml or .yml are read that lie directly in it and begin \
         with `portolan:`. This folder has none.",
        "",
    }
    UNKNOWN_VERSION = Error "unknown-version" {
        "a version of the format that is not known",
        "Every topology file begins with the version of the format, which is 1.",
        "portolan: 2",
    }
    DECLARED_TWICE = Error "declared-twice" {
        "one resource in two files",
        "Files that are read together form one topology, in which every resource of a kind has an \
         id of its own. Where two resources have the same name in Google Cloud, say in two \
         projects, give them different ids and the same `name`.",
        "# one.yaml\nservices:\n  web: {region: asia-northeast1}\n\
         # two.yaml\nservices:\n  web: {region: europe-west1}",
    }
}
