//! The codes of reading Terraform's plans.

use crate::source::codes;

codes! {
    NOT_READ = Note "not-read" {
        "a type of resources that is not read",
        "The plan has resources of a type that Portolan does not read. If they could open or close \
         a path, answers are marked as not complete.",
        "",
    }
    INCOMPLETE_PLAN = Warning "incomplete-plan" {
        "a plan that is not all that will be",
        "Planning failed, or the plan defers changes, so what it leaves out is not known.",
        "",
    }
    FORMAT_VERSION = Warning "format-version" {
        "a version of the plan format that is not known",
        "The plan was written by a version of Terraform or OpenTofu that this reader was not made \
         for, so parts of it may be misread.",
        "",
    }
    OUTSIDE_PLAN = Warning "outside-plan" {
        "a reference to a service that is not in the plan",
        "A binding names a service that the plan does not hold; it is left out.",
        "",
    }
    IGNORED_ANNOTATION = Warning "ignored-annotation" {
        "an annotation where Cloud Run ignores it",
        "Annotations of a service and of its revisions stand at different places; this one has no \
         effect where it stands.",
        "",
    }
    UNKNOWN_PROJECT = Note "unknown-project" {
        "resources whose project the plan does not say",
        "The project comes from the provider's configuration or the environment. They are taken to \
         be in one project of their own.",
        "",
    }
    KNOWN_AFTER_APPLY = Note "known-after-apply" {
        "a name that is known only after apply",
        "The resource is read under its address, since its name is not known yet.",
        "",
    }
}
