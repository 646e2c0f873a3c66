//! Values that have a short written form besides the full one.

/// The keys that short forms set, each the only one of its record.
pub(crate) const SHORT: &[&str] =
    &["members", "enabled", "backend", "path_matcher", "service", "subnet", "target"];

/// Declares a type around a record that may also be written shorter: as one value of another
/// type, from which the record is made.
macro_rules! shorthand {
    (
        $(#[doc = $doc:expr])*
        $vis:vis struct $name:ident($full:ty) or $short:ty = |$value:ident, $span:ident| $make:expr
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        $vis struct $name(pub $full);

        impl $name {
            /// From its short form.
            pub fn short($value: $short, $span: $crate::source::Span) -> Self {
                Self($make)
            }
        }

        impl ::std::ops::Deref for $name {
            type Target = $full;

            fn deref(&self) -> &$full {
                &self.0
            }
        }

        impl $crate::topology::record::Decode for $name {
            fn decode(
                node: &$crate::source::tree::Node,
                cx: &mut $crate::topology::record::Decoder<'_>,
            ) -> Option<Self> {
                if node.as_map().is_some() && node.get("unknown").is_none() {
                    return <$full as $crate::topology::record::Decode>::decode(node, cx).map($name);
                }
                let short = <$short as $crate::topology::record::Decode>::decode(node, cx)?;
                Some(Self::short(short, node.span))
            }

            fn schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                generator.subschema_for::<Self>()
            }
        }

        impl $crate::topology::record::Show for $name {
            fn show(
                &self,
                showing: $crate::topology::record::Showing<'_>,
            ) -> Option<$crate::topology::record::Shown> {
                let full = $crate::topology::record::Show::show(&self.0, showing);
                $crate::topology::record::shorten(full, $crate::topology::shorthand::SHORT)
            }
        }

        impl $crate::topology::record::Part for $name {
            fn form() -> $crate::topology::record::Form {
                <$full as $crate::topology::record::Part>::form()
            }

            fn view(&self) -> $crate::topology::record::View<'_> {
                self.0.view()
            }

            fn view_mut(&mut self) -> $crate::topology::record::ViewMut<'_> {
                self.0.view_mut()
            }

            fn put(
                &mut self,
                node: &$crate::source::tree::Node,
                cx: &mut $crate::topology::record::Decoder<'_>,
            ) -> bool {
                $crate::topology::record::replace(self, node, cx)
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let short = <$short as $crate::topology::record::Decode>::schema(generator);
                let full = <$full as $crate::topology::record::Decode>::schema(generator);
                let mut schema = ::schemars::json_schema!({ "anyOf": [short, full] });
                let doc: &[&str] = &[$($doc),*];
                schema.insert("description".into(), doc.concat().trim().into());
                schema
            }
        }
    };
}

pub(crate) use shorthand;
