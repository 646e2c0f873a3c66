//! Google products that call services.

use super::Checker;
use crate::source::{Span, codes};
use crate::topology::organization::Product;
use crate::topology::url::Url;

codes! {
    PRODUCT_TARGET = Error "product-target" {
        "a product with no target or two",
        "A product calls a service at its run.app URL, or a URL.",
        "products:
  orders: {kind: pubsub}
",
    }
    INVALID_URL = Error "invalid-url" {
        "a URL that is none",
        "A product calls a URL that begins with `https://` or `http://`.",
        "products:
  orders: {kind: pubsub, url: www.example.com/push}
",
    }
}

impl Checker<'_, '_> {
    pub(super) fn products(&mut self) {
        for (id, entry) in &self.topology.products {
            self.target(&entry.value, entry.key_span, &format!("product/{id}"));
        }
    }

    fn target(&mut self, product: &Product, key: Span, resource: &str) {
        match (&product.service, &product.url) {
            (Some(service), Some(url)) => {
                let message = format!("{resource} has a service and a URL");
                let finding = PRODUCT_TARGET.finding(message).at(url.span);
                let finding = finding.also(service.span, "the service");
                self.report(finding.help("leave one of them out").resource(resource));
            }
            (None, None) => {
                let message = format!("{resource} calls nothing");
                let finding = PRODUCT_TARGET.finding(message).at(key);
                self.report(finding.help("add `service` or `url`").resource(resource));
            }
            (None, Some(url)) if Url::parse(&url.value).is_none() => {
                let message = format!("`{}` is not a URL", url.value);
                let finding = INVALID_URL.finding(message).at(url.span);
                let help = match url.value.contains("://") {
                    true => "write a URL like `https://www.example.com/push`".to_owned(),
                    false => format!("write `https://{}`", url.value),
                };
                self.report(finding.help(help).resource(resource));
            }
            _ => {}
        }
    }
}
