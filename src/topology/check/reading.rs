//! The codes of what reading and decoding a file finds. The findings themselves are made there.

use super::code::codes;
use crate::source::code;

codes! {
    UNKNOWN_KEY = Error (code::UNKNOWN_KEY) {
        "a key that does not exist",
        "The description of this thing has no such key.",
        "services:
  web: {region: europe-west1, ingres: internal}
",
    }
    MISSING_KEY = Error (code::MISSING_KEY) {
        "a key that must be given",
        "This thing cannot be understood without the key.",
        "services:
  web: {ingress: internal}
",
    }
    WRONG_TYPE = Error (code::WRONG_TYPE) {
        "a value of the wrong shape",
        "The key takes a value of another shape: a list for a text, say.",
        "services:
  web: {region: [europe-west1]}
",
    }
    INVALID_VALUE = Error (code::INVALID_VALUE) {
        "a value that means nothing",
        "The value has the right shape, but is none of those that the key takes.",
        "services:
  web: {region: europe-west1, ingress: private}
",
    }
    DUPLICATE_KEY = Error (code::DUPLICATE_KEY) {
        "the same key twice",
        "Only one value can stand under a key, and it is not clear which was meant.",
        "services:
  web: {region: europe-west1, region: europe-west3}
",
    }
    INVALID_KEY = Error (code::INVALID_KEY) {
        "a key that is not a word",
        "Keys are texts, not lists or maps.",
        "services:
  [web]: {region: europe-west1}
",
    }
    UNKNOWN_TAG = Error (code::UNKNOWN_TAG) {
        "a tag that YAML does not have",
        "Only YAML's own tags are understood.",
        "services:
  web: {region: !secret europe-west1}
",
    }
    SYNTAX = Error (code::SYNTAX) {
        "text that is not YAML",
        "The file cannot be read from here on.",
        "services: {web: {region: europe-west1}
",
    }
    TOO_LARGE = Error (code::TOO_LARGE) {
        "a file over the limit of size",
        "Files are read up to a limit, so that a wrong one cannot use up the memory.",
        "",
    }
    TOO_DEEP = Error (code::TOO_DEEP) {
        "lists and maps too deep inside each other",
        "No topology needs this depth, and reading it could use up the stack.",
        "services: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\
]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
",    }
    TOO_MANY_ALIASES = Error (code::TOO_MANY_ALIASES) {
        "aliases that stand for too much",
        "Aliases of aliases can make a small file stand for a very large one.",
        "",
    }
    SEVERAL_DOCUMENTS = Error (code::SEVERAL_DOCUMENTS) {
        "more than one document in a file",
        "A topology is one document; put the others into files of their own.",
        "projects: {shop: {}}
---
projects: {tools: {}}
",
    }
    NOT_UTF8 = Error (code::NOT_UTF8) {
        "bytes that are not UTF-8",
        "Text files are read as UTF-8.",
        "",
    }
    EMPTY_FILE = Error (code::EMPTY_FILE) {
        "an empty file",
        "The file holds no value.",
        "# nothing
",
    }
}
